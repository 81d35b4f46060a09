/** Statements that are almost right, through the MySQL port and both its protocols. Each is answered, and none finds an unforeseen way to fail. */
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SeededRandom } from '../../src/util/random.ts';
import { connectDriver, type DriverError, singleValue } from '../support/mysql-driver.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';
import { STATEMENTS, TABLES_SQL } from './corpus.ts';
import { bugsIn, casesOf, INSIDES, mutated, reworded, SEED } from './seeds.ts';

const CASES = casesOf(6_000);
const BATCH = 500;
/** A statement that takes longer than this is killed: mutations make huge joins. */
const STATEMENT_TIMEOUT_MS = 2_000;
const ER_UNKNOWN_ERROR = 1105;

let server: SluiceServer;

beforeAll(async () => {
  server = await startSluice();
});

afterAll(() => server.stop());

async function fresh(): Promise<Connection> {
  const connection = await connectDriver(server);
  connection.on('error', () => undefined);
  return connection;
}

async function makeTables(): Promise<void> {
  const connection = await fresh();
  for (const sql of TABLES_SQL) await connection.query(sql);
  await connection.end();
}

function variant(statement: string, random: SeededRandom): string {
  if (random.chance(0.02)) return statement;
  return random.chance(0.7) ? reworded(statement, random) : mutated(statement, random, STATEMENTS);
}

/** What went wrong inside, or null: an answer and a foreseen error are as good as each other. */
async function run(connection: Connection, killer: Connection, sql: string, prepared: boolean): Promise<string | null> {
  const id = connection.threadId;
  const timer = setTimeout(() => void killer.query(`KILL QUERY ${id}`).catch(() => undefined), STATEMENT_TIMEOUT_MS);
  try {
    await (prepared ? connection.execute(sql, []) : connection.query(sql));
    return null;
  } catch (thrown) {
    const { errno, message, code } = thrown as DriverError;
    if (errno === ER_UNKNOWN_ERROR || INSIDES.test(message)) return `${errno} ${message}`;
    return errno === undefined ? `connection: ${code} ${message}` : null;
  } finally {
    clearTimeout(timer);
  }
}

it(`${CASES} mutated statements, seed ${SEED}`, async () => {
  const random = new SeededRandom(SEED);
  const found = new Map<string, string>();
  for (let done = 0; done < CASES; done += BATCH) {
    await makeTables();
    const killer = await fresh();
    let connection = await fresh();
    await connection.query('USE fuzz');
    for (let i = 0; i < BATCH; i++) {
      const statement = random.pick(STATEMENTS);
      const sql = variant(statement, random);
      const wrong = await run(connection, killer, sql, random.chance(0.3));
      // One example of each kind: names and numbers do not make another.
      if (wrong !== null) {
        const kind = wrong.replaceAll(/[`'"][^`'"]*[`'"]|\d+/g, '_');
        if (!found.has(kind)) found.set(kind, `${wrong}\n    case ${done + i}: ${sql}`);
      }
      if (random.chance(0.02) || wrong?.startsWith('connection')) {
        connection.destroy();
        connection = await fresh();
        await connection.query('USE fuzz').catch(() => undefined);
      }
    }
    connection.destroy();
    await killer.end();
    const next = await fresh();
    expect(await singleValue(next, 'SELECT 1')).toBe(1);
    await next.end();
  }
  expect([...found.values()].join('\n'), 'failures that nobody had foreseen').toBe('');
  expect(bugsIn(server.output).join('\n')).toBe('');
  expect(server.running).toBe(true);
});
