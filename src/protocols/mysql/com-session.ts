/** The commands about the session itself. */
import { failure } from '../../errors.ts';
import type { Outcome } from '../../gate/request.ts';
import { answerColumns } from '../../gate/source/typed-rows.ts';
import type { ResultColumn } from '../../sql/result-column.ts';
import { backquoted } from '../../util/backquoted.ts';
import type { Payload } from '../../util/mysql-packets/payload.ts';
import type { Client } from './client.ts';
import { writeFieldListEntry } from './column-definition.ts';
import { readAttributes } from './handshake.ts';
import { writeEnd } from './results.ts';

export function comQuit(client: Client): void {
  client.quit();
}

export function comPing(client: Client): void {
  client.sendOk();
}

export function comInitDb(client: Client, payload: Payload): void | Promise<void> {
  const pending = client.session.useDatabase(payload.restText());
  if (pending !== undefined) return pending.then(() => client.sendOk());
  client.sendOk();
}

/** Ends with EOF although it does nothing, as MySQL's does. */
export function comDebug(client: Client): void {
  writeEnd(client, 0, 0);
}

const MULTI_STATEMENTS_ON = 0;
const MULTI_STATEMENTS_OFF = 1;

export function comSetOption(client: Client, payload: Payload): void {
  const option = payload.u16();
  if (option !== MULTI_STATEMENTS_ON && option !== MULTI_STATEMENTS_OFF) throw failure('ER_UNKNOWN_COM_ERROR');
  client.allowMultiStatements(option === MULTI_STATEMENTS_ON);
  writeEnd(client, 0, 0);
}

/** A text without a header. */
export function comStatistics(client: Client): void {
  client.out.begin();
  client.out.text(client.context.statistics());
  client.out.end();
}

/** As the statement KILL, so that the gate judges who may end whom. */
export async function comProcessKill(client: Client, payload: Payload): Promise<void> {
  await client.execute({ kind: 'sql', text: `KILL CONNECTION ${payload.u32()}` });
  client.sendOk();
}

export async function comResetConnection(client: Client): Promise<void> {
  await client.closeStatements();
  await client.session.reset();
  client.sendOk();
}

/** Which columns a table has, those whose names match the pattern: what mysql's and mariadb's clients ask for to complete names. */
export async function comFieldList(client: Client, payload: Payload): Promise<void> {
  const table = payload.nulOrRestText();
  const pattern = payload.remaining > 0 ? payload.nulOrRestText() : '';
  const outcome = await client.execute({
    kind: 'sql',
    text: `SELECT * FROM ${backquoted(table)} LIMIT 0`,
  });
  const columns = columnsOf(outcome);
  if (outcome.kind === 'stream') await outcome.chunks[Symbol.asyncIterator]().return?.();
  for (const column of columns) {
    if (pattern === '' || isLike(column.name.toLowerCase(), pattern.toLowerCase()))
      writeFieldListEntry(client.out, column);
  }
  writeEnd(client, 0, 0);
}

function columnsOf(outcome: Outcome): readonly ResultColumn[] {
  if (outcome.kind === 'rows' || outcome.kind === 'stream') return outcome.columns;
  return outcome.kind === 'packets' ? answerColumns(outcome.answer) : [];
}

export async function comChangeUser(client: Client, payload: Payload): Promise<void> {
  const user = payload.nulText();
  payload.skip(payload.u8());
  const database = payload.nulOrRestText();
  // Old clients leave out the collation, and what follows it.
  const collation = payload.remaining >= 2 ? { collation: payload.u16() } : {};
  const plugin = payload.remaining > 0 ? payload.nulOrRestText() : '';
  const attributes = readAttributes(payload, client.capabilities);
  await client.changeUser({ user, database, attributes, ...collation }, plugin);
}

/** LIKE's `%` and `_`. At a mismatch only the last `%` is widened, so no pattern takes more than the product of the lengths. */
function isLike(name: string, pattern: string): boolean {
  let at = 0;
  let inPattern = 0;
  let wildcard = -1;
  let resume = 0;
  while (at < name.length) {
    const expected = pattern[inPattern];
    if (expected === '%') {
      wildcard = inPattern++;
      resume = at;
    } else if (expected === '_' || expected === name[at]) {
      at++;
      inPattern++;
    } else if (wildcard >= 0) {
      inPattern = wildcard + 1;
      at = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[inPattern] === '%') inPattern++;
  return inPattern === pattern.length;
}
