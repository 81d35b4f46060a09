/**
 * What a list operator is. Each is defined once, here in this folder, as a predicate on present values; the scan, the SQL it is turned
 * into, and the matching of kept lists are all made from it and checked against each other (operators.test.ts, condition-sql.test.ts).
 *
 * `prepare` reads the operand once and throws ER_BAD_PARAMETER where it cannot. The predicate it gives is pure.
 * A missing field never reaches it: see ../condition.ts.
 */
import type { ListNumber } from './number-from-text.ts';

/** Compares bytes, case-sensitively; on columns of other types, the text that MySQL prints. */
export interface TextOperator {
  readonly kind: 'text';
  prepare(operand: string): (value: string) => boolean;
}

/** Compares numbers: what a text reads as (number-from-text.ts), or a numeric column's own number. */
export interface NumberOperator {
  readonly kind: 'number';
  prepare(operand: string): (value: ListNumber) => boolean;
}

export type Operator = TextOperator | NumberOperator;
