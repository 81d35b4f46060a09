/** Lists after writes of more rows than a commit's report names, and of just not so many. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CHANGES_PER_TABLE_ROWS } from '../../src/limits.ts';
import { SeededRandom } from '../../src/util/random.ts';
import type { GateClient } from './support/gate-client.ts';
import { KeptGate } from './support/kept-gate.ts';

const ROWS = CHANGES_PER_TABLE_ROWS + 2_000;

let gate: KeptGate;
let client: GateClient;

beforeAll(async () => {
  gate = new KeptGate(new SeededRandom(1));
  client = gate.client(null);
  for (const sql of [
    'CREATE DATABASE IF NOT EXISTS main',
    'CREATE TABLE main.t (id INT PRIMARY KEY, n INT, name VARCHAR(20))',
    'CREATE TABLE main.digits (d INT PRIMARY KEY)',
    'INSERT INTO main.digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)',
  ])
    expect(await client.run(sql)).toBe('ok');
});

afterAll(() => gate.close());

const ALL = `(SELECT a.d + 10 * b.d + 100 * c.d + 1000 * d.d + 10000 * e.d AS i FROM main.digits a, main.digits b, main.digits c, main.digits d, main.digits e) AS g WHERE i < ${ROWS}`;

const LISTS = [
  'SELECT COUNT(*) FROM main.t WHERE n = 3',
  'SELECT id, n FROM main.t WHERE n >= 2 ORDER BY n DESC LIMIT 10 OFFSET 3000',
  "SELECT id FROM main.t WHERE name = 'name 4' ORDER BY id LIMIT 20",
  'SELECT id, name FROM main.t WHERE n = 3 ORDER BY name DESC, id DESC LIMIT 10',
  'SELECT * FROM main.t WHERE id = 77',
];

async function checkAll(what: string): Promise<void> {
  for (const sql of LISTS) {
    const fresh = await client.query([sql.replace('WHERE', "WHERE LENGTH('x') = 1 AND")], 0);
    for (let time = 0; time < 3; time++) {
      await gate.counted(async () => expect(await client.query([sql], time % 2), `${what}: ${sql}`).toBe(fresh));
      await gate.settled();
    }
  }
}

it.each([
  `INSERT INTO main.t SELECT i, i % 7, CONCAT('name ', i % 10) FROM ${ALL}`,
  'UPDATE main.t SET n = n + 1',
  "UPDATE main.t SET name = CONCAT('name ', n) WHERE id % 2 = 0",
  `DELETE FROM main.t WHERE id < ${CHANGES_PER_TABLE_ROWS}`,
  `INSERT INTO main.t SELECT i, i % 5, 'name 7' FROM ${ALL} AND i < ${CHANGES_PER_TABLE_ROWS}`,
  `UPDATE main.t SET n = 3 WHERE id < ${CHANGES_PER_TABLE_ROWS} - 1`,
  'UPDATE main.t SET id = id + 100000',
  'DELETE FROM main.t',
])('%s', async (sql) => {
  expect(await client.run(sql)).toBe('ok');
  await checkAll(sql);
  expect(await client.run('UPDATE main.t SET n = 4 WHERE id = 77')).toBe('ok');
  await checkAll(`${sql}, and one row more`);
});

it('a list of more rows than an answer may have is an error, kept or not', async () => {
  await client.run('TRUNCATE TABLE main.t');
  expect(await client.run(`INSERT INTO main.t SELECT i, i % 7, CONCAT('name ', i % 10) FROM ${ALL}`)).toBe('ok');
  const page = { table: 'main.t', where: 'n:NUMGE:0', order_by: 'n' };
  const rows = { command: 'select', type: '*', ...page };
  for (let time = 0; time < 5; time++) {
    expect(await client.list(rows)).toMatch(/^error 1105: .*exceeded 10000/);
    expect(await client.list({ ...rows, limit_max: '10001' })).toMatch(/^error 1105: .*exceeded 10000/);
    expect(JSON.parse(await client.list({ ...rows, limit_max: '10000' }))).toHaveLength(10_000);
    await expect(client.page(page)).rejects.toThrow(/exceeded 10000/);
    expect((await client.page({ ...page, limit_max: '10000' })).rows).toHaveLength(10_000);
    expect(await client.query(['SELECT id FROM main.t WHERE n >= 0 ORDER BY n'], time % 4)).toMatch(
      /^error 1105: .*exceeded/,
    );
    expect(await client.list({ ...rows, command: 'count', type: 'count' })).toBe(String(ROWS));
    await gate.settled();
  }
});

it('were answered from memory', () => {
  expect(gate.problems).toEqual([]);
  expect(gate.answers.index).toBeGreaterThan(20);
  expect(gate.answers.window).toBeGreaterThan(10);
  expect(gate.answers.key).toBeGreaterThan(10);
});
