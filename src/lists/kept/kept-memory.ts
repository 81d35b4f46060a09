/**
 * The memory that kept lists may take, rows and lists together. When it is short, rows go first, as long as they have more than their share of it; then
 * the lists that were used least lately.
 */
import { isLive, type ListEntry } from './list-entry.ts';
import { RowCache } from './row-cache.ts';

/** Of the memory, what rows may always have. */
const ROWS_SHARE = 0.25;
/** Lists that are looked at in one search for what can go: about a millisecond. */
const LOOKS_MAX = 10_000;

export class KeptMemory {
  readonly rows = new RowCache();
  readonly limit: number;
  /** How a list goes, with all that belongs to it. */
  readonly #drop: (entry: ListEntry) => void;
  /** In the order in which they are looked at when one must go. */
  readonly #lists = new Set<ListEntry>();
  #listBytes = 0;
  #evictions = 0;

  constructor(limit: number, drop: (entry: ListEntry) => void) {
    this.limit = limit;
    this.#drop = drop;
  }

  get bytes(): number {
    return this.rows.bytes + this.#listBytes;
  }

  get evictions(): number {
    return this.#evictions;
  }

  add(entry: ListEntry): void {
    this.#lists.add(entry);
  }

  remove(entry: ListEntry): void {
    this.#lists.delete(entry);
    this.account(entry, 0);
  }

  /** What the list takes now. */
  account(entry: ListEntry, bytes: number): void {
    this.#listBytes += bytes - entry.bytes;
    entry.bytes = bytes;
  }

  /** After anything that may have taken memory. */
  enforce(): void {
    if (this.bytes > this.limit) this.#free();
  }

  #free(): void {
    this.#freeRows();
    // Those that were used get a second chance: the search meets them again at the end of the set.
    let looks = Math.min(LOOKS_MAX, 2 * this.#lists.size);
    for (const entry of this.#lists) {
      if (this.bytes <= this.limit || looks-- === 0) break;
      if (entry.isUsed || isLive(entry)) {
        entry.isUsed = false;
        this.#lists.delete(entry);
        this.#lists.add(entry);
        continue;
      }
      // Too large for what there is: not again at once.
      if (entry.bytes > this.limit / 2) entry.lists.uses.refuse(entry.key);
      this.#evictions++;
      this.#drop(entry);
      this.#freeRows();
    }
    if (this.bytes > this.limit) this.rows.free(this.bytes - this.limit);
  }

  #freeRows(): void {
    const spare = Math.min(this.bytes - this.limit, this.rows.bytes - this.limit * ROWS_SHARE);
    if (spare > 0) this.rows.free(spare);
  }
}
