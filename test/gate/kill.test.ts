/** Statements that run too long, and those that somebody ends: their processes stop, and nobody else loses anything. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDriver, singleValue } from '../support/mysql-driver.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';

/** Would take hours. */
const ENDLESS = 'SELECT COUNT(*) FROM n a, n b, n c WHERE a.d + b.d + c.d > 5000';
const ENDLESS_WRITE = 'INSERT INTO sums SELECT COUNT(*) FROM n a, n b, n c WHERE a.d + b.d + c.d > 5000';

let server: SluiceServer;
let connection: Connection;

beforeAll(async () => {
  server = await startSluice();
  connection = await connectDriver(server);
  await connection.query('CREATE DATABASE kills');
  await connection.query('USE kills');
  await connection.query('CREATE TABLE n (d INT PRIMARY KEY)');
  await connection.query('CREATE TABLE sums (s BIGINT)');
  await connection.query('CREATE TABLE t (id INT PRIMARY KEY)');
  await connection.query(`INSERT INTO n VALUES ${Array.from({ length: 2000 }, (_, i) => `(${i})`).join()}`);
});

afterAll(async () => {
  await connection.end();
  await server.stop();
});

async function other(): Promise<Connection> {
  const opened = await connectDriver(server);
  await opened.query('USE kills');
  return opened;
}

/** The errno that it fails with. */
async function errnoOf(running: Promise<unknown>): Promise<number> {
  try {
    await running;
    return 0;
  } catch (error) {
    return (error as { errno: number }).errno;
  }
}

/** Processor time, in ticks, of the children. */
function ticks(): number {
  let all = 0;
  for (const pid of server.childPids()) {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    all += Number(fields[11]) + Number(fields[12]);
  }
  return all;
}

/** Waits until the children use no more processor time: an endless statement would use all of a core. */
async function untilIdle(): Promise<void> {
  for (let still = 0; still < 3; ) {
    const [pids, before] = [server.childPids().join(), ticks()];
    await sleep(300);
    still = server.childPids().join() === pids && ticks() - before <= 3 ? still + 1 : 0;
  }
}

async function idOf(client: Connection): Promise<number> {
  return Number(await singleValue(client, 'SELECT CONNECTION_ID()'));
}

async function untilRunning(id: number): Promise<void> {
  for (;;) {
    const [rows] = await connection.query('SHOW PROCESSLIST');
    if ((rows as { Id: number; Command: string }[]).some((row) => row.Id === id && row.Command === 'Query')) break;
    await sleep(20);
  }
  await sleep(200);
}

describe('a read that never ends', () => {
  it('is ended by KILL QUERY, and its processor time with it; the session goes on', async () => {
    const client = await other();
    const id = await idOf(client);
    const running = errnoOf(client.query(ENDLESS));
    await untilRunning(id);
    await connection.query(`KILL QUERY ${id}`);
    expect(await running).toBe(1317);
    await untilIdle();
    expect(await singleValue(client, 'SELECT 7')).toBe(7);
    await client.end();
  });

  it('is ended over HTTP', async () => {
    const client = await other();
    const id = await idOf(client);
    const running = errnoOf(client.query(ENDLESS));
    await untilRunning(id);
    const response = await fetch(`${server.httpUrl}/v1/status/queries`);
    expect(JSON.stringify(await response.json())).toContain(`"id":${id},`);
    await fetch(`${server.httpUrl}/v1/status/queries/${id}/kill`, { method: 'POST' });
    expect(await running).toBe(1317);
    await untilIdle();
    await client.end();
  });

  it('is ended by its hint, by max_execution_time and by query_timeout; one that is quick enough is not', async () => {
    const client = await other();
    expect(await errnoOf(client.query(ENDLESS.replace('SELECT', 'SELECT /*+ max_execution_time(200) */')))).toBe(3024);
    await client.query('SET max_execution_time = 200');
    expect(await errnoOf(client.query(ENDLESS))).toBe(3024);
    await client.query('SET max_execution_time = 0, sluice_query_timeout = 1');
    expect(await errnoOf(client.query(ENDLESS))).toBe(3024);
    await client.query('SET sluice_query_timeout = 600');
    expect(await singleValue(client, 'SELECT COUNT(*) FROM n a, n b WHERE a.d + b.d >= 0')).toBe(4_000_000);
    await untilIdle();
    await client.end();
  });
});

