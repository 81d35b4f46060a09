import { afterEach, beforeEach, expect, it } from 'vitest';
import type { KeyMessage } from './request.ts';
import { TestGate } from './testing.suite.ts';

let server: TestGate;

beforeEach(() => {
  server = new TestGate();
});
afterEach(() => server.close());

it('removes what has expired, all of it in the end, tells watchers, and leaves the rest', async () => {
  const { session, keys, rows } = (() => {
    const a = server.session();
    return { session: a.session, keys: a.keys, rows: (text: string) => a.rows(text) };
  })();
  const expiring = Array.from({ length: 450 }, (_, i) => [`gone.${i}`, i] as const);
  await keys.putMany(expiring, { ttl: 20 });
  await keys.putMany([['stays', 1]], { ttl: 600_000 });
  await keys.put('forever', 1);
  const watch = session.watchKeys('gone.*', null);
  const removed: string[] = [];
  await new Promise<void>((resolve) => {
    watch.onMessage = () => {
      for (let message: KeyMessage | null = watch.take(); message !== null; message = watch.take())
        if (message.event === 'change')
          removed.push(...message.changes.filter(({ entry }) => entry === null).map(({ key }) => key));
      if (removed.length >= expiring.length) resolve();
    };
  });
  expect(new Set(removed).size).toBe(450);
  expect(await rows('SELECT path FROM sluice.keys ORDER BY path')).toEqual([['forever'], ['stays']]);
});
