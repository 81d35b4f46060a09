/** The inside of the source's packets, for those that must know it: what Sluice asks for itself, and protocols that are not MySQL's. */
import { HEADER_BYTES, NULL_VALUE } from '../../util/mysql-packets/constants.ts';
import { packetEnd } from '../../util/mysql-packets/packet-end.ts';
import { Payload } from '../../util/mysql-packets/payload.ts';
import type { SourceResult } from './result.ts';

/** A column as the source defines it. */
export interface ColumnDefinition {
  readonly database: string;
  readonly table: string;
  readonly originalTable: string;
  readonly name: string;
  readonly originalName: string;
  readonly collation: number;
  /** Bytes. */
  readonly length: number;
  /** FIELD_TYPE */
  readonly type: number;
  /** FIELD_FLAG */
  readonly flags: number;
  readonly decimals: number;
}

export function columnDefinitions({ columns }: Pick<SourceResult, 'columns'>): ColumnDefinition[] {
  return columns.map((packet) => {
    const payload = new Payload(packet, HEADER_BYTES, packet.length);
    payload.lenencBytes();
    const [database, table, originalTable, name, originalName] = Array.from({ length: 5 }, () => textOf(payload));
    payload.lenencInteger();
    return {
      database: database as string,
      table: table as string,
      originalTable: originalTable as string,
      name: name as string,
      originalName: originalName as string,
      collation: payload.u16(),
      length: payload.u32(),
      type: payload.u8(),
      flags: payload.u16(),
      decimals: payload.u8(),
    };
  });
}

function textOf(payload: Payload): string {
  return payload.lenencBytes().toString('utf8');
}

/** Rows of the text protocol: each value's bytes, null for NULL. The bytes are views of the packets. */
export function* textRows(chunks: readonly Buffer[], columnCount: number): Generator<(Buffer | null)[]> {
  for (const packet of wholeRows(chunks)) {
    const payload = new Payload(packet, 0, packet.length);
    const row: (Buffer | null)[] = new Array(columnCount);
    for (let i = 0; i < columnCount; i++) row[i] = textValue(payload);
    yield row;
  }
}

/** The same as text, which is UTF-8 wherever Sluice asks for itself. */
export function textTable({ rows, columnCount }: SourceResult): (string | null)[][] {
  return Array.from(textRows(rows, columnCount), (row) =>
    row.map((value) => (value === null ? null : value.toString('utf8'))),
  );
}

function textValue(payload: Payload): Buffer | null {
  return payload.peek() === NULL_VALUE ? nullValue(payload) : payload.lenencBytes();
}

function nullValue(payload: Payload): null {
  payload.skip(1);
  return null;
}

/** Payloads, those that were split at 16 MiB put together. */
function* wholeRows(chunks: readonly Buffer[]): Generator<Buffer> {
  let parts: Buffer[] = [];
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const next = packetEnd(chunk, at, chunk.length);
      const payload = chunk.subarray(at + HEADER_BYTES, next);
      at = next;
      if (payload.length === 0xffffff) {
        parts.push(payload);
        continue;
      }
      if (parts.length === 0) {
        yield payload;
        continue;
      }
      parts.push(payload);
      yield Buffer.concat(parts);
      parts = [];
    }
  }
}
