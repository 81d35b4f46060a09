/**
 * The embedded store's engine: SQLite behind plain data in and out. Everything in it is synchronous, so where it runs decides what it may be
 * asked: the front reads short things with one, the writer process owns the one that writes, each reader process has one.
 *
 * Read next: write-context.ts and insert.ts for writes, schema-changes.ts for DDL, change-report.ts for what a commit reports.
 *
 * Promises: a statement that fails leaves nothing behind; a commit stores its sequence number in the same transaction as its rows; what a
 * commit reports is everything that it changed. Relies on: one writing engine at a time (the directory's lock, and the writer's epoch).
 */
import assert from 'node:assert';
import { mkdirSync } from 'node:fs';
import { failure, SluiceError } from '../../errors.ts';
import { STREAM_CHUNK_BYTES, STREAM_CHUNK_ROWS } from '../../limits.ts';
import type { Catalog } from '../catalog.ts';
import type { StoreFunction } from '../function.ts';
import type { ProcedureCall, StoreProcedure } from '../procedure.ts';
import type { TableDefinition } from '../schema.ts';
import type { ReadStatement, SavepointStatement, WriteOptions, WriteResult, WriteStatement } from '../statement.ts';
import type { Commit, TableChanges } from '../store.ts';
import type { SystemTable } from '../system-table.ts';
import type { StoreRow } from '../values.ts';
import { AutoIncrement } from './auto-increment.ts';
import * as tables from './catalog-tables.ts';
import { ChangeReport } from './change-report.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import { translateFailure } from './constraint-errors.ts';
import { databasePath } from './data-directory.ts';
import { quoteName } from './ddl.ts';
import { executeInsert } from './insert.ts';
import { ListIndexUpkeep } from './list-indexes.ts';
import { executeModify } from './modify.ts';
import { executeSchemaChange } from './schema-changes.ts';
import { createSystemTables } from './system-tables.ts';
import { FlagCounter, reportingFunctions, type WriteContext } from './write-context.ts';

export interface EngineOptions {
  /** false: this engine is the one that writes; it makes the file when there is none. */
  readonly readOnly: boolean;
  /** FULL: a commit is on the disk when it returns. NORMAL: a power failure may take the last commits back, a crash of the process cannot. */
  readonly synchronous: 'FULL' | 'NORMAL';
  readonly functions: readonly StoreFunction[];
  readonly procedures?: readonly StoreProcedure[];
  /** Tables that are always there: a writing engine makes those that are missing. */
  readonly systemTables?: readonly SystemTable[];
  /** Pages kept in memory, 16 MiB by default. What does not fit is still in the operating system's cache. */
  readonly cacheMebibytes?: number;
  /** Of a writing engine: pages of 4 KiB in the WAL after which a commit also writes them into the file, CHECKPOINT_PAGES by default. */
  readonly checkpointPages?: number;
}

const BUSY_TIMEOUT_MS = 10_000;
const COMMITTED_CACHE_KIBIBYTES = 2 * 1024;
/**
 * Pages of 4 KiB in the WAL after which a commit also writes them into the file. A page that many commits change is written there once: with
 * SQLite's own 1000, random inserts into an indexed table take nearly twice the time.
 */
const CHECKPOINT_PAGES = 4_000;
/** The WAL file is cut back to this after a checkpoint. */
const WAL_KEPT_BYTES = 64 * 1024 * 1024;

export class Engine {
  readonly #connection: Connection;
  readonly #updates = new FlagCounter();
  readonly #conflicts = new FlagCounter();
  readonly #readOnly: boolean;
  readonly #changes: ChangeReport;
  readonly #listIndexes: ListIndexUpkeep;
  readonly #procedures: ReadonlyMap<string, StoreProcedure>;
  #context: WriteContext;
  #assignedId: number | bigint | null = null;
  #writerEpoch = 0;
  #sequence = 0;
  #foreignKeys = true;
  /** Sees the last commit while a transaction is open. */
  #committed: Connection | null = null;

  /**
   * Opens the data directory's file. A writing engine creates what is missing.
   * @throws SluiceError when the file is not Sluice's, or of a later format.
   */
  static open(directory: string, options: EngineOptions): Engine {
    if (!options.readOnly) mkdirSync(directory, { recursive: true });
    return new Engine(databasePath(directory), options);
  }

