/**
 * Answers from kept lists, where they may be given. They are as new as the newest reported commit; reads of the store see a commit a moment before its
 * report. So that no client sees a list older than what it could have read before, it is asked once per turn of the event loop, and again after each
 * read of the store, whether a commit is unreported; if one is, its report is waited for.
 */
import type { Logger } from 'pino';
import type { KeptState } from '../lists/kept/explain.ts';
import { KeptLists, type KeptListsStatistics, type ListAnswer } from '../lists/kept/kept-lists.ts';
import type { ListQuery } from '../lists/kept/list-query.ts';
import type { RowEncoder } from '../lists/kept/row-encoder.ts';
import type { Subscription } from '../lists/kept/subscription.ts';
import type { TableDefinition } from '../stores/schema.ts';
import type { Commit, Store } from '../stores/store.ts';
import { RepeatedAnswers } from './repeated-answers.ts';
import type { ListOutcome } from './request.ts';

/** A report takes a millisecond; a writer that dies in between may never give it. Then the store is asked. */
const REPORT_WAIT_MS = 1_000;

type Asked<Encoded> = ListAnswer<Encoded> | null | Promise<ListAnswer<Encoded> | null>;

/** What becomes of an answer, or, where there is none, of the store's. */
export function whenAnswered<Encoded, Result>(
  asked: Asked<Encoded>,
  answered: (answer: ListAnswer<Encoded>) => Result,
  fromStore: () => Result | Promise<Result>,
): Result | Promise<Result> {
  if (asked instanceof Promise) return asked.then((answer) => (answer === null ? fromStore() : answered(answer)));
  return asked === null ? fromStore() : answered(asked);
}

export interface KeptAnswersOptions {
  readonly store: Store;
  readonly memoryBytes: number;
  readonly keepAfter: number | undefined;
  readonly log: Pick<Logger, 'error' | 'warn'>;
}

export class KeptAnswers {
  readonly #options: KeptAnswersOptions;
  readonly #store: Store;
  #kept: KeptLists;
  readonly #repeated = new RepeatedAnswers();
  #isFresh = false;
  #waiting: { readonly sequence: number; readonly resolve: () => void }[] = [];
  readonly #turnEnded = (): void => {
    this.#isFresh = false;
  };

  constructor(options: KeptAnswersOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#kept = this.#empty();
  }

  #empty(): KeptLists {
    const { store, memoryBytes, keepAfter, log } = this.#options;
    return new KeptLists({
      store,
      memoryBytes,
      ...(keepAfter !== undefined && { keepAfter }),
      onProblem: (error) => log.warn({ err: error }, 'a list could not be kept; the store answers it'),
    });
  }

  /** What limits answers has changed. */
  forgetRepeated(): void {
    this.#repeated.clear();
  }

  /** The whole answer to a list command that was given before, if it is still the answer. */
  repeated(query: string): ListOutcome | undefined {
    const outcome = this.#repeated.find(query);
    return outcome !== undefined && this.isUpToDate() ? outcome : undefined;
  }

  /** An answer that kept lists gave just now. */
  given(query: string, table: TableDefinition, sequence: number, outcome: ListOutcome): void {
    this.#repeated.given(query, table, sequence, outcome);
  }

  /** Whether every commit that the store shows has been reported. Asked of it once per turn of the event loop, and after each read of the store. */
  isUpToDate(): boolean {
    if (this.#isFresh) return true;
    if (this.#store.unreported() !== null) return false;
    this.#isFresh = true;
    setImmediate(this.#turnEnded);
    return true;
  }

  /** null: the store is to be asked. */
  ask<Encoded>(query: ListQuery, encoder: RowEncoder<Encoded>): Asked<Encoded> {
    if (this.isUpToDate()) return this.#kept.ask(query, encoder);
    const ahead = this.#store.unreported();
    return ahead === null ? this.#kept.ask(query, encoder) : this.#whenReported(ahead, query, encoder);
  }

  /** What would answer the query now; null: never anything but the store. */
  explain(query: ListQuery): KeptState | null {
    return this.#kept.explain(query);
  }

  /** Throws what speaks against keeping the list live. */
  subscribe(query: ListQuery, after: number | null): Subscription {
    return this.#kept.subscribe(query, after);
  }

  /** What the store took to answer a query that was asked for here before. */
  answered(query: ListQuery, milliseconds: number): void {
    this.#kept.answered(query, milliseconds);
  }

  /** Somebody is about to see what the store has now. */
  storeWasRead(): void {
    this.#isFresh = false;
  }

  /** Brings every kept list up to date. */
  apply(commit: Commit): void {
    try {
      this.#kept.apply(commit);
    } catch (error) {
      // A list that is not surely right is not kept; the write itself is done, and must be answered.
      this.#options.log.error({ err: error }, 'kept lists could not take a commit; they begin anew');
      this.#kept.close();
      this.#kept = this.#empty();
    }
    this.#repeated.apply(commit);
    if (this.#waiting.length === 0) return;
    const { sequence: now } = this.#kept;
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ sequence }) => sequence > now);
    for (const { sequence, resolve } of waiting) if (sequence <= now) resolve();
  }

  /** Resolves when no list is being built. */
  settled(): Promise<void> {
    return this.#kept.settled();
  }

  statistics(): KeptListsStatistics {
    return this.#kept.statistics();
  }

  close(): void {
    this.#kept.close();
  }

  async #whenReported<Encoded>(
    sequence: number,
    query: ListQuery,
    encoder: RowEncoder<Encoded>,
  ): Promise<ListAnswer<Encoded> | null> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, REPORT_WAIT_MS);
      this.#waiting.push({ sequence, resolve });
    });
    clearTimeout(timer);
    // The answer is at least as new as when the request came; what has been committed since, it need not have.
    return this.#kept.sequence >= sequence ? this.#kept.ask(query, encoder) : null;
  }
}
