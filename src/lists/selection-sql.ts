/**
 * A selection (where, order, limits) as SQLite text. The text depends on its shape only: table, fields, operators, order, and whether it
 * skips; operands and limits are parameters. So a shape is worked out once and then bound, for each request, in a microsecond or two.
 */
import { INLINE_ROWS } from '../limits.ts';
import type { StoreValue } from '../stores/values.ts';
import type { ListColumn, ListTable } from './columns.ts';
import type { Condition } from './condition.ts';
import { type ConditionSql, conditionSql } from './condition-sql.ts';
import { blankTokens, textTokens } from './operators/tokens.ts';
import type { Selection, SortName } from './request.ts';

export interface SelectionSql {
  /** ` WHERE ...`, or empty. */
  readonly where: string;
  /** ` ORDER BY ...`: always a total order, ties by primary key ascending. */
  readonly order: string;
  /** The parameters of `where`. */
  bind(selection: Selection): StoreValue[];
  /** Of each condition. */
  readonly columns: readonly ListColumn[];
  readonly forms: readonly ConditionSql[];
  /** What `order` says, but for the ties. */
  readonly sorts: readonly SortColumn[];
  /** A condition leaves at most one row: it needs no order and no limit. */
  readonly isSingle: boolean;
  /** A condition names primary keys. */
  readonly isPinned: boolean;
  /** Are at most INLINE_ROWS rows touched when at most `limit` rows (after skipping) are asked for? */
  isSmall(selection: Selection, limit: number): boolean;
}

/** Two selections with one key have one text. */
export function shapeKey(selection: Selection): string {
  let key = '';
  for (const condition of selection.where) {
    key += `${condition.field}\u0000${condition.negated ? '!' : ''}${condition.operator}\u0000`;
  }
  for (const { field, sort } of selection.order) key += `\u0001${field}\u0000${sort}`;
  return key;
}

export function selectionSql(table: ListTable, selection: Selection): SelectionSql {
  const columns = selection.where.map((condition) => table.column(condition.field, 'where'));
  const forms = selection.where.map((condition, index) => conditionSql(columns[index]!, condition));
  const order = selection.order.map(
    ({ field, sort }): SortColumn => ({ column: table.column(field, 'order_by'), sort }),
  );
  const inKeyOrder = order[0] === undefined || order[0].column.isRowid;
  const walks = inKeyOrder && isKeyRange(selection.where, columns);
  return {
    where: forms.length === 0 ? '' : ` WHERE ${forms.map((form) => form.sql).join(' AND ')}`,
    order: ` ORDER BY ${orderSql(table, order)}`,
    columns,
    forms,
    sorts: order,
    isSingle: selection.where.some((condition, index) => pinsOneRow(columns[index]!, condition)),
    isPinned: Number.isFinite(pinnedRows(selection.where, columns)),
    bind: (given) => bindAll(forms, given.where),
    isSmall(given, limit) {
      if (given.where.some((condition) => condition.operator === 'STRRX')) return false;
      return pinnedRows(given.where, columns) <= INLINE_ROWS || (walks && given.skip + limit <= INLINE_ROWS);
    },
  };
}

function bindAll(forms: readonly ConditionSql[], where: readonly Condition[]): StoreValue[] {
  const params: StoreValue[] = [];
  for (let i = 0; i < forms.length; i++) params.push(...forms[i]!.bind(where[i]!.operand));
  return params;
}

export interface SortColumn {
  readonly column: ListColumn;
  readonly sort: SortName;
}

/** Ends with the primary key: ties have an order too. */
function orderSql(table: ListTable, order: readonly SortColumn[]): string {
  const items: string[] = [];
  for (const { column, sort } of order) {
    const descending = isDescending(sort);
    items.push(sortSql(column, sort, descending));
    if (column.isRowid) return items.join(', ');
  }
  return [...items, ...table.keySql].join(', ');
}

export function isDescending(sort: SortName): boolean {
  return sort === 'STRDESC' || sort === 'NUMDESC';
}

function sortSql(column: ListColumn, sort: SortName, descending: boolean): string {
  if (column.isRowid) return `${column.sql}${descending ? ' DESC' : ''}`;
  // SQLite puts NULL first when ascending and last when descending; rows without the field come last in both.
  const nulls = descending ? '' : column.definition.nullable || sortsBySluiceNumber(column, sort) ? ' NULLS LAST' : '';
  return `${sortKey(column, sort)}${descending ? ' DESC' : ''}${nulls}`;
}

/** A text that reads as NaN is a row without a number. */
function sortsBySluiceNumber(column: ListColumn, sort: SortName): boolean {
  return column.numbers === 'text' && isNumeric(column, sort);
}

/** Ordering by the primary key is numeric, if it is a number. */
export function isNumeric(column: ListColumn, sort: SortName): boolean {
  return sort === 'NUMASC' || sort === 'NUMDESC' || (column.isKey && column.numbers === 'integer');
}

function sortKey(column: ListColumn, sort: SortName): string {
  if (isNumeric(column, sort)) return column.numberSql;
  return column.bytesSql;
}

function pinsOneRow(column: ListColumn, { operator, negated }: Condition): boolean {
  if (negated || !column.isKey) return false;
  return column.numbers === 'integer'
    ? operator === 'NUMEQ' || operator === 'STREQ'
    : column.isText && operator === 'STREQ';
}

/** No more than this many rows can fulfil the conditions on the primary key. */
function pinnedRows(where: readonly Condition[], columns: readonly ListColumn[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < where.length; i++) {
    const { operator, negated, operand } = where[i]!;
    if (negated || !columns[i]!.isKey) continue;
    if (pinsOneRow(columns[i]!, where[i]!)) least = Math.min(least, 1);
    else if (operator === 'NUMOREQ' && columns[i]!.numbers === 'integer') {
      least = Math.min(least, blankTokens(operand).length);
    } else if (operator === 'STROREQ' && columns[i]!.isText) least = Math.min(least, textTokens(operand).length);
  }
  return least;
}

/** At most one lower and one upper bound on the primary key, so that walking along it meets only rows that are wanted. */
function isKeyRange(where: readonly Condition[], columns: readonly ListColumn[]): boolean {
  let lower = 0;
  let upper = 0;
  for (let i = 0; i < where.length; i++) {
    const { operator, negated } = where[i]!;
    if (negated || !columns[i]!.isRowid) return false;
    if (operator === 'NUMGT' || operator === 'NUMGE') lower++;
    else if (operator === 'NUMLT' || operator === 'NUMLE') upper++;
    else if (operator === 'NUMBT') {
      lower++;
      upper++;
    } else return false;
  }
  return lower <= 1 && upper <= 1;
}
