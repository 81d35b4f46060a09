/**
 * Answers of the source as they came: packets, whole and in order, their sequence ids to be numbered anew by whoever sends them on. What a client
 * must get in another form than this connection had (the ends of columns and of rows) is held as values.
 */
import type { SourceError } from '../../errors.ts';
import type { Payload } from '../../util/mysql-packets/payload.ts';

/** What an OK packet says, or the EOF after rows. */
export interface ResultEnd {
  readonly affectedRows: number;
  readonly insertId: number | bigint;
  /** SERVER_STATUS flags. */
  readonly status: number;
  readonly warnings: number;
  /** "Rows matched: 1  Changed: 1  Warnings: 0" and the like. */
  readonly info: string;
}

export interface SourceResult {
  /** 0 for what has no rows. */
  readonly columnCount: number;
  /** Packets of column definitions. */
  readonly columns: readonly Buffer[];
  /** Packets of rows. */
  readonly rows: readonly Buffer[];
  readonly rowCount: number;
  readonly end: ResultEnd;
}

/** All results of one command; CALL gives several. With `failure`, that is what came after them. */
export interface SourceAnswer {
  readonly results: readonly SourceResult[];
  readonly failure: SourceError | null;
  /** Bytes of all packets. */
  readonly bytes: number;
}

/** Behind the header. */
export function readOk(packet: Payload): ResultEnd {
  const affectedRows = packet.lenencInteger();
  const insertId = lenencId(packet);
  const status = packet.u16();
  const warnings = packet.u16();
  return { affectedRows, insertId, status, warnings, info: packet.remaining > 0 ? packet.lenencText() : '' };
}

/** Behind the header. */
export function readEof(packet: Payload): ResultEnd {
  const warnings = packet.u16();
  return { affectedRows: 0, insertId: 0, status: packet.u16(), warnings, info: '' };
}

/** An id may be beyond what a number holds. */
function lenencId(packet: Payload): number | bigint {
  const first = packet.u8();
  if (first === 0xfe) return packet.u64();
  if (first === 0xfd) return packet.u16() + packet.u8() * 0x1_0000;
  return first === 0xfc ? packet.u16() : first;
}
