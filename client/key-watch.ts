/** A watch of keys: its messages in order, for `for await`. A connection that is lost is made again, and goes on where it was. */
import type { ServerEvent } from './event-stream.ts';
import { type Entry, maybeEntryOf } from './key-json.ts';
import { ReconnectingEvents, type ReconnectingOptions } from './reconnecting-events.ts';
import type { Transport } from './transport.ts';

export interface WatchedChange {
  readonly key: string;
  readonly previous: Entry | null;
  /** null: removed. */
  readonly entry: Entry | null;
}

/** `sequence` is what to resume from: the number of the commit. */
export type WatchEvent =
  | { readonly event: 'change'; readonly sequence: number; readonly changes: readonly WatchedChange[] }
  /** Changes were left out: what is known of the keys must be read again. */
  | { readonly event: 'reset'; readonly sequence: number };

export interface WatchOptions extends ReconnectingOptions {
  /** The number up to which everything is known; from now on without it. */
  readonly from?: number;
}

/** Messages that may wait for whoever takes them: beyond, they are one reset. */
const WAITING_MAX = 1000;

export class KeyWatch implements AsyncIterable<WatchEvent> {
  /** Resolves when the server watches; rejects when it never will. */
  readonly ready: Promise<void>;
  readonly #events: ReconnectingEvents;
  readonly #waiting: WatchEvent[] = [];
  #sequence: number | null;
  #error: Error | null = null;
  #isClosed = false;
  #wake = new Set<() => void>();

  constructor(transport: Transport, pattern: string, { from, ...options }: WatchOptions) {
    this.#sequence = from ?? null;
    this.ready = this.#started();
    // Those who do not ask for it learn of the error elsewhere.
    this.ready.catch(() => undefined);
    const path = `/v1/keys/watch?find=${encodeURIComponent(pattern)}`;
    this.#events = new ReconnectingEvents(
      transport,
      path,
      { ...options, lastId: from === undefined ? '' : String(from) },
      {
        onEvent: (event) => this.#take(event),
        onConnected: () => undefined,
        onLost: () => undefined,
        onRefused: (reason) => this.#end(reason),
      },
    );
    void this.#events.run();
  }

  /** Everything up to this commit has come; null: the server has not said yet where the watch begins. */
  get sequence(): number | null {
    return this.#sequence;
  }

  /** Ends the loop over it; so does leaving the loop. */
  close(): void {
    this.#end(null);
  }

  /** Rejects with an error after which trying again is of no use. */
  async *[Symbol.asyncIterator](): AsyncGenerator<WatchEvent, void, undefined> {
    try {
      while (!this.#isClosed) {
        const event = this.#waiting.shift();
        if (event !== undefined) yield event;
        else await this.#somethingNew();
      }
      if (this.#error !== null) throw this.#error;
    } finally {
      this.close();
    }
  }

  #isReady = false;

  async #started(): Promise<void> {
    while (!this.#isReady) {
      if (this.#isClosed) throw this.#error ?? new Error('the watch was closed before it began');
      await this.#somethingNew();
    }
  }

  #take({ event, data }: ServerEvent): void {
    const { seq, changes = [] } = JSON.parse(data) as { seq: number; changes?: readonly WatchedChange[] };
    if (event === 'start') this.#isReady = true;
    else if (event === 'reset') this.#reset(seq);
    else if (event === 'change') {
      if (this.#waiting.length >= WAITING_MAX) this.#reset(seq);
      else this.#waiting.push({ event, sequence: seq, changes: changes.map(changeOf) });
    }
    // A later server may tell more, which is none of this one's concern.
    this.#sequence = seq;
    this.#wakeAll();
  }

  /** What waits is out of date as well. */
  #reset(sequence: number): void {
    this.#waiting.length = 0;
    this.#waiting.push({ event: 'reset', sequence });
  }

  #end(error: Error | null): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#error = error;
    this.#events.close();
    this.#wakeAll();
  }

  #somethingNew(): Promise<void> {
    return new Promise((resolve) => this.#wake.add(resolve));
  }

  #wakeAll(): void {
    const waiting = [...this.#wake];
    this.#wake.clear();
    for (const resolve of waiting) resolve();
  }
}

function changeOf({ key, previous, entry }: WatchedChange): WatchedChange {
  return { key, previous: maybeEntryOf(previous), entry: maybeEntryOf(entry) };
}
