import { describe, expect, it } from 'vitest';
import { JsonScanner } from '../../util/json-scanner.ts';
import { readJsonValue } from '../../util/json-value.ts';
import { readParameters } from './parameters.ts';

function read(json: string): unknown {
  return readParameters(readJsonValue(new JsonScanner(json)));
}

describe('parameters from JSON', () => {
  it.each([
    ['1', { type: { kind: 'int', unsigned: false }, value: 1 }],
    ['-1', { type: { kind: 'int', unsigned: false }, value: -1 }],
    ['9007199254740993', { type: { kind: 'int', unsigned: false }, value: 9007199254740993n }],
    ['18446744073709551615', { type: { kind: 'int', unsigned: true }, value: 18446744073709551615n }],
    ['99999999999999999999', { type: { kind: 'decimal', precision: 20, scale: 0 }, value: '99999999999999999999' }],
    ['1.50', { type: { kind: 'decimal', precision: 3, scale: 2 }, value: '1.50' }],
    ['-0.05', { type: { kind: 'decimal', precision: 2, scale: 2 }, value: '-0.05' }],
    ['1e3', { type: { kind: 'double' }, value: 1000 }],
    ['"x"', { type: { kind: 'string' }, value: 'x' }],
    ['true', { type: { kind: 'int', unsigned: false }, value: 1 }],
    ['false', { type: { kind: 'int', unsigned: false }, value: 0 }],
    ['null', { type: { kind: 'null' }, value: null }],
    ['{"$bytes":"AQI="}', { type: { kind: 'bytes' }, value: Buffer.from([1, 2]) }],
  ])('%s', (json, slot) => {
    expect(read(`[${json}]`)).toEqual([slot]);
    expect(read(`{"name":${json}}`)).toEqual(new Map([['name', slot]]));
  });

  it('arrays in an object are lists', () => {
    const int = { kind: 'int', unsigned: false };
    expect(read('{"ids":[1,null],"none":[]}')).toEqual(
      new Map([
        [
          'ids',
          [
            { type: int, value: 1 },
            { type: { kind: 'null' }, value: null },
          ],
        ],
        ['none', []],
      ]),
    );
  });

  it('may be absent', () => {
    expect(readParameters(undefined)).toBeUndefined();
    expect(read('null')).toBeUndefined();
  });

  it.each([
    ['5', /params is neither an array nor an object/],
    ['[[1]]', /params: 1: arrays and objects are not values/],
    ['{"a":[1,[2]]}', /params: a\[1\]: arrays and objects/],
    ['{"a":{"b":1}}', /params: a: arrays and objects/],
    ['[{"$bytes":"?"}]', /\$bytes is not base64/],
  ])('refuses %s', (json, message) => {
    expect(() => read(json)).toThrow(message);
  });
});
