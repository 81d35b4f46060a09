/**
 * What a MySQL server answered, sent on: definitions and rows as they are, ends in the form that this client wants. Long answers go piece by piece, no
 * faster than the client takes them.
 */
import type { PacketStreamOutcome } from '../../gate/request.ts';
import type { ResultEnd, SourceAnswer, SourceResult } from '../../stores/mysql/result.ts';
import {
  CAPABILITY,
  EOF_HEADER,
  HEADER_BYTES,
  MAX_PAYLOAD_BYTES,
  SERVER_STATUS,
} from '../../util/mysql-packets/constants.ts';
import { packetEnd } from '../../util/mysql-packets/packet-end.ts';
import type { PacketWriter } from '../../util/mysql-packets/packet-writer.ts';
import type { Client } from './client.ts';
import { writeEof, writeOk } from './responses.ts';

/** About as much is copied in one go before the socket is asked whether it takes more. */
const PIECE_BYTES = 48 * 1024;
/** What the source says of its own connection, and holds for this one only if Sluice says so. */
const NOT_PASSED_ON = SERVER_STATUS.MORE_RESULTS_EXISTS | SERVER_STATUS.CURSOR_EXISTS | SERVER_STATUS.LAST_ROW_SENT;

/** `more`: another statement's result follows. Throws, or rejects with, the failure that came after the last result. */
export function sendAnswer(client: Client, answer: SourceAnswer, more: boolean): void | Promise<void> {
  if (answer.bytes > PIECE_BYTES) return sendPieces(client, answer, more);
  const { results } = answer;
  for (let index = 0; index < results.length; index++) {
    const result = results[index] as SourceResult;
    const extraStatus = hasMore(answer, index, more);
    if (result.columnCount > 0) {
      writeColumns(client, result.columnCount, result.columns, extraStatus);
      for (const rows of result.rows) client.out.relay(rows);
    }
    writeResultEnd(client, result, result.end, extraStatus);
  }
  if (answer.failure !== null) throw answer.failure;
}

async function sendPieces(client: Client, answer: SourceAnswer, more: boolean): Promise<void> {
  for (const [index, result] of answer.results.entries()) {
    const extraStatus = hasMore(answer, index, more);
    if (result.columnCount > 0) {
      writeColumns(client, result.columnCount, result.columns, extraStatus);
      for (const rows of result.rows) {
        client.out.relay(rows);
        await client.breathe();
        if (client.channel.isClosed) return;
      }
    }
    writeResultEnd(client, result, result.end, extraStatus);
  }
  if (answer.failure !== null) throw answer.failure;
}

export async function sendPacketStream(
  client: Client,
  outcome: PacketStreamOutcome,
  extraStatus: number,
): Promise<void> {
  if (outcome.columnCount > 0) writeColumns(client, outcome.columnCount, outcome.columns, extraStatus);
  for await (const rows of outcome.rows) {
    client.out.relay(rows);
    if (!client.channel.flush()) await client.channel.drained();
    // Leaving the loop ends the statement.
    if (client.channel.isClosed) return;
  }
  writeResultEnd(client, outcome, outcome.end(), extraStatus);
}

function hasMore({ results, failure }: SourceAnswer, index: number, more: boolean): number {
  return index < results.length - 1 || failure !== null || more ? SERVER_STATUS.MORE_RESULTS_EXISTS : 0;
}

function writeColumns(client: Client, count: number, columns: readonly Buffer[], extraStatus: number): void {
  writeDefinitions(client.out, count, columns);
  if (!deprecatesEof(client)) writeEof(client.out, client.status(extraStatus), 0);
}

export function writeDefinitions(out: PacketWriter, count: number, columns: readonly Buffer[]): void {
  out.begin();
  out.lenencInteger(count);
  out.end();
  for (const column of columns) out.relay(column);
}

const FULL_PACKET_BYTES = HEADER_BYTES + MAX_PAYLOAD_BYTES;

/** Rows one by one; one that was split at 16 MiB is in one piece. */
export async function* singleRows(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer[]> {
  let begun: Buffer[] = [];
  for await (const chunk of chunks) {
    const rows: Buffer[] = [];
    for (let at = 0; at < chunk.length; ) {
      const next = packetEnd(chunk, at, chunk.length);
      const packet = chunk.subarray(at, next);
      at = next;
      if (begun.length === 0 && packet.length < FULL_PACKET_BYTES) {
        rows.push(packet);
        continue;
      }
      begun.push(packet);
      if (packet.length === FULL_PACKET_BYTES) continue;
      rows.push(Buffer.concat(begun));
      begun = [];
    }
    yield rows;
  }
}

function writeResultEnd(
  client: Client,
  { columnCount }: Pick<SourceResult, 'columnCount'>,
  end: ResultEnd,
  extraStatus: number,
): void {
  const status = (end.status & ~NOT_PASSED_ON) | extraStatus;
  if (columnCount > 0 && !deprecatesEof(client)) {
    writeEof(client.out, status, end.warnings);
    return;
  }
  const { affectedRows, insertId, warnings, info } = end;
  const ok = { affectedRows, insertId, status, warnings, info, schema: client.changedSchema() };
  writeOk(client.out, client.capabilities, ok, columnCount > 0 ? EOF_HEADER : undefined);
}

function deprecatesEof(client: Client): boolean {
  return (client.capabilities & CAPABILITY.DEPRECATE_EOF) !== 0;
}
