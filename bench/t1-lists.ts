import { type SluiceServer, startSluice } from '../test/support/sluice-server.ts';
import { checkAnswers } from './support/ask-http.ts';
import { Busy } from './support/busy.ts';
import type { BenchContext, Claim, Row } from './support/claim.ts';
import { compare, format } from './support/compare.ts';
import { prepareFeed } from './support/feed-data.ts';
import { countQuery, keyQuery, listQuery, repeatedQuery, userQuery } from './support/feed-queries.ts';
import { untilKeptByUrl, untilRowsKept } from './support/kept-lists.ts';
import type { KnownQuery } from './support/known-query.ts';
import { type BareHttp, startBareHttp } from './support/start-bare-http.ts';
import { openSecondsOf, runWrk, type WrkResult } from './support/wrk.ts';

const FEW_CONNECTIONS = 64;
const TARGET_AT_MANY = 0.8;

/** How many answers are compared with what the rows say, and then sent by the peer. */
const SAMPLE_SIZE = 1_000;
const CHECKED_AFTER = 100;

export const lists: Claim = {
  id: 'T1-lists',
  title: "TCSQL's published queries over HTTP, random values in every request, against a bare node:http server",
  seconds: 2,
  run: async (context) => {
    const feed = await prepareFeed(context);
    const { model, dataDir } = feed;
    const limits = { cores: context.cores.server, openFilesMax: context.connections + 1_000 };
    const sluice = await startSluice({ ...limits, dataDir });
    try {
      const rows: Row[] = [];
      for (const [query, target] of [
        [keyQuery(model), 0.7],
        [userQuery(model), 0.7],
        [listQuery(model), 0.5],
        [countQuery(model), 0.7],
        [repeatedQuery(model), 0.9],
      ] as const) {
        rows.push(...(await compareQuery(context, sluice, query, target)));
      }
      return rows;
    } finally {
      await sluice.stop();
    }
  },
};

async function compareQuery(
  context: BenchContext,
  sluice: SluiceServer,
  query: KnownQuery,
  targetAtFew: number,
): Promise<Row[]> {
  const limits = { cores: context.cores.server, openFilesMax: context.connections + 1_000 };
  const seconds = await untilKeptByUrl(sluice.httpUrl, query);
  const rowsSeconds = await untilRowsKept(sluice.httpUrl, () =>
    runWrk({
      url: sluice.httpUrl,
      path: query.path,
      connections: FEW_CONNECTIONS,
      seconds: context.seconds,
      seed: 0,
      cores: context.cores.load,
    }),
  );
  const kept = `from memory ${seconds.toFixed(1)} s after the first request, all its rows after ${rowsSeconds.toFixed(0)} s of load`;
  context.log(`${query.name}: ${kept}; checking ${SAMPLE_SIZE} answers`);
  const sample = await checkAnswers(sluice.httpUrl, query, SAMPLE_SIZE, 2);
  const bare = await startBareHttp(sample, limits);
  try {
    const few = { connections: FEW_CONNECTIONS, target: targetAtFew };
    const many = { connections: context.connections, target: TARGET_AT_MANY };
    const rows: Row[] = [];
    for (const load of [few, many]) rows.push(await compareLoad(context, sluice, bare, query, load, sample));
    await checkAnswers(sluice.httpUrl, query, CHECKED_AFTER, 3);
    return rows.map((row) => ({ ...row, note: `${row.note}; ${kept}` }));
  } finally {
    await bare.stop();
  }
}

async function compareLoad(
  context: BenchContext,
  sluice: SluiceServer,
  bare: BareHttp,
  query: KnownQuery,
  { connections, target }: { readonly connections: number; readonly target: number },
  sample: readonly string[],
): Promise<Row> {
  const bytesMean = sample.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / sample.length;
  const busy = { sluice: new Busy(() => sluice.groupPids()), bare: new Busy(() => [bare.pid]) };
  const slowestMs = { sluice: 0, bare: 0 };
  const measure = (side: 'sluice' | 'bare', url: string) => async (round: number, seconds: number) => {
    const load = { path: query.path, connections, seconds, seed: round + 1, cores: context.cores.load };
    const result = await busy[side].measure(
      () => runWrk({ url, ...load }),
      ({ requests }) => requests,
      openSecondsOf(connections),
    );
    refuseMissingRows(url, result, bytesMean);
    slowestMs[side] = Math.max(slowestMs[side], result.maxMs);
    return result.perSecond;
  };
  const row = await compare(context, {
    name: `${query.name}, ${format(connections)} connections`,
    unit: 'requests/s',
    peerName: 'node:http',
    target,
    isWarm: connections !== FEW_CONNECTIONS,
    sluice: measure('sluice', sluice.httpUrl),
    peer: measure('bare', bare.url),
  });
  const slowest = `the slowest took ${format(slowestMs.sluice)} ms (node:http ${format(slowestMs.bare)})`;
  const note = `${Math.round(bytesMean)} bytes an answer; ${slowest}; core busy ${busy.sluice}, ${busy.bare}`;
  return { ...row, note };
}

/** Headers come on top of the bodies. Fewer bytes than the bodies alone would mean that rows were missing from the answers. */
function refuseMissingRows(url: string, { bytes, requests }: WrkResult, bytesMean: number): void {
  if (bytes / requests >= bytesMean * 0.98) return;
  throw new Error(`${url}: ${bytes / requests} bytes an answer, bodies have ${bytesMean}`);
}
