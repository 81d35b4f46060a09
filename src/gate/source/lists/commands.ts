/**
 * List commands (docs/lists.md) in front of a MySQL server: each is one statement of SQL, or two in a transaction, that goes the way of all the session's
 * statements, so that rules, limits, pools, shared reads and annotations hold for it too. Nothing is kept here: every answer is the source's own.
 */
import { failure } from '../../../errors.ts';
import type { ListCommand } from '../../../lists/command.ts';
import { PKEY } from '../../../lists/fields.ts';
import type { PageRequest } from '../../../lists/request.ts';
import { type ListRequest, parseListCommand, parsePage, type Selection } from '../../../lists/request.ts';
import { readDefaultTable, readTableName } from '../../../lists/table-name.ts';
import type { ListOutcome, PageOutcome } from '../../request.ts';
import type { Access } from '../../statement-facts.ts';
import type { SourceSession } from '../session.ts';
import { explainList } from './explain.ts';
import { type Found, findRows, findStatement, type Statement } from './find-rows.ts';
import { insertRows } from './insert.ts';
import { type SourceListTable, sourceListTable } from './list-table.ts';
import { deleteRows, updateRows } from './modify.ts';
import { type RawRow, Turns } from './raw-rows.ts';
import { textRowWriter, typedRowWriter } from './row-text.ts';
import { describeSourceTables, statOfTable } from './status.ts';

type SelectRequest = Extract<ListRequest, { command: 'select' }>;

export async function runSourceList(session: SourceSession, command: ListCommand): Promise<ListOutcome> {
  const request = parseListCommand(command, session.gate.tcsqlTable);
  if (request.command === 'tables') return asked(describeSourceTables(session));
  const table = await tableOf(session, request.table, request.command);
  switch (request.command) {
    case 'select':
      return select(session, table, request);
    case 'get':
      return select(session, table, {
        ...request,
        command: 'select',
        selection: keySelection(request.pkey),
        count: false,
        explain: false,
      });
    case 'insert':
      return asked(await insertRows(session, table, request));
    case 'update':
      return asked(await updateRows(session, table, request));
    case 'delete':
      return asked(await deleteRows(session, table, request.selection));
    case 'stat':
      return asked(await statOfTable(session, table));
    case 'setindex':
      throw failure('ER_NOT_SUPPORTED_YET', 'setindex in front of a MySQL server: CREATE INDEX makes one there');
  }
}

export async function runSourcePage(session: SourceSession, command: ListCommand): Promise<PageOutcome> {
  const request = parsePage(command);
  const table = await tableOf(session, request.table);
  const { columns, rows, count } = await findRows(session, pageOf(session, table, request));
  const rowsJson = await jsonArray(rows, typedRowWriter(columns));
  return { kind: 'page', key: table.key?.definition.name ?? null, rowsJson, count, sequence: null };
}

/** The statement that a list or a page asks first: by it rules and table access judge it, whoever answers. Throws as running it does. */
export async function statementOfRead(
  session: SourceSession,
  kind: 'list' | 'page',
  command: ListCommand,
): Promise<Statement> {
  const { table: name, selection, count } = kind === 'page' ? parsePage(command) : readOf(session, command);
  const table = await tableOf(session, name);
  const wanted = pageOf(session, table, { selection, count });
  return findStatement(kind === 'page' ? wanted : { ...wanted, rows: !count });
}

/** Of a command that reads rows. */
function readOf(session: SourceSession, command: ListCommand): PageRequest {
  const request = parseListCommand(command, session.gate.tcsqlTable);
  switch (request.command) {
    case 'select':
      return request;
    case 'get':
      return { table: request.table, selection: keySelection(request.pkey), count: false };
    default:
      throw new TypeError(`${request.command} reads no rows`);
  }
}

async function select(session: SourceSession, table: SourceListTable, request: SelectRequest): Promise<ListOutcome> {
  const { selection, count, explain } = request;
  const wanted = { ...pageOf(session, table, { selection, count }), rows: !count };
  if (explain) return asked(await explainList(session, wanted));
  const found: Found = await findRows(session, wanted);
  if (found.count !== null) return asked(String(found.count));
  return { kind: 'list', json: await jsonArray(found.rows, textRowWriter(found.columns)), isBinary: true };
}

function pageOf(session: SourceSession, table: SourceListTable, { selection, count }: Omit<PageRequest, 'table'>) {
  const maxRows = session.limits.httpMaxResultRows;
  return { table, selection, rows: true, count, columns: null, maxRows, locks: false };
}

/** A long answer must not hold the event loop. */
async function jsonArray(rows: readonly RawRow[], write: (row: RawRow) => string): Promise<string> {
  const turns = new Turns();
  let json = '';
  for (const row of rows) {
    json += json === '' ? write(row) : `,${write(row)}`;
    const turn = turns.next();
    if (turn !== null) await turn;
  }
  return `[${json}]`;
}

function asked(json: string): ListOutcome {
  return { kind: 'list', json, isBinary: false };
}

/** What each command does to its table; the others read. */
const ACCESS: Readonly<Record<string, Access>> = {
  insert: 'write',
  update: 'write',
  delete: 'write',
  setindex: 'admin',
};

/** Throws 1146, and before that what the user may not know of. Tables that are not known yet may have been made since the schema was read. */
async function tableOf(session: SourceSession, text: string, command = 'select'): Promise<SourceListTable> {
  const { gate, privileges, client } = session;
  const { database, name } = readTableName(text, readDefaultTable(gate.tcsqlTable).database);
  privileges.check([{ database, table: name, access: ACCESS[command] ?? 'read' }], client.user, client.host);
  const known = gate.source.schema.table(database, name) ?? (await gate.source.newlySeen(database, name));
  if (known === undefined && !gate.source.hasSchema)
    throw failure('SLUICE_SOURCE_UNAVAILABLE', 'which tables it has is not known yet');
  if (known === undefined) throw failure('ER_NO_SUCH_TABLE', database, name);
  return sourceListTable(known);
}

function keySelection(pkey: string): Selection {
  return { where: [{ field: PKEY, operator: 'STREQ', negated: false, operand: pkey }], order: [], skip: 0, max: 1 };
}
