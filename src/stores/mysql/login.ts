/**
 * The way from a host's name to a socket on which the source takes commands: connect, TLS, password. Written here because what it negotiates is what
 * reaches Sluice's clients: mysql2 always asks MariaDB for extended metadata, in which column definitions have a field that no client expects.
 */
import { readFileSync } from 'node:fs';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { failure, SluiceError, SourceError } from '../../errors.ts';
import { BufferPool } from '../../util/mysql-packets/buffer-pool.ts';
import {
  AUTH_MORE_DATA_HEADER,
  CAPABILITY,
  EOF_HEADER,
  ERR_HEADER,
  OK_HEADER,
} from '../../util/mysql-packets/constants.ts';
import { OVERSIZE, PacketReader } from '../../util/mysql-packets/packet-reader.ts';
import { PacketWriter } from '../../util/mysql-packets/packet-writer.ts';
import type { Payload } from '../../util/mysql-packets/payload.ts';
import { type SourceAddress, shownAddress } from '../../util/source-address.ts';
import { CACHING_SHA2_PASSWORD, ED25519, encryptPassword, NATIVE_PASSWORD, proof } from './authentication.ts';

/** LONG_PASSWORD is what tells MariaDB that this is no client of its own extensions. No DEPRECATE_EOF and no SESSION_TRACK: see result-reply.ts. */
const CAPABILITIES =
  CAPABILITY.LONG_PASSWORD |
  CAPABILITY.LONG_FLAG |
  CAPABILITY.PROTOCOL_41 |
  CAPABILITY.TRANSACTIONS |
  CAPABILITY.SECURE_CONNECTION |
  CAPABILITY.MULTI_RESULTS |
  CAPABILITY.PS_MULTI_RESULTS |
  CAPABILITY.PLUGIN_AUTH |
  CAPABILITY.CONNECT_ATTRS;

const MAX_PACKET_BYTES = 0x4000_0000;
const MAX_LOGIN_PACKET_BYTES = 1024 * 1024;
const UTF8MB4_GENERAL_CI = 45;
const SCRAMBLE_BYTES = 20;
const ED25519_SCRAMBLE_BYTES = 32;
const REQUEST_PUBLIC_KEY = 2;
const FAST_AUTH_OK = 3;
const FULL_AUTH = 4;
const KEEP_ALIVE_MS = 60_000;

export interface LoggedIn {
  readonly socket: Socket;
  readonly threadId: number;
  readonly serverVersion: string;
}

interface Greeting {
  readonly serverVersion: string;
  readonly threadId: number;
  readonly capabilities: number;
  readonly scramble: Buffer;
  readonly plugin: string;
}

/** Rejects with SourceError (what the source answered) or SLUICE_SOURCE_UNAVAILABLE. */
export async function logIn(address: SourceAddress): Promise<LoggedIn> {
  const dialog = new Dialog(address);
  try {
    await dialog.connected();
    const greeting = readGreeting(await dialog.read());
    await startTls(dialog, address, greeting);
    writeResponse(dialog, address, greeting);
    await authenticate(dialog, address, greeting);
    return {
      socket: dialog.release(),
      threadId: greeting.threadId,
      serverVersion: greeting.serverVersion,
    };
  } catch (error) {
    dialog.destroy();
    if (error instanceof SluiceError) throw error;
    throw unavailable(`what it sent is no login that the protocol knows: ${(error as Error).message}`);
  }
}

function readGreeting(packet: Payload): Greeting {
  const version = packet.u8();
  if (version === ERR_HEADER) throw readError(packet);
  if (version !== 10) throw unavailable(`it speaks version ${version} of the protocol, not 10`);
  const serverVersion = packet.nulText();
  const threadId = packet.u32();
  const first = Buffer.from(packet.bytes(8));
  packet.skip(1);
  const low = packet.u16();
  packet.skip(3);
  const capabilities = (low | (packet.u16() << 16)) >>> 0;
  const scrambleBytes = packet.u8();
  packet.skip(10);
  const second = Buffer.from(packet.bytes(Math.max(13, scrambleBytes - 8)));
  const plugin = (capabilities & CAPABILITY.PLUGIN_AUTH) !== 0 ? packet.nulOrRestText() : NATIVE_PASSWORD;
  const scramble = Buffer.concat([first, second]).subarray(0, SCRAMBLE_BYTES);
  return { serverVersion, threadId, capabilities, scramble, plugin };
}

