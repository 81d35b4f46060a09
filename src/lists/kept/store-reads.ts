/**
 * What kept lists read from the store. Each statement tells which commit it sees: by that, what was read is brought up to date.
 */
import type { TableDefinition } from '../../stores/schema.ts';
import { quotedTable, quoteName } from '../../stores/sqlite/ddl.ts';
import type { ReadStatement } from '../../stores/statement.ts';
import type { RowStream } from '../../stores/store.ts';
import type { StoreRow, StoreValue } from '../../stores/values.ts';
import type { KeyValue } from './key-column.ts';
import type { FoundList, ListOrder, ListQuery, ListTerm } from './list-query.ts';
import { columnsSelect } from './row-encoder.ts';

export interface SequencedRows {
  readonly sequence: number;
  readonly rows: StoreRow[];
  /** Of all rows that fulfil the conditions, where it was asked for. */
  readonly count: number | null;
}

/** The version of the schema that is in the file now, which may be ahead of what was reported. */
export const CATALOG_VERSION: ReadStatement = {
  kind: 'read',
  sql: 'SELECT catalog_version FROM sluice_state',
  params: [],
};

/** The newest commit in the file. */
export const SEQUENCE: ReadStatement = { kind: 'read', sql: 'SELECT sequence FROM sluice_state', params: [] };

/** Rows in the order of the primary key, those after `after`: the columns with these numbers alone. */
export function pageByKeyStatement(
  table: TableDefinition,
  keyColumn: number,
  columns: readonly number[],
  after: KeyValue | null,
  limit: number,
): ReadStatement {
  const key = quoteName(table.columns[keyColumn]!.name);
  const selected = columns.map((column) => quoteName(table.columns[column]!.name));
  const where = after === null ? '' : ` WHERE ${key} > ?`;
  const params = after === null ? [limit] : [integer(after), limit];
  return sequenced(selected, `FROM ${quotedTable(table)}${where} ORDER BY ${key} LIMIT ?`, params);
}

/** The first `limit` rows of a query in its order, and with `counted` how many there are. Its skip and max do not matter. */
export function windowStatement(query: ListQuery, keyColumn: number, limit: number, counted: boolean): ReadStatement {
  const found = query.custom?.found?.(columnsSelect(query.table).join(', '), limit);
  if (found !== undefined) return foundStatement(query.table.columns.length, found, counted);
  const { where, params } = whereOf(query);
  const from = `FROM ${quotedTable(query.table)}${where}`;
  const all = [...(counted ? params : []), ...params, limit];
  return sequenced(
    columnsSelect(query.table),
    `${from}${orderOf(query, keyColumn)} LIMIT ?`,
    all,
    counted ? `count(*)` : 'NULL',
    counted ? from : '',
  );
}

function foundStatement(columns: number, { rows, count }: FoundList, counted: boolean): ReadStatement {
  const sql = inOneTransaction(columns, counted ? `(${count.sql})` : 'NULL', '', rows.sql);
  return { kind: 'read', sql, params: [...(counted ? count.params : []), ...rows.params] };
}

/** The first row is the sequence, the second the count. */
export function sequenced(
  columns: readonly string[],
  from: string,
  params: readonly StoreValue[],
  countSql = 'NULL',
  countFrom = '',
): ReadStatement {
  const sql = inOneTransaction(columns.length, countSql, countFrom, `SELECT ${columns.join(', ')} ${from}`);
  return { kind: 'read', sql, params };
}

/** The branches of a UNION ALL run in one transaction, in their order. */
function inOneTransaction(columns: number, countSql: string, countFrom: string, rowsSql: string): string {
  const padding = ', NULL'.repeat(columns - 1);
  return (
    `SELECT sequence${padding} FROM sluice_state UNION ALL SELECT ${countSql}${padding} ${countFrom}` +
    ` UNION ALL SELECT * FROM (${rowsSql})`
  );
}

export async function collectSequenced(stream: RowStream): Promise<SequencedRows> {
  const all: StoreRow[] = [];
  for await (const chunk of stream.chunks) for (const row of chunk) all.push(row);
  return splitSequenced(all);
}

/** The rows of a sequenced() statement. */
export function splitSequenced(all: StoreRow[]): SequencedRows {
  const count = all[1]?.[0] ?? null;
  return { sequence: Number(all[0]?.[0]), count: count === null ? null : Number(count), rows: all.slice(2) };
}

/** SQLite's binding takes numbers for doubles. */
export function integer(key: KeyValue): bigint {
  return BigInt(key);
}

/** Integers as integers, which a number would not be. Those beyond 64 bits as doubles: no integer that is stored lies there. */
function bindable(value: StoreValue): StoreValue {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  return typeof value === 'bigint' && BigInt.asIntN(64, value) !== value ? Number(value) : value;
}

function whereOf(query: ListQuery): { where: string; params: readonly StoreValue[] } {
  if (query.custom !== undefined) return { where: query.custom.whereSql, params: query.custom.params };
  const params: StoreValue[] = [];
  const terms = query.conditions.map((term) => termSql(query.table, term, params));
  return { where: terms.length === 0 ? '' : ` WHERE ${terms.join(' AND ')}`, params };
}

function viewSql(table: TableDefinition, { column, collation, reading }: ListTerm | ListOrder): string {
  const sql = reading?.sql ?? quoteName(table.columns[column]!.name);
  // The unary plus takes the column's affinity away: stored values compare as they are.
  if (collation === 'number') return reading === undefined ? sql : `+${sql}`;
  return `${sql} COLLATE ${collation === 'nocase' ? 'NOCASE' : 'BINARY'}`;
}

function termSql(table: TableDefinition, term: ListTerm, params: StoreValue[]): string {
  const sql = viewSql(table, term);
  const bind = (value: StoreValue): string => {
    params.push(bindable(value));
    return '?';
  };
  switch (term.op) {
    case 'is null':
      return `${sql} IS NULL`;
    case 'is not null':
      return `${sql} IS NOT NULL`;
    case 'in':
      return `${sql} IN (${term.values.map(bind).join(', ')})`;
    case 'between':
      return `${sql} BETWEEN ${bind(term.low)} AND ${bind(term.high)}`;
    default:
      return `${sql} ${term.op} ${bind(term.value)}`;
  }
}

function orderOf(query: ListQuery, keyColumn: number): string {
  if (query.custom?.compare !== undefined) return query.custom.orderSql;
  const items = query.order.map(
    (item) =>
      `${viewSql(query.table, item)}${item.descending ? ' DESC' : ''} NULLS ${item.nulls === 'first' ? 'FIRST' : 'LAST'}`,
  );
  items.push(`${quoteName(query.table.columns[keyColumn]!.name)}${query.ties === 'ascending' ? '' : ' DESC'}`);
  return ` ORDER BY ${items.join(', ')}`;
}
