import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileFilter } from './filter-sql.ts';
import type { KeyFilter } from './filters.ts';
import { KeyMap } from './key-map.ts';
import { KeySet } from './key-set.ts';
import { compareKeys, superKey } from './paths.ts';
import { parsePattern } from './patterns.ts';
import { anyKey, anyPattern } from './samples.suite.ts';
import { encodeValue, KeyPointer } from './values.ts';

const gt18: KeyFilter = { test: 'gt', operands: [18] };
const hasLi: KeyFilter = { test: 'contains', operands: ['li'] };

function users(): KeyMap {
  return new KeyMap([
    ['user.001.name', 'zhang'],
    ['user.001.age', 20],
    ['user.001.weight', 50.55],
    ['user.001.pet', []],
    ['user.002.name', 'li'],
    ['user.002.age', 25],
    ['user.003.name', 'lili'],
    ['user.003.age', 17],
  ]);
}

describe('KeyMap', () => {
  it("does what the manifesto's example does", () => {
    const map = users();
    expect([map.get('user.001.name'), map.get('user.001.age'), map.get('user.001.weight')]).toEqual([
      'zhang',
      20,
      50.55,
    ]);
    expect([...map.findKeys('user.001.*')]).toEqual([
      'user.001.age',
      'user.001.name',
      'user.001.pet',
      'user.001.weight',
    ]);
    expect([...map.find('user.*.age', gt18)]).toEqual([
      ['user.001.age', 20],
      ['user.002.age', 25],
    ]);
  });

  it('finds users older than 18 whose name contains li, by their super keys', () => {
    const map = users();
    const older = map.findKeys('user.*.age', gt18).superKeys(2);
    const named = map.findKeys('user.*.name', hasLi).superKeys(2);
    expect([...older.and(named)]).toEqual(['user.002']);
    expect([...older.or(named)]).toEqual(['user.001', 'user.002', 'user.003']);
    expect([...named.except(older)]).toEqual(['user.003']);
  });

  it('returns what was there, and checks what comes', () => {
    const map = new KeyMap();
    expect(map.put('a', 1)).toBeUndefined();
    expect(map.put('a', null)).toBe(1);
    expect(map.put('a', 'x')).toBe(null);
    expect([map.putNx('a', 2), map.putNx('b', 2)]).toEqual([false, true]);
    expect([map.remove('a'), map.remove('a')]).toEqual(['x', undefined]);
    expect(() => map.put('a.', 1)).toThrow(expect.objectContaining({ code: 'SLUICE_BAD_KEY' }));
    expect(() => map.put('a', undefined)).toThrow(expect.objectContaining({ code: 'SLUICE_BAD_KEY_VALUE' }));
    expect(() =>
      map.putMany([
        ['c', 1],
        ['d', undefined],
      ]),
    ).toThrow(/undefined/);
    expect([...map.keys()]).toEqual(['b']);
  });

  it('shares no object with its user', () => {
    const map = new KeyMap();
    const given = [1];
    map.put('a', given);
    given.push(2);
    (map.get('a') as number[]).push(3);
    expect(map.get('a')).toEqual([1]);
    const bytes = Uint8Array.of(1);
    map.put('b', bytes);
    bytes[0] = 2;
    (map.get('b') as Uint8Array)[0] = 3;
    expect(map.get('b')).toEqual(Uint8Array.of(1));
  });

  it('adds and appends, or says why not', () => {
    const map = users();
    expect(map.add('user.001.age', 1)).toBe(21);
    expect(map.add('user.001.weight', -0.55)).toBe(50);
    expect(map.add('new', 2n)).toBe(2n);
    expect(map.add('new', 3)).toBe(5n);
    expect(map.append('user.002.name', ' si')).toBe('li si');
    expect(map.append('text', 'x')).toBe('x');
    expect(map.append('bytes', Uint8Array.of(1))).toEqual(Uint8Array.of(1));
    expect(map.append('bytes', Uint8Array.of(2))).toEqual(Uint8Array.of(1, 2));
    const wrong = (message: string) => expect.objectContaining({ code: 'SLUICE_KEY_TYPE', message });
    expect(() => map.add('user.001.name', 1)).toThrow(
      wrong("Key 'user.001.name' holds a value of type string, not a number"),
    );
    expect(() => map.add('user.001.age', 1n)).toThrow(
      wrong("Key 'user.001.age' holds a value of type integer, not bigint"),
    );
    expect(() => map.add('new', 0.5)).toThrow(wrong("Key 'new' holds a value of type bigint, not double"));
    expect(() => map.append('user.001.age', '1')).toThrow(
      wrong("Key 'user.001.age' holds a value of type integer, not string"),
    );
    expect(() => map.append('text', Uint8Array.of(1))).toThrow(
      wrong("Key 'text' holds a value of type string, not bytes"),
    );
    expect(() => map.append('text', 1 as never)).toThrow('append: text or bytes, not integer');
    expect(map.get('user.001.age')).toBe(21);
  });

  it('sorts by value: kinds one after the other', () => {
    const map = new KeyMap([
      ['a', 'b'],
      ['b', 2n ** 70n],
      ['c', 1.5],
      ['d', null],
      ['e', 2],
      ['f', 'a'],
      ['g', new Date(0)],
      ['h', true],
    ]);
    expect(
      map
        .sort()
        .map(([key]) => key)
        .join(''),
    ).toBe('dhcebgfa');
    expect(map.findEntries('*', undefined, { orderBy: 'value', reverse: true, limit: 2 }).map(([key]) => key)).toEqual([
      'a',
      'f',
    ]);
    expect(map.sort(([a], [b]) => (a < b ? 1 : -1))[0]).toEqual(['h', true]);
    expect(() => map.find('*', undefined, { limit: -1 })).toThrow('no number of entries');
  });

  it('follows pointers before it filters', () => {
    const map = users();
    map.putPointer('best', 'user.002.age');
    map.putPointer('gone', 'user.009.age');
    expect(map.get('best')).toEqual(new KeyPointer('user.002.age'));
    expect([...map.find('*', gt18)].map(([key]) => key)).toEqual(['user.001.age', 'user.001.weight', 'user.002.age']);
    expect([...map.find('best', gt18, { point: true })]).toEqual([['best', 25]]);
    expect(map.count('gone')).toBe(1);
    expect(map.find('gone', undefined, { point: true }).size).toBe(0);
  });

  it('is a Map whose finds are its filtered entries, in order', () => {
    const operation = fc.oneof(
      fc.record({ what: fc.constant('put'), key: anyKey, value: fc.integer({ min: 0, max: 3 }) }),
      fc.record({ what: fc.constant('remove'), key: anyKey, value: fc.constant(0) }),
      fc.record({ what: fc.constant('removeAll'), key: anyPattern, value: fc.constant(0) }),
      fc.record({ what: fc.constant('find'), key: anyPattern, value: fc.integer({ min: 0, max: 3 }) }),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const map = new KeyMap();
        const oracle = new Map<string, number>();
        for (const { what, key, value } of operations) {
          const matching = () => [...oracle.keys()].filter(parsePattern(key).matches).sort(compareKeys);
          if (what === 'put') {
            expect(map.put(key, value)).toBe(oracle.get(key));
            oracle.set(key, value);
          } else if (what === 'remove') {
            expect(map.remove(key)).toBe(oracle.get(key));
            oracle.delete(key);
          } else if (what === 'removeAll') {
            const gone = matching();
            expect(map.removeAll(key)).toBe(gone.length);
            for (const each of gone) oracle.delete(each);
          } else {
            const filter: KeyFilter = { test: 'ge', operands: [value] };
            const { matches } = compileFilter(filter);
            const wanted = matching().filter((each) => matches(encodeValue(each, oracle.get(each))));
            expect([...map.findKeys(key, filter)]).toEqual(wanted);
            expect(map.count(key, filter)).toBe(wanted.length);
            const reverse = map.findEntries(key, filter, { reverse: true, limit: 2 });
            expect(reverse).toEqual(
              wanted
                .reverse()
                .slice(0, 2)
                .map((each) => [each, oracle.get(each)]),
            );
          }
          expect(map.size).toBe(oracle.size);
        }
      }),
    );
  });
});

