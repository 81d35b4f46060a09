/**
 * The reader processes: a statement is given to one that is idle, or waits for one. Leaving a stream early ends the statement: a reader that
 * waits for credit is told so, one that is busy is killed and replaced, because nothing else stops SQLite in the middle.
 */
import { failure } from '../../errors.ts';
import type { ProcedureCall, RunningCall } from '../procedure.ts';
import type { SharedReads } from '../shared-reads.ts';
import type { ReadStatement } from '../statement.ts';
import type { RowStream } from '../store.ts';
import type { StoreRow } from '../values.ts';
import { Reader, type ReaderOptions } from './reader.ts';
import { Reading } from './reading.ts';
import { openSharedReads } from './shared-readers.ts';

export interface ReaderPoolOptions extends ReaderOptions {
  readonly readers: number;
}

/**
 * So long after a read that was to be first, the reader that ran it waits for the next one: what is read in many steps would else wait before each of
 * them for a client's statement to end, and those take seconds at times.
 */
const KEPT_FREE_MS = 50;

/** Somebody waits for readers to share a snapshot. */
interface Sharing {
  readonly isFirst: false;
  readonly width: number;
  readonly resolve: (reads: SharedReads) => void;
  readonly reject: (reason: Error) => void;
  readonly fail: (reason: Error) => void;
}

export class ReaderPool {
  readonly #readers: Reader[] = [];
  #waiting: (Reading<unknown> | Sharing)[] = [];
  #closing = false;
  /** For reads that are to be first one reader is kept free until then, in the clock of performance.now(). */
  #keptFreeUntil = 0;
  #keptFreeTimer: NodeJS.Timeout | null = null;

  constructor(options: ReaderPoolOptions) {
    for (let i = 0; i < options.readers; i++) this.#readers.push(new Reader(options, (ended) => this.#ended(ended)));
  }

  /** Process ids of the readers that run now. */
  get pids(): number[] {
    return this.#readers.flatMap((reader) => reader.pid ?? []);
  }

  read(statement: ReadStatement, isFirst = false): RowStream {
    return this.#begin<readonly StoreRow[]>(statement, isFirst);
  }

  call(call: ProcedureCall): RunningCall {
    const reading = this.#begin<unknown>(call, false);
    return { result: firstOf(reading.chunks), cancel: (reason) => reading.cancel(reason) };
  }

  /** Those that are free when its turn comes, up to `width`, and one at least. */
  share(width: number): Promise<SharedReads> {
    return new Promise((resolve, reject) => {
      if (this.#closing) reject(failure('ER_SERVER_SHUTDOWN'));
      else {
        this.#waiting.push({ isFirst: false, width, resolve, reject, fail: reject });
        this.#assign();
      }
    });
  }

  #begin<Chunk>(statement: ReadStatement | ProcedureCall, isFirst: boolean): Reading<Chunk> {
    const reading = new Reading<Chunk>(statement, isFirst, {
      again: () => {
        this.#waiting.unshift(reading);
        this.#assign();
      },
      forget: () => {
        this.#waiting = this.#waiting.filter((waiting) => waiting !== reading);
      },
    });
    if (this.#closing) reading.fail(failure('ER_SERVER_SHUTDOWN'));
    else if (isFirst) this.#waiting.unshift(reading);
    else this.#waiting.push(reading);
    this.#assign();
    return reading;
  }

  async close(): Promise<void> {
    this.#closing = true;
    for (const reading of this.#waiting) reading.fail(failure('ER_SERVER_SHUTDOWN'));
    this.#waiting = [];
    if (this.#keptFreeTimer) clearTimeout(this.#keptFreeTimer);
    await Promise.all(this.#readers.map((reader) => reader.close()));
  }

  #ended(reading: Reading<unknown> | null): void {
    if (reading?.isFirst && this.#readers.length > 1) {
      this.#keptFreeUntil = performance.now() + KEPT_FREE_MS;
      this.#keptFreeTimer ??= setTimeout(() => this.#assignLater(), KEPT_FREE_MS).unref();
    }
    this.#assign();
  }

  #assignLater(): void {
    const left = this.#keptFreeUntil - performance.now();
    this.#keptFreeTimer = left > 0 ? setTimeout(() => this.#assignLater(), left).unref() : null;
    if (left <= 0) this.#assign();
  }

  #assign(): void {
    let idle = this.#readers.filter((reader) => reader.idle).length;
    for (const reader of this.#readers) {
      const next = this.#waiting[0];
      if (next === undefined || (!next.isFirst && idle <= this.#keptFree)) return;
      if (!reader.idle) continue;
      this.#waiting.shift();
      if (next instanceof Reading) {
        reader.run(next);
        idle--;
      } else idle -= this.#grant(next, idle - this.#keptFree);
    }
  }

  /** Returns how many readers are held now. */
  #grant({ width, resolve, reject }: Sharing, most: number): number {
    const readers = this.#readers.filter((reader) => reader.idle).slice(0, Math.min(width, most));
    openSharedReads(readers).then(resolve, reject);
    return readers.length;
  }

  get #keptFree(): number {
    if (performance.now() >= this.#keptFreeUntil) return 0;
    return this.#readers.some((reader) => reader.runsFirst) ? 0 : 1;
  }
}

async function firstOf(chunks: AsyncIterable<unknown>): Promise<unknown> {
  for await (const chunk of chunks) return chunk;
  return undefined;
}
