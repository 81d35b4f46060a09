/** STRAND, STROR, STROREQ: tokens of the operand against tokens of the value, or against the whole value. */
import type { TextOperator } from './operator.ts';
import { textTokens } from './tokens.ts';

/** Every token of the operand is a token of the value. */
export const STRAND: TextOperator = {
  kind: 'text',
  prepare(operand) {
    const wanted = textTokens(operand);
    return (value) => {
      if (wanted.length === 0) return true;
      const present = new Set(textTokens(value));
      return wanted.every((token) => present.has(token));
    };
  },
};

/** At least one token in common. */
export const STROR: TextOperator = {
  kind: 'text',
  prepare(operand) {
    const wanted = new Set(textTokens(operand));
    return (value) => wanted.size > 0 && textTokens(value).some((token) => wanted.has(token));
  },
};

/** The whole value equals one of the operand's tokens. */
export const STROREQ: TextOperator = {
  kind: 'text',
  prepare(operand) {
    const wanted = new Set(textTokens(operand));
    return (value) => wanted.has(value);
  },
};
