/**
 * A selection as kept lists ask for it (kept/list-query.ts). Operators that are comparisons of stored values, or of the numbers that texts read as,
 * become terms, which an index can answer; the others, and negated ones, are asked of each row by their matchers, and such a list is kept as a window.
 */
import type { Collation } from '../changes/condition.ts';
import type { StoreRow, StoreValue } from '../stores/values.ts';
import type { ListColumn, ListTable } from './columns.ts';
import type { Condition } from './condition.ts';
import { integerOfText, realOperand } from './condition-sql.ts';
import {
  type CustomList,
  keyColumnOf,
  type ListOrder,
  type ListQuery,
  type ListTerm,
  type Reading,
} from './kept/list-query.ts';
import { boundsOf, numbersOf } from './operators/number.ts';
import { type ListNumber, numberFromText } from './operators/number-from-text.ts';
import { storedNumber } from './operators/stored-number.ts';
import { textTokens } from './operators/tokens.ts';
import type { Selection, SortItem } from './request.ts';
import { storedMatcher } from './row-matcher.ts';
import { isDescending, isNumeric, type SelectionSql } from './selection-sql.ts';

/** What of a selection is asked for. */
export interface Wanted {
  readonly rows: boolean;
  readonly count: boolean;
}

/** A selection's shape made ready: values are filled in for each request. */
export interface SelectionQuery {
  of(selection: Selection, wanted: Wanted): ListQuery;
}

type TermOf = (operand: string) => ListTerm;

/** Ways by an index that the selection's plain text does not name; undefined where there are none. */
export type FoundBy = (selection: Selection) => CustomList['found'];

/** null: such a table's lists are not kept. `shape` names the selection's shape; `sql` is its text. */
export function selectionQuery(
  table: ListTable,
  selection: Selection,
  shape: string,
  sql: SelectionSql,
  foundBy: FoundBy,
): SelectionQuery | null {
  if (keyColumnOf(table.definition) === null) return null;
  const columns = selection.where.map((condition) => table.column(condition.field, 'where'));
  const terms = selection.where.map((condition, i) => termOf(columns[i]!, condition));
  const order = selection.order.map((item) => orderOf(table, item));
  const isCustom = terms.includes(null);
  return {
    of(given, { rows, count }) {
      const conditions: ListTerm[] = [];
      for (let i = 0; i < terms.length; i++) {
        const term = terms[i];
        if (term) conditions.push(term(given.where[i]!.operand));
      }
      const query: ListQuery = {
        table: table.definition,
        shape,
        conditions,
        order,
        ties: 'ascending',
        skip: given.skip,
        max: given.max,
        wantsRows: rows,
        wantsCount: count,
      };
      return isCustom ? { ...query, custom: customOf(shape, columns, given, sql, terms, foundBy) } : query;
    },
  };
}

/** The conditions that are no terms. */
function customOf(
  shape: string,
  columns: readonly ListColumn[],
  selection: Selection,
  sql: SelectionSql,
  terms: readonly (TermOf | null)[],
  foundBy: FoundBy,
): CustomList {
  // Nothing but this tells one such list from another: their fields and operators are no terms.
  let key = `${shape}\u0002`;
  const matchers: ((row: StoreRow) => boolean)[] = [];
  for (let i = 0; i < terms.length; i++) {
    const condition = selection.where[i]!;
    key += `${condition.operand.length}:${condition.operand}`;
    if (terms[i] !== null) continue;
    const column = columns[i]!;
    const matches = storedMatcher(column, condition);
    matchers.push((row) => matches(row[column.position] ?? null));
  }
  const found = foundBy(selection);
  return {
    key,
    ...(found !== undefined && { found }),
    matches: (row) => matchers.every((matches) => matches(row)),
    whereSql: sql.where,
    params: sql.bind(selection),
    orderSql: sql.order,
  };
}

function orderOf(table: ListTable, { field, sort }: SortItem): ListOrder {
  const column = table.column(field, 'order_by');
  const place = { column: column.position, descending: isDescending(sort), nulls: 'last' } as const;
  if (isNumeric(column, sort)) return { ...place, ...numberView(column) };
  return { ...place, ...textView(column) };
}

interface View {
  readonly collation: Collation;
  readonly reading?: Reading;
}

/** The value as a number, as `numberSql` has it. */
function numberView(column: ListColumn): View {
  return column.numbers === 'text' ? { collation: 'binary', reading: numberReading(column) } : { collation: 'number' };
}

function textView(column: ListColumn): View {
  return column.isText ? { collation: 'binary' } : { collation: 'binary', reading: textReading(column) };
}

function numberReading(column: ListColumn): Reading {
  return {
    name: 'number',
    sql: column.numberSql,
    of(value) {
      const text = column.text(value);
      return text === null ? null : storedNumber(numberFromText(text));
    },
  };
}

function textReading(column: ListColumn): Reading {
  return { name: 'text', sql: column.textSql, of: (value) => column.text(value) };
}

/** null: the condition is no comparison of values that have an order. */
function termOf(column: ListColumn, { operator, negated }: Condition): TermOf | null {
  if (negated) return null;
  const stored = column.numbers === 'real' ? realOperand : storedNumber;
  const number = (operand: string): StoreValue => plain(stored(numberFromText(operand)));
  const view = numberView(column);
  switch (operator) {
    case 'NUMEQ':
      return comparison(column, view, '=', number);
    case 'NUMGT':
      return comparison(column, view, '>', number);
    case 'NUMGE':
      return comparison(column, view, '>=', number);
    case 'NUMLT':
      return comparison(column, view, '<', number);
    case 'NUMLE':
      return comparison(column, view, '<=', number);
    case 'NUMBT':
      return (operand) => {
        const [low, high] = boundsOf(operand);
        return { column: column.position, ...view, op: 'between', low: plain(stored(low)), high: plain(stored(high)) };
      };
    case 'NUMOREQ':
      return oneOf(column, view, (operand) => presentOf(numbersOf(operand), stored));
    case 'STREQ':
      return textEquality(column);
    case 'STROREQ':
      return oneOf(column, textView(column), (operand) => [...new Set(textTokens(operand))]);
    default:
      return null;
  }
}

type Comparison = '=' | '>' | '>=' | '<' | '<=';

/** Written out, not spread: every request makes one. */
function comparison(
  { position: column }: ListColumn,
  { collation, reading }: View,
  op: Comparison,
  stored: (operand: string) => StoreValue,
): TermOf {
  return reading === undefined
    ? (operand) => ({ column, collation, op, value: stored(operand) })
    : (operand) => ({ column, collation, reading, op, value: stored(operand) });
}

function oneOf(column: ListColumn, view: View, valuesOf: (operand: string) => readonly StoreValue[]): TermOf {
  return (operand) => ({ column: column.position, ...view, op: 'in', values: valuesOf(operand) });
}

function textEquality(column: ListColumn): TermOf {
  if (column.numbers === 'integer' && column.definition.type.name !== 'year')
    return comparison(column, { collation: 'number' }, '=', (operand) => plain(integerOfText(operand)));
  return comparison(column, textView(column), '=', (operand) => operand);
}

/** Each number once; what equals nothing is left out. */
function presentOf(numbers: readonly ListNumber[], stored: (number: ListNumber) => StoreValue): StoreValue[] {
  const values = new Set<StoreValue>();
  for (const number of numbers) {
    const value = plain(stored(number));
    if (value !== null) values.add(value);
  }
  return [...values];
}

/** Integers are bigint only beyond 2^53. */
function plain(value: StoreValue): StoreValue {
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
