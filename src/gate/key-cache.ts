/**
 * Entries that were read, kept for the next read: a Map answers in a tenth of the time that SQLite takes. Exact: the report of every commit goes through
 * apply(), and the gate asks here only when no commit is unreported (KeptAnswers.isUpToDate). Bounded by what it takes; what was asked for lately stays.
 */
import type { KeyEntry } from '../keys/entries.ts';
import { keyChangesOf } from '../keys/key-changes.ts';
import { KEY_DATABASE, KEY_TABLE } from '../keys/key-table.ts';
import { parsePattern } from '../keys/patterns.ts';
import type { Commit } from '../stores/store.ts';

const EVERY_KEY = parsePattern('*');
const ENTRY_BYTES = 250;
/** Larger values are not kept: reading them is what takes the time. */
const MAX_VALUE_BYTES = 16 * 1024;

export class KeyCache {
  readonly #maxBytes: number;
  /** Two generations: the older one is dropped when the younger is full, but for what was asked for in between. */
  #young = new Map<string, KeyEntry | null>();
  #old = new Map<string, KeyEntry | null>();
  #youngBytes = 0;

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

  apply(commit: Commit): void {
    if (!commit.changes.some(({ database, table }) => database === KEY_DATABASE && table === KEY_TABLE)) return;
    const changes = keyChangesOf(commit, EVERY_KEY);
    if (changes === null) {
      this.clear();
      return;
    }
    for (const { key, entry } of changes) {
      this.#old.delete(key);
      // What is asked for often is often written, too.
      if (this.#young.delete(key)) this.#keep(key, entry);
    }
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
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
