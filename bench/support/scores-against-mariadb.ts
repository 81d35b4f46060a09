import { SeededRandom } from '../../src/util/random.ts';
import { type MariadbServer, mysqlClient, startMariadb } from '../../test/support/mariadb-server.ts';
import type { SluiceServer } from '../../test/support/sluice-server.ts';
import { checkSqlAnswers } from './ask-sql.ts';
import type { BenchContext, Row } from './claim.ts';
import { compare } from './compare.ts';
import { untilKept } from './kept-lists.ts';
import { SCORE_VALUES, type ScoreTable, scoreQuery, scoreTableSql } from './scores.ts';
import { runStatement } from './sysbench.ts';
import { fillTemplate } from './template.ts';

const DATABASE = 'main';
/** All rows and the index fit. */
const BUFFER_POOL = '--innodb-buffer-pool-size=2G';
const LOAD_MS_MAX = 600_000;
/** MariaDB takes up to a second for one of these: two threads keep its core busy, and sixteen would only wait for each other. */
const THREADS = { sluice: 16, mariadb: 2 };
const CHECKED = { sluice: 200, mariadb: 5 };
/** As T2 has them. */
const TARGETS = { 'page 10,000': 3, count: 100 } as const;

/** Page 10,000 and the count of any list, over MySQL's protocol on both sides. */
export async function scoresAgainstMariadb(
  context: BenchContext,
  sluice: SluiceServer,
  tables: readonly ScoreTable[],
): Promise<Row[]> {
  const mariadb = await startMariadb({ durable: true, cores: context.cores.server, args: [BUFFER_POOL] });
  try {
    const rows: Row[] = [];
    for (const table of tables) {
      await loadMariadb(context, mariadb, table);
      for (const kind of ['page 10,000', 'count'] as const)
        rows.push(await compareKind(context, sluice, mariadb, table, kind));
    }
    return rows;
  } finally {
    await mariadb.stop();
  }
}

async function loadMariadb(context: BenchContext, { port }: MariadbServer, { name, rows }: ScoreTable): Promise<void> {
  const startedAt = performance.now();
  const values = SCORE_VALUES.map((value) => value.replace(/\bn\b/g, 'seq')).join(', ');
  const statements = [
    `CREATE DATABASE IF NOT EXISTS ${DATABASE}`,
    `USE ${DATABASE}`,
    scoreTableSql(name),
    `INSERT INTO ${name} SELECT ${values} FROM seq_1_to_${rows}`,
    `CREATE INDEX score ON ${name} (score)`,
    `ANALYZE TABLE ${name}`,
  ];
  await mysqlClient({ port }, `${statements.join(';\n')};`, LOAD_MS_MAX);
  context.log(`${name} in MariaDB: ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
}

async function compareKind(
  context: BenchContext,
  sluice: SluiceServer,
  mariadb: MariadbServer,
  table: ScoreTable,
  kind: keyof typeof TARGETS,
): Promise<Row> {
  const query = scoreQuery(table, kind, 'any');
  const ports = { sluice: sluice.mysqlPort, mariadb: mariadb.port };
  const random = new SeededRandom(1);
  await untilKept(sluice.httpUrl, () =>
    mysqlClient({ port: ports.sluice, database: DATABASE }, fillTemplate(query.sql, query.draw(random))),
  );
  for (const side of ['sluice', 'mariadb'] as const)
    await checkSqlAnswers({ name: side, port: ports[side], database: DATABASE }, query, CHECKED[side]);
  const measure = (side: 'sluice' | 'mariadb') => async (round: number, seconds: number) => {
    const load = { threads: THREADS[side], seconds, seed: round + 1, cores: context.cores.load };
    return (await runStatement(query.sql, { name: side, port: ports[side], database: DATABASE }, load)).perSecond;
  };
  return compare(context, {
    name: `${query.name}, by SQL`,
    unit: 'statements/s',
    peerName: 'MariaDB',
    target: TARGETS[kind],
    sluice: measure('sluice'),
    peer: measure('mariadb'),
  });
}
