/** Prepared statements: the COM_STMT_ commands. */
import { failure } from '../../errors.ts';
import type { Outcome, PacketStreamOutcome, PreparedPackets, PreparedStatement } from '../../gate/request.ts';
import type { SlotValue } from '../../sql/slots.ts';
import type { BoundParameters } from '../../stores/mysql/connection.ts';
import { CAPABILITY, CURSOR_TYPE_READ_ONLY, OK_HEADER, SERVER_STATUS } from '../../util/mysql-packets/constants.ts';
import type { Payload } from '../../util/mysql-packets/payload.ts';
import { ProtocolError, TOO_MANY_PARAMETERS } from '../../util/mysql-packets/protocol-error.ts';
import { boundParameters, boundValues } from './bound-parameters.ts';
import type { Client } from './client.ts';
import { writeColumnDefinition, writeParameterDefinition } from './column-definition.ts';
import { Cursor, type CursorWriter } from './cursor.ts';
import { readParameters } from './parameters.ts';
import { writeEof } from './responses.ts';
import { encodingOf } from './result-encoding.ts';
import { sendOutcome, sendRows, writeEnd } from './results.ts';
import { BINARY_FORM } from './row-payload.ts';
import { singleRows, writeDefinitions } from './source-results.ts';
import type { OpenStatement } from './statements.ts';

const MAX_PARAMETERS = 0xffff;
const ITERATION_COUNT_BYTES = 4;

export function comStmtPrepare(client: Client, payload: Payload): void | Promise<void> {
  const prepared = client.session.prepare(payload.restText());
  if (prepared instanceof Promise) return prepared.then((settled) => answerPrepared(client, settled));
  answerPrepared(client, prepared);
}

function answerPrepared(client: Client, prepared: PreparedStatement): void {
  const { out } = client;
  if (prepared.parameterCount > MAX_PARAMETERS) throw new ProtocolError(TOO_MANY_PARAMETERS);
  const statement = client.statements.add(prepared);
  out.begin();
  out.u8(OK_HEADER);
  out.u32(statement.id);
  out.u16(prepared.packets?.columnCount ?? prepared.columns.length);
  out.u16(prepared.parameterCount);
  out.u8(0);
  out.u16(0);
  out.end();
  if (prepared.packets !== undefined) {
    relayDefinitions(client, prepared.packets);
    return;
  }
  for (let i = 0; i < prepared.parameterCount; i++) writeParameterDefinition(out);
  if (prepared.parameterCount > 0) endDefinitions(client);
  for (const column of prepared.columns) writeColumnDefinition(out, column);
  if (prepared.columns.length > 0) endDefinitions(client);
}

function relayDefinitions(client: Client, { parameters, columns }: PreparedPackets): void {
  for (const definitions of [parameters, columns]) {
    if (definitions.length === 0) continue;
    client.out.relay(definitions);
    endDefinitions(client);
  }
}

function endDefinitions(client: Client): void {
  if ((client.capabilities & CAPABILITY.DEPRECATE_EOF) === 0) writeEof(client.out, client.status(0), 0);
}

export function comStmtExecute(client: Client, payload: Payload): void | Promise<void> {
  const statement = client.statements.get(payload.u32(), 'mysqld_stmt_execute');
  const wantsCursor = (payload.u8() & CURSOR_TYPE_READ_ONLY) !== 0;
  payload.skip(ITERATION_COUNT_BYTES);
  const { prepared } = statement;
  const longData = client.statements.takeLongData(statement);
  let parameters: SlotValue[] = [];
  let bound: BoundParameters | null = null;
  if (prepared.packets !== undefined) {
    bound = boundParameters(statement, payload, longData);
  } else if (prepared.parameterCount > 0) {
    const read = readParameters(payload, prepared.parameterCount, statement.readers, longData);
    statement.readers = read.readers;
    parameters = read.values;
  }
  if (statement.cursor !== null) {
    return closeCursor(client, statement).then(() => execute(client, statement, parameters, bound, wantsCursor));
  }
  return execute(client, statement, parameters, bound, wantsCursor);
}

