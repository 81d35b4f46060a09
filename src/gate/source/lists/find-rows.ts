/**
 * The rows of a list, and their number. Where SQL says all of it, the source sends just these. Where it does not (condition-sql.ts, order.ts), the rows that SQL
 * names come here as a stream, and are looked at and sorted here: a bounded number of them.
 */
import { failure } from '../../../errors.ts';
import { SOURCE_LIST_ROWS } from '../../../limits.ts';
import type { Selection } from '../../../lists/request.ts';
import type { ResultColumn } from '../../../sql/result-column.ts';
import type { SourceSession } from '../session.ts';
import type { SourceListColumn, SourceListTable } from './list-table.ts';
import { compareSortValues, type SortValue, sortValue } from './order.ts';
import { type RawRow, rawRows, Turns } from './raw-rows.ts';
import { rawText } from './row-text.ts';
import { type SourceSelection, sourceSelection } from './selection.ts';

export interface Wanted {
  readonly table: SourceListTable;
  readonly selection: Selection;
  readonly rows: boolean;
  readonly count: boolean;
  /** Of each row; null: all columns. */
  readonly columns: readonly SourceListColumn[] | null;
  /** More rows are an error; 0: any number. */
  readonly maxRows: number;
  /** The rows are locked. */
  readonly locks: boolean;
}

export interface Found {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly RawRow[];
  /** Of the rows that the conditions name; null: not asked for. */
  readonly count: number | null;
}

export interface Statement {
  readonly sql: string;
  readonly params: readonly string[];
}

/** Name of the column that holds the number of rows, behind those of the table. */
const COUNT_COLUMN = '`sluice count`';
/** So often a page and its number are asked again because both are not of one moment. */
const MAX_ATTEMPTS = 10;

/** Throws SLUICE_ROW_LIMIT, SLUICE_LIST_ROWS, and what the source says. */
export function findRows(session: SourceSession, wanted: Wanted): Promise<Found> {
  const made = sourceSelection(wanted.table, wanted.selection);
  return isExact(made, wanted) ? askedFor(session, wanted, made) : lookedAt(session, wanted, made);
}

/** What the source is asked, for those who want to see it. */
export function findStatement(wanted: Wanted): Statement & { readonly made: SourceSelection } {
  const made = sourceSelection(wanted.table, wanted.selection);
  const statement = isExact(made, wanted) ? exactStatement(wanted, made) : candidates(wanted, made);
  return { ...statement, made };
}

function isExact({ checks, order }: SourceSelection, { rows }: Wanted): boolean {
  return checks.length === 0 && (!rows || order.sortedHere.length === 0);
}

// ---- SQL says all

function exactStatement(wanted: Wanted, made: SourceSelection): Statement {
  const { table, rows, count, selection, maxRows, locks } = wanted;
  const { where, params, order } = made;
  if (!rows) return countStatement(wanted, made);
  const counted = count ? `, (SELECT COUNT(*) FROM ${table.sql}${where}) AS ${COUNT_COLUMN}` : '';
  const names = namesOf(wanted);
  // One more than may be answered, to see that there are more.
  const most = Math.min(
    selection.max ?? Number.POSITIVE_INFINITY,
    maxRows === 0 ? Number.POSITIVE_INFINITY : maxRows + 1,
  );
  const max = Number.isFinite(most) ? String(most) : NO_LIMIT;
  const limit = selection.skip === 0 ? (max === NO_LIMIT ? '' : ` LIMIT ${max}`) : ` LIMIT ${selection.skip}, ${max}`;
  const sql = `SELECT ${names}${counted} FROM ${table.sql}${where}${order.sql}${limit}${locks ? ' FOR UPDATE' : ''}`;
  return { sql, params: count ? [...params, ...params] : params };
}

/** MySQL has no other word for it (MySQL manual, "SELECT Statement"). */
const NO_LIMIT = '18446744073709551615';

function countStatement({ table }: Wanted, { where, params }: SourceSelection): Statement {
  return { sql: `SELECT COUNT(*) FROM ${table.sql}${where}`, params };
}

function namesOf({ columns }: Wanted): string {
  return columns === null ? '*' : columns.map(({ sql }) => sql).join(', ');
}

async function askedFor(session: SourceSession, wanted: Wanted, made: SourceSelection): Promise<Found> {
  const { rows: wantsRows, count: wantsCount, selection, maxRows } = wanted;
  if (!wantsRows) return { columns: [], rows: [], count: await counted(session, wanted, made) };
  const { sql, params } = exactStatement(wanted, made);
  for (let attempt = 1; ; attempt++) {
    const { columns, rows: coming } = rawRows(await session.ask(sql, params, maxRows));
    const rows: RawRow[] = [];
    for await (const row of coming) rows.push(row);
    if (!wantsCount) return { columns, rows, count: null };
    const [first] = rows;
    if (first !== undefined)
      return {
        columns: columns.slice(0, -1),
        rows: rows.map((row) => row.slice(0, -1)),
        count: numberIn(first.at(-1)),
      };
    // No row that could tell. Was the page empty at the moment of this number, too?
    const count = await counted(session, wanted, made);
    if (count <= selection.skip || selection.max === 0) return { columns: columns.slice(0, -1), rows, count };
    if (attempt === MAX_ATTEMPTS) throw failure('SLUICE_STALE_PLAN');
  }
}

