/** Many subscribers, slow ones, and those who are refused. */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { Connection } from 'mysql2/promise';
import { connect } from 'sluice/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { EventStreamParser } from '../../client/event-stream.ts';
import { applyDifference } from '../../client/page.ts';
import { SeededRandom } from '../../src/util/random.ts';
import { connectDriver, rowsOf } from '../support/mysql-driver.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';
import { History } from './support/history.ts';
import { freshPages, LISTS, listOf, type Story, TABLE, TABLE_SQL, Writer } from './support/stories.ts';

let server: SluiceServer;
let connection: Connection;

beforeAll(async () => {
  server = await startSluice();
  connection = await connectDriver(server, { database: 'main' });
  await connection.query(TABLE_SQL);
});
afterAll(async () => {
  await connection.end();
  expect(await server.stop()).toBe(0);
});

const SUBSCRIBERS = 1000;

/** Four hundred share one list, a hundred the others. */
function listNumber(subscriber: number): number {
  return subscriber < 400 ? 0 : subscriber % LISTS.length;
}

describe('a thousand subscribers', () => {
  it('all see every write, many of them in the same list, many in lists of their own', async () => {
    const db = connect(server.httpUrl);
    const shared = Array.from(
      { length: SUBSCRIBERS / 2 },
      (_, i) => new History(listOf(db, LISTS[listNumber(i)]!).subscribe()),
    );
    const own = Array.from({ length: SUBSCRIBERS / 2 }, (_, uid) =>
      db.list<Story>(TABLE, { where: [['uid', 'NUMEQ', uid]], limit: 5, count: true }).subscribe(),
    );
    await Promise.all([...shared.map(({ live }) => live.ready), ...own.map(({ ready }) => ready)]);
    const writer = new Writer(server, connection, new SeededRandom(1));
    for (let step = 0; step < 40; step++) await writer.write();
    const values = own.map((_, uid) => `(${uid}, 'own', 3)`);
    await connection.query(`INSERT INTO story (uid, name, hot) VALUES ${values.join()}`);
    const pages = await freshPages(db);
    await vi.waitUntil(() => shared.every((history, i) => history.shows(pages[listNumber(i)]!)), {
      timeout: 60_000,
    });
    const rows = await rowsOf<Story>(connection, 'SELECT * FROM story ORDER BY pkey + 0');
    const expected = own.map((_, uid) => rows.filter((row) => row.uid === uid));
    await vi.waitUntil(
      () =>
        own.every(
          (live, uid) => live.rows.at(0)?.pkey === expected[uid]?.at(0)?.pkey && live.count === expected[uid]?.length,
        ),
      { timeout: 60_000 },
    );
    for (const [uid, live] of own.entries()) expect(live.rows).toEqual(expected[uid]?.slice(0, 5));

    // Told, not asserted: how long until the last of them knows.
    const top = shared.filter((_, i) => listNumber(i) === 0);
    const began = performance.now();
    const before = top[0]?.live.seq ?? 0;
    await connection.query("INSERT INTO story (uid, name, hot) VALUES (1, 'last', 5)");
    const answered = performance.now();
    await Promise.all(
      top.map(({ live }) =>
        live.seq > before ? null : new Promise<void>((resolve) => live.onChange(() => resolve())),
      ),
    );
    const known = performance.now();
    console.log(
      `answered after ${(answered - began).toFixed(1)} ms, known to all ${top.length} after ${(known - began).toFixed(1)} ms`,
    );

    const { hits, lists } = (await (await fetch(`${server.httpUrl}/v1/status/lists`)).json()) as {
      hits: number;
      lists: { subscriptions: number }[];
    };
    expect(hits).toBeGreaterThanOrEqual(0);
    expect(lists.reduce((sum, list) => sum + list.subscriptions, 0)).toBe(SUBSCRIBERS);
    const processes = await rowsOf(connection, 'SHOW PROCESSLIST');
    expect(processes.length).toBeGreaterThanOrEqual(SUBSCRIBERS);
    for (const { live } of shared) live.close();
    for (const live of own) live.close();
    await vi.waitUntil(async () => (await rowsOf(connection, 'SHOW PROCESSLIST')).length < 20, { timeout: 60_000 });
  });
});

/** A subscriber that reads when it is told to. */
class Raw {
  readonly #response: IncomingMessage;
  readonly #parser = new EventStreamParser();
  snapshots = 0;
  changes = 0;
  rows: readonly Big[] = [];
  seq = 0;