function execute(
  client: Client,
  statement: OpenStatement,
  parameters: SlotValue[],
  bound: BoundParameters | null,
  wantsCursor: boolean,
): void | Promise<void> {
  const outcome = client.execute({
    kind: 'prepared',
    statement: statement.prepared,
    parameters,
    ...(bound !== null && { bound, boundValues: () => boundValues(statement, bound) }),
    // A cursor gives rows later, and in pieces.
    ...(wantsCursor ? { cursor: true } : { form: BINARY_FORM }),
  });
  if (outcome instanceof Promise) return outcome.then((settled) => answer(client, statement, settled, wantsCursor));
  return answer(client, statement, outcome, wantsCursor);
}

function answer(
  client: Client,
  statement: OpenStatement,
  outcome: Outcome,
  wantsCursor: boolean,
): void | Promise<void> {
  if (wantsCursor && outcome.kind === 'packet-stream') return openPacketCursor(client, statement, outcome);
  if (!wantsCursor || (outcome.kind !== 'rows' && outcome.kind !== 'stream'))
    return sendOutcome(client, outcome, 'binary', false);
  const encoding = encodingOf(outcome.columns);
  const write = encoding.binaryRow as CursorWriter;
  statement.cursor =
    outcome.kind === 'rows' ? new Cursor(write, outcome.rows, null) : new Cursor(write, [], outcome.chunks);
  client.setCursor(statement.cursor);
  // Only one end packet follows the columns here, in either form of it.
  encoding.writeHeader(client.out);
  writeEnd(client, 0, SERVER_STATUS.CURSOR_EXISTS);
  return undefined;
}

function openPacketCursor(client: Client, statement: OpenStatement, outcome: PacketStreamOutcome): void {
  const relay: CursorWriter = (out, row) => out.relay(row as Buffer);
  statement.cursor = new Cursor(relay, [], singleRows(outcome.rows));
  client.setCursor(statement.cursor);
  writeDefinitions(client.out, outcome.columnCount, outcome.columns);
  writeEnd(client, 0, SERVER_STATUS.CURSOR_EXISTS);
}

export async function comStmtFetch(client: Client, payload: Payload): Promise<void> {
  const statement = client.statements.get(payload.u32(), 'mysqld_stmt_fetch');
  const { cursor } = statement;
  // As MySQL answers for a statement whose cursor is not open.
  if (cursor === null) throw failure('ER_UNKNOWN_STMT_HANDLER', statement.id, 'mysqld_stmt_fetch');
  let left = payload.u32();
  let atEnd = false;
  while (left > 0 && !atEnd) {
    const rows = await cursor.take(left);
    left -= rows.length;
    atEnd = rows.length === 0;
    await sendRows(client, cursor.write, rows);
    await client.breathe();
    if (client.channel.isClosed) return;
  }
  if (atEnd) await closeCursor(client, statement);
  writeEnd(client, 0, atEnd ? SERVER_STATUS.LAST_ROW_SENT : SERVER_STATUS.CURSOR_EXISTS);
}

/** No answer, whatever is wrong: what is wrong shows when the statement is executed. */
export function comStmtSendLongData(client: Client, payload: Payload): void {
  if (payload.remaining < 6) return;
  const statement = client.statements.find(payload.u32());
  const parameter = payload.u16();
  if (statement === undefined || parameter >= statement.prepared.parameterCount) return;
  client.statements.addLongData(statement, parameter, payload.rest());
}

export function comStmtReset(client: Client, payload: Payload): void | Promise<void> {
  const statement = client.statements.get(payload.u32(), 'mysqld_stmt_reset');
  client.statements.forgetLongData(statement);
  if (statement.cursor === null) return client.sendOk();
  return closeCursor(client, statement).then(() => client.sendOk());
}

/** No answer. */
export function comStmtClose(client: Client, payload: Payload): void | Promise<void> {
  if (payload.remaining < 4) return undefined;
  const statement = client.statements.find(payload.u32());
  if (statement === undefined) return undefined;
  client.statements.remove(statement);
  return statement.cursor === null ? undefined : closeCursor(client, statement);
}

async function closeCursor(client: Client, statement: OpenStatement): Promise<void> {
  const { cursor } = statement;
  statement.cursor = null;
  if (cursor === null) return;
  client.forgetCursor(cursor);
  await cursor.close();
}
