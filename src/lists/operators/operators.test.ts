import { describe, expect, it } from 'vitest';
import { type Condition, matcherOf } from '../condition.ts';
import { GOLDEN } from './golden.suite.ts';
import { isOperatorName, OPERATORS } from './operators.ts';

function condition(name: string, operand: string): Condition {
  const negated = name.startsWith('!');
  const operator = negated ? name.slice(1) : name;
  if (!isOperatorName(operator)) throw new TypeError(operator);
  return { field: 'f', operator, negated, operand };
}

describe('operators', () => {
  it.each(GOLDEN)('%s %j of %j is %j', (name, operand, value, expected) => {
    expect(matcherOf(condition(name, operand))(value)).toBe(expected);
  });

  it('have at least ten examples each', () => {
    for (const name of Object.keys(OPERATORS)) {
      const examples = GOLDEN.filter(([operator]) => operator.replace('!', '') === name);
      expect(examples.length, name).toBeGreaterThanOrEqual(10);
    }
  });

  it('refuse a wrong regular expression, naming it', () => {
    expect(() => matcherOf(condition('STRRX', 'a('))).toThrow(/STRRX: 'a\(' is no regular expression/);
    expect(() => matcherOf(condition('STRRX', '*['))).toThrow(/STRRX/);
  });
});
