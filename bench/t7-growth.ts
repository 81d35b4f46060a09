import { type SluiceServer, startSluice } from '../test/support/sluice-server.ts';
import { checkAnswers } from './support/ask-http.ts';
import type { BenchContext, Claim, Row } from './support/claim.ts';
import { byTurns, format, ratioOf } from './support/compare.ts';
import { pin } from './support/cores.ts';
import { listStatistics, untilKeptByUrl } from './support/kept-lists.ts';
import {
  prepareScores,
  SCORE_QUERIES,
  type ScoreQuery,
  type ScoreTable,
  type Starts,
  scoreQuery,
} from './support/scores.ts';
import { scoresAgainstMariadb } from './support/scores-against-mariadb.ts';
import { runWrk } from './support/wrk.ts';

const CONNECTIONS = 64;
/** "Flat within 1.5x." */
const TARGET = 1 / 1.5;
const CHECKED = 200;
const UNIT = 'requests/s';

export const growth: Claim = {
  id: 'T7-growth',
  title: 'a kept list, its count and its page 10,000 as the table grows; beside its first page, and against MariaDB',
  seconds: 1,
  run: async (context) => {
    const { dataDir, tables } = await prepareScores(context);
    const sluice = await startSluice({ dataDir });
    try {
      const notes = await keepAll(context, sluice, tables);
      await pin(sluice.groupPids(), context.cores.server);
      const rows = [
        ...(await besideSmallest(context, sluice, tables, notes)),
        ...(await besideFirstPage(context, sluice, tables)),
      ];
      for (const table of tables) await checkTable(sluice, table);
      return [...rows, ...(await scoresAgainstMariadb(context, sluice, tables.slice(-2)))];
    } finally {
      await sluice.stop();
    }
  },
};

/** @returns for each table how long it took and what it takes. */
async function keepAll(context: BenchContext, sluice: SluiceServer, tables: readonly ScoreTable[]): Promise<string[]> {
  const notes: string[] = [];
  for (const table of tables) {
    const seconds = await untilKeptByUrl(sluice.httpUrl, scoreQuery(table, 'page 1', 'any'));
    await checkTable(sluice, table);
    const { lists } = await listStatistics(sluice.httpUrl);
    const bytes = lists.filter((list) => list.table.endsWith(table.name)).reduce((sum, list) => sum + list.bytes, 0);
    notes.push(`from memory after ${seconds.toFixed(1)} s, ${format(bytes / table.rows)} bytes a row`);
    context.log(`${table.name}: ${notes.at(-1)}`);
  }
  return notes;
}

async function checkTable(sluice: SluiceServer, table: ScoreTable): Promise<void> {
  for (const kind of SCORE_QUERIES) await checkAnswers(sluice.httpUrl, scoreQuery(table, kind, 'any'), CHECKED, 1);
}

/** @returns for each table its rounds. */
function measureSizes(
  context: BenchContext,
  sluice: SluiceServer,
  tables: readonly ScoreTable[],
  kind: ScoreQuery,
  starts: Starts,
): Promise<number[][]> {
  const any = starts === 'any' ? ' (any)' : '';
  const name = `${kind}${any} at ${tables.map(({ rows }) => format(rows)).join(' and ')} rows`;
  const sides = tables.map((table) => async (round: number, seconds: number) => {
    const { path } = scoreQuery(table, kind, starts);
    const load = { path, connections: CONNECTIONS, seconds, seed: round + 1, cores: context.cores.load };
    return (await runWrk({ url: sluice.httpUrl, ...load })).perSecond;
  });
  return byTurns(context, { name, unit: UNIT }, sides);
}

/** A thousand lists, asked for again and again. */
async function besideSmallest(
  context: BenchContext,
  sluice: SluiceServer,
  tables: readonly ScoreTable[],
  notes: readonly string[],
): Promise<Row[]> {
  const [smallestTable] = tables;
  const rows: Row[] = [];
  for (const kind of SCORE_QUERIES) {
    const [smallest = [], ...larger] = await measureSizes(context, sluice, tables, kind, 'thousand');
    for (const [index, rounds] of larger.entries()) {
      const { name } = scoreQuery(tables[index + 1]!, kind, 'thousand');
      const line = { name, unit: UNIT, peerName: `at ${format(smallestTable?.rows ?? 0)}`, target: TARGET };
      const note = kind === 'page 1' ? { note: notes[index + 1]! } : {};
      rows.push(ratioOf({ ...line, ...note }, rounds, smallest));
    }
  }
  return rows;
}

/** Any list: whether page 10,000, or the count, is dearer than the first page, and what rows cost that nobody has asked for yet. */
async function besideFirstPage(
  context: BenchContext,
  sluice: SluiceServer,
  tables: readonly ScoreTable[],
): Promise<Row[]> {
  const chosen = [tables[0]!, ...tables.slice(-2)];
  const [smallest = [], ...first] = await measureSizes(context, sluice, chosen, 'page 1', 'any');
  const rows: Row[] = [];
  for (const [index, rounds] of first.entries()) {
    const table = chosen[index + 1]!;
    const { name } = scoreQuery(table, 'page 1', 'any');
    const note = 'rows that nobody has asked for yet are read from the store';
    const peerName = `at ${format(chosen[0]!.rows)}`;
    rows.push(ratioOf({ name, unit: UNIT, peerName, target: TARGET, note }, rounds, smallest));
  }
  for (const kind of ['count', 'page 10,000'] as const) {
    const larger = await measureSizes(context, sluice, chosen.slice(1), kind, 'any');
    for (const [index, rounds] of larger.entries()) {
      const { name } = scoreQuery(chosen[index + 1]!, kind, 'any');
      rows.push(ratioOf({ name, unit: UNIT, peerName: 'its page 1', target: TARGET }, rounds, first[index]!));
    }
  }
  return rows;
}
