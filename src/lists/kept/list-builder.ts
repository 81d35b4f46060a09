/**
 * Builds kept lists from the store in the background, while the tables go on changing: what is handed over is exactly as of the newest commit that was
 * applied.
 */
import type { RowChange, Store } from '../../stores/store.ts';
import type { StoreValue } from '../../stores/values.ts';
import type { CommitFollower } from './commit-follower.ts';
import { FollowedRead } from './followed-read.ts';
import { JobQueue } from './job-queue.ts';
import type { KeptIndex } from './kept-index.ts';
import type { KeyValue } from './key-column.ts';
import type { IndexEntry, ListEntry, WindowEntry } from './list-entry.ts';
import { pageByKeyStatement, type SequencedRows, windowStatement } from './store-reads.ts';
import type { TableLists } from './table-lists.ts';

/** What the builder needs of the kept lists. */
export interface BuildHost {
  readonly follower: CommitFollower;
  /** False: the list was dropped meanwhile. */
  isKept(entry: ListEntry): boolean;
  built(entry: ListEntry): void;
  failed(entry: ListEntry, error: unknown): void;
}

export interface BuilderOptions {
  readonly store: Store;
  /** Rows read from the store in one step of a build: adding them takes the front a few milliseconds. */
  readonly buildStepRows?: number;
}

const BUILD_STEP_ROWS = 2_000;
const FILLS_AT_ONCE = 4;
/** How often in a row reading is begun again because too much has changed meanwhile. */
const ATTEMPTS = 5;

export class ListBuilder {
  readonly #store: Store;
  readonly #host: BuildHost;
  readonly #stepRows: number;
  readonly #builds = new JobQueue(1);
  readonly #fills = new JobQueue(FILLS_AT_ONCE);
  #closed = false;

  constructor({ store, buildStepRows }: BuilderOptions, host: BuildHost) {
    this.#store = store;
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

  get isIdle(): boolean {
    return this.#builds.isIdle && this.#fills.isIdle;
  }

  async settled(): Promise<void> {
    while (!this.isIdle) {
      await this.#builds.whenIdle();
      await this.#fills.whenIdle();
    }
  }

  close(): void {
    this.#closed = true;
    this.#builds.clear();
    this.#fills.clear();
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

  // ---- Indexes

  /**
   * Step by step along the primary key. Each step sees a commit of its own; the changes since then, and all that come later, are applied to the
   * rows that are there already, so at every moment what is there is as of the newest commit.
   */
  async #build(entry: IndexEntry): Promise<void> {
    const { lists, index } = entry;
    const columns = columnsOf(index);
    let after: KeyValue | null = null;
    let failures = 0;
    let reading = this.#readStep(entry, after);
    try {
      for (;;) {
        const step = await reading.done;
        if (!this.#goesOn(entry)) return;
        const changes = reading.changes();
        if (changes === null) {
          if (++failures >= ATTEMPTS) throw new Error('too much changes in the table while a list of it is built');
          reading.end();
          reading = this.#readStep(entry, after);
          continue;
        }
        failures = 0;
        const isLast = step.rows.length < this.#stepRows;
        const to: KeyValue | null = isLast ? null : (step.rows.at(-1)![columns.indexOf(lists.keyColumn)] as KeyValue);
        reading.end();
        // The next step is on its way while this one is taken in.
        if (to !== null) reading = this.#readStep(entry, to);
        takeStep(index, columns, step, changes, after, to);
        this.#host.built(entry);
        if (to === null) return;
        after = to;
      }
    } finally {
      reading.end();
    }
  }

  #readStep({ lists, index }: IndexEntry, after: KeyValue | null): FollowedRead {
    const { definition, keyColumn } = lists;
    const statement = pageByKeyStatement(definition, keyColumn, columnsOf(index), after, this.#stepRows);
    return this.#read(lists, statement);
  }

  // ---- Windows

  async #fill(entry: WindowEntry): Promise<void> {
    const { window, lists } = entry;
    for (let attempt = 1; ; attempt++) {
      const limit = window.fillRows;
      const reading = this.#read(lists, windowStatement(window.query, lists.keyColumn, limit, window.wantsCount));
      try {
        const { rows, count } = await reading.done;
        if (!this.#goesOn(entry)) return;
        const changes = reading.changes();
        if (changes !== null) {
          window.fill({ rows, isComplete: rows.length < limit, count }, changes);
          this.#host.built(entry);
          return;
        }
      } finally {
        reading.end();
      }
      if (attempt >= ATTEMPTS) throw new Error('too much changes in the table while a list of it is read');
    }
  }

  #read({ definition }: TableLists, statement: ReturnType<typeof windowStatement>): FollowedRead {
    return new FollowedRead(this.#store, this.#host.follower, definition, statement);
  }
}

/** What is read for an index: each column once. A row of all columns would take three times as long. */
function columnsOf(index: KeptIndex): readonly number[] {
  return [...new Set(index.columns)];
}

/** All at once: between its rows and the changes to them nothing may come. */
function takeStep(
  index: KeptIndex,
  columns: readonly number[],
  step: SequencedRows,
  changes: readonly (readonly RowChange[])[],
  after: KeyValue | null,
  to: KeyValue | null,
): void {
  // The index takes rows of the whole table, and holds none.
  const row: StoreValue[] = new Array(index.shape.table.columns.length).fill(null);
  for (const values of step.rows) {
    for (let i = 0; i < columns.length; i++) row[columns[i]!] = values[i]!;
    index.add(row);
  }
  index.reached(to);
  for (const commit of changes) for (const change of commit) index.apply(change, after);
}
