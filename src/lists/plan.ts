/** What a list command is turned into. The gate runs it where it belongs: inline, in a reader, in the writer. */
import type { ReadStatement, SchemaStatement, WriteResult, WriteStatement } from '../stores/statement.ts';
import type { StoreRow } from '../stores/values.ts';
import type { ListTable } from './columns.ts';
import type { ListAnswer } from './kept/kept-lists.ts';
import type { ListQuery } from './kept/list-query.ts';
import type { RowEncoder } from './kept/row-encoder.ts';
import type { Selection } from './request.ts';

export type ListPlan = ListAnswerPlan | ListReadPlan | ListWritePlan | ListSqlPlan | ListSchemaPlan;

/** Known without the store. */
export interface ListAnswerPlan {
  readonly kind: 'answer';
  readonly json: string;
}

export interface ListReadPlan {
  readonly kind: 'read';
  /** To be asked of the kept lists first; null: such a list is not kept. */
  readonly kept: KeptRead | null;
  /** What the store is asked. Throws ER_BAD_PARAMETER for an operand that cannot be read. */
  bind(): BoundRead;
  /** What it reads; null for explain=1 and the like. */
  readonly footprint: { readonly table: ListTable; readonly selection: Selection } | null;
  /** All rows at once. Throws SLUICE_ROW_LIMIT. */
  render(rows: readonly StoreRow[]): string;
  /** The same in pieces, for rows that come in chunks. */
  renderer(): ListRenderer;
}

export interface BoundRead {
  readonly statement: ReadStatement;
  /** Few rows can be touched, whatever the values: the front may run it itself. */
  readonly inline: boolean;
}

export interface KeptRead {
  readonly query: ListQuery;
  readonly encoder: RowEncoder<string>;
  /** The whole answer, as binary text (util/binary-text.ts). Throws SLUICE_ROW_LIMIT. */
  render(answer: Pick<ListAnswer<string>, 'rows' | 'count'>): string;
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
