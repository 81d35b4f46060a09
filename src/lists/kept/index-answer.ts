/** Counts and pages from kept indexes. A page is the primary keys of its rows in order. */
import type { StoreValue } from '../../stores/values.ts';
import { type Budget, type CheckedRange, type Direction, GroupWalk, type Piece } from './group-walk.ts';
import type { IndexPlan } from './index-plan.ts';
import type { KeptIndex, KeyRange } from './kept-index.ts';
import type { KeyValue } from './key-column.ts';
import type { ListQuery, ListTerm } from './list-query.ts';

/** Rows of an index that one answer may look at: about 5 ms of the front's event loop at the worst. */
export const STEPS_MAX = 200_000;
/** Combinations of values of IN lists. */
const PREFIXES_MAX = 5_000;
/** Rows of a range that may be sorted for one page. */
const SORTED_ROWS_MAX = 20_000;
/** What sorting a row costs, in rows walked over. */
const SORT_COST = 4;

/** The values of each equality column, as the plan orders them. */
export function equalValues(plan: IndexPlan, query: ListQuery): (readonly StoreValue[])[] {
  return plan.equalTerms.map((place) => {
    const term = query.conditions[place]!;
    return term.op === 'in' ? term.values : term.op === '=' ? [term.value] : [];
  });
}

interface Bounds<Bound> {
  low: Bound | null;
  high: Bound | null;
  withoutLow: boolean;
  withoutHigh: boolean;
}

/** All conditions of the range together. 'none': no row can lie in it. null: a bound cannot be looked for. */
function boundsOf<Bound extends KeyValue>(
  plan: IndexPlan,
  query: ListQuery,
  bound: (value: StoreValue) => Bound | undefined,
): Bounds<Bound> | 'none' | null {
  const bounds: Bounds<Bound> = { low: null, high: null, withoutLow: false, withoutHigh: false };
  for (const place of plan.rangeTerms) {
    for (const { above, value, without } of limitsOf(query.conditions[place]!)) {
      if (value === null) return 'none';
      const number = bound(value);
      if (number === undefined) return null;
      if (above) {
        if (bounds.low !== null && (number < bounds.low || (number === bounds.low && !without))) continue;
        bounds.low = number;
        bounds.withoutLow = without;
      } else {
        if (bounds.high !== null && (number > bounds.high || (number === bounds.high && !without))) continue;
        bounds.high = number;
        bounds.withoutHigh = without;
      }
    }
  }
  return bounds;
}

interface Limit {
  readonly above: boolean;
  readonly value: StoreValue;
  readonly without: boolean;
}

function limitsOf(term: ListTerm): readonly Limit[] {
  switch (term.op) {
    case '<':
    case '<=':
      return [{ above: false, value: term.value, without: term.op === '<' }];
    case '>':
    case '>=':
      return [{ above: true, value: term.value, without: term.op === '>' }];
    case 'between':
      return [
        { above: true, value: term.low, without: false },
        { above: false, value: term.high, without: false },
      ];
    default:
      return [];
  }
}

/** The pieces of one index that hold a query's rows. */
interface Pieces {
  readonly values: Piece[];
  /** Rows without a value in the order column. */
  readonly nulls: Piece[];
  readonly rows: number;
}

/** `ranged`: the index is ordered by what the plan's range is on. null: not answered from this index. */
function piecesOf(index: KeptIndex, plan: IndexPlan, query: ListQuery, ranged: boolean): Pieces | null {
  const prefixes = index.prefixes(equalValues(plan, query), PREFIXES_MAX);
  if (prefixes === null) return null;
  let range: KeyRange | null = null;
  if (ranged && plan.range !== null) {
    const bounds = boundsOf(plan, query, (value) => index.bound(value));
    if (bounds === null) return null;
    if (bounds === 'none') return { values: [], nulls: [], rows: 0 };
    range = bounds;
  }
  const values: Piece[] = [];
  const nulls: Piece[] = [];
  let rows = 0;
  for (const prefix of prefixes) {
    const piece = index.piece(prefix, range);
    if (piece.to > piece.from) values.push(piece);
    rows += piece.to - piece.from;
    const without = range === null ? index.nullPiece(prefix) : null;
    if (without === null) continue;
    nulls.push(without);
    rows += without.to - without.from;
  }
  return { values, nulls, rows };
}

