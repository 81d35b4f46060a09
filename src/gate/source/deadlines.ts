/**
 * The limits of time of what runs on the source. There are few at a time, as each has a connection, and nearly none is reached: looking at all of them now and
 * then costs nothing beside a timer of its own for each statement.
 */
const TICK_MS = 10;

export interface Timed {
  /** As performance.now(). */
  readonly deadline: number;
  /** Called when it has passed, never before; once. */
  onDeadline(): void;
}

export class Deadlines {
  readonly #open = new Set<Timed>();
  #timer: NodeJS.Timeout | null = null;

  add(timed: Timed): void {
    this.#open.add(timed);
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS).unref();
  }

  /** It has ended before. Safe to call for what was never added. */
  delete(timed: Timed): void {
    this.#open.delete(timed);
  }

  #tick(): void {
    const now = performance.now();
    for (const timed of this.#open) {
      if (timed.deadline > now) continue;
      this.#open.delete(timed);
      timed.onDeadline();
    }
    if (this.#open.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}
