/**
 * The embedded store: the Store contract over one SQLite file. This process reads short things inline with an engine of its own; the writer and
 * the long reads are child processes (openSqliteStore), or in this process too (openInlineStore).
 *
 * Read next: engine.ts, then write-queue.ts (how writes become groups and what happens when the writer dies) and reader-pool.ts.
 */
import type { Catalog } from '../catalog.ts';
import type { StoreFunction } from '../function.ts';
import type { ProcedureHost, StoreProcedure } from '../procedure.ts';
import type { SharedReads } from '../shared-reads.ts';
import type { ReadStatement, WorkOptions, WriteOptions, WriteResult, WriteStatement } from '../statement.ts';
import type { Commit, RowStream, Snapshot, Store, WriterLease } from '../store.ts';
import type { SystemTable } from '../system-table.ts';
import type { StoreRow } from '../values.ts';
import type { StoredState } from './catalog-tables.ts';
import { type DirectoryLock, lockDirectory } from './data-directory.ts';
import { Engine, type EngineOptions } from './engine.ts';
import { EnginePool } from './engine-pool.ts';
import { inlineCall, inlineSharedReads, inlineStream } from './inline-reads.ts';
import { InlineWriter } from './inline-writer.ts';
import { ReaderPool } from './reader-pool.ts';
import { WriteQueue } from './write-queue.ts';
import { WriterProcess, type WriterTuning } from './writer-process.ts';
import type { WriterPort } from './writer-protocol.ts';

export interface SqliteStoreOptions {
  /** Made when it is missing. */
  readonly directory: string;
  readonly synchronous: 'FULL' | 'NORMAL';
  /** SQL functions that statements call; child processes bring their own list of the same. */
  readonly functions: readonly StoreFunction[];
  /** What the store's clients may call, and the tables that are always there. Child processes bring their own list of the same. */
  readonly procedures?: readonly StoreProcedure[];
  readonly systemTables?: readonly SystemTable[];
  /** How long an autocommit statement waits while a transaction holds the writer. */
  readonly lockWaitTimeoutMs: number;
}

export interface ChildProcessOptions {
  /** File URLs of the entry points. */
  readonly writerScript: string;
  readonly readerScript: string;
  /** Number of reader processes. */
  readonly readers: number;
  readonly writerTuning?: WriterTuning | undefined;
}

/**
 * Opens the store with a writer process and reader processes.
 * @throws SluiceError when another process has the directory, or the file is not Sluice's or of a later format.
 */
export async function openSqliteStore(
  options: SqliteStoreOptions,
  children: ChildProcessOptions,
): Promise<SqliteStore> {
  const { directory, synchronous } = options;
  const lock = lockDirectory(directory);
  const { writerScript, writerTuning: tuning } = children;
  const writer = new WriterProcess({ script: writerScript, directory, synchronous, tuning });
  let readers: ReaderPool | null = null;
  try {
    const state = await writer.ready();
    // Not before: three processes that start at once would make the one that is waited for take longer.
    readers = new ReaderPool({ script: children.readerScript, directory, readers: children.readers });
    return new SqliteStore(options, { lock, port: writer, state, readers, writerProcess: writer });
  } catch (error) {
    await Promise.all([writer.close(), readers?.close()]);
    lock.release();
    throw error;
  }
}

