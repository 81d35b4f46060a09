/** What SQLite says went wrong, as MySQL's errors. */
import { failure, SluiceError } from '../../errors.ts';
import type { Catalog } from '../catalog.ts';
import type { IndexPart, TableDefinition } from '../schema.ts';
import type { StoreRow, StoreValue } from '../values.ts';
import type { Connection } from './connection.ts';
import { indexedExpression, quotedTable, sameName, storedIndexName } from './ddl.ts';
import { isSqliteFailure, type SqliteFailure } from './driver.ts';
import {
  columnIndex,
  keyViolatedByUpdate,
  keyWithoutParent,
  noParentRow,
  parentRowInUse,
  restrictingReference,
  undone,
} from './foreign-keys.ts';
import { formatValue } from './format-value.ts';
import { LIST_INDEX_PREFIX } from './list-index-sql.ts';
import * as codes from './result-codes.ts';

/** What was being run when SQLite failed. */
export interface FailedWork {
  readonly connection: Connection;
  readonly catalog: Catalog;
  readonly table: TableDefinition;
  readonly kind: 'insert' | 'update' | 'delete';
  /** The row that was being inserted, all columns. */
  readonly row?: StoreRow;
  /** The UPDATE or DELETE. */
  readonly sql?: string;
  readonly params?: readonly StoreValue[];
  /** A query, in parentheses or a table's name, whose rows were all being stored or indexed. */
  readonly source?: { readonly sql: string; readonly params: readonly StoreValue[] };
}

/** Any thrown value as what the client is told. What is not SQLite's passes unchanged. */
export function translateFailure(thrown: unknown, work?: FailedWork): unknown {
  if (!isSqliteFailure(thrown)) return thrown;
  return (work && translateConstraint(thrown, work)) ?? translateGeneral(thrown);
}

function translateConstraint(thrown: SqliteFailure, work: FailedWork): SluiceError | null {
  switch (thrown.errcode) {
    case codes.SQLITE_CONSTRAINT_PRIMARYKEY:
    case codes.SQLITE_CONSTRAINT_UNIQUE:
    case codes.SQLITE_CONSTRAINT_ROWID:
      return duplicateEntry(thrown.message, work);
    case codes.SQLITE_CONSTRAINT_NOTNULL:
      return failure('ER_BAD_NULL_ERROR', failedColumns(thrown.message).columns[0] ?? '');
    case codes.SQLITE_CONSTRAINT_CHECK:
      return failure('ER_CHECK_CONSTRAINT_VIOLATED', afterColon(thrown.message));
    case codes.SQLITE_CONSTRAINT_FOREIGNKEY:
      return foreignKeyFailure(work, false);
    case codes.SQLITE_CONSTRAINT_TRIGGER:
      return foreignKeyFailure(work, true);
    case codes.SQLITE_MISMATCH:
      return rowidMismatch(work);
    default:
      return missingParentTable(thrown, work);
  }
}

/** A rowid was given something else than an integer: NULL, or BIGINT UNSIGNED beyond 2^63-1. */
function rowidMismatch(work: FailedWork): SluiceError {
  const name = work.table.primaryKey[0] ?? '';
  const value = work.row?.[columnIndex(work.table, name)] ?? null;
  return value === null ? failure('ER_BAD_NULL_ERROR', name) : failure('ER_WARN_DATA_OUT_OF_RANGE', name, 1);
}

/** With foreign_key_checks off a child can be made before its parent; SQLite then cannot even prepare a write to it. */
function missingParentTable(thrown: SqliteFailure, work: FailedWork): SluiceError | null {
  if (!/^(no such table: |foreign key mismatch)/.test(thrown.message)) return null;
  const key = work.table.foreignKeys.find(
    (candidate) => work.catalog.table(candidate.referencedDatabase, candidate.referencedTable) === undefined,
  );
  return key === undefined ? null : noParentRow(work.table, key);
}

function foreignKeyFailure(work: FailedWork, parentSide: boolean): SluiceError {
  const { connection, catalog, table } = work;
  const statement = work.sql === undefined ? null : { kind: work.kind, sql: work.sql, params: work.params ?? [] };
  if (parentSide) {
    const reference = restrictingReference(connection, catalog, table, statement);
    return reference ? parentRowInUse(reference) : failure('ER_ROW_IS_REFERENCED_2', table.name);
  }
  const key = work.row
    ? keyWithoutParent(connection, catalog, table, work.row)
    : statement
      ? keyViolatedByUpdate(connection, catalog, table, statement.sql, statement.params)
      : table.foreignKeys[0];
  return key ? noParentRow(table, key) : failure('ER_NO_REFERENCED_ROW_2', table.name);
}

interface UniqueKey {
  readonly name: string;
  readonly parts: readonly IndexPart[];
}

/** Every unique key of a table, the primary key first under MySQL's name for it. */
export function uniqueKeys(table: TableDefinition): UniqueKey[] {
  const keys: UniqueKey[] = table.indexes.filter((index) => index.unique);
  if (table.primaryKey.length === 0) return keys;
  return [{ name: 'PRIMARY', parts: table.primaryKey.map((column) => ({ column })) }, ...keys];
}

function duplicateEntry(message: string, work: FailedWork): SluiceError {
  const { table, key } = violatedKey(message, work);
  if (key === undefined) return failure('ER_DUP_KEY', table.name);
  const values = sameTable(table, work.table) ? duplicateValues(key, work) : null;
  return failure('ER_DUP_ENTRY', values ?? '', `${table.name}.${key.name}`);
}

function sameTable(a: TableDefinition, b: TableDefinition): boolean {
  return sameName(a.database, b.database) && sameName(a.name, b.name);
}

