/** What operators see and change in front of a MySQL server: after real work every page has real numbers. */
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type InFront, startInFront } from '../support/in-front.ts';
import { connectDriver, failureOf, rowsOf, singleValue } from '../support/mysql-driver.ts';
import { makeTempDir } from '../support/temp-dir.ts';

type Page = Record<string, unknown>;

const SLOW =
  'SELECT COUNT(*) FROM information_schema.columns a, information_schema.columns b, information_schema.columns c';
const folder = makeTempDir('logs');
const queryLog = join(folder.path, 'queries.log');
const transactionLog = join(folder.path, 'transactions.log');

let inFront: InFront;
let direct: Connection;

beforeAll(async () => {
  const args = ['--pool-size', '3', '--transaction-cap', '3', '--reserved-cap', '3', '--hot-row-queue', '30'];
  inFront = await startInFront({
    args: [...args, '--query-log', queryLog, '--transaction-log', transactionLog, '--slow-query-ms', '150'],
  });
  direct = await connectDriver({ mysqlPort: inFront.mariadb.port });
  const setUp = await connectDriver(inFront.sluice);
  await setUp.query('CREATE DATABASE shop');
  await setUp.query('CREATE TABLE shop.item (id INT PRIMARY KEY, name VARCHAR(20), stock INT)');
  await setUp.query("INSERT INTO shop.item VALUES (1, 'tea', 0), (2, 'milk', 5), (3, 'salt', 7)");
  await setUp.end();
});

afterAll(async () => {
  direct.destroy();
  await inFront.stop();
  folder.remove();
});

const connect = (): Promise<Connection> => connectDriver(inFront.sluice, { database: 'shop' });

async function ask(path: string, init: RequestInit = {}): Promise<{ status: number; body: Page }> {
  const response = await fetch(inFront.sluice.httpUrl + path, init);
  return { status: response.status, body: (await response.json()) as Page };
}

async function page<T = Page>(name: string): Promise<T> {
  const { status, body } = await ask(`/v1/status/${name}`);
  expect([name, status]).toEqual([name, 200]);
  return body as T;
}

interface Plan {
  readonly statement: string;
  readonly [member: string]: unknown;
}

async function planOf(statement: string): Promise<Plan | undefined> {
  const { plans } = await page<{ plans: Plan[] }>('plans');
  return plans.find((plan) => plan.statement === statement);
}

interface Pools {
  readonly source: Page;
  readonly pools: readonly (Page & { readonly name: string })[];
  readonly pinned: readonly Page[];
  readonly hot_rows: { readonly waited: number; readonly refused: number };
  readonly writes: { readonly annotated: number; readonly by_subquery: number; readonly unannotated: Page };
}

async function poolOf(name: string): Promise<Page | undefined> {
  const { pools } = await page<Pools>('pools');
  return pools.find((pool) => pool.name === name);
}

function logged(file: string): Page[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Page);
}

