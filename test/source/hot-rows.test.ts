/** Many that change one row: they wait before Sluice's connections, one of them at most inside the source, and others pass by. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type InFront, startInFront } from '../support/in-front.ts';
import { connectDriver, type DriverError, failureOf, rowsOf, singleValue } from '../support/mysql-driver.ts';

let inFront: InFront;
let direct: Connection;
let holder: Connection;
const clients: Connection[] = [];

beforeAll(async () => {
  inFront = await startInFront();
  direct = await connectDriver({ mysqlPort: inFront.mariadb.port });
  holder = await connectDriver({ mysqlPort: inFront.mariadb.port });
  const setUp = await connectDriver(inFront.sluice);
  await setUp.query('CREATE DATABASE hot');
  await setUp.query('CREATE TABLE hot.row (id INT PRIMARY KEY, n INT NOT NULL DEFAULT 0)');
  await setUp.query('INSERT INTO hot.row (id) VALUES (1), (2)');
  await setUp.end();
});

afterAll(async () => {
  await direct.end();
  await holder.end();
  await inFront.stop();
});

afterEach(async () => {
  await holder.query('ROLLBACK');
  for (const client of clients.splice(0)) client.destroy();
  await direct.query('UPDATE hot.row SET n = 0');
});

async function connect(count: number): Promise<Connection[]> {
  const made = await Promise.all(
    Array.from({ length: count }, () => connectDriver(inFront.sluice, { database: 'hot' })),
  );
  clients.push(...made);
  return made;
}

async function lock(id: number): Promise<void> {
  await holder.query('BEGIN');
  await holder.query('SELECT * FROM hot.row WHERE id = ? FOR UPDATE', [id]);
}

/** Transactions that wait inside of the source for a row's lock, now: information_schema.innodb_trx is as of up to 100 ms ago. */
async function waiting(): Promise<number> {
  const [status] = await rowsOf<{ Value: string }>(direct, "SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'");
  return Number(status?.Value);
}

/** Resolves with whether it failed, and how. */
const settled = (work: Promise<unknown>): Promise<DriverError | null> =>
  work.then(
    () => null,
    (error: unknown) => error as DriverError,
  );

const UPDATE = 'UPDATE row SET n = n + 1 WHERE id = 1';

/** The most that waited inside of the source while `work` ran. */
async function mostWaiting(work: Promise<unknown>): Promise<number> {
  let most = 0;
  let goesOn = true;
  const looking = (async () => {
    while (goesOn) {
      most = Math.max(most, await waiting());
      await sleep(5);
    }
  })();
  await work.finally(() => {
    goesOn = false;
  });
  await looking;
  return most;
}

