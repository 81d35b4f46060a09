/**
 * A live list: one page of a kept window, and what changed in it with each commit. Every subscriber of the same page shares it: the difference is worked
 * out once. The last events are kept, so that a client that was away for a moment can go on where it was.
 */
import type { StoreRow } from '../../stores/values.ts';
import type { KeptWindow } from './kept-window.ts';
import type { KeyValue } from './key-column.ts';

/**
 * How to make the new page out of the old one: take the rows of `remove` away, replace those of `update`, then put in those of `insert`, in their
 * order, each so that it stands at `at`.
 */
export interface LiveChange {
  readonly kind: 'change';
  /** The page is now as it is after this commit. */
  readonly seq: number;
  readonly insert: readonly { readonly row: StoreRow; readonly at: number }[];
  readonly update: readonly { readonly row: StoreRow; readonly key: KeyValue }[];
  readonly remove: readonly KeyValue[];
  /** null: not asked for. */
  readonly count: number | null;
}

export interface LiveSnapshot {
  readonly kind: 'snapshot';
  readonly seq: number;
  readonly rows: readonly StoreRow[];
  readonly count: number | null;
}

/**
 * An event is one object for all subscribers of a page, and so is the snapshot of one state: what a protocol makes of it can be kept by it. Snapshots
 * that differ in `seq` alone share their `rows`.
 */
export type LiveEvent = LiveSnapshot | LiveChange;

export interface LiveListener {
  /** A further event; null: the page is known again and has not changed. */
  wake(event: LiveChange | null): void;
  end(reason: Error): void;
}

/** Events kept for clients that come back. */
const EVENTS_KEPT = 256;

export class LiveList {
  readonly listeners = new Set<LiveListener>();
  /** When the last listener left, in the clock of Date.now(). */
  idleSince = Date.now();
  readonly #window: KeptWindow;
  readonly #keyColumn: number;
  readonly #skip: number;
  readonly #max: number;
  readonly #counts: boolean;
  #snapshot: LiveSnapshot | null = null;
  #keys: KeyValue[] = [];
  #events: LiveChange[] = [];
  /** Every change after this commit is in #events. */
  #completeSince = 0;
  /** Of the newest commit that the window has taken. */
  readonly #sequence: () => number;

  constructor(
    window: KeptWindow,
    keyColumn: number,
    page: { readonly skip: number; readonly max: number; readonly counts: boolean },
    sequence: () => number,
  ) {
    this.#window = window;
    this.#keyColumn = keyColumn;
    this.#skip = page.skip;
    this.#max = page.max;
    this.#counts = page.counts;
    this.#sequence = sequence;
  }

  /** The page as it is now; null while the window waits to be filled. */
  get snapshot(): LiveSnapshot | null {
    if (this.#snapshot === null || !this.#window.isReady) return null;
    const seq = this.#sequence();
    if (this.#snapshot.seq !== seq) this.#snapshot = { ...this.#snapshot, seq };
    return this.#snapshot;
  }

  /** The changes after a commit that a client has seen; null when that is too long ago. */
  since(sequence: number): readonly LiveChange[] | null {
    if (this.#snapshot === null || sequence < this.#completeSince || sequence > this.#sequence()) return null;
    return this.#events.filter((event) => event.seq > sequence);
  }

  /** The window has been brought to `sequence`. Nothing is told while it waits to be filled: the next difference then spans several commits. */
  update(sequence: number): void {
    const window = this.#window;
    if (!window.isReady) return;
    const rows = window.slice(this.#skip, this.#max).map((kept) => kept.row);
    const count = this.#counts ? window.count : null;
    const last = this.#snapshot;
    if (last === null) {
      this.#snapshot = { kind: 'snapshot', seq: sequence, rows, count };
      this.#keys = this.#keysOf(rows);
      this.#completeSince = sequence;
      this.#tell(null);
      return;
    }
    const change = this.#difference(last, rows, sequence, count);
    if (change !== null) {
      this.#snapshot = { kind: 'snapshot', seq: sequence, rows, count };
      this.#events.push(change);
      if (this.#events.length > EVENTS_KEPT) this.#completeSince = this.#events.shift()!.seq;
    }
    this.#tell(change);
  }

  end(reason: Error): void {
    for (const listener of [...this.listeners]) listener.end(reason);
    this.listeners.clear();
  }

  #tell(event: LiveChange | null): void {
    for (const listener of [...this.listeners]) listener.wake(event);
  }

  #keysOf(rows: readonly StoreRow[]): KeyValue[] {
    return rows.map((row) => row[this.#keyColumn] as KeyValue);
  }

  #difference(before: LiveSnapshot, after: readonly StoreRow[], seq: number, count: number | null): LiveChange | null {
    const oldKeys = this.#keys;
    const newKeys = this.#keysOf(after);
    this.#keys = newKeys;
    const oldPlaces = new Map<KeyValue, number>();
    for (let i = 0; i < oldKeys.length; i++) oldPlaces.set(oldKeys[i]!, i);
    const insert: { row: StoreRow; at: number }[] = [];
    const update: { row: StoreRow; key: KeyValue }[] = [];
    const stays = new Set<KeyValue>();
    let lastPlace = -1;
    for (let at = 0; at < newKeys.length; at++) {
      const key = newKeys[at]!;
      const row = after[at]!;
      const place = oldPlaces.get(key);
      // A row that comes before one that was before it has moved: it is taken away and put in again.
      if (place === undefined || place < lastPlace) {
        insert.push({ row, at });
        continue;
      }
      lastPlace = place;
      stays.add(key);
      if (before.rows[place] !== row) update.push({ row, key });
    }
    const remove = oldKeys.filter((key) => !stays.has(key));
    if (insert.length + update.length + remove.length === 0 && count === before.count) return null;
    return { kind: 'change', seq, insert, update, remove, count };
  }
}
