/** What npm builds on Redis: express-session's store connect-redis, and rate-limiter-flexible in its form without Lua scripts (Sluice has none). */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { RedisStore } from 'connect-redis';
import { Redis } from 'ioredis';
import { RateLimiterRedisNonAtomic, type RateLimiterRes } from 'rate-limiter-flexible';
import { createClient } from 'redis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SluiceServer } from '../support/sluice-server.ts';
import { startStoreUnderTest } from '../support/store-under-test.ts';

type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;
interface SessionRequest extends IncomingMessage {
  session: { visits?: number; destroy(done: () => void): void };
}

const session = createRequire(import.meta.url)('express-session') as (options: object) => Middleware;

let server: SluiceServer;

beforeAll(async () => {
  server = await startStoreUnderTest({ redis: true });
});
afterAll(() => server?.stop());

it('connect-redis keeps the sessions of express-session', async () => {
  const client = await createClient({ url: `redis://127.0.0.1:${server.redisPort}` }).connect();
  const store = new RedisStore({ client });
  const web = await serve(session({ store, secret: 'secret', resave: false, saveUninitialized: false }));
  const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  const first = await fetch(url);
  const cookie = first.headers.get('set-cookie')!.split(';')[0]!;
  expect(await first.text()).toBe('1');
  for (const visits of ['2', '3']) expect(await (await fetch(url, { headers: { cookie } })).text()).toBe(visits);
  expect(await (await fetch(url)).text()).toBe('1');
  expect(await store.length()).toBe(2);
  const ids = (await store.ids()) as string[];
  expect(await client.ttl(`sess:${ids[0]}`)).toBeGreaterThan(80_000);
  await fetch(`${url}/leave`, { headers: { cookie } });
  expect(await store.length()).toBe(1);
  expect(await (await fetch(url, { headers: { cookie } })).text()).toBe('1');
  await store.clear();
  expect(await store.all()).toEqual([]);
  web.close();
  client.destroy();
});

function serve(middleware: Middleware): Promise<Server> {
  const web = createServer((request, response) => {
    middleware(request, response, () => {
      const { session: kept } = request as SessionRequest;
      if (request.url === '/leave') kept.destroy(() => response.end());
      else {
        kept.visits = (kept.visits ?? 0) + 1;
        response.end(String(kept.visits));
      }
    });
  });
  return new Promise((resolve) => {
    web.listen(0, '127.0.0.1', () => resolve(web));
  });
}

it('rate-limiter-flexible limits', async () => {
  const client = new Redis({ port: server.redisPort, host: '127.0.0.1' });
  const limiter = new RateLimiterRedisNonAtomic({ storeClient: client, points: 5, duration: 60, keyPrefix: 'limit' });
  for (let left = 4; left >= 0; left--) expect((await limiter.consume('127.0.0.1')).remainingPoints).toBe(left);
  const refused = (await limiter.consume('127.0.0.1').catch((error: unknown) => error)) as RateLimiterRes;
  expect(refused.msBeforeNext).toBeGreaterThan(50_000);
  expect((await limiter.consume('127.0.0.2')).consumedPoints).toBe(1);
  expect((await limiter.get('127.0.0.1'))?.consumedPoints).toBe(6);
  expect(await limiter.delete('127.0.0.1')).toBe(true);
  expect((await limiter.consume('127.0.0.1')).consumedPoints).toBe(1);
  client.disconnect();
});
