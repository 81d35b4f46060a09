/**
 * The line before the one writer: autocommit statements, which are sent in groups, and explicit transactions, which take the writer for
 * themselves (a lease). First come, first served.
 *
 * Up to GROUPS_IN_FLIGHT groups are on their way at once. The writer takes all that have arrived into one transaction, so the slower the disk,
 * the more share a wait for it. Each commit is handed to `report` before the statements of its groups are answered.
 *
 * When the writer ends, the stored group number tells what it had committed. Groups that were not are sent again, each statement by itself,
 * so that one that kills the writer takes no other with it; a second time it is given up. Groups that were committed have lost their
 * results: their outcome is unknown to the client.
 */
import assert from 'node:assert';
import { deserializeFailure, failure, SluiceError } from '../../errors.ts';
import type { ProcedureCall } from '../procedure.ts';
import type { WorkOptions, WriteOptions, WriteResult, WriteStatement } from '../statement.ts';
import type { Commit, WriterLease } from '../store.ts';
import type { StoreRow } from '../values.ts';
import type { StoredState } from './catalog-tables.ts';
import { WriteOversight } from './write-oversight.ts';
import { isOver, Lease } from './writer-lease.ts';
import { type GroupReply, type LeaseReply, type LeaseWork, WriterLost, type WriterPort } from './writer-protocol.ts';

const GROUPS_IN_FLIGHT = 8;
/** Of one group. Small enough that the writer can begin while the next one is being packed. */
const WRITE_GROUP_STATEMENTS = 32;
const WRITE_GROUP_BYTES = 4 * 1024 * 1024;
/** A statement that was with the writer this often when it ended is given up. */
const ATTEMPTS = 2;
/** A statement that was cancelled may end by itself in this time; then its writer is ended. */
const CANCEL_GRACE_MS = 50;

interface WaitingWrite {
  readonly kind: 'write';
  readonly statement: WriteStatement | ProcedureCall;
  readonly options: WriteOptions;
  /** What it is cancelled by. */
  readonly askedWith: WorkOptions;
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: Error) => void;
  /** When it is no use any more, in the clock of performance.now(). */
  readonly deadline: number;
  attempts: number;
  /** What it was ended with, while it was with the writer. */
  cancelled: Error | null;
}

interface WaitingLease {
  readonly kind: 'lease';
  readonly options: Pick<WriteOptions, 'foreignKeyChecks'>;
  readonly resolve: (lease: WriterLease) => void;
  readonly reject: (reason: Error) => void;
  readonly deadline: number;
}

interface Group {
  readonly id: number;
  readonly entries: readonly WaitingWrite[];
}

export interface WriteQueueOptions {
  readonly port: WriterPort;
  /** The file's state when the writer was started. */
  readonly state: StoredState;
  /** How long an autocommit statement waits for the writer. */
  readonly lockWaitTimeoutMs: number;
  /** The newest reported commit. */
  readonly sequence: () => number;
  /** Called for each commit, in order, before anyone is answered. */
  readonly report: (commit: Commit) => void;
  /** Called when a writer ended after commits that were not reported. */
  readonly reportUnknown: (state: StoredState) => void;
}

export class WriteQueue {
  readonly #port: WriterPort;
  readonly #options: WriteQueueOptions;
  #waiting: (WaitingWrite | WaitingLease)[] = [];
  #inFlight: Group[] = [];
  #lease: Lease | null = null;
  #recovering: Promise<void> | null = null;
  #lastGroupId: number;
  #pumpScheduled = false;
  #closing = false;
  #timer: NodeJS.Timeout | null = null;
  #timerDeadline = Number.POSITIVE_INFINITY;
  #whenIdle: (() => void) | null = null;
  readonly #oversight = new WriteOversight(() => this.#endOverdue());

  constructor(options: WriteQueueOptions) {
    this.#options = options;
    this.#port = options.port;
    this.#lastGroupId = options.state.groupId;
  }

