/**
 * The source fails under load: killed and restarted, paused, out of connections. Clients get clear errors or right answers, nobody waits without end, and
 * every acknowledged write is there afterwards.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DurableMariadb, startDurableMariadb } from '../support/durable-mariadb.ts';
import { connectDriver, type DriverError, rowsOf } from '../support/mysql-driver.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';

const CLIENTS = 12;
/** No request may take longer: query_timeout, the end of a killed statement, and a busy machine. */
const PATIENCE_MS = 60_000;

let mariadb: DurableMariadb;
let sluice: SluiceServer;

beforeAll(async () => {
  mariadb = await startDurableMariadb();
  sluice = await startSluice({ args: ['--source', `mysql://root@127.0.0.1:${mariadb.port}/`, '--pool-size', '6'] });
  const setUp = await connectDriver(sluice);
  await setUp.query('CREATE DATABASE stress');
  await setUp.query('USE stress');
  await setUp.query('CREATE TABLE stress.entry (client INT, n INT, PRIMARY KEY (client, n))');
  await setUp.query('CREATE TABLE stress.fixed (id INT PRIMARY KEY, square INT)');
  await setUp.query('INSERT INTO stress.fixed SELECT seq, seq * seq FROM seq_1_to_200');
  await setUp.end();
});

afterAll(async () => {
  await sluice.stop();
  await mariadb.stop();
});

/** What a load has met. */
interface Tally {
  reads: number;
  writes: number;
  failed: number;
  unknown: number;
  readonly errors: Map<string, number>;
  wrong: number;
  slowestMs: number;
}

class Load {
  readonly tally: Tally = { reads: 0, writes: 0, failed: 0, unknown: 0, errors: new Map(), wrong: 0, slowestMs: 0 };
  /** By client: numbers whose insert was acknowledged, and those of which nobody knows. */
  readonly acknowledged = new Map<number, Set<number>>();
  readonly unknown = new Map<number, Set<number>>();
  #goesOn = true;
  #running: Promise<unknown> = Promise.resolve();

  start(): void {
    this.#running = Promise.all(Array.from({ length: CLIENTS }, (_, client) => this.#client(client)));
  }

  async stop(): Promise<Tally> {
    this.#goesOn = false;
    await this.#running;
    return this.tally;
  }

  async #client(id: number): Promise<void> {
    const acknowledged = new Set<number>();
    const unknown = new Set<number>();
    this.acknowledged.set(id, acknowledged);
    this.unknown.set(id, unknown);
    const connection = await connectDriver(sluice, { database: 'stress' });
    for (let n = 0; this.#goesOn; n++) {
      if (id % 3 === 0) await this.#write(connection, id, n, acknowledged, unknown);
      else if (id % 3 === 1) await this.#transaction(connection, id, n, acknowledged, unknown);
      else await this.#read(connection, 1 + (n % 200));
    }
    await connection.end();
  }

  async #timed<T>(work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    try {
      return await work();
    } finally {
      this.tally.slowestMs = Math.max(this.tally.slowestMs, performance.now() - started);
    }
  }

  async #read(connection: Connection, id: number): Promise<void> {
    try {
      const rows = await this.#timed(() => rowsOf(connection, 'SELECT id, square FROM fixed WHERE id = ?', [id]));
      this.tally.reads++;
      if (JSON.stringify(rows) !== JSON.stringify([{ id, square: id * id }])) this.tally.wrong++;
    } catch (error) {
      await this.#failed(error as DriverError);
    }
  }

  async #write(
    connection: Connection,
    id: number,
    n: number,
    acknowledged: Set<number>,
    unknown: Set<number>,
  ): Promise<void> {
    try {
      await this.#timed(() => connection.query('INSERT INTO entry (client, n) VALUES (?, ?)', [id, n]));
      this.tally.writes++;
      acknowledged.add(n);
    } catch (error) {
      if (await this.#failed(error as DriverError)) unknown.add(n);
    }
  }

  async #transaction(
    connection: Connection,
    id: number,
    n: number,
    acknowledged: Set<number>,
    unknown: Set<number>,
  ): Promise<void> {
    let commits = false;
    try {
      await this.#timed(() => connection.query('BEGIN'));
      await this.#timed(() => connection.query('INSERT INTO entry (client, n) VALUES (?, ?)', [id, 2 * n]));
      await this.#timed(() => connection.query('INSERT INTO entry (client, n) VALUES (?, ?)', [id, 2 * n + 1]));
      commits = true;
      await this.#timed(() => connection.query('COMMIT'));
      this.tally.writes++;
      acknowledged.add(2 * n).add(2 * n + 1);
    } catch (error) {
      const isUnknown = await this.#failed(error as DriverError);
      if (commits && isUnknown) unknown.add(2 * n).add(2 * n + 1);
      await connection.query('ROLLBACK').catch(() => undefined);
    }
  }

  /** Whether nobody knows what became of it. */
  async #failed(error: DriverError): Promise<boolean> {
    const what = `${error.errno} ${String(error.message).slice(0, 40)}`;
    this.tally.errors.set(what, (this.tally.errors.get(what) ?? 0) + 1);
    this.tally.failed++;
    const isUnknown = /may or may not have taken effect/.test(error.message);
    if (isUnknown) this.tally.unknown++;
    // The connection to Sluice itself must have stayed.
    if (error.errno === undefined || error.errno === 0) this.tally.wrong++;
    await sleep(50);
    return isUnknown;
  }
}

