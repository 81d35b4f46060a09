/**
 * Whether the mirror has everything that anybody could have read at the source when the question came. The source is asked where its binlog ends, on a connection of its own: one
 * question for all who came while the one before was on its way. Then it is waited for until the mirror is there.
 */
import { SourceConnection } from '../stores/mysql/connection.ts';
import type { SourceAddress } from '../util/source-address.ts';
import { endOfBinlog } from './ask-source.ts';
import { type BinlogPosition, comparePositions } from './binlog/position.ts';
import { isSameLine, type SourceIdentity } from './source-identity.ts';

/** A connection that is silent for so long is given up. */
const SILENCE_MS = 5_000;

export interface FreshnessOptions {
  readonly address: SourceAddress;
  readonly timeoutMs: number;
  /** Of the source whose binlog is being followed. */
  readonly identity: () => SourceIdentity | null;
  /** The source is not the one that is followed. */
  readonly onStranger: (why: string) => void;
}

interface Waiter {
  readonly position: BinlogPosition;
  readonly resolve: (isFresh: boolean) => void;
}

export interface Lag {
  /** How long ago the source's end was where the mirror is not yet; 0: the mirror was at the end that was asked for last. */
  readonly ms: number;
  /** null: it is in another file. */
  readonly bytes: number | null;
}

export class Freshness {
  readonly #options: FreshnessOptions;
  #connection: Promise<SourceConnection> | null = null;
  /** All before it is in the mirror; null: it is not known, or nothing follows the source. */
  #applied: BinlogPosition | null = null;
  /** The question that is on its way. */
  #asking: Promise<BinlogPosition | null> | null = null;
  /** Whether the mirror is where the question after it says. */
  #next: Promise<boolean> | null = null;
  #waiters: Waiter[] = [];
  #end: { readonly position: BinlogPosition; readonly askedAt: number } | null = null;
  #behindSince: number | null = null;
  #closed = false;
  questions = 0;

  constructor(options: FreshnessOptions) {
    this.#options = options;
  }

  get applied(): BinlogPosition | null {
    return this.#applied;
  }

  /** null: nothing follows the source any more, whoever waits is told so. */
  set applied(position: BinlogPosition | null) {
    this.#applied = position;
    if (position === null) {
      for (const { resolve } of this.#waiters.splice(0)) resolve(false);
      return;
    }
    if (this.#end !== null && comparePositions(position, this.#end.position) >= 0) this.#behindSince = null;
    if (this.#waiters.length === 0) return;
    const waiting = this.#waiters;
    this.#waiters = waiting.filter((waiter) => comparePositions(waiter.position, position) > 0);
    for (const waiter of waiting) if (comparePositions(waiter.position, position) <= 0) waiter.resolve(true);
  }

  /** Never rejects. The same promise for all for whom the same question is asked: of those there may be thousands. */
  freshen(): Promise<boolean> {
    if (this.#applied === null || this.#closed) return Promise.resolve(false);
    if (this.#asking === null) return this.#begin();
    // A question that is on its way was asked too early for who comes now: it may be answered already, and what came after it not be in it.
    this.#next ??= this.#after(this.#asking);
    return this.#next;
  }

  get lag(): Lag | null {
    const { position: end } = this.#end ?? {};
    if (this.#applied === null || end === undefined) return null;
    const bytes = end.file === this.#applied.file ? Math.max(0, end.offset - this.#applied.offset) : null;
    return { ms: this.#behindSince === null ? 0 : performance.now() - this.#behindSince, bytes };
  }

  close(): void {
    this.#closed = true;
    this.applied = null;
    this.#connection?.then(
      (connection) => connection.end(),
      () => undefined,
    );
    this.#connection = null;
  }

  /** Where the source is silent this is false at once for those who come late: it has been silent for as long as the first of them waited. */
  async #after(asking: Promise<unknown>): Promise<boolean> {
    const next = asking.then(() => {
      this.#next = null;
      return this.freshen();
    });
    return (await within(this.#options.timeoutMs, next)) ?? false;
  }

  async #begin(): Promise<boolean> {
    const { timeoutMs } = this.#options;
    const deadline = performance.now() + timeoutMs;
    this.#asking = this.#question().finally(() => {
      this.#asking = null;
    });
    const end = await within(timeoutMs, this.#asking);
    if (end === null || this.#applied === null) return false;
    if (comparePositions(this.#applied, end) >= 0) return true;
    return this.#waitFor(end, deadline - performance.now());
  }

  /** null: the source does not answer, or is not the one that is followed. */
  async #question(): Promise<BinlogPosition | null> {
    const { onStranger } = this.#options;
    this.questions++;
    const askedAt = performance.now();
    const before = this.#applied;
    try {
      const connection = await this.#connected();
      const timer = setTimeout(() => connection.destroy('it does not answer'), SILENCE_MS);
      const position = await endOfBinlog(connection).finally(() => clearTimeout(timer));
      // A binlog only grows.
      if (before !== null && comparePositions(position, before) < 0) {
        this.#connection = null;
        connection.end();
        onStranger(`the source's binlog ends at ${position.file}:${position.offset}, before what was read of it`);
        return null;
      }
      this.#end = { position, askedAt };
      if (this.#applied !== null && comparePositions(this.#applied, position) < 0) this.#behindSince ??= askedAt;
      return position;
    } catch {
      this.#connection = null;
      return null;
    }
  }

  #connected(): Promise<SourceConnection> {
    this.#connection ??= this.#open();
    return this.#connection;
  }

  async #open(): Promise<SourceConnection> {
    const { address, identity, onStranger } = this.#options;
    const connection = await SourceConnection.open(address);
    connection.onClosed = () => {
      this.#connection = null;
    };
    const followed = identity();
    if (followed === null || (await isSameLine(connection, followed))) return connection;
    connection.end();
    const why = 'the source is another server than the one that is followed';
    onStranger(why);
    throw new Error(why);
  }

  #waitFor(position: BinlogPosition, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiters = this.#waiters.filter((candidate) => candidate !== waiter);
        resolve(false);
      }, timeoutMs);
      const waiter: Waiter = {
        position,
        resolve: (isFresh) => {
          clearTimeout(timer);
          resolve(isFresh);
        },
      };
      this.#waiters.push(waiter);
    });
  }
}

/** null when it takes longer. */
function within<T>(timeoutMs: number, promise: Promise<T>): Promise<T | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), timeoutMs);
    promise.then((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}
