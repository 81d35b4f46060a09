/**
 * Builds kept lists from the store in the background, while the tables go on changing. Whatever is read sees one commit, and says which; the
 * changes since then are taken from the feed, so that what is handed over is exactly as of the newest commit that was applied.
 */
import type { ChangeFeed } from '../../changes/feed.ts';
import type { RowChange, Store } from '../../stores/store.ts';
import { JobQueue } from './job-queue.ts';
import type { KeptIndex } from './kept-index.ts';
import type { KeyValue } from './key-column.ts';
import { collectSequenced, pageByKeyStatement, type SequencedRows, windowStatement } from './store-reads.ts';
import type { IndexEntry, ListEntry, TableLists, WindowEntry } from './table-lists.ts';

/** What the builder needs of the kept lists. */
export interface BuildHost {
  /** Of the newest commit that was applied. */
  readonly sequence: number;
  /** False: the list was dropped meanwhile. */
  isKept(entry: ListEntry): boolean;
  built(entry: ListEntry): void;
  failed(entry: ListEntry, error: unknown): void;
}

export interface BuilderOptions {
  readonly store: Store;
  readonly feed: ChangeFeed;
  readonly buildStepRows?: number;
}

/** Adding so many rows to an index takes the front a few milliseconds. */
const BUILD_STEP_ROWS = 2_000;
const FILLS_AT_ONCE = 4;
/** How often reading is begun again because the feed no longer knows what has changed since. */
const ATTEMPTS = 5;

export class ListBuilder {
  readonly #store: Store;
  readonly #feed: ChangeFeed;
  readonly #host: BuildHost;
  readonly #stepRows: number;
  readonly #builds = new JobQueue(1);
  readonly #fills = new JobQueue(FILLS_AT_ONCE);
  #waiting: { readonly sequence: number; readonly resolve: () => void }[] = [];
  #closed = false;

  constructor({ store, feed, buildStepRows }: BuilderOptions, host: BuildHost) {
    this.#store = store;
    this.#feed = feed;
    this.#host = host;
    this.#stepRows = buildStepRows ?? BUILD_STEP_ROWS;
  }

  build(entry: IndexEntry): void {
    this.#builds.add(() => this.#guard(entry, () => this.#build(entry)));
  }

  /** Reads a window's rows, and its count if that is wanted; again and again, until it has what is asked of it. */
  fill(entry: WindowEntry): void {
    if (entry.isFilling) return;
    entry.isFilling = true;
    this.#fills.add(async () => {
      await this.#guard(entry, () => this.#fill(entry));
      entry.isFilling = false;
      if (this.#goesOn(entry) && !entry.window.isReady) this.fill(entry);
    });
  }

  /** A further commit has been applied. */
  reached(): void {
    if (this.#waiting.length === 0) return;
    const { sequence: now } = this.#host;
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ sequence }) => sequence > now);
    for (const { sequence, resolve } of waiting) if (sequence <= now) resolve();
  }

  async settled(): Promise<void> {
    while (!this.#builds.isIdle || !this.#fills.isIdle) {
      await this.#builds.whenIdle();
      await this.#fills.whenIdle();
    }
  }

  close(): void {
    this.#closed = true;
    this.#builds.clear();
    this.#fills.clear();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { resolve } of waiting) resolve();
  }

  async #guard(entry: ListEntry, work: () => Promise<void>): Promise<void> {
    try {
      if (this.#goesOn(entry)) await work();
    } catch (error) {
      if (this.#goesOn(entry)) this.#host.failed(entry, error);
    }
  }

  #goesOn(entry: ListEntry): boolean {
    return !this.#closed && this.#host.isKept(entry);
  }

  /** Waits until the commits up to this one have been applied: the store may be ahead of its reports. */
  #untilApplied(sequence: number): Promise<void> {
    if (sequence <= this.#host.sequence) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ sequence, resolve }));
  }

  /** What the applied commits after this one changed in the table, oldest first; null: not known any more. */
  #changesSince(sequence: number, { definition }: TableLists): RowChange[][] | null {
    const commits = this.#feed.since(sequence);
    const now = this.#host.sequence;
    if (commits === null || this.#feed.sequence < now) return null;
    const steps: RowChange[][] = [];
    for (const commit of commits) {
      if (commit.sequence > now) break;
      for (const { database, table, rows } of commit.changes) {
        if (table !== definition.name || database !== definition.database) continue;
        if (rows === null) return null;
        steps.push([...rows]);
      }
    }
    return steps;
  }

  // ---- Indexes

  /**
   * Step by step along the primary key. Each step sees a commit of its own; the changes since then, and all that come later, are applied to the
   * rows that are there already, so at every moment what is there is as of the newest commit.
   */
  async #build(entry: IndexEntry): Promise<void> {
    const { lists, index } = entry;
    const columns = new Set(index.columns);
    let failures = 0;
    let after: KeyValue | null = null;
    let reading = this.#readStep(lists, columns, after);
    for (;;) {
      const step = await reading;
      const to: KeyValue | null =
        step.rows.length < this.#stepRows ? null : (step.rows.at(-1)![lists.keyColumn] as KeyValue);
      // The next step is on its way while this one is taken in.
      if (to !== null) reading = this.#readStep(lists, columns, to);
      await this.#untilApplied(step.sequence);
      if (!this.#goesOn(entry)) return;
      const changes = this.#changesSince(step.sequence, lists);
      if (changes === null) {
        if (++failures >= ATTEMPTS) throw new Error('the changes while a list was built are no longer known');
        reading = this.#readStep(lists, columns, after);
        continue;
      }
      takeStep(index, step, changes, after, to);
      this.#host.built(entry);
      if (to === null || !this.#goesOn(entry)) return;
      after = to;
    }
  }

  #readStep(lists: TableLists, columns: ReadonlySet<number>, after: KeyValue | null): Promise<SequencedRows> {
    const { definition, keyColumn } = lists;
    const statement = pageByKeyStatement(definition, keyColumn, columns, after, this.#stepRows);
    const reading = collectSequenced(this.#store.read(statement));
    // Its failure is met where it is awaited; a step that is not needed any more may fail unseen.
    reading.catch(() => undefined);
    return reading;
  }

  // ---- Windows

  async #fill(entry: WindowEntry): Promise<void> {
    const { window, lists } = entry;
    for (let attempt = 1; ; attempt++) {
      const limit = window.fillRows;
      const statement = windowStatement(window.query, lists.keyColumn, limit, window.wantsCount);
      const read = await collectSequenced(this.#store.read(statement));
      await this.#untilApplied(read.sequence);
      if (!this.#goesOn(entry)) return;
      const changes = this.#changesSince(read.sequence, lists);
      if (changes !== null) {
        window.fill({ rows: read.rows, isComplete: read.rows.length < limit, count: read.count }, changes);
        this.#host.built(entry);
        return;
      }
      if (attempt >= ATTEMPTS) throw new Error('the changes while a list was read are no longer known');
    }
  }
}

/** All at once: between its rows and the changes to them nothing may come. */
function takeStep(
  index: KeptIndex,
  step: SequencedRows,
  changes: readonly (readonly RowChange[])[],
  after: KeyValue | null,
  to: KeyValue | null,
): void {
  for (const row of step.rows) index.add(row);
  index.reached(to);
  for (const commit of changes) for (const change of commit) index.apply(change, after);
}
