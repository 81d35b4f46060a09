/** What the front asks of the writer, and the answers, which come in the order of the requests. */
import type { SerializedFailure } from '../../errors.ts';
import type { ProcedureCall } from '../procedure.ts';
import type { ReadStatement, SavepointStatement, WriteOptions, WriteStatement } from '../statement.ts';
import type { Commit } from '../store.ts';
import type { StoredState } from './catalog-tables.ts';

export interface GroupEntry {
  readonly statement: WriteStatement | ProcedureCall;
  readonly options: WriteOptions;
}

/** Work inside the explicit transaction that holds the writer. */
export type LeaseWork =
  | {
      readonly kind: 'write';
      readonly statement: Exclude<WriteStatement, { kind: 'schema' }>;
      readonly options: WriteOptions;
    }
  | { readonly kind: 'read'; readonly statement: ReadStatement }
  | { readonly kind: 'call'; readonly call: ProcedureCall }
  | { readonly kind: 'savepoint'; readonly statement: SavepointStatement }
  | { readonly kind: 'commit'; readonly groupId: number }
  | { readonly kind: 'rollback' };

export type WriterRequest =
  /** Autocommit statements that share a transaction: no schema change among them unless it is alone, all with the same foreignKeyChecks. */
  | { readonly kind: 'group'; readonly groupId: number; readonly entries: readonly GroupEntry[] }
  /** `begin` comes with the first work of a transaction. */
  | { readonly kind: 'lease'; readonly begin: Pick<WriteOptions, 'foreignKeyChecks'> | null; readonly work: LeaseWork };

export type Outcome<T> = { readonly value: T } | { readonly failure: SerializedFailure };

export interface GroupReply {
  readonly kind: 'group';
  /** One for each entry: a WriteResult, or what a procedure gave. */
  readonly outcomes: readonly Outcome<unknown>[];
  /** Of all groups that were carried out together: in the reply to the first of them. */
  readonly commit: Commit | null;
}

export interface LeaseReply {
  readonly kind: 'lease';
  /** WriteResult, rows, what a procedure gave, or null. */
  readonly outcome: Outcome<unknown>;
  readonly commit: Commit | null;
  /** Whether the transaction goes on. */
  readonly open: boolean;
}

export type WriterReply = GroupReply | LeaseReply;

/** A writer's first message. */
export type WriterGreeting =
  | { readonly kind: 'ready'; readonly state: StoredState }
  | { readonly kind: 'failed'; readonly failure: SerializedFailure };

/** What the writer is at. */
export interface RunningEntry {
  readonly groupId: number;
  /** Its place in the group, from 0. */
  readonly place: number;
  readonly forMs: number;
}

/** The way to the writer, whether it is a process or in this one. */
export interface WriterPort {
  /** Ends the writer in the middle of what it does: what is in flight is lost (WriterLost). Absent: it cannot be ended. */
  kill?(): void;
  /** Which entry of a group the writer is at; null: none, or it is not known just now. Absent: it is never known. */
  running?(): RunningEntry | null;
  /** Rejects with WriterLost, like every request before it that has no answer, when the writer ended. */
  send(request: WriterRequest): Promise<WriterReply>;
  /** After a loss: waits for the next writer and tells what the lost one has committed. */
  recover(): Promise<StoredState>;
  close(): Promise<void>;
}

/** The writer ended before it answered. */
export class WriterLost extends Error {
  constructor(reason: string) {
    super(`the writer process ended (${reason})`);
    this.name = 'WriterLost';
  }
}
