/**
 * A kept window: the first rows of one list, values included, in order, and its exact count. It holds all rows up to its last one (or simply all);
 * what comes after its last row it does not know. Changes move rows in, out and about; when too few are left, it must be filled again from the store.
 */
import type { RowChange } from '../../stores/store.ts';
import type { StoreRow } from '../../stores/values.ts';
import type { KeptRow } from './kept-row.ts';
import type { KeyValue } from './key-column.ts';
import { comparatorOfQuery, type ListQuery, matcherOfQuery } from './list-query.ts';
import type { RowsOfTable } from './rows-of-table.ts';

/** Rows beyond those that were asked for, so that deletions do not empty the window at once. */
const SLACK_MIN = 16;
const WINDOW_BYTES = 1500;
const ENTRY_BYTES = 10;
/** A value of an IN, and the window's place among the conditions that have it. */
const CONDITION_VALUE_BYTES = 250;

interface Entry {
  readonly key: KeyValue;
  row: StoreRow;
}

/** What a fill read from the store. */
export interface WindowContent {
  readonly rows: readonly StoreRow[];
  /** All rows of the list, not only the first ones. */
  readonly isComplete: boolean;
  /** null: not counted. */
  readonly count: number | null;
}

export class KeptWindow {
  readonly query: ListQuery;
  readonly #keyColumn: number;
  readonly #rows: RowsOfTable;
  readonly #matches: (row: StoreRow) => boolean;
  readonly #compare: (a: StoreRow, b: StoreRow) => number;
  readonly #conditionBytes: number;
  #entries: KeptRow[] = [];
  #isComplete = false;
  #count: number | null = null;
  #isFilled = false;
  /** How many rows must be there to answer what is asked of it. */
  #wanted = 0;
  #wantsCount = false;

  constructor(query: ListQuery, keyColumn: number, rows: RowsOfTable) {
    this.query = query;
    this.#keyColumn = keyColumn;
    this.#rows = rows;
    this.#matches = matcherOfQuery(query);
    this.#compare = comparatorOfQuery(query, keyColumn);
    const values = query.conditions.map((term) => (term.op === 'in' ? term.values.length : 1));
    this.#conditionBytes = values.reduce((sum, count) => sum + count * CONDITION_VALUE_BYTES, 0);
  }

  get bytes(): number {
    return WINDOW_BYTES + this.#conditionBytes + this.#entries.length * ENTRY_BYTES;
  }

  /** Rows that it holds. */
  get size(): number {
    return this.#entries.length;
  }

  /** From now on it is to answer this too. False: what it holds is not enough for it. */
  want(rows: number, count: boolean): boolean {
    if (rows > this.#wanted) this.#wanted = rows;
    if (count) this.#wantsCount = true;
    return this.#isFilled && (!count || this.#count !== null) && (this.#isComplete || this.#entries.length >= rows);
  }

  get wantsCount(): boolean {
    return this.#wantsCount;
  }

  /** How many rows a fill should read. */
  get fillRows(): number {
    return this.#wanted + 2 * this.#slack;
  }

  get #slack(): number {
    return this.#wanted === 0 ? 0 : Math.max(SLACK_MIN, this.#wanted >> 1);
  }

