/**
 * What kept lists are asked: a list over one table as plain data, whichever protocol it came by. The planners make these; values are in stored
 * form. Two queries of the same conditions' columns and operators, and the same order, have one shape and share an index.
 */
import { compareValues } from '../../changes/compare.ts';
import type { Collation, Term } from '../../changes/condition.ts';
import { satisfies } from '../../changes/matcher.ts';
import type { TableDefinition } from '../../stores/schema.ts';
import { rowidColumn, sameName } from '../../stores/sqlite/ddl.ts';
import type { StoreRow, StoreValue } from '../../stores/values.ts';

/**
 * A column looked at as something else than what it stores: the number that a text reads as, say. `of` must be pure, and `sql` compute the same;
 * two readings of one name must be the same. What it gives compares as `collation` of the term or the order says.
 */
export interface Reading {
  readonly name: string;
  readonly sql: string;
  of(value: StoreValue): StoreValue;
}

/** A condition on one column. With a reading, it holds for what the reading gives. */
export type ListTerm = Term & { readonly reading?: Reading };

export interface ListOrder {
  readonly column: number;
  readonly descending: boolean;
  readonly collation: Collation;
  /** The list protocol: last always. MySQL: first when ascending, last when descending. */
  readonly nulls: 'first' | 'last';
  readonly reading?: Reading;
}

/** Conditions or an order beyond ListTerm and ListOrder (LIKE, negated operators, expressions), with the store's text that computes the same. */
export interface CustomList {
  /** Names conditions and order with their values: two lists of one table with equal keys are the same list. */
  readonly key: string;
  /** Asked beside all `conditions`. */
  matches(row: StoreRow): boolean;
  /** Beside `order`, which is then not looked at; ties are decided by the primary key. */
  readonly compare?: (a: StoreRow, b: StoreRow) => number;
  /** ` WHERE ...` of all conditions, those of `conditions` too; may be empty. */
  readonly whereSql: string;
  readonly params: readonly StoreValue[];
  /** ` ORDER BY ...`, total: ending with the primary key. */
  readonly orderSql: string;
  /** The first rows and their count by an index that `whereSql` does not name. */
  found?(select: string, limit: number): FoundList;
}

/** Statements with their parameters. */
export interface FoundList {
  readonly rows: { readonly sql: string; readonly params: readonly StoreValue[] };
  readonly count: { readonly sql: string; readonly params: readonly StoreValue[] };
}

export interface ListQuery {
  readonly table: TableDefinition;
  /** All hold. */
  readonly conditions: readonly ListTerm[];
  /** Up to three; columns after the primary key are of no matter. */
  readonly order: readonly ListOrder[];
  /** How rows that are equal in `order` follow one another by primary key. The list protocol: ascending, always. */
  readonly ties: 'ascending' | 'descending';
  readonly skip: number;
  /** null: all rows. */
  readonly max: number | null;
  readonly wantsRows: boolean;
  /** Of all rows that fulfil the conditions, not only those of the page. */
  readonly wantsCount: boolean;
  readonly custom?: CustomList;
  /**
   * Names what queries have in common that differ in values, skip, max and what they want only: columns, operators, collations and readings of the conditions in their order,
   * order, ties, and whether there is a `custom`. Whoever makes many queries of one shape gives it, one text for all of them, so that it need not be made for each.
   */
  readonly shape?: string;
}

/**
 * Position of the single primary key column, if it is one: an integer column by which SQLite stores rows. BIGINT UNSIGNED is none unless its values are
 * generated: those beyond 2^63-1 are texts.
 */
export function keyColumnOf(table: TableDefinition): number | null {
  const name = table.primaryKey.length === 1 ? rowidColumn(table) : null;
  if (name === null) return null;
  const at = table.columns.findIndex((column) => sameName(column.name, name));
  switch (table.columns[at]?.type.name) {
    case 'tinyint':
    case 'smallint':
    case 'mediumint':
    case 'int':
    case 'bigint':
      return at;
    default:
      return null;
  }
}

/** Whether a row fulfils the query's conditions. */
export function matcherOfQuery(query: Pick<ListQuery, 'conditions' | 'custom'>): (row: StoreRow) => boolean {
  const plain = query.conditions.filter((term) => term.reading === undefined);
  const read = query.conditions.filter((term) => term.reading !== undefined);
  const { custom } = query;
  return (row) => {
    if (!satisfies(row, plain)) return false;
    for (const term of read) {
      const value = term.reading!.of(row[term.column] ?? null);
      if (!satisfies([value], [{ ...term, column: 0 }])) return false;
    }
    return custom === undefined || custom.matches(row);
  };
}

/** The order of a query's rows: total, since no two have one primary key. `keyColumn` is the primary key's. */
export function comparatorOfQuery(
  query: Pick<ListQuery, 'order' | 'ties' | 'custom'>,
  keyColumn: number,
): (a: StoreRow, b: StoreRow) => number {
  const { order, ties, custom } = query;
  const compareKeys = (a: StoreRow, b: StoreRow): number => {
    const by = compareValues(a[keyColumn] ?? null, b[keyColumn] ?? null, 'number');
    return ties === 'ascending' ? by : -by;
  };
  if (custom?.compare !== undefined) {
    const { compare } = custom;
    return (a, b) => compare(a, b) || compareKeys(a, b);
  }
  return (a, b) => {
    for (const item of order) {
      const by = compareBy(item, a[item.column] ?? null, b[item.column] ?? null);
      if (by !== 0) return by;
    }
    return compareKeys(a, b);
  };
}

function compareBy(item: ListOrder, a: StoreValue, b: StoreValue): number {
  const first = item.reading === undefined ? a : item.reading.of(a);
  const second = item.reading === undefined ? b : item.reading.of(b);
  if (first === null || second === null) {
    if (first === second) return 0;
    return (first === null) === (item.nulls === 'first') ? -1 : 1;
  }
  const by = compareValues(first, second, item.collation);
  return item.descending ? -by : by;
}