describe('pages of status', () => {
  it('are those of the embedded store and that of the mirror, and each answers', async () => {
    const { body } = await ask('/v1/status');
    expect(body).toEqual({
      pages: [
        ...['consolidations', 'errors', 'latency', 'lists', 'mirror', 'plans', 'pools', 'queries', 'rules', 'schema'],
        ...['slow', 'transactions', 'users'],
      ],
    });
    for (const name of body.pages as string[]) await page(name);
  });

  it('plans: kind and why, tables, hits, time, rows, errors; latency by kind; errors by code', async () => {
    const client = await connect();
    for (const id of [1, 2, 3]) await client.query(`SELECT name FROM item WHERE id = ${id}`);
    await client.execute('SELECT stock FROM item WHERE stock > ?', [4]);
    await client.query("UPDATE item SET name = 'cream' WHERE name = 'milk'");
    await failureOf(client.query('SELECT nothing FROM item'));
    expect(await planOf('SELECT name FROM item WHERE id = ?')).toEqual({
      statement: 'SELECT name FROM item WHERE id = ?',
      kind: 'unique-lookup',
      reason: 'a unique key is given',
      tables: ['shop.item'],
      hits: 3,
      milliseconds: expect.any(Number),
      rows: 3,
      errors: 0,
    });
    expect(await planOf('SELECT stock FROM item WHERE stock > ?')).toMatchObject({ kind: 'scan', hits: 1, rows: 2 });
    expect(await planOf('UPDATE item SET name = ? WHERE name = ?')).toMatchObject({ kind: 'dml-by-subquery', rows: 1 });
    expect(await planOf('SELECT nothing FROM item')).toMatchObject({ hits: 1, errors: 1 });
    const { latency } = await page<{ latency: { kind: string; count: number; p50Ms: number }[] }>('latency');
    const lookups = latency.find(({ kind }) => kind === 'unique-lookup');
    expect(lookups?.count).toBe(3);
    expect(lookups?.p50Ms).toBeGreaterThan(0);
    const { errors } = await page<{ errors: Page[] }>('errors');
    expect(errors).toContainEqual({ code: 'ER_BAD_FIELD_ERROR', errno: 1054, count: 1 });
    await client.end();
  });

  it('rows of streams, when they have been read', async () => {
    const client = await connect();
    await client.query("SET workload = 'olap'");
    const text = 'SELECT seq FROM seq_1_to_30000';
    expect(await rowsOf(client, text)).toHaveLength(30_000);
    const overHttp = await fetch(`${inFront.sluice.httpUrl}/v1/sql`, {
      method: 'POST',
      headers: { accept: 'application/x-ndjson' },
      body: JSON.stringify({ database: 'shop', sql: text }),
    });
    expect((await overHttp.text()).split('\n').length).toBeGreaterThan(30_000);
    expect(await planOf(text)).toMatchObject({ hits: 2, rows: 60_000, errors: 0 });
    await client.end();
  });

  it('keys are counted by what is done to them', async () => {
    await fetch(`${inFront.sluice.httpUrl}/v1/keys/a.b`, { method: 'PUT', body: '1' });
    await fetch(`${inFront.sluice.httpUrl}/v1/keys/a.b`);
    expect(await planOf('keys: put')).toMatchObject({ kind: 'other', hits: 1, tables: ['sluice.keys'] });
    expect(await planOf('keys: getEntry')).toMatchObject({ hits: 1 });
  });

  it('queries: what runs now, until it is killed; slow ones', async () => {
    const client = await connect();
    const running = failureOf(client.query(`${SLOW} WHERE a.column_name <> 'secret'`));
    let id = 0;
    await expect
      .poll(
        async () => {
          const { queries } = await page<{ queries: { id: number; statement: string }[] }>('queries');
          const found = queries.find(({ statement }) => statement.startsWith(SLOW));
          id = found?.id ?? 0;
          return found;
        },
        { timeout: 20_000 },
      )
      .toMatchObject({ user: 'root', protocol: 'mysql', database: 'shop', kind: 'other', in_transaction: false });
    await sleep(200);
    const kill = `/v1/status/queries/${id}/kill`;
    expect((await ask(`${kill}?conection=true`, { method: 'POST' })).status).toBe(400);
    expect((await ask(kill, { method: 'POST' })).body).toEqual({ killed: id, what: 'query' });
    expect(await running).toMatchObject({ errno: 1317 });
    expect(await singleValue(client, 'SELECT 1')).toBe(1);
    const { slow } = await page<{ slow: Page[] }>('slow');
    expect(slow[0]).toMatchObject({
      statement: `${SLOW} WHERE a.column_name <> ?`,
      values: ['length 6'],
      error: 'ER_QUERY_INTERRUPTED',
    });
    await ask(`${kill}?connection=true`, { method: 'POST' });
    expect((await ask(kill, { method: 'POST' })).status).toBe(404);
  });

  it('consolidations: how many reads were saved, and of what', async () => {
    const clients = await Promise.all(Array.from({ length: 6 }, connect));
    const text = 'SELECT COUNT(*) FROM item WHERE stock < 3 AND (SELECT COUNT(*) FROM seq_1_to_20000000) > 0';
    await Promise.all(clients.map((client) => client.query(text)));
    const consolidations = await page<{ saved: number; top: { statement: string; saved: number }[] }>('consolidations');
    expect(consolidations.saved).toBeGreaterThan(0);
    expect(consolidations.top[0]?.statement).toBe(
      'SELECT COUNT(*) FROM item WHERE stock < ? AND (SELECT COUNT(*) FROM seq_1_to_20000000) > ?',
    );
    for (const client of clients) await client.end();
  });

  it('schema: what is known of the tables of the source', async () => {
    expect(await page('schema')).toMatchObject({
      loaded_at: expect.stringMatching(/^\d{4}-/),
      databases: expect.arrayContaining([
        { name: 'shop', tables: [{ name: 'item', columns: ['id', 'name', 'stock'], primary_key: ['id'] }] },
      ]),
    });
  });
});

