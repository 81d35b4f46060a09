import type { Connection, RowDataPacket } from 'mysql2/promise';
import { describe, expect, it } from 'vitest';
import { CAPABILITY } from '../../util/mysql-packets/constants.ts';
import { FakeGate } from './fake-gate.suite.ts';
import { BASIC_CAPABILITIES, errnoOf, handshakeResponse, packet, RawClient } from './raw-client.suite.ts';
import { TEST_TLS } from './test-certificate.suite.ts';
import { connect, open, standardAnswer, start, until } from './test-server.suite.ts';

function select(connection: Connection, sql: string): Promise<RowDataPacket[]> {
  return connection.query<RowDataPacket[]>(sql).then(([found]) => found);
}

describe('login', () => {
  const passwords = { root: '', anna: 'secret', 'anna-nativeonly': 'secret', 'anna-sha2only': 'secret' };
  for (const authPlugin of ['mysql_native_password', 'caching_sha2_password'] as const) {
    for (const secure of [false, true]) {
      describe(`${authPlugin} ${secure ? 'within TLS' : 'without TLS'}`, () => {
        const options = () => (secure ? { ssl: { ca: TEST_TLS.cert, rejectUnauthorized: false } } : {});
        const begin = () =>
          start(new FakeGate(standardAnswer, passwords), { authPlugin, ...(secure ? { tls: TEST_TLS } : {}) });

        it('accepts the right password, for every way of keeping it', async () => {
          const { port } = await begin();
          for (const user of ['anna', 'anna-nativeonly', 'anna-sha2only']) {
            const connection = await connect(port, { user, password: 'secret', ...options() });
            expect(await select(connection, 'select two')).toHaveLength(2);
          }
          await connect(port, options());
        });

        it('proves another user by COM_CHANGE_USER', async () => {
          const { port } = await begin();
          const connection = await connect(port, options());
          for (const user of ['anna', 'anna-nativeonly', 'anna-sha2only', 'anna']) {
            await connection.changeUser({ user, password: 'secret' });
            expect(await select(connection, 'select two')).toHaveLength(2);
          }
        });

        it('refuses a wrong one, an unknown user, and none, in the same way', async () => {
          const { server, port } = await begin();
          for (const user of ['anna', 'nobody', 'anna-nativeonly', 'anna-sha2only']) {
            await expect(connect(port, { user, password: 'wrong', ...options() })).rejects.toMatchObject({
              errno: 1045,
              sqlState: '28000',
              message: `Access denied for user '${user}'@'127.0.0.1' (using password: YES)`,
            });
          }
          for (const user of ['anna', 'nobody']) {
            await expect(connect(port, { user, ...options() })).rejects.toMatchObject({
              errno: 1045,
              message: `Access denied for user '${user}'@'127.0.0.1' (using password: NO)`,
            });
          }
          await expect(connect(port, { user: 'root', password: 'any', ...options() })).rejects.toMatchObject({
            errno: 1045,
          });
          await until(() => server.connectionCount === 0);
        });
      });
    }
  }

  it('asks again a client that names a plugin it has not', async () => {
    const port = await open(new FakeGate(standardAnswer, passwords));
    const raw = await RawClient.open(port);
    await raw.next();
    raw.send(handshakeResponse(BASIC_CAPABILITIES, 'root', Buffer.from('x'), 'client_ed25519'));
    const request = await raw.next();
    expect(request?.payload.toString('latin1')).toContain('mysql_native_password');
    raw.send(packet((request?.sequence ?? 0) + 1));
    expect((await raw.next())?.payload[0]).toBe(0);
  });

  it('asks again a client that waits to be asked for the plugin it prefers', async () => {
    const raw = await RawClient.open(await open(new FakeGate(standardAnswer, passwords)));
    await raw.next();
    raw.send(handshakeResponse(BASIC_CAPABILITIES, 'anna', new Uint8Array(0), 'caching_sha2_password'));
    expect((await raw.next())?.payload.toString('latin1')).toContain('caching_sha2_password');
    raw.destroy();
  });

  it('never takes for plain text what was sent after a request for TLS', async () => {
    const gate = new FakeGate(standardAnswer, passwords);
    const raw = await RawClient.open(await open(gate, { tls: TEST_TLS }));
    await raw.next();
    const request = Buffer.alloc(36);
    request.writeUInt32LE(32, 0);
    request[3] = 1;
    request.writeUInt32LE(BASIC_CAPABILITIES | CAPABILITY.SSL, 4);
    const login = handshakeResponse(
      BASIC_CAPABILITIES | CAPABILITY.SSL,
      'root',
      new Uint8Array(0),
      'mysql_native_password',
    );
    login[3] = 2;
    raw.send(request, login);
    expect((await raw.rest()).filter((answer) => answer.payload[0] === 0)).toEqual([]);
    expect(gate.sessions).toEqual([]);
  });

  it('refuses a request for TLS that it did not offer', async () => {
    const raw = await RawClient.open(await open(new FakeGate(standardAnswer)));
    await raw.next();
    const request = Buffer.alloc(32);
    request.writeUInt32LE(BASIC_CAPABILITIES | CAPABILITY.SSL, 0);
    raw.send(packet(1, request));
    expect(errnoOf(await raw.next())).toBe(1043);
    expect(await raw.rest()).toEqual([]);
  });

  it('ends a client that does not log in', async () => {
    const { server, port } = await start(new FakeGate(standardAnswer), { handshakeTimeoutMs: 50 });
    const raw = await RawClient.open(port);
    await raw.next();
    expect(await raw.rest()).toEqual([]);
    await until(() => server.connectionCount === 0);
  });

  it('refuses clients of protocols before 4.1', async () => {
    const raw = await RawClient.open(await open(new FakeGate(standardAnswer)));
    await raw.next();
    raw.send(packet(1, Buffer.alloc(32), 'root\0'));
    expect(errnoOf(await raw.next())).toBe(1043);
    expect(await raw.rest()).toEqual([]);
  });

  it('tells its version and the connection id that the session gets', async () => {
    const gate = new FakeGate(standardAnswer);
    const port = await open(gate, { nextConnectionId: () => 77 });
    const raw = await RawClient.open(port);
    const greeting = (await raw.next())?.payload ?? Buffer.alloc(0);
    expect(greeting.toString('latin1', 1, 20)).toBe('8.0.42-Sluice-0.1.0');
    expect(greeting.readUInt32LE(21)).toBe(77);
    await connect(port);
    expect(gate.sessions[0]?.id).toBe(77);
    raw.destroy();
  });
});
