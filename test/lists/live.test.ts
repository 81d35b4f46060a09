/** Live lists over HTTP: at every commit, a subscriber's page is what the store says it is. */
import { join } from 'node:path';
import type { Connection } from 'mysql2/promise';
import { connect, type Page } from 'sluice/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { SeededRandom } from '../../src/util/random.ts';
import { connectDriver } from '../support/mysql-driver.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { History } from './support/history.ts';
import { type FreshPage, freshPages, LISTS, listOf, type Story, TABLE, TABLE_SQL, Writer } from './support/stories.ts';

/** SLUICE_LIVE_SEED and SLUICE_LIVE_STEPS look elsewhere, or longer. */
const SEED = Number(process.env.SLUICE_LIVE_SEED ?? 20_090_901);
const STEPS = Number(process.env.SLUICE_LIVE_STEPS ?? 200);

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

/** A connection that breaks now and then, in the middle of what comes. */
function breaking(random: SeededRandom): { fetch: typeof fetch; readonly broken: number; readonly resumed: number } {
  const told = { broken: 0, resumed: 0 };
  const fetchBreaking: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    if (new Headers(init?.headers).has('last-event-id')) told.resumed++;
    let pieces = 2 + random.below(12);
    const breaker = new TransformStream<Uint8Array, Uint8Array>({
      transform(piece, controller) {
        // Half of the last piece still arrives.
        controller.enqueue(pieces > 0 ? piece : piece.subarray(0, piece.length >> 1));
        if (pieces-- > 0) return;
        told.broken++;
        controller.error(new TypeError('the connection broke'));
      },
    });
    const { status, headers } = response;
    return new Response(response.body?.pipeThrough(breaker) ?? null, { status, headers });
  };
  return {
    fetch: fetchBreaking,
    get broken() {
      return told.broken;
    },
    get resumed() {
      return told.resumed;
    },
  };
}

