/** The exact description of a result's column, as MySQL's wire protocol and JSON clients want it. */
import type { ColumnType } from '../stores/column-type.ts';

export interface ResultColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  /** Empty strings where the column is an expression. */
  readonly database: string;
  /** Alias of the table in the query, and its real name. */
  readonly table: string;
  readonly originalTable: string;
  readonly originalName: string;
  readonly primaryKey: boolean;
  readonly uniqueKey: boolean;
  readonly multipleKey: boolean;
  readonly autoIncrement: boolean;
}