/** Exact. `index` is ordered by the plan's range, if there is one. null: a value cannot be looked for in it. */
export function countFromIndex(index: KeptIndex, plan: IndexPlan, query: ListQuery): number | null {
  return piecesOf(index, plan, query, true)?.rows ?? null;
}

export interface IndexPage {
  /** Primary keys in order. */
  readonly keys: KeyValue[];
  /** Of all rows that fulfil the conditions. */
  readonly count: number;
}

/** A page whose rows lie one behind the other in one index. null: too many steps, or a value that cannot be looked for. */
export function pageFromIndex(index: KeptIndex, plan: IndexPlan, query: ListQuery): IndexPage | null {
  const pieces = piecesOf(index, plan, query, true);
  if (pieces === null) return null;
  const count = pieces.rows;
  const wanted = Math.max(0, Math.min(query.max ?? Number.POSITIVE_INFINITY, pieces.rows - query.skip));
  if (wanted > STEPS_MAX) return null;
  const budget = { rows: STEPS_MAX };
  const keys: KeyValue[] = [];
  let skip = query.skip;
  for (const segment of segmentsOf(plan, pieces)) {
    if (keys.length >= wanted) break;
    let rows = 0;
    for (const piece of segment) rows += piece.to - piece.from;
    if (skip >= rows) {
      skip -= rows;
      continue;
    }
    if (!walk(segment, plan, null, budget, skip, wanted, keys)) return null;
    skip = 0;
  }
  return { keys, count };
}

function segmentsOf(plan: IndexPlan, { values, nulls }: Pieces): Piece[][] {
  return plan.nulls === 'first' ? [nulls, values] : [values, nulls];
}

/**
 * A page ordered by another column than the range is on. Two ways lead there: to sort the rows of the range, if they are few; or to walk along the
 * order and check each row's other column, if many rows lie in the range. How many do is known exactly, so the cheaper way is taken.
 */
export function pageFromTwo(
  ranged: KeptIndex,
  ordered: KeptIndex,
  plan: IndexPlan,
  query: ListQuery,
): IndexPage | null {
  const found = piecesOf(ranged, plan, query, true);
  const all = piecesOf(ordered, plan, query, false);
  if (found === null || all === null) return null;
  const rows = found.rows;
  const page = (keys: KeyValue[]): IndexPage => ({ keys, count: rows });
  if (rows <= query.skip || query.max === 0) return page([]);
  const wanted = Math.min(query.max ?? Number.POSITIVE_INFINITY, rows - query.skip);
  const last = query.skip + wanted;
  const walkCost = Math.min(all.rows, (last * all.rows) / rows);
  if (rows <= SORTED_ROWS_MAX && rows * SORT_COST <= walkCost) return page(sortedPage(found, plan, query.skip, wanted));
  const isKey = plan.range === 'key';
  const bounds = boundsOf(plan, query, (value) => (isKey ? ranged.bound(value) : ordered.payloadBound(value)));
  if (bounds === null || bounds === 'none') return null;
  const range: CheckedRange = {
    of: isKey ? 'key' : 'payload',
    low: bounds.low ?? Number.NEGATIVE_INFINITY,
    high: bounds.high ?? Number.POSITIVE_INFINITY,
    withoutLow: bounds.withoutLow,
    withoutHigh: bounds.withoutHigh,
  };
  const keys: KeyValue[] = [];
  const budget = { rows: STEPS_MAX };
  for (const segment of segmentsOf(plan, all)) {
    if (keys.length >= last) break;
    if (walk(segment, plan, range, budget, 0, last, keys)) continue;
    return rows <= SORTED_ROWS_MAX ? page(sortedPage(found, plan, query.skip, wanted)) : null;
  }
  return page(keys.slice(query.skip));
}

