/**
 * insert in front of a MySQL server: SQL's REPLACE. What a body asks is one transaction; its rows go in the order given, in statements of moderate size, those
 * that name their key apart from those that are to get one, so that each of those is known.
 */
import { failure } from '../../../errors.ts';
import { givenTwice } from '../../../lists/insert.ts';
import type { ListObject } from '../../../lists/objects.ts';
import { jsonString } from '../../../util/json-text.ts';
import type { SourceSession } from '../session.ts';
import { askToWrite, inTransaction } from './ask.ts';
import type { SourceListColumn, SourceListTable } from './list-table.ts';
import { rawRows } from './raw-rows.ts';
import { writtenValue } from './written-value.ts';

interface InsertRequest {
  readonly objects: readonly ListObject[];
  readonly many: boolean;
}

/** Well below what servers take (max_allowed_packet). */
const STATEMENT_CHARS = 1024 * 1024;
const STATEMENT_ROWS = 1000;

interface NewRow {
  readonly values: ReadonlyMap<SourceListColumn, string>;
  /** As given; null: the source gives one. */
  readonly key: string | null;
  readonly chars: number;
}

export async function insertRows(
  session: SourceSession,
  table: SourceListTable,
  { objects, many }: InsertRequest,
): Promise<string> {
  if (objects.length === 0) return '{"ok":true,"affected":0,"pkey":[]}';
  const rows = objects.map((object) => newRow(table, object));
  const columns = table.columns.filter((column) => rows.some(({ values }) => values.has(column)));
  const parts = partsOf(rows);
  const [only] = parts;
  const asksOnce = parts.length === 1 && only !== undefined && (rows.length === 1 || !isGenerated(table, only));
  const insertAll = async (): Promise<(string | null)[]> => {
    const keys: (string | null)[] = [];
    for (const part of parts) keys.push(...(await insertPart(session, table, columns, part)));
    return keys;
  };
  const keys = asksOnce ? await insertAll() : await inTransaction(session, insertAll);
  const texts = keys.map((key) => (key === null ? 'null' : jsonString(key)));
  return `{"ok":true,"affected":${rows.length},"pkey":${many ? `[${texts.join(',')}]` : texts[0]}}`;
}

/** null is a field that is not given: it gets its default. */
function newRow(table: SourceListTable, object: ListObject): NewRow {
  const given = new Set<SourceListColumn>();
  const values = new Map<SourceListColumn, string>();
  let chars = 0;
  for (const [field, value] of object) {
    const column = table.column(field, 'body');
    if (given.has(column)) throw givenTwice(field);
    given.add(column);
    if (value === null) continue;
    values.set(column, value);
    chars += value.length;
  }
  const { key } = table;
  return { values, key: key === undefined ? null : (values.get(key) ?? null), chars };
}

/** Neighbours that name their key, or do not, as far as they go into one statement. */
function partsOf(rows: readonly NewRow[]): NewRow[][] {
  const parts: NewRow[][] = [];
  let part: NewRow[] = [];
  let chars = 0;
  for (const row of rows) {
    const [first] = part;
    const isFull = part.length >= STATEMENT_ROWS || chars + row.chars > STATEMENT_CHARS;
    if (first === undefined || isFull || (first.key === null) !== (row.key === null)) {
      part = [];
      parts.push(part);
      chars = 0;
    }
    part.push(row);
    chars += row.chars;
  }
  return parts;
}

function isGenerated({ key }: SourceListTable, [first]: readonly NewRow[]): boolean {
  return key?.definition.autoIncrement === true && first?.key === null;
}

/** The keys, as far as they are known. */
async function insertPart(
  session: SourceSession,
  table: SourceListTable,
  columns: readonly SourceListColumn[],
  rows: readonly NewRow[],
): Promise<(string | null)[]> {
  const params: string[] = [];
  const values = rows.map((row) => {
    const texts = columns.map((column) => {
      const value = row.values.get(column);
      if (value === undefined) return 'DEFAULT';
      const written = writtenValue(column, value);
      params.push(...written.params);
      return written.sql;
    });
    return `(${texts.join(', ')})`;
  });
  const names = columns.map(({ sql }) => sql).join(', ');
  const { insertId } = await askToWrite(
    session,
    `REPLACE INTO ${table.sql} (${names}) VALUES ${values.join(', ')}`,
    params,
  );
  if (!isGenerated(table, rows)) return rows.map(({ key }) => key);
  const step = rows.length === 1 ? 1n : await incrementOf(session);
  return rows.map((_, i) => String(BigInt(insertId) + BigInt(i) * step));
}

/** Clusters give each of their nodes every n-th number. */
async function incrementOf(session: SourceSession): Promise<bigint> {
  const { rows } = rawRows(await session.ask('SELECT @@auto_increment_increment', [], 1));
  for await (const [value] of rows) return BigInt(value?.toString('latin1') ?? 1);
  throw failure('ER_UNKNOWN_ERROR', 'the source has no auto_increment_increment');
}