describe('pools', () => {
  it('their connections: open, in use, idle, waited for', async () => {
    const { source } = await page<Pools>('pools');
    expect(source).toMatchObject({
      address: `127.0.0.1:${inFront.mariadb.port}`,
      version: expect.stringContaining('MariaDB'),
      ready: true,
      back_off: null,
    });
    const clients = await Promise.all(Array.from({ length: 6 }, connect));
    const sleeps = clients.map((client, i) => client.query(`SELECT SLEEP(1), ${i}`));
    await expect
      .poll(() => poolOf('read'), { timeout: 10_000 })
      .toMatchObject({
        size: 3,
        open: 3,
        in_use: 3,
        idle: 0,
        waiting: 3,
      });
    await Promise.all(sleeps);
    // The schema is read there too, now and then.
    await expect.poll(() => poolOf('read'), { timeout: 10_000 }).toMatchObject({ in_use: 0, waiting: 0, timed_out: 0 });
    const read = (await poolOf('read')) ?? {};
    expect(read.idle).toBe(read.open);
    expect(read.waits).toBeGreaterThanOrEqual(3);
    expect(read.waited_ms).toBeGreaterThan(1_500);
    expect(read.opened).toBeGreaterThanOrEqual(3);
    for (const client of clients) await client.end();
  });

  it('pinned: who keeps a connection, why and since when', async () => {
    const client = await connect();
    const id = await singleValue(client, 'SELECT CONNECTION_ID()');
    await client.query('CREATE TEMPORARY TABLE mine (id INT)');
    await client.query('SET @a = 1');
    const { pinned } = await page<Pools>('pools');
    const thread = await singleValue(client, 'SELECT CONNECTION_ID()');
    expect(pinned).toEqual([
      {
        session: id,
        user: 'root',
        host: '127.0.0.1',
        protocol: 'mysql',
        source_thread: expect.any(Number),
        since: expect.stringMatching(/^\d{4}-/),
        reasons: [
          { reason: 'temporary table mine', since: expect.stringMatching(/^\d{4}-/) },
          { reason: 'user variable @a', since: expect.stringMatching(/^\d{4}-/) },
        ],
      },
    ]);
    // To clients their session has one number; the source has another for the connection.
    expect(thread).toBe(id);
    const threads = await rowsOf<{ id: number }>(direct, 'SELECT id FROM information_schema.processlist');
    expect(threads.map((row) => row.id)).toContain(pinned[0]?.source_thread);
    expect(await poolOf('reserved')).toMatchObject({ open: 1, in_use: 1 });
    await client.end();
    await expect.poll(async () => (await page<Pools>('pools')).pinned, { timeout: 10_000 }).toEqual([]);
  });

  it('hot rows: writes of the same row that waited; annotations, and why there was none', async () => {
    const before = await page<Pools>('pools');
    const clients = await Promise.all(Array.from({ length: 10 }, connect));
    // While somebody else holds the row, one of them waits on the source for it, and the others here.
    await direct.query('BEGIN');
    await direct.query('SELECT * FROM shop.item WHERE id = 1 FOR UPDATE');
    const tenWrites = clients.map((client) => client.query('UPDATE item SET stock = stock + 1 WHERE id = 1'));
    await expect
      .poll(async () => (await page<Pools>('pools')).hot_rows.waited - before.hot_rows.waited, { timeout: 20_000 })
      .toBe(9);
    await direct.query('COMMIT');
    await Promise.all(tenWrites);
    const after = await page<Pools>('pools');
    expect(after.hot_rows.refused).toBe(0);
    expect(after.writes.annotated - before.writes.annotated).toBe(10);
    await clients[0]?.query("INSERT INTO item SELECT 50, 'x', 1");
    await clients[0]?.query("DELETE FROM item WHERE name = 'x'");
    const { writes } = await page<Pools>('pools');
    expect(writes.by_subquery).toBe(after.writes.by_subquery + 1);
    expect(Object.values(writes.unannotated).reduce<number>((sum, count) => sum + Number(count), 0)).toBeGreaterThan(0);
    for (const client of clients) await client.end();
  });

  it('a read whose connection breaks is run again, and counted', async () => {
    const before = await poolOf('read');
    const client = await connect();
    const running = singleValue(client, "SELECT SLEEP(2) + COUNT(*) FROM item WHERE name = 'again'");
    let thread: unknown;
    await expect
      .poll(async () => {
        thread = await singleValue(
          direct,
          "SELECT id FROM information_schema.processlist WHERE info LIKE '%again%' AND id <> CONNECTION_ID()",
        );
        return thread;
      })
      .toBeDefined();
    await direct.query(`KILL CONNECTION ${String(thread)}`);
    expect(Number(await running)).toBe(0);
    const { source } = await page<Pools>('pools');
    expect(source).toMatchObject({ reads_repeated: 1, statements_broken: 1, outcomes_unknown: 0 });
    expect(await poolOf('read')).toMatchObject({ lost: Number(before?.lost) + 1 });
    await client.end();
  });

  it('a write whose connection breaks is not: nobody knows its outcome, and that is counted', async () => {
    const client = await connect();
    const running = failureOf(client.query("UPDATE item SET stock = SLEEP(20) + LENGTH('broken') WHERE id = 2"));
    let thread: unknown;
    await expect
      .poll(async () => {
        thread = await singleValue(
          direct,
          "SELECT id FROM information_schema.processlist WHERE info LIKE '%broken%' AND id <> CONNECTION_ID()",
        );
        return thread;
      })
      .toBeDefined();
    await direct.query(`KILL CONNECTION ${String(thread)}`);
    expect((await running).message).toMatch(
      /lost \(it closed the connection\) while this statement ran; it may or may not/,
    );
    const { source } = await page<Pools>('pools');
    expect(source).toMatchObject({ reads_repeated: 1, statements_broken: 2, outcomes_unknown: 1 });
    await client.end();
  });
});