async function startTls(dialog: Dialog, address: SourceAddress, { capabilities }: Greeting): Promise<void> {
  if (address.tls === 'off') return;
  if ((capabilities & CAPABILITY.SSL) === 0) throw unavailable('it offers no TLS, which the option tls asks for');
  writeFixed(dialog.out, CAPABILITIES | CAPABILITY.SSL);
  dialog.out.end();
  dialog.send();
  await dialog.startTls();
}

function writeFixed(out: PacketWriter, capabilities: number): void {
  out.begin();
  out.u32(capabilities);
  out.u32(MAX_PACKET_BYTES);
  out.u8(UTF8MB4_GENERAL_CI);
  out.zeros(23);
}

function writeResponse(dialog: Dialog, { user, password }: SourceAddress, greeting: Greeting): void {
  const { out } = dialog;
  // What it greets with is enough for these; for others it asks with a scramble of its own.
  const plugin = greeting.plugin === CACHING_SHA2_PASSWORD ? CACHING_SHA2_PASSWORD : NATIVE_PASSWORD;
  const answer = proof(plugin, password, greeting.scramble) as Buffer;
  // A packet that has asked for TLS must be repeated in the same words.
  writeFixed(out, dialog.isSecure ? CAPABILITIES | CAPABILITY.SSL : CAPABILITIES);
  out.nulText(user);
  out.u8(answer.length);
  out.bytes(answer);
  out.nulText(plugin);
  // program_name=sluice, so that the source's administrator can tell whose connections these are.
  out.lenencInteger(1 + 'program_name'.length + 1 + 'sluice'.length);
  out.lenencText('program_name');
  out.lenencText('sluice');
  out.end();
  dialog.send();
}

async function authenticate(dialog: Dialog, { password }: SourceAddress, greeting: Greeting): Promise<void> {
  let { scramble, plugin } = greeting;
  for (;;) {
    const packet = await dialog.read();
    const header = packet.u8();
    switch (header) {
      case OK_HEADER:
        return;
      case ERR_HEADER:
        throw readError(packet);
      case EOF_HEADER: {
        plugin = packet.remaining === 0 ? 'mysql_old_password' : packet.nulText();
        scramble = Buffer.from(packet.rest()).subarray(0, plugin === ED25519 ? ED25519_SCRAMBLE_BYTES : SCRAMBLE_BYTES);
        const answer = proof(plugin, password, scramble);
        if (answer === null)
          throw unavailable(
            `it asks for the authentication plugin ${plugin}, which Sluice does not know: give its user there mysql_native_password, caching_sha2_password or ed25519`,
          );
        dialog.answer(answer);
        break;
      }
      case AUTH_MORE_DATA_HEADER:
        await moreSha2(dialog, packet, password, scramble, plugin);
        break;
      default:
        throw unavailable(`it sent an unknown packet (${header}) while logging in`);
    }
  }
}

async function moreSha2(
  dialog: Dialog,
  packet: Payload,
  password: string,
  scramble: Buffer,
  plugin: string,
): Promise<void> {
  const state = packet.u8();
  if (plugin !== CACHING_SHA2_PASSWORD || (state !== FAST_AUTH_OK && state !== FULL_AUTH))
    throw unavailable('it sent something unexpected while logging in');
  if (state === FAST_AUTH_OK) return;
  if (dialog.isSecure) {
    dialog.answer(Buffer.from(`${password}\0`));
    return;
  }
  dialog.answer(Buffer.of(REQUEST_PUBLIC_KEY));
  const key = await dialog.read();
  if (key.u8() !== AUTH_MORE_DATA_HEADER) throw unavailable('it did not send its public key');
  dialog.answer(encryptPassword(password, scramble, key.rest().toString('latin1')));
}

