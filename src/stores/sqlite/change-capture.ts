/**
 * What a transaction changed, from SQLite's session extension: each changed row once, with its columns before and after.
 * Read before COMMIT, on the writing connection: columns that an update left alone are read from the row itself.
 *
 * The extension tells keys apart byte by byte. In a table that takes 'a' and 'A' for equal it reports rows under both, and some that were there before as
 * inserted: of these tables it is only believed which keys something happened to, and the rows are compared with those of the last commit.
 */
import assert from 'node:assert';
import { CHANGES_PER_TABLE_ROWS } from '../../limits.ts';
import type { Catalog } from '../catalog.ts';
import { HIDDEN_KEY_COLUMN, type TableDefinition } from '../schema.ts';
import type { RowChange, TableChanges } from '../store.ts';
import type { StoreRow, StoreValue } from '../values.ts';
import { type ChangedValue, type ChangesetChange, parseChangeset } from './changeset.ts';
import type { Connection } from './connection.ts';
import { quotedTable, quoteName } from './ddl.ts';
import { columnIndex } from './foreign-keys.ts';
import { keyFoldsCase, nameOf } from './join-changes.ts';

/** Beyond it a table counts as wholly changed, like beyond CHANGES_PER_TABLE_ROWS: few rows can be large too. */
const CHANGES_PER_TABLE_BYTES = 4 * 1024 * 1024;

/** `committed`: a connection that sees the last commit. Of a row that is neither there nor was, a deletion without a row before may be told. */
export function changesOf(
  connection: Connection,
  committed: () => Connection,
  catalog: Catalog,
  changeset: Uint8Array,
): TableChanges[] {
  if (changeset.length === 0) return [];
  const limits = { changes: CHANGES_PER_TABLE_ROWS, bytes: CHANGES_PER_TABLE_BYTES };
  const reported: TableChanges[] = [];
  for (const { name, changes } of parseChangeset(changeset, limits)) {
    // Internal tables have no dot in their names.
    if (!name.includes('.')) continue;
    const table = catalog.tableByStoredName(name);
    assert.ok(table, `the changed table ${name} is in the catalog`);
    const rows = changes === null ? null : new RowReader(connection, committed, table).changes(changes);
    reported.push({ database: table.database, table: table.name, rows });
  }
  return reported;
}

class RowReader {
  readonly #connection: Connection;
  readonly #committed: () => Connection;
  readonly #hiddenKey: boolean;
  /** Positions of the key's columns in a changeset's record, in the key's order. */
  readonly #keyColumns: readonly number[];
  readonly #keyFoldsCase: boolean;
  readonly #selectSql: string;
  #bytesRead = 0;

  constructor(connection: Connection, committed: () => Connection, table: TableDefinition) {
    this.#connection = connection;
    this.#committed = committed;
    this.#hiddenKey = table.primaryKey.length === 0;
    this.#keyColumns = this.#hiddenKey ? [0] : table.primaryKey.map((name) => columnIndex(table, name));
    this.#keyFoldsCase = keyFoldsCase(table);
    const names = this.#hiddenKey ? [HIDDEN_KEY_COLUMN] : table.primaryKey;
    const condition = names.map((name) => `${quoteName(name)} = ?`).join(' AND ');
    this.#selectSql = `SELECT * FROM ${quotedTable(table)} WHERE ${condition}`;
  }

  /** null when the rows are too large to list. */
  changes(changes: readonly ChangesetChange[]): RowChange[] | null {
    if (this.#keyFoldsCase) return this.#compared(changes);
    const rows: RowChange[] = [];
    for (const change of changes) {
      rows.push(this.#rowChange(change));
      if (this.#bytesRead > CHANGES_PER_TABLE_BYTES) return null;
    }
    return rows;
  }

  #compared(changes: readonly ChangesetChange[]): RowChange[] | null {
    const rows = new Map<string, RowChange>();
    const committed = this.#committed();
    for (const change of changes) {
      const key = this.#key((change.old ?? change.new)!);
      const name = nameOf(key, true);
      if (rows.has(name)) continue;
      const before = this.#row(committed, key);
      const after = this.#row(this.#connection, key);
      const keyed = before ?? after;
      const op = after === null ? 'delete' : before === null ? 'insert' : 'update';
      rows.set(name, { op, key: keyed === null ? key : this.#key(keyed), before, after });
      if (this.#bytesRead > CHANGES_PER_TABLE_BYTES) return null;
    }
    return [...rows.values()];
  }

  #rowChange(change: ChangesetChange): RowChange {
    const { op } = change;
    let before = change.old;
    let after = change.new;
    if (op === 'update') {
      assert.ok(before && after, 'an update has both records');
      ({ before, after } = this.#complete(before, after));
    }
    const key = this.#key((before ?? after)!);
    return { op, key, before: before && this.#visible(before), after: after && this.#visible(after) };
  }

  /** Fills in the columns that did not change. */
  #complete(before: ChangedValue[], after: ChangedValue[]): { before: ChangedValue[]; after: ChangedValue[] } {
    let current: StoreRow | null = null;
    for (let i = 0; i < before.length; i++) {
      if (after[i] !== undefined) continue;
      if (before[i] === undefined) {
        current ??= this.#currentRow(before);
        before[i] = current[i];
      }
      after[i] = before[i];
    }
    return { before, after };
  }

  #currentRow(record: ChangedValue[]): StoreRow {
    const row = this.#row(this.#connection, this.#key(record));
    assert.ok(row, 'a row that was updated is there');
    return row;
  }

  #row(connection: Connection, key: readonly StoreValue[]): StoreRow | null {
    const row = connection.get(this.#selectSql, key);
    if (row === undefined) return null;
    for (const value of row)
      if (typeof value === 'string' || value instanceof Uint8Array) this.#bytesRead += value.length;
    return row;
  }

  #key(record: readonly ChangedValue[]): StoreValue[] {
    return this.#keyColumns.map((i) => {
      const value = record[i];
      assert.notEqual(value, undefined, 'a change names its key');
      return value as StoreValue;
    });
  }

  #visible(record: ChangedValue[]): StoreRow {
    return (this.#hiddenKey ? record.slice(1) : record) as StoreRow;
  }
}
