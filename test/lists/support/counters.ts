/**
 * Writers that count, each by all protocols in turn, and readers that look at the counts in lists: what a writer was told is written, every read that
 * starts afterwards must show; what a read has shown, none that starts after it may take back.
 */

import type { SeededRandom } from '../../../src/util/random.ts';
import type { SluiceServer } from '../../support/sluice-server.ts';
import type { ServerClient } from './server-client.ts';

export const COUNTERS_SQL = [
  'CREATE DATABASE IF NOT EXISTS main',
  'CREATE TABLE main.counters (id INT PRIMARY KEY, n INT NOT NULL, parity INT NOT NULL, name VARCHAR(10) NOT NULL, KEY (n))',
  'CREATE TABLE main.marks (id BIGINT AUTO_INCREMENT PRIMARY KEY, writer INT NOT NULL, n INT NOT NULL)',
];

/** What is known of each writer's counter. */
export class Counters {
  /** Of the newest write that was begun. */
  readonly begun: number[];
  /** At least this must be seen: it was acknowledged, or another read has shown it. */
  readonly known: number[];

  constructor(writers: number) {
    this.begun = Array<number>(writers).fill(0);
    this.known = Array<number>(writers).fill(0);
  }

  show(writer: number, n: number): void {
    this.known[writer] = Math.max(this.known[writer] ?? 0, n);
  }
}

type Way = (writer: number, n: number) => Promise<string>;

/** Ways to set a writer's counter to `n` and to leave a mark of it, both or neither. */
export function writeWays(client: ServerClient): readonly Way[] {
  const set = (writer: number, n: number): string =>
    `UPDATE main.counters SET n = ${n}, parity = ${n % 2} WHERE id = ${writer}`;
  const mark = (writer: number, n: number): string => `INSERT INTO main.marks (writer, n) VALUES (${writer}, ${n})`;
  return [
    async (writer, n) => {
      await client.run('BEGIN');
      await client.run(set(writer, n));
      await client.run(mark(writer, n));
      return client.run('COMMIT');
    },
    async (writer, n) => {
      await client.batch([set(writer, n), mark(writer, n)], true);
      return 'ok';
    },
    // The mark first: until the counter follows, nobody expects either.
    async (writer, n) => {
      const made = await client.list({ command: 'insert', table: 'main.marks' }, JSON.stringify({ writer, n }));
      const body = JSON.stringify({ n, parity: n % 2 });
      const done = await client.list(
        { command: 'update', table: 'main.counters', where: `pkey:NUMEQ:${writer}` },
        body,
      );
      return made.includes('"ok":true') && done.includes('"affected":1') ? 'ok' : `${made} ${done}`;
    },
    async (writer, n) => {
      await client.run(mark(writer, n));
      return client.run(set(writer, n));
    },
    async (writer, n) => {
      await client.run(mark(writer, n));
      return client.run(`REPLACE INTO main.counters VALUES (${writer}, ${n}, ${n % 2}, 'w${writer}')`);
    },
  ];
}

/** What a read has shown of writers. */
type Seen = ReadonlyMap<number, number>;
type Read = (client: ServerClient, server: SluiceServer, random: SeededRandom) => Promise<Seen>;

const pairs = (rows: readonly (readonly (string | number)[])[]): Seen =>
  new Map(rows.map(([id, n]) => [Number(id), Number(n)]));

async function get<Answer>(server: SluiceServer, path: string): Promise<Answer> {
  const response = await fetch(server.httpUrl + path);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}

/** All counters, or what is in those of one writer, by lists of every shape. */
export function readWays(writers: number): Readonly<Record<string, Read>> {
  const one = (random: SeededRandom): number => random.below(writers);
  const sqlRows =
    (text: string): Read =>
    async (client, _server, random) => {
      const rows = await client.query([text.replace('?', String(one(random)))], random.below(2));
      if (!rows.startsWith('[')) throw new Error(`${text}: ${rows}`);
      return pairs(JSON.parse(rows) as (string | number)[][]);
    };
  const rows = 'command=select&type=*&table=main.counters';
  const listRows =
    (parameters: string): Read =>
    async (_client, server, random) => {
      const found = await get<{ id: string; n: string }[]>(
        server,
        `/?${rows}&${parameters.replace('*', String(one(random)))}`,
      );
      return pairs(found.map(({ id, n }) => [id, n]));
    };
  return {
    'SQL by a number': sqlRows('SELECT id, n FROM counters ORDER BY n DESC LIMIT 100'),
    'SQL by a text': sqlRows('SELECT id, n FROM counters WHERE n >= 0 ORDER BY name LIMIT 100'),
    'SQL by the key': sqlRows('SELECT id, n FROM counters WHERE id = ?'),
    'SQL of marks': sqlRows('SELECT writer, n FROM marks WHERE writer = ? ORDER BY id DESC LIMIT 1'),
    'SQL that is no list': sqlRows("SELECT id, n FROM counters WHERE LENGTH('x') = 1 AND n >= 0 ORDER BY name"),
    'a scan by SQL': sqlRows('SELECT writer, MAX(n) FROM marks GROUP BY writer'),
    'rows by a number': listRows('where=n:NUMGE:0&order_by=n&order_sort=NUMDESC'),
    'rows by a text': listRows('where=name:STRINC:w&order_by=name&order_sort=STRASC&limit_max=100'),
    'rows by the key': listRows('where=pkey:NUMEQ:*'),
    'a page': async (_client, server) => {
      const { rows: found } = await get<{ rows: { id: number; n: number }[] }>(
        server,
        '/v1/lists/main.counters?order_by=name&count=true&limit_max=100',
      );
      return pairs(found.map(({ id, n }) => [id, n]));
    },
    'a count of marks': async (_client, server, random) => {
      const writer = one(random);
      return new Map([
        [writer, await get<number>(server, `/?command=count&table=main.marks&where=writer:NUMEQ:${writer}`)],
      ]);
    },
    'a count of marks by SQL': async (client, _server, random) => {
      const writer = one(random);
      const text = await client.query([`SELECT COUNT(*) FROM marks WHERE writer = ${writer}`], random.below(2));
      return new Map([[writer, Number((JSON.parse(text) as number[][])[0]?.[0])]]);
    },
  };
}
