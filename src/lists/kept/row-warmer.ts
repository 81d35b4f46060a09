/**
 * Fills the row cache in the background. Where rows of a table are missed again and again, and all of them would fit, the table is read once, in steps
 * along its primary key, so that the rows need not be read one by one. Rows that are only warmed are the first to go; none goes for them: when memory is
 * short, warming ends, and goes on from there when rows are missed again.
 */
import type { Store } from '../../stores/store.ts';
import type { StoreRow } from '../../stores/values.ts';
import type { CommitFollower } from './commit-follower.ts';
import { JobQueue } from './job-queue.ts';
import type { KeptForm } from './kept-form.ts';
import type { KeptMemory } from './kept-memory.ts';
import { ROW_BYTES } from './kept-row.ts';
import type { KeyValue } from './key-column.ts';
import { splitSequenced } from './store-reads.ts';
import type { TableLists } from './table-lists.ts';

export interface WarmerOptions {
  readonly store: Store;
  /** Rows that must be missed before a table is looked at: fewer are no more than its hot ones. */
  readonly warmAfter?: number;
  /** Rows read from the store in one step. */
  readonly warmStepRows?: number;
}

const WARM_AFTER_ROWS = 1_000;
/** Of the table, what must be missed within ten seconds, up to a number that is much for any table: a busy core reads a few thousand one by one in a second. */
const WARM_AFTER_SHARE = 0.01;
const WARM_AFTER_ROWS_MAX = 5_000;
/** Read and taken in at once, in a turn of the event loop: two milliseconds. */
const WARM_STEP_ROWS = 300;
const WARM_STEP_BYTES = 256 * 1024;
/** Of the memory: what is warmed leaves the rest to what is asked for. */
const WARM_UP_TO = 0.9;
/** After a table did not fit, or was warmed. */
const WARM_AGAIN_MS = 30_000;

/** What the warmer needs of the kept lists. */
export interface WarmHost {
  readonly follower: CommitFollower;
  readonly memory: KeptMemory;
  /** Reading has failed, for a reason that may be the table's change on its way. */
  readFailed(error: unknown): void;
}

export class RowWarmer {
  readonly #store: Store;
  readonly #host: WarmHost;
  readonly #after: number;
  readonly #stepRows: number;
  readonly #jobs = new JobQueue(1);
  #warmed = 0;
  #closed = false;

  constructor({ store, warmAfter, warmStepRows }: WarmerOptions, host: WarmHost) {
    this.#store = store;
    this.#host = host;
    this.#after = warmAfter ?? WARM_AFTER_ROWS;
    this.#stepRows = warmStepRows ?? WARM_STEP_ROWS;
  }

  /** So many rows were not in the cache in this form. */
  missed(lists: TableLists, form: KeptForm, rows: number): void {
    const missed = form.missed(rows);
    if (missed < this.#after || form.isWarming || this.#closed) return;
    form.warmAfter ??= Math.min(WARM_AFTER_ROWS_MAX, this.#rowsAtMost(lists) * WARM_AFTER_SHARE);
    if (missed < form.warmAfter || Date.now() < form.warmsAgainAt) return;
    form.isWarming = true;
    this.#jobs.add(async () => {
      try {
        await this.#warm(lists, form);
      } catch (error) {
        if (this.#goesOn(lists)) this.#host.readFailed(error);
      }
      form.isWarming = false;
      form.warmsAgainAt = Date.now() + WARM_AGAIN_MS;
    });
  }

  /** Rows that were put in the cache so far. */
  get warmedRows(): number {
    return this.#warmed;
  }

  /** Resolves when nothing is being warmed. */
  settled(): Promise<void> {
    return this.#jobs.whenIdle();
  }

  get isIdle(): boolean {
    return this.#jobs.isIdle;
  }

  close(): void {
    this.#closed = true;
    this.#jobs.clear();
  }

  #goesOn(lists: TableLists): boolean {
    return !this.#closed && lists.isCurrent;
  }

  async #warm(lists: TableLists, form: KeptForm): Promise<void> {
    if (!this.#fits(lists, form, this.#rowsAtMost(lists)) && !this.#fits(lists, form, await this.#count(lists))) return;
    while (this.#goesOn(lists) && this.#hasRoom(form) && this.#step(lists, form)) await new Promise(setImmediate);
  }

  /**
   * Here rather than in a reader process: a busy event loop takes in so little of a pipe in each of its turns that rows came half as fast, and each cost as
   * much again to pack and unpack. False: all rows have been read.
   */
  #step(lists: TableLists, form: KeptForm): boolean {
    const limit = Math.max(1, Math.min(this.#stepRows, Math.floor(WARM_STEP_BYTES / (form.bytesPerRow + 1))));
    const { rows, sequence } = splitSequenced(this.#store.readInline(form.select.page(form.warmedTo, limit)));
    // The store is ahead of its reports: the next turn may know more.
    if (sequence !== this.#host.follower.sequence) return true;
    form.warmedTo = rows.length < limit ? null : (rows.at(-1)!.at(-1) as KeyValue);
    this.#warmed += takeStep(lists, form, rows);
    return form.warmedTo !== null;
  }

  /** Exact where an index knows it, otherwise by the keys, in which there may be gaps. */
  #rowsAtMost(lists: TableLists): number {
    const index = lists.indexOfAll();
    if (index !== undefined) return index.size;
    const [first = null, last = null] = this.#store.readInline(lists.wholeSelect.ends)[0] ?? [];
    return first === null ? 0 : Number(last) - Number(first) + 1;
  }

  async #count({ wholeSelect }: TableLists): Promise<number> {
    let count = 0;
    for await (const rows of this.#store.read(wholeSelect.count).chunks) count = Number(rows[0]?.[0]);
    return count;
  }

  /** All rows, beside what there is. */
  #fits(lists: TableLists, form: KeptForm, rows: number): boolean {
    // Rows that are held in other forms too would take this one as well.
    const held = lists.forms === 1 ? lists.rows.bytes : 0;
    const { bytes, limit } = this.#host.memory;
    return bytes - held + rows * bytesPerRow(form) <= limit * WARM_UP_TO;
  }

  #hasRoom(form: KeptForm): boolean {
    const { bytes, limit } = this.#host.memory;
    return bytes + this.#stepRows * bytesPerRow(form) <= limit * WARM_UP_TO;
  }
}

function bytesPerRow(form: KeptForm): number {
  return ROW_BYTES + form.bytesPerRow;
}

/** Returns how many were put in the cache. */
function takeStep({ rows: cache }: TableLists, { encoder }: KeptForm, rows: readonly StoreRow[]): number {
  let taken = 0;
  for (const values of rows) {
    const key = values.pop() as KeyValue;
    if (cache.has(key, encoder)) continue;
    cache.warm(key, encoder, encoder.decode(values));
    taken++;
  }
  return taken;
}