describe('live lists', () => {
  it('are at every commit what the store says, also over connections that break', async () => {
    const random = new SeededRandom(SEED);
    const db = connect(server.httpUrl);
    const flaky = breaking(random);
    const steady = LISTS.map((list) => new History(listOf(db, list).subscribe()));
    const broken = LISTS.map(
      (list) => new History(listOf(connect(server.httpUrl, { fetch: flaky.fetch }), list).subscribe({ retryMaxMs: 5 })),
    );
    await Promise.all([...steady, ...broken].map(({ live }) => live.ready));
    const writer = new Writer(server, connection, random);
    const commits: { seq: number; what: string; pages: FreshPage[] }[] = [];
    for (let step = 0; step < STEPS; step++) {
      const what = await writer.write();
      const [pages, ...typed] = await Promise.all([freshPages(db), ...LISTS.map((list) => listOf(db, list).get())]);
      // Every page that begins after a write's answer shows it, from the kept lists or from the store.
      for (const [index, list] of LISTS.entries()) {
        const { rows, count, seq } = typed[index]!;
        expect({ rows, count }, `${list.name}, step ${step} of seed ${SEED}: ${what}`).toEqual(pages[index]);
        expect(seq).toBe(typed[0]!.seq);
      }
      commits.push({ seq: typed[0]!.seq, what, pages });
    }
    const last = commits.at(-1)!;
    await vi.waitUntil(
      () => [...steady, ...broken].every((history, i) => history.shows(last.pages[i % LISTS.length]!)),
      {
        timeout: 60_000,
      },
    );
    for (const [index, list] of LISTS.entries()) {
      for (const history of [steady[index]!, broken[index]!]) {
        for (const { seq, what, pages } of commits) {
          const { rows, count } = history.at(seq) ?? { rows: null, count: null };
          expect({ rows, count }, `${list.name}, commit ${seq} of seed ${SEED}: ${what}`).toEqual(pages[index]);
        }
        history.live.close();
      }
    }
    const changes = steady.reduce((sum, { states }) => sum + states.length, 0);
    console.log(
      `${STEPS} writes, ${changes} changes seen; ${flaky.broken} broken connections, ${flaky.resumed} resumed`,
    );
    expect(changes).toBeGreaterThan(STEPS);
    expect(flaky.resumed).toBeGreaterThan(LISTS.length);
  });

  it('are what pages of the same commit are, while several write at once', async () => {
    const db = connect(server.httpUrl);
    const histories = LISTS.map((list) => new History(listOf(db, list).subscribe()));
    await Promise.all(histories.map(({ live }) => live.ready));
    let writing = 4;
    const write = async (seed: number): Promise<void> => {
      const own = await connectDriver(server, { database: 'main' });
      const writer = new Writer(server, own, new SeededRandom(seed));
      for (let step = 0; step < STEPS / 4; step++) await writer.write().catch(unlessConflict);
      await own.end();
      writing--;
    };
    const pages: { index: number; page: Page<Story> }[] = [];
    const read = async (): Promise<void> => {
      for (let step = 0; writing > 0; step++) {
        const index = step % LISTS.length;
        pages.push({ index, page: await listOf(db, LISTS[index]!).get() });
      }
    };
    await Promise.all([write(SEED + 1), write(SEED + 2), write(SEED + 3), write(SEED + 4), read(), read()]);
    await untilAllShow(histories, await freshPages(db));
    for (const { index, page } of pages) {
      const state = histories[index]!.at(page.seq);
      // A page of before the subscription.
      if (state === undefined) continue;
      const { rows, count } = state;
      expect({ rows, count }, `${LISTS[index]!.name} at ${page.seq}`).toEqual({ rows: page.rows, count: page.count });
    }
    for (const { live } of histories) live.close();
    expect(pages.length).toBeGreaterThan(50);
  });

  it('end with a table that is no longer the same, and begin anew by themselves', async () => {
    const db = connect(server.httpUrl);
    const histories = LISTS.map((list) => new History(listOf(db, list).subscribe({ retryMaxMs: 5 })));
    await Promise.all(histories.map(({ live }) => live.ready));
    for (const sql of [
      'TRUNCATE story',
      "INSERT INTO story (uid, name, hot) VALUES (1, 'b', 3), (2, 'ab', 4), (3, 'bb', 0)",
      'ALTER TABLE story ADD COLUMN mood VARCHAR(10)',
      "UPDATE story SET mood = 'fine', hot = 5",
      'ALTER TABLE story DROP COLUMN mood',
      'CREATE TABLE spare LIKE story',
      'RENAME TABLE story TO old, spare TO story',
      "INSERT INTO story (pkey, uid, name, hot) VALUES (1, 2, 'b', 3)",
    ]) {
      await connection.query(sql);
      await untilAllShow(histories, await freshPages(db));
    }
    await connection.query('DROP TABLE old');
    await connection.query('DROP TABLE story');
    for (const { live } of histories) {
      await vi.waitUntil(() => live.status === 'closed', { timeout: 60_000 });
      expect(live.error).toMatchObject({ code: 'ER_NO_SUCH_TABLE', status: 404 });
    }
    await connection.query(TABLE_SQL);
  });

  it.each(['SIGTERM', 'SIGKILL'])('go on when the server was ended by %s and came back', async (signal) => {
    const dir = makeTempDir('live');
    const dataDir = join(dir.path, 'data');
    let own = await startSluice({ dataDir });
    const { mysqlPort, httpPort, httpUrl } = own;
    const db = connect(httpUrl);
    await db.sql(TABLE_SQL);
    await db.sql(`INSERT INTO ${TABLE} (uid, name, hot) VALUES (1, 'b', 3), (2, 'ab', 4), (3, 'bb', 0)`);
    const histories = LISTS.map((list) => new History(listOf(db, list).subscribe({ retryMaxMs: 20 })));
    await Promise.all(histories.map(({ live }) => live.ready));
    if (signal === 'SIGTERM') expect(await own.stop()).toBe(0);
    else await own.kill9();
    await vi.waitUntil(() => histories.every(({ live }) => live.status === 'connecting'), { timeout: 60_000 });
    own = await startSluice({ dataDir, ports: { mysqlPort, httpPort } });
    await db.sql(`INSERT INTO ${TABLE} (uid, name, hot) VALUES (2, 'b', 5)`);
    await untilAllShow(histories, await freshPages(db));
    await db.sql(`UPDATE ${TABLE} SET hot = hot + 1`);
    await untilAllShow(histories, await freshPages(db));
    for (const { live } of histories) live.close();
    expect(await own.stop()).toBe(0);
    dir.remove();
  });
});

async function untilAllShow(histories: readonly History[], pages: readonly FreshPage[]): Promise<void> {
  await vi.waitUntil(() => histories.every((history, index) => history.shows(pages[index]!)), { timeout: 60_000 });
}

/** Transactions that touch the same rows at the same time are told to try again. */
function unlessConflict(error: unknown): void {
  const { errno } = error as { errno?: number };
  if (errno !== 1213 && errno !== 1205) throw error;
}