describe('the algebra of sets and maps', () => {
  it('is that of sets', () => {
    const keys = fc.array(anyKey, { maxLength: 12 });
    fc.assert(
      fc.property(keys, keys, fc.integer({ min: 1, max: 3 }), (left, right, depth) => {
        const [a, b] = [new Set(left), new Set(right)];
        const [x, y] = [new KeySet(left), new KeySet(right)];
        const sorted = (of: Iterable<string>): string[] => [...new Set(of)].sort(compareKeys);
        expect([...x.and(y)]).toEqual(sorted(left.filter((key) => b.has(key))));
        expect([...x.or(y)]).toEqual(sorted([...left, ...right]));
        expect([...x.except(y)]).toEqual(sorted(left.filter((key) => !b.has(key))));
        expect([...x.superKeys(depth)]).toEqual(sorted(left.flatMap((key) => superKey(key, depth) ?? [])));
        const [m, n] = [new KeyMap(left.map((key) => [key, 1])), new KeyMap(right.map((key) => [key, 2]))];
        expect([...m.and(n)]).toEqual([...x.and(y)].map((key) => [key, 1]));
        expect([...m.or(n)]).toEqual([...x.or(y)].map((key) => [key, a.has(key) ? 1 : 2]));
        expect([...m.except(n)]).toEqual([...x.except(y)].map((key) => [key, 1]));
      }),
    );
    expect(() => new KeySet(['a']).superKeys(0)).toThrow("superKeys: '0' is no number of segments");
  });
});