describe('a hot row', () => {
  it('has one statement waiting inside of the source; 20 wait in line, and others are refused at once', async () => {
    await lock(1);
    const fifty = await connect(50);
    const updates = fifty.map((client, i) => settled(i % 2 === 0 ? client.query(UPDATE) : client.execute(UPDATE)));
    let refused = 0;
    for (const update of updates) update.then((error) => error !== null && refused++);
    await expect.poll(() => refused, { timeout: 20_000 }).toBe(29);
    await expect.poll(waiting, { timeout: 20_000 }).toBe(1);
    const [other] = await connect(1);
    await other?.query('UPDATE row SET n = n + 1 WHERE id = 2');
    const most = mostWaiting(Promise.all(updates));
    await holder.query('COMMIT');
    const errors = (await Promise.all(updates)).filter((error) => error !== null);
    expect(await most).toBeLessThanOrEqual(1);
    expect(errors).toHaveLength(29);
    for (const error of errors)
      expect(error).toMatchObject({ errno: 1205, message: expect.stringContaining('hot row: 20 statements wait') });
    expect(await singleValue(direct, 'SELECT n FROM hot.row WHERE id = 1')).toBe(21);
    expect(await singleValue(direct, 'SELECT n FROM hot.row WHERE id = 2')).toBe(1);
  });

  it('takes no connection for those that wait: others still find one', async () => {
    await lock(1);
    const updates = (await connect(21)).map((client) => settled(client.query(UPDATE)));
    await expect.poll(waiting, { timeout: 20_000 }).toBe(1);
    for (const other of await connect(19)) {
      await other.query('BEGIN');
      await other.query('SELECT * FROM row WHERE id = 2');
    }
    await holder.query('COMMIT');
    expect((await Promise.all(updates)).filter((error) => error !== null)).toEqual([]);
  });

  it('is held by a transaction to its end', async () => {
    const [first, second, third] = (await connect(3)) as [Connection, Connection, Connection];
    await first.query('BEGIN');
    await first.query(UPDATE);
    await second.query('BEGIN');
    let done = '';
    const updates = [
      second.query(UPDATE).then(() => {
        done += 'second ';
      }),
      sleep(100)
        .then(() => third.query(UPDATE))
        .then(() => {
          done += 'third ';
        }),
    ];
    await sleep(500);
    expect(await waiting()).toBe(0);
    expect(done).toBe('');
    await first.query('UPDATE row SET n = n + 1 WHERE id = 2');
    await first.query('COMMIT');
    await updates[0];
    await sleep(300);
    expect(done).toBe('second ');
    expect(await waiting()).toBe(0);
    await second.query('ROLLBACK');
    await updates[1];
    expect(await singleValue(direct, 'SELECT n FROM hot.row WHERE id = 1')).toBe(2);
  });

  it.each<[string, (first: Connection) => Promise<unknown>]>([
    ['its client leaves', async (first) => first.destroy()],
    ['another begins in its session', (first) => first.query('BEGIN')],
    ['DDL commits it', (first) => first.query('CREATE TABLE IF NOT EXISTS hot.made (a INT)')],
    ['its session is reset', (first) => first.changeUser({ user: 'root', database: 'hot' })],
  ])('is free when %s', async (_, end) => {
    const [first, second] = (await connect(2)) as [Connection, Connection];
    await first.query('BEGIN');
    await first.query(UPDATE);
    const update = second.query(UPDATE);
    await sleep(100);
    await end(first);
    await update;
  });

  it('is not waited for by who holds locks: the source sees the deadlock', async () => {
    const [first, second] = (await connect(2)) as [Connection, Connection];
    for (const [client, id] of [
      [first, 1],
      [second, 2],
    ] as const) {
      await client.query('BEGIN');
      await client.query('UPDATE row SET n = n + 1 WHERE id = ?', [id]);
    }
    const errors = await Promise.all([
      settled(first.query('UPDATE row SET n = n + 1 WHERE id = 2')),
      settled(second.query('UPDATE row SET n = n + 1 WHERE id = 1')),
    ]);
    expect(errors.filter((error) => error !== null)).toEqual([expect.objectContaining({ errno: 1213 })]);
  });

  it('KILL QUERY, the limit of time, and leaving end the waiting', async () => {
    await lock(1);
    const [head, killed, late, left, last] = (await connect(5)) as [
      Connection,
      Connection,
      Connection,
      Connection,
      Connection,
    ];
    const first = settled(head.query(UPDATE));
    await expect.poll(waiting, { timeout: 20_000 }).toBe(1);
    const id = await singleValue(killed, 'SELECT CONNECTION_ID()');
    const killing = failureOf(killed.query(UPDATE));
    await late.query('SET sluice_query_timeout = 1');
    const timing = failureOf(late.query(UPDATE));
    left.query(UPDATE).catch(() => undefined);
    await sleep(200);
    left.destroy();
    await last.query(`KILL QUERY ${id}`);
    expect(await killing).toMatchObject({ errno: 1317 });
    expect(await timing).toMatchObject({ errno: 3024 });
    await holder.query('COMMIT');
    expect(await first).toBe(null);
    await killed.query(UPDATE);
    expect(await singleValue(direct, 'SELECT n FROM hot.row WHERE id = 1')).toBe(2);
  });
});
