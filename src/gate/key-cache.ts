/**
 * Entries that were read, kept for the next read: a Map answers in a tenth of the time that SQLite takes. Exact: the report of every commit goes through
 * apply(), and the gate asks here only when no commit is unreported (KeptAnswers.isUpToDate). Bounded by what it takes; what was asked for lately stays.
 */
import { type KeyEntry, keyEntry, storedEntry } from '../keys/entries.ts';
import { KEY_DATABASE, KEY_TABLE } from '../keys/key-table.ts';
import type { Commit } from '../stores/store.ts';
import type { StoreRow } from '../stores/values.ts';

const ENTRY_BYTES = 250;
/** Keys of which it is known that nothing is there. A few megabytes. */
const NOTHING_KEYS = 20_000;
const NOTHING_KEY_LENGTH = 200;
/** Larger values are not kept: reading them is what takes the time. */
const MAX_VALUE_BYTES = 16 * 1024;

export class KeyCache {
  readonly #maxBytes: number;
  /** Two generations: the older one is dropped when the younger is full, but for what was asked for in between. */
  #young = new Map<string, KeyEntry | null>();
  #old = new Map<string, KeyEntry | null>();
  #youngBytes = 0;
  readonly #nothing = new Set<string>();

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** null: there is no such key; undefined: not known. */
  get(key: string, now: number): KeyEntry | null | undefined {
    let entry = this.#young.get(key);
    if (entry === undefined) {
      entry = this.#old.get(key);
      if (entry === undefined) return undefined;
      this.#keep(key, entry);
    }
    return entry !== null && entry.expiresAt !== null && entry.expiresAt <= now ? null : entry;
  }

  /** What the store has just given. */
  set(key: string, entry: KeyEntry | null): void {
    this.#keep(key, entry);
  }

  /** Whether it is known that a key has no value and no children with values either: Redis' hashes are such children. */
  isNothing(key: string): boolean {
    return this.#nothing.has(key);
  }

  /** The store has just said so. */
  setNothing(key: string): void {
    if (key.length > NOTHING_KEY_LENGTH) return;
    if (this.#nothing.size >= NOTHING_KEYS) this.#nothing.clear();
    this.#nothing.add(key);
  }

  apply(commit: Commit): void {
    for (const { database, table, rows } of commit.changes) {
      if (database !== KEY_DATABASE || table !== KEY_TABLE) continue;
      if (rows === null) this.clear();
      else for (const { before, after } of rows) this.#changed(before, after);
    }
  }

  /** A row whose path was changed (by SQL) is one key removed and another put. */
  #changed(before: StoreRow | null, after: StoreRow | null): void {
    const [was, is] = [before?.[0], after?.[0]];
    if (was !== undefined && was !== is) this.#replace(was as string, null);
    if (after !== null) this.#replace(is as string, after);
  }

  #replace(key: string, row: StoreRow | null): void {
    this.#old.delete(key);
    if (this.#nothing.size > 0) {
      this.#nothing.delete(key);
      this.#nothing.delete(key.slice(0, Math.max(0, key.lastIndexOf('.'))));
    }
    // What is asked for often is often written, too.
    if (this.#young.delete(key)) this.#keep(key, row === null ? null : keyEntry(key, storedEntry(row.slice(1))));
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
    this.#nothing.clear();
    this.#youngBytes = 0;
  }

  #keep(key: string, entry: KeyEntry | null): void {
    if (!sized(entry)) return;
    this.#youngBytes += ENTRY_BYTES + key.length + lengthOf(entry);
    if (this.#youngBytes > this.#maxBytes / 2) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    this.#young.set(key, entry);
  }
}

function sized(entry: KeyEntry | null): boolean {
  return lengthOf(entry) <= MAX_VALUE_BYTES;
}

function lengthOf(entry: KeyEntry | null): number {
  const value = entry?.value;
  return typeof value === 'string' || value instanceof Uint8Array ? value.length : 0;
}
