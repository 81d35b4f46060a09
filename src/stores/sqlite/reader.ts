/** One place in the pool of readers: a process, and the next one when that ends. */
import { deserializeFailure, failure } from '../../errors.ts';
import { STREAM_WINDOW_CHUNKS } from '../../limits.ts';
import { Child } from './child-process.ts';
import type { ReaderReply } from './reader-protocol.ts';
import type { Reading } from './reading.ts';

export interface ReaderOptions {
  /** File URL of the entry point (processes/reader.ts). */
  readonly script: string;
  readonly directory: string;
}

/** Who has a reader for itself, for reads on one snapshot. */
export interface ReaderHolder {
  /** It has run what it was given. */
  freed(): void;
  /** Its process ended, and the snapshot with it: it is the pool's again. */
  lost(reader: Reader): void;
}

/** A reader that waits for credit answers at once; one that does not is busy. */
const CANCEL_GRACE_MS = 50;
/** Pause before a reader is started again that ended without having answered; doubles each time. */
const FIRST_PAUSE_MS = 50;
const LAST_PAUSE_MS = 5_000;
export class Reader {
  readonly #options: ReaderOptions;
  readonly #onIdle: (ended: Reading<unknown> | null) => void;
  #child: Child | null = null;
  #reading: Reading<unknown> | null = null;
  #failuresInARow = 0;
  #closing = false;
  #closed: (() => void) | null = null;
  #restartTimer: NodeJS.Timeout | null = null;
  #holder: ReaderHolder | null = null;
  #begun: { readonly resolve: (sequence: number) => void; readonly reject: (reason: Error) => void } | null = null;

  constructor(options: ReaderOptions, onIdle: (ended: Reading<unknown> | null) => void) {
    this.#options = options;
    this.#onIdle = onIdle;
    this.#start();
  }

  /** Free for anyone. */
  get idle(): boolean {
    return this.free && this.#holder === null;
  }

  /** Free for who holds it. */
  get free(): boolean {
    return this.#child !== null && this.#reading === null;
  }

  hold(holder: ReaderHolder): void {
    this.#holder = holder;
  }

  /** Begins a snapshot, which all reads until release() see. Resolves with its commit. */
  begin(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#begun = { resolve, reject };
      this.#child?.send({ kind: 'begin' });
    });
  }

  end(): void {
    this.#child?.send({ kind: 'end' });
  }

  /** Gives it back to the pool. */
  release(): void {
    this.end();
    this.#holder = null;
    this.#onIdle(null);
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
    if (reply.kind === 'begun') {
      this.#begun?.resolve(reply.sequence);
      this.#begun = null;
      return;
    }
    const reading = this.#reading;
    if (reading === null) {
      if (reply.kind === 'failed') this.#refuseSnapshot(deserializeFailure(reply.failure));
      return;
    }
    const ends = reply.kind !== 'rows' || reply.last;
    if (ends) this.#reading = null;
    if (reply.kind === 'rows') reading.take(reply.rows);
    if (reply.kind === 'result') reading.take(reply.result);
    if (reply.kind === 'failed') reading.fail(deserializeFailure(reply.failure));
    else if (ends) reading.finish();
    if (!ends) return;
    if (this.#holder === null) this.#onIdle(reading);
    else this.#holder.freed();
  }

  #refuseSnapshot(reason: Error): void {
    this.#begun?.reject(reason);
    this.#begun = null;
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
    const holder = this.#holder;
    this.#holder = null;
    this.#refuseSnapshot(failure('SLUICE_READER_LOST'));
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
    holder?.lost(this);
    reading?.lost();
  }
}