describe('transactions', () => {
  /** The one that ended last, as soon as it is in the log too. */
  async function lastOne(session: unknown, outcome: string): Promise<Page> {
    let found: Page | undefined;
    await expect
      .poll(
        () => {
          found = logged(transactionLog).find((entry) => entry.session === session && entry.outcome === outcome);
          return found?.outcome;
        },
        { timeout: 20_000 },
      )
      .toBe(outcome);
    const { last } = await page<{ last: Page[] }>('transactions');
    expect(last).toContainEqual(found);
    return found as Page;
  }

  async function begun(): Promise<{ client: Connection; id: unknown }> {
    const client = await connect();
    const id = await singleValue(client, 'SELECT CONNECTION_ID()');
    await client.query('BEGIN');
    await client.query("UPDATE item SET name = 'salt' WHERE id = 3");
    return { client, id };
  }

  it('that are open', async () => {
    const { client, id } = await begun();
    const open = await page<{ now: Page[]; cap: number; open: number }>('transactions');
    expect(open).toMatchObject({ cap: 3, wait_ms: 1_000 });
    expect(open.now).toEqual([
      {
        id: expect.any(Number),
        session: id,
        user: 'root',
        host: '127.0.0.1',
        startedAt: expect.stringMatching(/Z$/),
        endedAt: null,
        statements: ['UPDATE item SET name = ? WHERE id = ?'],
        statementCount: 1,
        outcome: null,
      },
    ]);
    await client.query('COMMIT');
    expect(await lastOne(id, 'commit')).toMatchObject({
      endedAt: expect.stringMatching(/Z$/),
      statements: ['UPDATE item SET name = ? WHERE id = ?', 'COMMIT'],
    });
    await client.end();
  });

  it('that were rolled back, one after the other', async () => {
    const { client, id } = await begun();
    // BEGIN within one commits it.
    await client.query('BEGIN');
    await client.query('SELECT 1');
    await client.query('ROLLBACK');
    await lastOne(id, 'commit');
    expect(await lastOne(id, 'rollback')).toMatchObject({ statements: ['SELECT ?', 'ROLLBACK'] });
    await client.end();
  });

  it('without autocommit', async () => {
    const client = await connect();
    const id = await singleValue(client, 'SELECT CONNECTION_ID()');
    await client.query('SET autocommit = 0');
    await client.query("UPDATE item SET name = 'salt' WHERE id = 3");
    await client.query('COMMIT AND CHAIN');
    expect(await lastOne(id, 'commit')).toMatchObject({
      statements: ['UPDATE item SET name = ? WHERE id = ?', 'COMMIT AND CHAIN'],
    });
    await client.query('ROLLBACK');
    expect(await lastOne(id, 'rollback')).toMatchObject({ statements: ['ROLLBACK'] });
    await client.end();
  });

  it('that were killed, whose client went away, whose time was over, whose connection broke', async () => {
    const killed = await begun();
    await ask(`/v1/status/queries/${String(killed.id)}/kill?connection=true`, { method: 'POST' });
    expect(await lastOne(killed.id, 'kill')).toMatchObject({ statementCount: 1 });
    const gone = await begun();
    gone.client.destroy();
    await lastOne(gone.id, 'disconnect');
    const broken = await begun();
    const thread = await singleValue(direct, 'SELECT trx_mysql_thread_id FROM information_schema.innodb_trx');
    await direct.query(`KILL CONNECTION ${String(thread)}`);
    expect(await failureOf(broken.client.query('SELECT 1'))).toMatchObject({ errno: 1213 });
    await lastOne(broken.id, 'lost');
    const late = await begun();
    await late.client.query('SET sluice_transaction_timeout = 1');
    await lastOne(late.id, 'timeout');
    const { ended } = await page<{ ended: Page }>('transactions');
    expect(ended).toMatchObject({ kill: 1, disconnect: 1, lost: 1, timeout: 1 });
    expect(await failureOf(late.client.query('COMMIT'))).toMatchObject({ errno: 1213 });
    await late.client.end();
    await broken.client.end();
  });

  it('that found no place are counted', async () => {
    const clients = await Promise.all(Array.from({ length: 4 }, connect));
    for (const client of clients.slice(0, 3)) await client.query('BEGIN');
    expect(await failureOf((clients[3] as Connection).query('BEGIN'))).toMatchObject({ errno: 1040 });
    expect(await page('transactions')).toMatchObject({ refused: 1, waiting: 0 });
    for (const client of clients) await client.end();
  });
});

