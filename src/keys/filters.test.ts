import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { StoreRow } from '../stores/values.ts';
import { compileFilter } from './filter-sql.ts';
import type { KeyFilter } from './filters.ts';
import { KeyStore } from './key-store.suite.ts';
import { KEYS_SQL } from './key-table.ts';
import { anyBigInt, anyDate, anyNumber, anyText, anyValue } from './samples.suite.ts';
import { encodeValue, type KeyData, typeCode } from './values.ts';

function holds(test: string, operands: readonly unknown[], value: KeyData): boolean {
  return compileFilter({ test, operands } as KeyFilter).matches(encodeValue('k', value));
}

const day = (n: number): Date => new Date(n * 86_400_000);

describe('a filter', () => {
  it.each([
    ['eq', [20], [20, 20n, 20.0], [21, '20', true, null, NaN]],
    ['ne', [20], [21, 0.5, 21n, NaN, Infinity], [20, 20n, '21', null, day(1)]],
    ['gt', [18], [19, 18.1, 2n ** 70n, Infinity], [18, '19', true, NaN, day(1)]],
    ['ge', [18], [18, 18n], [17.9]],
    ['lt', [0n], [-1, -(2n ** 70n), -0.1], [0, -0, 0n]],
    ['le', [2n ** 64n], [2 ** 64, 2n ** 64n, 1], [2n ** 64n + 1n, 1e300]],
    ['between', [1, 3], [2, 1.1, 2n], [1, 3, 1n, 3n]],
    ['betweenInclusive', [1, 3], [1, 3, 2n], [0.9, 3.1]],
    ['earlier', [day(5)], [day(4)], [day(5), day(6), 4]],
    ['later', [day(5)], [day(6)], [day(5), day(4), 6]],
    ['same', [day(5)], [day(5)], [day(6), day(5).getTime()]],
    ['notSame', [day(5)], [day(6)], [day(5), 6, 'x']],
    ['during', [day(1), day(3)], [day(2)], [day(1), day(3)]],
    ['duringInclusive', [day(1), day(3)], [day(1), day(3)], [day(0), day(4)]],
    ['eq', ['li'], ['li'], ['Li', 'li ', 1]],
    ['ne', ['li'], ['Li', ''], ['li', 1, null]],
    ['startsWith', ['li'], ['li', 'lin'], ['ali', 'l', ['li']]],
    ['endsWith', ['li'], ['li', 'ali', 'x\0li'], ['lin', 'li\0x']],
    ['contains', ['li'], ['ali', 'x\0li', 'lin'], ['l i', '']],
    ['contains', [''], ['', 'a'], [1]],
    ['containedIn', ['zhang li'], ['li', '', 'zhang li'], ['lii']],
    ['matches', ['l.'], ['li', 'l\n', 'l😀'], ['ali', 'lii', '']],
    ['matches', ['a|b'], ['a', 'b'], ['ab', 'xa']],
  ])('%s %o holds for %o and not for %o', (test, operands, are, areNot) => {
    expect(are.filter((value) => !holds(test, operands, value as KeyData))).toEqual([]);
    expect(areNot.filter((value) => holds(test, operands, value as KeyData))).toEqual([]);
  });

  it.each([
    [{ test: 'eq', operands: [] }, 'has 1 operand(s), not 0'],
    [{ test: 'between', operands: [1] }, 'has 2 operand(s), not 1'],
    [{ test: 'eq', operands: [NaN] }, "'eq' is no test of numbers"],
    [{ test: 'gt', operands: ['18'] }, "'gt' is no test of strings"],
    [{ test: 'contains', operands: [1] }, "'contains' is no test of numbers"],
    [{ test: 'during', operands: [new Date(NaN), new Date(0)] }, 'its operand is none'],
    [{ test: 'like', operands: ['x'] }, "'like' is no test"],
    [{ test: 'matches', operands: ['('] }, "'matches': Invalid regular expression"],
    [{ test: 'matches', operands: ['a)(b'] }, "'matches': Invalid regular expression"],
    [{ test: 'eq', operands: ['\ud800'] }, 'half of a surrogate pair'],
    [{ test: 'and' }, "'and' has a list of filters"],
    [{ test: 'not' }, 'a filter is an object'],
    [undefined, 'a filter is an object'],
    [deep(60), 'more than 50 levels'],
    [
      { test: 'or', filters: Array.from({ length: 1000 }, () => ({ test: 'eq', operands: [1] })) },
      'more than 1000 terms',
    ],
  ])('may not be wrong, case %#', (filter, reason) => {
    expect(() => compileFilter(filter as KeyFilter)).toThrow(
      expect.objectContaining({ code: 'ER_BAD_PARAMETER', message: expect.stringContaining(reason) }),
    );
  });
});

function deep(levels: number): unknown {
  return levels === 0 ? { test: 'eq', operands: [1] } : { test: 'not', filter: deep(levels - 1) };
}

describe('a filter as SQL', () => {
  const store = new KeyStore();
  afterAll(() => store.close());

  const number = fc.oneof(
    anyNumber.filter((value) => !Number.isNaN(value)),
    anyBigInt,
  );
  const leaf = fc.oneof(
    fc.record({ test: fc.constantFrom('eq', 'ne', 'gt', 'ge', 'lt', 'le'), operands: fc.tuple(number) }),
    fc.record({ test: fc.constantFrom('between', 'betweenInclusive'), operands: fc.tuple(number, number) }),
    fc.record({ test: fc.constantFrom('earlier', 'later', 'same', 'notSame'), operands: fc.tuple(anyDate) }),
    fc.record({ test: fc.constantFrom('during', 'duringInclusive'), operands: fc.tuple(anyDate, anyDate) }),
    fc.record({
      test: fc.constantFrom('eq', 'ne', 'startsWith', 'endsWith', 'contains', 'containedIn'),
      operands: fc.tuple(anyText),
    }),
    fc.record({ test: fc.constant('matches'), operands: fc.constantFrom(['[ab]+'], ['.*li'], ['(?:a|😀|\0)*'], ['']) }),
  );
  const { filter } = fc.letrec((tie) => ({
    filter: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.record({ test: fc.constantFrom('and', 'or'), filters: fc.array(tie('filter'), { maxLength: 3 }) }),
      fc.record({ test: fc.constant('not'), filter: tie('filter') }),
    ),
  }));

  it('agrees with the function on every value', () => {
    fc.assert(
      fc.property(
        fc.array(anyValue, { minLength: 5, maxLength: 40 }),
        fc.array(filter, { minLength: 5, maxLength: 5 }),
        (values, filters) => {
          const given = values.map((value) => encodeValue('k', value));
          const rows: StoreRow[] = given.map(({ type, value }, i) => [`k${i}`, typeCode(type), value, i, null]);
          store.write(
            { kind: 'delete', database: 'sluice', table: 'keys', sql: `DELETE FROM ${KEYS_SQL}`, params: [] },
            { kind: 'insert', database: 'sluice', table: 'keys', mode: 'insert', rows },
          );
          for (const each of filters) {
            const { matches, sql } = compileFilter(each as KeyFilter);
            const found = store.read(`SELECT version FROM ${KEYS_SQL} WHERE ${sql.sql} ORDER BY version`, sql.params);
            expect(found.flat()).toEqual(given.flatMap((value, i) => (matches(value) ? [i] : [])));
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
