/** Rows on their way from the source to a client that reads them as it likes: where it is slow, the source is made to wait. */
import type { SourceConnection } from '../../stores/mysql/connection.ts';
import type { RowSink } from '../../stores/mysql/result-reply.ts';

/** Beyond this the connection is not read. */
const MAX_WAITING_BYTES = 256 * 1024;

export class RowStream implements RowSink {
  /** Resolves when the columns are known. */
  readonly begun: Promise<void>;
  columnCount = 0;
  columns: readonly Buffer[] = [];
  readonly #connection: SourceConnection;
  #begin!: () => void;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #isPaused = false;
  #ended: { readonly error: unknown } | null = null;
  #wake: (() => void) | null = null;

  constructor(connection: SourceConnection) {
    this.#connection = connection;
    this.begun = new Promise((resolve) => {
      this.#begin = resolve;
    });
  }

  onColumns(columnCount: number, columns: readonly Buffer[]): void {
    this.columnCount = columnCount;
    this.columns = columns;
    this.#begin();
  }

  onRows(rows: Buffer): void {
    this.#waiting.push(rows);
    this.#waitingBytes += rows.length;
    if (this.#waitingBytes > MAX_WAITING_BYTES && !this.#isPaused) {
      this.#isPaused = true;
      this.#connection.pause();
    }
    this.#wakeUp();
  }

  /** No more will come; `error`: why not. */
  finish(error: unknown = null): void {
    this.#ended = { error };
    this.#begin();
    this.#wakeUp();
  }

  get hasEnded(): boolean {
    return this.#ended !== null;
  }

  /** Reads on, whoever is to have it: what comes is to be passed over. */
  discard(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#goOn();
  }

  async *rows(onLeft: () => Promise<void>): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        const waiting = this.#waiting;
        if (waiting.length > 0) {
          this.#waiting = [];
          this.#waitingBytes = 0;
          for (const rows of waiting) yield rows;
          this.#goOn();
        } else if (this.#ended !== null) {
          if (this.#ended.error !== null) throw this.#ended.error;
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
    } finally {
      await onLeft();
    }
  }

  #goOn(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#connection.resume();
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = null;
  }
}
