/** A watch of an embedded program: its messages one by one, with values as they are in JavaScript. */
import type { KeyChange } from '../keys/key-changes.ts';
import { type Entry, entryOf } from './embedded-entry.ts';
import type { KeyMessage, KeyMessages } from './request.ts';

/** `sequence` is what to resume from. */
export type WatchEvent =
  | { readonly event: 'change'; readonly sequence: number; readonly changes: readonly WatchedChange[] }
  | { readonly event: 'reset'; readonly sequence: number };

export interface WatchedChange {
  readonly key: string;
  readonly previous: Entry | null;
  /** null: removed. */
  readonly entry: Entry | null;
}

export class KeyWatch implements AsyncIterable<WatchEvent> {
  readonly #messages: KeyMessages;
  #ended: Error | null = null;
  #isClosed = false;
  #wake: (() => void) | null = null;

  constructor(messages: KeyMessages) {
    this.#messages = messages;
    messages.onMessage = () => this.#wake?.();
    messages.onEnd = (reason) => {
      this.#ended = reason;
      this.#wake?.();
    };
  }

  /** Everything up to this commit has been told. */
  get sequence(): number {
    return this.#messages.sequence;
  }

  /** Ends the loop over it; so does leaving the loop. */
  close(): void {
    this.#isClosed = true;
    this.#messages.close();
    this.#wake?.();
  }

  /** Rejects when the database is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<WatchEvent, void, undefined> {
    try {
      while (!this.#isClosed) {
        const message = this.#messages.take();
        if (message !== null) yield eventOf(message);
        else if (this.#ended !== null) throw this.#ended;
        else
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
      }
    } finally {
      this.close();
    }
  }
}

function eventOf(message: KeyMessage): WatchEvent {
  return message.event === 'reset' ? message : { ...message, changes: message.changes.map(changeOf) };
}

function changeOf({ key, previous, entry }: KeyChange): WatchedChange {
  return { key, previous: previous && entryOf(previous), entry: entry && entryOf(entry) };
}
