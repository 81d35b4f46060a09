import { describe, expect, it } from 'vitest';
import { readFilter } from './filter-text.ts';
import { checkFilter } from './filters.ts';

const day = new Date('2026-01-01T00:00:00Z');

describe('filters as text', () => {
  it.each([
    ['ge 18', { test: 'ge', operands: [18] }],
    ['>= 18', { test: 'ge', operands: [18] }],
    ['>=18', { test: 'ge', operands: [18] }],
    ["= 'a'", { test: 'eq', operands: ['a'] }],
    ['!= -1.5e3', { test: 'ne', operands: [-1500] }],
    ['eq 9007199254740993n', { test: 'eq', operands: [2n ** 53n + 1n] }],
    ['contains "it\'s"', { test: 'contains', operands: ["it's"] }],
    ["contains 'it\\'s \\\\'", { test: 'contains', operands: ["it's \\"] }],
    ['between 1 5', { test: 'between', operands: [1, 5] }],
    ['later 2026-01-01', { test: 'later', operands: [day] }],
    ["during '2026-01-01' 2026-01-01T00:00:00.000Z", { test: 'during', operands: [day, day] }],
    ['not gt 1', { test: 'not', filter: { test: 'gt', operands: [1] } }],
    ['not not gt 1', { test: 'gt', operands: [1] }],
    [
      'gt 1 and lt 5 or eq 9',
      {
        test: 'or',
        filters: [
          {
            test: 'and',
            filters: [
              { test: 'gt', operands: [1] },
              { test: 'lt', operands: [5] },
            ],
          },
          { test: 'eq', operands: [9] },
        ],
      },
    ],
    [
      'gt 1 AND (lt 5 OR eq 9)',
      {
        test: 'and',
        filters: [
          { test: 'gt', operands: [1] },
          {
            test: 'or',
            filters: [
              { test: 'lt', operands: [5] },
              { test: 'eq', operands: [9] },
            ],
          },
        ],
      },
    ],
  ])('%s', (text, filter) => {
    expect(readFilter(text)).toStrictEqual(filter);
    checkFilter(readFilter(text));
  });

  it.each([
    ['', /character 1: a test was expected .* not the end/],
    ['ge', /character 3: a number, or text in quotes, was expected after 'ge', not the end/],
    ['ge x', /character 4: .*not 'x'/],
    ['like 5', /character 1: a test was expected .*not 'like'/],
    ['between 1 and 5', /character 11: .*not 'and'/],
    ['gt 1 lt 5', /character 6: 'and', 'or' or the end was expected, not 'lt'/],
    ['(gt 1', /character 6: '\)' is missing/],
    ["eq 'abc", /character 4: ''abc' is not understood/],
    ['later 2026-13-01', /character 7: a date was expected after 'later', not '2026-13-01'/],
    ['later 5', /a date was expected/],
    ['gt 1 and', /character 9: a test was expected/],
  ])('%s is refused', (text, message) => {
    expect(() => readFilter(text)).toThrow(message);
  });
});
