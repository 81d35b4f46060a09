/**
 * kill -9 under load: of the writer, then of the whole server. Every acknowledged write is there once, nothing of a refused one is, and what
 * was in flight is there wholly or not at all. SLUICE_FAULT_ROUNDS sets how often; the figures are printed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT_DIR } from '../structure/sources.ts';
import { connectDriver, rowsOf, singleValue } from '../support/mysql-driver.ts';
import { childrenOfKind } from '../support/process-kinds.ts';
import { runCommand } from '../support/run-command.ts';
import { isAlive } from '../support/server-process.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { LOAD_TABLES_SQL, ROWS_OF, type Work, WriteLoad } from './write-load.ts';

const ROUNDS = Number(process.env.SLUICE_FAULT_ROUNDS ?? 6);
const CLIENTS = 8;
const TIMEOUT_MS = 60_000 + ROUNDS * 20_000;

const dir = makeTempDir('kill');
const dataDir = `${dir.path}/data`;
let server: SluiceServer;

beforeAll(async () => {
  server = await startSluice({ dataDir });
  const connection = await connectDriver(server);
  for (const sql of LOAD_TABLES_SQL) await connection.query(sql);
  await connection.end();
});

afterAll(async () => {
  await server.stop();
  dir.remove();
});

interface Found {
  readonly work: string;
  readonly n: number;
  readonly first: number;
  readonly ledger: number;
}

/** What is wrong with the rows of a round, by what the clients were told; all empty when all is well. */
function judge(works: readonly Work[], found: readonly Found[]) {
  const byName = new Map(found.map((row) => [row.work, row]));
  const known = new Set(works.map(({ name }) => name));
  const rows = (work: Work): number => byName.get(work.name)?.n ?? 0;
  const whole = (work: Work): boolean =>
    rows(work) === ROWS_OF[work.kind] && byName.get(work.name)?.ledger === (work.kind === 'transaction' ? 1 : 0);
  const names = (wrong: (work: Work) => boolean): string[] =>
    works.filter(wrong).map((work) => `${work.kind} ${work.name}: ${rows(work)} rows`);
  return {
    lost: names((work) => work.fate === 'done' && rows(work) < ROWS_OF[work.kind]),
    doubled: names((work) => rows(work) > ROWS_OF[work.kind]),
    refusedButThere: names((work) => work.fate === 'refused' && rows(work) > 0),
    half: names((work) => rows(work) > 0 && !whole(work)),
    underAnotherId: names((work) => work.fate === 'done' && byName.get(work.name)?.first !== work.id),
    ofNobody: found.filter(({ work }) => !known.has(work)).map(({ work }) => work),
  };
}

const NOTHING_WRONG = { lost: [], doubled: [], refusedButThere: [], half: [], underAnotherId: [], ofNobody: [] };

async function rowsOfRound(round: number): Promise<Found[]> {
  const connection = await connectDriver(server, { database: 'faults' });
  const found = await rowsOf<Found>(
    connection,
    `SELECT l.work, COUNT(*) AS n, MIN(l.id) AS first, (SELECT COUNT(*) FROM ledger WHERE ledger.work = l.work) AS ledger
     FROM log AS l WHERE l.round = ? GROUP BY l.work`,
    [round],
  );
  const alone = await rowsOf<{ work: string }>(
    connection,
    'SELECT work FROM ledger WHERE round = ? AND NOT EXISTS (SELECT 1 FROM log WHERE log.work = ledger.work)',
    [round],
  );
  await connection.end();
  return [...found, ...alone.map(({ work }) => ({ work, n: 0, first: 0, ledger: 1 }))];
}

describe('kill -9 under load', () => {
  it(`of the writer, then of the whole server, ${ROUNDS} times`, { timeout: TIMEOUT_MS }, async () => {
    const total = { done: 0, refused: 0, unknown: 0, rows: 0 };
    const errors = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round++) {
      const load = new WriteLoad(server, { round, clients: CLIENTS });
      await load.progress(50);
      await sleep(Math.random() * 200);

      const [writer = 0] = childrenOfKind(server, 'writer');
      process.kill(writer, 'SIGKILL');
      await load.progress(100);
      expect(load.surprises, 'errors that are neither retryable nor of an unknown outcome').toEqual([]);
      expect(childrenOfKind(server, 'writer')).not.toContain(writer);
      await sleep(Math.random() * 200);

      const pids = server.groupPids();
      await server.kill9();
      await load.stop();
      expect(load.surprises).toEqual([]);
      await expect.poll(() => pids.filter(isAlive)).toEqual([]);

      server = await startSluice({ dataDir, ports: server });
      const found = await rowsOfRound(round);
      expect(judge(load.works, found)).toEqual(NOTHING_WRONG);
      for (const { fate } of load.works) total[fate]++;
      total.rows += found.reduce((sum, { n }) => sum + n, 0);
      for (const [name, count] of load.errors) errors.set(name, (errors.get(name) ?? 0) + count);
    }
    const connection = await connectDriver(server);
    expect(await singleValue(connection, 'SELECT COUNT(*) FROM faults.log')).toBe(total.rows);
    await connection.end();
    console.log(`${ROUNDS} rounds:`, total, 'errors that clients saw:', Object.fromEntries(errors));
  });

  it('of the front alone: its children end, and another one takes over at once', async () => {
    for (let round = 1000; round < 1003; round++) {
      const load = new WriteLoad(server, { round, clients: CLIENTS });
      await load.progress(50);
      const pids = server.groupPids();
      await server.kill9('one');
      await load.stop();
      await expect.poll(() => pids.filter(isAlive), { timeout: 10_000 }).toEqual([]);
      server = await startSluice({ dataDir, ports: server });
      expect(judge(load.works, await rowsOfRound(round))).toEqual(NOTHING_WRONG);
    }
  });

  it('leaves a file without a fault', async () => {
    expect(await server.stop()).toBe(0);
    const { stdout } = await runCommand(process.execPath, [`${PROJECT_DIR}/dist/main.js`, 'check', '--data', dataDir]);
    expect(stdout).toMatch(/ is sound: 2 tables/);
    server = await startSluice({ dataDir, ports: server });
  });
});
