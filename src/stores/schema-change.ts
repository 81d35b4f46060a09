/** Schema changes: the planner works out the new definitions; the store makes the file agree with them. */
import type { DatabaseDefinition, ListIndexKind, TableDefinition } from './schema.ts';
import type { ReadStatement } from './statement.ts';
import type { StoreValue } from './values.ts';

export interface TableName {
  readonly database: string;
  readonly name: string;
}

/** Where a column of the altered table takes its values from. */
export type ColumnSource =
  | { readonly kind: 'column'; readonly name: string }
  /** Same rows, converted: an SQLite expression over the old table's columns. */
  | { readonly kind: 'expression'; readonly sql: string }
  | { readonly kind: 'value'; readonly value: StoreValue }
  /** 1, 2, 3 ... for a new AUTO_INCREMENT column. */
  | { readonly kind: 'sequence' };

export type SchemaChange =
  | { readonly kind: 'create-database'; readonly database: DatabaseDefinition }
  | { readonly kind: 'alter-database'; readonly database: DatabaseDefinition }
  /** With all its tables. */
  | { readonly kind: 'drop-database'; readonly name: string }
  | {
      readonly kind: 'create-table';
      readonly table: TableDefinition;
      /** First AUTO_INCREMENT value when given. */
      readonly autoIncrement?: number;
      /** CREATE TABLE ... AS SELECT: rows in the order of the table's columns. */
      readonly rows?: ReadStatement;
    }
  | { readonly kind: 'drop-tables'; readonly tables: readonly TableName[] }
  | {
      readonly kind: 'rename-tables';
      readonly renames: readonly { readonly from: TableName; readonly to: TableName }[];
    }
  | {
      /** Any ALTER TABLE, CREATE INDEX, DROP INDEX: `sources[i]` fills column i of `definition`. Indexes alone are changed in place. */
      readonly kind: 'alter-table';
      readonly table: TableName;
      readonly definition: TableDefinition;
      readonly sources: readonly ColumnSource[];
      readonly autoIncrement?: number;
    }
  | { readonly kind: 'truncate-table'; readonly table: TableName }
  | {
      /** A kind makes the column's list index, in place of the one that it has. The others throw 1210 where there is none. */
      readonly kind: 'list-index';
      readonly table: TableName;
      readonly column: string;
      readonly action: ListIndexKind | 'optimise' | 'drop';
    };
