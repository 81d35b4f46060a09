/**
 * The list protocol answers the same in front of a MariaDB as before the embedded store: the same random tables, rows, lists and writes in both. A failure names
 * its seed: SLUICE_LISTS_SEED begins there, SLUICE_LISTS_TABLES sets how many tables.
 */
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/util/random.ts';
import { type InFront, startInFront } from '../support/in-front.ts';
import { mysqlClient } from '../support/mariadb-server.ts';
import { connectDriver } from '../support/mysql-driver.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';
import { queryText } from './support/list-client.ts';
import { ProtocolList } from './support/protocol-list.ts';
import { RandomTable } from './support/random-table.ts';

const TABLES = Number(process.env.SLUICE_LISTS_TABLES ?? 12);
const FIRST_SEED = Number(process.env.SLUICE_LISTS_SEED ?? 1);
const ROWS = 50;
const LISTS = 60;
const WRITES = 15;

let front: InFront;
let embedded: SluiceServer;
let connections: Connection[];
let urls: string[];

beforeAll(async () => {
  front = await startInFront();
  embedded = await startSluice();
  await mysqlClient(front.mariadb, 'CREATE DATABASE main');
  connections = await Promise.all(
    [embedded, front.sluice].map((server) => connectDriver(server, { database: 'main' })),
  );
  urls = [embedded.httpUrl, front.sluice.httpUrl];
});

afterAll(async () => {
  for (const connection of connections) await connection.end();
  await front.stop();
  await embedded.stop();
});

/** The same statement in both: whether it succeeded. */
async function runBoth(sql: string): Promise<void> {
  const [here, there] = await Promise.all(
    connections.map((connection) =>
      connection.query(sql).then(
        () => 'ok',
        (error: Error) => error.message,
      ),
    ),
  );
  if ((here === 'ok') !== (there === 'ok')) throw new Error(`${sql}: ${here} / ${there}`);
}

/** Both answers; of an error its number. */
async function answers(path: string, body?: string): Promise<string[]> {
  return Promise.all(
    urls.map(async (url) => {
      const response = await fetch(`${url}${path}`, body === undefined ? {} : { method: 'POST', body });
      const text = await response.text();
      if (response.ok) return text;
      const { error } = JSON.parse(text) as { error: { errno: number; message: string } };
      return `error ${error.errno}`;
    }),
  );
}

async function expectSame(path: string, body?: string): Promise<string> {
  const [here = '', there = ''] = await answers(path, body);
  expectEqual(there, here, `${decodeURIComponent(path)} ${body ?? ''}`);
  return here;
}

/** Long answers are shown where they begin to differ. */
function expectEqual(there: string, here: string, what: string): void {
  if (there === here) return;
  let at = 0;
  while (there[at] === here[at]) at++;
  const part = (text: string): string => text.slice(Math.max(0, at - 150), at + 100);
  expect(part(there), what).toBe(part(here));
}

interface Tally {
  rows: number;
  counts: number;
  pages: number;
  writes: number;
}

async function runTable(random: SeededRandom, tally: Tally): Promise<void> {
  let table = new RandomTable(random);
  // Without a key the embedded store has an order of its own, in which rows came.
  while (table.key === 'none') table = new RandomTable(random);
  const source = { table: 'main.t', names: table.names, text: (name: string) => table.text(name) };
  await runBoth('DROP TABLE IF EXISTS t');
  if (table.hasParent) await makeParents();
  // Which texts are the same is a matter of collations, which both have of their own.
  const created = table.create().replace(/, UNIQUE KEY u \(\w+\)/, '');
  await runBoth(created);
  for (let i = 0; i < ROWS; i++) {
    const { names } = table;
    await runBoth(
      `INSERT INTO t (${names.join(', ')}) VALUES (${names.map((name) => literalOf(table, name)).join(', ')})`,
    );
  }
  try {
    await expectSame('/?command=select&type=*&table=t');
    for (let i = 0; i < LISTS; i++) await askOne(new ProtocolList(source, random), random, table, tally);
    for (let i = 0; i < WRITES; i++) await writeOne(new ProtocolList(source, random), random, table, tally);
  } catch (error) {
    throw new Error(`${created}: ${(error as Error).message}`, { cause: error });
  }
}

