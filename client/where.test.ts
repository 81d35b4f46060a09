import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWhere, type Condition as ServerCondition } from '../src/lists/condition.ts';
import { OPERATORS } from '../src/lists/operators/operators.ts';
import { type Condition, type Operator, whereText } from './where.ts';

describe('the text of a where', () => {
  it.each<[Condition[], string]>([
    [[], ''],
    [[['hot', 'NUMGE', 3]], 'hot:NUMGE:3'],
    [[['uid', 'NUMOREQ', [1, 2n, '3']]], 'uid:NUMOREQ:1,2,3'],
    [[['uid', 'NUMOREQ', []]], 'uid:NUMOREQ:'],
    [
      [
        ['hot', '!NUMEQ', 0],
        ['icon', 'STREQ', 'a|b:c\\d'],
      ],
      'hot:!NUMEQ:0|icon:STREQ:a\\|b\\:c\\\\d',
    ],
    [[['a|b', 'STREQ', '']], 'a\\|b:STREQ:'],
    [[['a', 'NUMEQ', 1e21]], 'a:NUMEQ:1000000000000000000000'],
    [[['a', 'NUMEQ', 1.5e-7]], 'a:NUMEQ:0.00000015'],
    [[['a', 'NUMEQ', -0.25]], 'a:NUMEQ:-0.25'],
    [[['a', 'NUMEQ', 18446744073709551615n]], 'a:NUMEQ:18446744073709551615'],
  ])('%o is %s', (conditions, expected) => {
    expect(whereText(conditions)).toBe(expected);
  });

  it.each<[Condition, RegExp]>([
    [['a', 'NUMEQ', Number.NaN], /NaN is no number/],
    [['a', 'NUMEQ', Number.POSITIVE_INFINITY], /Infinity is no number/],
    [['a', 'STROR', ['x', 'y z']], /'y z' is no token/],
    [['a', 'STROR', ['x,y']], /'x,y' is no token/],
    [['a', 'STROR', ['x', '']], /'' is no token/],
  ])('there is none for %o', (condition, expected) => {
    expect(() => whereText([condition])).toThrow(expected);
  });

  it('is read by the server as it was meant', () => {
    const names = Object.keys(OPERATORS) as (keyof typeof OPERATORS)[];
    const text = fc.string({ unit: fc.constantFrom('a', '|', ':', '\\', ' ', '!', '江', ','), maxLength: 12 });
    const condition = fc.record({
      field: text.filter((field) => field !== ''),
      operator: fc.constantFrom(...names),
      negated: fc.boolean(),
      operand: text,
    });
    fc.assert(
      fc.property(fc.array(condition, { maxLength: 5 }), (conditions: ServerCondition[]) => {
        const given = conditions.map(
          ({ field, operator, negated, operand }): Condition => [
            field,
            `${negated ? '!' : ''}${operator}` as Operator,
            operand,
          ],
        );
        expect(parseWhere(whereText(given))).toEqual(conditions);
      }),
      { numRuns: 2000 },
    );
  });
});
