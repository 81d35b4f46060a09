import { FEED_COLUMNS, type FeedRow, feedRows } from '../src/demo/feed.ts';
import { startSluice } from '../test/support/sluice-server.ts';
import type { BenchContext, Claim, Row } from './support/claim.ts';
import { compare } from './support/compare.ts';
import { startBareHttp } from './support/start-bare-http.ts';
import { runWrk } from './support/wrk.ts';

/** The manual's first query (type A): a row by its key, newest first. */
const QUERY_A =
  '/?command=select&type=*&where=pkey:NUMEQ:RANDOM&order_by=pkey&order_sort=NUMDESC&limit_skip=0&limit_max=1';

const LOADS = [
  { connections: 64, target: 0.7 },
  { connections: 10_000, target: 0.8 },
];
const CONNECTIONS_MAX = 10_000;

/** How many answers are compared with what the demo's rows hold, and then sent by the peer. */
const SAMPLE_SIZE = 1_000;

export const lists: Claim = {
  id: 'T1-lists',
  title: "TCSQL's published queries over HTTP, a random value in every request, against a bare node:http server",
  run: async (context) => {
    const { cores } = context;
    const limits = { cores: cores.server, openFilesMax: CONNECTIONS_MAX + 1_000 };
    context.log('starting Sluice with the demo');
    const sluice = await startSluice({ ...limits, args: ['--demo', '--demo-traffic', '0'], readyTimeoutMs: 600_000 });
    try {
      const count = Number(await (await fetch(`${sluice.httpUrl}/?command=select&type=count&where=`)).text());
      context.log(`checking ${SAMPLE_SIZE} answers of ${count} rows`);
      const sample = await checkedAnswers(sluice.httpUrl, count);
      const bare = await startBareHttp(sample, limits);
      try {
        const rows: Row[] = [];
        for (const load of LOADS)
          rows.push(await compareQueryA(context, sluice.httpUrl, bare.url, count, load, sample));
        return rows;
      } finally {
        await bare.stop();
      }
    } finally {
      await sluice.stop();
    }
  },
};

async function compareQueryA(
  context: BenchContext,
  sluiceUrl: string,
  bareUrl: string,
  count: number,
  { connections, target }: (typeof LOADS)[number],
  sample: readonly string[],
): Promise<Row> {
  const bytesMean = sample.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / sample.length;
  const measure = (url: string) => async (round: number, seconds: number) => {
    const load = { path: QUERY_A, highest: count, connections, seconds, seed: round + 1, cores: context.cores.load };
    const result = await runWrk({ url, ...load });
    // Headers come on top. Fewer bytes than the bodies alone would mean that rows were missing from the answers.
    if (result.bytes / result.requests < bytesMean * 0.98) {
      throw new Error(`${url}: ${result.bytes / result.requests} bytes an answer, bodies have ${bytesMean}`);
    }
    return result.perSecond;
  };
  return compare(context, {
    name: `A: primary key, ${connections.toLocaleString('en-US')} connections`,
    unit: 'requests/s',
    peerName: 'node:http',
    target,
    note: `${count.toLocaleString('en-US')} rows, ${Math.round(bytesMean)} bytes an answer`,
    sluice: measure(sluiceUrl),
    peer: measure(bareUrl),
  });
}

/** The answers to a sample of the requests, spread over all rows; each compared with the row as the demo made it. */
async function checkedAnswers(url: string, count: number): Promise<string[]> {
  const step = Math.max(1, Math.floor(count / SAMPLE_SIZE));
  const answers: string[] = [];
  for (const row of feedRows(count)) {
    if (Number(row[0]) % step !== 0) continue;
    const response = await fetch(`${url}${QUERY_A.replace('RANDOM', String(row[0]))}`);
    const text = await response.text();
    const expected = JSON.stringify([asStrings(row)]);
    if (response.status !== 200 || JSON.stringify(JSON.parse(text)) !== expected) {
      throw new Error(`pkey ${row[0]}: status ${response.status}, ${text}\n  instead of ${expected}`);
    }
    answers.push(text);
  }
  return answers;
}

/** As TCSQL's protocol gives a row: every value a string, fields in the order of the columns. */
function asStrings(row: FeedRow): Record<string, string> {
  return Object.fromEntries(FEED_COLUMNS.map((name, index) => [name, String(row[index])]));
}
