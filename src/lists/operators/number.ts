/** NUMEQ to NUMOREQ: comparison as numbers. NaN compares false with everything, as JavaScript has it. */
import { exactNumber, type ListNumber, numberFromText, numbersEqual } from './number-from-text.ts';
import type { NumberOperator } from './operator.ts';
import { blankTokens } from './tokens.ts';

function comparing(compare: (value: ListNumber, operand: ListNumber) => boolean): NumberOperator {
  return {
    kind: 'number',
    prepare(operand) {
      const number = numberFromText(operand);
      return (value) => compare(value, number);
    },
  };
}

export const NUMEQ = comparing(numbersEqual);
export const NUMGT = comparing((value, operand) => value > operand);
export const NUMGE = comparing((value, operand) => value >= operand);
export const NUMLT = comparing((value, operand) => value < operand);
export const NUMLE = comparing((value, operand) => value <= operand);

/** The first two tokens as bounds, the smaller one first; a token that is not there is 0. */
export function boundsOf(operand: string): readonly [low: ListNumber, high: ListNumber] {
  const tokens = blankTokens(operand);
  const a = numberFromText(tokens[0] ?? '');
  const b = numberFromText(tokens[1] ?? '');
  return a > b ? [b, a] : [a, b];
}

/** Between two numbers, inclusive, given in either order. */
export const NUMBT: NumberOperator = {
  kind: 'number',
  prepare(operand) {
    const [low, high] = boundsOf(operand);
    return (value) => value >= low && value <= high;
  },
};

export function numbersOf(operand: string): ListNumber[] {
  return blankTokens(operand).map(numberFromText);
}

/** Equals any of the numbers. */
export const NUMOREQ: NumberOperator = {
  kind: 'number',
  prepare(operand) {
    const wanted = new Set(numbersOf(operand).map(exactNumber));
    // A set finds NaN, which equals nothing.
    wanted.delete(Number.NaN);
    return (value) => wanted.has(exactNumber(value));
  },
};
