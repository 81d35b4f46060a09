/**
 * Reader processes that share a snapshot. Each begins a read transaction; those that have begun at an older commit than the newest of them begin anew, until
 * all are at the same one. Nobody waits for them: under steady writes that takes a few tries, and who has not made it by then goes back to the pool.
 */
import { failure } from '../../errors.ts';
import type { SharedReads } from '../shared-reads.ts';
import type { ReadStatement } from '../statement.ts';
import type { RowStream } from '../store.ts';
import type { StoreRow } from '../values.ts';
import type { Reader, ReaderHolder } from './reader.ts';
import { Reading } from './reading.ts';

const ATTEMPTS = 10;

/** The readers are held from now on. Rejects when none of them is left. */
export async function openSharedReads(readers: readonly Reader[]): Promise<SharedReads> {
  const shared = new SharedReaders(readers);
  await shared.begin();
  return shared;
}

class SharedReaders implements SharedReads, ReaderHolder {
  sequence = 0;
  readonly #readers: Set<Reader>;
  #waiting: Reading<readonly StoreRow[]>[] = [];
  #isClosed = false;

  constructor(readers: readonly Reader[]) {
    this.#readers = new Set(readers);
    for (const reader of readers) reader.hold(this);
  }

  get width(): number {
    return this.#readers.size;
  }

  async begin(): Promise<void> {
    const begun = new Map<Reader, number>();
    for (let attempt = 0; ; attempt++) {
      await Promise.all([...this.#readers].map((reader) => this.#beginAgain(reader, begun)));
      if (this.#readers.size === 0) throw failure('SLUICE_READER_LOST');
      const sequences = [...this.#readers].map((reader) => begun.get(reader) ?? 0);
      this.sequence = Math.max(...sequences);
      if (sequences.every((sequence) => sequence === this.sequence)) return;
      if (attempt < ATTEMPTS) continue;
      for (const reader of [...this.#readers]) if (begun.get(reader) !== this.sequence) this.#release(reader);
      return;
    }
  }

  /** One that is at the newest commit stays there. */
  async #beginAgain(reader: Reader, begun: Map<Reader, number>): Promise<void> {
    const at = begun.get(reader);
    if (at !== undefined && at === this.sequence) return;
    if (at !== undefined) reader.end();
    try {
      begun.set(reader, await reader.begin());
    } catch (error) {
      // One that is lost is the pool's again already.
      if (this.#readers.has(reader)) this.#release(reader);
      if (this.#readers.size === 0) throw error;
    }
  }

  read(statement: ReadStatement): RowStream {
    const reading = new Reading<readonly StoreRow[]>(statement, false, {
      again: () => {
        this.#waiting.unshift(reading);
        this.#assign();
      },
      forget: () => {
        this.#waiting = this.#waiting.filter((waiting) => waiting !== reading);
      },
    });
    this.#waiting.push(reading);
    this.#assign();
    return reading;
  }

  freed(): void {
    this.#assign();
  }

  lost(reader: Reader): void {
    this.#readers.delete(reader);
    this.#assign();
  }

  /** What still runs is to be cancelled by who reads it: a reader that is busy goes back when that has ended. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#assign();
  }

  #assign(): void {
    if (this.#isClosed) {
      for (const reader of [...this.#readers]) if (reader.free) this.#release(reader);
      this.#failWaiting('ER_QUERY_INTERRUPTED');
      return;
    }
    if (this.#readers.size === 0) this.#failWaiting('SLUICE_READER_LOST');
    for (const reader of this.#readers) {
      if (!reader.free) continue;
      const next = this.#waiting.shift();
      if (next === undefined) return;
      reader.run(next);
    }
  }

  #failWaiting(code: 'ER_QUERY_INTERRUPTED' | 'SLUICE_READER_LOST'): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const reading of waiting) reading.fail(failure(code));
  }

  #release(reader: Reader): void {
    this.#readers.delete(reader);
    reader.release();
  }
}
