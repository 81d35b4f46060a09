/** The answers that commands get from the source, each as an object that takes packets until it is complete. */
import { SourceError } from '../../errors.ts';
import { ERR_HEADER, HEADER_BYTES, OK_HEADER } from '../../util/mysql-packets/constants.ts';
import { packetEnd } from '../../util/mysql-packets/packet-end.ts';
import { Payload } from '../../util/mysql-packets/payload.ts';
import { type ResultEnd, readOk } from './result.ts';

export interface Reply {
  readonly isDone: boolean;
  /** Takes whole packets from chunk[at, end) and returns where it stopped: behind the answer's last packet, or before one that is not whole. */
  take(chunk: Buffer, at: number, end: number): number;
  /** The connection is lost before the answer was complete. */
  fail(error: Error): void;
}

/** An ERR packet behind its header. */
export function readSourceError(packet: Payload): SourceError {
  const errno = packet.u16();
  const text = packet.rest().toString('utf8');
  return text.startsWith('#')
    ? new SourceError(errno, text.slice(1, 6), text.slice(6))
    : new SourceError(errno, 'HY000', text);
}

/** Of a reply: settled once. */
abstract class PromisedReply<T> implements Reply {
  readonly promise: Promise<T>;
  isDone = false;
  #resolve!: (value: T) => void;
  #reject!: (error: Error) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever sends several commands at once waits for them one after the other.
    this.promise.catch(() => undefined);
  }

  abstract take(chunk: Buffer, at: number, end: number): number;

  fail(error: Error): void {
    this.isDone = true;
    this.#reject(error);
  }

  protected finish(value: T): void {
    this.isDone = true;
    this.#resolve(value);
  }
}

/** OK or an error: COM_PING, COM_INIT_DB, COM_RESET_CONNECTION. */
export class OkReply extends PromisedReply<ResultEnd> {
  take(chunk: Buffer, at: number, end: number): number {
    const next = packetEnd(chunk, at, end);
    if (next > end) return at;
    const packet = new Payload(chunk, at + HEADER_BYTES, next);
    if (packet.u8() === ERR_HEADER) this.fail(readSourceError(packet));
    else this.finish(readOk(packet));
    return next;
  }
}

interface PreparedHead {
  readonly id: number;
  readonly parameterCount: number;
  readonly columnCount: number;
}

/** What COM_STMT_PREPARE answers. */
export interface PreparedOnSource extends PreparedHead {
  /** Packets of definitions. */
  readonly parameters: Buffer;
  readonly columns: Buffer;
}

export class PrepareReply extends PromisedReply<PreparedOnSource> {
  #head: PreparedHead | null = null;
  readonly #parameters: Buffer[] = [];
  readonly #columns: Buffer[] = [];
  #packetsLeft = 0;

  take(chunk: Buffer, from: number, end: number): number {
    let at = from;
    for (let next = packetEnd(chunk, at, end); next <= end; next = packetEnd(chunk, at, end)) {
      if (this.#head === null) this.#begin(new Payload(chunk, at + HEADER_BYTES, next));
      else this.#definition(chunk.subarray(at, next), this.#head);
      at = next;
      if (this.isDone) break;
    }
    return at;
  }

  #begin(packet: Payload): void {
    if (packet.u8() !== OK_HEADER) {
      this.fail(readSourceError(packet));
      return;
    }
    const id = packet.u32();
    const columnCount = packet.u16();
    const parameterCount = packet.u16();
    this.#head = { id, columnCount, parameterCount };
    // After the definitions of parameters, and after those of columns, comes an EOF.
    this.#packetsLeft = parameterCount + columnCount + (parameterCount > 0 ? 1 : 0) + (columnCount > 0 ? 1 : 0);
    this.#endIfComplete(this.#head);
  }

  #definition(packet: Buffer, head: PreparedHead): void {
    this.#packetsLeft--;
    const { parameterCount, columnCount } = head;
    if (this.#parameters.length < parameterCount) this.#parameters.push(packet);
    else if (this.#columns.length < columnCount && this.#packetsLeft <= columnCount) this.#columns.push(packet);
    this.#endIfComplete(head);
  }

  #endIfComplete(head: PreparedHead): void {
    if (this.#packetsLeft > 0) return;
    this.finish({ ...head, parameters: Buffer.concat(this.#parameters), columns: Buffer.concat(this.#columns) });
  }
}
