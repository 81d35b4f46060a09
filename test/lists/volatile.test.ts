/** Lists whose conditions hold what is not in the statement's text: they are answered for each request anew, or not kept at all. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SeededRandom } from '../../src/util/random.ts';
import type { GateClient } from './support/gate-client.ts';
import { KeptGate } from './support/kept-gate.ts';

let gate: KeptGate;
let client: GateClient;

beforeAll(async () => {
  gate = new KeptGate(new SeededRandom(1));
  const first = gate.client(null);
  await first.run('CREATE DATABASE IF NOT EXISTS main');
  client = gate.client();
  for (const sql of [
    'CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, n INT, name VARCHAR(60), made DATETIME)',
    'CREATE TABLE other (id INT PRIMARY KEY, n INT)',
    "INSERT INTO t (n, name, made) VALUES (1, 'a', '2000-01-01'), (2, 'b', '2020-01-01'), (3, 'main', '2040-01-01'), (4, 'root', NULL)",
    'INSERT INTO other VALUES (1, 1), (2, 2)',
  ])
    expect(await client.run(sql)).toBe('ok');
});

afterAll(() => gate.close());

/** Without what the statement leaves behind. */
const rowsOf = (told: string): string[] => told.split('\n').slice(0, -1);

/** Each changes what the conditions below mean, and not the table. */
const EVENTS = [
  'UPDATE other SET n = n + 1',
  'SET @n = 2',
  'SET @n = 3',
  "SET @n = 'a'",
  'SET timestamp = 946684800',
  'SET timestamp = 1893456000',
  'SET timestamp = DEFAULT',
  "SET time_zone = '+10:00'",
  'INSERT INTO t (n) VALUES (5)',
  'UPDATE t SET n = 2 WHERE id = 1',
  'DELETE FROM t WHERE n = 5',
  "SET sql_mode = 'ANSI_QUOTES'",
  "SET sql_mode = ''",
];

it.each([
  'n = (SELECT MAX(n) FROM other)',
  'n IN (SELECT n FROM other)',
  'EXISTS (SELECT 1 FROM other WHERE other.n = t.n)',
  'n = @n',
  'n <= @n + 1',
  'made <= NOW()',
  'made > CURRENT_TIMESTAMP - INTERVAL 1 YEAR',
  'made < UNIX_TIMESTAMP()',
  'DATE(made) < CURDATE()',
  'id = LAST_INSERT_ID()',
  'name = DATABASE()',
  "name = SUBSTRING_INDEX(USER(), '@', 1)",
  'n < @@auto_increment_increment + 1',
  'n = id',
  'n + 1 = 3',
  'NOT n = 2',
  'n = 1 OR n = 2',
  'n = 1 XOR id = 2',
  'name',
  'n',
  'TRUE',
  'NULL',
  'n = NULL',
  'n <=> NULL',
  'n = 2 AND 1 = 0',
])('WHERE %s', async (where) => {
  for (const event of ['DO 1', ...EVENTS]) {
    await client.run(event);
    for (const select of ['SELECT id, n FROM t WHERE # ORDER BY n, id LIMIT 3', 'SELECT COUNT(*) FROM t WHERE #']) {
      for (let time = 0; time < 3; time++) {
        const fresh = await client.query([select.replace('#', `(${where}) AND LENGTH('x') = 1`)], 0);
        await gate.counted(async () => {
          const given = await client.query([select.replace('#', where)], time);
          expect(rowsOf(given), `after ${event}`).toEqual(rowsOf(fresh));
        });
        await gate.settled();
      }
    }
  }
});

it('some of them were answered from memory', () => {
  expect(gate.problems).toEqual([]);
  expect(gate.answers.index + gate.answers.window + gate.answers.key).toBeGreaterThan(100);
});

it('what is drawn anew for each row is not drawn once', async () => {
  const counts = new Set<string>();
  await client.run('TRUNCATE TABLE t');
  await client.run(
    'INSERT INTO t (n) VALUES (0), (0), (0), (0), (0), (0), (0), (0), (0), (0), (0), (0), (0), (0), (0), (0)',
  );
  for (let time = 0; time < 30; time++)
    counts.add(await client.query(['SELECT COUNT(*) FROM t WHERE n < RAND() - 0.5'], 0));
  expect(counts.size).toBeGreaterThan(2);
});
