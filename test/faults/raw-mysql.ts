/** The least of MySQL's client protocol: enough to log in and to misbehave. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

// From MySQL's manual, "Capabilities Flags".
const LONG_PASSWORD = 0x1;
const PROTOCOL_41 = 0x200;
const SECURE_CONNECTION = 0x8000;
const PLUGIN_AUTH = 0x80000;
const CAPABILITIES = LONG_PASSWORD | PROTOCOL_41 | SECURE_CONNECTION | PLUGIN_AUTH;
const COM_QUERY = 3;
const OK = 0;

export function packet(sequence: number, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  header[3] = sequence;
  return Buffer.concat([header, payload]);
}

/** Answers the greeting as root without a password. */
export function loginPacket(): Buffer {
  const fixed = Buffer.alloc(32);
  fixed.writeUInt32LE(CAPABILITIES, 0);
  fixed.writeUInt32LE(0x100_0000, 4);
  fixed[8] = 45;
  return packet(1, Buffer.concat([fixed, Buffer.from('root\0\0mysql_native_password\0', 'latin1')]));
}

export function queryPacket(sql: string): Buffer {
  return packet(0, Buffer.concat([Buffer.of(COM_QUERY), Buffer.from(sql)]));
}

/** A socket whose greeting has arrived. Errors of the socket are not reported: misbehaving clients expect them. */
export async function connectRaw(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'data');
  return socket;
}

/** The same, logged in, and not read any further. */
export async function loginRaw(port: number): Promise<Socket> {
  const socket = await connectRaw(port);
  socket.write(loginPacket());
  const [answer] = (await once(socket, 'data')) as [Buffer];
  if (answer[4] !== OK) throw new Error(`login was refused: ${answer.toString('latin1')}`);
  socket.pause();
  return socket;
}
