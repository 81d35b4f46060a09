/** Passwords: what may be done before, the ways to give one, and what is told of a wrong one. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RedisConnection } from '../support/redis-connection.ts';
import type { SluiceServer } from '../support/sluice-server.ts';
import { startStoreUnderTest } from '../support/store-under-test.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const dir = makeTempDir('redis-login');
let server: SluiceServer;

beforeAll(async () => {
  const file = join(dir.path, 'sluice.toml');
  writeFileSync(file, '[[users]]\nname = "root"\npassword = "secret"\n\n[[users]]\nname = "app"\npassword = "other"\n');
  server = await startStoreUnderTest({ redis: true, args: ['--config', file] });
});
afterAll(async () => {
  await server?.stop();
  dir.remove();
});

it('nothing but AUTH, HELLO, QUIT and RESET before the password', async () => {
  const connection = await RedisConnection.open(server.redisPort);
  const replies = await connection.ask(
    ['GET', 'a'],
    ['PING'],
    ['HELLO', '3'],
    ['AUTH', 'wrong'],
    ['AUTH', 'app', 'secret'],
    ['AUTH', 'nobody', 'secret'],
    ['AUTH', 'a', 'b', 'c'],
    ['AUTH', 'secret'],
    ['SET', 'a', '1'],
    ['RESET'],
    ['GET', 'a'],
  );
  expect(replies).toEqual([
    '-NOAUTH Authentication required.',
    '-NOAUTH Authentication required.',
    expect.stringMatching(/^-NOAUTH HELLO must be called/),
    ...Array.from({ length: 3 }, () => '-WRONGPASS invalid username-password pair or user is disabled.'),
    '-ERR syntax error',
    '+OK',
    '+OK',
    '+RESET',
    '-NOAUTH Authentication required.',
  ]);
  connection.close();
});

it('HELLO gives a version, a password and a name at once', async () => {
  const connection = await RedisConnection.open(server.redisPort);
  const [greeting, name, refused] = await connection.ask(
    ['HELLO', '3', 'AUTH', 'app', 'other', 'SETNAME', 'me'],
    ['CLIENT', 'GETNAME'],
    ['HELLO', '4'],
  );
  expect(greeting).toEqual(expect.arrayContaining(['%', '$server', '$redis', '$proto', ':3']));
  expect([name, refused]).toEqual(['$me', '-NOPROTO unsupported protocol version']);
  expect(String((await connection.ask(['CLIENT', 'INFO']))[0])).toMatch(/name=me .*user=app resp=3/);
  connection.close();
});

it('large commands only after it', async () => {
  const connection = await RedisConnection.open(server.redisPort);
  connection.send('*11\r\n');
  expect(await connection.takeAll()).toEqual(['-ERR Protocol error: unauthenticated multibulk length']);
  const client = new Redis({ port: server.redisPort, host: '127.0.0.1', username: 'app', password: 'other' });
  await client.mset(Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`k:${i}`, 'x'.repeat(100)])));
  expect(await client.dbsize()).toBeGreaterThanOrEqual(5_000);
  client.disconnect();
});
