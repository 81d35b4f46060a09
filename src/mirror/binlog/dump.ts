/** A connection that the source sends its binlog on: COM_BINLOG_DUMP's answer has no end, a packet an event. */
import { SluiceError, SourceError } from '../../errors.ts';
import { SourceConnection } from '../../stores/mysql/connection.ts';
import { OkReply, type Reply, readSourceError } from '../../stores/mysql/replies.ts';
import { textTable } from '../../stores/mysql/rows.ts';
import { ERR_HEADER, HEADER_BYTES, MAX_PAYLOAD_BYTES, OK_HEADER } from '../../util/mysql-packets/constants.ts';
import { packetEnd } from '../../util/mysql-packets/packet-end.ts';
import { Payload } from '../../util/mysql-packets/payload.ts';
import type { PayloadWriter } from '../../util/mysql-packets/payload-writer.ts';
import type { SourceAddress } from '../../util/source-address.ts';
import { BinlogError } from './binlog-error.ts';
import type { BinlogPosition } from './position.ts';

const COM_BINLOG_DUMP = 0x12;
const COM_REGISTER_SLAVE = 0x15;
/** The events that MariaDB then sends as they are: up to those of global transaction ids (`MARIA_SLAVE_CAPABILITY_GTID`). */
const CAPABILITY = 4;
/** A reader that has to wait may be slow to take what the source sends. */
const WRITE_TIMEOUT_S = 600;
const ER_MASTER_FATAL_ERROR_READING_BINLOG = 1236;
/** No access, no binlog. */
const REFUSALS = new Set([1044, 1045, 1142, 1227, 1381, 1698]);
/** Where a file's events begin. */
const FIRST_OFFSET = 4;
const OFFSET_MAX = 0xffff_ffff;

export interface EventSink {
  /** An event without its packet's head. Throws what ends the dump. */
  onEvent(buffer: Buffer, start: number, end: number): void;
  /** All events that have come are told. */
  onPause(): void;
}

export interface PreparedDump {
  readonly connection: SourceConnection;
  readonly hasChecksums: boolean;
}

/** Rejects with BinlogError. */
export async function prepareDump(
  address: SourceAddress,
  serverId: number,
  heartbeatMs: number,
): Promise<PreparedDump> {
  let connection: SourceConnection | null = null;
  try {
    connection = await SourceConnection.open(address);
    await connection.query(
      `SET NAMES utf8mb4, @master_binlog_checksum = @@global.binlog_checksum, @mariadb_slave_capability = ${CAPABILITY},
        @master_heartbeat_period = ${heartbeatMs * 1_000_000}, net_write_timeout = ${WRITE_TIMEOUT_S}`,
    );
    const answer = await connection.query('SELECT @master_binlog_checksum');
    const [result] = answer.results;
    const checksum = result === undefined ? null : textTable(result)[0]?.[0];
    const registered = new OkReply();
    connection.command(COM_REGISTER_SLAVE, (out) => writeRegistration(out, serverId), registered);
    await registered.promise.catch((error: unknown) => {
      const refusal = asBinlogError(error);
      if (!(refusal instanceof BinlogError) || refusal.failure !== 'refused') throw refusal;
      throw new BinlogError('refused', `${refusal.message} (reading the binlog needs the privilege REPLICATION SLAVE)`);
    });
    return { connection, hasChecksums: checksum === 'CRC32' };
  } catch (error) {
    connection?.destroy('it is not needed any more');
    throw asBinlogError(error);
  }
}

/** Never resolves; rejects with BinlogError, or with what the sink throws. */
export function dump(
  connection: SourceConnection,
  from: BinlogPosition,
  serverId: number,
  sink: EventSink,
): Promise<never> {
  const reply = new DumpReply(sink);
  connection.command(COM_BINLOG_DUMP, (out) => writeRequest(out, from, serverId), reply);
  return reply.promise;
}

/** What SHOW SLAVE HOSTS shows. No address: nobody connects to Sluice as to a replica. */
function writeRegistration(out: PayloadWriter, serverId: number): void {
  out.u32(serverId);
  out.lenencText('sluice');
  out.zeros(1 + 1 + 2 + 4 + 4);
}

function writeRequest(out: PayloadWriter, { file, offset }: BinlogPosition, serverId: number): void {
  // What lies beyond 4 GiB cannot be asked for: the file is read from its beginning, and what comes before is passed over.
  out.u32(offset > OFFSET_MAX ? FIRST_OFFSET : offset);
  out.u16(0);
  out.u32(serverId);
  out.text(file);
}

class DumpReply implements Reply {
  readonly promise: Promise<never>;
  isDone = false;
  readonly #sink: EventSink;
  #reject!: (error: Error) => void;
  /** Of a packet that goes on in the next one. */
  #parts: Buffer[] = [];

  constructor(sink: EventSink) {
    this.#sink = sink;
    this.promise = new Promise<never>((_, reject) => {
      this.#reject = reject;
    });
    this.promise.catch(() => undefined);
  }

  fail(error: Error): void {
    this.isDone = true;
    this.#reject(asBinlogError(error));
  }

  take(chunk: Buffer, from: number, end: number): number {
    let at = from;
    try {
      for (let next = packetEnd(chunk, at, end); next <= end && !this.isDone; next = packetEnd(chunk, at, end)) {
        this.#packet(chunk, at + HEADER_BYTES, next);
        at = next;
      }
      this.#sink.onPause();
    } catch (error) {
      this.fail(error as Error);
    }
    return at;
  }

  #packet(chunk: Buffer, start: number, end: number): void {
    if (end - start === MAX_PAYLOAD_BYTES) {
      this.#parts.push(chunk.subarray(start, end));
      return;
    }
    if (this.#parts.length === 0) {
      this.#payload(chunk, start, end);
      return;
    }
    const whole = Buffer.concat([...this.#parts, chunk.subarray(start, end)]);
    this.#parts = [];
    this.#payload(whole, 0, whole.length);
  }

  #payload(buffer: Buffer, start: number, end: number): void {
    const header = buffer[start];
    if (start < end && header === OK_HEADER) this.#sink.onEvent(buffer, start + 1, end);
    else if (start < end && header === ERR_HEADER) throw readSourceError(new Payload(buffer, start + 1, end));
    else throw new BinlogError('lost', 'the source ended its binlog');
  }
}

function asBinlogError(error: unknown): Error {
  if (error instanceof BinlogError || !(error instanceof SluiceError)) return error as Error;
  const { errno, message } = error;
  if (!(error instanceof SourceError)) return new BinlogError('lost', message);
  if (errno === ER_MASTER_FATAL_ERROR_READING_BINLOG) return new BinlogError('gone', message);
  return new BinlogError(REFUSALS.has(errno) ? 'refused' : 'lost', message);
}
