/**
 * What a read could have seen, as plain data: the planner and the kept lists make these, matcher.ts holds them against row changes.
 * Columns are positions in the table's definition: a schema change replaces the whole table in the feed, so positions never shift unseen.
 */
import type { StoreValue } from '../stores/values.ts';

/** How a column's text compares: as its collation in the store. `number`: the column holds no text. */
export type Collation = 'nocase' | 'binary' | 'number';

/** One simple term on a column's stored value. As in SQL, comparing with NULL is never true. */
export type Term = { readonly column: number; readonly collation: Collation } & (
  | { readonly op: '=' | '<>' | '<' | '<=' | '>' | '>='; readonly value: StoreValue }
  | { readonly op: 'in'; readonly values: readonly StoreValue[] }
  | { readonly op: 'between'; readonly low: StoreValue; readonly high: StoreValue }
  | { readonly op: 'is null' | 'is not null' }
);

/** All terms hold. Empty: every row. */
export type Condition = readonly Term[];

export interface Footprint {
  readonly database: string;
  readonly table: string;
  /** Columns whose values the read used beyond its condition; null: all. */
  readonly columns: readonly number[] | null;
  /** null: the read could have seen any row. */
  readonly condition: Condition | null;
}
