/** The order of a list: in the source's SQL where that sorts as the list protocol says, here where it does not. */
import { type ListNumber, numberFromText } from '../../../lists/operators/number-from-text.ts';
import type { Selection, SortName } from '../../../lists/request.ts';
import type { SourceListColumn, SourceListTable } from './list-table.ts';

export interface Sort {
  readonly column: SourceListColumn;
  readonly descending: boolean;
  readonly isNumeric: boolean;
}

export interface SourceOrder {
  /** ` ORDER BY ...`, or empty for a table of which nothing tells rows apart. Of rows that are sorted here, the order of those that are equal. */
  readonly sql: string;
  /** Empty: SQL has sorted them. */
  readonly sortedHere: readonly Sort[];
}

export function sourceOrder(table: SourceListTable, { order }: Pick<Selection, 'order'>): SourceOrder {
  const sorts = order.map(({ field, sort }) => sortOf(table.column(field, 'order_by'), sort));
  const items = sorts.map(sortSql);
  const isInSql = items.every((item) => item !== null);
  const used: string[] = isInSql ? [...items] : [];
  // Ties have an order too; behind the key there are none.
  if (!isInSql || !sorts.some(({ column }) => column.isKey)) used.push(...tieBreakers(table));
  return { sql: used.length === 0 ? '' : ` ORDER BY ${used.join(', ')}`, sortedHere: isInSql ? [] : sorts };
}

function tieBreakers({ keys, columns }: SourceListTable): string[] {
  // Without a key, rows that are equal in everything that can be sorted look alike.
  if (keys.length > 0) return keys.map(({ sql }) => sql);
  return columns.flatMap((column) => column.bytesSql ?? (column.numbers === 'text' ? [] : column.sql));
}

function sortOf(column: SourceListColumn, sort: SortName): Sort {
  const isNumeric = sort.startsWith('NUM') || (column.isKey && column.numbers === 'integer');
  return { column, isNumeric, descending: sort.endsWith('DESC') };
}

/** null: it must be sorted here. */
function sortSql({ column, descending, isNumeric }: Sort): string | null {
  const { sql, sortsAsText, bytesSql, numbers, definition } = column;
  const value = isNumeric ? (numbers === 'text' ? null : sql) : sortsAsText ? sql : bytesSql;
  if (value === null) return null;
  // MySQL has NULL before all others; rows without the field come last in both directions.
  return descending ? `${value} DESC` : definition.nullable ? `${sql} IS NULL, ${value}` : value;
}

/** What a row is sorted by here. null: it has no such value, and comes last. */
export type SortValue = ListNumber | Buffer | null;

export function sortValue({ isNumeric, column }: Sort, text: string | null): SortValue {
  if (text === null) return null;
  if (!isNumeric) return Buffer.from(text, 'utf8');
  const number = column.numbers === 'real' ? Number(text) : numberFromText(text);
  return Number.isNaN(number) ? null : number;
}

/** Negative: `a` comes first. */
export function compareSortValues(sorts: readonly Sort[], a: readonly SortValue[], b: readonly SortValue[]): number {
  for (let i = 0; i < sorts.length; i++) {
    const order = compareValues(a[i] ?? null, b[i] ?? null, sorts[i]!.descending);
    if (order !== 0) return order;
  }
  return 0;
}

function compareValues(a: SortValue, b: SortValue, descending: boolean): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  const order = Buffer.isBuffer(a) && Buffer.isBuffer(b) ? Buffer.compare(a, b) : a < b ? -1 : a > b ? 1 : 0;
  return descending ? -order : order;
}
