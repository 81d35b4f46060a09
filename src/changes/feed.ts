/**
 * The ordered feed of committed row changes: the last commits, in memory. Kept lists, watches and the conflict check of transactions read
 * only this. It relies on the store to report every commit in order, and promises that since() leaves none out, or says so.
 */
import assert from 'node:assert';
import type { Commit } from '../stores/store.ts';
import type { StoreRow } from '../stores/values.ts';

export interface FeedLimits {
  readonly maxCommits: number;
  readonly maxBytes: number;
}

const DEFAULT_LIMITS: FeedLimits = { maxCommits: 10_000, maxBytes: 16 * 1024 * 1024 };

interface Kept {
  readonly commit: Commit;
  readonly bytes: number;
}

export class ChangeFeed {
  readonly #limits: FeedLimits;
  #kept: Kept[] = [];
  /** Kept commits begin here in #kept: removing from an array's front one by one would move the rest each time. */
  #first = 0;
  #bytes = 0;
  /** Every commit after this one is kept. */
  #completeSince: number;
  #sequence: number;

  /** `sequence`: the newest commit at the beginning, none of whose changes are in the feed. */
  constructor(sequence: number, limits: FeedLimits = DEFAULT_LIMITS) {
    this.#sequence = sequence;
    this.#completeSince = sequence;
    this.#limits = limits;
  }

  /** The newest commit. */
  get sequence(): number {
    return this.#sequence;
  }

  /** The next commit. A gap is allowed: its report then counts for the commits left out (see Store). */
  push(commit: Commit): void {
    assert.ok(commit.sequence > this.#sequence, `commit ${commit.sequence} comes after ${this.#sequence}`);
    this.#sequence = commit.sequence;
    const bytes = approximateBytes(commit);
    this.#kept.push({ commit, bytes });
    this.#bytes += bytes;
    while (this.#kept.length - this.#first > this.#limits.maxCommits || this.#bytes > this.#limits.maxBytes)
      this.#dropOldest();
  }

  /** The commits after `sequence`, oldest first; null when some of them are no longer kept: anything may have changed then. */
  since(sequence: number): readonly Commit[] | null {
    if (sequence >= this.#sequence) return [];
    if (sequence < this.#completeSince) return null;
    let at = this.#kept.length;
    while (at > this.#first && this.#kept[at - 1]!.commit.sequence > sequence) at--;
    return this.#kept.slice(at).map((kept) => kept.commit);
  }

  /** The first commit after `sequence`; undefined: there is none yet; null: it is no longer kept. */
  after(sequence: number): Commit | undefined | null {
    if (sequence >= this.#sequence) return undefined;
    if (sequence < this.#completeSince) return null;
    let low = this.#first;
    let high = this.#kept.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#kept[middle]!.commit.sequence <= sequence) low = middle + 1;
      else high = middle;
    }
    return this.#kept[low]?.commit;
  }

  #dropOldest(): void {
    const oldest = this.#kept[this.#first]!;
    this.#completeSince = oldest.commit.sequence;
    this.#bytes -= oldest.bytes;
    this.#first++;
    if (this.#first * 2 < this.#kept.length) return;
    this.#kept = this.#kept.slice(this.#first);
    this.#first = 0;
  }
}

const COMMIT_BYTES = 200;
const ROW_BYTES = 100;
const VALUE_BYTES = 16;

function approximateBytes(commit: Commit): number {
  let bytes = COMMIT_BYTES;
  for (const { rows } of commit.changes) {
    for (const row of rows ?? []) bytes += ROW_BYTES + rowBytes(row.before) + rowBytes(row.after);
  }
  return bytes;
}

function rowBytes(row: StoreRow | null): number {
  if (row === null) return 0;
  let bytes = 0;
  for (const value of row)
    bytes += VALUE_BYTES + (typeof value === 'string' || value instanceof Uint8Array ? value.length : 0);
  return bytes;
}
