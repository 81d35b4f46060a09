/** `serve --demo` in front of a MySQL server: main.feed is made there, once, and lives. */
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FEED_COLUMNS } from '../../src/demo/feed.ts';
import { type MariadbServer, startMariadb } from '../support/mariadb-server.ts';
import { connectDriver, singleValue } from '../support/mysql-driver.ts';
import { startSluice } from '../support/sluice-server.ts';

let mariadb: MariadbServer;
let direct: Connection;

beforeAll(async () => {
  // Sluice limits what clients may change at once; what the source has as its defaults is not asked about either.
  mariadb = await startMariadb({ args: ['--character-set-server=latin1'] });
  direct = await connectDriver({ mysqlPort: mariadb.port });
});
afterAll(async () => {
  await direct.end();
  await mariadb.stop();
});

function start(...more: string[]) {
  const args = ['--source', `mysql://root@127.0.0.1:${mariadb.port}/`, '--demo', ...more];
  return startSluice({ args, readyTimeoutMs: 120_000 });
}

const count = (): Promise<unknown> => singleValue(direct, 'SELECT COUNT(*) FROM main.feed');

describe('the demo in front of a MySQL server', () => {
  it('makes the table where there is none, whole, with the rows that it always has', async () => {
    await direct.query('CREATE DATABASE main');
    // Of a load that was interrupted.
    await direct.query('CREATE TABLE main.feed_loading (x INT)');
    const sluice = await start('--demo-traffic', '0');
    expect(sluice.output).toContain('Paste one of these');
    expect(await count()).toBe(100_000);
    const columns = await singleValue(
      direct,
      "SELECT GROUP_CONCAT(column_name ORDER BY ordinal_position) FROM information_schema.columns WHERE table_schema = 'main'",
    );
    expect(columns).toBe(FEED_COLUMNS.join());
    expect(
      await singleValue(direct, 'SELECT title_template FROM main.feed WHERE title_template LIKE "%好友" LIMIT 1'),
    ).toBe('{actor} 和 {touser} 成为了好友');
    expect(await sluice.stop()).toBe(0);
  });

  it('leaves one that is there alone, but for its own stories', async () => {
    await direct.query('DELETE FROM main.feed WHERE pkey > 10');
    const sluice = await start('--demo-traffic', '200');
    await vi.waitUntil(async () => Number(await count()) > 15, { timeout: 60_000 });
    expect(await singleValue(direct, 'SELECT COUNT(*) FROM main.feed WHERE appid <> 4')).toBe(10);
    expect(await sluice.stop()).toBe(0);
  });

  it('is no reason to touch a table of the same name', async () => {
    await direct.query('DROP TABLE main.feed');
    await direct.query('CREATE TABLE main.feed (mine INT)');
    const sluice = await start('--demo-traffic', '200');
    await vi.waitUntil(() => sluice.output.includes('no longer the demo'), { timeout: 60_000 });
    expect(await count()).toBe(0);
    expect(await sluice.stop()).toBe(0);
  });
});
