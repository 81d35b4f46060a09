import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { MAX_KEY_VALUE_BYTES } from '../limits.ts';
import type { StoreRow } from '../stores/values.ts';
import { KeyStore } from './key-store.suite.ts';
import { KEYS_SQL } from './key-table.ts';
import { anyStructure, anyValue } from './samples.suite.ts';
import { compareStoredValues, ORDER_RANK_SQL, ORDER_VALUE_SQL } from './value-order.ts';
import {
  decodeValue,
  encodeValue,
  KEY_TYPES,
  KeyPointer,
  type StoredValue,
  textOf,
  typeCode,
  typeOfCode,
} from './values.ts';

function stored(value: unknown): StoredValue {
  return encodeValue('k', value);
}

describe('a value', () => {
  it.each([
    [null, 'null', 'null'],
    [true, 'boolean', 'true'],
    [false, 'boolean', 'false'],
    [20, 'integer', '20'],
    [-0, 'double', '-0'],
    [50.55, 'double', '50.55'],
    [2 ** 53, 'double', '9007199254740992'],
    [Infinity, 'double', 'inf'],
    [NaN, 'double', 'nan'],
    [20n, 'bigint', '20'],
    [2n ** 70n, 'bigint', '1180591620717411303424'],
    ['', 'string', ''],
    ['zhang', 'string', 'zhang'],
    [new Date(0), 'date', '1970-01-01T00:00:00.000Z'],
    [[1, 'a'], 'array', '[1,"a"]'],
    [{ a: { b: 1n } }, 'object', '{"a":{"b":{"$bigint":"1"}}}'],
    [new Map([[1, 'a']]), 'map', '[[1,"a"]]'],
    [new Set([1]), 'set', '[1]'],
    [{ $date: 1 }, 'object', '{"$object":[["$date",1]]}'],
    [new KeyPointer('user.001'), 'pointer', 'user.001'],
    [new KeyPointer('user.'), 'pointer', 'user.'],
  ])('%o has the type %s and the text %s', (value, type, text) => {
    expect(stored(value).type).toBe(type);
    expect(textOf(stored(value))).toBe(text);
    expect(isDeepStrictEqual(decodeValue(stored(value)), value)).toBe(true);
  });

  it.each([
    [undefined, 'is undefined'],
    [() => 1, 'is a function'],
    [Symbol('s'), 'is a symbol'],
    [new Date(Number.NaN), 'invalid Date'],
    ['\udc00', 'half of a surrogate pair'],
    [[undefined], 'holds undefined'],
    [new Array(2), 'holds undefined'],
    [{ a: '\ud800' }, 'half of a surrogate pair'],
    [{ '\ud800': 1 }, 'half of a surrogate pair'],
    [/x/, 'holds a RegExp'],
    [new Map([[new Date(Number.NaN), 1]]), 'invalid Date'],
    ['x'.repeat(MAX_KEY_VALUE_BYTES + 1), 'more than the 2097152'],
    ['值'.repeat(MAX_KEY_VALUE_BYTES / 3 + 1), 'more than the 2097152'],
    [new Uint8Array(MAX_KEY_VALUE_BYTES + 1), 'more than the 2097152'],
  ])('may not be wrong, case %#', (value, reason) => {
    expect(() => stored(value)).toThrow(
      expect.objectContaining({ code: 'SLUICE_BAD_KEY_VALUE', message: expect.stringContaining(reason) }),
    );
  });

  it('may be just as large as the limit', () => {
    expect(stored('x'.repeat(MAX_KEY_VALUE_BYTES)).type).toBe('string');
  });

  it('may not hold itself', () => {
    const loop: unknown[] = [];
    loop.push(loop);
    expect(() => stored(loop)).toThrow(/more than 100 levels, or holds itself/);
  });

  it.each(['', '.a', 'a..b', 'a*', 'a..'])('cannot point to %j', (target) => {
    expect(() => stored(new KeyPointer(target))).toThrow(expect.objectContaining({ code: 'SLUICE_BAD_KEY' }));
  });

  it('keeps structures of everything', () => {
    fc.assert(
      fc.property(anyStructure, (value) => {
        expect(isDeepStrictEqual(decodeValue(stored(value)), value)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('has a type whose code stays', () => {
    expect(KEY_TYPES.map((type) => typeOfCode(typeCode(type)))).toEqual(KEY_TYPES);
    expect([typeCode('null'), typeCode('string'), typeCode('bits')]).toEqual([1, 7, 14]);
  });
});

describe('in the store', () => {
  const store = new KeyStore();
  afterAll(() => store.close());

  function putAll(values: readonly StoredValue[]): void {
    const rows: StoreRow[] = values.map(({ type, value }, i) => [key(i), typeCode(type), value, i, null]);
    store.write(
      { kind: 'delete', database: 'sluice', table: 'keys', sql: `DELETE FROM ${KEYS_SQL}`, params: [] },
      { kind: 'insert', database: 'sluice', table: 'keys', mode: 'insert', rows },
    );
  }

  it('values come back as they were put, and in their order', () => {
    fc.assert(
      fc.property(fc.array(anyValue, { minLength: 1, maxLength: 30 }), (values) => {
        const given = values.map(stored);
        putAll(given);
        const rows = store.read(`SELECT type, value FROM ${KEYS_SQL} ORDER BY path`);
        const back = rows.map(([code, value]) => decodeValue({ type: typeOfCode(code), value: value ?? null }));
        expect(isDeepStrictEqual(back.map(plain), values.map(plain)), JSON.stringify(back.map(String))).toBe(true);
        const order = `${ORDER_RANK_SQL}, ${ORDER_VALUE_SQL}, path`;
        const sorted = store.read(`SELECT path FROM ${KEYS_SQL} ORDER BY ${order}`).map(([path]) => path);
        const expected = given.map((value, i) => ({ value, path: key(i) }));
        expected.sort((a, b) => compareStoredValues(a.value, b.value) || (a.path < b.path ? -1 : 1));
        expect(sorted).toEqual(expected.map(({ path }) => path));
      }),
      { numRuns: 500 },
    );
  });

  it('a column shows what it should to SQL', () => {
    putAll([20, 50.55, 2n ** 62n, 'zhang', true].map(stored));
    expect(store.read(`SELECT typeof(value) FROM ${KEYS_SQL} ORDER BY path`).flat()).toEqual([
      'integer',
      'real',
      'integer',
      'text',
      'integer',
    ]);
    expect(store.read(`SELECT value FROM ${KEYS_SQL} WHERE value > 18 AND type = 3`)).toEqual([[20]]);
  });
});

function key(i: number): string {
  return `k${String(i).padStart(3, '0')}`;
}

/** isDeepStrictEqual tells a Buffer from a Uint8Array; what comes back is bytes. */
function plain(value: unknown): unknown {
  return value instanceof Uint8Array ? [...value] : value;
}
