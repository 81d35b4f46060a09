/**
 * How a list can be answered from ordered indexes: which of its conditions are equalities, which the one range, and what it is ordered by. Depends on
 * the shape only, so it is worked out once for each.
 */
import type { Collation } from '../../changes/condition.ts';
import type { TableDefinition } from '../../stores/schema.ts';
import { keyColumnOf, type ListOrder, type ListQuery, type ListTerm, type Reading } from './list-query.ts';
import { numberFormOf } from './number-form.ts';

/** A column as a condition or an order looks at it. */
export interface ColumnView {
  readonly column: number;
  readonly collation: Collation;
  readonly reading?: Reading;
}

/** What an index is of. */
export interface IndexShape {
  readonly table: TableDefinition;
  readonly keyColumn: number;
  /** Rows that do not fulfil these are left out: IS NULL and IS NOT NULL, whose answers depend on no value. */
  readonly filter: readonly ListTerm[];
  readonly equal: readonly ColumnView[];
  /** null: by primary key. */
  readonly order: ColumnView | null;
  /** Kept beside each row, to be checked or sorted by without looking at the row; null: nothing. */
  readonly payload: ColumnView | null;
}

/** An index that a plan needs, and its name. */
export interface NeededIndex {
  readonly key: string;
  /** The name without the payload: where none is needed, any index of this serves. */
  readonly base: string;
  readonly shape: IndexShape;
}

export interface IndexPlan {
  /** The index that counts, and gives the rows of a range. */
  readonly ranged: NeededIndex;
  /** The index that is walked in the list's order. */
  readonly ordered: NeededIndex;
  /** The range is on what the list is ordered by, so that the list is a piece of one index. */
  readonly isOneIndex: boolean;
  /** Any index of this grouping counts where there is no range. */
  readonly grouping: string;
  readonly table: TableDefinition;
  readonly keyColumn: number;
  readonly filter: readonly ListTerm[];
  readonly equal: readonly ColumnView[];
  /** For each of `equal`, the place of its condition in the query. */
  readonly equalTerms: readonly number[];
  /** Places of the conditions that make the range; empty: none. */
  readonly rangeTerms: readonly number[];
  /** What the range is on. */
  readonly range: ColumnView | 'key' | null;
  readonly order: ColumnView | null;
  readonly descending: boolean;
  readonly nulls: 'first' | 'last';
  /** Direction of the primary key among equal ones, or of the whole list when it is ordered by it. */
  readonly keyDescending: boolean;
}

/** The conditions' columns and operators and the order: what two queries must have in common to share a plan. */
export function shapeKeyOf(query: ListQuery): string {
  let key = query.custom === undefined ? '' : '!';
  for (const { column, op, collation, reading } of query.conditions) {
    key += `${column}${op}${collation === 'number' ? '' : collation[0]}${reading === undefined ? '' : `@${reading.name}`};`;
  }
  key += query.ties === 'ascending' ? '/' : '\\';
  for (const item of query.order) {
    key += `${item.column}${item.descending ? 'd' : 'a'}${item.nulls[0]}${item.collation[0]}${item.reading?.name ?? ''};`;
  }
  return key;
}

export function viewKey(view: ColumnView | null): string {
  return view === null ? 'key' : `${view.column}:${view.collation}:${view.reading?.name ?? ''}`;
}

function sameView(a: ColumnView, b: ColumnView): boolean {
  return a.column === b.column && a.collation === b.collation && a.reading?.name === b.reading?.name;
}

/** null: no index answers such a list; a window may. */
export function indexPlanOf(query: ListQuery): IndexPlan | null {
  const { table } = query;
  const keyColumn = keyColumnOf(table);
  if (keyColumn === null || query.custom !== undefined) return null;
  const filter: ListTerm[] = [];
  const equalities: { view: ColumnView; term: number }[] = [];
  const rangeTerms: number[] = [];
  let range: ColumnView | 'key' | null = null;
  for (let i = 0; i < query.conditions.length; i++) {
    const term = query.conditions[i]!;
    const view = viewOf(term);
    switch (term.op) {
      case 'is null':
      case 'is not null':
        filter.push(term);
        break;
      case '=':
      case 'in':
        if (!canBeEqual(table, view) || equalities.some((other) => sameView(other.view, view))) return null;
        equalities.push({ view, term: i });
        break;
      case '<>':
        return null;
      default: {
        const ranged: ColumnView | 'key' = isKey(view, keyColumn) ? 'key' : view;
        if (range !== null && !(range === 'key' || ranged === 'key' ? range === ranged : sameView(range, ranged)))
          return null;
        if (ranged !== 'key' && !canBeOrdered(table, ranged)) return null;
        range = ranged;
        rangeTerms.push(i);
      }
    }
  }
  const order = orderOf(query, keyColumn);
  if (order === null || (order.by !== null && !canBeOrdered(table, order.by))) return null;
  equalities.sort((a, b) => a.view.column - b.view.column || (viewKey(a.view) < viewKey(b.view) ? -1 : 1));
  filter.sort((a, b) => a.column - b.column || (a.op < b.op ? -1 : 1));
  const parts: PlanParts = {
    table,
    keyColumn,
    filter,
    equal: equalities.map(({ view }) => view),
    equalTerms: equalities.map(({ term }) => term),
    rangeTerms,
    range,
    order: order.by,
    descending: order.descending,
    nulls: order.nulls,
    keyDescending: order.keyDescending,
  };
  // Worked out here, once for a shape: every request needs them.
  return {
    ...parts,
    ranged: needed(rangeIndexOf(parts)),
    ordered: needed(orderIndexOf(parts)),
    isOneIndex: isOneIndex(parts),
    grouping: groupingKeyOf(parts),
  };
}

