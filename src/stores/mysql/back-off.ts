/**
 * When to try again to reach the source: after a failure nobody tries for a second, after the next one for two, up to 32. In between requests fail at
 * once, instead of waiting for what will not come.
 */
import { asFailure, failure, type SluiceError } from '../../errors.ts';

const FIRST_MS = 1_000;
const MOST_MS = 32_000;

export interface BackOffState {
  /** What the last attempt failed with. */
  readonly why: string;
  /** Between that one and the next. */
  readonly delayMs: number;
  /** Until the next one. */
  readonly remainingMs: number;
}

const SENTENCE = failure('SLUICE_SOURCE_UNAVAILABLE', '').message;

export class BackOff {
  #delayMs = 0;
  #until = 0;
  #why = '';
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** How long nobody should try, in ms; 0 when one may. */
  get remainingMs(): number {
    return Math.max(0, this.#until - this.#now());
  }

  get isClosed(): boolean {
    return this.#delayMs === 0;
  }

  /** null: the last attempt succeeded. */
  get state(): BackOffState | null {
    const { remainingMs } = this;
    return this.isClosed ? null : { why: this.#why, delayMs: this.#delayMs, remainingMs };
  }

  /** For who asks while nobody tries. */
  refusal(): SluiceError | null {
    const { remainingMs } = this;
    if (remainingMs === 0) return null;
    return failure('SLUICE_SOURCE_UNAVAILABLE', `${this.#why} (next attempt in ${Math.ceil(remainingMs / 1000)} s)`);
  }

  succeeded(): void {
    this.#delayMs = 0;
    this.#until = 0;
  }

  /** Several that fail at the same time are one failure. */
  failed(error: unknown): void {
    if (this.remainingMs > 0) return;
    // It is told within the same sentence.
    this.#why = asFailure(error).message.replace(SENTENCE, '');
    this.#delayMs = this.#delayMs === 0 ? FIRST_MS : Math.min(this.#delayMs * 2, MOST_MS);
    this.#until = this.#now() + this.#delayMs;
  }
}
