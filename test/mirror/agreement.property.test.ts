/**
 * Lists of a mirrored table are answered as the source answers them, byte for byte, and as new: the same random lists are asked of a Sluice that mirrors the table and
 * of one that asks the source by SQL, over random tables and right after writes. A failure names its seed: SLUICE_MIRROR_SEED begins there, SLUICE_MIRROR_TABLES sets
 * how many tables.
 */
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/util/random.ts';
import { queryText } from '../lists/support/list-client.ts';
import { ProtocolList } from '../lists/support/protocol-list.ts';
import { RandomTable } from '../lists/support/random-table.ts';
import type { InFront } from '../support/in-front.ts';
import { mysqlClient } from '../support/mariadb-server.ts';
import { connectDriver } from '../support/mysql-driver.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';
import { mirrorPage, startMirrored, untilLive } from './support/mirrored.ts';

const TABLES = Number(process.env.SLUICE_MIRROR_TABLES ?? 12);
const FIRST_SEED = Number(process.env.SLUICE_MIRROR_SEED ?? 1);
const ROWS = 50;
const LISTS = 60;
const WRITES = 20;
/** One for each seed: a table that is made anew again and again is copied less and less often. */
const NAMES = Array.from({ length: TABLES }, (_, i) => `t${i}`);

let mirrored: InFront;
let plain: SluiceServer;
let direct: Connection;
/** Through each Sluice: what it knows of tables is renewed when they are changed through it. */
let through: Connection[];

beforeAll(async () => {
  mirrored = await startMirrored(
    NAMES.map((name) => `main.${name}`).join(),
    {},
    { args: ['--default-time-zone=+00:00'] },
  );
  const source = `mysql://root@127.0.0.1:${mirrored.mariadb.port}/`;
  plain = await startSluice({ args: ['--source', source] });
  await mysqlClient(mirrored.mariadb, 'CREATE DATABASE main');
  direct = await connectDriver({ mysqlPort: mirrored.mariadb.port }, { database: 'main' });
  through = await Promise.all([plain, mirrored.sluice].map((server) => connectDriver(server, { database: 'main' })));
});
afterAll(async () => {
  for (const connection of [direct, ...(through ?? [])]) await connection?.end();
  await plain?.stop();
  await mirrored?.stop();
});

async function answerOf(server: SluiceServer, path: string, body?: string): Promise<string> {
  const response = await fetch(`${server.httpUrl}${path}`, body === undefined ? {} : { method: 'POST', body });
  const text = await response.text();
  if (response.ok) return text.replace(/"seq":(?:\d+|null)\}$/, '"seq":0}');
  const { error } = JSON.parse(text) as { error: { errno: number } };
  return `error ${error.errno}`;
}

/** Long answers are shown where they begin to differ. */
async function expectSame(path: string): Promise<string> {
  const [mirror, source] = await Promise.all([answerOf(mirrored.sluice, path), answerOf(plain, path)]);
  if (mirror === source) return source;
  let at = 0;
  while (mirror[at] === source[at]) at++;
  const part = (text: string): string => text.slice(Math.max(0, at - 150), at + 100);
  expect(part(mirror), decodeURIComponent(path)).toBe(part(source));
  throw new Error('unreachable');
}

async function askOne({ parameters }: ProtocolList, random: SeededRandom): Promise<void> {
  const way = random.below(4);
  const { table: name, ...others } = parameters;
  if (way < 2) await expectSame(`/?${queryText({ command: 'select', type: '*', ...parameters })}`);
  else if (way === 2) await expectSame(`/?${queryText({ command: 'count', ...parameters })}`);
  else await expectSame(`/v1/lists/${name}?${queryText({ ...others, ...(random.chance(0.5) && { count: 'true' }) })}`);
}

/** At the source itself, or through either Sluice: whether it is taken is not this test's affair. */
async function writeOne(name: string, table: RandomTable, lists: ProtocolList, random: SeededRandom): Promise<void> {
  const field = (): [string, string | null] => {
    const column = random.pick(table.columns).name;
    return [column, random.chance(0.1) ? null : table.text(column)];
  };
  const server = random.pick([mirrored.sluice, plain]);
  const { parameters } = lists;
  switch (random.below(5)) {
    case 0:
      await insertDirectly(name, table).catch(() => undefined);
      return;
    case 1:
      await direct.query(`DELETE FROM ${name} ORDER BY RAND(${random.below(1000)}) LIMIT ${random.below(4)}`);
      return;
    case 2: {
      const [column] = field();
      const set = `UPDATE ${name} SET ${column} = ${table.literal(column)} ORDER BY RAND(${random.below(1000)}) LIMIT 3`;
      await direct.query(set).catch(() => undefined);
      return;
    }
    case 3:
      await answerOf(
        server,
        `/?${queryText({ command: 'update', ...parameters })}`,
        JSON.stringify(Object.fromEntries([field(), field()])),
      );
      return;
    default:
      await answerOf(server, `/?${queryText({ command: 'delete', type: '*', ...parameters, limit_max: '3' })}`);
  }
}

async function insertDirectly(into: string, table: RandomTable): Promise<void> {
  const { names } = table;
  await direct.query(
    `INSERT INTO ${into} (${names.join(', ')}) VALUES (${names.map((name) => table.literal(name)).join(', ')})`,
  );
}

async function runTable(name: string, random: SeededRandom): Promise<void> {
  let table = new RandomTable(random);
  // Without a key the source has an order of its own, and answers itself.
  while (table.key === 'none' || table.hasParent) table = new RandomTable(random);
  const source = { table: `main.${name}`, names: table.names, text: (column: string) => table.text(column) };
  const created = table.create().replace('CREATE TABLE t ', `CREATE TABLE ${name} `);
  await direct.query(created);
  for (const connection of through) await connection.query('CREATE OR REPLACE TABLE changed (id INT)');
  try {
    for (let i = 0; i < ROWS; i++) await insertDirectly(name, table).catch(() => undefined);
    await untilLive(mirrored.sluice, 1, [`main.${name}`]);
    await expectSame(`/?command=select&type=*&table=${name}`);
    for (let i = 0; i < LISTS; i++) await askOne(new ProtocolList(source, random), random);
    for (let i = 0; i < WRITES; i++) {
      await writeOne(name, table, new ProtocolList(source, random), random);
      await expectSame(`/?command=select&type=*&table=${name}`);
      await askOne(new ProtocolList(source, random), random);
    }
  } catch (error) {
    throw new Error(`${created}: ${(error as Error).message}`, { cause: error });
  }
}

describe('lists of a mirrored table', () => {
  it('are what the source answers, whatever the table, and right after writes', { timeout: 3_600_000 }, async () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + TABLES; seed++) {
      try {
        await runTable(NAMES[seed - FIRST_SEED]!, new SeededRandom(seed));
      } catch (error) {
        throw new Error(`SLUICE_MIRROR_SEED=${seed}: ${(error as Error).message}`, { cause: error });
      }
    }
    const { answers } = await mirrorPage(mirrored.sluice);
    console.log(`${TABLES} tables: ${JSON.stringify(answers)}`);
    // A table that was made anew may be loading for a moment; a busy machine may be late. Mostly the mirror answers.
    const bySource = Object.values(answers.source).reduce((sum, count) => sum + count, 0);
    expect(answers.mirror).toBeGreaterThan(bySource);
    expect(answers.source).toMatchObject({ not_the_same: 0, failed: 0 });
  });
});
