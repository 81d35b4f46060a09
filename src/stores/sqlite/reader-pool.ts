/**
 * The reader processes: a statement is given to one that is idle, or waits for one. Leaving a stream early ends the statement: a reader that
 * waits for credit is told so, one that is busy is killed and replaced, because nothing else stops SQLite in the middle.
 */
import { deserializeFailure, failure } from '../../errors.ts';
import { STREAM_WINDOW_CHUNKS } from '../../limits.ts';
import type { ProcedureCall, RunningCall } from '../procedure.ts';
import type { ReadStatement } from '../statement.ts';
import type { RowStream } from '../store.ts';
import type { StoreRow } from '../values.ts';
import { Child } from './child-process.ts';
import type { ReaderReply } from './reader-protocol.ts';

export interface ReaderPoolOptions {
  /** File URL of the entry point (processes/reader.ts). */
  readonly script: string;
  readonly directory: string;
  readonly readers: number;
}

/** A statement that has given no row yet is run again when its reader ends, up to this many times in all. */
const ATTEMPTS = 3;
/** A reader that waits for credit answers at once; one that does not is busy. */
const CANCEL_GRACE_MS = 100;
/** Pause before a reader is started again that ended without having answered; doubles each time. */
const FIRST_PAUSE_MS = 50;
const LAST_PAUSE_MS = 5_000;
/**
 * So long after a read that was to be first, the reader that ran it waits for the next one: what is read in many steps would else wait before each of
 * them for a client's statement to end, and those take seconds at times.
 */
const KEPT_FREE_MS = 50;

export class ReaderPool {
  readonly #readers: Reader[] = [];
  #waiting: Reading<unknown>[] = [];
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
      idle--;
      reader.run(next);
    }
  }

  get #keptFree(): number {
    if (performance.now() >= this.#keptFreeUntil) return 0;
    return this.#readers.some((reader) => reader.runsFirst) ? 0 : 1;
  }
}

/** One place in the pool: a process, and the next one when that ends. */
class Reader {
  readonly #options: ReaderPoolOptions;
  readonly #onIdle: (ended: Reading<unknown> | null) => void;
  #child: Child | null = null;
  #reading: Reading<unknown> | null = null;
  #failuresInARow = 0;
  #closing = false;
  #closed: (() => void) | null = null;
  #restartTimer: NodeJS.Timeout | null = null;

  constructor(options: ReaderPoolOptions, onIdle: (ended: Reading<unknown> | null) => void) {
    this.#options = options;
    this.#onIdle = onIdle;
    this.#start();
  }

  get idle(): boolean {
    return this.#child !== null && this.#reading === null;
  }

  /** Whether it runs what was to be first. */
  get runsFirst(): boolean {
    return this.#reading?.isFirst === true;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  run(reading: Reading<unknown>): void {
    this.#reading = reading;
    reading.begin({
      credit: () => this.#child?.send({ kind: 'credit' }),
      cancel: () => this.#cancel(reading),
    });
    this.#child!.send({ kind: 'read', statement: reading.statement, window: STREAM_WINDOW_CHUNKS });
  }

  close(): Promise<void> {
    this.#closing = true;
    if (this.#restartTimer) clearTimeout(this.#restartTimer);
    return new Promise((resolve) => {
      if (this.#child === null) {
        resolve();
        return;
      }
      this.#closed = resolve;
      if (this.#reading) this.#child.kill();
      else this.#child.end();
    });
  }

  #start(): void {
    const child = new Child(this.#options.script, [this.#options.directory], {
      onMessage: (message) => this.#receive(message as ReaderReply),
      onEnd: (reason) => this.#ended(reason),
    });
    this.#child = child;
  }

