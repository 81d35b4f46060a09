/** Answers from what is kept: by keys, from indexes, from a window. What is not kept yet is counted as asked for. */
import { countFromIndex, pageFromIndex, pageFromTwo } from './index-answer.ts';
import type { IndexPlan } from './index-plan.ts';
import type { KeyValue } from './key-column.ts';
import { type IndexEntry, touch } from './list-entry.ts';
import type { ListKeeper } from './list-keeper.ts';
import { comparatorOfQuery, type ListQuery, matcherOfQuery } from './list-query.ts';
import { keyOf, keyOrderOf, pointKeys, sortKeys } from './point-query.ts';
import type { RowEncoder } from './row-encoder.ts';
import type { RowLookup } from './row-lookup.ts';
import { type TableLists, windowKeyOf } from './table-lists.ts';

export interface ListAnswer<E> {
  /** The commit at which the query was answered. */
  readonly sequence: number;
  /** null when it was not asked for. */
  readonly count: number | null;
  /** As the encoder made them; null when they were not asked for. */
  readonly rows: readonly E[] | null;
  readonly from: 'key' | 'index' | 'window';
}

/** Rows that one window may hold, and the deepest page that one answers. */
export const WINDOW_ROWS_MAX = 2_000;
/** Of the conditions' values: thousands in an IN. Longer ones cost more than they save, and SQLite takes only so many parameters. */
export const WINDOW_KEY_CHARS_MAX = 16_000;

export class ListAnswers {
  readonly #keeper: ListKeeper;
  readonly #lookup: RowLookup;

  constructor(keeper: ListKeeper, lookup: RowLookup) {
    this.#keeper = keeper;
    this.#lookup = lookup;
  }

  /**
   * null: not from here. Without an encoder nothing is answered, and what could answer counts as asked for all the same, `weight` times.
   * The commonest question first, with as little ado as it needs: one row by its key.
   */
  answer<E>(lists: TableLists, query: ListQuery, encoder: RowEncoder<E> | null, weight: number): ListAnswer<E> | null {
    const { conditions } = query;
    const term = conditions[0];
    if (conditions.length === 1 && term!.op === '=' && term!.column === lists.keyColumn && encoder !== null) {
      if (query.custom === undefined && term!.reading === undefined)
        return this.#oneRow(lists, query, keyOf(term!.value), encoder);
    }
    const keys = pointKeys(query, lists.keyColumn);
    if (keys !== null) return encoder === null ? null : this.#fromKeys(lists, query, keys, encoder);
    const { plan } = lists.shapeOf(query);
    if (plan !== null && !isUnsupported(lists, plan, query)) {
      const found = this.#fromIndexes(lists, plan, query, encoder, weight);
      if (found !== 'too dear') return found;
    }
    return this.#fromWindow(lists, query, windowKeyOf(lists, query), encoder, weight);
  }

  // ---- By keys