describe('logs', () => {
  it('the query log has a line for each statement, and goes on in a new file after SIGHUP', async () => {
    const client = await connect();
    await client.query("SELECT name FROM item WHERE name = 'first log'");
    const find = (file: string) =>
      logged(file).filter(({ statement }) => statement === 'SELECT name FROM item WHERE name = ?');
    await expect
      .poll(() => find(queryLog), { timeout: 10_000 })
      .toEqual([
        {
          at: expect.stringMatching(/Z$/),
          session: await singleValue(client, 'SELECT CONNECTION_ID()'),
          user: 'root',
          host: '127.0.0.1',
          protocol: 'mysql',
          database: 'shop',
          kind: 'scan',
          statement: 'SELECT name FROM item WHERE name = ?',
          values: ['length 9'],
          milliseconds: expect.any(Number),
          rows: 0,
          error: null,
        },
      ]);
    renameSync(queryLog, `${queryLog}.1`);
    process.kill(inFront.sluice.pid, 'SIGHUP');
    await expect.poll(() => existsSync(queryLog), { timeout: 10_000 }).toBe(true);
    await client.query("SELECT name FROM item WHERE name = 'second'");
    await expect.poll(() => find(queryLog), { timeout: 10_000 }).toMatchObject([{ values: ['length 6'] }]);
    expect(find(`${queryLog}.1`)).toHaveLength(1);
    expect((await ask('/v1/config/reload', { method: 'POST' })).body).toEqual({ reloaded: true });
    await client.end();
  });

  it('values of prepared statements too, by their lengths, in the order of the text', async () => {
    const client = await connect();
    await client.execute("SELECT 'a' FROM item WHERE name = ? AND stock = 12 AND id = ?", ['twelve chars', 3]);
    const find = () => logged(queryLog).find(({ statement }) => String(statement).startsWith('SELECT ? FROM item'));
    await expect.poll(find, { timeout: 10_000 }).toMatchObject({
      values: ['length 1', 'length 12', 'length 2', 'length 1'],
    });
    await client.end();
  });
});