  #receive(reply: ReaderReply): void {
    this.#failuresInARow = 0;
    const reading = this.#reading;
    if (reading === null) return;
    const ends = reply.kind !== 'rows' || reply.last;
    if (ends) this.#reading = null;
    if (reply.kind === 'rows') reading.take(reply.rows);
    if (reply.kind === 'result') reading.take(reply.result);
    if (reply.kind === 'failed') reading.fail(deserializeFailure(reply.failure));
    else if (ends) reading.finish();
    if (ends) this.#onIdle(reading);
  }

  #cancel(reading: Reading<unknown>): void {
    this.#child?.send({ kind: 'cancel' });
    const child = this.#child;
    setTimeout(() => {
      if (this.#reading === reading && this.#child === child) child?.kill();
    }, CANCEL_GRACE_MS);
  }

  #ended(reason: string): void {
    this.#child = null;
    const reading = this.#reading;
    this.#reading = null;
    if (this.#closing) {
      reading?.fail(failure('ER_SERVER_SHUTDOWN'));
      this.#closed?.();
      return;
    }
    const pause = this.#failuresInARow === 0 ? 0 : Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failuresInARow);
    this.#failuresInARow++;
    if (pause > 0)
      process.emitWarning(
        `a reader process ended (${reason}) before it had answered; the next one starts in ${pause} ms`,
      );
    this.#restartTimer = setTimeout(() => {
      this.#start();
      this.#onIdle(null);
    }, pause);
    reading?.lost();
  }
}

interface ReadingHost {
  credit(): void;
  cancel(): void;
}

async function firstOf(chunks: AsyncIterable<unknown>): Promise<unknown> {
  for await (const chunk of chunks) return chunk;
  return undefined;
}

/** One statement on its way: chunks that have arrived and are not yet taken. A procedure's result is one chunk. */
class Reading<Chunk> {
  readonly statement: ReadStatement | ProcedureCall;
  readonly isFirst: boolean;
  readonly #pool: { again(): void; forget(): void };
  #host: ReadingHost | null = null;
  #chunks: Chunk[] = [];
  #state: 'open' | 'finished' | 'failed' = 'open';
  #failure: Error | null = null;
  /** Whether any chunk has been given to the consumer: then the statement cannot be run again unnoticed. */
  #delivered = false;
  #attempts = 0;
  #wake: (() => void) | null = null;

  constructor(statement: ReadStatement | ProcedureCall, isFirst: boolean, pool: { again(): void; forget(): void }) {
    this.statement = statement;
    this.isFirst = isFirst;
    this.#pool = pool;
  }

  get chunks(): AsyncIterable<Chunk> {
    return { [Symbol.asyncIterator]: () => this.#iterate() };
  }

  cancel(reason: Error): void {
    if (this.#state !== 'open') return;
    const host = this.#host;
    this.#pool.forget();
    this.fail(reason);
    host?.cancel();
  }

  /** A reader takes it up. */
  begin(host: ReadingHost): void {
    this.#host = host;
    this.#attempts++;
  }

  take(chunk: Chunk): void {
    if (this.#state !== 'open') return;
    this.#chunks.push(chunk);
    this.#wake?.();
  }

  finish(): void {
    if (this.#state === 'open') this.#state = 'finished';
    this.#host = null;
    this.#wake?.();
  }

  fail(reason: Error): void {
    if (this.#state !== 'open') return;
    this.#state = 'failed';
    this.#failure = reason;
    this.#host = null;
    this.#wake?.();
  }

  /** The reader ended. If nobody has seen a row, another one starts over. */
  lost(): void {
    if (this.#state !== 'open') return;
    this.#host = null;
    if (this.#delivered || this.#attempts >= ATTEMPTS) {
      this.fail(failure('SLUICE_READER_LOST'));
      return;
    }
    this.#chunks = [];
    this.#pool.again();
  }

  async *#iterate(): AsyncGenerator<Chunk, void, undefined> {
    try {
      for (;;) {
        if (this.#failure) throw this.#failure;
        const chunk = this.#chunks.shift();
        if (chunk !== undefined) {
          this.#delivered = true;
          yield chunk;
          this.#host?.credit();
        } else if (this.#state === 'finished') {
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
    } finally {
      // A failure is not made for nothing: its stack trace takes 8 us.
      if (this.#state === 'open') this.cancel(failure('ER_QUERY_INTERRUPTED'));
    }
  }
}
