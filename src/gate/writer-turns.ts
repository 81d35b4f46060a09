/**
 * Turns among transactions that will probably write. Two such transactions that read at once and then write mostly end with one of them refused
 * (1213); letting the second read after the first has ended costs it a short wait instead. It is a courtesy, never a lock: a client that pauses in
 * the middle loses its turn, and the check at the first write decides all the same.
 */
import { TURN_PAUSE_MS, TURN_WAIT_MS } from '../limits.ts';

export interface Turn {
  /** null: it is this one's turn already. */
  readonly ready: Promise<void> | null;
  /** The client is at work: its turn goes on. */
  touch(): void;
  end(): void;
}

interface Entry extends Turn {
  readonly since: number;
  touchedAt: number;
  start: () => void;
}

export class WriterTurns {
  #holder: Entry | null = null;
  readonly #waiting = new Set<Entry>();
  #timer: NodeJS.Timeout | null = null;

  take(): Turn {
    const now = performance.now();
    let start: () => void = () => undefined;
    const free = this.#holder === null;
    const ready = free
      ? null
      : new Promise<void>((resolve) => {
          start = resolve;
        });
    const entry: Entry = {
      ready,
      since: now,
      touchedAt: now,
      start,
      touch: () => {
        entry.touchedAt = performance.now();
      },
      end: () => this.#end(entry),
    };
    if (free) this.#holder = entry;
    else {
      this.#waiting.add(entry);
      this.#timer ??= setInterval(() => this.#look(), TURN_PAUSE_MS / 2);
    }
    return entry;
  }

  #end(entry: Entry): void {
    if (this.#holder === entry) this.#next();
    else if (this.#waiting.delete(entry)) entry.start();
  }

  #next(): void {
    this.#holder = null;
    for (const entry of this.#waiting) {
      this.#waiting.delete(entry);
      this.#holder = entry;
      entry.touch();
      entry.start();
      break;
    }
    if (this.#waiting.size === 0 && this.#timer !== null) {
      clearInterval(this.#timer);
      this.#timer = null;
    }
  }

  /** Passes on the turn of a client that pauses, and lets those go on that have waited long enough. */
  #look(): void {
    const now = performance.now();
    for (const entry of this.#waiting) {
      if (now - entry.since < TURN_WAIT_MS) break;
      this.#waiting.delete(entry);
      entry.start();
    }
    if (this.#holder === null || now - this.#holder.touchedAt > TURN_PAUSE_MS) this.#next();
  }
}
