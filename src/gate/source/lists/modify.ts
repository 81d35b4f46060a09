/**
 * update and delete in front of a MySQL server: one statement where SQL can say which rows are meant. Where it cannot, or some are to be left out at the
 * beginning, the rows are found and locked first, and changed by their keys.
 */
import { failure } from '../../../errors.ts';
import { givenTwice } from '../../../lists/insert.ts';
import type { ListObject } from '../../../lists/objects.ts';
import type { Selection } from '../../../lists/request.ts';
import { literalOf } from '../../../sql/syntax/bind-text.ts';
import type { SourceSession } from '../session.ts';
import { askToWrite, inTransaction } from './ask.ts';
import { findRows, reasonOf } from './find-rows.ts';
import type { SourceListColumn, SourceListTable } from './list-table.ts';
import type { RawRow } from './raw-rows.ts';
import { type SourceSelection, sourceSelection } from './selection.ts';
import { writtenValue } from './written-value.ts';

const BATCH_ROWS = 500;

/** What is done to the rows: the statement but for its WHERE. */
interface Change {
  readonly head: string;
  readonly params: readonly string[];
}

export async function updateRows(
  session: SourceSession,
  table: SourceListTable,
  { selection, values }: { readonly selection: Selection; readonly values: ListObject },
): Promise<string> {
  const made = sourceSelection(table, selection);
  const assigned = assignments(table, values);
  if (assigned.length === 0) throw failure('ER_BAD_PARAMETER', 'body: there is no field to update');
  const head = `UPDATE ${table.sql} SET ${assigned.map(({ sql }) => sql).join(', ')}`;
  const params = assigned.flatMap((assignment) => assignment.params);
  return answer(await changeRows(session, table, selection, made, { head, params }));
}

export async function deleteRows(
  session: SourceSession,
  table: SourceListTable,
  selection: Selection,
): Promise<string> {
  const made = sourceSelection(table, selection);
  return answer(await changeRows(session, table, selection, made, { head: `DELETE FROM ${table.sql}`, params: [] }));
}

function answer(affected: number): string {
  return `{"ok":true,"affected":${affected}}`;
}

interface Assignment {
  readonly sql: string;
  readonly params: readonly string[];
}

/** The body's pkey is left out. */
function assignments(table: SourceListTable, values: ListObject): Assignment[] {
  const assigned = new Map<SourceListColumn, Assignment>();
  for (const [field, value] of values) {
    const column = table.column(field, 'body');
    if (column === table.key) continue;
    if (assigned.has(column)) throw givenTwice(field);
    if (value === null && !column.definition.nullable) throw failure('ER_BAD_NULL_ERROR', column.definition.name);
    const { sql, params } = writtenValue(column, value);
    assigned.set(column, { sql: `${column.sql} = ${sql}`, params });
  }
  return [...assigned.values()];
}

/** Rows that were meant, changed or not. */
async function changeRows(
  session: SourceSession,
  table: SourceListTable,
  selection: Selection,
  made: SourceSelection,
  change: Change,
): Promise<number> {
  if (selection.max === 0) return 0;
  const isLimited = selection.max !== null || selection.skip > 0;
  const isSaid =
    made.checks.length === 0 && (!isLimited || (selection.skip === 0 && made.order.sortedHere.length === 0));
  if (!isSaid) return inTransaction(session, () => byKeys(session, table, selection, made, change));
  const limit = isLimited ? `${made.order.sql} LIMIT ${selection.max}` : '';
  return matched(await askToWrite(session, `${change.head}${made.where}${limit}`, [...change.params, ...made.params]));
}

function matched({ info, affectedRows }: { readonly info: string; readonly affectedRows: number }): number {
  const [, rows] = /^Rows matched: (\d+)/.exec(info) ?? [];
  return rows === undefined ? affectedRows : Number(rows);
}

async function byKeys(
  session: SourceSession,
  table: SourceListTable,
  selection: Selection,
  made: SourceSelection,
  change: Change,
): Promise<number> {
  if (table.keys.length === 0) {
    const why = made.checks.length > 0 || made.order.sortedHere.length > 0 ? reasonOf(made) : 'limit_skip';
    throw failure('ER_NOT_SUPPORTED_YET', `${why} in a change of ${table.definition.name}, which has no primary key`);
  }
  const looked = [...made.checks, ...made.order.sortedHere].map(({ column }) => column);
  const columns = [...new Set([...table.keys, ...looked])];
  const wanted = { table, selection, rows: true, count: false, columns, maxRows: 0, locks: true };
  const { rows } = await findRows(session, wanted);
  const maxRows = session.state.workload === 'olap' ? 0 : session.limits.maxDmlRows;
  if (maxRows > 0 && rows.length > maxRows) throw failure('SLUICE_DML_ROW_LIMIT', maxRows);
  for (let at = 0; at < rows.length; at += BATCH_ROWS) {
    const condition = keyCondition(session, table, rows.slice(at, at + BATCH_ROWS));
    await askToWrite(session, `${change.head} WHERE ${condition}`, change.params);
  }
  return rows.length;
}

/** The keys are the first values of each row. */
function keyCondition({ state }: SourceSession, { keys }: SourceListTable, rows: readonly RawRow[]): string {
  const literals = rows.map((row) => keys.map((key, i) => keyLiteral(key, row[i] ?? null, state.syntax)));
  const [only] = keys;
  if (keys.length === 1 && only !== undefined) return `${only.sql} IN (${literals.map(([text]) => text).join(', ')})`;
  const names = keys.map(({ sql }) => sql).join(', ');
  return `(${names}) IN (${literals.map((texts) => `(${texts.join(', ')})`).join(', ')})`;
}

function keyLiteral(
  { numbers, definition }: SourceListColumn,
  value: Buffer | null,
  syntax: SourceSession['state']['syntax'],
): string {
  if (value === null) return 'NULL';
  if (definition.type === 'bit') return `x'${value.toString('hex')}'`;
  if (numbers !== 'text') return value.toString('latin1');
  const isText = definition.characterSet !== null || /^(?:date|datetime|timestamp|time)$/.test(definition.type);
  return isText
    ? literalOf({ type: { kind: 'string' }, value: value.toString('utf8') }, syntax)
    : `x'${value.toString('hex')}'`;
}
