/** node-redis, unmodified, in RESP2 and RESP3. */
import { createClient, WatchError } from 'redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SluiceServer } from '../support/sluice-server.ts';
import { startStoreUnderTest } from '../support/store-under-test.ts';

let server: SluiceServer;

beforeAll(async () => {
  server = await startStoreUnderTest({ redis: true });
});
afterAll(() => server?.stop());

describe.each([2, 3] as const)('RESP%i', (RESP) => {
  const open = () => createClient({ url: `redis://127.0.0.1:${server.redisPort}`, RESP, name: 'test' }).connect();
  let client: Awaited<ReturnType<typeof open>>;

  beforeAll(async () => {
    client = await open();
    await client.flushDb();
  });
  afterAll(() => client?.destroy());

  it('strings, hashes, expiry', async () => {
    expect(await client.ping()).toBe('PONG');
    expect(await client.clientGetName()).toBe('test');
    expect(await client.set('a', 'x', { expiration: { type: 'EX', value: 100 }, condition: 'NX' })).toBe('OK');
    expect(await client.set('a', 'y', { condition: 'NX' })).toBeNull();
    expect(await client.ttl('a')).toBeGreaterThan(90);
    expect(await client.hSet('h', { f: '1', g: 'é' })).toBe(2);
    expect({ ...(await client.hGetAll('h')) }).toEqual({ f: '1', g: 'é' });
    expect(await client.hIncrBy('h', 'f', 41)).toBe(42);
    expect(await client.type('h')).toBe('hash');
    expect(await client.incrByFloat('float', 0.1)).toBe('0.1');
    await expect(client.get('h')).rejects.toThrow(/^WRONGTYPE/);
    await expect(client.sendCommand(['LPUSH', 'l', 'x'])).rejects.toThrow(/^ERR unknown command 'LPUSH'/);
    expect((await client.configGet('save')).save).toBe('');
    expect(await client.info('server')).toMatch(/redis_version:7\./);
  });

  it('implicit pipelines, transactions, WATCH', async () => {
    await client.set('n', '0');
    const replies = await Promise.all(Array.from({ length: 1_000 }, () => client.incr('n')));
    expect(replies).toEqual(Array.from({ length: 1_000 }, (_, i) => i + 1));
    expect(await client.multi().set('t', '1').incr('t').get('t').exec()).toEqual(['OK', 2, '2']);
    const other = await open();
    await client.watch('t');
    await other.set('t', '9');
    await expect(client.multi().get('t').exec()).rejects.toBeInstanceOf(WatchError);
    other.destroy();
  });

  it('scans and messages', async () => {
    await client.mSet(Array.from({ length: 300 }, (_, i) => [`scan:${i}`, String(i)] as [string, string]));
    let found = 0;
    for await (const keys of client.scanIterator({ MATCH: 'scan:*', COUNT: 50 })) found += keys.length;
    expect(found).toBe(300);
    const listener = await open();
    const received: string[] = [];
    await listener.subscribe('news', (message) => received.push(message));
    await listener.pSubscribe('n?ws', (message, channel) => received.push(`${channel} ${message}`));
    expect(await client.publish('news', 'x')).toBe(2);
    await expect.poll(() => received).toEqual(['x', 'news x']);
    // RESP3 takes commands beside its messages.
    if (RESP === 3) expect(await listener.ping()).toBe('PONG');
    await listener.unsubscribe('news');
    listener.destroy();
  });
});