/** An ERR packet behind its header. Before the login it may come without an SQLSTATE. */
function readError(packet: Payload): SourceError {
  const errno = packet.u16();
  const message = packet.rest().toString('utf8');
  const match = /^#(.{5})(.*)$/s.exec(message);
  return new SourceError(errno, match?.[1] ?? 'HY000', match?.[2] ?? message);
}

function authorities(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw unavailable(`the certificates of the option ca cannot be read: ${(error as Error).message}`);
  }
}

function unavailable(why: string): Error {
  return failure('SLUICE_SOURCE_UNAVAILABLE', why);
}

/** Packets of the login, one after the other, within the time that there is for all of it. */
class Dialog {
  readonly out = new PacketWriter(new BufferPool());
  readonly #address: SourceAddress;
  readonly #reader = new PacketReader(MAX_LOGIN_PACKET_BYTES);
  readonly #timer: NodeJS.Timeout;
  #socket: Socket;
  #isSecure = false;
  #broken: Error | null = null;
  #wake: (() => void) | null = null;

  constructor(address: SourceAddress) {
    this.#address = address;
    this.#socket = connect({
      host: address.host,
      port: address.port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
    });
    this.#timer = setTimeout(() => this.#break('no answer in time'), address.connectTimeoutMs);
    this.#listen();
  }

  get isSecure(): boolean {
    return this.#isSecure;
  }

  async connected(): Promise<void> {
    while (this.#socket.connecting) await this.#something();
  }

  async read(): Promise<Payload> {
    for (;;) {
      const packet = this.#reader.next();
      if (packet === OVERSIZE) throw unavailable('it sent a packet that is too long for a login');
      if (packet !== null) {
        this.out.sequence = this.#reader.expectedSequence;
        return packet;
      }
      await this.#something();
    }
  }

  answer(bytes: Buffer): void {
    this.out.begin();
    this.out.bytes(bytes);
    this.out.end();
    this.send();
  }

  send(): void {
    this.#reader.expectedSequence = this.out.sequence;
    this.#socket.write(this.out.copy());
  }

  async startTls(): Promise<void> {
    const { host, tls, caFile } = this.#address;
    const plain = this.#socket;
    plain.off('data', this.#onData);
    const secure = connectTls({
      socket: plain,
      // Whom the certificate must name. Without it Node would be content with one for localhost where the host is an address.
      host,
      rejectUnauthorized: tls === 'verify',
      ...(isIP(host) === 0 && { servername: host }),
      ...(tls === 'on' && { checkServerIdentity: () => undefined }),
      ...(caFile !== null && { ca: authorities(caFile) }),
    });
    this.#socket = secure;
    this.#listen('TLS: ');
    let isDone = false;
    secure.once('secureConnect', () => {
      isDone = true;
      this.#wakeUp();
    });
    while (!isDone) await this.#something();
    this.#isSecure = true;
  }

  /** The socket, to which nobody listens any more. */
  release(): Socket {
    clearTimeout(this.#timer);
    this.#socket.pause();
    for (const event of ['data', 'close', 'connect'] as const) this.#socket.removeAllListeners(event);
    return this.#socket;
  }

  destroy(): void {
    clearTimeout(this.#timer);
    this.#socket.destroy();
  }

  #listen(what = ''): void {
    this.#socket.on('data', this.#onData);
    this.#socket.on('connect', () => this.#wakeUp());
    this.#socket.on('error', (error) => this.#break(`${what}${error.message}`));
    this.#socket.on('close', () => this.#break('it closed the connection'));
  }

  readonly #onData = (piece: Buffer): void => {
    this.#reader.push(piece);
    this.#wakeUp();
  };

  async #something(): Promise<void> {
    if (this.#broken === null) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#broken !== null && this.#reader.buffered === 0) throw this.#broken;
  }

  #break(why: string): void {
    this.#broken ??= unavailable(`${shownAddress(this.#address)}: ${why}`);
    this.#wakeUp();
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = null;
  }
}
