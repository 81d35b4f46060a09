/** find and count: a pattern, a filter, an order, a page of it. Those that only read keys in their order can be split; see KeySplit. */
import { failure } from '../errors.ts';
import { INLINE_ROWS } from '../limits.ts';
import type { StoreRow, StoreValue } from '../stores/values.ts';
import { checkLimit } from './check-limit.ts';
import { type CursorPlace, readCursor, writeCursor } from './cursor.ts';
import { ENTRY_COLUMNS, type KeyEntry, LIVE } from './entries.ts';
import { type CompiledFilter, compileFilter } from './filter-sql.ts';
import type { KeyFilter } from './filters.ts';
import type { FindOptions } from './find-options.ts';
import { KEYS_SQL } from './key-table.ts';
import type { KeyRange } from './paths.ts';
import { allOf, keyTests, rangeSql, type SqlPart } from './pattern-sql.ts';
import { cutRange, type KeyPattern, parsePattern } from './patterns.ts';
import { boundedRows, EVERYWHERE, type KeyPlan, type KeyRead, type KeySplit, type KeySteps, readOnce } from './plan.ts';
import { PointerWay } from './pointers.ts';
import { walk } from './read-plans.ts';
import { ORDER_RANK_SQL, ORDER_VALUE_SQL, orderRank, orderValue } from './value-order.ts';
import { typeCode, typeOfCode } from './values.ts';

export interface FoundPage {
  readonly entries: readonly KeyEntry[];
  /** null: there is no more. */
  readonly cursor: string | null;
}

/** Rows read at once where pointers are followed. */
const POINTED_ROWS = 500;

interface Find {
  readonly pattern: KeyPattern;
  readonly filter: CompiledFilter | null;
  readonly options: FindOptions;
  /** What makes the find itself, without the page. */
  readonly identity: unknown;
  readonly now: number;
}

/** Throws what is wrong with the pattern, the filter, the options. */
export function planFind(
  text: string,
  filter: KeyFilter | undefined,
  options: FindOptions,
  now: number,
): KeyPlan<FoundPage> {
  const { limit, cursor, reverse = false, orderBy = 'key', point = false } = options;
  checkLimit(limit);
  if (orderBy !== 'key' && orderBy !== 'value')
    throw failure('ER_BAD_PARAMETER', `order by '${String(orderBy).slice(0, 100)}': there are 'key' and 'value'`);
  if (point && orderBy === 'value') throw failure('ER_NOT_SUPPORTED_YET', 'point in the order of values');
  const pattern = parsePattern(text);
  const compiled = filter === undefined ? null : compileFilter(filter);
  const identity = { pattern: text, filter, reverse, orderBy, point };
  const find: Find = { pattern, filter: compiled, options, identity, now };
  const place = cursor === undefined ? null : readCursor(identity, cursor);
  // One more than asked for tells whether there is more.
  const rows = limit === undefined ? null : limit + 1;
  const inline = pattern.key !== null || (limit !== undefined && limit < INLINE_ROWS && isWalk(find));
  if (!point) {
    const statement = findStatement(find, place, rows);
    const resultOf = (found: readonly StoreRow[]): FoundPage => pageOf(find, boundedRows(found).map(foundEntry));
    const reading = readOnce({ inline, reads: [pattern.range] }, statement, resultOf);
    return orderBy === 'value' ? reading : { ...reading, split: splitOf(find, place, rows, resultOf) };
  }
  return {
    writes: false,
    inline,
    reads: [EVERYWHERE],
    steps: () => followedPage(find, place),
  };
}

function splitOf(
  find: Find,
  place: CursorPlace | null,
  limit: number | null,
  resultOf: (rows: readonly StoreRow[]) => FoundPage,
): KeySplit<FoundPage> {
  const { reverse = false } = find.options;
  const { range } = find.pattern;
  return {
    range: place === null ? range : cutRange(range, place.key, reverse),
    reverse,
    limit,
    statementOf: (part) => rangeStatement(find, part, null, limit),
    after: (part, row) => cutRange(part, row[0] as string, reverse),
    resultOf,
  };
}

export function planCount(text: string, filter: KeyFilter | undefined, now: number): KeyPlan<number> {
  const pattern = parsePattern(text);
  const compiled = filter === undefined ? null : compileFilter(filter);
  const statementOf = (range: KeyRange): KeyRead => {
    const where = conditionOf(pattern, compiled, now, range);
    return {
      kind: 'read',
      sql: `SELECT count(*) FROM ${KEYS_SQL} WHERE ${where.sql}`,
      params: where.params,
      reach: { keys: [range] },
    };
  };
  const resultOf = (rows: readonly StoreRow[]): number => rows.reduce((sum, [count]) => sum + Number(count), 0);
  const more = { inline: pattern.key !== null, reads: [pattern.range] };
  const nothing: KeyRange = { from: '', to: '' };
  // A part is one row: there is nothing of it left after that.
  const split = { range: pattern.range, reverse: false, limit: null, statementOf, after: () => nothing, resultOf };
  return { ...readOnce(more, statementOf(pattern.range), resultOf), split };
}

/** Every row that is visited is part of the page. */
function isWalk({ pattern, filter, options }: Find): boolean {
  return pattern.isRange && filter === null && options.orderBy !== 'value' && options.point !== true;
}