type PlanParts = Omit<IndexPlan, 'ranged' | 'ordered' | 'isOneIndex' | 'grouping'>;

function needed(shape: IndexShape): NeededIndex {
  const base = `${groupingKeyOf(shape)}|${viewKey(shape.order)}`;
  return { key: shape.payload === null ? base : `${base}|${viewKey(shape.payload)}`, base, shape };
}

function viewOf({ column, collation, reading }: ListTerm | ListOrder): ColumnView {
  return reading === undefined ? { column, collation } : { column, collation, reading };
}

function isKey(view: ColumnView, keyColumn: number): boolean {
  return view.column === keyColumn && view.reading === undefined;
}

function canBeOrdered(table: TableDefinition, view: ColumnView): boolean {
  const column = table.columns[view.column];
  return column !== undefined && numberFormOf(column, view.reading) !== null;
}

/** Numbers, and texts by a dictionary. */
function canBeEqual(table: TableDefinition, view: ColumnView): boolean {
  return canBeOrdered(table, view) || isTextView(table, view);
}

export function isTextView(table: TableDefinition, view: ColumnView): boolean {
  if (view.reading !== undefined) return false;
  switch (table.columns[view.column]?.type.name) {
    case 'char':
    case 'varchar':
    case 'tinytext':
    case 'text':
    case 'mediumtext':
    case 'longtext':
      return view.collation !== 'number';
    default:
      return false;
  }
}

interface SingleOrder {
  readonly by: ColumnView | null;
  readonly descending: boolean;
  readonly nulls: 'first' | 'last';
  readonly keyDescending: boolean;
}

/** The order as one column and the primary key; null when it is of more columns. A column that a condition fixes orders nothing. */
function orderOf(query: ListQuery, keyColumn: number): SingleOrder | null {
  let single: ListOrder | null = null;
  let keyDescending = query.ties === 'descending';
  for (const item of query.order) {
    if (isKey(viewOf(item), keyColumn)) {
      keyDescending = item.descending;
      break;
    }
    if (query.conditions.some((term) => fixes(term, item))) continue;
    if (single !== null) return null;
    single = item;
  }
  if (single === null) return { by: null, descending: keyDescending, nulls: 'last', keyDescending };
  return { by: viewOf(single), descending: single.descending, nulls: single.nulls, keyDescending };
}

function fixes(term: ListTerm, item: ListOrder): boolean {
  return (
    term.op === '=' &&
    term.column === item.column &&
    term.reading?.name === item.reading?.name &&
    (term.collation === item.collation || term.collation === 'binary' || term.collation === 'number')
  );
}

function rangeIndexOf(plan: PlanParts): IndexShape {
  const order = plan.range === 'key' ? null : plan.range;
  const sortedOtherwise = plan.order !== null && (order === null ? plan.range !== null : !sameView(plan.order, order));
  return { ...base(plan), order, payload: sortedOtherwise ? plan.order : null };
}

function orderIndexOf(plan: PlanParts): IndexShape {
  const { order, range } = plan;
  const checks = range !== null && range !== 'key' && (order === null || !sameView(order, range));
  return { ...base(plan), order, payload: checks ? range : null };
}

function isOneIndex(plan: PlanParts): boolean {
  const { order, range } = plan;
  if (range === null) return true;
  if (range === 'key') return order === null;
  return order !== null && sameView(order, range);
}

function base(plan: PlanParts): Pick<IndexShape, 'table' | 'keyColumn' | 'filter' | 'equal'> {
  return { table: plan.table, keyColumn: plan.keyColumn, filter: plan.filter, equal: plan.equal };
}

/** Which rows it holds: every index of one table with the same gives the same counts. */
export function groupingKeyOf(shape: Pick<IndexShape, 'filter' | 'equal'>): string {
  const filter = shape.filter.map((term) => `${viewKey(viewOf(term))} ${term.op}`).join(',');
  return `${filter}|${shape.equal.map(viewKey).join(',')}`;
}
