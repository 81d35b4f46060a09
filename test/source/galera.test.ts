/** Sluice in front of one node of a Galera cluster: transactions that another node's write undoes, and a node that is cut off, comes back, and is killed. */
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GaleraCluster, startGalera } from '../support/galera-cluster.ts';
import { connectDriver, failureOf, rowsOf, singleValue } from '../support/mysql-driver.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';

let cluster: GaleraCluster;
let sluice: SluiceServer;
let client: Connection;
/** Of the node behind Sluice, and of another. */
let node: Connection;
let other: Connection;

beforeAll(async () => {
  cluster = await startGalera();
  const [first, second] = cluster.nodes;
  sluice = await startSluice({ args: ['--source', `mysql://root@127.0.0.1:${first.port}/`] });
  client = await connectDriver(sluice);
  node = await connectDriver({ mysqlPort: first.port });
  other = await connectDriver({ mysqlPort: second.port });
  // Whoever reads there waits for what was written here.
  await other.query('SET SESSION wsrep_sync_wait = 15');
  await client.query('CREATE DATABASE shop');
  await client.query('USE shop');
  await client.query('CREATE TABLE stock (id INT PRIMARY KEY, n INT NOT NULL)');
});

afterAll(async () => {
  for (const connection of [client, node, other]) connection?.destroy();
  await sluice?.stop();
  await cluster?.stop();
});

const ready = async (): Promise<number> => (await fetch(`${sluice.httpUrl}/readyz`)).status;
const WITHIN = { timeout: 60_000, interval: 100 };

beforeEach(async () => {
  await client.query('REPLACE INTO stock VALUES (1, 0), (2, 0)');
});

describe('a cluster', () => {
  it('has what is written and committed through Sluice', async () => {
    await client.execute('UPDATE stock SET n = ? WHERE id = ?', [5, 1]);
    await client.query('BEGIN');
    await client.query('UPDATE stock SET n = n + 1 WHERE n >= 0');
    expect(await rowsOf(other, 'SELECT id, n FROM shop.stock ORDER BY id')).toEqual([
      { id: 1, n: 5 },
      { id: 2, n: 0 },
    ]);
    await client.query('COMMIT');
    expect(await rowsOf(other, 'SELECT id, n FROM shop.stock ORDER BY id')).toEqual([
      { id: 1, n: 6 },
      { id: 2, n: 1 },
    ]);
    await other.query('UPDATE shop.stock SET n = 9 WHERE id = 2');
    await expect.poll(() => singleValue(client, 'SELECT n FROM stock WHERE id = 2'), WITHIN).toBe(9);
  });

  it("a transaction that another node's write undoes: 1213, at COMMIT or before, and none is open", async () => {
    await client.query('BEGIN');
    await client.query('UPDATE stock SET n = n + 1 WHERE id = 1');
    await client.query('UPDATE stock SET n = n + 1 WHERE id = 2');
    await other.query('UPDATE shop.stock SET n = 100 WHERE id = 1');
    const failure = await failureOf(client.query('COMMIT'));
    expect(failure).toMatchObject({ errno: 1213, sqlState: '40001' });
    expect(await singleValue(client, 'SELECT @@in_transaction')).toBe(0);
    await expect
      .poll(() => rowsOf(client, 'SELECT id, n FROM stock ORDER BY id'), WITHIN)
      .toEqual([
        { id: 1, n: 100 },
        { id: 2, n: 0 },
      ]);
    // The next is a transaction of its own.
    await client.query('UPDATE stock SET n = n + 1 WHERE id = 2');
    expect(await singleValue(other, 'SELECT n FROM shop.stock WHERE id = 2')).toBe(1);
  });

  it('one that is undone in the middle is told by the next statement', async () => {
    await client.query('BEGIN');
    await client.query('UPDATE stock SET n = n + 1 WHERE id = 1');
    await other.query('UPDATE shop.stock SET n = 100 WHERE id = 1');
    await expect.poll(() => singleValue(node, 'SELECT n FROM shop.stock WHERE id = 1'), WITHIN).toBe(100);
    expect(await failureOf(client.query('UPDATE stock SET n = 7 WHERE id = 2'))).toMatchObject({ errno: 1213 });
    await client.query('ROLLBACK');
    expect(await singleValue(client, 'SELECT n FROM stock WHERE id = 2')).toBe(0);
  });

  it('writers on two nodes: each acknowledged one counts, each failure is 1213', async () => {
    const clients = await Promise.all(Array.from({ length: 4 }, () => connectDriver(sluice, { database: 'shop' })));
    let done = 0;
    const errors: number[] = [];
    const work = async (connection: Connection): Promise<void> => {
      for (let i = 0; i < 40; i++) {
        try {
          await connection.query('UPDATE shop.stock SET n = n + 1 WHERE id = 1');
          done++;
        } catch (error) {
          errors.push((error as { errno: number }).errno);
        }
      }
    };
    await Promise.all([...clients, other].map(work));
    for (const connection of clients) await connection.end();
    expect(await singleValue(other, 'SELECT n FROM shop.stock WHERE id = 1')).toBe(done);
    expect(done).toBeGreaterThan(50);
    expect([...new Set(errors)].filter((errno) => errno !== 1213)).toEqual([]);
  });
});

describe('a node', () => {
  it('that is cut off: readiness goes down, errors are retryable; it comes back', async () => {
    await client.query('BEGIN');
    await client.query('UPDATE stock SET n = 5 WHERE id = 1');
    await node.query("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'");
    await expect.poll(ready, WITHIN).toBe(503);
    const failure = await failureOf(client.query('COMMIT'));
    expect([1047, 1213]).toContain(failure.errno);
    expect(await failureOf(client.query('SELECT n FROM stock'))).toMatchObject({
      errno: 1047,
      message: expect.stringContaining('WSREP has not yet prepared node'),
    });
    const overHttp = await fetch(`${sluice.httpUrl}/v1/sql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ sql: 'UPDATE shop.stock SET n = 1 WHERE id = 1' }),
    });
    expect([overHttp.status, await overHttp.json()]).toEqual([
      503,
      { error: expect.objectContaining({ errno: 1047, retryable: true }) },
    ]);
    // The others go on.
    await other.query('UPDATE shop.stock SET n = 77 WHERE id = 2');
    await node.query("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=0'");
    await expect.poll(ready, WITHIN).toBe(200);
    await expect.poll(() => singleValue(client, 'SELECT n FROM stock WHERE id = 2'), WITHIN).toBe(77);
    expect(await singleValue(client, 'SELECT n FROM stock WHERE id = 1')).toBe(0);
  });

  it('that is killed: what it had acknowledged is there, and Sluice goes on when it is back', async () => {
    await client.query('UPDATE stock SET n = 41 WHERE id = 1');
    await cluster.nodes[0].kill9();
    await expect.poll(ready, WITHIN).toBe(503);
    expect(await failureOf(client.query('UPDATE stock SET n = n + 1 WHERE id = 1'))).toMatchObject({ errno: 1429 });
    await expect.poll(() => singleValue(other, 'SELECT n FROM shop.stock WHERE id = 1'), WITHIN).toBe(41);
    await cluster.nodes[0].restart();
    await expect.poll(ready, WITHIN).toBe(200);
    await client.query('UPDATE stock SET n = n + 1 WHERE id = 1');
    expect(await singleValue(other, 'SELECT n FROM shop.stock WHERE id = 1')).toBe(42);
  });
});
