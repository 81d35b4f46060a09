/**
 * The front's part of one run through the source's binlog: batches go on to the store's writer as they come, and what became of each is looked at in their order. A transaction
 * that comes in parts holds the writer until its batch.
 */
import type { WriterLease } from '../stores/store.ts';
import type { BinlogPosition } from './binlog/position.ts';
import type { MirrorStore } from './mirror-store.ts';
import type { MirroredTable } from './mirrored-table.ts';
import { type ApplyInput, type MirrorOutcome, mirrorCall } from './procedure.ts';
import type { Batch, EndReason, LostTable, MirrorReply } from './protocol.ts';

type RunReply = Extract<MirrorReply, { run: string }>;

export interface RunHost {
  /** A batch or part has been applied: the mirror process may send another. */
  applied(run: string): void;
  /** Everything up to here is in the mirror. Tables that were lost on the way have been told of before. */
  reached(position: BinlogPosition): void;
  /** The source is the one it was; these of the run's tables are not. */
  following(lost: readonly LostTable[]): Promise<void>;
  lost(table: MirroredTable, why: string): void;
  noticed(reply: Extract<MirrorReply, { kind: 'noticed' }>): void;
  /** It is over: nothing of it is on its way any more. */
  ended(why: string, reason: EndReason): void;
}

/** How long a large transaction waits for the writer. */
const WRITER_WAIT_MS = 60_000;

export class Run {
  readonly id: string;
  readonly tables: readonly MirroredTable[];
  readonly #store: MirrorStore;
  readonly #host: RunHost;
  #chain: Promise<void> = Promise.resolve();
  readonly #atWriter = new Set<Promise<void>>();
  #lease: WriterLease | null = null;
  /** Parts and batches in the line that go by the lease, or behind such. */
  #inLine = 0;
  #isOver = false;
  isFollowing = false;
  transactions = 0;
  rows = 0;
  batches = 0;

  constructor(id: string, tables: readonly MirroredTable[], store: MirrorStore, host: RunHost) {
    this.id = id;
    this.tables = tables;
    this.#store = store;
    this.#host = host;
  }

  take(reply: RunReply): void {
    if (this.#isOver) return;
    switch (reply.kind) {
      case 'following':
        this.#then(async () => {
          await this.#host.following(reply.lost);
          this.isFollowing = true;
        });
        return;
      case 'batch':
        this.#batch(reply);
        return;
      case 'part':
        this.#inLine++;
        this.#then(() => this.#part(reply.body).finally(() => this.#inLine--));
        return;
      case 'passed':
        this.#then(() => this.#host.reached(reply.position));
        return;
      case 'noticed':
        this.#then(() => this.#host.noticed(reply));
        return;
      case 'identity':
        this.#then(() => this.#store.amend({ identity: reply.identity }));
        return;
      case 'ended':
        this.#then(() => this.#end(reply.why, reply.reason));
    }
  }

  /** What has not been applied yet is left. Resolves when nothing of it is on its way. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#chain;
    await this.#settle();
  }

  async #settle(): Promise<void> {
    await Promise.all(this.#atWriter);
    await this.#rollback();
  }

  #then(work: () => Promise<void> | void): void {
    this.#chain = this.#chain.then(async () => {
      if (this.#isOver) return;
      try {
        await work();
      } catch (error) {
        await this.#end(`the mirror's store: ${error instanceof Error ? error.message : String(error)}`, 'lost');
      }
    });
  }

  async #end(why: string, reason: EndReason): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    await this.#settle();
    this.#host.ended(why, reason);
  }

  async #rollback(): Promise<void> {
    const lease = this.#lease;
    this.#lease = null;
    // A writer that has ended has rolled it back.
    await lease?.rollback().catch(() => undefined);
  }

  #batch(batch: Batch): void {
    const input: ApplyInput = { ...batch, kind: 'apply', tables: this.tables.map(({ name }) => name) };
    if (this.#inLine > 0) {
      this.#inLine++;
      this.#then(() =>
        this.#inTransaction(input)
          .then((outcome) => this.#done(batch, outcome))
          .finally(() => this.#inLine--),
      );
      return;
    }
    const applying = this.#store.call(input);
    const settled = applying.then(
      () => undefined,
      () => undefined,
    );
    this.#atWriter.add(settled);
    settled.then(() => this.#atWriter.delete(settled));
    this.#then(async () => this.#done(batch, await applying));
  }

  async #part(body: Uint8Array): Promise<void> {
    this.#lease ??= await this.#store.store.acquireWriter(WRITER_WAIT_MS, { foreignKeyChecks: false });
    const outcome = (await this.#lease.call!(
      mirrorCall({ kind: 'part', tables: this.tables.map(({ name }) => name), body }),
      {},
    )) as MirrorOutcome;
    if (outcome.kind === 'mismatch') await this.#mismatch(outcome);
    else this.#host.applied(this.id);
  }

  async #inTransaction(input: ApplyInput): Promise<MirrorOutcome> {
    const lease = this.#lease;
    if (lease === null) return this.#store.call(input);
    const outcome = (await lease.call!(mirrorCall(input), {})) as MirrorOutcome;
    if (outcome.kind !== 'done') return outcome;
    this.#lease = null;
    await lease.commit();
    return outcome;
  }

  async #done(batch: Batch, outcome: MirrorOutcome): Promise<void> {
    if (outcome.kind === 'out-of-order') {
      await this.#end('a batch was not applied', 'lost');
      return;
    }
    if (outcome.kind === 'mismatch') {
      await this.#mismatch(outcome);
      return;
    }
    this.batches++;
    this.transactions += batch.transactions;
    this.rows += batch.rows;
    for (const { table, why } of batch.lost) this.#host.lost(this.tables[table]!, why);
    this.#host.reached(batch.position);
    this.#host.applied(this.id);
  }

  /** Nothing of the batch was applied: the run begins again without the table. */
  async #mismatch({ table, why }: LostTable): Promise<void> {
    const lost = this.tables[table]!;
    await this.#rollback();
    await this.#store.amend({ remove: [lost.name] });
    this.#host.lost(lost, `the mirror's rows were not the source's: ${why}`);
    await this.#end(`${lost.name.database}.${lost.name.table} is copied anew`, 'lost');
  }
}
