/**
 * Tables that are computed when asked: information_schema and the results of SHOW. The planner gives their rows to SQLite as one JSON
 * parameter, so that any query over them works.
 */
import type { ColumnType } from '../stores/column-type.ts';
import type { StoreRow } from '../stores/values.ts';
import type { ExecutionContext } from './context.ts';

export interface VirtualTable {
  readonly database: string;
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: ColumnType; readonly nullable: boolean }[];
  /** In stored form; no bytes and no integers beyond 2^53. */
  rows(context: ExecutionContext): StoreRow[];
}