async function isReady(): Promise<boolean> {
  return (await fetch(`${sluice.httpUrl}/readyz`)).status === 200;
}

interface Counts {
  readonly reads_repeated: number;
  readonly statements_broken: number;
}

async function counts(): Promise<Counts> {
  const page = (await (await fetch(`${sluice.httpUrl}/v1/status/pools`)).json()) as { readonly source: Counts };
  return page.source;
}

async function check(load: Load, tally: Tally): Promise<void> {
  console.log(JSON.stringify({ ...tally, errors: Object.fromEntries(tally.errors) }));
  expect(tally.wrong, 'wrong answers, and connections to Sluice that broke').toBe(0);
  expect(tally.slowestMs).toBeLessThan(PATIENCE_MS);
  expect(tally.reads).toBeGreaterThan(0);
  expect(tally.writes).toBeGreaterThan(0);
  const direct = await connectDriver({ mysqlPort: mariadb.port });
  const rows = await rowsOf<{ client: number; n: number }>(direct, 'SELECT client, n FROM stress.entry');
  await direct.query('DELETE FROM stress.entry');
  await direct.end();
  const stored = new Map<number, Set<number>>();
  for (const { client, n } of rows) stored.set(client, (stored.get(client) ?? new Set()).add(n));
  for (const [client, numbers] of load.acknowledged) {
    const there = stored.get(client) ?? new Set();
    expect(
      [...numbers].filter((n) => !there.has(n)),
      `acknowledged, of client ${client}, but lost`,
    ).toEqual([]);
    const unknown = load.unknown.get(client) ?? new Set();
    const more = [...there].filter((n) => !numbers.has(n) && !unknown.has(n));
    expect(more, `there, of client ${client}, though it was told otherwise`).toEqual([]);
  }
}

describe('under load', () => {
  it('the source is killed and comes back', async () => {
    const load = new Load();
    load.start();
    await sleep(1000);
    await mariadb.kill9();
    await expect.poll(isReady, { timeout: 30_000 }).toBe(false);
    await sleep(2000);
    await mariadb.restart();
    await expect.poll(isReady, { timeout: 60_000 }).toBe(true);
    await sleep(2000);
    const tally = await load.stop();
    expect(tally.failed).toBeGreaterThan(0);
    await check(load, tally);
  });

  it('the source is paused for five seconds', async () => {
    const load = new Load();
    load.start();
    await sleep(1000);
    process.kill(mariadb.pid, 'SIGSTOP');
    await expect.poll(isReady, { timeout: 30_000 }).toBe(false);
    await sleep(5000);
    process.kill(mariadb.pid, 'SIGCONT');
    await expect.poll(isReady, { timeout: 30_000 }).toBe(true);
    await sleep(1000);
    await check(load, await load.stop());
  });

  it('the source has no connections left, and those that were there are cut off', async () => {
    const direct = await connectDriver({ mysqlPort: mariadb.port });
    const refusals = async () =>
      Number(
        (await rowsOf<{ Value: string }>(direct, "SHOW STATUS LIKE 'Connection_errors_max_connections'"))[0]?.Value,
      );
    const refusedBefore = await refusals();
    const before = await counts();
    // With these, the one that sets it, and one more that administrators have, five are left for all of Sluice's pools.
    const others = await Promise.all(Array.from({ length: 5 }, () => connectDriver({ mysqlPort: mariadb.port })));
    await direct.query('SET GLOBAL max_connections = 10');
    const load = new Load();
    load.start();
    const kept = new Set([direct, ...others].map((connection) => connection.threadId));
    for (let round = 0; round < 4; round++) {
      await sleep(1000);
      const open = await rowsOf<{ id: number }>(
        direct,
        "SELECT id FROM information_schema.processlist WHERE user = 'root'",
      );
      for (const { id } of open) if (!kept.has(id)) await direct.query(`KILL ${id}`).catch(() => undefined);
    }
    await sleep(1000);
    const tally = await load.stop();
    const refused = (await refusals()) - refusedBefore;
    await direct.query('SET GLOBAL max_connections = 151');
    for (const connection of [direct, ...others]) await connection.end();
    const after = await counts();
    const repeated = after.reads_repeated - before.reads_repeated;
    console.log(JSON.stringify({ refused, repeated, broken: after.statements_broken - before.statements_broken }));
    expect(refused, 'connections that the source refused').toBeGreaterThan(0);
    const told = [...tally.errors]
      .filter(([what]) => what.startsWith('1040'))
      .reduce((sum, [, times]) => sum + times, 0);
    // Who finds none waits; without that there are hundreds.
    expect(told, 'statements that were told so').toBeLessThan(20);
    expect(repeated, 'reads that were run once more').toBeGreaterThan(0);
    await check(load, tally);
    await expect.poll(isReady, { timeout: 60_000 }).toBe(true);
  });
});
