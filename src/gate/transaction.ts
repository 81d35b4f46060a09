/**
 * Explicit transactions over a Store: serializable by validation. While a transaction only reads, it keeps a snapshot. At its first write it
 * takes the writer, first come first served; if since its snapshot a commit changed what one of its reads could have seen, it is refused with
 * 1213; otherwise it goes on at the newest state, which its reads still describe. READ COMMITTED keeps neither snapshot nor reads.
 */
import type { Footprint } from '../changes/condition.ts';
import type { ChangeFeed } from '../changes/feed.ts';
import { touches } from '../changes/matcher.ts';
import { failure, SluiceError } from '../errors.ts';
import type { ProcedureCall, RunningCall } from '../stores/procedure.ts';
import type {
  ReadStatement,
  SavepointStatement,
  WorkOptions,
  WriteOptions,
  WriteResult,
  WriteStatement,
} from '../stores/statement.ts';
import type { RowStream, Snapshot, Store, WriterLease } from '../stores/store.ts';
import type { StoreRow } from '../stores/values.ts';
import type { Turn, WriterTurns } from './writer-turns.ts';

export interface TransactionOptions {
  readonly readOnly: boolean;
  /** READ COMMITTED and below: every statement reads the newest state. */
  readonly readsNewest: boolean;
  readonly foreignKeyChecks: boolean;
  readonly lockWaitTimeoutMs: number;
  /** This client's transactions tend to write: waiting for its turn before the first read spares it a conflict. */
  readonly likelyWrites: boolean;
}

/** Reads kept for the check. Beyond this the tables of the reads count as a whole. */
const MAX_FOOTPRINTS = 1_000;

export class Transaction {
  readonly options: TransactionOptions;
  readonly startedAt = Date.now();
  readonly #store: Store;
  readonly #feed: ChangeFeed;
  readonly #turns: WriterTurns;
  #turn: Turn | null = null;
  #snapshot: Snapshot | null = null;
  #lease: WriterLease | null = null;
  #footprints: Footprint[] = [];
  /** Savepoints set before the first write: the store learns of them with the writer. */
  #savepoints: string[] = [];
  #failed: Error | null = null;
  #wrote = false;

  constructor(store: Store, feed: ChangeFeed, turns: WriterTurns, options: TransactionOptions) {
    this.#store = store;
    this.#feed = feed;
    this.#turns = turns;
    this.options = options;
  }

  get wrote(): boolean {
    return this.#wrote;
  }

  /** The writer is held: reads must see the transaction's own writes, so they run there. */
  get holdsWriter(): boolean {
    return this.#lease !== null;
  }

  /** The client has sent another statement. */
  touch(): void {
    this.#turn?.touch();
  }

  /** Before the first read of a transaction that will probably write: null when there is nothing to wait for. */
  takeTurn(): Promise<void> | null {
    if (
      !this.options.likelyWrites ||
      this.#turn !== null ||
      this.#snapshot !== null ||
      this.#lease !== null ||
      this.options.readsNewest
    )
      return null;
    const turn = this.#turns.take();
    if (turn.ready === null) {
      this.#turn = turn;
      return null;
    }
    this.#turn = turn;
    return turn.ready;
  }

  /** START TRANSACTION WITH CONSISTENT SNAPSHOT. */
  openSnapshot(): Snapshot {
    this.#snapshot ??= this.#store.openSnapshot();
    return this.#snapshot;
  }

  /** For short reads while the writer is not held. */
  readInline(statement: ReadStatement, footprints: () => readonly Footprint[]): StoreRow[] {
    this.#checkAlive();
    if (this.options.readsNewest) return this.#store.readInline(statement);
    const snapshot = this.openSnapshot();
    const rows = snapshot.readInline(statement);
    this.#remember(footprints());
    return rows;
  }

  /** Short work of several reads on the snapshot (on the newest state, where the transaction reads that: one commit all the same). */
  inSnapshot<Result>(
    work: (read: (statement: ReadStatement) => StoreRow[]) => Result,
    footprints: readonly Footprint[],
  ): Result {
    this.#checkAlive();
    if (!this.options.readsNewest) {
      const snapshot = this.openSnapshot();
      const result = work((statement) => snapshot.readInline(statement));
      this.#remember(footprints);
      return result;
    }
    const snapshot = this.#store.openSnapshot();
    try {
      return work((statement) => snapshot.readInline(statement));
    } finally {
      snapshot.close();
    }
  }

