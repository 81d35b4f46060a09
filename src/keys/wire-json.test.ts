import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyValue } from './samples.suite.ts';
import { encodeValue, KeyBits, KeyPointer } from './values.ts';
import { readWire, wireJson } from './wire-json.ts';

const written = (value: unknown): string => wireJson(encodeValue('k', value));

describe('a value as JSON', () => {
  it.each([
    [null, 'null'],
    [true, 'true'],
    [20, '20'],
    [50.55, '50.55'],
    [2 ** 60, '1.152921504606847e+18'],
    [[-(2 ** 53)], '[-9.007199254740992e+15]'],
    [1e300, '1e+300'],
    [-0, '{"$number":"-0"}'],
    [NaN, '{"$number":"NaN"}'],
    [-Infinity, '{"$number":"-Infinity"}'],
    [20n, '{"$bigint":"20"}'],
    ['a"b', '"a\\"b"'],
    [new Date(5), '{"$date":5}'],
    [Uint8Array.of(0, 255), '{"$bytes":"AP8="}'],
    [[1, [2n]], '[1,[{"$bigint":"2"}]]'],
    [{ a: 1 }, '{"a":1}'],
    [{ $date: 1 }, '{"$object":[["$date",1]]}'],
    [{ $pointer: 'a' }, '{"$object":[["$pointer","a"]]}'],
    [new Map([[1, new Set(['x'])]]), '{"$map":[[1,{"$set":["x"]}]]}'],
    [new Set([1, 'a']), '{"$set":[1,"a"]}'],
    [new KeyPointer('user.001'), '{"$pointer":"user.001"}'],
  ])('%o is %s', (value, json) => {
    expect(written(value)).toBe(json);
    expect(readWire(JSON.parse(json))).toStrictEqual(value);
  });

  it('tells of bits how many bytes they have', () => {
    expect(wireJson({ type: 'bits', value: 3 })).toBe('{"$bits":3}');
    expect(readWire({ $bits: 3 })).toStrictEqual(new KeyBits(3));
    expect(() => encodeValue('k', readWire({ $bits: 3 }))).toThrow(/holds a KeyBits/);
  });

  it('takes dates as people write them, too', () => {
    expect(readWire({ $date: '2026-01-02' })).toEqual(new Date('2026-01-02T00:00:00Z'));
    expect(readWire([{ $date: '2026-01-02T03:04:05+01:00' }])).toEqual([new Date('2026-01-02T02:04:05Z')]);
  });

  it('comes back as it was, whatever it is', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const back = readWire(JSON.parse(written(value)));
        expect(isDeepStrictEqual(back, value)).toBe(true);
        expect(encodeValue('k', back)).toStrictEqual(encodeValue('k', value));
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    [{ $date: '2026' }, '$date has milliseconds'],
    [{ $date: 1.5 }, '$date has milliseconds'],
    [{ $date: 9e15 }, '$date has milliseconds'],
    [{ $date: null }, '$date has milliseconds'],
    [{ $bigint: 1 }, '$bigint has a text of digits'],
    [{ $bigint: '0x1' }, '$bigint has a text of digits'],
    [{ $bytes: 'a' }, '$bytes has a text in base64'],
    [{ $number: '1' }, '$number has one of NaN, Infinity, -Infinity, -0'],
    [{ $number: 'toString' }, '$number has one of'],
    [{ $map: [[1]] }, '$map has an array of pairs'],
    [{ $map: { a: 1 } }, '$map has an array of pairs'],
    [{ $set: {} }, '$set has an array'],
    [{ $object: [[1, 1]] }, '$object has names that are no text'],
    [{ $pointer: 1 }, '$pointer has the text of a key'],
    [[{ $pointer: 'a' }], "'$pointer' is none"],
    [{ $bits: 'x' }, "'$bits' is none"],
    [{ $oid: 'x' }, "'$oid' is none"],
    [{ a: [{ $x: 1 }] }, "'$x' is none"],
    [JSON.parse('['.repeat(10_000) + ']'.repeat(10_000)), 'more than 100 levels'],
    [JSON.parse(`${'{"$map":[['.repeat(5000)}1${',1]]}'.repeat(5000)}`), 'more than 100 levels'],
  ])('may not be wrong, case %#', (json, reason) => {
    expect(() => readWire(json)).toThrow(
      expect.objectContaining({ code: 'ER_BAD_PARAMETER', message: expect.stringContaining(reason) }),
    );
  });
});