  constructor(response: IncomingMessage) {
    this.#response = response;
    response.setEncoding('utf8').on('data', (text: string) => {
      for (const item of this.#parser.push(text))
        if (item.kind === 'event') this.#take(item.event, JSON.parse(item.data));
    });
  }

  pause(): void {
    this.#response.pause();
  }

  resume(): void {
    this.#response.resume();
  }

  close(): void {
    this.#response.destroy();
  }

  #take(event: string, data: Parameters<typeof applyDifference<Big>>[1] & { rows: Big[]; seq: number }): void {
    if (event === 'snapshot') {
      this.snapshots++;
      this.rows = data.rows;
    } else {
      this.changes++;
      this.rows = applyDifference(this.rows, data, 'id');
    }
    expect(data.seq).toBeGreaterThan(this.seq);
    this.seq = data.seq;
  }
}

interface Big {
  readonly id: number;
  readonly text: string;
}

async function open(path: string): Promise<Raw> {
  const request = get(`${server.httpUrl}${path}`, { headers: { accept: 'text/event-stream' } });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return new Raw(response);
}

describe('a client that does not read for a while', () => {
  it('gets the page of then instead of all that it missed', async () => {
    await connection.query('CREATE TABLE big (id INT PRIMARY KEY, text MEDIUMTEXT)');
    const writes = 300;
    const slow = await open('/v1/lists/main.big?limit_max=3&order_by=id&order_sort=NUMDESC');
    const quick = await open('/v1/lists/main.big?limit_max=3&order_by=id&order_sort=NUMDESC');
    await vi.waitUntil(() => slow.snapshots + quick.snapshots === 2);
    slow.pause();
    // Thirty megabytes: more than the sockets' buffers hold.
    for (let id = 0; id < writes; id++) {
      await connection.query('INSERT INTO big VALUES (?, ?)', [id, String(id % 10).repeat(100_000)]);
    }
    await vi.waitUntil(() => quick.rows[0]?.id === writes - 1, { timeout: 60_000 });
    expect([quick.snapshots, quick.changes]).toEqual([1, writes]);
    expect(slow.changes).toBe(0);
    slow.resume();
    await vi.waitUntil(() => slow.rows[0]?.id === writes - 1, { timeout: 60_000 });
    expect(slow.snapshots).toBeGreaterThan(1);
    expect(slow.changes).toBeLessThan(writes);
    expect(slow.rows).toEqual(quick.rows);
    // And from there on every change.
    const { changes } = slow;
    await connection.query("UPDATE big SET text = 'short' WHERE id = ?", [writes - 1]);
    await vi.waitUntil(() => slow.rows[0]?.text === 'short');
    expect(slow.changes).toBe(changes + 1);
    slow.close();
    quick.close();
  });
});

describe('a subscription is refused', () => {
  beforeAll(async () => {
    await connection.query('CREATE TABLE pair (a INT, b INT, PRIMARY KEY (a, b))');
    await connection.query('CREATE TABLE worded (word VARCHAR(20) PRIMARY KEY, n INT)');
  });

  it.each<[string, number, RegExp]>([
    ['main.missing?limit_max=3', 404, /main\.missing/],
    ['story', 400, /limit_max is missing/],
    ['story?limit_max=3&limit_max=3', 400, /^limit_max is given twice/],
    ['story?limit_max=many', 400, /^limit_max: 'many'/],
    ['story?limit_max=3&colour=red', 400, /colour/],
    ['story?limit_max=3&type=*', 400, /^type: /],
    ['story?limit_max=3&count=yes', 400, /^count: 'yes'/],
    ['story?limit_max=3&where=nothing:NUMEQ:1', 400, /nothing/],
    ['story?limit_max=3&where=hot:NUMBER:1', 400, /unknown operator 'NUMBER'/],
    ['story?limit_max=3&where=name:STRRX:(', 400, /STRRX: '\('/],
    ['story?limit_max=3&order_by=hot&order_sort=UP', 400, /^order_sort: 'UP'/],
    ['pair?limit_max=3', 501, /primary key/],
    ['worded?limit_max=3', 501, /primary key/],
  ])('%s', async (list, status, expected) => {
    const response = await fetch(`${server.httpUrl}/v1/lists/${list}`, { headers: { accept: 'text/event-stream' } });
    const { error } = (await response.json()) as { error: { message: string } };
    expect([response.status, error.message]).toEqual([status, expect.stringMatching(expected)]);
  });
});
