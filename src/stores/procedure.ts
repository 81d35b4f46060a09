/**
 * Procedures: work of several statements that runs where the data is, as one request. The rooms above write them; composition roots (processes/) hand the
 * list to every process of a store, as they do with functions (function.ts). A call is plain data, and so is its result: both cross processes.
 */
import type { Catalog } from './catalog.ts';
import type {
  InsertStatement,
  ModifyStatement,
  ReadStatement,
  SavepointStatement,
  WriteOptions,
  WriteResult,
} from './statement.ts';
import type { StoreRow } from './values.ts';

export interface ProcedureCall {
  readonly kind: 'procedure';
  readonly name: string;
  readonly input: unknown;
  /** About what it takes on its way to the writer: groups of writes are kept small. */
  readonly bytes: number;
}

/** The transaction that a procedure runs in. When it throws, it must have left nothing behind: a single write does, and `atomically` sees to it for several. */
export interface ProcedureTransaction {
  readonly catalog: Catalog;
  read(statement: ReadStatement): StoreRow[];
  /** Only where the procedure was called to write. */
  write(statement: InsertStatement | ModifyStatement): WriteResult;
  savepoint(statement: SavepointStatement): void;
  /** Undoes what `work` did when it throws. */
  atomically<T>(work: () => T): T;
}

export interface StoreProcedure {
  readonly name: string;
  run(input: unknown, transaction: ProcedureTransaction): unknown;
}

/** A call on its way in a reader. */
export interface RunningCall {
  readonly result: Promise<unknown>;
  /** Ends the work at once; `result` then rejects with the failure given. */
  cancel(reason: Error): void;
}

/** Where procedures are called. Calls inside an explicit transaction: WriterLease.call(). */
export interface ProcedureHost {
  /** In the writer, by itself: joins the next group of writes, and is answered when it is durable and reported, as Store.write() is. */
  write(call: ProcedureCall, options: Omit<WriteOptions, 'catalogVersion'>): Promise<unknown>;
  /** In a reader, on one snapshot of the newest state. */
  read(call: ProcedureCall): RunningCall;
}