/** SQLite names the columns, or the index when it is on expressions. Cascades can make the table another than the statement's. */
function violatedKey(message: string, work: FailedWork): { table: TableDefinition; key: UniqueKey | undefined } {
  const index = /index '(.*)'$/.exec(message);
  if (index) {
    const key = uniqueKeys(work.table).find((candidate) => storedIndexName(work.table, candidate.name) === index[1]);
    return { table: work.table, key };
  }
  const failed = failedColumns(message);
  const other = work.catalog.tableByStoredName(failed.stored);
  // A table that is being altered is in the catalog as it was.
  const table = other === undefined || sameTable(other, work.table) ? work.table : other;
  const key = uniqueKeys(table).find(
    (candidate) =>
      candidate.parts.length === failed.columns.length &&
      candidate.parts.every((part) => failed.columns.some((column) => sameName(column, part.column))),
  );
  return { table, key };
}

/** The stored name of the table and the columns in "UNIQUE constraint failed: db.t.a, db.t.b". */
function failedColumns(message: string): { stored: string; columns: string[] } {
  const list = afterColon(message);
  const stored = list.slice(0, list.indexOf('.', list.indexOf('.') + 1));
  return { stored, columns: list.slice(stored.length + 1).split(`, ${stored}.`) };
}

function afterColon(message: string): string {
  return message.slice(message.indexOf(': ') + 2);
}

function duplicateValues(key: UniqueKey, work: FailedWork): string | null {
  if (work.row) return formatKey(work.table, key, work.row);
  if (work.source) return valuesTwiceIn(work.source, key, work);
  if (work.kind !== 'update' || work.sql === undefined) return null;
  return valuesOfUpdate(key, work.table, work.sql, work.params ?? [], work.connection);
}

function formatKey(table: TableDefinition, key: UniqueKey, row: StoreRow): string {
  return formatParts(
    table,
    key,
    key.parts.map((part) => {
      const value = row[columnIndex(table, part.column)] ?? null;
      return part.length !== undefined && typeof value === 'string' ? value.slice(0, part.length) : value;
    }),
  );
}

function formatParts(table: TableDefinition, key: UniqueKey, values: readonly StoreValue[]): string {
  return key.parts
    .map((part, i) => formatValue(table.columns[columnIndex(table, part.column)]!.type, values[i] ?? null))
    .join('-');
}

/** The first values that `source` has twice. */
function valuesTwiceIn(source: NonNullable<FailedWork['source']>, key: UniqueKey, work: FailedWork): string | null {
  const index = { name: key.name, unique: true, parts: key.parts };
  const expressions = key.parts.map((part) => indexedExpression(work.table, index, part)).join(', ');
  const sql = `SELECT ${expressions} FROM ${source.sql} GROUP BY ${expressions} HAVING count(*) > 1 LIMIT 1`;
  const values = work.connection.get(sql, source.params);
  return values === undefined ? null : formatParts(work.table, key, values);
}

/**
 * The values on which an UPDATE collided: run once more, letting each row displace those it collides with, and rolled back. The first
 * new key that a row already had before, or that comes twice, is the one.
 */
function valuesOfUpdate(
  key: UniqueKey,
  table: TableDefinition,
  sql: string,
  params: readonly StoreValue[],
  connection: Connection,
): string | null {
  const update = /^\s*UPDATE\s/i.exec(sql);
  if (!update) return null;
  const index = { name: key.name, unique: true, parts: key.parts };
  const expressions = key.parts.map((part) => indexedExpression(table, index, part));
  const replacing = `UPDATE OR REPLACE ${sql.slice(update[0].length)} RETURNING ${expressions.join(', ')}`;
  const updated = undone(connection, () => connection.all(replacing, params));
  if (updated === undefined) return null;
  const condition = expressions.map((expression) => `${expression} = ?`).join(' AND ');
  const exists = `SELECT 1 FROM ${quotedTable(table)} WHERE ${condition} LIMIT 1`;
  const seen = new Set<string>();
  for (const values of updated) {
    const text = formatParts(table, key, values);
    if (seen.has(text) || connection.get(exists, values) !== undefined) return text;
    seen.add(text);
  }
  return null;
}

/** The last: a connection had read the schema, and then an inverted index went before it was opened. */
const MISSING_LIST_INDEX = new RegExp(
  `^(?:no such (?:table|index): (?:main\\.)?|vtable constructor failed: )${LIST_INDEX_PREFIX}`,
);

/** Failures that have nothing to do with the statement's table. */
function translateGeneral(thrown: SqliteFailure): SluiceError {
  switch (thrown.errcode & 0xff) {
    case codes.SQLITE_FULL:
      return failure('ER_DISK_FULL', 'sluice.db');
    case codes.SQLITE_BUSY:
      return failure('ER_LOCK_WAIT_TIMEOUT');
    case codes.SQLITE_INTERRUPT:
      return failure('ER_QUERY_INTERRUPTED');
    case codes.SQLITE_TOOBIG:
      return failure('ER_NET_PACKET_TOO_LARGE');
    case codes.SQLITE_IOERR:
    case codes.SQLITE_READONLY:
      return new SluiceError(
        'ER_DISK_FULL',
        `The data file could not be written (${thrown.message}); nothing of the statement was kept`,
      );
    default:
      break;
  }
  // A list index that was dropped since the statement was planned: plans name it.
  if (MISSING_LIST_INDEX.test(thrown.message)) return failure('SLUICE_STALE_PLAN');
  if (thrown.message === 'integer overflow') return failure('ER_DATA_OUT_OF_RANGE', 'BIGINT', 'expression');
  return new SluiceError('ER_UNKNOWN_ERROR', thrown.message);
}