/** Adds the rows of the pieces, merged in the list's order, to `keys` until there are `wanted`. False: the budget is used up. */
function walk(
  pieces: readonly Piece[],
  direction: Direction,
  range: CheckedRange | null,
  budget: Budget,
  skip: number,
  wanted: number,
  keys: KeyValue[],
): boolean {
  if (pieces.length === 1) {
    const only = new GroupWalk(pieces[0]!, direction, range, budget, skip);
    while (keys.length < wanted && only.next()) keys.push(only.key);
    return budget.rows >= 0;
  }
  const heap = new WalkHeap(direction);
  for (const piece of pieces) {
    const next = new GroupWalk(piece, direction, range, budget);
    if (next.next()) heap.push(next);
  }
  let skipped = 0;
  while (keys.length < wanted) {
    const first = heap.first;
    if (first === undefined) break;
    if (skipped < skip) skipped++;
    else keys.push(first.key);
    heap.advance();
  }
  return budget.rows >= 0;
}

/** Walks by their next row. */
class WalkHeap {
  readonly #walks: GroupWalk[] = [];
  readonly #descending: boolean;
  readonly #keyDescending: boolean;

  constructor({ descending, keyDescending }: Direction) {
    this.#descending = descending;
    this.#keyDescending = keyDescending;
  }

  get first(): GroupWalk | undefined {
    return this.#walks[0];
  }

  push(walk: GroupWalk): void {
    let at = this.#walks.push(walk) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(walk, this.#walks[parent]!)) break;
      this.#walks[at] = this.#walks[parent]!;
      at = parent;
    }
    this.#walks[at] = walk;
  }

  /** The first walk goes on to its next row. */
  advance(): void {
    const walks = this.#walks;
    const first = walks[0]!;
    const moved = first.next() ? first : walks.pop()!;
    if (walks.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= walks.length) break;
      if (child + 1 < walks.length && this.#isBefore(walks[child + 1]!, walks[child]!)) child++;
      if (!this.#isBefore(walks[child]!, moved)) break;
      walks[at] = walks[child]!;
      at = child;
    }
    walks[at] = moved;
  }

  #isBefore(a: GroupWalk, b: GroupWalk): boolean {
    if (a.order !== b.order) return a.order < b.order !== this.#descending;
    return a.key < b.key !== this.#keyDescending;
  }
}

/** All rows of the pieces, sorted by the key, or by the payload and the key. */
function sortedPage({ values }: Pieces, plan: IndexPlan, skip: number, wanted: number): KeyValue[] {
  return plan.order === null
    ? sortedByKey(values, plan.keyDescending, skip, wanted)
    : sortedByPayload(values, plan, skip, wanted);
}

function sortedByKey(pieces: readonly Piece[], descending: boolean, skip: number, wanted: number): KeyValue[] {
  const keys: KeyValue[] = [];
  for (const { index, from, to } of pieces) {
    const cursor = index.cursor(from);
    for (let left = to - from; left > 0; left--) {
      keys.push(cursor!.value(index.keyColumns - 1));
      if (left > 1) cursor!.next();
    }
  }
  const sorted = keys.every((key) => typeof key === 'number')
    ? Array.from(Float64Array.from(keys as number[]).sort())
    : keys.sort((a, b) => (a < b ? -1 : 1));
  return descending
    ? sorted.slice(Math.max(0, sorted.length - skip - wanted), sorted.length - skip).reverse()
    : sorted.slice(skip, skip + wanted);
}

function sortedByPayload(pieces: readonly Piece[], plan: IndexPlan, skip: number, wanted: number): KeyValue[] {
  const rows: { readonly key: KeyValue; readonly order: number }[] = [];
  for (const { index, from, to } of pieces) {
    const cursor = index.cursor(from);
    for (let left = to - from; left > 0; left--) {
      const order = cursor!.value(index.keyColumns) as number;
      rows.push({ key: cursor!.value(index.keyColumns - 1), order });
      if (left > 1) cursor!.next();
    }
  }
  rows.sort((a, b) => {
    if (a.order !== b.order) {
      const none = Number.isNaN(a.order);
      if (none !== Number.isNaN(b.order)) return none === (plan.nulls === 'first') ? -1 : 1;
      if (!none) return a.order < b.order !== plan.descending ? -1 : 1;
    }
    return a.key < b.key !== plan.keyDescending ? -1 : 1;
  });
  return rows.slice(skip, skip + wanted).map(({ key }) => key);
}
