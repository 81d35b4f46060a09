/**
 * How the changes of a transaction are found, for the report of its commit. There are three ways, the cheapest that holds is taken for each statement:
 *
 * - known: the statement says what it changes (rows inserted as they are given; ModifyStatement.known). Noted here, at the price of a copy.
 * - recorded: by SQLite's session extension (change-capture.ts), which takes some 80 us a transaction and 3 us a row. Once it has begun it goes on to the end
 *   of the transaction, whatever follows.
 * - wholly: too much to be listed. The table is reported as changed.
 *
 * What is known comes before what is recorded, so the changes of one row can be put together.
 */
import { CHANGES_PER_TABLE_ROWS } from '../../limits.ts';
import type { Catalog } from '../catalog.ts';
import { storedName, type TableDefinition } from '../schema.ts';
import type { TableName } from '../schema-change.ts';
import type { InsertStatement, ModifyStatement } from '../statement.ts';
import type { RowChange, TableChanges } from '../store.ts';
import type { StoreRow } from '../values.ts';
import { changesOf } from './change-capture.ts';
import type { Connection } from './connection.ts';
import { joinChanges } from './join-changes.ts';
import { insertedRow, isStoredAsGiven, keyOf, sizeOf } from './known-rows.ts';
import { SessionRecorder } from './session-recorder.ts';

/** Beyond these the session extension takes over: it holds what it has seen in a form that is smaller. */
const KNOWN_CHANGES_MAX = 1_000;
const KNOWN_BYTES_MAX = 1024 * 1024;

type Way = 'known' | 'recorded' | 'wholly';

interface KnownChange {
  readonly table: TableDefinition;
  readonly change: RowChange;
}

export class ChangeReport {
  readonly #connection: Connection;
  readonly #committed: () => Connection;
  readonly #recorder: SessionRecorder;
  #known: KnownChange[] = [];
  #knownBytes = 0;
  /** By stored name. */
  readonly #wholly = new Map<string, TableName>();
  /** Of the statement that runs. */
  #way: Way = 'recorded';

  /** `committed`: one that sees the last commit. */
  constructor(connection: Connection, committed: () => Connection) {
    this.#connection = connection;
    this.#committed = committed;
    this.#recorder = new SessionRecorder(connection);
  }

