/**
 * Turns among transactions that will probably write. Two such transactions that read at once and then write mostly end with one of them refused
 * (1213); letting the second read after the first has ended costs it a short wait instead. It is a courtesy, never a lock: the wait is bounded, and
 * the check at the first write decides all the same.
 */
import { TURN_WAIT_MS } from '../limits.ts';

export interface Turn {
  /** null: it is this one's turn already. */
  readonly ready: Promise<void> | null;
  end(): void;
}

interface Waiting {
  start(): void;
  started: boolean;
}

export class WriterTurns {
  /** Those whose turn it is (more than one only when a wait ran out), then those who wait. */
  #active = 0;
  readonly #waiting = new Set<Waiting>();

  take(): Turn {
    if (this.#active === 0) {
      this.#active++;
      return { ready: null, end: this.#endOnce() };
    }
    let wake: () => void = () => undefined;
    const ready = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const timer = setTimeout(() => waiting.start(), TURN_WAIT_MS);
    const waiting: Waiting = {
      started: false,
      start: () => {
        if (waiting.started) return;
        waiting.started = true;
        this.#waiting.delete(waiting);
        this.#active++;
        clearTimeout(timer);
        wake();
      },
    };
    this.#waiting.add(waiting);
    const end = this.#endOnce();
    return {
      ready,
      end: () => {
        if (waiting.started) end();
        else {
          this.#waiting.delete(waiting);
          clearTimeout(timer);
          waiting.started = true;
          wake();
        }
      },
    };
  }

  #endOnce(): () => void {
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.#active--;
      if (this.#active > 0) return;
      for (const next of this.#waiting) {
        next.start();
        return;
      }
    };
  }
}