  write(statement: WriteStatement, options: WriteOptions): Promise<WriteResult> {
    return this.#submit(statement, options, options) as Promise<WriteResult>;
  }

  /** Procedures are of no catalog version: they are planned where they run. */
  call(call: ProcedureCall, options: Omit<WriteOptions, 'catalogVersion'>): Promise<unknown> {
    return this.#submit(call, { ...options, catalogVersion: 0 }, options);
  }

  #submit(statement: WriteStatement | ProcedureCall, options: WriteOptions, askedWith: WorkOptions): Promise<unknown> {
    if (this.#closing) return Promise.reject(failure('ER_SERVER_SHUTDOWN'));
    return new Promise((resolve, reject) => {
      const deadline = performance.now() + (options.lockWaitTimeoutMs ?? this.#options.lockWaitTimeoutMs);
      const entry = { kind: 'write', statement, options, askedWith, resolve, reject, deadline } as const;
      this.#push({ ...entry, attempts: 0, cancelled: null });
    });
  }

  /** In line for the writer. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** See Store.cancelWrite. */
  cancel(options: WorkOptions, reason: Error): void {
    const waiting = this.#waiting.find((entry) => entry.kind === 'write' && entry.askedWith === options);
    if (waiting !== undefined) {
      this.#waiting = this.#waiting.filter((entry) => entry !== waiting);
      waiting.reject(reason);
      this.#schedulePump();
      return;
    }
    if (this.#lease?.runs(options) === true) {
      this.#lease.cancelled = reason;
      this.#endWriterUnless(() => this.#lease?.runs(options) !== true);
      return;
    }
    const entry = this.#inFlight.flatMap(({ entries }) => entries).find((candidate) => candidate.askedWith === options);
    if (entry === undefined) return;
    entry.cancelled = reason;
    this.#endWriterUnless(() => !this.#inFlight.some(({ entries }) => entries.includes(entry)));
  }

  /** Nothing else stops SQLite in the middle. What was in flight with it and not committed is sent again to the next one. */
  #endWriterUnless(isDone: () => boolean): void {
    const timer = setTimeout(() => {
      if (!isDone()) this.#endWriter();
    }, CANCEL_GRACE_MS);
    timer.unref();
  }

  #endWriter(): void {
    if (this.#recovering !== null) return;
    this.#endsWriter = true;
    this.#port.kill?.();
  }

