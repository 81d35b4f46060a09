/**
 * Kept lists: pages and counts answered from memory, as fresh as the newest reported commit. Read first list-query.ts (what is asked), then kept-index.ts and
 * kept-window.ts (what is kept), list-keeper.ts (when) and list-answers.ts (what is answered from it); this puts them together.
 *
 * It relies on apply() being called with every commit, in order, before the writer's client is answered. It promises
 * that an answer is exactly what the query gives at the commit `sequence`, the newest that was applied; null means that it does not know, and the
 * store is to be asked. Whether a commit is still unreported is the caller's to find out.
 */
import { failure } from '../../errors.ts';
import type { Commit, RowChange } from '../../stores/store.ts';
import { type KeptState, keptStateOf } from './explain.ts';
import { type ListAnswer, ListAnswers, WINDOW_KEY_CHARS_MAX, WINDOW_ROWS_MAX } from './list-answers.ts';
import { type KeeperOptions, ListKeeper } from './list-keeper.ts';
import type { ListQuery } from './list-query.ts';
import { LiveList } from './live-list.ts';
import type { RowEncoder } from './row-encoder.ts';
import { RowLookup } from './row-lookup.ts';
import { Subscription } from './subscription.ts';
import { type ListStatistics, type TableLists, windowKeyOf } from './table-lists.ts';

export type { ListAnswer } from './list-answers.ts';

export type KeptListsOptions = KeeperOptions;

export interface KeptListsStatistics {
  readonly sequence: number;
  readonly hits: number;
  readonly misses: number;
  readonly bytes: number;
  readonly memoryBytes: number;
  readonly rowBytes: number;
  /** Rows that were read one by one, as they were not in memory. */
  readonly missedRows: number;
  /** Rows that were read into the cache before they were asked for. */
  readonly warmedRows: number;
  readonly evictions: number;
  /** How many lists there are. */
  readonly listCount: number;
  /** A thousand of them at most: there may be more than anyone could read. */
  readonly lists: readonly ListStatistics[];
}

const LISTS_TOLD_MAX = 1_000;

export class KeptLists {
  readonly #keeper: ListKeeper;
  readonly #answers: ListAnswers;
  readonly #lookup: RowLookup;
  #hits = 0;
  #misses = 0;

  constructor(options: KeptListsOptions) {
    this.#keeper = new ListKeeper(options);
    this.#lookup = new RowLookup(options.store, () => this.#keeper.sequence, this.#keeper.warmer);
    this.#answers = new ListAnswers(this.#keeper, this.#lookup);
  }

  /** Of the newest commit that was applied. */
  get sequence(): number {
    return this.#keeper.sequence;
  }

  /** The answer, or null: not from here. Never waits; reads at most a few hundred rows by their keys. */
  ask<E>(query: ListQuery, encoder: RowEncoder<E>): ListAnswer<E> | null {
    const lists = this.#keeper.of(query.table);
    const answer = lists === null ? null : this.#answers.answer(lists, query, encoder, 1);
    if (answer === null) this.#misses++;
    else this.#hits++;
    return answer;
  }

  /** What would answer the query now; null: never anything but the store. */
  explain(query: ListQuery): KeptState | null {
    const lists = this.#keeper.of(query.table);
    return lists === null ? null : keptStateOf(lists, query);
  }

  /** Tells what the store took to answer a query that ask() did not: dear ones are kept sooner. */
  answered(query: ListQuery, milliseconds: number): void {
    if (milliseconds < 1) return;
    const lists = this.#keeper.of(query.table);
    if (lists !== null) this.#answers.answer(lists, query, null, milliseconds);
  }

  /** The next commit. Every list is up to date when this returns. */
  apply(commit: Commit): void {
    const keeper = this.#keeper;
    const isGap = commit.sequence !== keeper.sequence + 1;
    keeper.follower.apply(commit);
    if (isGap) keeper.dropAll();
    else {
      for (const { database, table, rows } of commit.changes) {
        const lists = keeper.table(database, table);
        if (lists === undefined) continue;
        if (rows === null) keeper.dropTable(lists);
        else this.#applyTo(lists, rows);
      }
    }
    if (commit.schemaChanged) keeper.dropChangedTables();
    keeper.memory.enforce();
  }

  #applyTo(lists: TableLists, changes: readonly RowChange[]): void {
    const keeper = this.#keeper;
    for (const change of changes) lists.rows.apply(change);
    for (const entry of lists.indexes.values()) {
      const applied = keeper.withIndex(entry, () => {
        for (const change of changes) entry.index.apply(change);
      });
      if (applied) keeper.changed(entry, changes.length);
    }
    for (const [entry, concerning] of lists.concerned(changes)) {
      entry.window.apply(concerning);
      for (const live of entry.live.values()) live.update(keeper.sequence);
      keeper.fillIfNeeded(entry);
      keeper.changed(entry, concerning.length);
    }
  }

  /**
   * A subscription to a page. Its first event is a snapshot, or, when `after` is a commit that the client has seen and the changes since are known,
   * the next change. @throws SluiceError when the table or the page cannot be kept live.
   */
  subscribe(query: ListQuery, after: number | null = null): Subscription {
    const keeper = this.#keeper;
    const lists = keeper.of(query.table);
    if (lists === null)
      throw failure('ER_NOT_SUPPORTED_YET', 'live lists of tables without a single integer primary key');
    const { skip, max } = query;
    if (max === null || skip + max > WINDOW_ROWS_MAX)
      throw failure('ER_BAD_PARAMETER', `limit: a live list goes no further than row ${WINDOW_ROWS_MAX}`);
    const key = windowKeyOf(lists, query);
    if (key.length > WINDOW_KEY_CHARS_MAX) throw failure('ER_BAD_PARAMETER', 'where: too long for a live list');
    const entry = lists.windows.get(key) ?? keeper.keepWindow(lists, query, key);
    entry.window.want(skip + max, query.wantsCount);
    const page = `${skip},${max},${query.wantsCount}`;
    let live = entry.live.get(page);
    if (live === undefined) {
      const counts = query.wantsCount;
      live = new LiveList(entry.window, lists.keyColumn, { skip, max, counts }, () => keeper.sequence);
      entry.live.set(page, live);
      live.update(keeper.sequence);
    }
    keeper.fillIfNeeded(entry);
    return new Subscription(live, after, () => undefined);
  }

  /** Resolves when nothing is being built, filled or warmed. */
  settled(): Promise<void> {
    return this.#keeper.settled();
  }

  statistics(): KeptListsStatistics {
    const { memory, sequence, warmer } = this.#keeper;
    const lists: ListStatistics[] = [];
    let listCount = 0;
    for (const table of this.#keeper.tables()) {
      listCount += table.indexes.size + table.windows.size;
      for (const list of table.statistics()) {
        if (lists.length === LISTS_TOLD_MAX) break;
        lists.push(list);
      }
    }
    return {
      sequence,
      hits: this.#hits,
      misses: this.#misses,
      bytes: memory.bytes,
      memoryBytes: memory.limit,
      rowBytes: memory.rows.bytes,
      missedRows: this.#lookup.missed,
      warmedRows: warmer.warmedRows,
      evictions: memory.evictions,
      listCount,
      lists,
    };
  }

  /** Ends what is being built. Nothing is answered any more. */
  close(): void {
    this.#keeper.close();
  }
}
