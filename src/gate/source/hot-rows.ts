/**
 * Statements that change the same row by its key wait for one another here, before they take a connection, instead of each holding one while they wait in
 * the source for the row's lock (Vitess' hot row protection). Others pass by. The line is bounded.
 *
 * A transaction whose first statement is such a one stands in the line too, and holds its place to its end, as it does the row's lock. Later statements of a
 * transaction never wait here: it holds locks of which the source knows, and the source does not know of this line, so nobody would see that two wait for one
 * another. For the same reason a session that keeps locks of another kind on its connection (GET_LOCK, LOCK TABLES) passes by.
 */
import { failure } from '../../errors.ts';
import type { SourceAnswer } from '../../stores/mysql/result.ts';
import type { Job } from './job.ts';
import type { SourceSession } from './session.ts';

interface Waiter {
  readonly go: () => void;
  readonly refuse: (reason: Error) => void;
}

export interface HotRowStatistics {
  /** In which somebody changes a row, or waits to. */
  readonly rows: number;
  /** At this moment. */
  readonly waiting: number;
  /** Since the start. */
  readonly waited: number;
  readonly refused: number;
}

/** A row whose line somebody wants to stand in. */
export interface HotRow {
  /** Tells it from others. */
  readonly key: string;
  /** For messages. */
  readonly table: string;
}

export class HotRows {
  /** Those that wait behind the one whose turn it is. */
  readonly #lines = new Map<string, Waiter[]>();
  #waiting = 0;
  #waited = 0;
  #refused = 0;

  get statistics(): HotRowStatistics {
    return { rows: this.#lines.size, waiting: this.#waiting, waited: this.#waited, refused: this.#refused };
  }

  /**
   * Resolves when it is the caller's turn, with what ends it; safe to call twice. Rejects with SLUICE_HOT_ROW when `most` wait already, and with what
   * `onWait` gives: it is called with a function that ends the waiting.
   */
  async enter(
    { key, table }: HotRow,
    most: number,
    onWait: (cancel: (reason: Error) => void) => void,
  ): Promise<() => void> {
    const line = this.#lines.get(key);
    if (line === undefined) {
      this.#lines.set(key, []);
      return this.#leaving(key);
    }
    if (line.length >= most) {
      this.#refused++;
      throw failure('SLUICE_HOT_ROW', most, table);
    }
    this.#waited++;
    this.#waiting++;
    try {
      await new Promise<void>((resolve, reject) => {
        const waiter = { go: resolve, refuse: reject };
        line.push(waiter);
        onWait((reason) => {
          const at = line.indexOf(waiter);
          if (at < 0) return;
          line.splice(at, 1);
          waiter.refuse(reason);
        });
      });
    } finally {
      this.#waiting--;
    }
    return this.#leaving(key);
  }

  #leaving(key: string): () => void {
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      const next = this.#lines.get(key)?.shift();
      if (next === undefined) this.#lines.delete(key);
      else next.go();
    };
  }
}

/** Runs a statement that changes one row by its key when it is its turn. */
export async function inLine(
  session: SourceSession,
  row: HotRow,
  job: Job,
  work: () => Promise<SourceAnswer>,
): Promise<SourceAnswer> {
  const { lane, gate } = session;
  const { hotRowQueue } = session.limits;
  const isFirst = !lane.inTransaction || lane.hasOnlyBegun;
  if (hotRowQueue === 0 || !isFirst || !lane.pins.isEmpty) return work();
  let timer: NodeJS.Timeout | undefined;
  const leave = await gate.hotRows
    .enter(row, hotRowQueue, (cancel) => {
      session.cancelWait = cancel;
      if (job.timeoutMs > 0) timer = setTimeout(() => cancel(failure('ER_QUERY_TIMEOUT')), job.timeoutMs);
    })
    .finally(() => {
      clearTimeout(timer);
      session.cancelWait = null;
    });
  try {
    return await work();
  } finally {
    if (lane.inTransaction) lane.onTransactionEnd = leave;
    else leave();
  }
}
