/** A client of the tests that sends what it is told, packet by packet or byte by byte, and keeps what comes back. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { CAPABILITY } from '../../util/mysql-packets/constants.ts';

export const BASIC_CAPABILITIES =
  CAPABILITY.LONG_PASSWORD |
  CAPABILITY.PROTOCOL_41 |
  CAPABILITY.TRANSACTIONS |
  CAPABILITY.SECURE_CONNECTION |
  CAPABILITY.PLUGIN_AUTH |
  CAPABILITY.MULTI_RESULTS;

export interface RawPacket {
  readonly sequence: number;
  readonly payload: Buffer;
}

export function packet(sequence: number, ...parts: readonly (number | string | Uint8Array)[]): Buffer {
  const payload = Buffer.concat(
    parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : Buffer.from(part as string))),
  );
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  header[3] = sequence;
  return Buffer.concat([header, payload]);
}

export function handshakeResponse(
  capabilities: number,
  user: string,
  answer: Uint8Array,
  plugin: string,
  database?: string,
): Buffer {
  const fixed = Buffer.alloc(32);
  fixed.writeUInt32LE(database === undefined ? capabilities : capabilities | CAPABILITY.CONNECT_WITH_DB, 0);
  fixed.writeUInt32LE(0x100_0000, 4);
  fixed[8] = 255;
  return packet(
    1,
    fixed,
    `${user}\0`,
    answer.length,
    answer,
    database === undefined ? '' : `${database}\0`,
    `${plugin}\0`,
  );
}

export class RawClient {
  readonly socket: Socket;
  readonly #packets: RawPacket[] = [];
  #received: Buffer = Buffer.alloc(0);
  #wake: (() => void) | null = null;
  isClosed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (piece) => this.#onData(piece));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.isClosed = true;
      this.#wake?.();
    });
  }

  /** Connected; the greeting is the first packet. */
  static async open(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    const client = new RawClient(socket);
    await once(socket, 'connect');
    return client;
  }

  /** Logged in as root without a password. */
  static async login(port: number, capabilities: number = BASIC_CAPABILITIES, database?: string): Promise<RawClient> {
    const client = await RawClient.open(port);
    await client.next();
    client.send(handshakeResponse(capabilities, 'root', new Uint8Array(0), 'mysql_native_password', database));
    const answer = await client.next();
    if (answer?.payload[0] !== 0) throw new Error(`login: ${answer?.payload.toString('latin1')}`);
    return client;
  }

  send(...bytes: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(bytes));
  }

  /** The next packet, null when the server has closed the connection. */
  async next(): Promise<RawPacket | null> {
    while (this.#packets.length === 0) {
      if (this.isClosed) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#packets.shift() ?? null;
  }

  async nextPackets(count: number): Promise<RawPacket[]> {
    const packets: RawPacket[] = [];
    while (packets.length < count) {
      const next = await this.next();
      if (next === null) throw new Error('closed');
      packets.push(next);
    }
    return packets;
  }

  /** Everything until the server closes. */
  async rest(): Promise<RawPacket[]> {
    const packets: RawPacket[] = [];
    for (let next = await this.next(); next !== null; next = await this.next()) packets.push(next);
    return packets;
  }

  destroy(): void {
    this.socket.destroy();
  }

  #onData(piece: Buffer): void {
    this.#received = Buffer.concat([this.#received, piece]);
    while (this.#received.length >= 4) {
      const length = this.#received.readUIntLE(0, 3);
      if (this.#received.length < 4 + length) break;
      this.#packets.push({ sequence: this.#received[3] as number, payload: this.#received.subarray(4, 4 + length) });
      this.#received = this.#received.subarray(4 + length);
    }
    this.#wake?.();
  }
}

/** The errno of an ERR packet; 0 for another one. */
export function errnoOf(packet: RawPacket | null): number {
  return packet !== null && packet.payload[0] === 0xff ? packet.payload.readUInt16LE(1) : 0;
}
