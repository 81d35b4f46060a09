import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TestGate, type TestSession } from '../gate/testing.suite.ts';
import { FEED_COLUMNS, FEED_TABLE_SQL, feedRows } from './feed.ts';
import { DemoTraffic } from './traffic.ts';

const OWN = 'appid = 4';

describe("the demo's traffic", () => {
  let server: TestGate;
  let session: TestSession;
  let told: object[];
  let traffic: DemoTraffic;

  beforeEach(async () => {
    server = new TestGate();
    session = server.session();
    await session.execute(FEED_TABLE_SQL);
    for (const row of feedRows(20)) {
      const values = row.map((value) => (typeof value === 'number' ? value : `'${value.replaceAll("'", "''")}'`));
      await session.execute(`INSERT INTO feed VALUES (${values.join(', ')})`);
    }
    told = [];
    traffic = start();
  });
  afterEach(async () => {
    traffic.close();
    await server.close();
  });

  function start(): DemoTraffic {
    const log = { info: (details: object) => told.push(details) };
    const columns = () => server.store.catalog.table('main', 'feed')?.columns ?? [];
    const started = new DemoTraffic(server.gate, { perSecond: 1000, seed: 7, columns, log });
    started.start();
    return started;
  }

  async function count(condition: string): Promise<number> {
    const [[value] = []] = await session.rows(`SELECT COUNT(*) FROM feed WHERE ${condition}`);
    return Number(value);
  }

  async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
    await vi.waitUntil(condition, { timeout: 30_000, interval: 5 });
  }

  it('posts stories of now, warms them, deletes some, and leaves all others as they are', async () => {
    await session.execute("INSERT INTO feed (uid, username, dateline) VALUES (7, 'the user', 4000000000)");
    const others = await session.rows('SELECT * FROM feed WHERE NOT appid = 4 ORDER BY pkey');
    const before = Math.floor(Date.now() / 1000);
    await until(async () => (await count(`${OWN} AND hot >= 3`)) > 0 && (await count(OWN)) > 30);
    expect(await session.rows('SELECT * FROM feed WHERE NOT appid = 4 ORDER BY pkey')).toEqual(others);
    expect(await count(`${OWN} AND dateline < ${before}`)).toBe(0);
    // A key that is missing was given away and taken back.
    await until(async () => {
      const [[first, last, rows] = []] = await session.rows(
        `SELECT MIN(pkey), MAX(pkey), COUNT(*) FROM feed WHERE ${OWN}`,
      );
      return Number(last) - Number(first) + 1 > Number(rows);
    });
    expect(told).toEqual([]);
  });

  it('keeps its stories few, also those of an earlier run', async () => {
    traffic.close();
    const names = FEED_COLUMNS.slice(1, 4).join(', ');
    for (let i = 0; i < 230; i++) await session.execute(`INSERT INTO feed (${names}) VALUES (4, 'old', ${i})`);
    traffic = start();
    await until(async () => (await count(OWN)) <= 200);
    expect(await count(`${OWN} AND icon = 'old' AND uid < 30`)).toBe(0);
    const most = Number((await session.rows('SELECT MAX(pkey) FROM feed'))[0]?.[0]) + 30;
    await until(async () => Number((await session.rows('SELECT MAX(pkey) FROM feed'))[0]?.[0]) > most);
    expect(await count(OWN)).toBeLessThanOrEqual(201);
  });

  it.each([
    ['the table is gone', 'DROP TABLE feed'],
    ['it is another one', 'ALTER TABLE feed ADD COLUMN mood INT'],
  ])('ends when %s', async (_, sql) => {
    await until(async () => (await count(OWN)) > 0);
    await session.execute(sql);
    await until(() => told.length > 0);
    expect(told).toEqual([{ why: 'main.feed is no longer the demo' }]);
    expect(server.gate.processes()).toHaveLength(1);
  });

  it('does nothing once it is closed, also when it waits for a transaction', async () => {
    await until(async () => (await count(OWN)) > 0);
    await session.execute('BEGIN');
    await session.execute('UPDATE feed SET hot = 1 WHERE pkey = 1');
    await until(() => server.gate.processes().some(({ info }) => info?.includes('appid') || info?.includes('hot + 1')));
    traffic.close();
    const sequence = server.store.sequence;
    await session.execute('ROLLBACK');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.gate.processes()).toHaveLength(1);
    // What was waiting in the writer's queue may be done.
    expect(server.store.sequence).toBeLessThanOrEqual(sequence + 1);
    expect(told).toEqual([]);
  });
});
