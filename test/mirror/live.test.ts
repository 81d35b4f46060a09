/** Live lists of mirrored tables: what anybody writes at the source comes to those who look, whatever happens in between. */
import type { Connection } from 'mysql2/promise';
import { connect, type ListOptions, type LiveList } from 'sluice/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { InFront } from '../support/in-front.ts';
import { connectDriver } from '../support/mysql-driver.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { mirrorPage, startMirrored, untilLive } from './support/mirrored.ts';

interface Item {
  readonly id: number;
  readonly name: string;
  readonly n: number;
  readonly price?: string;
}

const folder = makeTempDir('mirror-live');
const LIST: ListOptions<Item> & { readonly limit: number } = {
  where: [['n', 'NUMGE', 10]],
  orderBy: ['n', 'NUMDESC'],
  limit: 3,
  count: true,
};
let inFront: InFront;
let sluice: SluiceServer;
let direct: Connection;
let live: LiveList<Item>;
/** Each test has a table of its own: one that is changed as a whole again and again is copied less and less often. */
let table = '';
let tests = 0;
const TABLES = Array.from({ length: 12 }, (_, i) => `shop.item${i}`);

beforeAll(async () => {
  inFront = await startMirrored([...TABLES, 'shop.later'].join(), { dataDir: folder.path });
  sluice = inFront.sluice;
  direct = await connectDriver({ mysqlPort: inFront.mariadb.port });
  await direct.query('CREATE DATABASE shop');
  await direct.query('CREATE TABLE shop.other (id INT PRIMARY KEY)');
  for (const name of TABLES)
    await direct.query(`CREATE TABLE ${name} (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40), n INT)`);
});
afterAll(async () => {
  await direct?.end();
  if (sluice !== inFront?.sluice) await sluice?.stop();
  await inFront?.stop();
  folder.remove();
});

beforeEach(async () => {
  table = TABLES[tests++]!;
  await direct.query(`INSERT INTO ${table} VALUES (1, 'a', 10), (2, 'b', 20), (3, 'c', 30), (4, 'd', 5)`);
  live = connect(sluice.httpUrl).list<Item>(table, LIST).subscribe({ retryMaxMs: 100 });
  await live.ready;
});
afterEach(() => live.close());

async function shows(names: string, count: number): Promise<void> {
  await vi
    .waitUntil(() => live.rows.map(({ name }) => name).join('') === names && live.count === count, {
      timeout: 60_000,
      interval: 10,
    })
    .catch(() => expect([live.rows.map(({ name }) => name).join(''), live.count]).toEqual([names, count]));
}

