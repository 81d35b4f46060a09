/** Redis' protocol and HTTP in front of a MariaDB: keys lie in its tables, and are there after a restart of the server. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type InFront, startInFront } from '../support/in-front.ts';
import { mysqlClient } from '../support/mariadb-server.ts';
import { connectDriver, rowsOf } from '../support/mysql-driver.ts';
import { RedisConnection } from '../support/redis-connection.ts';

let inFront: InFront;
let redis: RedisConnection;

beforeAll(async () => {
  inFront = await startInFront({ redis: true });
  redis = await RedisConnection.open(inFront.sluice.redisPort);
});

afterAll(async () => {
  redis?.close();
  await inFront?.stop();
});

it('strings, hashes, expiry, scans', async () => {
  expect(
    await redis.ask(
      ['SET', 'user.1.name', 'li'],
      ['GET', 'user.1.name'],
      ['INCR', 'hits'],
      ['INCRBY', 'hits', '41'],
      ['HSET', 'user.2', 'name', 'zhang', 'age', '20'],
      ['HGET', 'user.2', 'age'],
      ['HLEN', 'user.1'],
      ['GET', 'user.2'],
      ['EXPIRE', 'hits', '100'],
      ['TTL', 'hits'],
      ['DBSIZE'],
      ['DEL', 'hits', 'nothing'],
      ['SETBIT', 'bits', '9', '1'],
      ['GET', 'bits'],
    ),
  ).toEqual([
    '+OK',
    '$li',
    ':1',
    ':42',
    ':2',
    '$20',
    ':1',
    expect.stringMatching(/^-WRONGTYPE/),
    ':1',
    expect.stringMatching(/^:(?:100|99|9\d)$/),
    ':4',
    ':1',
    ':0',
    '$\0@',
  ]);
  expect(await redis.ask(['SCAN', '0', 'MATCH', 'user.*'])).toEqual([
    ['*', '$0', ['*', '$user.1.name', '$user.2.age', '$user.2.name']],
  ]);
});

it('keys that are not there take no transaction of the source, whatever is below them', async () => {
  const direct = await connectDriver({ mysqlPort: inFront.mariadb.port });
  const transactions = async (): Promise<number> => {
    const [row] = await rowsOf<{ Value: string }>(direct, "SHOW GLOBAL STATUS LIKE 'Com_begin'");
    return Number(row?.Value);
  };
  await redis.ask(
    ['HSET', 'miss.hash', 'a', '1', 'b', '2'],
    // Below it there are more keys than are looked at first, and none of them is a field.
    ...Array.from({ length: 40 }, (_, i) => ['SET', `miss.deep.x.${i}`, '1']),
    ['HSET', 'miss.large', ...Array.from({ length: 40 }, (_, i) => [`f${i}`, '1']).flat()],
    ['SET', 'miss.string', 'x'],
    ['SET', 'miss.string.below', 'y'],
  );
  const isHash = expect.stringMatching(/^-WRONGTYPE/);
  const before = await transactions();
  for (let i = 0; i < 40; i++) expect(await redis.ask(['GET', `miss.none${i}`])).toEqual(['_']);
  // Sent together.
  const names = Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? `miss.none${i}` : 'miss.hash'));
  expect(await redis.ask(...names.map((name) => ['GET', name]))).toEqual(
    names.map((name) => (name === 'miss.hash' ? isHash : '_')),
  );
  expect(await redis.ask(['EXISTS', 'miss.none'], ['TYPE', 'miss.hash'], ['TTL', 'miss.none'])).toEqual([
    ':0',
    '+hash',
    ':-2',
  ]);
  expect((await transactions()) - before).toBeLessThan(10);
  expect(
    await redis.ask(
      ['GET', 'miss.deep'],
      ['GET', 'miss.large'],
      ['GET', 'miss.string'],
      ['TYPE', 'miss.deep.x'],
      ['TYPE', 'miss.deep'],
    ),
  ).toEqual(['_', isHash, '$x', '+hash', '+none']);
  await redis.ask(['DEL', 'miss.hash', 'miss.large', 'miss.string', 'miss.string.below', 'miss.deep.x']);
  await direct.end();
});

it('MULTI and WATCH: what another client has changed is seen', async () => {
  const other = await RedisConnection.open(inFront.sluice.redisPort);
  await redis.ask(['SET', 'w', '1'], ['WATCH', 'w']);
  await other.ask(['SET', 'w', '2']);
  expect(await redis.ask(['MULTI'], ['SET', 'w', '3'], ['EXEC'], ['GET', 'w'])).toEqual(['+OK', '+QUEUED', '_', '$2']);
  await redis.ask(['WATCH', 'w']);
  expect(
    await redis.ask(['MULTI'], ['SET', 'w', 'x'], ['INCR', 'w'], ['SET', 'v', '1'], ['EXEC'], ['GET', 'v']),
  ).toEqual([
    '+OK',
    '+QUEUED',
    '+QUEUED',
    '+QUEUED',
    ['*', '+OK', expect.stringMatching(/^-ERR value is not an integer/), '+OK'],
    '$1',
  ]);
  other.close();
});

it('a transaction over HTTP holds keys and rows', async () => {
  const post = async (path: string, body: unknown) => {
    const response = await fetch(`${inFront.sluice.httpUrl}${path}`, { method: 'POST', body: JSON.stringify(body) });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  await mysqlClient(inFront.mariadb, 'CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY)');
  const put = [{ op: 'put', key: 'order.1', value: 'paid' }];
  for (const end of ['rollback', 'commit']) {
    const { body } = await post('/v1/keys/transaction', { session: true, operations: put });
    const session = body.session as string;
    expect(await post('/v1/sql', { sql: 'INSERT INTO shop.orders VALUES (1)', session })).toMatchObject({
      status: 200,
    });
    expect(await post('/v1/keys/transaction', { session, end })).toMatchObject({ status: 200 });
    const expected = end === 'commit' ? '1' : '0';
    for (const count of [
      "SELECT COUNT(*) FROM sluice.`keys` WHERE path = 'order.1'",
      'SELECT COUNT(*) FROM shop.orders',
    ])
      expect(await mysqlClient(inFront.mariadb, count)).toBe(`COUNT(*)\n${expected}\n`);
  }
  const watch = await fetch(`${inFront.sluice.httpUrl}/v1/keys/watch?find=*`);
  expect([watch.status, await watch.text()]).toEqual([
    501,
    expect.stringContaining('watching keys in front of a MySQL server'),
  ]);
});
