/** Everything kept for one table: its rows, indexes and windows, and which windows a row concerns. */
import { isDeepStrictEqual } from 'node:util';
import type { TableDefinition } from '../../stores/schema.ts';
import type { RowChange } from '../../stores/store.ts';
import type { StoreValue } from '../../stores/values.ts';
import { ConditionIndex } from './condition-index.ts';
import { groupingKeyOf, type IndexPlan, indexPlanOf, type NeededIndex, shapeKeyOf } from './index-plan.ts';
import { KeptForm } from './kept-form.ts';
import { KeptIndex } from './kept-index.ts';
import { KeptWindow } from './kept-window.ts';
import { entryOf, type IndexEntry, type ListEntry, type WindowEntry } from './list-entry.ts';
import type { ListQuery } from './list-query.ts';
import type { RowCache } from './row-cache.ts';
import { columnsSelect, type RowEncoder } from './row-encoder.ts';
import { RowSelect } from './row-select.ts';
import { RowsOfTable } from './rows-of-table.ts';
import { UseCounter } from './use-counter.ts';

export interface ListStatistics {
  readonly table: string;
  readonly kind: 'index' | 'window';
  readonly key: string;
  readonly state: 'building' | 'ready';
  readonly rows: number;
  readonly bytes: number;
  readonly hits: number;
  readonly subscriptions: number;
}

/** What all queries of one shape have in common. */
export interface Shape {
  /** See shapeKeyOf(). */
  readonly key: string;
  /** null: no index answers them. */
  readonly plan: IndexPlan | null;
}

const SHAPES_MAX = 5_000;
export class TableLists {
  readonly definition: TableDefinition;
  readonly keyColumn: number;
  readonly rows: RowsOfTable;
  readonly uses = new UseCounter();
  readonly indexes = new Map<string, IndexEntry>();
  readonly windows = new Map<string, WindowEntry>();
  readonly conditions = new ConditionIndex<WindowEntry>();
  /** Indexes whose columns have values that cannot stand in one. */
  readonly unsupported = new Set<string>();
  /** Reads rows with all their values. */
  readonly wholeSelect: RowSelect;
  readonly #forms = new WeakMap<RowEncoder<unknown>, KeptForm>();
  #formCount = 0;
  readonly #shapes = new Map<string, Shape>();

  constructor(definition: TableDefinition, keyColumn: number, cache: RowCache) {
    this.definition = definition;
    this.keyColumn = keyColumn;
    this.rows = new RowsOfTable(cache);
    this.wholeSelect = new RowSelect(definition, keyColumn, columnsSelect(definition));
  }

  /** False: the table has changed as a whole, and all of this is dropped. */
  get isCurrent(): boolean {
    return this.rows.isCurrent;
  }

