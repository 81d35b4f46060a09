/** What a list command is turned into. The gate runs it where it belongs: inline, in a reader, in the writer. */
import type { ReadStatement, SchemaStatement, WriteResult, WriteStatement } from '../stores/statement.ts';
import type { StoreRow } from '../stores/values.ts';
import type { ListTable } from './columns.ts';
import type { Selection } from './request.ts';

export type ListPlan = ListAnswerPlan | ListReadPlan | ListWritePlan | ListSqlPlan | ListSchemaPlan;

/** Known without the store. */
export interface ListAnswerPlan {
  readonly kind: 'answer';
  readonly json: string;
}

export interface ListReadPlan {
  readonly kind: 'read';
  readonly statement: ReadStatement;
  /** Few rows can be touched, whatever the values: the front may run it itself. */
  readonly inline: boolean;
  /** What it reads; null for explain=1 and the like. */
  readonly footprint: { readonly table: ListTable; readonly selection: Selection } | null;
  /** All rows at once. Throws SLUICE_ROW_LIMIT. */
  render(rows: readonly StoreRow[]): string;
  /** The same in pieces, for rows that come in chunks. */
  renderer(): ListRenderer;
}

export interface ListRenderer {
  /** Throws SLUICE_ROW_LIMIT. */
  add(rows: readonly StoreRow[]): void;
  /** The whole answer. */
  finish(): string;
}

export interface ListWritePlan {
  readonly kind: 'write';
  readonly statement: WriteStatement;
  render(result: WriteResult): string;
}

/** An insert into a table with SQL's types: its defaults, conversions and checks are SQL's business. All parameters are strings. */
export interface ListSqlPlan {
  readonly kind: 'sql';
  readonly text: string;
  readonly parameters: readonly string[];
  render(result: Pick<WriteResult, 'insertId'>): string;
}

/** The table must be made or widened first: run the change under the catalog that was planned with, then plan again. */
export interface ListSchemaPlan {
  readonly kind: 'schema';
  readonly statement: SchemaStatement;
}