  /** Ends what the writer is at when that is over its limit. false: it has nothing to do. */
  #endOverdue(): boolean {
    const lease = this.#lease;
    if (lease?.isOverdue() === true) {
      lease.cancelled ??= failure('ER_QUERY_TIMEOUT');
      this.#endWriter();
    }
    if (lease !== null) return lease.isBusy;
    const running = this.#inFlight.length === 0 ? null : (this.#port.running?.() ?? null);
    const entry = this.#inFlight.find(({ id }) => id === running?.groupId)?.entries[running?.place ?? 0];
    if (entry !== undefined && running !== null && isOver(entry.options, running.forMs)) {
      entry.cancelled ??= failure('ER_QUERY_TIMEOUT');
      this.#endWriter();
    }
    return this.#inFlight.length > 0;
  }

  acquire(timeoutMs: number, options: Pick<WriteOptions, 'foreignKeyChecks'>): Promise<WriterLease> {
    if (this.#closing) return Promise.reject(failure('ER_SERVER_SHUTDOWN'));
    return new Promise((resolve, reject) => {
      this.#push({ kind: 'lease', options, resolve, reject, deadline: performance.now() + timeoutMs });
    });
  }

  /**
   * Lets everything that waits be carried out, except transactions that have not begun, and refuses what comes after. `readsEnd` is called then: who still
   * reads keeps the writer from tidying up the file at its end.
   */
  async close(readsEnd: () => Promise<void> | void = () => undefined): Promise<void> {
    this.#closing = true;
    const leases = this.#waiting.filter((entry) => entry.kind === 'lease');
    this.#waiting = this.#waiting.filter((entry) => entry.kind !== 'lease');
    for (const lease of leases) lease.reject(failure('ER_SERVER_SHUTDOWN'));
    await this.#lease?.rollback();
    this.#schedulePump();
    if (!this.#idle) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
    if (this.#timer) clearTimeout(this.#timer);
    await readsEnd();
    await this.#port.close();
  }

  get #idle(): boolean {
    return (
      this.#waiting.length === 0 && this.#inFlight.length === 0 && this.#lease === null && this.#recovering === null
    );
  }

  #push(entry: WaitingWrite | WaitingLease): void {
    this.#waiting.push(entry);
    this.#watch(entry.deadline);
    this.#schedulePump();
  }

  /** At the end of this turn of the event loop: what all clients sent in it goes together. */
  #schedulePump(): void {
    if (this.#pumpScheduled) return;
    this.#pumpScheduled = true;
    setImmediate(() => {
      this.#pumpScheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#lease === null && this.#recovering === null && this.#inFlight.length < GROUPS_IN_FLIGHT) {
      const head = this.#waiting[0];
      if (head === undefined) break;
      if (head.kind === 'lease') {
        if (this.#inFlight.length > 0) break;
        this.#waiting.shift();
        this.#grant(head);
      } else if (head.attempts > 0 && this.#inFlight.length > 0) {
        // Sent again: by itself, so that it is clear whom a second end of the writer is due to.
        break;
      } else {
        this.#sendGroup(this.#takeGroup(head));
      }
    }
    if (this.#idle) this.#whenIdle?.();
  }

  #takeGroup(head: WaitingWrite): Group {
    let count = 1;
    if (head.statement.kind !== 'schema' && head.attempts === 0) {
      let bytes = approximateBytes(head.statement);
      while (count < WRITE_GROUP_STATEMENTS && bytes < WRITE_GROUP_BYTES) {
        const next = this.#waiting[count];
        if (next === undefined || !joins(head, next)) break;
        bytes += approximateBytes(next.statement);
        count++;
      }
    }
    this.#lastGroupId++;
    return { id: this.#lastGroupId, entries: this.#waiting.splice(0, count) as WaitingWrite[] };
  }

  #sendGroup(group: Group): void {
    this.#inFlight.push(group);
    for (const entry of group.entries) entry.attempts++;
    this.#oversight.begin();
    const entries = group.entries.map(({ statement, options }) => ({ statement, options }));
    this.#port.send({ kind: 'group', groupId: group.id, entries }).then(
      (reply) => {
        assert.equal(reply.kind, 'group');
        this.#finishGroup(group, reply as GroupReply);
      },
      (error) => this.#lost(error),
    );
  }

  #finishGroup(group: Group, reply: GroupReply): void {
    assert.equal(this.#inFlight.shift(), group, 'groups are answered in their order');
    if (reply.commit) this.#options.report(reply.commit);
    group.entries.forEach((entry, i) => {
      const outcome = reply.outcomes[i]!;
      if ('failure' in outcome) entry.reject(deserializeFailure(outcome.failure));
      else entry.resolve(outcome.value);
    });
    // Not at once: those who were answered may have their next statement ready within this turn.
    this.#schedulePump();
  }

  #grant(entry: WaitingLease): void {
    this.#lease = new Lease(this.#options.sequence(), entry.options, {
      send: (begin, work) => this.#sendLeaseWork(begin, work),
      nextGroupId: () => ++this.#lastGroupId,
      report: this.#options.report,
      release: () => this.#release(),
    });
    entry.resolve(this.#lease);
  }

  #release(): void {
    this.#lease = null;
    this.#schedulePump();
  }

  async #sendLeaseWork(begin: Pick<WriteOptions, 'foreignKeyChecks'> | null, work: LeaseWork): Promise<LeaseReply> {
    this.#oversight.begin();
    try {
      const reply = await this.#port.send({ kind: 'lease', begin, work });
      assert.equal(reply.kind, 'lease');
      return reply as LeaseReply;
    } catch (error) {
      const state = await this.#lost(error);
      const reason = this.#lease?.cancelled ?? null;
      const committed = work.kind === 'commit' && state !== null && state.groupId === work.groupId;
      if (committed) return { kind: 'lease', outcome: { value: null }, commit: unlistedCommit(state), open: false };
      const told = reason instanceof SluiceError ? reason : writerEnded();
      return { kind: 'lease', outcome: { failure: told.serialize() }, commit: null, open: false };
    }
  }

  #state: StoredState | null = null;
  /** The writer's end is our own doing: nobody in flight is to blame for it. */
  #endsWriter = false;

  /** The writer ended. Resolves, with what it had committed, when there is a new one and everything in flight is settled. */
  async #lost(error: unknown): Promise<StoredState | null> {
    if (!(error instanceof WriterLost)) throw error;
    this.#recovering ??= this.#recover();
    await this.#recovering;
    return this.#state;
  }

  async #recover(): Promise<void> {
    const state = await this.#port.recover();
    this.#state = state;
    const ended = this.#endsWriter;
    this.#endsWriter = false;
    const groups = this.#inFlight;
    this.#inFlight = [];
    this.#options.reportUnknown(state);
    const again: WaitingWrite[] = [];
    for (const group of groups) {
      for (const entry of group.entries) {
        if (group.id <= state.groupId) entry.reject(failure('SLUICE_OUTCOME_UNKNOWN'));
        else if (entry.cancelled !== null) entry.reject(entry.cancelled);
        else if (entry.attempts >= ATTEMPTS && !ended) entry.reject(writerEnded());
        else {
          if (ended) entry.attempts--;
          again.push(entry);
        }
      }
    }
    this.#waiting.unshift(...again);
    this.#recovering = null;
    this.#schedulePump();
  }

  /** Makes sure that the entry is looked at when its time is over. */
  #watch(deadline: number): void {
    if (deadline >= this.#timerDeadline) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timerDeadline = deadline;
    this.#timer = setTimeout(() => this.#expire(), Math.max(0, deadline - performance.now()) + 1);
    this.#timer.unref();
  }

  #expire(): void {
    this.#timer = null;
    this.#timerDeadline = Number.POSITIVE_INFINITY;
    const now = performance.now();
    const expired = this.#waiting.filter((entry) => entry.deadline <= now);
    if (expired.length > 0) this.#waiting = this.#waiting.filter((entry) => entry.deadline > now);
    for (const entry of expired) entry.reject(failure('ER_LOCK_WAIT_TIMEOUT'));
    let earliest = Number.POSITIVE_INFINITY;
    for (const entry of this.#waiting) earliest = Math.min(earliest, entry.deadline);
    if (earliest !== Number.POSITIVE_INFINITY) this.#watch(earliest);
    this.#schedulePump();
  }
}

