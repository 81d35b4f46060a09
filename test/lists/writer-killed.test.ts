/**
 * kill -9 of the writer while lists are kept, subscribed to and written to: afterwards each is what a fresh query gives, and what subscribers hold is too.
 * SLUICE_FAULT_ROUNDS sets how often; the figures are printed.
 */
import type { Connection } from 'mysql2/promise';
import { connect } from 'sluice/client';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { KeptListsStatistics } from '../../src/lists/kept/kept-lists.ts';
import { SeededRandom } from '../../src/util/random.ts';
import { connectDriver, rowsOf } from '../support/mysql-driver.ts';
import { childrenOfKind } from '../support/process-kinds.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';
import { History } from './support/history.ts';
import { freshPages, LISTS, listOf, TABLE_SQL, Writer } from './support/stories.ts';

const ROUNDS = Number(process.env.SLUICE_FAULT_ROUNDS ?? 4);
const WRITERS = 8;
const KILLS_PER_ROUND = 3;

/** Lists of SQL, and the same in words that no kept list knows. */
const SQL_LISTS = [
  'SELECT pkey, hot FROM story WHERE hot >= 2 ORDER BY hot DESC LIMIT 20',
  'SELECT * FROM story WHERE uid = 2 ORDER BY pkey',
  'SELECT COUNT(*) FROM story WHERE uid IN (1, 2)',
  'SELECT name FROM story WHERE pkey = 7',
];
const unknown = (sql: string): string => sql.replace('WHERE', "WHERE LENGTH('x') = 1 AND");

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

/** Writes until it is told to stop, and counts what came of it. */
class Load {
  written = 0;
  readonly errors = new Map<string, number>();
  #stopped = false;
  readonly #working: Promise<unknown>;

  constructor(round: number) {
    this.#working = Promise.all(Array.from({ length: WRITERS }, (_, i) => this.#work(round * WRITERS + i)));
  }

  async #work(seed: number): Promise<void> {
    const own = await connectDriver(server, { database: 'main' });
    const writer = new Writer(server, own, new SeededRandom(seed));
    while (!this.#stopped) {
      try {
        await writer.write();
        this.written++;
      } catch (error) {
        const { message } = error as Error;
        const kind = /outcome|unknown|try again|try restarting|Duplicate/.exec(message)?.[0] ?? message;
        this.errors.set(kind, (this.errors.get(kind) ?? 0) + 1);
        await own.query('ROLLBACK');
      }
    }
    await own.end();
  }

  async progress(writes: number): Promise<void> {
    const from = this.written;
    await vi.waitUntil(() => this.written >= from + writes, { timeout: 60_000, interval: 5 });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#working;
  }
}

it(`kept and live lists are right after ${ROUNDS * KILLS_PER_ROUND} writers were killed`, {
  timeout: 60_000 + ROUNDS * 20_000,
}, async () => {
  const db = connect(server.httpUrl);
  const histories = LISTS.map((list) => new History(listOf(db, list).subscribe({ retryMaxMs: 20 })));
  await Promise.all(histories.map(({ live }) => live.ready));
  const errors = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++) {
    const load = new Load(round);
    for (let time = 0; time < KILLS_PER_ROUND; time++) {
      await load.progress(20);
      const [killed = 0] = childrenOfKind(server, 'writer');
      process.kill(killed, 'SIGKILL');
      await load.progress(20);
      expect(childrenOfKind(server, 'writer')).not.toContain(killed);
    }
    await load.stop();
    for (const [kind, count] of load.errors) errors.set(kind, (errors.get(kind) ?? 0) + count);

    const pages = await freshPages(db);
    // More often than it takes for a list to be kept.
    for (let time = 0; time < 5; time++) {
      for (const [i, list] of LISTS.entries()) {
        const { rows, count } = await listOf(db, list).get();
        expect({ rows, count }, `round ${round}: ${list.name}`).toEqual(pages[i]);
      }
      for (const sql of SQL_LISTS)
        expect(await rowsOf(connection, sql), sql).toEqual(await rowsOf(connection, unknown(sql)));
    }
    await vi.waitUntil(() => histories.every((history, i) => history.shows(pages[i]!)), { timeout: 60_000 });
  }
  const { hits, lists } = (await (await fetch(`${server.httpUrl}/v1/status/lists`)).json()) as KeptListsStatistics;
  console.log(`${ROUNDS} rounds, ${hits} answers from memory; errors that writers saw:`, Object.fromEntries(errors));
  expect(new Set(lists.map(({ kind }) => kind))).toEqual(new Set(['index', 'window']));
  for (const { live } of histories) live.close();
});
