/** An explicit transaction's hold of the writer, as write-queue.ts gives it: one at a time. */
import assert from 'node:assert';
import { deserializeFailure, failure } from '../../errors.ts';
import type { ProcedureCall } from '../procedure.ts';
import type {
  ReadStatement,
  SavepointStatement,
  WorkOptions,
  WriteOptions,
  WriteResult,
  WriteStatement,
} from '../statement.ts';
import type { Commit, WriterLease } from '../store.ts';
import type { StoreRow } from '../values.ts';
import type { LeaseReply, LeaseWork, Outcome } from './writer-protocol.ts';

/** What the queue does for a lease. */
export interface LeaseHost {
  send(begin: Pick<WriteOptions, 'foreignKeyChecks'> | null, work: LeaseWork): Promise<LeaseReply>;
  nextGroupId(): number;
  report(commit: Commit): void;
  release(): void;
}

/** The transaction begins in the writer with the first work. */
export class Lease implements WriterLease {
  readonly sequence: number;
  readonly #host: LeaseHost;
  readonly #options: Pick<WriteOptions, 'foreignKeyChecks'>;
  #state: 'granted' | 'open' | 'ended' = 'granted';
  #running: { readonly options: WorkOptions; readonly since: number } | null = null;
  /** What its statement was ended with, and the whole transaction with it. */
  cancelled: Error | null = null;

  constructor(sequence: number, options: Pick<WriteOptions, 'foreignKeyChecks'>, host: LeaseHost) {
    this.sequence = sequence;
    this.#options = options;
    this.#host = host;
  }

  async write(statement: WriteStatement, options: WriteOptions): Promise<WriteResult> {
    assert.notEqual(statement.kind, 'schema', 'schema changes commit by themselves');
    return (await this.#work(
      { kind: 'write', statement: statement as Exclude<WriteStatement, { kind: 'schema' }>, options },
      options,
    )) as WriteResult;
  }

  /** Work with these options is with the writer. */
  runs(options: WorkOptions): boolean {
    return this.#running?.options === options;
  }

  get isBusy(): boolean {
    return this.#running !== null;
  }

  /** What is with the writer takes longer than it may. */
  isOverdue(): boolean {
    return this.#running !== null && isOver(this.#running.options, performance.now() - this.#running.since);
  }

  async read(statement: ReadStatement, options: WorkOptions): Promise<StoreRow[]> {
    return (await this.#work({ kind: 'read', statement }, options)) as StoreRow[];
  }

  call(call: ProcedureCall, options: WorkOptions): Promise<unknown> {
    return this.#work({ kind: 'call', call }, options);
  }

  async savepoint(statement: SavepointStatement): Promise<void> {
    await this.#work({ kind: 'savepoint', statement }, {});
  }

  async commit(): Promise<Commit | null> {
    if (this.#state === 'granted') return this.#end(null);
    this.#checkOpen();
    this.#state = 'ended';
    try {
      const reply = await this.#host.send(null, { kind: 'commit', groupId: this.#host.nextGroupId() });
      if (reply.commit !== null && reply.commit.changes.length > 0) this.#host.report(reply.commit);
      unwrap(reply.outcome);
      return reply.commit;
    } finally {
      this.#host.release();
    }
  }

  async rollback(): Promise<void> {
    if (this.#state === 'ended') return;
    if (this.#state === 'granted') {
      this.#end(null);
      return;
    }
    this.#state = 'ended';
    try {
      await this.#host.send(null, { kind: 'rollback' });
    } finally {
      this.#host.release();
    }
  }

  #end<T>(result: T): T {
    this.#state = 'ended';
    this.#host.release();
    return result;
  }

  async #work(work: LeaseWork, options: WorkOptions): Promise<unknown> {
    this.#checkOpen();
    this.#running = { options, since: performance.now() };
    const begin = this.#state === 'granted' ? this.#options : null;
    this.#state = 'open';
    const reply = await this.#host.send(begin, work);
    this.#running = null;
    // SQLite, or the end of the writer, has rolled the transaction back: the writer is free again.
    if (!reply.open && this.#state === 'open') this.#end(null);
    return unwrap(reply.outcome);
  }

  #checkOpen(): void {
    if (this.#state === 'ended') throw failure('ER_LOCK_DEADLOCK', 'The transaction was rolled back');
  }
}

/** The time of work with these options is over. */
export function isOver({ timeLimitMs = 0 }: WorkOptions, forMs: number): boolean {
  return timeLimitMs > 0 && forMs >= timeLimitMs;
}

function unwrap<T>(outcome: Outcome<T>): T {
  if ('failure' in outcome) throw deserializeFailure(outcome.failure);
  return outcome.value;
}