function joins(head: WaitingWrite, next: WaitingWrite | WaitingLease): next is WaitingWrite {
  return (
    next.kind === 'write' &&
    next.statement.kind !== 'schema' &&
    next.attempts === 0 &&
    next.options.foreignKeyChecks === head.options.foreignKeyChecks
  );
}

function writerEnded(): SluiceError {
  return failure('ER_LOCK_DEADLOCK', 'The writer process ended and the transaction was rolled back');
}

/** A commit of which no more is known than that it happened; what it changed was reported as unknown. */
function unlistedCommit(state: StoredState): Commit {
  return { sequence: state.sequence, changes: [], schemaChanged: false };
}

function approximateBytes(statement: WriteStatement | ProcedureCall): number {
  if (statement.kind === 'procedure') return statement.bytes;
  if (statement.kind === 'schema') return WRITE_GROUP_BYTES;
  if (statement.kind !== 'insert') return 200;
  if (!Array.isArray(statement.rows)) return 200;
  // The first row stands for all: this only keeps groups from growing large.
  let bytes = 100;
  for (const value of (statement.rows[0] as StoreRow | undefined) ?? []) {
    bytes += typeof value === 'string' || value instanceof Uint8Array ? value.length : 8;
  }
  return bytes * statement.rows.length;
}
