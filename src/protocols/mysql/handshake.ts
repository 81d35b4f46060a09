/** The packets that open a connection: the server's greeting and the client's answer. Source: "Protocol::HandshakeV10", "HandshakeResponse41". */
import { failure } from '../../errors.ts';
import { CAPABILITY, HEADER_BYTES, SERVER_STATUS, UTF8MB4_0900_AI_CI } from '../../util/mysql-packets/constants.ts';
import type { PacketWriter } from '../../util/mysql-packets/packet-writer.ts';
import type { Payload } from '../../util/mysql-packets/payload.ts';
import type { AuthPlugin } from './authentication.ts';

const PROTOCOL_VERSION = 10;
const SSL_REQUEST_BYTES = 32;
const FILLER_BYTES = 23;

export const SERVER_CAPABILITIES =
  CAPABILITY.LONG_PASSWORD |
  CAPABILITY.FOUND_ROWS |
  CAPABILITY.LONG_FLAG |
  CAPABILITY.CONNECT_WITH_DB |
  CAPABILITY.IGNORE_SPACE |
  CAPABILITY.PROTOCOL_41 |
  CAPABILITY.INTERACTIVE |
  CAPABILITY.IGNORE_SIGPIPE |
  CAPABILITY.TRANSACTIONS |
  CAPABILITY.SECURE_CONNECTION |
  CAPABILITY.MULTI_STATEMENTS |
  CAPABILITY.MULTI_RESULTS |
  CAPABILITY.PS_MULTI_RESULTS |
  CAPABILITY.PLUGIN_AUTH |
  CAPABILITY.CONNECT_ATTRS |
  CAPABILITY.PLUGIN_AUTH_LENENC_CLIENT_DATA |
  CAPABILITY.SESSION_TRACK |
  CAPABILITY.DEPRECATE_EOF;

export interface Greeting {
  readonly serverVersion: string;
  readonly connectionId: number;
  readonly capabilities: number;
  readonly scramble: Uint8Array;
  readonly plugin: AuthPlugin;
}

export function writeGreeting(out: PacketWriter, greeting: Greeting): void {
  out.begin();
  out.u8(PROTOCOL_VERSION);
  out.nulText(greeting.serverVersion);
  out.u32(greeting.connectionId);
  out.bytes(greeting.scramble.subarray(0, 8));
  out.u8(0);
  out.u16(greeting.capabilities);
  out.u8(UTF8MB4_0900_AI_CI);
  out.u16(SERVER_STATUS.AUTOCOMMIT);
  out.u16(greeting.capabilities >>> 16);
  out.u8(greeting.scramble.length + 1);
  out.zeros(10);
  out.bytes(greeting.scramble.subarray(8));
  out.u8(0);
  out.nulText(greeting.plugin);
  out.end();
}

export interface HandshakeResponse {
  readonly kind: 'response';
  readonly capabilities: number;
  /** MySQL's number of the character set and collation that the client speaks. */
  readonly collation: number;
  readonly user: string;
  readonly answer: Uint8Array;
  readonly database: string;
  readonly plugin: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The client wants TLS first, and repeats its answer within. */
export interface SslRequest {
  readonly kind: 'ssl';
}

/** `offered`: what the greeting said. Capabilities that the server did not offer are not in the answer's. */
export function readHandshakeResponse(payload: Payload, offered: number): HandshakeResponse | SslRequest {
  const length = payload.remaining;
  if (length < SSL_REQUEST_BYTES) throw failure('ER_HANDSHAKE_ERROR', 'the packet is too short for protocol 4.1');
  const capabilities = (payload.u32() & offered) >>> 0;
  if ((capabilities & CAPABILITY.PROTOCOL_41) === 0)
    throw failure('ER_HANDSHAKE_ERROR', 'the client does not speak protocol 4.1');
  payload.skip(HEADER_BYTES);
  const collation = payload.u8();
  payload.skip(FILLER_BYTES);
  if (length === SSL_REQUEST_BYTES) return { kind: 'ssl' };
  const user = payload.nulText();
  const answer = Buffer.from(readAnswer(payload, capabilities));
  const database =
    (capabilities & CAPABILITY.CONNECT_WITH_DB) !== 0 && payload.remaining > 0 ? payload.nulOrRestText() : '';
  const plugin = (capabilities & CAPABILITY.PLUGIN_AUTH) !== 0 && payload.remaining > 0 ? payload.nulOrRestText() : '';
  return {
    kind: 'response',
    capabilities,
    collation,
    user,
    answer,
    database,
    plugin,
    attributes: readAttributes(payload, capabilities),
  };
}

function readAnswer(payload: Payload, capabilities: number): Uint8Array {
  if ((capabilities & CAPABILITY.PLUGIN_AUTH_LENENC_CLIENT_DATA) !== 0) return payload.lenencBytes();
  if ((capabilities & CAPABILITY.SECURE_CONNECTION) !== 0) return payload.bytes(payload.u8());
  return payload.nulBytes();
}

/** CLIENT_CONNECT_ATTRS: pairs of texts within their whole length in bytes. */
export function readAttributes(payload: Payload, capabilities: number): Record<string, string> {
  const attributes: Record<string, string> = {};
  if ((capabilities & CAPABILITY.CONNECT_ATTRS) === 0 || payload.remaining === 0) return attributes;
  const length = payload.lenencInteger();
  const end = payload.remaining - length;
  while (payload.remaining > Math.max(end, 0)) {
    const name = payload.lenencText();
    // No attribute may reach Object.prototype.
    if (name === '__proto__') payload.lenencText();
    else attributes[name] = payload.lenencText();
  }
  return attributes;
}
