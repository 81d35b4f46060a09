/** One statement on its way through a reader: chunks that have arrived and are not yet taken. */
import { failure } from '../../errors.ts';
import type { ProcedureCall } from '../procedure.ts';
import type { ReadStatement } from '../statement.ts';

/** A statement that has given no row yet is run again when its reader ends, up to this many times in all. */
const ATTEMPTS = 3;

/** What its reader does for it. */
export interface ReadingHost {
  credit(): void;
  cancel(): void;
}

/** Where it waits for a reader. */
export interface ReadingLine {
  /** Its reader ended: it is to be run again. */
  again(): void;
  /** It does not want to be run any more. */
  forget(): void;
}

/** A procedure's result is one chunk. */
export class Reading<Chunk> {
  readonly statement: ReadStatement | ProcedureCall;
  readonly isFirst: boolean;
  readonly #line: ReadingLine;
  #host: ReadingHost | null = null;
  #chunks: Chunk[] = [];
  #state: 'open' | 'finished' | 'failed' = 'open';
  #failure: Error | null = null;
  /** Whether any chunk has been given to the consumer: then the statement cannot be run again unnoticed. */
  #delivered = false;
  #attempts = 0;
  #wake: (() => void) | null = null;

  constructor(statement: ReadStatement | ProcedureCall, isFirst: boolean, line: ReadingLine) {
    this.statement = statement;
    this.isFirst = isFirst;
    this.#line = line;
  }

  get chunks(): AsyncIterable<Chunk> {
    return { [Symbol.asyncIterator]: () => this.#iterate() };
  }

  cancel(reason: Error): void {
    if (this.#state !== 'open') return;
    const host = this.#host;
    this.#line.forget();
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
    this.#line.again();
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
