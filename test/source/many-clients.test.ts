/** Many clients, most of them idle, on few connections to the source. */
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ThinClient } from '../../bench/support/thin-client.ts';
import { type InFront, startInFront } from '../support/in-front.ts';
import { connectDriver, rowsOf, singleValue } from '../support/mysql-driver.ts';

const CLIENTS = 2_000;
const OPENING = 100;
const MOST = 12;

let inFront: InFront;
let direct: Connection;
const clients: ThinClient[] = [];

beforeAll(async () => {
  const openFilesMax = CLIENTS + 1_000;
  inFront = await startInFront({ args: ['--source-connections', String(MOST)], openFilesMax });
  direct = await connectDriver({ mysqlPort: inFront.mariadb.port }, { multipleStatements: true });
  await direct.query(
    'CREATE DATABASE shop; USE shop; CREATE TABLE shop.item (id INT PRIMARY KEY, n INT NOT NULL); INSERT INTO shop.item SELECT seq, 0 FROM seq_1_to_5000',
  );
  const openSome = async (): Promise<void> => {
    while (clients.length < CLIENTS) {
      const at = clients.push(null as unknown as ThinClient) - 1;
      const client = await ThinClient.open(inFront.sluice.mysqlPort);
      clients[at] = client;
      await client.query('USE shop');
    }
  };
  await Promise.all(Array.from({ length: OPENING }, openSome));
});

afterAll(async () => {
  for (const client of clients) client.end();
  await direct.end();
  await inFront.stop();
});

/** Of Sluice to the source, now. */
async function connections(): Promise<number> {
  return Number(
    await singleValue(direct, 'SELECT COUNT(*) FROM information_schema.processlist WHERE id <> CONNECTION_ID()'),
  );
}

/** The most that are seen while `work` runs. */
async function peakDuring(work: Promise<unknown>): Promise<number> {
  let isRunning = true;
  let most = 0;
  const done = work.finally(() => {
    isRunning = false;
  });
  while (isRunning) most = Math.max(most, await connections());
  await done;
  return most;
}

describe(`${CLIENTS} clients`, () => {
  it('that read, write and are in transactions all at once get all their answers, on no more connections than source_connections', async () => {
    await inFrontSet('transaction_wait_ms', 60_000);
    const work = Promise.all(
      clients.map(async (client, i) => {
        if (i % 20 === 0) {
          await client.query('BEGIN');
          await client.query(`UPDATE item SET n = n + 1 WHERE id = ${i + 1}`);
          await client.query('COMMIT');
        } else if (i % 4 === 0) await client.query(`UPDATE item SET n = n + 1 WHERE id = ${i + 1}`);
        else expect((await client.query(`SELECT n FROM item WHERE id = ${i + 1}`)).rows).toBe(1);
      }),
    );
    const peak = await peakDuring(work);
    expect(peak).toBeLessThanOrEqual(MOST);
    expect(peak).toBeGreaterThan(4);
    expect(Number(await singleValue(direct, 'SELECT SUM(n) FROM shop.item'))).toBe(CLIENTS / 4);
  });

  it('half of the connections may be kept by sessions; reads and writes of others go on, and who finds none is told why', async () => {
    await inFrontSet('pool_wait_ms', 300);
    const keeping: ThinClient[] = [];
    let told = '';
    for (const client of clients.slice(0, MOST)) {
      const failed = await client.query('SET @a = 1').then(
        () => '',
        (error: Error) => error.message,
      );
      if (failed === '') keeping.push(client);
      else told = failed;
    }
    expect(told).toContain('(source_connections)');
    expect(keeping.length).toBeGreaterThanOrEqual(MOST / 2);
    expect(await connections()).toBeLessThanOrEqual(MOST);
    const [reader, writer] = clients.slice(-2) as [ThinClient, ThinClient];
    expect((await reader.query('SELECT n FROM item WHERE id = 1')).rows).toBe(1);
    await writer.query('UPDATE item SET n = 7 WHERE id = 1');
    for (const client of clients.splice(0, MOST)) client.end();
    await inFrontSet('pool_wait_ms', 10_000);
  });

  it('that ask the same at once cost the source one query', async () => {
    await inFrontSet('schema_reload', 31_536_000);
    const before = await comSelects();
    const text = "SELECT SLEEP(2), COUNT(*) FROM item AS herd WHERE 'herd' <> ''";
    const answers = await Promise.all(clients.slice(0, 1_000).map((client) => client.query(text)));
    expect(new Set(answers.map(({ row }) => row?.toString('hex'))).size).toBe(1);
    expect((await comSelects()) - before).toBe(1);
  });

  it('that say nothing leave one connection after idle_timeout', async () => {
    await inFrontSet('idle_timeout', 1);
    await expect.poll(connections, { timeout: 60_000, interval: 200 }).toBeLessThanOrEqual(1);
  });
});

async function inFrontSet(name: string, value: number): Promise<void> {
  const client = await connectDriver(inFront.sluice);
  await client.query(`SET GLOBAL sluice_${name} = ${value}`);
  await client.end();
}

async function comSelects(): Promise<number> {
  const [row] = await rowsOf<{ Value: string }>(direct, "SHOW GLOBAL STATUS LIKE 'Com_select'");
  return Number(row?.Value);
}
