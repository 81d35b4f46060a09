/**
 * A table definition as SQLite's CREATE TABLE and CREATE INDEX.
 *
 * Defaults are not in this text: the planner fills every column. Generated keys are not either: see auto-increment.ts.
 */
import type { ColumnType } from '../column-type.ts';
import {
  type ColumnDefinition,
  type ForeignKeyDefinition,
  HIDDEN_KEY_COLUMN,
  type IndexDefinition,
  type IndexPart,
  storedName,
  type TableDefinition,
} from '../schema.ts';

/** An identifier in SQLite's text. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quotedTable(table: { readonly database: string; readonly name: string }): string {
  return quoteName(storedName(table.database, table.name));
}

export function storedIndexName(table: { readonly database: string; readonly name: string }, index: string): string {
  return `${storedName(table.database, table.name)}.${index}`;
}

export type Affinity = 'INTEGER' | 'REAL' | 'TEXT' | 'BLOB';

/** SQLite's affinity for a column: what it converts a stored value to. BLOB converts nothing. */
export function affinity(type: ColumnType): Affinity {
  if (type.asGiven) return 'BLOB';
  switch (type.name) {
    case 'bigint':
      // Values beyond 2^63-1 are text (see column-type.ts); INTEGER affinity would turn that text into an inexact REAL.
      return type.unsigned ? 'BLOB' : 'INTEGER';
    case 'tinyint':
    case 'smallint':
    case 'mediumint':
    case 'int':
    case 'year':
    case 'bit':
    case 'decimal':
    case 'time':
    case 'enum':
    case 'set':
      return 'INTEGER';
    case 'float':
    case 'double':
      return 'REAL';
    case 'char':
    case 'varchar':
    case 'tinytext':
    case 'text':
    case 'mediumtext':
    case 'longtext':
    case 'date':
    case 'datetime':
    case 'timestamp':
    case 'json':
      return 'TEXT';
    case 'binary':
    case 'varbinary':
    case 'tinyblob':
    case 'blob':
    case 'mediumblob':
    case 'longblob':
    case 'null':
      return 'BLOB';
  }
}

const CHARACTER_TYPES = new Set(['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext']);

/** How the column's text compares: NOCASE folds ASCII letters only. */
export function columnCollation(type: ColumnType): 'NOCASE' | 'BINARY' {
  if (!CHARACTER_TYPES.has(type.name)) return 'BINARY';
  const collation = type.collation ?? 'utf8mb4_0900_ai_ci';
  return collation.endsWith('_bin') || collation === 'binary' || collation.endsWith('_cs') ? 'BINARY' : 'NOCASE';
}

/**
 * The column that is SQLite's rowid, if the primary key can be one: a single integer column. Without a primary key it is the hidden one.
 * BIGINT UNSIGNED qualifies only with AUTO_INCREMENT, whose values do not reach 2^63; other keys of that type need its whole range.
 */
export function rowidColumn(table: TableDefinition): string | null {
  if (table.primaryKey.length === 0) return HIDDEN_KEY_COLUMN;
  if (table.primaryKey.length > 1) return null;
  const name = table.primaryKey[0]!;
  const column = table.columns.find((candidate) => sameName(candidate.name, name));
  if (column === undefined) return null;
  if (affinity(column.type) === 'INTEGER' && column.type.name !== 'decimal') return column.name;
  return column.type.name === 'bigint' && column.autoIncrement ? column.name : null;
}

export function sameName(a: string, b: string): boolean {
  return a === b || a.toLowerCase() === b.toLowerCase();
}

/** CREATE TABLE under `name`, which is the table's stored name except while it is being rebuilt. */
export function createTableSql(table: TableDefinition, name = storedName(table.database, table.name)): string {
  const rowid = rowidColumn(table);
  const parts: string[] = [];
  if (rowid === HIDDEN_KEY_COLUMN) parts.push(`${quoteName(HIDDEN_KEY_COLUMN)} INTEGER PRIMARY KEY`);
  for (const column of table.columns) parts.push(columnSql(table, column, rowid));
  if (rowid === null) parts.push(`PRIMARY KEY (${table.primaryKey.map(quoteName).join(', ')})`);
  for (const key of table.foreignKeys) parts.push(foreignKeySql(key));
  for (const check of table.checks) parts.push(`CONSTRAINT ${quoteName(check.name)} CHECK (${check.storeSql})`);
  return `CREATE TABLE ${quoteName(name)} (${parts.join(', ')})${rowid === null ? ' WITHOUT ROWID' : ''}`;
}

/** A column's declaration. `rowid` is the table's rowid column. */
export function columnSql(table: TableDefinition, column: ColumnDefinition, rowid = rowidColumn(table)): string {
  if (rowid !== null && sameName(column.name, rowid)) return `${quoteName(column.name)} INTEGER PRIMARY KEY`;
  const inKey = table.primaryKey.some((name) => sameName(name, column.name));
  const collate = columnCollation(column.type) === 'NOCASE' ? ' COLLATE NOCASE' : '';
  const notNull = column.nullable && !inKey ? '' : ' NOT NULL';
  return `${quoteName(column.name)} ${affinity(column.type)}${collate}${notNull}`;
}

function foreignKeySql(key: ForeignKeyDefinition): string {
  const columns = key.columns.map(quoteName).join(', ');
  const parent = quoteName(storedName(key.referencedDatabase, key.referencedTable));
  const referenced = key.referencedColumns.map(quoteName).join(', ');
  return `CONSTRAINT ${quoteName(key.name)} FOREIGN KEY (${columns}) REFERENCES ${parent} (${referenced}) ON DELETE ${actionSql(key.onDelete)} ON UPDATE ${actionSql(key.onUpdate)}`;
}

/** InnoDB's NO ACTION is RESTRICT: it checks row by row, at once. */
function actionSql(action: ForeignKeyDefinition['onDelete']): string {
  switch (action) {
    case 'no action':
    case 'restrict':
      return 'RESTRICT';
    case 'cascade':
      return 'CASCADE';
    case 'set null':
      return 'SET NULL';
    case 'set default':
      return 'SET DEFAULT';
  }
}

export function createIndexSql(table: TableDefinition, index: IndexDefinition): string {
  const parts = index.parts.map((part) => indexPartSql(table, index, part)).join(', ');
  const unique = index.unique ? 'UNIQUE ' : '';
  return `CREATE ${unique}INDEX ${quoteName(storedIndexName(table, index.name))} ON ${quotedTable(table)} (${parts})`;
}

/** Prefix lengths matter to unique indexes only; any other stored index holds whole values and finds the same rows. */
function indexPartSql(table: TableDefinition, index: IndexDefinition, part: IndexPart): string {
  return `${indexedExpression(table, index, part)}${part.descending ? ' DESC' : ''}`;
}

/** What a part of an index compares: the column, or the beginning of it. */
export function indexedExpression(table: TableDefinition, index: IndexDefinition, part: IndexPart): string {
  const name = quoteName(part.column);
  if (!index.unique || part.length === undefined) return name;
  const column = table.columns.find((candidate) => sameName(candidate.name, part.column));
  if (column === undefined) return name;
  // An expression has no collation of its own.
  return `substr(${name}, 1, ${part.length}) COLLATE ${columnCollation(column.type)}`;
}

export function createIndexesSql(table: TableDefinition): string[] {
  return table.indexes.map((index) => createIndexSql(table, index));
}