async function counted(session: SourceSession, wanted: Wanted, made: SourceSelection): Promise<number> {
  const { sql, params } = countStatement(wanted, made);
  for await (const row of rawRows(await session.ask(sql, params, 1)).rows) return numberIn(row[0]);
  throw new TypeError('COUNT(*) gave no row');
}

function numberIn(value: Buffer | null | undefined): number {
  return Number(value?.toString('latin1'));
}

// ---- Looked at here

function candidates(wanted: Wanted, { where, params, order }: SourceSelection): Statement {
  const { table, rows, locks } = wanted;
  const limit = ` LIMIT ${SOURCE_LIST_ROWS + 1}`;
  const sql = `SELECT ${namesOf(wanted)} FROM ${table.sql}${where}${rows ? order.sql : ''}${limit}${locks ? ' FOR UPDATE' : ''}`;
  return { sql, params };
}

interface Sorted {
  readonly row: RawRow;
  readonly by: readonly SortValue[];
}

async function lookedAt(session: SourceSession, wanted: Wanted, made: SourceSelection): Promise<Found> {
  const { sql, params } = candidates(wanted, made);
  const { columns, rows } = rawRows(await session.ask(sql, params, 0));
  const page = new Page(wanted, session.limits.maxResultBytes, made.order.sortedHere.length > 0);
  const tests = made.checks.map(({ column, matches }) => ({ matches, text: textAt(columns, column) }));
  const sorts = wanted.rows ? made.order.sortedHere : [];
  const sortTexts = sorts.map((sort) => ({ sort, text: textAt(columns, sort.column) }));
  const turns = new Turns();
  let seen = 0;
  for await (const row of rows) {
    if (++seen > SOURCE_LIST_ROWS) throw failure('SLUICE_LIST_ROWS', SOURCE_LIST_ROWS, reasonOf(made));
    if (tests.every(({ matches, text }) => matches(text(row)))) {
      page.add({ row, by: sortTexts.map(({ sort, text }) => sortValue(sort, text(row))) });
      if (page.isComplete) break;
    }
    const turn = turns.next();
    if (turn !== null) await turn;
  }
  const found =
    sorts.length === 0 ? page.rows : page.cut([...page.rows].sort((a, b) => compareSortValues(sorts, a.by, b.by)));
  return { columns, rows: found.map(({ row }) => row), count: wanted.count ? page.count : null };
}

/** What of the rows that fulfil all conditions is kept. */
class Page {
  readonly rows: Sorted[] = [];
  count = 0;
  readonly #wanted: Wanted;
  readonly #isSorted: boolean;
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(wanted: Wanted, maxBytes: number, isSorted: boolean) {
    this.#wanted = wanted;
    this.#isSorted = isSorted;
    this.#maxBytes = maxBytes;
  }

  add(found: Sorted): void {
    const { rows, selection } = this.#wanted;
    this.count++;
    if (!rows || (!this.#isSorted && (this.count <= selection.skip || this.#isFull))) return;
    this.rows.push(found);
    if (!this.#isSorted) this.#checkRows(this.rows.length);
    this.#bytes += found.row.reduce((sum, value) => sum + (value?.length ?? 0), 0);
    if (this.#bytes > this.#maxBytes) throw failure('SLUICE_BYTE_LIMIT', this.#maxBytes);
  }

  /** No row that is still to come changes anything. */
  get isComplete(): boolean {
    return this.#wanted.rows && !this.#wanted.count && !this.#isSorted && this.#isFull;
  }

  /** Of all rows in their order, those of the page. */
  cut(sorted: readonly Sorted[]): readonly Sorted[] {
    const { skip, max } = this.#wanted.selection;
    const cut = sorted.slice(skip, max === null ? undefined : skip + max);
    this.#checkRows(cut.length);
    return cut;
  }

  get #isFull(): boolean {
    const { max } = this.#wanted.selection;
    return max !== null && this.rows.length >= max;
  }

  #checkRows(rows: number): void {
    const { maxRows } = this.#wanted;
    if (maxRows > 0 && rows > maxRows) throw failure('SLUICE_ROW_LIMIT', maxRows);
  }
}

/** Reads a column's text from rows as they came. */
function textAt(columns: readonly ResultColumn[], { definition }: SourceListColumn): (row: RawRow) => string | null {
  const at = columns.findIndex(({ name }) => name === definition.name);
  const column = columns[at];
  if (column === undefined) throw failure('SLUICE_STALE_PLAN');
  const read = rawText(column.type);
  return (row) => {
    const value = row[at] ?? null;
    return value === null ? null : read(value);
  };
}

/** What has rows looked at here: `title:STRRX`, `order_by=price`. */
export function reasonOf({ checks, order }: SourceSelection): string {
  const conditions = checks.map(({ condition }) => shownCondition(condition));
  const sorts = order.sortedHere.map(({ column }) => `order_by=${column.definition.name}`);
  return [...conditions, ...sorts].join(', ');
}

export function shownCondition({
  field,
  operator,
  negated,
}: {
  field: string;
  operator: string;
  negated: boolean;
}): string {
  return `${field.slice(0, 100)}:${negated ? '!' : ''}${operator}`;
}
