/** Random lists over two tables of a server, asked by all its protocols after each of many random writes by all of them. */
import type { TableDefinition } from '../../../src/stores/schema.ts';
import type { StoreRow } from '../../../src/stores/values.ts';
import type { SeededRandom } from '../../../src/util/random.ts';
import { connectDriver } from '../../support/mysql-driver.ts';
import type { SluiceServer } from '../../support/sluice-server.ts';
import type { Asked, Fresh } from './asked.ts';
import { feedSource, writeFeed } from './feed-run.ts';
import { ListModel } from './list-model.ts';
import { ProtocolList } from './protocol-list.ts';
import { RandomTable } from './random-table.ts';
import { RandomWriter } from './random-writes.ts';
import { ServerClient } from './server-client.ts';
import { SqlList } from './sql-list.ts';

const LISTS = 8;

export async function runServer(server: SluiceServer, random: SeededRandom, steps: number): Promise<void> {
  const connection = await connectDriver(server);
  await connection.query('DROP DATABASE IF EXISTS main');
  await connection.query('CREATE DATABASE main');
  await connection.query('CREATE TABLE main.clock (id INT PRIMARY KEY)');
  await connection.end();
  const writing = await ServerClient.open(server, random);
  const reading = await ServerClient.open(server, random);
  try {
    const table = new RandomTable(random);
    const feed = feedSource(random);
    let lists: Asked[] = [];
    const check = async (client: ServerClient, only: (list: Asked) => boolean, what: string): Promise<void> => {
      const fresh = await feedNow(server, feed.names);
      // Dropped just now.
      if (fresh === null) return;
      for (const list of lists.filter(only)) {
        try {
          await list.check(client, fresh, random);
        } catch (error) {
          (error as Error).message = `${what}: ${list.text}\n${(error as Error).message}`;
          throw error;
        }
      }
    };
    // List commands and pages are no part of the transaction that a connection has open.
    const writer = new RandomWriter(random, table, writing, (client) =>
      check(client as ServerClient, (list) => list instanceof SqlList, `in a transaction, after ${writer.last}`),
    );
    await writer.create();
    await writing.list({ command: 'insert' }, '{"pkey":1,"uid":"1"}');
    for (let step = 0; step < steps; step++) {
      const last = random.chance(0.5)
        ? await writeFeed(writing, random, feed)
        : await writer.write().then(() => writer.last);
      if (lists.length === LISTS && random.chance(0.1)) lists = lists.slice(1);
      while (lists.length < LISTS)
        lists.push(random.chance(0.5) ? new SqlList(table, random) : new ProtocolList(feed, random));
      await check(reading, () => true, `step ${step}, after ${last}`);
    }
  } finally {
    await writing.close();
    await reading.close();
  }
}

/** All rows of the feed, in stored form; `names` becomes those of its fields. null: there is none. */
async function feedNow(server: SluiceServer, names: string[]): Promise<Fresh | null> {
  const body = JSON.stringify({ sql: "SELECT * FROM main.feed WHERE LENGTH('x') = 1", as: 'array' });
  const response = await fetch(`${server.httpUrl}/v1/sql`, { method: 'POST', body });
  const { fields = [], rows = [] } = (await response.json()) as { fields?: { name: string }[]; rows?: StoreRow[] };
  if (fields.length === 0) return null;
  names.splice(0, names.length, ...fields.map(({ name }) => name));
  const { seq } = (await (await fetch(`${server.httpUrl}/v1/lists/main.clock?limit_max=0`)).json()) as { seq: number };
  return { model: new ListModel(feedDefinition(names), rows), sequence: seq };
}

function feedDefinition(names: readonly string[]): TableDefinition {
  const text = { name: 'longtext', collation: 'utf8mb4_bin' } as const;
  return {
    database: 'main',
    name: 'feed',
    kind: 'schemaless',
    columns: names.map((name) => ({ name, type: name === 'pkey' ? { name: 'bigint' } : text, nullable: true })),
    primaryKey: ['pkey'],
    indexes: [],
    foreignKeys: [],
    checks: [],
    collation: 'utf8mb4_bin',
    createdAt: '',
  };
}
