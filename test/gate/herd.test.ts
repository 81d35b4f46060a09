/** A herd: a thousand clients that ask the same slow question at once. It runs once, and nobody's answer is older than a write before its question. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDriver, singleValue } from '../support/mysql-driver.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';

const CLIENTS = 1_000;
const SLOW = 'SELECT COUNT(*) AS n FROM big a JOIN big b ON a.v + b.v >= 0 WHERE a.id <= 1500';

let server: SluiceServer;
let connection: Connection;

beforeAll(async () => {
  server = await startSluice({ args: ['--readers', '1', '--query-timeout', '0'] });
  connection = await connectDriver(server);
  await connection.query('CREATE DATABASE herd');
  await connection.query('USE herd');
  await connection.query('CREATE TABLE big (id INT PRIMARY KEY, v INT)');
  await connection.query(`INSERT INTO big VALUES ${Array.from({ length: 2000 }, (_, i) => `(${i + 1}, 1)`).join()}`);
});

afterAll(async () => {
  await connection.end();
  await server.stop();
});

async function consolidations(): Promise<{ saved: number; waiting: number }> {
  const response = await fetch(`${server.httpUrl}/v1/status/consolidations`);
  return (await response.json()) as { saved: number; waiting: number };
}

async function ask(): Promise<number> {
  const body = JSON.stringify({ sql: SLOW, database: 'herd' });
  const response = await fetch(`${server.httpUrl}/v1/sql`, { method: 'POST', body });
  const { rows } = (await response.json()) as { rows: { n: number }[] };
  return Number(rows[0]?.n);
}

describe('a herd', () => {
  it('of a thousand runs once', async () => {
    const before = (await consolidations()).saved;
    // There is one reader, which is busy until all of them have come: whoever comes finds the first one waiting.
    const holder = await connectDriver(server);
    const id = await singleValue(holder, 'SELECT CONNECTION_ID()');
    const busy = holder.query('SELECT SLEEP(3600)').catch(() => undefined);
    const asked = Promise.all(Array.from({ length: CLIENTS }, ask));
    while ((await consolidations()).waiting < CLIENTS - 1) await sleep(50);
    await connection.query(`KILL ${id}`);
    const answers = await asked;
    await busy;
    expect(new Set(answers)).toEqual(new Set([1500 * 2000]));
    expect((await consolidations()).saved - before).toBe(CLIENTS - 1);
  });

  it('never gets an answer from before a write that was acknowledged before it asked', async () => {
    for (let round = 1; round <= 5; round++) {
      const early = ask();
      await connection.query('INSERT INTO big VALUES (?, 1)', [2000 + round]);
      const late = await Promise.all([ask(), ask()]);
      expect(late).toEqual([1500 * (2000 + round), 1500 * (2000 + round)]);
      await early;
    }
    expect(await singleValue(connection, 'SELECT COUNT(*) FROM big')).toBe(2005);
  });
});
