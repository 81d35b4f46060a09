/** The generic answers: OK, ERR, EOF. Source: "Protocol::OK_Packet", "ERR_Packet", "EOF_Packet". */
import { asFailure } from '../../errors.ts';
import {
  CAPABILITY,
  EOF_HEADER,
  ERR_HEADER,
  OK_HEADER,
  SERVER_STATUS,
  SESSION_TRACK_SCHEMA,
} from '../../util/mysql-packets/constants.ts';
import type { PacketWriter } from '../../util/mysql-packets/packet-writer.ts';
import { ProtocolError } from '../../util/mysql-packets/protocol-error.ts';

/** Clients keep no more of a message (MYSQL_ERRMSG_SIZE). */
const MAX_MESSAGE_CHARS = 511;

export interface OkFields {
  readonly affectedRows: number;
  readonly insertId: number | bigint;
  readonly status: number;
  readonly warnings: number;
  readonly info: string;
  /** Set when it has changed since the client was last told, and the client wants to know. */
  readonly schema: string | null;
}

export function writeOk(out: PacketWriter, capabilities: number, ok: OkFields, header: number = OK_HEADER): void {
  const tracked = ok.schema !== null;
  out.begin();
  out.u8(header);
  out.lenencInteger(ok.affectedRows);
  out.lenencInteger(ok.insertId < 0 ? BigInt.asUintN(64, BigInt(ok.insertId)) : ok.insertId);
  out.u16(tracked ? ok.status | SERVER_STATUS.SESSION_STATE_CHANGED : ok.status);
  out.u16(Math.min(ok.warnings, 0xffff));
  // The protocol's manual says that the text ends with the packet where nothing is tracked; servers send its length all the same, and PHP's
  // mysqlnd warns without it.
  if (tracked || ok.info !== '') out.lenencText(ok.info);
  if ((capabilities & CAPABILITY.SESSION_TRACK) !== 0 && ok.schema !== null) writeSchemaChange(out, ok.schema);
  out.end();
}

function writeSchemaChange(out: PacketWriter, schema: string): void {
  const name = Buffer.from(schema, 'utf8');
  const nameBytes = name.length + (name.length < 251 ? 1 : 3);
  out.lenencInteger(1 + (nameBytes < 251 ? 1 : 3) + nameBytes);
  out.u8(SESSION_TRACK_SCHEMA);
  out.lenencInteger(nameBytes);
  out.lenencBytes(name);
}

/** The end of column definitions, of parameters and of rows, for clients that still want EOF packets. */
export function writeEof(out: PacketWriter, status: number, warnings: number): void {
  out.begin();
  out.u8(EOF_HEADER);
  out.u16(Math.min(warnings, 0xffff));
  out.u16(status);
  out.end();
}

export function writeError(out: PacketWriter, thrown: unknown): void {
  const { errno, sqlstate, message } = describe(thrown);
  out.begin();
  out.u8(ERR_HEADER);
  out.u16(errno);
  out.text(`#${sqlstate}`);
  out.text(message.length > MAX_MESSAGE_CHARS ? message.slice(0, MAX_MESSAGE_CHARS) : message);
  out.end();
}

function describe(thrown: unknown): { errno: number; sqlstate: string; message: string } {
  if (thrown instanceof ProtocolError) return thrown.breach;
  return asFailure(thrown);
}
