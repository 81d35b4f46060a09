import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { failure } from '../errors.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { anyKey, anyValue } from './samples.suite.ts';
import { valueJson } from './value-json.ts';
import { decodeValue, encodeValue, type StoredValue } from './values.ts';

const FIND = { pattern: 'user.*', filter: { test: 'gt', operands: [18n] } };

/** As a cursor holds it, or somewhat longer. */
function formOf({ type, value }: StoredValue): string {
  return valueJson([decodeValue({ type, value })], (reason) => failure('ER_BAD_PARAMETER', reason));
}

it('a cursor keeps its place', () => {
  fc.assert(
    fc.property(anyKey, fc.option(anyValue), (key, value) => {
      const place = { key, value: value === null ? null : encodeValue(key, value) };
      // Larger values are refused, see below.
      fc.pre(place.value === null || formOf(place.value).length <= 1_024);
      // Larger ones fit into no cursor.
      fc.pre(typeof place.value?.value !== 'string' || place.value.value.length <= 500);
      const read = readCursor(FIND, writeCursor(FIND, place));
      const bytes = (of: typeof place) =>
        of.value?.value instanceof Uint8Array ? [...of.value.value] : of.value?.value;
      // -2^53 as a bigint reads from the store as a number; both are the same place.
      expect(isDeepStrictEqual([read.key, read.value?.type, bytes(read)], [key, place.value?.type, bytes(place)])).toBe(
        true,
      );
    }),
  );
});

it('a cursor serves the find that it came from only', () => {
  const cursor = writeCursor(FIND, { key: 'user.1', value: null });
  for (const other of [{ ...FIND, pattern: 'user.a*' }, { ...FIND, filter: { test: 'gt', operands: [19n] } }, {}])
    expect(() => readCursor(other, cursor)).toThrow('cursor: it belongs to another find');
});

it.each([undefined, '', '!', 'abc', Buffer.from('{}').toString('base64url'), 'x'.repeat(10_000)])(
  'is no cursor, case %#',
  (text) => {
    expect(() => readCursor(FIND, text)).toThrow(expect.objectContaining({ code: 'ER_BAD_PARAMETER' }));
  },
);

it('damage is an error or another place, never anything else', () => {
  const cursor = writeCursor(FIND, { key: 'user.1', value: encodeValue('user.1', 2n ** 70n) });
  for (let at = 0; at < cursor.length; at++) {
    const damaged = `${cursor.slice(0, at)}_${cursor.slice(at + 1)}`;
    try {
      expect(typeof readCursor(FIND, damaged).key).toBe('string');
    } catch (error) {
      expect(error).toMatchObject({ name: 'SluiceError' });
    }
  }
});

it('refuses a place in the order of values that is too large to write down', () => {
  expect(() => writeCursor(FIND, { key: 'k', value: encodeValue('k', 'x'.repeat(2000)) })).toThrow(
    expect.objectContaining({ code: 'ER_NOT_SUPPORTED_YET' }),
  );
});
