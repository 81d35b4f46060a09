/** The front's part of a copy: what the mirror process reads of the source goes into new tables of the store, which take their place when all of them are whole. */
import { randomBytes } from 'node:crypto';
import type { BinlogPosition } from './binlog/position.ts';
import type { MirrorStore } from './mirror-store.ts';
import type { MirroredTable } from './mirrored-table.ts';
import type { CopyOutcome, MirrorReply } from './protocol.ts';
import type { SourceIdentity } from './source-identity.ts';

type CopyReply = Extract<MirrorReply, { job: number }>;

export interface CopyHost {
  /** The mirror process may go on. */
  taken(job: number): void;
  /** It will not be copied. */
  refused(table: MirroredTable, state: 'absent' | 'failed', why: string): void;
  copied(copying: Copying, position: BinlogPosition, identity: SourceIdentity): Promise<void>;
  /** Nothing of it is on its way any more. */
  ended(why: string | null): void;
}

export interface Copied {
  readonly table: MirroredTable;
  readonly copy: string;
  readonly signature: string;
  rows: number;
}

export class Copying {
  readonly job: number;
  readonly tables: readonly MirroredTable[];
  readonly #store: MirrorStore;
  readonly #host: CopyHost;
  readonly #copies: (Copied | null)[];
  #chain: Promise<void> = Promise.resolve();
  #isOver = false;
  #isHandedOver = false;

  constructor(job: number, tables: readonly MirroredTable[], store: MirrorStore, host: CopyHost) {
    this.job = job;
    this.tables = tables;
    this.#store = store;
    this.#host = host;
    this.#copies = tables.map(() => null);
  }

  /** Those that are there and can be mirrored. */
  get copies(): readonly Copied[] {
    return this.#copies.filter((copy) => copy !== null);
  }

  take(reply: CopyReply): void {
    if (this.#isOver) return;
    switch (reply.kind) {
      case 'outcome':
        this.#then(() => this.#outcome(reply.table, reply.outcome));
        return;
      case 'rows':
        this.#rows(reply);
        return;
      case 'copied':
        this.#then(async () => {
          // From here on they are in the mirror's state: whatever fails, they are not to be dropped.
          this.#isHandedOver = true;
          await this.#host.copied(this, reply.position, reply.identity);
          this.#isOver = true;
          this.#host.ended(null);
        });
        return;
      case 'copy-failed':
        this.#then(() => this.#fail(reply.why));
    }
  }

  /** Resolves when nothing of it is on its way. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#chain;
    await this.#dropAll();
  }

  #then(work: () => Promise<void> | void): void {
    this.#chain = this.#chain.then(async () => {
      if (this.#isOver) return;
      try {
        await work();
      } catch (error) {
        await this.#fail(`the mirror's store: ${error instanceof Error ? error.message : String(error)}`);
      }
    });
  }

  async #outcome(index: number, outcome: CopyOutcome): Promise<void> {
    const table = this.tables[index]!;
    if (outcome.kind !== 'definition') {
      const why = outcome.kind === 'failed' ? outcome.why : 'the source has no such table';
      this.#host.refused(table, outcome.kind, why);
      return;
    }
    const copy = `copy-${randomBytes(8).toString('hex')}`;
    await this.#store.createCopy(outcome.definition, copy);
    this.#copies[index] = { table, copy, signature: outcome.signature, rows: 0 };
    this.#host.taken(this.job);
  }

  /** Sent on at once: the writer takes one piece while the next is on its way. Its table has been made, or `outcome` would not have been taken. */
  #rows({ table: index, body, rows }: Extract<CopyReply, { kind: 'rows' }>): void {
    const copied = this.#copies[index];
    if (copied === undefined || copied === null) return;
    const loading = this.#store.call({ kind: 'load', copy: copied.copy, body });
    loading.catch(() => undefined);
    this.#then(async () => {
      const outcome = await loading;
      if (outcome.kind === 'mismatch') {
        this.#host.refused(copied.table, 'failed', outcome.why);
        await this.#drop(index);
      }
      copied.rows += rows;
      this.#host.taken(this.job);
    });
  }

  async #drop(index: number): Promise<void> {
    const copied = this.#copies[index];
    this.#copies[index] = null;
    if (copied !== undefined && copied !== null) await this.#store.drop(copied.copy);
  }

  async #dropAll(): Promise<void> {
    if (this.#isHandedOver) return;
    for (const index of this.#copies.keys()) await this.#drop(index).catch(() => undefined);
  }

  async #fail(why: string): Promise<void> {
    this.#isOver = true;
    await this.#dropAll();
    this.#host.ended(why);
  }
}
