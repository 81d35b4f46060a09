/** STREQ, STRINC, STRBW, STREW: the whole value, a part, its beginning, its end. */
import type { TextOperator } from './operator.ts';

// Comparing UTF-16 units is comparing bytes: all text is well-formed by the time it is here.

export const STREQ: TextOperator = { kind: 'text', prepare: (operand) => (value) => value === operand };
export const STRINC: TextOperator = { kind: 'text', prepare: (operand) => (value) => value.includes(operand) };
export const STRBW: TextOperator = { kind: 'text', prepare: (operand) => (value) => value.startsWith(operand) };
export const STREW: TextOperator = { kind: 'text', prepare: (operand) => (value) => value.endsWith(operand) };