  /** A procedure that reads, in a reader: as readStream(). */
  callReading(call: ProcedureCall, footprints: readonly Footprint[]): RunningCall {
    this.#checkAlive();
    const { procedures } = this.#store;
    if (procedures === undefined) throw failure('ER_NOT_SUPPORTED_YET', 'procedures on this store');
    if (this.options.readsNewest) return procedures.read(call);
    this.#moveForward(footprints);
    const since = this.openSnapshot().sequence;
    this.#remember(footprints);
    const running = procedures.read(call);
    const checked = async (): Promise<unknown> => {
      const result = await running.result;
      if (this.#conflict(footprints, since)) throw this.#refuse();
      return result;
    };
    return { result: checked(), cancel: (reason) => running.cancel(reason) };
  }

  /** Takes the writer, as a write does. */
  async callWriting(call: ProcedureCall, options: WorkOptions): Promise<unknown> {
    if (this.options.readOnly) throw failure('ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION');
    await this.#takeWriter();
    this.#wrote = true;
    return this.callInWriter(call, options);
  }

  /** Sees the transaction's own writes. */
  async callInWriter(call: ProcedureCall, options: WorkOptions): Promise<unknown> {
    this.#checkAlive();
    if (this.#lease === null) throw new Error('the writer is not held');
    if (this.#lease.call === undefined) throw failure('ER_NOT_SUPPORTED_YET', 'procedures on this store');
    return this.#guard(this.#lease.call(call, options));
  }

  /** Sees the transaction's own writes. */
  async readInWriter(statement: ReadStatement, options: WorkOptions): Promise<StoreRow[]> {
    this.#checkAlive();
    if (this.#lease === null) throw new Error('the writer is not held');
    return this.#guard(this.#lease.read(statement, options));
  }

  /** SELECT ... FOR UPDATE: takes the writer, as a write does. */
  async readLocked(statement: ReadStatement, nowait: boolean, options: WorkOptions): Promise<StoreRow[]> {
    const lease = await (nowait ? this.#takeWriterNow() : this.#takeWriter());
    return this.#guard(lease.read(statement, options));
  }

  /**
   * Long reads, in a reader process, which sees the newest state: right as long as that agrees with the snapshot on the tables read. Where it
   * does not, the snapshot is moved forward if the earlier reads allow it.
   */
  readStream(statement: ReadStatement, footprints: readonly Footprint[]): RowStream {
    this.#checkAlive();
    if (this.options.readsNewest) return this.#store.read(statement);
    this.#moveForward(footprints);
    const since = this.openSnapshot().sequence;
    this.#remember(footprints);
    const stream = this.#store.read(statement);
    return { chunks: this.#checked(stream, footprints, since), cancel: (reason) => stream.cancel(reason) };
  }

  async *#checked(
    stream: RowStream,
    footprints: readonly Footprint[],
    since: number,
  ): AsyncGenerator<readonly StoreRow[]> {
    for await (const chunk of stream.chunks) yield chunk;
    if (this.#conflict(footprints, since)) throw this.#refuse();
  }

  #moveForward(footprints: readonly Footprint[]): void {
    if (this.#snapshot === null || !this.#conflict(footprints, this.#snapshot.sequence)) return;
    if (this.#conflict(this.#footprints, this.#snapshot.sequence)) throw this.#refuse();
    this.#snapshot.close();
    this.#snapshot = this.#store.openSnapshot();
  }

  async write(statement: WriteStatement, options: WriteOptions): Promise<WriteResult> {
    if (this.options.readOnly) throw failure('ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION');
    const lease = await this.#takeWriter();
    this.#wrote = true;
    return this.#guard(lease.write(statement, options));
  }

  async savepoint(statement: SavepointStatement): Promise<void> {
    this.#checkAlive();
    if (this.#lease !== null) return this.#guard(this.#lease.savepoint(statement));
    // Nothing is written yet: savepoints are only names.
    const known = this.#savepoints.indexOf(statement.name.toLowerCase());
    if (statement.kind === 'savepoint') {
      if (known >= 0) this.#savepoints.splice(known, 1);
      this.#savepoints.push(statement.name.toLowerCase());
      return;
    }
    if (known < 0) throw failure('ER_SP_DOES_NOT_EXIST', 'SAVEPOINT', statement.name);
    this.#savepoints.length = statement.kind === 'release' ? known : known + 1;
  }

  async commit(): Promise<void> {
    const lease = this.#lease;
    this.#checkAlive();
    this.#lease = null;
    try {
      if (lease !== null) await lease.commit();
    } finally {
      this.#end();
    }
  }

  async rollback(): Promise<void> {
    const lease = this.#lease;
    this.#lease = null;
    this.#end();
    await lease?.rollback();
  }

  async #takeWriterNow(): Promise<WriterLease> {
    try {
      return await this.#takeWriter(0);
    } catch (error) {
      throw error instanceof SluiceError && error.code === 'ER_LOCK_WAIT_TIMEOUT' ? failure('ER_LOCK_NOWAIT') : error;
    }
  }

  async #takeWriter(waitMs = this.options.lockWaitTimeoutMs): Promise<WriterLease> {
    this.#checkAlive();
    if (this.#lease !== null) return this.#lease;
    const lease = await this.#store.acquireWriter(waitMs, this.options);
    if (this.#failed !== null) {
      await lease.rollback();
      throw this.#failed;
    }
    if (this.#snapshot !== null && this.#conflict(this.#footprints, this.#snapshot.sequence)) {
      await lease.rollback();
      throw this.#refuse();
    }
    this.#lease = lease;
    this.#snapshot?.close();
    this.#snapshot = null;
    this.#footprints = [];
    for (const name of this.#savepoints) await lease.savepoint({ kind: 'savepoint', name });
    this.#savepoints = [];
    return lease;
  }

  /** Whether a commit after `since` changed what `footprints` could have seen. */
  #conflict(footprints: readonly Footprint[], since: number): boolean {
    if (footprints.length === 0) return false;
    const commits = this.#feed.since(since);
    if (commits === null) return true;
    return commits.some((commit) =>
      commit.changes.some((changes) => footprints.some((footprint) => touches(changes, footprint))),
    );
  }

  #remember(footprints: readonly Footprint[]): void {
    for (const footprint of footprints) this.#footprints.push(footprint);
    if (this.#footprints.length <= MAX_FOOTPRINTS) return;
    const tables = new Map(
      this.#footprints.map((footprint) => [`${footprint.database}.${footprint.table}`, footprint]),
    );
    this.#footprints = [...tables.values()].map(({ database, table }) => ({
      database,
      table,
      columns: null,
      condition: null,
    }));
  }

  /** Ends the transaction: the rows that it read have changed. */
  #refuse(): Error {
    const error = failure('ER_LOCK_DEADLOCK', 'Rows that this transaction has read were changed by another one');
    this.fail(error);
    return error;
  }

  /** Ends it from outside: a timeout, KILL. What follows is answered with `reason`. */
  fail(reason: Error): void {
    if (this.#failed !== null) return;
    this.#failed = reason;
    const lease = this.#lease;
    this.#lease = null;
    this.#end();
    lease?.rollback().catch(() => undefined);
  }

  get failed(): Error | null {
    return this.#failed;
  }

  #checkAlive(): void {
    if (this.#failed !== null) throw this.#failed;
  }

  /** A lost writer or a full disk ends the whole transaction; other failures end only their statement. */
  async #guard<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (isFatal(error)) this.fail(error as Error);
      else if (isEnding(error))
        this.fail(
          failure(
            'ER_LOCK_DEADLOCK',
            'A statement of this transaction was ended in the writer, and the transaction with it',
          ),
        );
      throw error;
    }
  }

  #end(): void {
    this.#snapshot?.close();
    this.#snapshot = null;
    this.#footprints = [];
    this.#turn?.end();
    this.#turn = null;
  }
}

const FATAL = new Set(['ER_LOCK_DEADLOCK', 'ER_DISK_FULL', 'SLUICE_OUTCOME_UNKNOWN', 'ER_SERVER_SHUTDOWN']);

/** KILL, or the statement's limit of time: the writer was ended in the middle of it. */
function isEnding(error: unknown): boolean {
  return error instanceof SluiceError && (error.code === 'ER_QUERY_INTERRUPTED' || error.code === 'ER_QUERY_TIMEOUT');
}

function isFatal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && FATAL.has(String(error.code));
}