  /** It is about to have too few rows, or has already: it should be filled again. */
  get needsFill(): boolean {
    if (!this.#isFilled || (this.#wantsCount && this.#count === null)) return true;
    return !this.#isComplete && this.#entries.length < this.#wanted + (this.#slack >> 1);
  }

  /** It holds what was asked of it so far. */
  get isReady(): boolean {
    return (
      this.#isFilled &&
      (!this.#wantsCount || this.#count !== null) &&
      (this.#isComplete || this.#entries.length >= this.#wanted)
    );
  }

  get isComplete(): boolean {
    return this.#isFilled && this.#isComplete;
  }

  /** null: not known. */
  get count(): number | null {
    return this.#count ?? (this.#isComplete && this.#isFilled ? this.#entries.length : null);
  }

  slice(skip: number, max: number): KeptRow[] {
    return this.#entries.slice(skip, skip + max);
  }

  /**
   * Takes what a fill read, and the changes since then, oldest first, which bring it to the state that the row cache has.
   */
  fill(content: WindowContent, changes: readonly (readonly RowChange[])[]): void {
    const state: State = {
      entries: content.rows.map((row) => ({ key: row[this.#keyColumn] as KeyValue, row })),
      isComplete: content.isComplete,
      count: content.count ?? (content.isComplete ? content.rows.length : null),
    };
    const plain: EntryOwner = {
      take: (key, row) => ({ key, row }),
      release: () => undefined,
      changed: (entry, row) => {
        entry.row = row;
      },
    };
    for (const step of changes) this.#applyTo(state, step, plain);
    const old = this.#entries;
    this.#entries = state.entries.map(({ key, row }) => {
      const kept = this.#rows.put(key, row);
      this.#rows.pin(kept);
      return kept;
    });
    for (const row of old) this.#rows.unpin(row);
    this.#isComplete = state.isComplete;
    this.#count = state.count;
    this.#isFilled = true;
    this.#trim(this.#entries, this.#kept);
  }

  /** A commit's changes, after the row cache has taken them. */
  apply(changes: readonly RowChange[]): void {
    if (!this.#isFilled) return;
    const state: State = { entries: this.#entries, isComplete: this.#isComplete, count: this.#count };
    this.#applyTo(state, changes, this.#kept);
    this.#isComplete = state.isComplete;
    this.#count = state.count;
  }

  /** Lets its rows go. */
  drop(): void {
    for (const row of this.#entries) this.#rows.unpin(row);
    this.#entries = [];
    this.#isFilled = false;
  }

  readonly #kept: EntryOwner<KeptRow> = {
    take: (key, row) => {
      const kept = this.#rows.put(key, row);
      this.#rows.pin(kept);
      return kept;
    },
    release: (entry) => this.#rows.unpin(entry),
    // The row cache has changed it already.
    changed: () => undefined,
  };

  /**
   * First all rows that move are taken out, then they are put in: in between the rest is in order by the rows as they are now, which entries
   * share with the row cache.
   */
  #applyTo<E extends Entry>(state: State<E>, changes: readonly RowChange[], owner: EntryOwner<E>): void {
    const arriving: RowChange[] = [];
    for (const change of changes) {
      const { before, after } = change;
      const was = before !== null && this.#matches(before);
      const is = after !== null && this.#matches(after);
      if (state.count !== null) state.count += Number(is) - Number(was);
      if (!was && !is) continue;
      const at = was ? indexOfKey(state.entries, change.key[0] as KeyValue) : -1;
      if (was && is && this.#compare(before, after) === 0) {
        if (at >= 0) owner.changed(state.entries[at]!, after);
        continue;
      }
      if (at >= 0) owner.release(state.entries.splice(at, 1)[0]!);
      if (is) arriving.push(change);
    }
    for (const change of arriving) this.#insert(state, change, owner);
    this.#trim(state.entries, owner, state);
  }

  #insert<E extends Entry>(state: State<E>, change: RowChange, owner: EntryOwner<E>): void {
    const { entries } = state;
    const row = change.after!;
    let low = 0;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(entries[middle]!.row, row) < 0) low = middle + 1;
      else high = middle;
    }
    // Behind the last row others may lie that it does not know.
    if (low === entries.length && !state.isComplete) return;
    entries.splice(low, 0, owner.take(change.key[0] as KeyValue, row));
  }

  #trim<E extends Entry>(entries: E[], owner: EntryOwner<E>, state?: State<E>): void {
    const most = this.fillRows + this.#slack;
    if (entries.length <= most) return;
    for (const entry of entries.splice(this.fillRows)) owner.release(entry);
    if (state === undefined) this.#isComplete = false;
    else state.isComplete = false;
  }
}

interface State<E extends Entry = Entry> {
  readonly entries: E[];
  isComplete: boolean;
  count: number | null;
}

interface EntryOwner<E extends Entry = Entry> {
  take(key: KeyValue, row: StoreRow): E;
  release(entry: E): void;
  changed(entry: E, row: StoreRow): void;
}

function indexOfKey(entries: readonly Entry[], key: KeyValue): number {
  for (let i = 0; i < entries.length; i++) if (entries[i]!.key === key) return i;
  return -1;
}
