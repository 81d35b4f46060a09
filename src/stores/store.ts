/**
 * The Store contract: what the gate and the lists may ask of where the data is. sqlite/ is the embedded default.
 *
 * Who upholds what: a store answers a write only when it is durable and after its commit has been reported to every
 * `onCommit` listener, so a read that starts after an acknowledgement sees the write. Callers give plans made under
 * `catalog.version`; a store that has moved on rejects with a StalePlan failure and the caller plans again.
 */
import type { Catalog } from './catalog.ts';
import type { ProcedureCall, ProcedureHost } from './procedure.ts';
import type { SharedReads } from './shared-reads.ts';
import type {
  ReadStatement,
  SavepointStatement,
  WorkOptions,
  WriteOptions,
  WriteResult,
  WriteStatement,
} from './statement.ts';
import type { StoreRow, StoreValue } from './values.ts';

export interface RowChange {
  readonly op: 'insert' | 'update' | 'delete';
  /** Stored form, in the order of the primary key's columns (the hidden key for tables without one). */
  readonly key: readonly StoreValue[];
  /** All columns in table order (hidden key excluded); null for an insert. */
  readonly before: StoreRow | null;
  /** null for a delete. */
  readonly after: StoreRow | null;
}

export interface TableChanges {
  readonly database: string;
  readonly table: string;
  /** null: too many to list, or the whole table was replaced; anything in it may have changed. */
  readonly rows: readonly RowChange[] | null;
}

/** One durable commit (of a whole group of statements). */
export interface Commit {
  /** Grows by one with every commit; stored in the same transaction. */
  readonly sequence: number;
  readonly changes: readonly TableChanges[];
  readonly schemaChanged: boolean;
}

export interface RowStream {
  /** Chunks of rows, in order. Ending the loop early cancels the statement. A failure rejects. */
  readonly chunks: AsyncIterable<readonly StoreRow[]>;
  /** Ends the work at once (kills the reader if it must); `chunks` then rejects with the failure given. */
  cancel(reason: Error): void;
}

/** A read transaction held by the front: every read sees the same commit. */
export interface Snapshot {
  readonly sequence: number;
  /** Runs inline; only for statements that cannot take long. */
  readInline(statement: ReadStatement): StoreRow[];
  close(): void;
}

/** The one writer, held by an explicit transaction until commit, rollback or loss of the writer process. */
export interface WriterLease {
  /** The newest commit when the lease was given. */
  readonly sequence: number;
  write(statement: WriteStatement, options: WriteOptions): Promise<WriteResult>;
  /** Sees the transaction's own writes. */
  read(statement: ReadStatement, options: WorkOptions): Promise<StoreRow[]>;
  savepoint(statement: SavepointStatement): Promise<void>;
  /** Where the store has procedures. One that fails leaves nothing behind. */
  call?(call: ProcedureCall, options: WorkOptions): Promise<unknown>;
  /** Resolves when durable and reported. Frees the writer, as rollback does, whatever the outcome. */
  commit(): Promise<Commit | null>;
  rollback(): Promise<void>;
}

export interface Store {
  readonly catalog: Catalog;
  /** Of the newest reported commit. */
  readonly sequence: number;
  /**
   * The newest commit of the store if it has not been reported yet: reads may see it already. null: everything has been reported. Takes a few
   * microseconds.
   */
  unreported(): number | null;
  /** Inline, on the newest state; only for statements that cannot take long. */
  readInline(statement: ReadStatement): StoreRow[];
  /** In a reader process, as soon as one is idle; `isFirst`: before those that wait already. */
  read(statement: ReadStatement, isFirst?: boolean): RowStream;
  openSnapshot(): Snapshot;
  /** Up to `width` readers on one snapshot of the newest state. Where the store has readers that can share one. */
  shareReads?(width: number): Promise<SharedReads>;
  /** Autocommit: joins the next group. */
  write(statement: WriteStatement, options: WriteOptions): Promise<WriteResult>;
  /**
   * Ends work of the writer that was asked for with this very object of options, by itself or in a transaction, which is rolled back then: it rejects with `reason`. What
   * runs is ended within 100 ms or so, and nothing of it is kept; one that is being committed is committed. Does nothing when there is none.
   */
  cancelWrite?(options: WorkOptions, reason: Error): void;
  /** Statements and transactions in line for the writer. */
  readonly waitingForWriter?: number;
  /** First come, first served, also against autocommit writes. Rejects with 1205 after `timeoutMs`. */
  acquireWriter(timeoutMs: number, options: Pick<WriteOptions, 'foreignKeyChecks'>): Promise<WriterLease>;
  /** undefined: the store has none. */
  readonly procedures?: ProcedureHost;
  /** Called in commit order, before the writer's client is answered. Returns the way to stop. */
  onCommit(listener: (commit: Commit) => void): () => void;
  close(): Promise<void>;
}