/** Opens the store with everything in this process. Throws as openSqliteStore() does. */
export function openInlineStore(options: SqliteStoreOptions): SqliteStore {
  const lock = lockDirectory(options.directory);
  try {
    const engine = Engine.open(options.directory, { ...engineOptions(options), readOnly: false });
    const state = engine.readState();
    return new SqliteStore(options, {
      lock,
      port: new InlineWriter(engine),
      state,
      readers: null,
      writerProcess: null,
    });
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Of the engine that answers short reads. */
function engineOptions({
  synchronous,
  functions,
  procedures = [],
  systemTables = [],
}: SqliteStoreOptions): EngineOptions {
  return { readOnly: true, synchronous, functions, procedures, systemTables, cacheMebibytes: 64 };
}

interface Parts {
  readonly lock: DirectoryLock;
  readonly port: WriterPort;
  readonly state: StoredState;
  /** null: streams run in this process. */
  readonly readers: ReaderPool | null;
  readonly writerProcess: WriterProcess | null;
}

export class SqliteStore implements Store {
  readonly #parts: Parts;
  readonly #engine: Engine;
  readonly #engines: EnginePool;
  readonly #queue: WriteQueue;
  readonly procedures: ProcedureHost;
  readonly #listeners = new Set<(commit: Commit) => void>();
  #sequence: number;
  /** The file's data version when its newest commit was last seen to be a reported one. */
  #reportedVersion = -1;

  /** See openSqliteStore() and openInlineStore(). */
  constructor(options: SqliteStoreOptions, parts: Parts) {
    this.#parts = parts;
    this.#engine = Engine.open(options.directory, engineOptions(options));
    this.#engines = new EnginePool(() =>
      Engine.open(options.directory, { ...engineOptions(options), cacheMebibytes: 8 }),
    );
    this.#sequence = parts.state.sequence;
    this.#queue = new WriteQueue({
      port: parts.port,
      state: parts.state,
      lockWaitTimeoutMs: options.lockWaitTimeoutMs,
      sequence: () => this.#sequence,
      report: (commit) => this.#report(commit),
      reportUnknown: (state) => this.#reportUnknown(state),
    });
    this.procedures = {
      write: (call, writeOptions) => this.#queue.call(call, writeOptions),
      read: (call) => this.#parts.readers?.call(call) ?? inlineCall(call, this.#engines),
    };
  }

  get catalog(): Catalog {
    return this.#engine.catalog;
  }

  get sequence(): number {
    return this.#sequence;
  }

  /** Process ids of the writer and the readers, for status pages and fault tests. */
  get processes(): { readonly writer: number | undefined; readonly readers: readonly number[] } {
    return { writer: this.#parts.writerProcess?.pid, readers: this.#parts.readers?.pids ?? [] };
  }

  unreported(): number | null {
    const version = this.#engine.dataVersion();
    if (version === this.#reportedVersion) return null;
    const { sequence } = this.#engine.readState();
    if (sequence > this.#sequence) return sequence;
    this.#reportedVersion = version;
    return null;
  }

  readInline(statement: ReadStatement): StoreRow[] {
    return this.#engine.read(statement);
  }

  read(statement: ReadStatement, isFirst = false): RowStream {
    if (this.#parts.readers) return this.#parts.readers.read(statement, isFirst);
    const engine = this.#engines.take();
    return inlineStream(statement, engine, () => this.#engines.giveBack(engine));
  }

  shareReads(width: number): Promise<SharedReads> {
    const { readers } = this.#parts;
    return readers === null ? Promise.resolve(inlineSharedReads(this.#engines)) : readers.share(width);
  }

  openSnapshot(): Snapshot {
    const engine = this.#engines.take();
    const sequence = engine.beginSnapshot();
    let open = true;
    return {
      sequence,
      readInline: (statement) => engine.read(statement),
      close: () => {
        if (!open) return;
        open = false;
        engine.endSnapshot();
        this.#engines.giveBack(engine);
      },
    };
  }

  write(statement: WriteStatement, options: WriteOptions): Promise<WriteResult> {
    return this.#queue.write(statement, options);
  }

  cancelWrite(options: WorkOptions, reason: Error): void {
    this.#queue.cancel(options, reason);
  }

  get waitingForWriter(): number {
    return this.#queue.waiting;
  }

  acquireWriter(timeoutMs: number, options: Pick<WriteOptions, 'foreignKeyChecks'>): Promise<WriterLease> {
    return this.#queue.acquire(timeoutMs, options);
  }

  onCommit(listener: (commit: Commit) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Carries out the writes that were asked for before, refuses what comes after, ends the processes. */
  async close(): Promise<void> {
    await this.#queue.close(async () => {
      await this.#parts.readers?.close();
      this.#engines.close();
    });
    this.#engines.close();
    this.#engine.close();
    this.#parts.lock.release();
  }

  #report(commit: Commit): void {
    this.#sequence = commit.sequence;
    if (commit.schemaChanged) this.#engine.refreshCatalog();
    for (const listener of this.#listeners) listener(commit);
  }

  /** A writer ended: whatever it committed without a report may have changed anything. */
  #reportUnknown(state: StoredState): void {
    if (state.sequence <= this.#sequence) return;
    const schemaChanged = state.catalogVersion !== this.catalog.version;
    const catalog = schemaChanged ? this.#engine.refreshCatalog() : this.catalog;
    const tables = catalog.databases().flatMap((database) => catalog.tables(database.name));
    const changes = tables.map(({ database, name }) => ({ database, table: name, rows: null }));
    this.#report({ sequence: state.sequence, changes, schemaChanged });
  }
}