  private constructor(path: string, options: EngineOptions) {
    this.#readOnly = options.readOnly;
    const settings: ConnectionOptions = {
      readOnly: options.readOnly,
      functions: options.functions,
      cacheKibibytes: (options.cacheMebibytes ?? 16) * 1024,
      busyTimeoutMs: BUSY_TIMEOUT_MS,
    };
    this.#connection = new Connection(path, settings);
    this.#procedures = new Map(options.procedures?.map((procedure) => [procedure.name, procedure]));
    this.#changes = new ChangeReport(this.#connection, () => {
      this.#committed ??= new Connection(path, {
        ...settings,
        readOnly: true,
        cacheKibibytes: COMMITTED_CACHE_KIBIBYTES,
      });
      return this.#committed;
    });
    this.#listIndexes = new ListIndexUpkeep(this.#connection);
    try {
      if (!options.readOnly) this.#openForWriting(options);
      tables.checkFormat(this.#connection, path);
      const catalog = tables.loadCatalog(this.#connection);
      const connection = this.#connection;
      this.#context = {
        connection,
        catalog,
        autoIncrement: new AutoIncrement(connection),
        updates: this.#updates,
        conflicts: this.#conflicts,
        takeAssignedId: () => this.#takeAssignedId(),
        inserted: (table, row) => this.#changes.inserted(table, row),
      };
      if (!options.readOnly) this.#listIndexes.use(catalog);
      this.#sequence = tables.readState(connection).sequence;
    } catch (error) {
      this.#connection.close();
      throw error;
    }
  }

  #openForWriting(options: EngineOptions): void {
    const connection = this.#connection;
    // The page size can only be set before the first page is written.
    connection.exec('PRAGMA page_size = 4096; PRAGMA journal_mode = WAL');
    connection.exec(`PRAGMA synchronous = ${options.synchronous}; PRAGMA journal_size_limit = ${WAL_KEPT_BYTES}`);
    connection.exec(`PRAGMA wal_autocheckpoint = ${options.checkpointPages ?? CHECKPOINT_PAGES}`);
    const reporting = reportingFunctions(this.#updates, this.#conflicts, (id) => {
      this.#assignedId = id;
    });
    for (const fn of reporting) connection.register(fn);
    connection.exec('BEGIN IMMEDIATE');
    if (tables.isEmptyFile(connection)) tables.createCatalogTables(connection);
    tables.checkFormat(connection, 'sluice.db');
    this.#writerEpoch = tables.takeWriterEpoch(connection);
    createSystemTables(connection, options.systemTables ?? []);
    connection.exec('COMMIT');
  }

  get catalog(): Catalog {
    return this.#context.catalog;
  }

  /** Of the newest commit that this engine made, or saw when it last looked (readState). */
  get sequence(): number {
    return this.#sequence;
  }

  get inTransaction(): boolean {
    return this.#connection.inTransaction;
  }

  /** Looks at the file: the newest commit that a read on this engine would see now. */
  readState(): tables.StoredState {
    const state = tables.readState(this.#connection);
    this.#sequence = state.sequence;
    return state;
  }

  /** Another number than before when another connection has committed (sqlite.org/pragma.html#pragma_data_version). */
  dataVersion(): number {
    return this.#connection.get('PRAGMA data_version')![0] as number;
  }

  /** Reads the catalog from the file again. */
  refreshCatalog(): Catalog {
    this.#context = { ...this.#context, catalog: tables.loadCatalog(this.#connection) };
    if (!this.#readOnly) this.#listIndexes.use(this.#context.catalog);
    return this.#context.catalog;
  }

  /** All rows of a statement. */
  read(statement: ReadStatement): StoreRow[] {
    try {
      this.#listIndexes.before(statement.sql);
      return this.#connection.all(statement.sql, statement.params);
    } catch (error) {
      throw translateFailure(error);
    }
  }

  /** The rows of a statement in chunks of at most STREAM_CHUNK_ROWS rows or about STREAM_CHUNK_BYTES bytes. */
  *stream(statement: ReadStatement): Generator<StoreRow[], void, undefined> {
    const ownTransaction = !this.#connection.inTransaction;
    if (ownTransaction) this.#connection.run('BEGIN');
    try {
      this.#listIndexes.before(statement.sql);
      let chunk: StoreRow[] = [];
      let bytes = 0;
      for (const row of this.#connection.iterate(statement.sql, statement.params)) {
        chunk.push(row);
        bytes += approximateBytes(row);
        if (chunk.length < STREAM_CHUNK_ROWS && bytes < STREAM_CHUNK_BYTES) continue;
        yield chunk;
        chunk = [];
        bytes = 0;
      }
      if (chunk.length > 0) yield chunk;
    } catch (error) {
      throw translateFailure(error);
    } finally {
      if (ownTransaction && this.#connection.inTransaction) this.#connection.run('COMMIT');
    }
  }

  /** Begins a read transaction: every read until endSnapshot() sees the commit that is returned. */
  beginSnapshot(): number {
    this.#connection.run('BEGIN');
    return this.readState().sequence;
  }

  endSnapshot(): void {
    if (this.#connection.inTransaction) this.#connection.run('ROLLBACK');
  }

  /** Begins a write transaction. */
  begin(options: Pick<WriteOptions, 'foreignKeyChecks'>): void {
    assert.ok(!this.#readOnly, 'a writing engine');
    this.#setForeignKeys(options.foreignKeyChecks);
    try {
      this.#connection.run('BEGIN IMMEDIATE');
    } catch (error) {
      throw translateFailure(error);
    }
  }

  /**
   * Runs a write inside the open transaction. When it throws, nothing of the statement is kept; if then `inTransaction` is false, SQLite has
   * rolled back the whole transaction (disk full, I/O error).
   * @throws SluiceError; SLUICE_STALE_PLAN when it was planned under another catalog.
   */
  write(statement: Exclude<WriteStatement, { kind: 'schema' }>, options: WriteOptions): WriteResult {
    assert.ok(this.inTransaction, 'a write runs inside a transaction');
    this.#checkPlan(options);
    const table = this.#table(statement.database, statement.table);
    if (statement.kind !== 'insert') this.#listIndexes.before(statement.sql);
    this.#assignedId = null;
    this.#changes.begin(statement, table);
    const { maxRows } = options;
    const result =
      maxRows === undefined
        ? this.#execute(statement, table)
        : this.#atomically(() => limited(this.#execute(statement, table), maxRows));
    this.#changes.end(statement, table, result.matched);
    return result;
  }

  #execute(statement: Exclude<WriteStatement, { kind: 'schema' }>, table: TableDefinition): WriteResult {
    // One SQLite statement is atomic by itself: a savepoint costs a quarter of a group's throughput.
    if (statement.kind !== 'insert') return executeModify(this.#context, table, statement);
    if (statement.partly === true) return executeInsert(this.#context, table, statement);
    if (
      Array.isArray(statement.rows) &&
      statement.rows.length === 1 &&
      (statement.mode === 'insert' || statement.mode === 'put')
    ) {
      return executeInsert(this.#context, table, statement);
    }
    return this.#atomically(() => executeInsert(this.#context, table, statement));
  }

  /** Runs a procedure inside the open transaction. When it throws, nothing of it is kept; as with write(), the transaction may be gone then. */
  call(call: ProcedureCall, options: Pick<WriteOptions, 'foreignKeyChecks'>): unknown {
    assert.ok(this.inTransaction, 'a procedure that writes runs inside a transaction');
    const planned = { ...options, catalogVersion: this.catalog.version };
    return this.#procedure(call).run(call.input, {
      catalog: this.catalog,
      read: (statement) => this.read(statement),
      write: (statement) => this.write(statement, planned),
      savepoint: (statement) => this.savepoint(statement),
      atomically: (work) => this.#atomically(work),
    });
  }

  /** Runs a procedure that only reads, on one snapshot: that of the open transaction, or one of its own. */
  callReading(call: ProcedureCall): unknown {
    const ownTransaction = !this.#connection.inTransaction;
    if (ownTransaction) this.#connection.run('BEGIN');
    try {
      return this.#procedure(call).run(call.input, {
        catalog: this.catalog,
        read: (statement) => this.read(statement),
        write: () => assert.fail(`the procedure ${call.name} writes where it may only read`),
        savepoint: () => undefined,
        atomically: (work) => work(),
      });
    } finally {
      if (ownTransaction && this.#connection.inTransaction) this.#connection.run('COMMIT');
    }
  }

  #procedure({ name }: ProcedureCall): StoreProcedure {
    const procedure = this.#procedures.get(name);
    assert.ok(procedure, `the procedure ${name} is registered`);
    return procedure;
  }

  savepoint(statement: SavepointStatement): void {
    const name = quoteName(`user.${statement.name.toLowerCase()}`);
    try {
      switch (statement.kind) {
        case 'savepoint':
          this.#changes.record();
          this.#connection.exec(`SAVEPOINT ${name}`);
          return;
        case 'rollback-to':
          this.#connection.exec(`ROLLBACK TO ${name}`);
          return;
        case 'release':
          this.#connection.exec(`RELEASE ${name}`);
          return;
      }
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('no such savepoint')) {
        throw failure('ER_SP_DOES_NOT_EXIST', 'SAVEPOINT', statement.name);
      }
      throw translateFailure(error);
    }
  }

  /**
   * Commits the open transaction: durable when this returns. Returns what it changed, or null when it changed nothing. `groupId` is stored
   * with it, for whoever must find out after a crash whether it was done. When it throws, nothing is kept.
   */
  commit(groupId = 0): Commit | null {
    return this.#commit(groupId, null);
  }

  #commit(groupId: number, schemaTables: readonly TableChanges[] | null): Commit | null {
    const connection = this.#connection;
    try {
      const changes = schemaTables ?? this.#changes.take(this.catalog);
      // A schema change sees to the indexes itself.
      if (schemaTables === null) this.#listIndexes.catchUp();
      const sequence = this.#sequence + 1;
      const changed = changes.length > 0 || schemaTables !== null;
      if (changed) {
        this.#context.autoIncrement.beforeCommit();
        const current = tables.advanceState(connection, sequence, groupId, this.#writerEpoch);
        if (!current) throw new SluiceError('ER_UNKNOWN_ERROR', 'Another writer has taken over this data directory');
      }
      connection.run('COMMIT');
      this.#context.autoIncrement.afterCommit();
      if (!changed) return null;
      this.#sequence = sequence;
      return { sequence, changes, schemaChanged: schemaTables !== null };
    } catch (error) {
      this.rollback();
      throw translateFailure(error);
    }
  }

  /** Ends the open transaction, if SQLite has not done so already, and forgets what it did. */
  rollback(): void {
    this.#changes.discard();
    this.#context.autoIncrement.afterRollback();
    if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK');
  }

  /** Runs a schema change in a transaction of its own. Afterwards `catalog` is the new one. */
  changeSchema(
    statement: Extract<WriteStatement, { kind: 'schema' }>,
    options: WriteOptions,
    groupId = 0,
  ): { result: WriteResult; commit: Commit } {
    this.#checkPlan(options);
    const connection = this.#connection;
    this.begin({ foreignKeyChecks: false });
    try {
      connection.exec('PRAGMA legacy_alter_table = ON');
      const done = executeSchemaChange(this.#context, statement.change, options);
      tables.bumpCatalogVersion(connection);
      const changes = done.tables.map(({ database, name }) => ({ database, table: name, rows: null }));
      const commit = this.#commit(groupId, changes);
      assert.ok(commit, 'a schema change is a commit');
      this.refreshCatalog();
      return { result: { affected: done.affected, matched: done.affected, insertId: 0, warnings: [] }, commit };
    } catch (error) {
      this.rollback();
      throw translateFailure(error);
    } finally {
      connection.exec('PRAGMA legacy_alter_table = OFF');
    }
  }

  /** Moves what it can from the WAL into the file. */
  checkpoint(): void {
    this.#connection.exec('PRAGMA wal_checkpoint(PASSIVE)');
  }

  /** The next AUTO_INCREMENT value of a table. Only the writing engine knows it. */
  nextAutoIncrement(database: string, table: string): number | bigint {
    return this.#context.autoIncrement.peek(this.#table(database, table));
  }

  close(): void {
    this.#committed?.close();
    if (!this.#readOnly) this.#closeWriter();
    this.#connection.close();
  }

  #closeWriter(): void {
    this.rollback();
    try {
      this.#connection.exec('BEGIN IMMEDIATE');
      // Not when another writer has taken over: its counters are ahead of these.
      if (this.readState().writerEpoch === this.#writerEpoch) this.#context.autoIncrement.storeExact();
      this.#connection.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
    } catch (error) {
      // The counters' reserved blocks are in the file already: closing without the exact marks skips ids and loses nothing.
      process.emitWarning(`the data file could not be tidied up at its close: ${String(error)}`);
      if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK');
    }
  }

  #table(database: string, name: string): TableDefinition {
    const table = this.catalog.table(database, name);
    if (table === undefined) throw failure('ER_NO_SUCH_TABLE', database, name);
    return table;
  }

  #checkPlan(options: WriteOptions): void {
    if (options.catalogVersion !== this.catalog.version) throw failure('SLUICE_STALE_PLAN');
  }

  #atomically<T>(work: () => T): T {
    const connection = this.#connection;
    const mark = this.#changes.mark();
    connection.run('SAVEPOINT statement');
    try {
      const result = work();
      connection.run('RELEASE statement');
      return result;
    } catch (error) {
      if (connection.inTransaction) connection.exec('ROLLBACK TO statement; RELEASE statement');
      this.#changes.takeBack(mark);
      throw error;
    }
  }

  /** SQLite ignores this pragma inside a transaction. */
  #setForeignKeys(on: boolean): void {
    if (on === this.#foreignKeys) return;
    this.#connection.exec(`PRAGMA foreign_keys = ${on ? 'ON' : 'OFF'}`);
    this.#foreignKeys = on;
  }

  #takeAssignedId(): number | bigint | null {
    const id = this.#assignedId;
    this.#assignedId = null;
    return id;
  }
}

function limited(result: WriteResult, maxRows: number): WriteResult {
  if (result.affected > maxRows) throw failure('SLUICE_DML_ROW_LIMIT', maxRows);
  return result;
}

/** Near enough to keep chunks from growing large. */
function approximateBytes(row: StoreRow): number {
  let bytes = 0;
  for (const value of row) bytes += typeof value === 'string' || value instanceof Uint8Array ? value.length : 8;
  return bytes;
}
