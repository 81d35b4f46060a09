/** Rows whose stored form is known without reading them: SQLite keeps them as they are given. */
import type { TableDefinition } from '../schema.ts';
import type { StoreRow, StoreValue } from '../values.ts';
import { narrowInteger } from './connection.ts';
import { type Affinity, affinity, rowidColumn } from './ddl.ts';
import { columnIndex } from './foreign-keys.ts';

interface KnownColumns {
  readonly affinities: readonly Affinity[];
  /** Positions of the primary key's columns. */
  readonly key: readonly number[];
  /** Position of AUTO_INCREMENT, or -1. */
  readonly autoIncrement: number;
  /** A version below 0 is set by a trigger, with the rest of the row. */
  readonly setByStore: readonly number[];
}

/** A NUL, or half of a surrogate pair. */
const CHANGED_TEXT = /[\0\p{Surrogate}]/u;

/** null: rows of this table are not known, as their key is not. */
const known = new WeakMap<TableDefinition, KnownColumns | null>();

function columnsOf(table: TableDefinition): KnownColumns | null {
  let columns = known.get(table);
  if (columns === undefined) {
    columns = table.primaryKey.length === 0 ? null : describe(table);
    known.set(table, columns);
  }
  return columns;
}

function describe(table: TableDefinition): KnownColumns {
  const rowid = rowidColumn(table);
  const rowidIndex = rowid === null ? -1 : columnIndex(table, rowid);
  return {
    affinities: table.columns.map(({ type }, i) => (i === rowidIndex ? 'INTEGER' : affinity(type))),
    key: table.primaryKey.map((name) => columnIndex(table, name)),
    autoIncrement: table.columns.findIndex((column) => column.autoIncrement),
    setByStore: table.columns.flatMap(({ setByStore }, i) => (setByStore === true ? [i] : [])),
  };
}

/** Whether a new row is stored just so, once it has its AUTO_INCREMENT value. */
export function isStoredAsGiven(table: TableDefinition, row: StoreRow): boolean {
  const columns = columnsOf(table);
  if (columns === null || row.length !== table.columns.length) return false;
  for (let i = 0; i < row.length; i++) {
    const value = row[i]!;
    if (value === null || (i === columns.autoIncrement && value === 0)) continue;
    if (!isKept(value, columns.affinities[i]!)) return false;
  }
  return columns.setByStore.every((i) => Number(row[i]) >= 0);
}

/** sqlite.org/datatype3.html, "Type Affinity", and what the driver makes of a text: half of a surrogate pair is replaced, a NUL ends it. */
function isKept(value: StoreValue, to: Affinity): boolean {
  switch (typeof value) {
    case 'string':
      return (to === 'TEXT' || to === 'BLOB') && !CHANGED_TEXT.test(value);
    case 'number':
      return isKeptNumber(value, to);
    case 'bigint':
      return to === 'INTEGER' || to === 'BLOB';
    default:
      return value === null || to === 'BLOB';
  }
}

function isKeptNumber(value: number, to: Affinity): boolean {
  if (Object.is(value, -0)) return false;
  // Some of the others become integers in an INTEGER column, and text in a TEXT column; NaN becomes NULL.
  return to === 'INTEGER' ? Number.isSafeInteger(value) : to !== 'TEXT' && Number.isFinite(value);
}

/** As it will be read: a copy of a row that was bound. */
export function insertedRow(row: StoreRow): StoreRow {
  return row.map((value) => {
    if (typeof value === 'bigint') return narrowInteger(value);
    return value instanceof Uint8Array ? new Uint8Array(value) : value;
  });
}

/** Only of a row that is known. */
export function keyOf(table: TableDefinition, row: StoreRow): StoreValue[] {
  return columnsOf(table)!.key.map((i) => row[i]!);
}

/** About what a row takes, in bytes. */
export function sizeOf(row: StoreRow | null): number {
  if (row === null) return 0;
  let bytes = 0;
  for (const value of row) bytes += typeof value === 'string' || value instanceof Uint8Array ? value.length : 8;
  return bytes;
}
