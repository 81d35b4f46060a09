/**
 * One client's subscription to a live list: events in order, as fast as the client takes them. A client that does not keep up gets a fresh snapshot
 * instead of a queue without end.
 */
import type { LiveChange, LiveEvent, LiveList, LiveListener } from './live-list.ts';

/** Events that may wait for one client. */
const QUEUED_MAX = 64;

export class Subscription implements LiveListener, AsyncIterable<LiveEvent> {
  readonly #list: LiveList;
  readonly #onClose: () => void;
  #queue: LiveChange[] = [];
  /** What comes next for the client is the page as it then is: it has just come, or did not keep up. */
  #needsSnapshot = true;
  #wake: (() => void) | null = null;
  #failure: Error | null = null;
  #closed = false;
  /** Called when there is something to take; for writers that push rather than wait. */
  onEvent: (() => void) | null = null;

  /** `after`: the last commit that the client has seen, to go on from there if that is possible. */
  constructor(list: LiveList, after: number | null, onClose: () => void) {
    this.#list = list;
    this.#onClose = onClose;
    list.listeners.add(this);
    const missed = after === null ? null : list.since(after);
    if (missed === null) return;
    this.#needsSnapshot = false;
    this.#queue.push(...missed);
  }

  /** Why the list cannot go on; null while it can. */
  get failure(): Error | null {
    return this.#failure;
  }

  /** The next event if there is one now. */
  take(): LiveEvent | null {
    if (!this.#needsSnapshot) return this.#queue.shift() ?? null;
    const { snapshot } = this.#list;
    if (snapshot !== null) this.#needsSnapshot = false;
    return snapshot;
  }

  /** The next event; null after close(). Rejects when the list cannot go on: the client must subscribe again. */
  async next(): Promise<LiveEvent | null> {
    for (;;) {
      const event = this.take();
      if (event !== null) return event;
      if (this.#failure !== null) throw this.#failure;
      if (this.#closed) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<LiveEvent, void, undefined> {
    try {
      for (;;) {
        const event = await this.next();
        if (event === null) return;
        yield event;
      }
    } finally {
      this.close();
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#list.listeners.delete(this);
    if (this.#list.listeners.size === 0) this.#list.idleSince = Date.now();
    this.#wake?.();
    this.#onClose();
  }

  // ---- LiveListener

  wake(event: LiveChange | null): void {
    if (!this.#needsSnapshot) {
      if (event === null) return;
      if (this.#queue.length < QUEUED_MAX) this.#queue.push(event);
      else {
        this.#needsSnapshot = true;
        this.#queue = [];
      }
    }
    this.#signal();
  }

  end(reason: Error): void {
    this.#failure ??= reason;
    this.#signal();
  }

  #signal(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
    this.onEvent?.();
  }
}
