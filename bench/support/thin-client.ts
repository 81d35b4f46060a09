/**
 * The least that a client of MySQL's protocol can be, so that a load of ten thousand of them costs its machine little: it logs in as root without a
 * password, sends packets that are ready, and counts the rows of what comes back.
 */
import { connect, type Socket } from 'node:net';

const [LONG_PASSWORD, PROTOCOL_41, TRANSACTIONS, SECURE_CONNECTION, PLUGIN_AUTH] = [
  0x1, 0x200, 0x2000, 0x8000, 0x80000,
];
const CAPABILITIES = LONG_PASSWORD | PROTOCOL_41 | TRANSACTIONS | SECURE_CONNECTION | PLUGIN_AUTH;
const UTF8MB4 = 45;
const [COM_QUIT, COM_QUERY, COM_STMT_PREPARE, COM_STMT_EXECUTE] = [1, 3, 0x16, 0x17];
const [OK, EOF, ERR] = [0, 0xfe, 0xff];
const HEADER_BYTES = 4;
const EOF_BYTES_MAX = 9;
const TYPE_LONG = 3;

export interface ThinAnswer {
  readonly rows: number;
  /** The last row's packet; null without one. */
  readonly row: Buffer | null;
}

interface Waiting {
  readonly resolve: (answer: ThinAnswer) => void;
  readonly reject: (error: Error) => void;
}

export class ThinClient {
  /** The one statement that it has prepared. */
  #statement = 0;
  readonly #socket: Socket;
  #waiting: Waiting | null = null;
  #rest: Buffer = Buffer.alloc(0);
  /** EOFs seen of the answer that is coming; columns and rows each end in one. */
  #ends = 0;
  #packets = 0;
  #rows = 0;
  #row: Buffer | null = null;
  #isPreparing = false;
  #left = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  static async open(port: number): Promise<ThinClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const client = new ThinClient(socket);
    await new Promise<void>((resolve, reject) => {
      client.#waiting = { resolve: () => resolve(), reject };
      socket.once('data', () => {
        socket.on('data', (piece: Buffer) => client.#take(piece));
        client.#write(1, loginPayload());
      });
    });
    return client;
  }

  query(text: string): Promise<ThinAnswer> {
    return this.#ask(Buffer.from(`${String.fromCharCode(COM_QUERY)}${text}`));
  }

  async prepare(text: string): Promise<void> {
    this.#isPreparing = true;
    await this.#ask(Buffer.from(`${String.fromCharCode(COM_STMT_PREPARE)}${text}`));
  }

  /** With one number as its parameter. */
  execute(value: number): Promise<ThinAnswer> {
    const payload = Buffer.alloc(18);
    payload[0] = COM_STMT_EXECUTE;
    payload.writeUInt32LE(this.#statement, 1);
    payload.writeUInt32LE(1, 6);
    payload[11] = 1;
    payload.writeUInt16LE(TYPE_LONG, 12);
    payload.writeUInt32LE(value, 14);
    return this.#ask(payload);
  }

  end(): void {
    this.#socket.removeAllListeners('close').end(packetOf(0, Buffer.of(COM_QUIT)));
  }

  #ask(payload: Buffer): Promise<ThinAnswer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#write(0, payload);
    });
  }

  #write(sequence: number, payload: Buffer): void {
    this.#socket.write(packetOf(sequence, payload));
  }

  #take(piece: Buffer): void {
    const chunk = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    let at = 0;
    while (at + HEADER_BYTES <= chunk.length) {
      const end = at + HEADER_BYTES + chunk.readUIntLE(at, 3);
      if (end > chunk.length) break;
      this.#packet(chunk, at + HEADER_BYTES, end);
      at = end;
    }
    this.#rest = chunk.subarray(at);
  }

  #packet(chunk: Buffer, at: number, end: number): void {
    const first = chunk[at];
    if (this.#isPreparing) {
      this.#preparing(chunk, at);
      return;
    }
    this.#packets++;
    if (first === ERR) this.#fail(new Error(chunk.toString('utf8', at + 3, end)));
    else if (this.#packets === 1 && first === OK) this.#done();
    else if (first === EOF && end - at < EOF_BYTES_MAX) {
      this.#ends++;
      if (this.#ends === 2) this.#done();
    } else if (this.#ends === 1) {
      this.#rows++;
      this.#row = chunk.subarray(at, end);
    }
  }

  /** Definitions follow, of parameters and of columns; behind each kind an EOF. */
  #preparing(chunk: Buffer, at: number): void {
    if (this.#packets++ === 0) {
      if (chunk[at] !== OK) this.#fail(new Error('the statement was not prepared'));
      this.#statement = chunk.readUInt32LE(at + 1);
      const [columns, parameters] = [chunk.readUInt16LE(at + 5), chunk.readUInt16LE(at + 7)];
      this.#left = columns + parameters + (columns > 0 ? 1 : 0) + (parameters > 0 ? 1 : 0);
    } else this.#left--;
    if (this.#left === 0) this.#done();
  }

  #done(): void {
    const answer = { rows: this.#rows, row: this.#row };
    const waiting = this.#waiting;
    this.#reset();
    waiting?.resolve(answer);
  }

  #fail(error: Error): void {
    const waiting = this.#waiting;
    this.#reset();
    if (waiting === null) throw error;
    waiting.reject(error);
  }

  #reset(): void {
    this.#waiting = null;
    this.#ends = 0;
    this.#packets = 0;
    this.#rows = 0;
    this.#row = null;
    this.#isPreparing = false;
  }
}

function packetOf(sequence: number, payload: Buffer): Buffer {
  const packet = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  packet.writeUIntLE(payload.length, 0, 3);
  packet[3] = sequence;
  packet.set(payload, HEADER_BYTES);
  return packet;
}

function loginPayload(): Buffer {
  const fixed = Buffer.alloc(32);
  fixed.writeUInt32LE(CAPABILITIES, 0);
  fixed.writeUInt32LE(0x100_0000, 4);
  fixed[8] = UTF8MB4;
  return Buffer.concat([fixed, Buffer.from('root\0\0mysql_native_password\0', 'latin1')]);
}