/** A condition over the tree's columns. */
export function conditionOf(
  pattern: KeyPattern,
  filter: Pick<CompiledFilter, 'sql'> | null,
  now: number,
  range = pattern.range,
): SqlPart {
  // SQLite tries them in this order: most values fail a filter, and cost less than what is left of a pattern.
  const tests = [...(filter === null ? [] : [filter.sql]), ...keyTests(pattern)];
  return allOf([rangeSql(pattern, range), ...tests, { sql: LIVE, params: [now] }]);
}

function findStatement(find: Find, place: CursorPlace | null, limit: number | null): KeyRead {
  const { pattern, options } = find;
  const { reverse = false, orderBy = 'key' } = options;
  const byValue = orderBy === 'value';
  const range = place === null || byValue ? pattern.range : cutRange(pattern.range, place.key, reverse);
  return rangeStatement(find, range, byValue ? place : null, limit);
}

/** `place`: of a page in the order of values. */
function rangeStatement(find: Find, range: KeyRange, place: CursorPlace | null, limit: number | null): KeyRead {
  const { pattern, filter, options, now } = find;
  const { reverse = false, orderBy = 'key' } = options;
  const byValue = orderBy === 'value';
  const where = conditionOf(pattern, filter, now, range);
  const after = place === null ? null : afterValue(place, reverse);
  const direction = reverse ? ' DESC' : '';
  const order = (byValue ? [ORDER_RANK_SQL, ORDER_VALUE_SQL, 'path'] : ['path']).map((by) => by + direction);
  const conditions = after === null ? where.sql : `${where.sql} AND (${after.sql})`;
  const sql = `SELECT path, ${ENTRY_COLUMNS} FROM ${KEYS_SQL} WHERE ${conditions} ORDER BY ${order.join(', ')}`;
  const params: StoreValue[] = [...where.params, ...(after?.params ?? [])];
  if (limit === null) return { kind: 'read', sql, params, reach: { keys: [range] } };
  const first = isWalk(find) ? { first: { rows: limit, reverse, liveAt: now } } : {};
  const reach = { keys: [range], ...first };
  return { kind: 'read', sql: `${sql} LIMIT ?`, params: [...params, BigInt(limit)], reach };
}

/** After a place in the order of values, in which NULL is first. */
function afterValue({ key, value }: CursorPlace, reverse: boolean): SqlPart {
  if (value === null) throw failure('ER_BAD_PARAMETER', 'cursor: it is damaged');
  const [rank, stored] = [orderRank(value.type), orderValue(value)];
  const beyond = reverse ? '<' : '>';
  const rest = beyondValue(stored, reverse);
  return {
    sql: `${ORDER_RANK_SQL} ${beyond} ? OR (${ORDER_RANK_SQL} = ? AND (${rest.sql} OR (${ORDER_VALUE_SQL} IS ? AND path ${beyond} ?)))`,
    params: [rank, rank, ...rest.params, stored, key],
  };
}

function beyondValue(stored: StoreValue, reverse: boolean): SqlPart {
  if (stored === null) return { sql: reverse ? '0' : `${ORDER_VALUE_SQL} IS NOT NULL`, params: [] };
  if (!reverse) return { sql: `${ORDER_VALUE_SQL} > ?`, params: [stored] };
  return { sql: `${ORDER_VALUE_SQL} < ? OR ${ORDER_VALUE_SQL} IS NULL`, params: [stored] };
}

/** From a row of `path` and ENTRY_COLUMNS. One object a row: finds of many keys are mostly this. */
export function foundEntry(row: StoreRow): KeyEntry {
  return {
    key: row[0] as string,
    type: typeOfCode(row[1]),
    value: row[2] ?? null,
    version: Number(row[3]),
    expiresAt: row[4] == null ? null : Number(row[4]),
  };
}

function pageOf(find: Find, found: readonly KeyEntry[]): FoundPage {
  const { limit, orderBy = 'key' } = find.options;
  if (limit === undefined || found.length <= limit) return { entries: found, cursor: null };
  const page = found.slice(0, limit);
  const last = page.at(-1)!;
  const value = orderBy === 'value' ? { type: last.type, value: last.value } : null;
  return { entries: page, cursor: writeCursor(find.identity, { key: last.key, value }) };
}

/** Pointers pass the store's filter in any case, and are tried here with what they lead to. */
function* followedPage(find: Find, start: CursorPlace | null): KeySteps<FoundPage> {
  const { filter, options, now } = find;
  const passing =
    filter === null ? null : { sql: `type = ${typeCode('pointer')} OR (${filter.sql.sql})`, params: filter.sql.params };
  const loose: Find = { ...find, filter: passing === null ? null : { matches: () => true, sql: passing } };
  const enough = options.limit === undefined ? Number.POSITIVE_INFINITY : options.limit + 1;
  const found: KeyEntry[] = [];
  let place = start;
  for (;;) {
    const rows = boundedRows(yield findStatement(loose, place, POINTED_ROWS));
    for (const entry of rows.map(foundEntry)) {
      const { value } = entry.type === 'pointer' ? yield* walk(new PointerWay(entry.key), now) : { value: entry };
      if (value === null || (filter !== null && !filter.matches(value))) continue;
      found.push({ ...entry, type: value.type, value: value.value });
      if (found.length >= enough) return pageOf(find, found);
    }
    if (rows.length < POINTED_ROWS) return pageOf(find, found);
    place = { key: rows.at(-1)![0] as string, value: null };
  }
}
