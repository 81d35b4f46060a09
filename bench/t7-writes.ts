import { setTimeout as sleep } from 'node:timers/promises';
import { mysqlClient } from '../test/support/mariadb-server.ts';
import { type SluiceServer, startSluice } from '../test/support/sluice-server.ts';
import { askAll, askHttp, checkAnswers } from './support/ask-http.ts';
import { Busy } from './support/busy.ts';
import type { BenchContext, Claim, Row } from './support/claim.ts';
import { compare, format } from './support/compare.ts';
import { pin } from './support/cores.ts';
import { listStatistics } from './support/kept-lists.ts';
import { Notes } from './support/notes.ts';
import { runStatement } from './support/sysbench.ts';
import { fillTemplate } from './support/template.ts';

const CLIENTS = 16;
/** "Within 2x." */
const TARGET = 0.5;
const CHECKED = 200;
const DATABASE = 'main';
/** So many that each waits for its answer long enough to show that the list is worth keeping. */
const ASKED_AT_ONCE = 64;
const KEPT_SECONDS_MAX = 400;
const LOOK_EVERY_MS = 500;
/** Of CHECKED, see enough(). */
const MISSED_MAX = 3;

export const writes: Claim = {
  id: 'T7-writes',
  title: 'durable inserts of 16 clients, with kept lists that they do not touch, against none',
  seconds: 2,
  run: async (context) => {
    // 1,000 and 100,000, unless the benches run with smaller tables.
    const [few, many] = [Math.ceil(context.rows / 1_000), Math.ceil(context.rows / 10)];
    const notes = new Notes(many);
    const [plainDir, keepingDir] = await notes.makeDirs(2);
    const plain = await startSluice({ dataDir: plainDir });
    try {
      const keeping = await startSluice({ dataDir: keepingDir });
      try {
        const servers = { plain, keeping };
        const inserted = { plain: 0, keeping: 0 };
        const rows: Row[] = [];
        for (const count of [few, many]) rows.push(await compareWrites(context, servers, notes, count, inserted));
        return rows;
      } finally {
        await keeping.stop();
      }
    } finally {
      await plain.stop();
    }
  },
};

async function compareWrites(
  context: BenchContext,
  servers: Readonly<Record<'plain' | 'keeping', SluiceServer>>,
  notes: Notes,
  count: number,
  inserted: Record<'plain' | 'keeping', number>,
): Promise<Row> {
  const { keeping } = servers;
  const { server: cores, load: loadCores } = context.cores;
  const all = [...servers.plain.groupPids(), ...keeping.groupPids()];
  // Making the lists takes the longest: they may take both cores for it.
  if (cores !== undefined) await pin(all, `${cores},${loadCores}`);
  const seconds = await untilWindows(context, keeping, notes, count);
  await pin(all, cores);
  await checkAnswers(keeping.httpUrl, notes.listOf(count), CHECKED, 1);
  const { bytes } = await listStatistics(keeping.httpUrl);
  const busy = { plain: new Busy(() => servers.plain.groupPids()), keeping: new Busy(() => keeping.groupPids()) };
  const measure = (side: 'plain' | 'keeping') => async (round: number, seconds: number) => {
    const server = { name: side, port: servers[side].mysqlPort, database: DATABASE };
    const load = { threads: CLIENTS, seconds, seed: round + 1, cores: loadCores };
    const result = await busy[side].measure(
      () => runStatement(notes.insertSql, server, load),
      ({ transactions }) => transactions,
    );
    inserted[side] += result.transactions;
    return result.perSecond;
  };
  const row = await compare(context, {
    name: `inserts with ${format(count)} kept lists, ${CLIENTS} clients`,
    unit: 'rows/s',
    peerName: 'no kept list',
    target: TARGET,
    sluice: measure('keeping'),
    peer: measure('plain'),
  });
  for (const side of ['plain', 'keeping'] as const) {
    await checkRows(servers[side], notes.users + inserted[side]);
  }
  await checkStillKept(keeping, notes, count);
  const kept = `lists kept after ${seconds.toFixed(0)} s, ${format(bytes / 1e6)} MB`;
  return { ...row, note: `${kept}; core busy ${busy.keeping}, ${busy.plain}` };
}

/** Asks for the lists that are not kept yet, until all are. @returns how many seconds that took */
async function untilWindows(
  context: BenchContext,
  { httpUrl: url }: SluiceServer,
  notes: Notes,
  count: number,
): Promise<number> {
  const { path } = notes.listOf(count);
  const startedAt = performance.now();
  let kept = await keptWindows(url);
  // Those of the call before are kept already.
  let from = kept + 1;
  while (kept < enough(count)) {
    await askAll(url, pathsFrom(path, from, count), ASKED_AT_ONCE);
    kept = await keptWindows(url);
    const seconds = (performance.now() - startedAt) / 1_000;
    context.log(`${format(kept)} of ${format(count)} lists are kept after ${format(seconds)} s`);
    if (seconds > KEPT_SECONDS_MAX) throw new Error(`only ${kept} of ${count} lists are kept`);
    from = 1;
  }
  return (performance.now() - startedAt) / 1_000;
}

/** Of many, one or the other may not have waited long enough to be kept. */
function enough(count: number): number {
  return Math.floor(count * 0.999);
}

function* pathsFrom(template: string, from: number, to: number): Generator<string> {
  for (let value = from; value <= to; value++) yield fillTemplate(template, [value]);
}

/** Once nothing is being filled. */
async function keptWindows(url: string): Promise<number> {
  const { lists } = await listStatistics(url);
  if (lists.some(({ state }) => state === 'building')) {
    await sleep(LOOK_EVERY_MS);
    return keptWindows(url);
  }
  return lists.filter(({ kind, state }) => kind === 'window' && state === 'ready').length;
}

async function checkRows({ mysqlPort: port }: SluiceServer, expected: number): Promise<void> {
  const text = await mysqlClient({ port, database: DATABASE }, 'SELECT COUNT(*) FROM note');
  const found = Number(text.split('\n')[1]);
  if (found !== expected) throw new Error(`${found} rows, but was to have ${expected}`);
}

/** The lists are there, right, and in touch: a write that belongs into one is in its next answer. */
async function checkStillKept(
  { httpUrl: url, mysqlPort: port }: SluiceServer,
  notes: Notes,
  count: number,
): Promise<void> {
  const kept = await keptWindows(url);
  if (kept < enough(count)) throw new Error(`only ${kept} of ${count} lists are still kept`);
  const query = notes.listOf(count);
  const before = await listStatistics(url);
  await checkAnswers(url, query, CHECKED, 2);
  const path = fillTemplate(query.path, [1]);
  await mysqlClient({ port, database: DATABASE }, "INSERT INTO note (id, uid, title) VALUES (-1, 1, 'note between')");
  const text = await askHttp(url, path);
  if (!text.includes('note between')) throw new Error(`a new note is not in its list: ${text}`);
  await mysqlClient({ port, database: DATABASE }, 'DELETE FROM note WHERE id = -1');
  const after = await listStatistics(url);
  const missed = after.misses - before.misses;
  if (missed > MISSED_MAX) throw new Error(`${missed} answers were not from memory`);
}
