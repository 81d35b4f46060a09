/**
 * A statement's outcome as packets: OK, or columns and rows. Rows are encoded straight into the connection's buffer; every 48 KiB it is
 * sent, and where the client is behind, nothing more is encoded, nor asked from the store, until it has caught up.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Outcome, ReadyOutcome, RowsOutcome, StreamOutcome } from '../../gate/request.ts';
import { CAPABILITY, EOF_HEADER, SERVER_STATUS } from '../../util/mysql-packets/constants.ts';
import type { PacketWriter } from '../../util/mysql-packets/packet-writer.ts';
import type { Client } from './client.ts';
import { writeEof, writeOk } from './responses.ts';
import { encodingOf, type ResultEncoding, type RowWriter } from './result-encoding.ts';
import { writeReadyRow } from './row-payload.ts';
import { sendAnswer, sendPacketStream } from './source-results.ts';

/** Sent at once when this much has been encoded. */
export const PIECE_BYTES = 48 * 1024;
/** Encoded in one go before other connections get their turn. */
const PIECES_PER_TURN = 16;

export type RowFormat = 'text' | 'binary';

export function rowWriter(encoding: ResultEncoding, format: RowFormat): RowWriter {
  return format === 'text' ? encoding.textRow : encoding.binaryRow;
}

/** Writes the outcome. At once where it can; the promise is there for what must wait. `more`: another result follows. */
export function sendOutcome(client: Client, outcome: Outcome, format: RowFormat, more: boolean): void | Promise<void> {
  const extraStatus = more ? SERVER_STATUS.MORE_RESULTS_EXISTS : 0;
  switch (outcome.kind) {
    case 'rows':
      return sendRowsOutcome(client, outcome, format, extraStatus);
    case 'ready':
      return sendReady(client, outcome, extraStatus);
    case 'ok':
      writeOk(client.out, client.capabilities, {
        affectedRows: outcome.affectedRows,
        insertId: outcome.insertId,
        status: client.status(extraStatus),
        warnings: outcome.warningCount,
        info: outcome.info,
        schema: client.changedSchema(),
      });
      return undefined;
    case 'stream':
      return sendStream(client, outcome, format, extraStatus);
    case 'packets':
      return sendAnswer(client, outcome.answer, more);
    case 'packet-stream':
      return sendPacketStream(client, outcome, extraStatus);
    case 'list':
    case 'page':
      throw new Error('a list was answered to an SQL request');
  }
}

function sendRowsOutcome(
  client: Client,
  outcome: RowsOutcome,
  format: RowFormat,
  extraStatus: number,
): void | Promise<void> {
  const encoding = encodingOf(outcome.columns);
  writeHeader(client, encoding, extraStatus);
  const pending = sendRows(client, rowWriter(encoding, format), outcome.rows);
  if (pending === undefined) {
    writeEnd(client, outcome.warningCount, extraStatus);
    return undefined;
  }
  return pending.then(() => writeEnd(client, outcome.warningCount, extraStatus));
}

function sendReady(client: Client, { columns, rows }: ReadyOutcome, extraStatus: number): void | Promise<void> {
  writeHeader(client, encodingOf(columns), extraStatus);
  const pending = sendRows(client, writeReadyRow, rows);
  if (pending !== undefined) return pending.then(() => writeEnd(client, 0, extraStatus));
  writeEnd(client, 0, extraStatus);
  return undefined;
}

async function sendStream(
  client: Client,
  outcome: StreamOutcome,
  format: RowFormat,
  extraStatus: number,
): Promise<void> {
  const encoding = encodingOf(outcome.columns);
  const write = rowWriter(encoding, format);
  writeHeader(client, encoding, extraStatus);
  for await (const rows of outcome.chunks) {
    await sendRows(client, write, rows);
    if (!client.channel.flush()) await client.channel.drained();
    // Leaving the loop cancels the statement.
    if (client.channel.isClosed) return;
  }
  writeEnd(client, 0, extraStatus);
}

/** Columns, and the EOF that older clients want after them. */
export function writeHeader(client: Client, encoding: ResultEncoding, extraStatus: number): void {
  encoding.writeHeader(client.out);
  if ((client.capabilities & CAPABILITY.DEPRECATE_EOF) === 0) writeEof(client.out, client.status(extraStatus), 0);
}

/** The packet after the last row. */
export function writeEnd(client: Client, warnings: number, extraStatus: number): void {
  const status = client.status(extraStatus);
  if ((client.capabilities & CAPABILITY.DEPRECATE_EOF) === 0) {
    writeEof(client.out, status, warnings);
    return;
  }
  const ok = { affectedRows: 0, insertId: 0, status, warnings, info: '', schema: client.changedSchema() };
  writeOk(client.out, client.capabilities, ok, EOF_HEADER);
}

type WriterOf<Row> = (out: PacketWriter, row: Row) => void;

/** Writes the rows; the last piece of them stays in the buffer. */
export function sendRows<Row>(client: Client, write: WriterOf<Row>, rows: readonly Row[]): undefined | Promise<void> {
  const { channel, out } = client;
  let at = 0;
  for (let piece = 0; piece < PIECES_PER_TURN; piece++) {
    at = writePiece(out, write, rows, at);
    if (at === rows.length) return undefined;
    if (!channel.flush()) break;
  }
  return sendRest(client, write, rows, at);
}

async function sendRest<Row>(client: Client, write: WriterOf<Row>, rows: readonly Row[], from: number): Promise<void> {
  const { channel, out } = client;
  let at = from;
  for (let piece = 0; at < rows.length; piece++) {
    if (!channel.flush()) await channel.drained();
    else if (piece % PIECES_PER_TURN === 0) await nextTurn();
    if (channel.isClosed) return;
    at = writePiece(out, write, rows, at);
  }
}

/** Writes rows until a piece is full; returns the index of the next one. */
function writePiece<Row>(out: PacketWriter, write: WriterOf<Row>, rows: readonly Row[], from: number): number {
  let at = from;
  while (at < rows.length && out.length < PIECE_BYTES) write(out, rows[at++] as Row);
  return at;
}
