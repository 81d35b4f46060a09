/**
 * Watches of keys. A watch has no queue: it remembers how far it has told, and takes what follows from the change feed. So a client that does not take
 * costs nothing, and is told to begin anew (`reset`) when the feed has forgotten what it has not taken. Watches of one pattern share their messages.
 */
import type { ChangeFeed } from '../changes/feed.ts';
import { failure } from '../errors.ts';
import { keyChangesOf } from '../keys/key-changes.ts';
import { type KeyPattern, parsePattern } from '../keys/patterns.ts';
import { MAX_SUBSCRIPTIONS } from '../limits.ts';
import type { Commit } from '../stores/store.ts';
import type { KeyMessage, KeyMessages } from './request.ts';

export class KeyWatches {
  readonly #feed: ChangeFeed;
  readonly #patterns = new Map<string, WatchedPattern>();
  #size = 0;

  constructor(feed: ChangeFeed) {
    this.#feed = feed;
  }

  /**
   * `from`: the sequence number up to which the client knows (its last message's); null: from now on.
   * @throws SluiceError for a bad pattern, a bad number, too many watches.
   */
  open(text: string, from: number | null): KeyMessages {
    if (from !== null && (!Number.isSafeInteger(from) || from < 0))
      throw failure('ER_BAD_PARAMETER', `from: '${String(from)}' is no sequence number`);
    const parsed = parsePattern(text);
    if (this.#size >= MAX_SUBSCRIPTIONS) throw failure('ER_CON_COUNT_ERROR');
    let pattern = this.#patterns.get(text);
    if (pattern === undefined) {
      pattern = new WatchedPattern(parsed, this.#feed.sequence);
      this.#patterns.set(text, pattern);
    }
    this.#size++;
    const watch = new Watch(this.#feed, pattern, from, () => this.#forget(watch, text));
    pattern.watches.add(watch);
    return watch;
  }

  /** After the commit has been taken into the feed. */
  apply(commit: Commit): void {
    for (const pattern of this.#patterns.values()) {
      if (pattern.messageOf(commit) === null) continue;
      for (const watch of pattern.watches) watch.follow(commit.sequence);
      pattern.lastSequence = commit.sequence;
      for (const watch of pattern.watches) watch.onMessage?.();
    }
  }

  close(): void {
    for (const { watches } of this.#patterns.values()) {
      for (const watch of watches) watch.onEnd?.(failure('ER_SERVER_SHUTDOWN'));
    }
  }

  #forget(watch: Watch, text: string): void {
    const pattern = this.#patterns.get(text);
    if (!pattern?.watches.delete(watch)) return;
    this.#size--;
    if (pattern.watches.size === 0) this.#patterns.delete(text);
  }
}

class WatchedPattern {
  readonly pattern: KeyPattern;
  readonly watches = new Set<Watch>();
  /** Of the newest commit that has a message, or an older one that is known to have none after it. */
  lastSequence: number;
  /** Made once for all watches, kept as long as the feed keeps the commit. */
  readonly #messages = new WeakMap<Commit, { readonly message: KeyMessage | null }>();

  constructor(pattern: KeyPattern, sequence: number) {
    this.pattern = pattern;
    this.lastSequence = sequence;
  }

  /** null: the commit did nothing to these keys. */
  messageOf(commit: Commit): KeyMessage | null {
    const known = this.#messages.get(commit);
    if (known !== undefined) return known.message;
    const changes = keyChangesOf(commit, this.pattern);
    const { sequence } = commit;
    const message: KeyMessage | null =
      changes === null
        ? { event: 'reset', sequence }
        : changes.length === 0
          ? null
          : { event: 'change', sequence, changes };
    this.#messages.set(commit, { message });
    return message;
  }
}

class Watch implements KeyMessages {
  onMessage: (() => void) | null = null;
  onEnd: ((reason: Error) => void) | null = null;
  readonly #feed: ChangeFeed;
  readonly #pattern: WatchedPattern;
  readonly #forget: () => void;
  #sequence: number;
  /** The client comes from before what the feed knows: commits that it has not seen may have had messages. */
  #mustReset: boolean;
  #closed = false;

  constructor(feed: ChangeFeed, pattern: WatchedPattern, from: number | null, forget: () => void) {
    this.#feed = feed;
    this.#pattern = pattern;
    this.#forget = forget;
    this.#sequence = from ?? feed.sequence;
    // A number from the future is one of another file, or of one that was restored.
    this.#mustReset = this.#sequence > feed.sequence || feed.after(this.#sequence) === null;
    if (!this.#mustReset && this.#sequence < feed.sequence) pattern.lastSequence = feed.sequence;
  }

  get sequence(): number {
    return this.#sequence;
  }

  take(): KeyMessage | null {
    if (this.#closed) return null;
    if (this.#mustReset) return this.#reset();
    while (this.#sequence < this.#pattern.lastSequence) {
      const commit = this.#feed.after(this.#sequence);
      if (commit === null) return this.#reset();
      if (commit === undefined) return null;
      this.#sequence = commit.sequence;
      const message = this.#pattern.messageOf(commit);
      if (message !== null) return message;
    }
    return null;
  }

  /** A commit with a message comes: whoever has taken all before need not look for it further back. */
  follow(sequence: number): void {
    if (!this.#mustReset && this.#sequence >= this.#pattern.lastSequence)
      this.#sequence = Math.max(this.#sequence, sequence - 1);
  }

  close(): void {
    this.#closed = true;
    this.#forget();
  }

  #reset(): KeyMessage {
    this.#mustReset = false;
    this.#sequence = this.#feed.sequence;
    return { event: 'reset', sequence: this.#sequence };
  }
}
