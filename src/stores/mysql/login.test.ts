/** Logins packet by packet, against a server that plays its part from a script: each way that a password is asked for, and what is no login. */
import { constants, createHash, generateKeyPairSync, privateDecrypt } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { parseSourceAddress } from '../../util/source-address.ts';
import { type LoggedIn, logIn } from './login.ts';

const NATIVE = 'mysql_native_password';
const SHA2 = 'caching_sha2_password';
const FIRST = Buffer.from('abcdefghijklmnopqrst');
const SECOND = Buffer.from('ABCDEFGHIJKLMNOPQRST');
const OK = Buffer.of(0, 0, 0, 2, 0, 0, 0);
const NO_TLS = 0x000f_a208 | (1 << 19);

const KEYS = generateKeyPairSync('rsa', { modulusLength: 2048 });

function greeting(plugin: string, capabilities = NO_TLS): Buffer {
  const fixed = Buffer.alloc(31);
  fixed.writeUInt32LE(7);
  FIRST.copy(fixed, 4, 0, 8);
  fixed.writeUInt16LE(capabilities & 0xffff, 13);
  fixed.writeUInt16LE(capabilities >>> 16, 18);
  fixed[20] = 21;
  return Buffer.concat([
    Buffer.from('\x0a10.11.0-test\0'),
    fixed,
    FIRST.subarray(8),
    Buffer.of(0),
    Buffer.from(`${plugin}\0`),
  ]);
}

const authSwitch = (plugin: string): Buffer =>
  Buffer.concat([Buffer.from(`\xfe${plugin}\0`, 'latin1'), SECOND, Buffer.of(0)]);
const more = (...bytes: number[]): Buffer => Buffer.of(1, ...bytes);
const publicKey = (): Buffer =>
  Buffer.concat([Buffer.of(1), Buffer.from(KEYS.publicKey.export({ type: 'spki', format: 'pem' }) as string)]);
const error = (errno: number, text: string): Buffer =>
  Buffer.concat([Buffer.of(0xff, errno & 0xff, errno >> 8), Buffer.from(text)]);

let server: Server | null = null;
const sockets = new Set<Socket>();

afterEach(() => {
  server?.close();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
});

/** Logs in to a server that sends each of `script` after a packet of the client's. Gives what the client sent. */
async function play(
  script: readonly Buffer[],
  password = 'secret',
  options = '',
): Promise<{ sent: Buffer[]; result: Promise<LoggedIn> }> {
  const sent: Buffer[] = [];
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    const left = [...script];
    const send = (sequence: number): void => {
      const next = left.shift();
      if (next === undefined) return;
      const head = Buffer.alloc(4);
      head.writeUIntLE(next.length, 0, 3);
      head[3] = sequence;
      socket.write(Buffer.concat([head, next]));
      // What goes on without an answer: a fast login's OK.
      if (next.equals(more(3))) send(sequence + 1);
    };
    let bytes = Buffer.alloc(0);
    socket.on('data', (piece) => {
      bytes = Buffer.concat([bytes, piece]);
      while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUIntLE(0, 3)) {
        const end = 4 + bytes.readUIntLE(0, 3);
        sent.push(bytes.subarray(4, end));
        const sequence = (bytes[3] as number) + 1;
        bytes = bytes.subarray(end);
        send(sequence);
      }
    });
    send(0);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const result = logIn(
    parseSourceAddress(`mysql://app:${password}@127.0.0.1:${port}/?connect_timeout_ms=3000${options}`),
  );
  result.then(({ socket }) => sockets.add(socket)).catch(() => undefined);
  return { sent, result };
}

function digest(algorithm: string, ...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest();
}

const xor = (a: Buffer, b: Buffer): Buffer => Buffer.from(a.map((byte, i) => byte ^ (b[i % b.length] as number)));

function native(password: string, scramble: Buffer): Buffer {
  const once = digest('sha1', Buffer.from(password));
  return xor(once, digest('sha1', scramble, digest('sha1', once)));
}

function sha2(password: string, scramble: Buffer): Buffer {
  const once = digest('sha256', Buffer.from(password));
  return xor(once, digest('sha256', digest('sha256', once), scramble));
}

/** User, proof and plugin of the packet that answers a greeting. */
function response(packet: Buffer | undefined): [user: string, proof: Buffer, plugin: string] {
  const rest = (packet as Buffer).subarray(32);
  const userEnd = rest.indexOf(0);
  const length = rest[userEnd + 1] as number;
  const proof = rest.subarray(userEnd + 2, userEnd + 2 + length);
  const plugin = rest.subarray(userEnd + 2 + length);
  return [rest.toString('utf8', 0, userEnd), proof, plugin.toString('utf8', 0, plugin.indexOf(0))];
}