  #oneRow<E>(
    lists: TableLists,
    query: ListQuery,
    key: KeyValue | undefined,
    encoder: RowEncoder<E>,
  ): ListAnswer<E> | null {
    let row = key === undefined ? undefined : lists.rows.encoded(key, encoder);
    if (row === undefined && key !== undefined) {
      const found = this.#rows(lists, [key], encoder);
      if (found === null) return null;
      row = found[0];
    }
    const isOnPage = row !== undefined && query.skip <= 0 && query.max !== 0;
    return {
      sequence: this.#keeper.sequence,
      count: query.wantsCount ? Number(row !== undefined) : null,
      rows: query.wantsRows ? (isOnPage ? [row as E] : []) : null,
      from: 'key',
    };
  }

  #fromKeys<E>(lists: TableLists, query: ListQuery, keys: KeyValue[], encoder: RowEncoder<E>): ListAnswer<E> | null {
    const order = keyOrderOf(query, lists.keyColumn);
    let rows: E[] | null;
    if (order === null) rows = this.#matchingRows(lists, query, keys, encoder);
    else {
      sortKeys(keys, order);
      const found = this.#rows(lists, keys, encoder);
      rows = found && (found.filter((row) => row !== undefined) as E[]);
    }
    if (rows === null) return null;
    const { skip, max } = query;
    return {
      sequence: this.#keeper.sequence,
      count: query.wantsCount ? rows.length : null,
      rows: query.wantsRows ? rows.slice(skip, max === null ? undefined : skip + max) : null,
      from: 'key',
    };
  }

  /** Each row that is there, undefined where there is none. null: not known. */
  #rows<E>(lists: TableLists, keys: readonly KeyValue[], encoder: RowEncoder<E>): (E | undefined)[] | null {
    const found = this.#lookup.encoded(lists, keys, encoder);
    this.#keeper.memory.enforce();
    return found;
  }

  /** Those of the rows with these keys that fulfil all conditions, in order. */
  #matchingRows<E>(lists: TableLists, query: ListQuery, keys: readonly KeyValue[], encoder: RowEncoder<E>): E[] | null {
    const found = this.#lookup.whole(lists, keys);
    if (found === null) return null;
    const matches = matcherOfQuery(query);
    const rows = found.filter((kept) => matches(kept.row));
    if (rows.length > 1) {
      const compare = comparatorOfQuery(query, lists.keyColumn);
      rows.sort((a, b) => compare(a.row, b.row));
    }
    const encoded = rows.map((kept) => lists.rows.encodedRow(kept, encoder));
    this.#keeper.memory.enforce();
    return encoded;
  }

  // ---- From indexes

  #fromIndexes<E>(
    lists: TableLists,
    plan: IndexPlan,
    query: ListQuery,
    encoder: RowEncoder<E> | null,
    weight: number,
  ): ListAnswer<E> | null | 'too dear' {
    const found = query.wantsRows ? this.#indexesOfPage(lists, plan, weight) : this.#indexOfCount(lists, plan, weight);
    if (found === null || encoder === null) return null;
    const { counting, ordered } = found;
    touch(counting);
    if (ordered === null) {
      const count = countFromIndex(counting.index, plan, query);
      return count === null ? 'too dear' : { sequence: this.#keeper.sequence, count, rows: null, from: 'index' };
    }
    if (ordered !== counting) touch(ordered);
    const page = plan.isOneIndex
      ? pageFromIndex(ordered.index, plan, query)
      : pageFromTwo(counting.index, ordered.index, plan, query);
    if (page === null) return 'too dear';
    const rows = this.#rowsOfIndex(lists, page.keys, encoder);
    if (rows === null) return null;
    return { sequence: this.#keeper.sequence, count: query.wantsCount ? page.count : null, rows, from: 'index' };
  }

  #indexesOfPage(
    lists: TableLists,
    plan: IndexPlan,
    weight: number,
  ): { counting: IndexEntry; ordered: IndexEntry } | null {
    const ordered = this.#keeper.indexFor(lists, plan, plan.ordered, weight);
    // Both are asked for before either is missed, so that both begin to be built.
    const counting = plan.isOneIndex ? ordered : this.#keeper.indexFor(lists, plan, plan.ranged, weight);
    return ordered === undefined || counting === undefined ? null : { counting, ordered };
  }

  #indexOfCount(lists: TableLists, plan: IndexPlan, weight: number): { counting: IndexEntry; ordered: null } | null {
    const any = plan.range === null ? lists.indexOfGrouping(plan.grouping) : undefined;
    const counting = any ?? this.#keeper.indexFor(lists, plan, plan.ranged, weight);
    return counting === undefined ? null : { counting, ordered: null };
  }

  /** Rows that an index says are there. */
  #rowsOfIndex<E>(lists: TableLists, keys: readonly KeyValue[], encoder: RowEncoder<E>): E[] | null {
    const found = this.#rows(lists, keys, encoder);
    if (found === null || !found.includes(undefined)) return found as E[] | null;
    const { database, name } = lists.definition;
    this.#keeper.onProblem(new Error(`an index of ${database}.${name} has rows that are not there`));
    this.#keeper.dropTable(lists);
    return null;
  }

  // ---- From a window

  #fromWindow<E>(
    lists: TableLists,
    query: ListQuery,
    key: string,
    encoder: RowEncoder<E> | null,
    weight: number,
  ): ListAnswer<E> | null {
    const { skip, max, wantsRows, wantsCount } = query;
    const last = wantsRows ? (max === null ? WINDOW_ROWS_MAX : skip + max) : 0;
    if (last > WINDOW_ROWS_MAX || key.length > WINDOW_KEY_CHARS_MAX) return null;
    const entry = this.#keeper.windowFor(lists, query, key, weight);
    if (entry === undefined) return null;
    const { window } = entry;
    const isReady = window.want(last, wantsCount);
    this.#keeper.fillIfNeeded(entry);
    if (!isReady || (wantsRows && max === null && !window.isComplete) || encoder === null) return null;
    touch(entry);
    const page = window.slice(skip, max ?? WINDOW_ROWS_MAX);
    const answer: ListAnswer<E> = {
      sequence: this.#keeper.sequence,
      count: wantsCount ? window.count : null,
      rows: wantsRows ? page.map((kept) => lists.rows.encodedRow(kept, encoder)) : null,
      from: 'window',
    };
    this.#keeper.memory.enforce();
    return answer;
  }
}

/** Whether some column of the plan has values that cannot stand in an index. */
export function isUnsupported(lists: TableLists, plan: IndexPlan, query: ListQuery): boolean {
  if (lists.unsupported.size === 0) return false;
  if (query.wantsRows && lists.unsupported.has(plan.ordered.key)) return true;
  return plan.range !== null && lists.unsupported.has(plan.ranged.key);
}
