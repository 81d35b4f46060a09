/**
 * A value as a store holds it. Which MySQL value it stands for is told by the column's type
 * (see column-type.ts): a DECIMAL is a scaled integer, a TIME a number of microseconds, and so on.
 *
 * Integers come back from SQLite as `number` while they are safe, as `bigint` beyond 2^53.
 */
export type StoreValue = null | number | bigint | string | Uint8Array;

/** One row, values in the order of the statement's or the table's columns. */
export type StoreRow = StoreValue[];
