/**
 * How many transactions are open at once: beyond the cap the next one waits for a slot, first come first served, for a bounded time; then it is told that the
 * pool is full. And what became of each: those that are open now, and the last that ended.
 */
import { failure } from '../../errors.ts';
import { shortText } from '../../util/short-text.ts';

export interface TransactionLimits {
  /** 0: any number. */
  readonly cap: number;
  readonly waitMs: number;
}

/** lost: with the connection to a source. unknown: that broke while it was committing. failed: a deadlock and the like. */
export type TransactionEnd = 'commit' | 'rollback' | 'kill' | 'timeout' | 'disconnect' | 'failed' | 'lost' | 'unknown';

export interface TransactionOwner {
  readonly session: number;
  readonly user: string;
  readonly host: string;
}

/** Plain data, ready for JSON. */
export interface TransactionEntry extends TransactionOwner {
  readonly id: number;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** Without their literals; the first ones. */
  readonly statements: readonly string[];
  readonly statementCount: number;
  /** null: it is open. */
  readonly outcome: TransactionEnd | null;
}

export interface TransactionStatistics {
  readonly cap: number;
  readonly wait_ms: number;
  readonly open: number;
  readonly waiting: number;
  readonly waits: number;
  readonly waited_ms: number;
  readonly refused: number;
  readonly begun: number;
  /** How many ended how; those that have not happened yet are not there. */
  readonly ended: Readonly<Partial<Record<TransactionEnd, number>>>;
  readonly now: readonly TransactionEntry[];
  /** The newest first. */
  readonly last: readonly TransactionEntry[];
}

interface Waiting {
  readonly resolve: (slot: TransactionSlot) => void;
  readonly owner: TransactionOwner;
}

const ENDED_KEPT = 200;
const STATEMENTS_KEPT = 50;
const STATEMENT_CHARS_KEPT = 500;

export class TransactionPool {
  readonly #limits: () => TransactionLimits;
  readonly #onEnd: (entry: TransactionEntry) => void;
  readonly #open = new Set<TransactionSlot>();
  readonly #ended: TransactionEntry[] = [];
  #waiting: Waiting[] = [];
  readonly #endedBy: Partial<Record<TransactionEnd, number>> = {};
  #lastId = 0;
  #waits = 0;
  #waitedMs = 0;
  #refused = 0;

  /** `onEnd`: for a log. */
  constructor(limits: () => TransactionLimits, onEnd: (entry: TransactionEntry) => void = () => undefined) {
    this.#limits = limits;
    this.#onEnd = onEnd;
  }

  /** At once where there is room. Rejects with SLUICE_TX_POOL_FULL. */
  enter(owner: TransactionOwner): TransactionSlot | Promise<TransactionSlot> {
    const { cap, waitMs } = this.#limits();
    if (cap === 0 || (this.#open.size < cap && this.#waiting.length === 0)) return this.#take(owner);
    const began = performance.now();
    this.#waits++;
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        owner,
        resolve: (slot) => {
          clearTimeout(timer);
          this.#waitedMs += performance.now() - began;
          resolve(slot);
        },
      };
      const timer = setTimeout(() => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
        this.#waitedMs += performance.now() - began;
        this.#refused++;
        reject(failure('SLUICE_TX_POOL_FULL', this.#open.size, waitMs));
      }, waitMs);
      this.#waiting.push(waiting);
    });
  }

  /** Plain data, ready for JSON. */
  statistics(): TransactionStatistics {
    const { cap, waitMs } = this.#limits();
    return {
      cap,
      wait_ms: waitMs,
      open: this.#open.size,
      waiting: this.#waiting.length,
      waits: this.#waits,
      waited_ms: Math.round(this.#waitedMs),
      refused: this.#refused,
      begun: this.#lastId,
      ended: { ...this.#endedBy },
      now: [...this.#open].filter(({ isUsed }) => isUsed).map((slot) => slot.entry(null)),
      last: [...this.#ended].reverse(),
    };
  }

  #take(owner: TransactionOwner): TransactionSlot {
    const slot: TransactionSlot = new TransactionSlot(owner, {
      begin: () => ++this.#lastId,
      end: (entry) => this.#leave(slot, entry),
    });
    this.#open.add(slot);
    return slot;
  }

  #leave(slot: TransactionSlot, entry: TransactionEntry | null): void {
    if (!this.#open.delete(slot)) return;
    if (entry !== null) {
      if (this.#ended.length >= ENDED_KEPT) this.#ended.shift();
      this.#ended.push(entry);
      if (entry.outcome !== null) this.#endedBy[entry.outcome] = (this.#endedBy[entry.outcome] ?? 0) + 1;
      this.#onEnd(entry);
    }
    const { cap } = this.#limits();
    while (this.#waiting.length > 0 && (cap === 0 || this.#open.size < cap)) {
      const next = this.#waiting.shift() as Waiting;
      next.resolve(this.#take(next.owner));
    }
  }
}

interface SlotHolder {
  /** The transaction's number. */
  begin(): number;
  end(entry: TransactionEntry | null): void;
}

/** A place for one transaction. It must be ended; one that was never begun leaves no trace. */
export class TransactionSlot {
  readonly #owner: TransactionOwner;
  readonly #holder: SlotHolder;
  readonly #statements: string[] = [];
  #count = 0;
  #id = 0;
  #startedAt = '';

  constructor(owner: TransactionOwner, holder: SlotHolder) {
    this.#owner = owner;
    this.#holder = holder;
  }

  get isUsed(): boolean {
    return this.#id > 0;
  }

  begin(): void {
    this.#id = this.#holder.begin();
    this.#startedAt = new Date().toISOString();
  }

  statement(text: string): void {
    this.#count++;
    if (this.#statements.length < STATEMENTS_KEPT) this.#statements.push(shortText(text, STATEMENT_CHARS_KEPT));
  }

  /** Safe to call twice: the first one counts. */
  end(how: TransactionEnd): void {
    this.#holder.end(this.isUsed ? this.entry(how) : null);
  }

  entry(outcome: TransactionEnd | null): TransactionEntry {
    return {
      id: this.#id,
      ...this.#owner,
      startedAt: this.#startedAt,
      endedAt: outcome === null ? null : new Date().toISOString(),
      statements: [...this.#statements],
      statementCount: this.#count,
      outcome,
    };
  }
}
