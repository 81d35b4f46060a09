/**
 * Finds the windows that a row can be in, without trying them all: each window is filed under the values of one of its equalities, or the interval of
 * one of its ranges, or among the rest (LIKE, expressions, negations: every row must be tried with these). It may find more than there are: whether a row
 * fulfils all conditions is the window's to say.
 */
import { compareValues } from '../../changes/compare.ts';
import type { StoreRow, StoreValue } from '../../stores/values.ts';
import { type ColumnView, viewKey } from './index-plan.ts';
import { IntervalIndex } from './interval-index.ts';
import type { ListTerm } from './list-query.ts';
import { equalityClass } from './number-form.ts';

/** NULL has a class of its own, for IS NULL. */
const NULL_CLASS = Symbol('NULL');

type EqualityClass = string | number | bigint | typeof NULL_CLASS;

/** All that is filed by what one view of a column gives. */
class Drawer<Item> {
  readonly view: ColumnView;
  readonly equal = new Map<EqualityClass, Set<Item>>();
  readonly intervals: IntervalIndex<StoreValue, Item>;

  constructor(view: ColumnView) {
    this.view = view;
    this.intervals = new IntervalIndex((a, b) => compareValues(a, b, view.collation));
  }

  get isEmpty(): boolean {
    return this.equal.size === 0 && this.intervals.isEmpty;
  }

  add(item: Item, { classes, interval }: Place): void {
    for (const value of classes) {
      const items = this.equal.get(value);
      if (items === undefined) this.equal.set(value, new Set([item]));
      else items.add(item);
    }
    if (interval !== null) this.intervals.add(interval.low, interval.high, item);
  }

  remove(item: Item, { classes, interval }: Place): void {
    for (const value of classes) {
      const items = this.equal.get(value);
      if (items?.delete(item) && items.size === 0) this.equal.delete(value);
    }
    if (interval !== null) this.intervals.remove(interval.low, interval.high, item);
  }

  visit(row: StoreRow, visit: (item: Item) => void): void {
    const { column, reading, collation } = this.view;
    const stored = row[column] ?? null;
    const value = reading === undefined ? stored : reading.of(stored);
    const found = this.equal.get((value === null ? NULL_CLASS : equalityClass(value, collation)) as EqualityClass);
    if (found !== undefined) for (const item of found) visit(item);
    if (value !== null) this.intervals.visit(value, visit);
  }
}

export class ConditionIndex<Item> {
  readonly #drawers = new Map<string, Drawer<Item>>();
  readonly #rest = new Set<Item>();

  /** Items that every row must be tried with. */
  get restSize(): number {
    return this.#rest.size;
  }

  /** The oldest of them. */
  get firstOfRest(): Item | undefined {
    for (const item of this.#rest) return item;
    return undefined;
  }

  add(item: Item, conditions: readonly ListTerm[]): void {
    const place = placeOf(conditions);
    if (place === null) {
      this.#rest.add(item);
      return;
    }
    const key = viewKey(place.view);
    let drawer = this.#drawers.get(key);
    if (drawer === undefined) {
      drawer = new Drawer(place.view);
      this.#drawers.set(key, drawer);
    }
    drawer.add(item, place);
  }

  remove(item: Item, conditions: readonly ListTerm[]): void {
    const place = placeOf(conditions);
    if (place === null) {
      this.#rest.delete(item);
      return;
    }
    const key = viewKey(place.view);
    const drawer = this.#drawers.get(key);
    drawer?.remove(item, place);
    if (drawer?.isEmpty) this.#drawers.delete(key);
  }

  /** Each item that the row may concern, once or more. */
  visit(row: StoreRow, visit: (item: Item) => void): void {
    for (const drawer of this.#drawers.values()) drawer.visit(row, visit);
    for (const item of this.#rest) visit(item);
  }
}

interface Interval {
  readonly low: StoreValue;
  readonly high: StoreValue;
}

/** Where an item is filed. Without classes and an interval it is nowhere: no row is in it. */
interface Place {
  readonly view: ColumnView;
  readonly classes: readonly EqualityClass[];
  readonly interval: Interval | null;
}

/** One value before several, values before intervals, intervals with two ends before others. null: among the rest. */
function placeOf(conditions: readonly ListTerm[]): Place | null {
  for (const op of ['=', 'in', 'is null'] as const) {
    for (const term of conditions) {
      const classes = term.op === op ? classesOf(term) : null;
      if (classes !== null) return { view: term, classes, interval: null };
    }
  }
  return intervalPlaceOf(conditions);
}

/** null: some value has no class. A NULL equals nothing. */
function classesOf(term: ListTerm): EqualityClass[] | null {
  if (term.op === 'is null') return [NULL_CLASS];
  const values = term.op === '=' ? [term.value] : term.op === 'in' ? term.values : [];
  const classes: EqualityClass[] = [];
  for (const value of values) {
    const found = equalityClass(value, term.collation);
    if (found === undefined) return null;
    if (found !== null) classes.push(found);
  }
  return classes;
}

function intervalPlaceOf(conditions: readonly ListTerm[]): Place | null {
  let found: Place | null = null;
  for (const term of conditions) {
    const ends = endsOf(term);
    if (ends === null) continue;
    const view = viewKey(term);
    let interval = ends;
    for (const other of conditions) {
      const more = other !== term && viewKey(other) === view ? endsOf(other) : null;
      if (more !== null) interval = { low: interval.low ?? more.low, high: interval.high ?? more.high };
    }
    const isClosed = interval.low !== null && interval.high !== null;
    if (found === null || isClosed) found = { view: term, classes: [], interval };
    if (isClosed) break;
  }
  return found;
}

/** Of a range; an end that belongs to none counts as belonging. null: the term is no range, or a comparison with NULL, which is never true. */
function endsOf(term: ListTerm): Interval | null {
  switch (term.op) {
    case '<':
    case '<=':
      return term.value === null ? null : { low: null, high: term.value };
    case '>':
    case '>=':
      return term.value === null ? null : { low: term.value, high: null };
    case 'between':
      return term.low === null || term.high === null ? null : { low: term.low, high: term.high };
    default:
      return null;
  }
}