describe('settings', () => {
  const patch = (body: object) => ask('/v1/config', { method: 'PATCH', body: JSON.stringify(body) });

  it('are seen and set by HTTP and by SQL', async () => {
    expect((await ask('/v1/config')).body).toMatchObject({
      sluice_pool_size: 3,
      sluice_max_result_rows: 10_000,
      sluice_idle_timeout: 1_800,
      sluice_slow_query_ms: 150,
      sluice_annotate: 1,
      sluice_http_port: inFront.sluice.httpPort,
    });
    expect((await patch({ max_result_rows: 2, sluice_consolidation: false })).body).toMatchObject({
      sluice_max_result_rows: 2,
      sluice_consolidation: 0,
    });
    const client = await connect();
    expect(await failureOf(client.query('SELECT seq FROM seq_1_to_3'))).toMatchObject({ errno: 1105 });
    expect(await rowsOf(client, "SHOW GLOBAL VARIABLES LIKE 'sluice_cons%n'")).toEqual([
      { Variable_name: 'sluice_consolidation', Value: 'OFF' },
    ]);
    expect(await rowsOf(client, "SHOW VARIABLES WHERE Variable_name = 'sluice_max_result_rows'")).toEqual([
      { Variable_name: 'sluice_max_result_rows', Value: '2' },
    ]);
    await client.query('SET sluice_max_result_rows = 7');
    expect(await rowsOf(client, 'SELECT @@sluice_max_result_rows AS own')).toEqual([{ own: 7 }]);
    expect(await rowsOf(client, 'SELECT @@global.sluice_max_result_rows')).toEqual([
      { '@@global.sluice_max_result_rows': 2 },
    ]);
    await client.query('SET GLOBAL sluice_max_result_rows = DEFAULT, GLOBAL sluice_consolidation = ON');
    expect((await ask('/v1/config')).body).toMatchObject({ sluice_max_result_rows: 10_000, sluice_consolidation: 1 });
    // What an option set is the default.
    await patch({ pool_size: 5 });
    expect((await patch({ pool_size: null })).body).toMatchObject({ sluice_pool_size: 3 });
    await client.end();
  });

  it.each([
    [{ max_result_rows: 5, plan_cash: 7 }, 1193],
    [{ max_result_rows: 5, write_queue: 7 }, 1193],
    [{ max_result_rows: 5, pool_size: 0 }, 1231],
    [{ max_result_rows: 5, annotate: 2 }, 1231],
    [{ max_result_rows: 5, slow_query_ms: 'x' }, 1232],
    [{ max_result_rows: 5, http_port: 7 }, 1238],
  ])('%j is refused, and nothing is set', async (settings, errno) => {
    expect(await patch(settings)).toMatchObject({ status: 400, body: { error: { errno } } });
    expect((await ask('/v1/config')).body).toMatchObject({ sluice_max_result_rows: 10_000 });
  });

  it.each([
    ['SET GLOBAL sluice_plan_cash = 7', 1193],
    ['SET GLOBAL sluice_max_result_rows = 5, GLOBAL sluice_pool_size = 0', 1231],
    ['SET GLOBAL sluice_max_result_rows = 5, sluice_idle_timeout = 10', 1238],
    ["SET GLOBAL sluice_max_result_rows = 'many'", 1232],
    ['SET GLOBAL sluice_max_result_rows = 1 + 1', 1231],
    ['SET GLOBAL sluice_version = 1', 1238],
  ])('%s is refused, and nothing is set', async (text, errno) => {
    const client = await connect();
    expect(await failureOf(client.query(text))).toMatchObject({ errno });
    await client.end();
    expect((await ask('/v1/config')).body).toMatchObject({ sluice_max_result_rows: 10_000 });
  });

  it('table access is told of, not enforced, where that is set', async () => {
    expect(await page('rules')).toMatchObject({ table_access_dry_run: false });
    await patch({ table_access_dry_run: true });
    expect(await page('rules')).toMatchObject({ table_access_dry_run: true });
    await patch({ table_access_dry_run: null });
    expect(await page('rules')).toMatchObject({ table_access_dry_run: false });
  });

  it('hold at once: connections that nobody uses are closed, the schema is read anew', async () => {
    const loadedAt = async () => (await page('schema')).loaded_at;
    await expect.poll(async () => (await poolOf('transaction'))?.idle, { timeout: 10_000 }).toBeGreaterThan(0);
    const before = await loadedAt();
    await patch({ idle_timeout: 1, schema_reload: 1 });
    await expect.poll(() => poolOf('transaction'), { timeout: 20_000 }).toMatchObject({ open: 0, idle: 0 });
    await expect.poll(loadedAt, { timeout: 20_000 }).not.toBe(before);
    await patch({ idle_timeout: null, schema_reload: null });
  });

  it('hold at once: clients that say nothing are sent away, fewer plans are kept', async () => {
    const silent = await connect();
    const ended = new Promise((resolve) => silent.on('error', resolve));
    await patch({ client_idle_timeout: 1 });
    await ended;
    await patch({ client_idle_timeout: null, plan_cache: 2 });
    const client = await connect();
    for (let i = 0; i < 5; i++) await client.query(`SELECT ${Array.from({ length: i + 1 }, () => 1).join(', ')}`);
    expect(await page('plans')).toMatchObject({ kept: 2 });
    await patch({ plan_cache: null });
    await client.end();
  });
});

