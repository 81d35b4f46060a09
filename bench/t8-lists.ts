import { setTimeout as sleep } from 'node:timers/promises';
import { BINLOG_ARGS } from '../test/support/binlog-args.ts';
import { type MariadbServer, startMariadb } from '../test/support/mariadb-server.ts';
import { type SluiceServer, startSluice } from '../test/support/sluice-server.ts';
import { checkAnswers } from './support/ask-http.ts';
import type { BenchContext, Claim, Row } from './support/claim.ts';
import { compare } from './support/compare.ts';
import { prepareFeed } from './support/feed-data.ts';
import { countQuery, keyQuery, listQuery, repeatedQuery, userQuery } from './support/feed-queries.ts';
import { untilKeptByUrl, untilRowsKept } from './support/kept-lists.ts';
import type { KnownQuery } from './support/known-query.ts';
import { loadFeed } from './support/load-feed.ts';
import { runWrk } from './support/wrk.ts';

const CONNECTIONS = 64;
const CHECKED = 300;
const BUFFER_POOL = '--innodb-buffer-pool-size=2G';

export const mirroredLists: Claim = {
  id: 'T8-lists',
  title:
    'the four queries and a repeated list over HTTP in front of a MariaDB: from the mirror, never older than the source, against the same asked of the source by SQL',
  seconds: 2,
  run: async (context) => {
    const feed = await prepareFeed(context);
    const cores = context.cores.server;
    const mariadb = await startMariadb({ cores, args: [BUFFER_POOL, ...BINLOG_ARGS] });
    try {
      context.log('loading MariaDB with the same rows');
      await loadFeed(mariadb, feed);
      const { model } = feed;
      return await withBoth(mariadb, cores, async (mirrored, plain) => {
        const rows: Row[] = [];
        for (const [query, target] of [
          [keyQuery(model), 4],
          [userQuery(model), 4],
          [listQuery(model), 6],
          [countQuery(model), 50],
          [repeatedQuery(model), 4],
        ] as const)
          rows.push(await compareQuery(context, mirrored, plain, query, target));
        return rows;
      });
    } finally {
      await mariadb.stop();
    }
  },
};

async function withBoth(
  mariadb: MariadbServer,
  cores: string | undefined,
  work: (mirrored: SluiceServer, plain: SluiceServer) => Promise<Row[]>,
): Promise<Row[]> {
  const source = ['--source', `mysql://root@127.0.0.1:${mariadb.port}/`];
  const mirrored = await startSluice({ cores, args: [...source, '--mirror', 'main.feed'] });
  try {
    await untilMirrored(mirrored);
    const plain = await startSluice({ cores, args: source });
    try {
      return await work(mirrored, plain);
    } finally {
      await plain.stop();
    }
  } finally {
    await mirrored.stop();
  }
}

const COPY_SECONDS_MAX = 600;

async function untilMirrored({ httpUrl }: SluiceServer): Promise<void> {
  for (let second = 0; second < COPY_SECONDS_MAX; second++) {
    const page = (await (await fetch(`${httpUrl}/v1/status/mirror`)).json()) as { tables: { state: string }[] };
    if (page.tables.every(({ state }) => state === 'live')) return;
    await sleep(1_000);
  }
  throw new Error(`the mirror was not there after ${COPY_SECONDS_MAX} s`);
}

async function compareQuery(
  context: BenchContext,
  mirrored: SluiceServer,
  plain: SluiceServer,
  query: KnownQuery,
  target: number,
): Promise<Row> {
  const load = { path: query.path, connections: CONNECTIONS, cores: context.cores.load };
  await untilKeptByUrl(mirrored.httpUrl, query);
  await untilRowsKept(mirrored.httpUrl, () =>
    runWrk({ ...load, url: mirrored.httpUrl, seconds: context.seconds, seed: 0 }),
  );
  for (const { httpUrl } of [mirrored, plain]) await checkAnswers(httpUrl, query, CHECKED, 2);
  const measure =
    ({ httpUrl }: SluiceServer) =>
    async (round: number, seconds: number) =>
      (await runWrk({ ...load, url: httpUrl, seconds, seed: round + 1 })).perSecond;
  const row = await compare(context, {
    name: `${query.name}, ${CONNECTIONS} connections`,
    unit: 'requests/s',
    peerName: 'by SQL',
    target,
    sluice: measure(mirrored),
    peer: measure(plain),
  });
  await checkAnswers(mirrored.httpUrl, query, CHECKED, 3);
  return { ...row, note: 'MariaDB and Sluice share a core' };
}
