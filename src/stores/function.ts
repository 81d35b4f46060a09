/**
 * SQL functions that the planner's text calls and that run in JavaScript inside the store. The planner's room lists them; composition roots
 * (processes/, server.ts) hand the list to every connection. A SluiceError thrown inside one reaches the statement's caller unchanged.
 */
import type { StoreValue } from './values.ts';

interface FunctionTraits {
  readonly name: string;
  /** Same arguments, same result: the store may call it once for a whole statement, and use it in indexes and CHECKs. */
  readonly deterministic: boolean;
  /** Takes any number of arguments; otherwise the count is that of `call`'s (or `step`'s) declared parameters. */
  readonly varargs?: boolean;
  /** Integer arguments arrive as bigint, always. Otherwise as number, and one beyond 2^53 fails the statement. */
  readonly bigIntArguments?: boolean;
}

/** A number result is stored as REAL, a bigint result as INTEGER. */
export interface ScalarFunction extends FunctionTraits {
  readonly kind?: 'scalar';
  readonly call: (...args: StoreValue[]) => StoreValue;
}

export interface AggregateFunction extends FunctionTraits {
  readonly kind: 'aggregate';
  /** Makes the state of a new group. */
  readonly start: () => unknown;
  /** Takes a row into the state and returns the new state. */
  readonly step: (state: never, ...args: StoreValue[]) => unknown;
  readonly result: (state: never) => StoreValue;
}

export type StoreFunction = ScalarFunction | AggregateFunction;
