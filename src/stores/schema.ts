/**
 * The catalog's records: what a database, a table, a column, a key is. They are plain data: stored as JSON in
 * the catalog tables, sent between processes, read by the planner, SHOW and the stores alike.
 */
import type { ColumnType } from './column-type.ts';
import type { StoreValue } from './values.ts';

export type DefaultValue =
  /** `value` in the column's stored form; `text` as MySQL's SHOW CREATE TABLE prints it, without quotes. */
  | { readonly kind: 'literal'; readonly value: StoreValue; readonly text: string | null }
  /** CURRENT_TIMESTAMP(fsp) */
  | { readonly kind: 'now'; readonly fsp: number }
  /** (expression), in MySQL's dialect; evaluated for each row. */
  | { readonly kind: 'expression'; readonly text: string };

export interface ColumnDefinition {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly default?: DefaultValue;
  /** ON UPDATE CURRENT_TIMESTAMP(fsp) */
  readonly onUpdateNow?: { readonly fsp: number };
  readonly autoIncrement?: boolean;
  /** SQL's writes give it -1, whatever they name: the store's own triggers put the value there. Of system tables only. */
  readonly setByStore?: true;
  readonly comment?: string;
}

export interface IndexPart {
  readonly column: string;
  /** Prefix length in characters (bytes for binary types). Kept for SHOW; the stored index holds the whole value unless unique. */
  readonly length?: number;
  readonly descending?: boolean;
}

export interface IndexDefinition {
  /** Unique within its table. The primary key is not among the indexes: see TableDefinition.primaryKey. */
  readonly name: string;
  readonly unique: boolean;
  readonly parts: readonly IndexPart[];
  readonly comment?: string;
  /** Made by itself for a foreign key: goes as soon as an index that was asked for serves as well. */
  readonly implicit?: boolean;
}

export type ReferentialAction = 'no action' | 'restrict' | 'cascade' | 'set null' | 'set default';

export interface ForeignKeyDefinition {
  readonly name: string;
  readonly columns: readonly string[];
  readonly referencedDatabase: string;
  readonly referencedTable: string;
  readonly referencedColumns: readonly string[];
  readonly onDelete: ReferentialAction;
  readonly onUpdate: ReferentialAction;
}

export interface CheckDefinition {
  readonly name: string;
  /** MySQL's dialect, for SHOW. */
  readonly text: string;
  /** What SQLite is given. */
  readonly storeSql: string;
}

/**
 * lexical: the value as text. decimal: the number that it is or reads as. token: its words. qgram: its sequences of a few characters. The first two
 * are ordered indexes, the others inverted ones. What each holds exactly: sqlite/list-index-sql.ts.
 */
export type ListIndexKind = 'lexical' | 'decimal' | 'token' | 'qgram';

/** An index of the list protocol, made by `setindex`. SQL does not know it. */
export interface ListIndexDefinition {
  /** A column has one such index at most. */
  readonly column: string;
  readonly kind: ListIndexKind;
  /** Names it in the file. Given by the store and never again, so that a plan made for an index never meets another one. */
  readonly id: number;
}

export interface TableDefinition {
  readonly database: string;
  readonly name: string;
  /** `schemaless`: made by TCSQL's first insert; unknown fields add columns. */
  readonly kind: 'table' | 'schemaless';
  readonly columns: readonly ColumnDefinition[];
  /** Column names; empty when the table has none: rows then carry a hidden key (HIDDEN_KEY_COLUMN). */
  readonly primaryKey: readonly string[];
  readonly indexes: readonly IndexDefinition[];
  readonly foreignKeys: readonly ForeignKeyDefinition[];
  readonly checks: readonly CheckDefinition[];
  readonly listIndexes?: readonly ListIndexDefinition[];
  readonly comment?: string;
  /** The server's own (system-table.ts): nobody can drop or alter it. readable: SQL cannot write it either. */
  readonly system?: 'writable' | 'readable';
  /** Default collation of new character columns. */
  readonly collation?: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

export interface DatabaseDefinition {
  readonly name: string;
  readonly collation?: string;
}

/** Stored first in tables without a primary key, so that every row has an identity for the change feed. */
export const HIDDEN_KEY_COLUMN = '_sluice_row';

/** `db.t` as SQLite knows it: one file holds all databases. Dots inside a name are written as MySQL writes them in file names. */
export function storedName(database: string, name: string): string {
  return `${encodeName(database)}.${encodeName(name)}`;
}

function encodeName(name: string): string {
  return /[.@]/.test(name) ? name.replaceAll('@', '@0040').replaceAll('.', '@002e') : name;
}