  shapeOf(query: ListQuery): Shape {
    const name = query.shape ?? shapeKeyOf(query);
    let shape = this.#shapes.get(name);
    if (shape === undefined) {
      shape = { key: shapeKeyOf(query), plan: indexPlanOf(query) };
      if (this.#shapes.size >= SHAPES_MAX) this.#shapes.clear();
      this.#shapes.set(name, shape);
    }
    return shape;
  }

  /** How many forms its rows were asked for in. */
  get forms(): number {
    return this.#formCount;
  }

  formOf<E>(encoder: RowEncoder<E>): KeptForm<E> {
    let form = this.#forms.get(encoder) as KeptForm<E> | undefined;
    if (form === undefined) {
      form = new KeptForm(this.definition, this.keyColumn, encoder);
      this.#forms.set(encoder, form as KeptForm);
      this.#formCount++;
    }
    return form;
  }

  /** A finished index that has every row. */
  indexOfAll(): KeptIndex | undefined {
    return this.indexOfGrouping(groupingKeyOf({ filter: [], equal: [] }))?.index;
  }

  /** A finished index that has the same rows, in whichever order: for counts. */
  indexOfGrouping(grouping: string): IndexEntry | undefined {
    for (const entry of this.indexes.values()) if (entry.grouping === grouping && entry.index.isComplete) return entry;
    return undefined;
  }

  /** The index, or where no payload is needed, one that has it and more. */
  indexFor({ key, base, shape }: NeededIndex): IndexEntry | undefined {
    const exact = this.indexes.get(key);
    if (exact?.index.isComplete || shape.payload !== null) return exact;
    for (const entry of this.indexes.values()) if (entry.needed.base === base && entry.index.isComplete) return entry;
    return exact;
  }

  /** @throws UnsupportedKeyError */
  addIndex(needed: NeededIndex, grouping: string): IndexEntry {
    const index = new KeptIndex(needed.shape);
    const entry: IndexEntry = { ...entryOf(needed.key, this), kind: 'index', index, needed, grouping };
    this.indexes.set(needed.key, entry);
    return entry;
  }

  addWindow(key: string, query: ListQuery): WindowEntry {
    const window = new KeptWindow(query, this.keyColumn, this.rows);
    const entry: WindowEntry = {
      ...entryOf(key, this),
      kind: 'window',
      window,
      isFilling: false,
      live: new Map(),
    };
    this.windows.set(key, entry);
    this.conditions.add(entry, query.conditions);
    return entry;
  }

  remove(entry: ListEntry): void {
    if (entry.kind === 'index') {
      this.indexes.delete(entry.key);
      return;
    }
    this.windows.delete(entry.key);
    this.conditions.remove(entry, entry.window.query.conditions);
    entry.window.drop();
  }

  *statistics(): Generator<ListStatistics, void, undefined> {
    const table = `${this.definition.database}.${this.definition.name}`;
    for (const { index, key, bytes, hits } of this.indexes.values()) {
      const state = index.isComplete ? 'ready' : 'building';
      yield { table, kind: 'index', key, state, rows: index.size, bytes, hits, subscriptions: 0 };
    }
    for (const { window, key, bytes, hits, live } of this.windows.values()) {
      const state = window.isReady ? 'ready' : 'building';
      let subscriptions = 0;
      for (const { listeners } of live.values()) subscriptions += listeners.size;
      yield { table, kind: 'window', key, state, rows: window.size, bytes, hits, subscriptions };
    }
  }

  /** The windows that these changes concern, each with its own of them in order. */
  concerned(changes: readonly RowChange[]): Map<WindowEntry, RowChange[]> {
    const found = new Map<WindowEntry, RowChange[]>();
    if (this.windows.size === 0) return found;
    for (const change of changes) {
      const visit = (entry: WindowEntry): void => {
        const list = found.get(entry);
        if (list === undefined) found.set(entry, [change]);
        else if (list.at(-1) !== change) list.push(change);
      };
      if (change.before !== null) this.conditions.visit(change.before, visit);
      if (change.after !== null) this.conditions.visit(change.after, visit);
    }
    return found;
  }
}

/** Names a list of a table, whatever page of it is asked for. */
export function windowKeyOf(lists: TableLists, query: ListQuery): string {
  return `${lists.shapeOf(query).key}:${valuesKeyOf(query)}`;
}

/** Names the values of a query's conditions. */
function valuesKeyOf(query: ListQuery): string {
  let key = '';
  for (const term of query.conditions) {
    switch (term.op) {
      case 'in':
        key += `${term.values.map(valueKey).join(',')};`;
        break;
      case 'between':
        key += `${valueKey(term.low)},${valueKey(term.high)};`;
        break;
      case 'is null':
      case 'is not null':
        break;
      default:
        key += `${valueKey(term.value)};`;
    }
  }
  return query.custom === undefined ? key : `${key}!${query.custom.key}`;
}

function valueKey(value: StoreValue): string {
  if (typeof value === 'string') return `'${value.length}:${value}`;
  if (value instanceof Uint8Array) return `x${Buffer.from(value).toString('hex')}`;
  return String(value);
}

export function sameDefinition(a: TableDefinition, b: TableDefinition): boolean {
  return a === b || isDeepStrictEqual(a, b);
}