describe('a live list of a mirrored table', () => {
  it('shows what is written at the source, by whomever', async () => {
    await shows('cba', 3);
    await direct.query(`INSERT INTO ${table} (name, n) VALUES ('e', 25)`);
    await shows('ceb', 4);
    const through = await connectDriver(sluice);
    await through.query('BEGIN');
    await through.query(`UPDATE ${table} SET n = 40 WHERE name = 'd'`);
    await through.query(`DELETE FROM ${table} WHERE name = 'c'`);
    await shows('ceb', 4);
    await through.query('COMMIT');
    await shows('deb', 4);
    await through.end();
    const body = JSON.stringify({ id: 9, name: 'f', n: 50 });
    const insert = () => fetch(`${sluice.httpUrl}/?command=insert&table=${table}`, { method: 'POST', body });
    // That a table was made behind its back is seen within some seconds.
    await vi.waitUntil(async () => (await insert()).ok, { timeout: 60_000, interval: 100 });
    await shows('fde', 5);
    const page = await connect(sluice.httpUrl).list<Item>(table, LIST).get();
    expect(page.rows).toEqual(live.rows);
    expect(page.seq).toBeGreaterThanOrEqual(live.seq);
  });

  it.each([
    ['is emptied', ['TRUNCATE TABLE {t}', "INSERT INTO {t} VALUES (7, 'z', 11)"], 'z', 1],
    ['gets a column', ['ALTER TABLE {t} ADD COLUMN price DECIMAL(5,2) DEFAULT 1.5'], 'cba', 3],
    [
      'is exchanged for another',
      [
        'CREATE TABLE shop.new LIKE {t}',
        "INSERT INTO shop.new VALUES (1, 'x', 70), (2, 'y', 60)",
        'RENAME TABLE {t} TO shop.old, shop.new TO {t}',
        'DROP TABLE shop.old',
      ],
      'xy',
      2,
    ],
    [
      'is changed by a statement instead of rows',
      [
        "SET SESSION binlog_format = 'STATEMENT'",
        "UPDATE {t} SET n = 99 WHERE name = 'a'",
        "SET SESSION binlog_format = 'ROW'",
      ],
      'acb',
      3,
    ],
  ])('goes on when its table %s', async (_what, statements, names, count) => {
    await shows('cba', 3);
    for (const statement of statements) await direct.query(statement.replaceAll('{t}', table));
    await shows(names, count);
    await direct.query(`INSERT INTO ${table} (id, name, n) VALUES (77, 'n', 100)`);
    await shows(`n${names}`.slice(0, 3), count + 1);
    if (_what === 'gets a column') expect(live.rows[0]?.price).toBe('1.50');
  });

  it('begins when its table has been copied', async () => {
    await direct.query('CREATE TABLE shop.later (id INT PRIMARY KEY, name VARCHAR(9))');
    await direct.query("INSERT INTO shop.later VALUES (1, 'first')");
    const coming = connect(sluice.httpUrl).list<Item>('shop.later', { limit: 5 }).subscribe({ retryMaxMs: 100 });
    await vi.waitUntil(() => coming.rows[0]?.name === 'first', { timeout: 60_000, interval: 20 });
    coming.close();
  });

  it('goes on where it was when Sluice is killed and starts anew, and MariaDB lives on', async () => {
    await shows('cba', 3);
    const { mysqlPort, httpPort } = sluice;
    await sluice.kill9();
    await direct.query(`INSERT INTO ${table} VALUES (8, 'w', 35)`);
    const args = [
      '--source',
      `mysql://root@127.0.0.1:${inFront.mariadb.port}/`,
      '--mirror',
      [...TABLES, 'shop.later'].join(),
    ];
    sluice = await startSluice({ dataDir: folder.path, ports: { mysqlPort, httpPort }, args });
    await shows('wcb', 4);
    await direct.query(`DELETE FROM ${table} WHERE name = 'w'`);
    await shows('cba', 3);
    // The table was not copied again.
    const { tables } = await mirrorPage(sluice);
    expect(tables.find(({ table: name }) => name === table)).toMatchObject({ copies: 0, state: 'live' });
  });

  it('resumes from the last event that its client has', async () => {
    await untilLive(sluice, 0);
    const url = `${sluice.httpUrl}/v1/lists/${table}?limit_max=10`;
    const events = async (headers: Record<string, string>, until: RegExp): Promise<string> => {
      const leave = new AbortController();
      const response = await fetch(url, { headers: { accept: 'text/event-stream', ...headers }, signal: leave.signal });
      let text = '';
      for await (const chunk of response.body ?? []) {
        text += Buffer.from(chunk).toString();
        if (until.test(text)) break;
      }
      leave.abort();
      return text;
    };
    const first = await events({}, /event: snapshot\nid: (.*)\n.*\n\n/);
    const [, id = ''] = /id: (.*)/.exec(first) ?? [];
    await direct.query(`INSERT INTO ${table} VALUES (90, 'q', 1)`);
    const second = await events({ 'last-event-id': id }, /\n\n.*\n\n/);
    expect(second).not.toContain('event: snapshot');
    expect(second).toMatch(/event: change\n.*\n.*"id":90/);
  });

  it('is refused of tables that are not mirrored, with what to do', async () => {
    const response = await fetch(`${sluice.httpUrl}/v1/lists/shop.other?limit_max=1`, {
      headers: { accept: 'text/event-stream' },
    });
    expect(response.status).toBe(501);
    expect(await response.json()).toMatchObject({
      error: { errno: 1235, message: expect.stringContaining('--mirror shop.other') },
    });
  });
});
