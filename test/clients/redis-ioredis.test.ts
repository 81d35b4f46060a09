/** ioredis, unmodified: pipelines, transactions, scans, messages, passwords; and what other protocols see of it. */
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { SluiceServer } from '../support/sluice-server.ts';
import { startStoreUnderTest } from '../support/store-under-test.ts';

let server: SluiceServer;
let redis: Redis;
const clients: Redis[] = [];

function connect(options: Record<string, unknown> = {}): Redis {
  const client = new Redis({ port: server.redisPort, host: '127.0.0.1', ...options });
  clients.push(client);
  return client;
}

beforeAll(async () => {
  server = await startStoreUnderTest({ redis: true });
});
afterAll(() => server?.stop());
beforeEach(async () => {
  redis = connect();
  await redis.flushdb();
});
afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
});

it('pipelines keep their order, whatever is in them', async () => {
  const pipeline = redis.pipeline();
  for (let i = 0; i < 200; i++) pipeline.set(`k:${i}`, i).get(`k:${i}`).incr('n');
  pipeline.hset('h', { a: 1, b: 'x' }).hgetall('h').get('h');
  const results = (await pipeline.exec())!;
  expect(results).toHaveLength(603);
  for (const i of [0, 1, 99, 199]) {
    expect(results[3 * i]).toEqual([null, 'OK']);
    expect(results[3 * i + 1]).toEqual([null, String(i)]);
    expect(results[3 * i + 2]).toEqual([null, i + 1]);
  }
  expect(results[601]).toEqual([null, { a: '1', b: 'x' }]);
  expect(results[602]![0]).toMatchObject({ message: expect.stringMatching(/^WRONGTYPE/) });
});

it('transactions: all at once, or not at all when a watched key has changed', async () => {
  expect(await redis.multi().set('a', 1).incr('a').hset('h', 'f', 'v').get('a').exec()).toEqual([
    [null, 'OK'],
    [null, 2],
    [null, 1],
    [null, '2'],
  ]);
  const failed = (await redis.multi().set('a', 'x').incr('a').set('b', 1).exec())!;
  expect(failed[1]![0]).toMatchObject({ message: 'ERR value is not an integer or out of range' });
  expect(await redis.mget('a', 'b')).toEqual(['x', '1']);
  for (const change of [
    (other: Redis) => other.set('w', 2),
    (other: Redis) => other.del('w'),
    (other: Redis) => other.hset('wh', 'f', 2),
    (other: Redis) => other.hdel('wh', 'f'),
  ]) {
    await redis.set('w', 1);
    await redis.hset('wh', 'f', 1, 'g', 1);
    await redis.watch('w', 'wh');
    await change(connect());
    expect(await redis.multi().set('done', 1).exec()).toBeNull();
    expect(await redis.exists('done')).toBe(0);
  }
  await redis.watch('w');
  await connect().set('other', 1);
  expect(await redis.multi().get('other').exec()).toEqual([[null, '1']]);
});

it('counters that many clients raise by WATCH lose nothing', async () => {
  await redis.set('count', 0);
  const raise = async (client: Redis): Promise<void> => {
    for (let done = 0; done < 10; ) {
      await client.watch('count');
      const next = Number(await client.get('count')) + 1;
      if ((await client.multi().set('count', next).exec()) !== null) done++;
    }
  };
  await Promise.all(Array.from({ length: 5 }, () => raise(connect())));
  expect(await redis.get('count')).toBe('50');
});

it('scans give every key once', async () => {
  await redis.mset(Object.fromEntries(Array.from({ length: 1_234 }, (_, i) => [`scan:${i}`, i])));
  await redis.set('zzz', 1);
  const found: string[] = [];
  for await (const keys of redis.scanStream({ match: 'scan:*', count: 100 })) found.push(...(keys as string[]));
  expect(found).toHaveLength(1_234);
  expect(new Set(found).size).toBe(1_234);
  await redis.hset('h', Object.fromEntries(Array.from({ length: 1_100 }, (_, i) => [`f${i}`, i])));
  const fields: string[] = [];
  for await (const part of redis.hscanStream('h')) fields.push(...(part as string[]));
  expect(fields).toHaveLength(2_200);
});

it('messages reach who listens, by name and by pattern', async () => {
  const listener = connect();
  const received: string[] = [];
  listener.on('message', (channel, message) => received.push(`${channel}: ${message}`));
  listener.on('pmessage', (pattern, channel, message) => received.push(`${pattern} ${channel}: ${message}`));
  expect(await listener.subscribe('news', 'other')).toBe(2);
  expect(await listener.psubscribe('n*')).toBe(3);
  expect(await redis.publish('news', 'héllo')).toBe(2);
  expect(await redis.publish('nobody', 'x')).toBe(1);
  expect(await redis.publish('x', 'x')).toBe(0);
  await expect.poll(() => received).toEqual(['news: héllo', 'n* news: héllo', 'n* nobody: x']);
  await listener.unsubscribe('news', 'other');
  await listener.punsubscribe();
  expect(await listener.get('a')).toBeNull();
});

it('values are the same through every protocol', async () => {
  await redis.mset('user.1.age', 20, 'user.1.name', 'Li', 'user.1.bin', Buffer.from([0xff, 0]));
  const response = await fetch(`${server.httpUrl}/v1/sql`, {
    method: 'POST',
    body: JSON.stringify({ sql: 'SELECT path, type, value FROM sluice.`keys` ORDER BY path' }),
  });
  const { rows } = (await response.json()) as { rows: Record<string, unknown>[] };
  expect(rows.map(({ path, type }) => [path, type])).toEqual([
    ['user.1.age', 'integer'],
    ['user.1.bin', 'bytes'],
    ['user.1.name', 'string'],
  ]);
  expect(await redis.getBuffer('user.1.bin')).toEqual(Buffer.from([0xff, 0]));
  const put = await fetch(`${server.httpUrl}/v1/keys/user.1.age`, { method: 'PUT', body: '21' });
  expect(put.ok).toBe(true);
  expect(await redis.hgetall('user.1')).toMatchObject({ age: '21', name: 'Li' });
  expect(await redis.incr('user.1.age')).toBe(22);
});
