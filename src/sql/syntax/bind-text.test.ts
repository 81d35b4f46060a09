/** What bindText writes reads as the values that were given. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BoundValue, Parameters } from '../bind-values.ts';
import type { SlotType, SlotValue } from '../slots.ts';
import { bindText } from './bind-text.ts';
import { fingerprint } from './fingerprint.ts';
import { parse } from './parser.ts';

const slot = (kind: Exclude<SlotType['kind'], 'int' | 'decimal'>, value: SlotValue['value']): SlotValue => ({
  type: { kind },
  value,
});
const int = (value: number | bigint): SlotValue => ({ type: { kind: 'int', unsigned: false }, value });
const named = (given: Readonly<Record<string, BoundValue>>): Parameters => new Map(Object.entries(given));

describe('bindText', () => {
  it.each<[sql: string, parameters: Parameters, expected: string]>([
    ['SELECT ?, ?', [int(1), slot('string', "it's \\ 'x'")], "SELECT 1, 'it''s \\\\ ''x'''"],
    ['SELECT :a + :a', named({ a: int(-5) }), 'SELECT (-5) + (-5)'],
    ['SELECT 1-:a', named({ a: int(-5) }), 'SELECT 1-(-5)'],
    ['SELECT:a', named({ a: int(5) }), 'SELECT 5'],
    ['SELECT ?AND 1', [int(5)], 'SELECT 5 AND 1'],
    ["SELECT ? 'alias'", [slot('string', 'x')], "SELECT ('x') 'alias'"],
    ['SELECT ?', [slot('null', null)], 'SELECT NULL'],
    ['SELECT ?', [slot('double', 1.5)], 'SELECT 1.5e0'],
    ['SELECT ?', [slot('double', 1e300)], 'SELECT 1e+300'],
    ['SELECT ?', [{ type: { kind: 'decimal', precision: 3, scale: 2 }, value: '1.50' }], 'SELECT 1.50'],
    ['SELECT ?', [slot('bytes', Uint8Array.of(0, 39, 255))], "SELECT x'0027ff'"],
    ['SELECT ?', [slot('datetime', '2026-01-02 03:04:05.6')], "SELECT TIMESTAMP'2026-01-02 03:04:05.6'"],
    ['SELECT ?', [slot('date', '0000-00-00')], "SELECT '0000-00-00'"],
    [
      'SELECT 1 FROM t WHERE a IN ::a',
      named({ a: [int(1), slot('string', '2')] }),
      "SELECT 1 FROM t WHERE a IN (1, '2')",
    ],
    ["SELECT '?', `?` /* ? */ FROM t WHERE a = ? -- ?", [int(1)], "SELECT '?', `?` /* ? */ FROM t WHERE a = 1 -- ?"],
  ])('%s', (sql, parameters, expected) => {
    expect(bindText(sql, {}, parameters)).toBe(expected);
    parse(expected, {});
  });

  it('leaves backslashes alone where they escape nothing', () => {
    const options = { noBackslashEscapes: true };
    expect(bindText('SELECT ?', options, [slot('string', "\\'")])).toBe("SELECT '\\'''");
  });

  it.each<[sql: string, parameters: Parameters, message: RegExp]>([
    ['SELECT ?, ?', [int(1)], /parameter 2/],
    ['SELECT :a', named({}), /:a/],
    ['SELECT 1 IN ::a', named({ a: [] }), /::a is an empty list/],
    ['SELECT 1 IN ::a', named({ a: int(1) }), /::a takes a list/],
    ['SELECT :a', named({ a: [int(1)] }), /:a takes one value/],
  ])('%s with what is wrong', (sql, parameters, message) => {
    expect(() => bindText(sql, {}, parameters)).toThrow(message);
  });

  it('any string under either mode stays one literal with that value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (value, noBackslashEscapes) => {
        const options = { noBackslashEscapes };
        const { slots } = fingerprint(bindText('SELECT ? FROM t', options, [slot('string', value)]), options);
        // Behind a backslash % and _ keep it, for LIKE: a backslash that is doubled says nothing of them.
        expect(slots).toEqual([slot('string', value)]);
      }),
      { seed: 5 },
    );
  });

  it('any bytes and numbers too', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }), (bytes, number) => {
        const given = [slot('bytes', bytes), slot('double', number)];
        expect(fingerprint(bindText('SELECT ?, ?', {}, given), {}).slots).toEqual(given);
      }),
      { seed: 6 },
    );
  });
});
