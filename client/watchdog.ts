import { SluiceError } from './failure.ts';

/** Aborts a connection on which nothing was heard for too long: the other side may be gone without a word. */
export class Watchdog {
  readonly #connection: AbortController;
  readonly #milliseconds: number;
  #timer: ReturnType<typeof setTimeout>;

  constructor(milliseconds: number, connection: AbortController) {
    this.#milliseconds = milliseconds;
    this.#connection = connection;
    this.#timer = this.#start();
  }

  /** Something was heard. */
  calm(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #start(): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      const details = { code: 'CONNECTION_FAILED', status: 0, retryable: true };
      this.#connection.abort(new SluiceError(`nothing was heard for ${this.#milliseconds} ms`, details));
    }, this.#milliseconds);
  }
}
