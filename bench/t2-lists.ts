import { SeededRandom } from '../src/util/random.ts';
import { type MariadbServer, mysqlClient, startMariadb } from '../test/support/mariadb-server.ts';
import { type SluiceServer, startSluice } from '../test/support/sluice-server.ts';
import { checkSqlAnswers } from './support/ask-sql.ts';
import { Busy } from './support/busy.ts';
import type { BenchContext, Claim, Row } from './support/claim.ts';
import { compare } from './support/compare.ts';
import { prepareFeed } from './support/feed-data.ts';
import { countQuery, keyQuery, listQuery, userQuery } from './support/feed-queries.ts';
import { untilKept, untilRowsKept } from './support/kept-lists.ts';
import type { KnownQuery } from './support/known-query.ts';
import { loadFeed } from './support/load-feed.ts';
import { runStatement } from './support/sysbench.ts';
import { fillTemplate } from './support/template.ts';

const DATABASE = 'main';
const THREADS = 16;
/** The whole table fits; by default it would be read from the disk again and again. */
const BUFFER_POOL = '--innodb-buffer-pool-size=2G';
const [LIST_TARGET, COUNT_TARGET] = [3, 100];
const CHECKED = { sluice: 500, mariadb: 20 };

export const mysqlLists: Claim = {
  id: 'T2-lists',
  title: 'the same lists and counts through the MySQL port, against MariaDB 10.11 with the same rows and keys',
  seconds: 2,
  run: async (context) => {
    const feed = await prepareFeed(context);
    const { cores } = context;
    const mariadb = await startMariadb({ durable: true, cores: cores.server, args: [BUFFER_POOL] });
    try {
      await loadFeed(mariadb, feed);
      const sluice = await startSluice({ cores: cores.server, dataDir: feed.dataDir });
      try {
        const { model } = feed;
        const rows: Row[] = [];
        for (const query of [keyQuery(model), userQuery(model), listQuery(model)])
          rows.push(await compareQuery(context, sluice, mariadb, query, LIST_TARGET));
        rows.push(await compareQuery(context, sluice, mariadb, countQuery(model), COUNT_TARGET));
        return rows;
      } finally {
        await sluice.stop();
      }
    } finally {
      await mariadb.stop();
    }
  },
};

async function compareQuery(
  context: BenchContext,
  sluice: SluiceServer,
  mariadb: MariadbServer,
  query: KnownQuery,
  target: number,
): Promise<Row> {
  const ports = { sluice: sluice.mysqlPort, mariadb: mariadb.port };
  const random = new SeededRandom(1);
  const keptAfter = await untilKept(sluice.httpUrl, () =>
    mysqlClient({ port: ports.sluice, database: DATABASE }, fillTemplate(query.sql, query.draw(random))),
  );
  const rowsAfter = await untilRowsKept(sluice.httpUrl, async () => {
    const load = { threads: THREADS, seconds: context.seconds, seed: 0, cores: context.cores.load };
    const server = { name: 'sluice', port: ports.sluice, database: DATABASE };
    const { transactions } = await runStatement(query.sql, server, load);
    return { requests: transactions };
  });
  const check = async (): Promise<void> => {
    for (const side of ['sluice', 'mariadb'] as const)
      await checkSqlAnswers({ name: side, port: ports[side], database: DATABASE }, query, CHECKED[side]);
  };
  await check();
  const busy = { sluice: new Busy(() => sluice.groupPids()), mariadb: new Busy(() => [mariadb.pid]) };
  const measure = (side: 'sluice' | 'mariadb') => async (round: number, seconds: number) => {
    const load = { threads: THREADS, seconds, seed: round + 1, cores: context.cores.load };
    const server = { name: side, port: ports[side], database: DATABASE };
    const result = await busy[side].measure(
      () => runStatement(query.sql, server, load),
      ({ transactions }) => transactions,
    );
    return result.perSecond;
  };
  const row = await compare(context, {
    name: `${query.name}, ${THREADS} threads`,
    unit: 'statements/s',
    peerName: 'MariaDB',
    target,
    sluice: measure('sluice'),
    peer: measure('mariadb'),
  });
  await check();
  const kept = `from memory ${keptAfter.toFixed(1)} s after the first statement, all its rows after ${rowsAfter.toFixed(0)} s of load`;
  return { ...row, note: `${kept}; core busy ${busy.sluice}, ${busy.mariadb}` };
}