  /** Before a statement runs. */
  begin(statement: InsertStatement | ModifyStatement, table: TableDefinition): void {
    this.#way = this.#wayOf(statement, table);
    if (this.#way === 'recorded') this.#recorder.start();
  }

  #wayOf(statement: InsertStatement | ModifyStatement, table: TableDefinition): Way {
    if (this.#recorder.isRecording) return 'recorded';
    if (whollyChanged(statement).length > 0) return 'wholly';
    return this.#isKnown(statement, table) ? 'known' : 'recorded';
  }

  #isKnown(statement: InsertStatement | ModifyStatement, table: TableDefinition): boolean {
    const isFull = this.#known.length >= KNOWN_CHANGES_MAX || this.#knownBytes >= KNOWN_BYTES_MAX;
    if (isFull) return false;
    const room = KNOWN_BYTES_MAX - this.#knownBytes;
    if (statement.kind !== 'insert') {
      const { known } = statement;
      if (known === undefined || sizeOf(known.before) + sizeOf(known.after) > room) return false;
      return known.after === null ? table.primaryKey.length > 0 : isStoredAsGiven(table, known.after);
    }
    const { mode, rows } = statement;
    if (mode !== 'insert' || 'kind' in rows || rows.length > KNOWN_CHANGES_MAX - this.#known.length) return false;
    let bytes = 0;
    for (const row of rows) {
      bytes += sizeOf(row);
      if (bytes > room || !isStoredAsGiven(table, row)) return false;
    }
    return true;
  }

  /** A row has been inserted, as it was bound. */
  inserted(table: TableDefinition, row: StoreRow): void {
    if (this.#way !== 'known') return;
    const after = insertedRow(row);
    this.#add(table, { op: 'insert', key: keyOf(table, after), before: null, after });
  }

  /** The statement has run. */
  end(statement: InsertStatement | ModifyStatement, table: TableDefinition, matched: number): void {
    if (matched === 0) return;
    if (this.#way === 'wholly')
      for (const changed of whollyChanged(statement))
        this.#wholly.set(storedName(changed.database, changed.name), changed);
    if (this.#way !== 'known' || statement.kind === 'insert' || statement.known === undefined) return;
    const before = insertedRow(statement.known.before);
    const after = statement.known.after === null ? null : insertedRow(statement.known.after);
    this.#add(table, { op: after === null ? 'delete' : 'update', key: keyOf(table, before), before, after });
  }

  #add(table: TableDefinition, change: RowChange): void {
    this.#known.push({ table, change });
    this.#knownBytes += sizeOf(change.after) + sizeOf(change.before);
  }

  /** From now on everything is recorded: what follows may be taken back in part. */
  record(): void {
    this.#recorder.start();
  }

  /** For takeBack(). */
  mark(): number {
    return this.#known.length;
  }

  /** What was done since the mark has been rolled back. What the session extension recorded it compares with the table at the end. */
  takeBack(mark: number): void {
    for (const { change } of this.#known.splice(mark)) this.#knownBytes -= sizeOf(change.after) + sizeOf(change.before);
  }

  /** Before COMMIT: what the transaction has changed. */
  take(catalog: Catalog): TableChanges[] {
    const recorded = changesOf(this.#connection, this.#committed, catalog, this.#recorder.take());
    const listed = withoutNothing(this.#known.length === 0 ? recorded : this.#withKnown(recorded));
    this.#forgetKnown();
    if (this.#wholly.size === 0) return listed;
    const others = listed.filter(({ database, table }) => !this.#wholly.has(storedName(database, table)));
    const wholly = Array.from(this.#wholly.values(), ({ database, name }) => ({ database, table: name, rows: null }));
    this.#wholly.clear();
    return [...others, ...wholly];
  }

  #withKnown(recorded: readonly TableChanges[]): TableChanges[] {
    const byTable = new Map<TableDefinition, RowChange[]>();
    for (const { table, change } of this.#known) {
      const changes = byTable.get(table);
      if (changes === undefined) byTable.set(table, [change]);
      else changes.push(change);
    }
    const listed = new Map(recorded.map((changes) => [storedName(changes.database, changes.table), changes]));
    for (const [table, known] of byTable) {
      const { database, name } = table;
      const stored = storedName(database, name);
      const later = listed.get(stored);
      if (later?.rows === null) continue;
      const rows = joinChanges(table, later === undefined ? known : [...known, ...later.rows]);
      listed.set(stored, { database, table: name, rows });
    }
    return [...listed.values()];
  }

  /** After a rollback. */
  discard(): void {
    this.#recorder.discard();
    this.#wholly.clear();
    this.#forgetKnown();
  }

  /** A schema change inserts rows, too, and has a report of its own. */
  #forgetKnown(): void {
    this.#known = [];
    this.#knownBytes = 0;
    this.#way = 'recorded';
  }
}

/** Rows that came and went in between. */
function withoutNothing(listed: TableChanges[]): TableChanges[] {
  const isNothing = ({ before, after }: RowChange): boolean => before === null && after === null;
  if (!listed.some(({ rows }) => rows?.some(isNothing))) return listed;
  return listed
    .map((changes) => ({ ...changes, rows: changes.rows?.filter((row) => !isNothing(row)) ?? null }))
    .filter(({ rows }) => rows === null || rows.length > 0);
}

/** Recording a million rows takes as long as writing them. */
function whollyChanged(statement: InsertStatement | ModifyStatement): readonly TableName[] {
  if (statement.wholly !== undefined) return statement.wholly;
  const isLarge =
    statement.kind === 'insert' &&
    statement.mode === 'insert' &&
    Array.isArray(statement.rows) &&
    statement.rows.length > CHANGES_PER_TABLE_ROWS;
  return isLarge ? [{ database: statement.database, name: statement.table }] : [];
}