describe('a write that never ends', () => {
  it('is ended by KILL QUERY; writes of others in flight are done all the same', async () => {
    const [client, writer] = [await other(), await other()];
    const id = await idOf(client);
    const running = errnoOf(client.query(ENDLESS_WRITE));
    await untilRunning(id);
    const waiting = [1, 2, 3].map((key) => writer.query('INSERT INTO t VALUES (?)', [key]));
    await sleep(200);
    await connection.query(`KILL QUERY ${id}`);
    expect(await running).toBe(1317);
    await Promise.all(waiting);
    await untilIdle();
    expect(await singleValue(connection, 'SELECT COUNT(*) FROM t')).toBe(3);
    expect(await singleValue(connection, 'SELECT COUNT(*) FROM sums')).toBe(0);
    expect(await singleValue(client, 'SELECT 7')).toBe(7);
    await client.end();
    await writer.end();
  });

  it('in a transaction takes the transaction with it, and its client is told', async () => {
    const client = await other();
    const id = await idOf(client);
    await client.query('BEGIN');
    await client.query('INSERT INTO t VALUES (100)');
    const running = errnoOf(client.query(ENDLESS_WRITE));
    await untilRunning(id);
    await connection.query(`KILL QUERY ${id}`);
    expect(await running).toBe(1317);
    expect(await errnoOf(client.query('COMMIT'))).toBe(1213);
    expect(await singleValue(connection, 'SELECT COUNT(*) FROM t WHERE id = 100')).toBe(0);
    await client.query('INSERT INTO t VALUES (101)');
    await client.end();
  });

  it('is ended by query_timeout and by its hint, as a read is; writes of others are done all the same', async () => {
    const [client, writer] = [await other(), await other()];
    await client.query('SET max_execution_time = 1, sluice_query_timeout = 1');
    const running = errnoOf(client.query(ENDLESS_WRITE));
    const waiting = [11, 12, 13].map((key) => writer.query('INSERT INTO t VALUES (?)', [key]));
    expect(await running).toBe(3024);
    await Promise.all(waiting);
    const hinted = ENDLESS_WRITE.replace('INSERT', 'INSERT /*+ max_execution_time(200) */');
    expect(await errnoOf(client.query(hinted))).toBe(3024);
    expect(await errnoOf(client.query(`UPDATE sums SET s = (${ENDLESS})`))).toBe(0);
    await client.query('INSERT INTO sums VALUES (1)');
    expect(await errnoOf(client.query(`UPDATE sums SET s = (${ENDLESS})`))).toBe(3024);
    expect(await errnoOf(client.query(`CREATE TABLE made AS ${ENDLESS.replace('COUNT(*)', 'COUNT(*) AS c')}`))).toBe(
      3024,
    );
    await untilIdle();
    expect(await singleValue(connection, 'SELECT COUNT(*) FROM t WHERE id IN (11, 12, 13)')).toBe(3);
    expect(await singleValue(connection, 'SELECT GROUP_CONCAT(s) FROM sums')).toBe('1');
    await client.end();
    await writer.end();
  });

  it('may have more time by its hint, or without a limit', async () => {
    const client = await other();
    await client.query('SET sluice_query_timeout = 1');
    const long = 'INTO sums SELECT COUNT(*) FROM n a, n b, n c WHERE c.d < 5 AND a.d + b.d + c.d >= 0';
    await client.query(`INSERT /*+ max_execution_time(0) */ ${long}`);
    await client.query(`INSERT /*+ max_execution_time(600000) */ ${long}`);
    await client.query('SET sluice_query_timeout = 0');
    await client.query(`INSERT ${long}`);
    expect(await singleValue(client, 'SELECT COUNT(*) FROM sums WHERE s = 20000000')).toBe(3);
    await client.end();
  });

  it('in a transaction takes the transaction with it when its time is over; so does a read of one that has written', async () => {
    const client = await other();
    await client.query('SET sluice_query_timeout = 1');
    for (const endless of [ENDLESS_WRITE, ENDLESS]) {
      await client.query('BEGIN');
      await client.query('INSERT INTO t VALUES (200)');
      expect(await errnoOf(client.query(endless))).toBe(3024);
      expect(await errnoOf(client.query('COMMIT'))).toBe(1213);
      expect(await singleValue(connection, 'SELECT COUNT(*) FROM t WHERE id = 200')).toBe(0);
    }
    await untilIdle();
    await client.end();
  });

  it('as a read of a transaction that has written is ended by KILL QUERY', async () => {
    const client = await other();
    const id = await idOf(client);
    await client.query('BEGIN');
    await client.query('INSERT INTO t VALUES (201)');
    const running = errnoOf(client.query(ENDLESS));
    await untilRunning(id);
    await connection.query(`KILL QUERY ${id}`);
    expect(await running).toBe(1317);
    expect(await errnoOf(client.query('COMMIT'))).toBe(1213);
    await client.end();
  });
});
