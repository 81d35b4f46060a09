/**
 * Finds the windows that a row can be in, without trying them all: each window is filed under the values of one of its equalities, or among the rest.
 * It may find more than there are: whether a row fulfils all conditions is the window's to say.
 */
import type { StoreRow } from '../../stores/values.ts';
import { type ColumnView, viewKey } from './index-plan.ts';
import type { ListTerm } from './list-query.ts';
import { equalityClass } from './number-form.ts';

type EqualityClass = string | number | bigint;

interface Drawer<Item> {
  readonly view: ColumnView;
  readonly items: Map<EqualityClass, Set<Item>>;
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
      drawer = { view: place.view, items: new Map() };
      this.#drawers.set(key, drawer);
    }
    for (const value of place.classes) {
      const items = drawer.items.get(value);
      if (items === undefined) drawer.items.set(value, new Set([item]));
      else items.add(item);
    }
  }

  remove(item: Item, conditions: readonly ListTerm[]): void {
    const place = placeOf(conditions);
    if (place === null) {
      this.#rest.delete(item);
      return;
    }
    const key = viewKey(place.view);
    const drawer = this.#drawers.get(key);
    if (drawer === undefined) return;
    for (const value of place.classes) {
      const items = drawer.items.get(value);
      if (items?.delete(item) && items.size === 0) drawer.items.delete(value);
    }
    if (drawer.items.size === 0) this.#drawers.delete(key);
  }

  /** Each item that the row may concern, once or more. */
  visit(row: StoreRow, visit: (item: Item) => void): void {
    for (const { view, items } of this.#drawers.values()) {
      const stored = row[view.column] ?? null;
      const value = equalityClass(view.reading === undefined ? stored : view.reading.of(stored), view.collation);
      if (value === null || value === undefined) continue;
      const found = items.get(value);
      if (found !== undefined) for (const item of found) visit(item);
    }
    for (const item of this.#rest) visit(item);
  }
}

/** The equality to file an item under: one value before several. */
function placeOf(conditions: readonly ListTerm[]): { view: ColumnView; classes: EqualityClass[] } | null {
  const term =
    conditions.find((candidate) => candidate.op === '=' && classesOf(candidate) !== null) ??
    conditions.find((candidate) => candidate.op === 'in' && classesOf(candidate) !== null);
  return term === undefined ? null : { view: term, classes: classesOf(term)! };
}

/** null: some value has no class. A NULL equals nothing. */
function classesOf(term: ListTerm): EqualityClass[] | null {
  const values = term.op === '=' ? [term.value] : term.op === 'in' ? term.values : [];
  const classes: EqualityClass[] = [];
  for (const value of values) {
    const found = equalityClass(value, term.collation);
    if (found === undefined) return null;
    if (found !== null) classes.push(found);
  }
  return classes;
}
