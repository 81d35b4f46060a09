/** The writer's side of writer-protocol.ts: carries out requests on the writing engine. Runs in the writer process, or inline. */
import { asFailure, failure, type SluiceError } from '../../errors.ts';
import type { WriteOptions } from '../statement.ts';
import type { Commit } from '../store.ts';
import type { Engine } from './engine.ts';
import type { ProgressMark } from './write-progress.ts';
import type {
  GroupEntry,
  GroupReply,
  LeaseReply,
  LeaseWork,
  Outcome,
  WriterReply,
  WriterRequest,
} from './writer-protocol.ts';

type GroupRequest = Extract<WriterRequest, { kind: 'group' }>;

export class WriterService {
  readonly #engine: Engine;
  readonly #progress: ProgressMark | null;
  /** Of the explicit transaction that is open. */
  #leaseOptions: Pick<WriteOptions, 'foreignKeyChecks'> = { foreignKeyChecks: true };

  /** `progress`: null where nobody looks. */
  constructor(engine: Engine, progress: ProgressMark | null) {
    this.#engine = engine;
    this.#progress = progress;
  }

  /** Carries out requests in their order. Groups that stand together share one transaction, and one wait for the disk. */
  handle(requests: readonly WriterRequest[]): WriterReply[] {
    const replies: WriterReply[] = [];
    for (let i = 0; i < requests.length; ) {
      const request = requests[i]!;
      if (request.kind === 'lease') {
        replies.push(this.#lease(request));
        i++;
        continue;
      }
      const groups = [request];
      for (let next = requests[++i]; next !== undefined && joins(request, next); next = requests[++i])
        groups.push(next);
      replies.push(...this.#groups(groups));
    }
    return replies;
  }

  /** A failed entry leaves nothing behind and does not touch the others; a failed COMMIT fails all. The first reply has the commit. */
  #groups(groups: readonly GroupRequest[]): GroupReply[] {
    const first = groups[0]!.entries[0]!;
    const { groupId } = groups.at(-1)!;
    if (first.statement.kind === 'schema') return [this.#schemaGroup(groupId, first)];
    try {
      this.#engine.begin(first.options);
      const outcomes = groups.map((group) => this.#entries(group));
      this.#progress?.end();
      const commit = this.#engine.commit(groupId);
      return outcomes.map((of, i) => ({ kind: 'group', outcomes: of, commit: i === 0 ? commit : null }));
    } catch (error) {
      this.#engine.rollback();
      this.#progress?.end();
      const lost = failed(error);
      return groups.map(({ entries }) => ({ kind: 'group', outcomes: entries.map(() => lost), commit: null }));
    }
  }

  #entries({ groupId, entries }: GroupRequest): Outcome<unknown>[] {
    return entries.map((entry, place) => {
      this.#progress?.begin(groupId, place, entry);
      return this.#entry(entry);
    });
  }

  #entry({ statement, options }: GroupEntry): Outcome<unknown> {
    if (statement.kind === 'schema') throw new TypeError('a schema change in a group of several statements');
    try {
      if (statement.kind === 'procedure') return { value: this.#engine.call(statement, options) };
      return { value: this.#engine.write(statement, options) };
    } catch (error) {
      // SQLite has rolled back the whole transaction: there is nothing left to go on with.
      if (!this.#engine.inTransaction) throw error;
      return failed(error);
    }
  }

  #schemaGroup(groupId: number, entry: GroupEntry): GroupReply {
    const { statement, options } = entry;
    this.#progress?.begin(groupId, 0, entry);
    if (statement.kind !== 'schema') throw new TypeError('not a schema change');
    try {
      const { result, commit } = this.#engine.changeSchema(statement, options, groupId);
      return { kind: 'group', outcomes: [{ value: result }], commit };
    } catch (error) {
      return { kind: 'group', outcomes: [failed(error)], commit: null };
    } finally {
      this.#progress?.end();
    }
  }

  #lease({ begin, work }: Extract<WriterRequest, { kind: 'lease' }>): LeaseReply {
    try {
      if (begin !== null) this.#engine.begin(begin);
      else if (!this.#engine.inTransaction && work.kind !== 'rollback') throw transactionGone();
      if (begin !== null) this.#leaseOptions = begin;
      const { value, commit } = this.#work(work);
      return { kind: 'lease', outcome: { value }, commit, open: this.#engine.inTransaction };
    } catch (error) {
      if (!this.#engine.inTransaction) this.#engine.rollback();
      return { kind: 'lease', outcome: failed(error), commit: null, open: this.#engine.inTransaction };
    }
  }

  #work(work: LeaseWork): { value: unknown; commit: Commit | null } {
    switch (work.kind) {
      case 'write':
        return { value: this.#engine.write(work.statement, work.options), commit: null };
      case 'read':
        return { value: this.#engine.read(work.statement), commit: null };
      case 'call':
        return { value: this.#engine.call(work.call, this.#leaseOptions), commit: null };
      case 'savepoint':
        this.#engine.savepoint(work.statement);
        return { value: null, commit: null };
      case 'commit':
        return { value: null, commit: this.#engine.commit(work.groupId) };
      case 'rollback':
        this.#engine.rollback();
        return { value: null, commit: null };
    }
  }
}

function joins(group: GroupRequest, next: WriterRequest): next is GroupRequest {
  const [first] = group.entries;
  if (next.kind !== 'group' || first?.statement.kind === 'schema' || next.entries[0]?.statement.kind === 'schema')
    return false;
  return next.entries[0]?.options.foreignKeyChecks === first?.options.foreignKeyChecks;
}

function failed(error: unknown): { failure: ReturnType<SluiceError['serialize']> } {
  return { failure: asFailure(error).serialize() };
}

function transactionGone(): SluiceError {
  return failure('ER_LOCK_DEADLOCK', 'The transaction was rolled back');
}