/** What a column without a default gets is not this test's affair. */
function literalOf(table: RandomTable, name: string): string {
  for (;;) {
    const literal = table.literal(name);
    if (literal !== 'DEFAULT') return literal;
  }
}

async function makeParents(): Promise<void> {
  await runBoth('CREATE TABLE IF NOT EXISTS parents (id INT PRIMARY KEY)');
  for (let id = 1; id < 7; id++) await runBoth(`INSERT IGNORE INTO parents VALUES (${id})`);
}

async function askOne({ parameters }: ProtocolList, random: SeededRandom, table: RandomTable, tally: Tally) {
  const way = random.below(4);
  const hasJson = table.columns.some(({ kind }) => kind.type === 'JSON');
  if (way < 2) {
    tally.rows += (
      JSON.parse(await expectSame(`/?${queryText({ command: 'select', type: '*', ...parameters })}`)) as []
    ).length;
  } else if (way === 2 || hasJson) {
    tally.counts += Number(await expectSame(`/?${queryText({ command: 'count', ...parameters })}`));
  } else {
    const { table: name, ...others } = parameters;
    const path = `/v1/lists/${name}?${queryText({ ...others, ...(random.chance(0.5) && { count: 'true' }) })}`;
    const [here = '', there = ''] = await answers(path);
    // A source numbers no commits.
    expectEqual(there, here.replace(/"seq":\d+\}$/, '"seq":null}'), decodeURIComponent(path));
    tally.pages++;
  }
}

async function writeOne({ parameters }: ProtocolList, random: SeededRandom, table: RandomTable, tally: Tally) {
  const field = (): [string, string | null] => {
    const name = random.pick(table.columns).name;
    return [name, random.chance(0.1) ? null : table.text(name)];
  };
  const what = random.below(3);
  if (what === 0) {
    const { table: into } = parameters;
    // What a column without a default gets is not this test's affair.
    const needed = table.columns.filter(({ nullable }) => !nullable).map(({ name }) => [name, table.text(name)]);
    const object = (): object => ({
      ...Object.fromEntries(table.keyNames.map((key) => [key, table.keyLiteral().replaceAll("'", '')])),
      ...Object.fromEntries([field(), field(), ...needed]),
    });
    const body = random.chance(0.5) ? object() : Array.from({ length: 3 }, object);
    await expectSame(`/?command=insert&table=${into}`, JSON.stringify(body));
  } else if (what === 1) {
    await expectSame(
      `/?${queryText({ command: 'update', ...parameters })}`,
      JSON.stringify(Object.fromEntries([field(), field()])),
    );
  } else {
    await expectSame(`/?${queryText({ command: 'delete', type: '*', ...parameters, limit_max: '3' })}`);
  }
  await expectSame('/?command=select&type=*&table=t');
  tally.writes++;
}

describe('in front of a MariaDB lists answer as before the embedded store', () => {
  it('random tables, lists and writes', { timeout: 3_600_000 }, async () => {
    const tally: Tally = { rows: 0, counts: 0, pages: 0, writes: 0 };
    for (let seed = FIRST_SEED; seed < FIRST_SEED + TABLES; seed++) {
      try {
        await runTable(new SeededRandom(seed), tally);
      } catch (error) {
        throw new Error(`SLUICE_LISTS_SEED=${seed}: ${(error as Error).message}`, { cause: error });
      }
    }
    process.stdout.write(`${TABLES} tables: ${JSON.stringify(tally)}\n`);
    expect(tally.rows).toBeGreaterThan(TABLES);
    expect(tally.counts).toBeGreaterThan(TABLES);
    expect(tally.pages).toBeGreaterThan(0);
    expect(tally.writes).toBe(TABLES * WRITES);
  });
});