describe('/metrics', () => {
  it('has what is seen on the pages', async () => {
    const text = await (await fetch(`${inFront.sluice.httpUrl}/metrics`)).text();
    for (const line of text.trimEnd().split('\n'))
      expect(line).toMatch(/^(?:# (?:HELP|TYPE) [a-z_]+ .+|[a-z_]+(?:\{.*\})? [-+.\de]+)$/);
    const value = (name: string): number =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${name} `))
          ?.slice(name.length + 1),
      );
    expect(value('sluice_source_ready')).toBe(1);
    expect(value('sluice_pool_size{pool="read"}')).toBe(3);
    expect(value('sluice_pool_waits_total{pool="read"}')).toBeGreaterThanOrEqual(3);
    expect(value('sluice_reads_repeated_total')).toBe(1);
    expect(value('sluice_hot_row_waits_total')).toBeGreaterThanOrEqual(5);
    expect(value('sluice_transactions_ended_total{outcome="kill"}')).toBe(1);
    expect(value('sluice_statement_seconds_count{kind="unique-lookup"}')).toBeGreaterThanOrEqual(3);
    expect(value('sluice_errors_total{code="ER_BAD_FIELD_ERROR"}')).toBeGreaterThanOrEqual(1);
  });
});

describe('a source that is away', () => {
  it('is shown so, with why and when it is tried again', async () => {
    process.kill(inFront.mariadb.pid, 'SIGKILL');
    await expect
      .poll(async () => (await page<Pools>('pools')).source, { timeout: 30_000 })
      .toMatchObject({
        ready: false,
        back_off: {
          why: expect.stringContaining('ECONNREFUSED'),
          delay_ms: expect.any(Number),
          next_attempt_ms: expect.any(Number),
        },
      });
    expect((await fetch(`${inFront.sluice.httpUrl}/readyz`)).status).toBe(503);
    expect(await (await fetch(`${inFront.sluice.httpUrl}/metrics`)).text()).toContain('\nsluice_source_ready 0\n');
    const { pages } = (await ask('/v1/status')).body as { pages: string[] };
    for (const name of pages) await page(name);
  });
});