describe('a login', () => {
  it.each([
    [NATIVE, native('secret', FIRST)],
    [SHA2, sha2('secret', FIRST)],
  ])('by %s', async (plugin, proof) => {
    const { sent, result } = await play([greeting(plugin), ...(plugin === SHA2 ? [more(3), OK] : [OK])]);
    expect(await result).toMatchObject({ threadId: 7, serverVersion: '10.11.0-test' });
    expect(response(sent[0])).toEqual(['app', proof, plugin]);
    expect(sent).toHaveLength(1);
  });

  it('without a password proves nothing', async () => {
    const { sent, result } = await play([greeting(NATIVE), OK], '');
    await result;
    expect(response(sent[0])).toEqual(['app', Buffer.alloc(0), NATIVE]);
  });

  it.each([
    [NATIVE, SHA2, sha2('secret', SECOND)],
    [SHA2, NATIVE, native('secret', SECOND)],
    ['client_ed25519', NATIVE, native('secret', SECOND)],
    [NATIVE, NATIVE, native('secret', SECOND)],
  ])('that begins with %s goes on with %s, for another scramble', async (first, second, proof) => {
    const { sent, result } = await play([
      greeting(first),
      authSwitch(second),
      ...(second === SHA2 ? [more(3), OK] : [OK]),
    ]);
    await result;
    expect(response(sent[0])[2]).toBe(first === 'client_ed25519' ? NATIVE : first);
    expect(sent.slice(1)).toEqual([proof]);
  });

  it.each([
    ['first', [greeting(SHA2)], FIRST],
    ['after a switch', [greeting(NATIVE), authSwitch(SHA2)], SECOND],
  ])("the password itself goes encrypted with the source's key: %s", async (_, before, scramble) => {
    const { sent, result } = await play([...before, more(4), publicKey(), OK]);
    await result;
    expect(sent.at(-2)).toEqual(Buffer.of(2));
    const plain = privateDecrypt(
      { key: KEYS.privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING },
      sent.at(-1) as Buffer,
    );
    expect(xor(plain, scramble).toString()).toBe('secret\0');
    expect(Buffer.concat(sent).includes('secret')).toBe(false);
  });
});

describe('a login fails', () => {
  const denied = '#28000Access denied for user';

  it.each<[string, Buffer[], object]>([
    [
      'the password is wrong',
      [greeting(NATIVE), error(1045, denied)],
      { errno: 1045, sqlstate: '28000', message: 'Access denied for user' },
    ],
    ['so is the encrypted one', [greeting(SHA2), more(4), publicKey(), error(1045, denied)], { errno: 1045 }],
    ['before any greeting', [error(1129, "Host '::1' is blocked")], { errno: 1129, message: "Host '::1' is blocked" }],
    [
      'a plugin that is not known',
      [greeting(NATIVE), authSwitch('client_gssapi')],
      {
        errno: 1429,
        message: expect.stringMatching(
          /plugin client_gssapi, which Sluice does not know: give .* mysql_native_password/,
        ),
      },
    ],
    [
      'a very old server',
      [greeting(NATIVE), Buffer.of(0xfe)],
      { message: expect.stringContaining('mysql_old_password') },
    ],
    [
      'a socket of its machine alone',
      [greeting(NATIVE), authSwitch('auth_socket')],
      { message: expect.stringContaining('auth_socket') },
    ],
    ['no key', [greeting(SHA2), more(4), OK], { message: expect.stringContaining('public key') }],
    ['a key that is none', [greeting(SHA2), more(4), Buffer.concat([more(), Buffer.from('no key')])], { errno: 1429 }],
    [
      'another protocol',
      [Buffer.from('HTTP/1.1 400')],
      { message: expect.stringContaining('version 72 of the protocol') },
    ],
    ['nonsense', [greeting(NATIVE), Buffer.of(0x55, 1)], { message: expect.stringContaining('unknown packet (85)') }],
    ['more where nothing more is due', [greeting(NATIVE), more(4)], { message: expect.stringContaining('unexpected') }],
    ['a cut greeting', [greeting(NATIVE).subarray(0, 20)], { errno: 1429 }],
    ['silence', [greeting(NATIVE)], { message: expect.stringContaining('no answer in time') }],
  ])('%s', async (_, script, expected) => {
    const { result } = await play(script);
    await expect(result).rejects.toMatchObject(expected);
  });

  it('no TLS there', async () => {
    const { sent, result } = await play([greeting(NATIVE), OK], 'secret', '&tls=on');
    await expect(result).rejects.toMatchObject({ message: expect.stringContaining('offers no TLS') });
    expect(sent).toEqual([]);
  });
});
