import { spawn } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection } from 'mysql2/promise';
import type { BinlogEvent } from '../src/mirror/binlog/binlog-event.ts';
import { type BinlogPosition, comparePositions } from '../src/mirror/binlog/position.ts';
import { readBinlog } from '../src/mirror/binlog/read-binlog.ts';
import type { Mirror } from '../src/mirror/mirror.ts';
import { readDefinition } from '../src/mirror/table-definition.ts';
import { openMirror } from '../src/processes/open-mirror.ts';
import { SourceConnection } from '../src/stores/mysql/connection.ts';
import type { SqliteStore } from '../src/stores/sqlite/store.ts';
import type { StoreRow } from '../src/stores/values.ts';
import { parseSourceAddress, type SourceAddress } from '../src/util/source-address.ts';
import { PROJECT_DIR } from '../test/structure/sources.ts';
import { type MariadbServer, startMariadb } from '../test/support/mariadb-server.ts';
import { connectDriver } from '../test/support/mysql-driver.ts';
import { makeTempDir } from '../test/support/temp-dir.ts';
import type { BenchContext, Claim, Row } from './support/claim.ts';
import { atLeast, boundedBy, format } from './support/compare.ts';

/** Rows of one transaction of those that wait. */
const TRANSACTION_ROWS = 100;
const APPLIED_MIN = 80_000;
const WRITES_PER_SECOND = 2_000;
const LAG_MS_MAX = 100;
const NAME = { database: 'feed', table: 'item' };
const CREATE = `CREATE DATABASE feed; CREATE TABLE feed.item (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, user INT NOT NULL, kind TINYINT NOT NULL,
  title VARCHAR(100) NOT NULL, body TEXT, likes INT NOT NULL, at DATETIME NOT NULL, price DECIMAL(10, 2), n INT, KEY by_user (user, id))`;

export const mirror: Claim = {
  id: 'T8-mirror',
  title:
    'a table of a MariaDB mirrored through its binlog: rows applied when many wait there, and how long after a write it is seen',
  seconds: 20,
  run: async (context) => {
    const mariadb = await startMariadb({
      args: ['--log-bin=bin', '--binlog-format=ROW', '--server-id=1', '--innodb-buffer-pool-size=512M'],
    });
    const directory = makeTempDir('mirror');
    const address = parseSourceAddress(`mysql://root@127.0.0.1:${mariadb.port}/`);
    try {
      const direct = await connectDriver({ mysqlPort: mariadb.port }, { multipleStatements: true });
      await direct.query(CREATE);
      const from = await copyAndClose(address, directory.path);
      await fill(direct, context);
      const rows = [
        await backlog(context, address, directory.path, from),
        await lag(context, address, mariadb, directory.path),
      ];
      await direct.end();
      return rows;
    } finally {
      directory.remove();
      await mariadb.stop();
    }
  },
};

interface Opened {
  readonly mirror: Mirror;
  readonly store: SqliteStore;
  close(): Promise<void>;
}

async function open(address: SourceAddress, directory: string): Promise<Opened> {
  const log = { info: () => undefined, warn: console.warn, error: console.error };
  const { mirror: opened, store } = await openMirror({ directory, address, tables: [NAME], log, readers: 1 });
  await opened.start();
  return {
    mirror: opened,
    store,
    async close() {
      await opened.close();
      await store.close();
    },
  };
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 300_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`the mirror is not ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function copyAndClose(address: SourceAddress, directory: string): Promise<BinlogPosition> {
  const opened = await open(address, join(directory, 'copied'));
  await until('fresh', () => opened.mirror.freshen());
  const { position } = opened.mirror.statistics();
  await opened.close();
  if (position === null) throw new Error('a mirror that is fresh has a position');
  return position;
}

/** Seven tenths of the changes insert a row, two update one, one deletes one. */
async function fill(direct: Connection, { rows, log }: BenchContext): Promise<void> {
  await direct.query('USE feed');
  const inserts = (rows / TRANSACTION_ROWS) * 0.7;
  for (let i = 0; i < inserts; i++) {
    const first = i * TRANSACTION_ROWS + 1;
    await direct.query(`INSERT INTO item SELECT seq, seq * 7919 % 5000, seq % 5, CONCAT('title of row ', seq),
      CONCAT('body text of the row number ', seq, ', which is somewhat longer than the title'), seq % 100, NOW(), seq % 1000 / 100, NULL
      FROM seq_${first}_to_${first + TRANSACTION_ROWS - 1}`);
    const range = `BETWEEN ${first} AND ${first + TRANSACTION_ROWS - 1}`;
    if (i % 7 < 2) await direct.query(`UPDATE item SET likes = likes + 1 WHERE id ${range}`);
    if (i % 7 === 6) await direct.query(`DELETE FROM item WHERE id ${range}`);
  }
  log(`${format(rows)} changes wait in the binlog`);
}

async function backlog(
  context: BenchContext,
  address: SourceAddress,
  directory: string,
  from: BinlogPosition,
): Promise<Row> {
  const applied: number[] = [];
  const read: number[] = [];
  for (let round = 1; round <= context.rounds; round++) {
    const work = join(directory, 'work');
    rmSync(work, { recursive: true, force: true });
    cpSync(join(directory, 'copied'), work, { recursive: true });
    const startedAt = performance.now();
    const opened = await open(address, work);
    await until('following', () => opened.mirror.statistics().isFollowing);
    await until('fresh', () => opened.mirror.freshen());
    const { rows, tables } = opened.mirror.statistics();
    applied.push((rows / (performance.now() - startedAt)) * 1_000);
    await checkSame(address, opened.store);
    await opened.close();
    if (rows < context.rows * 0.99 || tables[0]?.copies !== 0) throw new Error(`the mirror applied ${rows} rows`);
    read.push(await readAlone(address, from, rows));
    context.log(
      `round ${round} of ${context.rounds}: ${format(applied.at(-1)!)} rows/s applied, ${format(read.at(-1)!)} read alone`,
    );
  }
  return atLeast(
    { name: 'changes that wait', unit: 'rows/s', peerName: 'the binlog read alone', target: APPLIED_MIN },
    applied,
    read,
  );
}

async function checkSame(address: SourceAddress, store: SqliteStore): Promise<void> {
  const connection = await SourceConnection.open(address);
  const { results } = await connection.query('SELECT COUNT(*), SUM(id), SUM(likes), SUM(price * 100) FROM feed.item');
  connection.end();
  const there = results[0]!.rows.map((packet) => packet.toString('latin1')).join('');
  const [here = []] = store.readInline({
    kind: 'read',
    sql: 'SELECT count(*), sum(id), sum(likes), sum(price) FROM "feed.item"',
    params: [],
  });
  const missing = here.filter((figure) => !there.includes(String(figure)));
  if (missing.length > 0) throw new Error(`the mirror has ${here.join(', ')}, and the source ${there}`);
}

/** Rows a second that come out of the reader, decoded, with nobody to take them. */
async function readAlone(address: SourceAddress, from: BinlogPosition, rows: number): Promise<number> {
  const layout = await layoutOf(address);
  const abort = new AbortController();
  let count = 0;
  const startedAt = performance.now();
  let tookMs = 0;
  await readBinlog(address, {
    from,
    serverId: 4_000_000_001,
    layoutOf: (database, table) => (database === NAME.database && table === NAME.table ? layout : null),
    onEvents: (events) => {
      for (const event of events) if (event.kind === 'rows') count += event.changes.length;
      if (count >= rows && tookMs === 0) {
        tookMs = performance.now() - startedAt;
        abort.abort(new Error('all is read'));
      }
      return undefined;
    },
    signal: abort.signal,
  }).catch((error) => {
    if (tookMs === 0) throw error;
  });
  return (rows / tookMs) * 1_000;
}

async function layoutOf(address: SourceAddress) {
  const connection = await SourceConnection.open(address);
  const found = await readDefinition(connection, NAME);
  connection.end();
  if (found.kind !== 'definition') throw new Error('the table is there');
  return found.layout;
}

interface Written {
  readonly answered: readonly (readonly [number: number, at: number])[];
  readonly perSecond: number;
}

function writeSteadily(port: number, seconds: number, first: number): Promise<Written> {
  const program = join(PROJECT_DIR, 'bench', 'support', 'mirror-load.ts');
  const args = ['--import', 'tsx', program, ...[port, WRITES_PER_SECOND, seconds, first].map(String)];
  const child = spawn(process.execPath, args, { cwd: PROJECT_DIR, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(text) as Written);
      else reject(new Error(`the writers ended with ${code}`));
    });
  });
}

/** From a write's answer at the source until the store has reported it to whoever keeps lists; the same for the reader alone. */
async function lag(
  context: BenchContext,
  address: SourceAddress,
  mariadb: MariadbServer,
  directory: string,
): Promise<Row> {
  const opened = await open(address, join(directory, 'work'));
  await until('fresh', () => opened.mirror.freshen());
  const seen = new Map<number, number>();
  opened.store.onCommit(({ changes }) => {
    const now = Number(process.hrtime.bigint());
    for (const { table, rows } of changes) {
      if (table !== NAME.table) continue;
      if (rows === null) throw new Error('rows are reported one by one');
      for (const { after } of rows) note(seen, after, now);
    }
  });
  const written = await writeSteadily(mariadb.port, context.seconds, 10_000_000);
  await until('fresh', () => opened.mirror.freshen());
  const { batches } = opened.mirror.statistics();
  await opened.close();
  const lags = lagsOf(written, seen);
  const alone = await lagOfReader(context, address, mariadb);
  const figures = [50, 90, 99, 99.9, 100].map((part) => `p${part} ${percentile(lags, part).toFixed(1)}`).join(', ');
  return boundedBy(
    {
      name: `lag at ${format(written.perSecond)} writes/s, p99`,
      unit: 'ms',
      peerName: 'the binlog read alone',
      target: LAG_MS_MAX,
      note: `${figures} ms of ${format(lags.length)} writes in ${format(batches)} batches; the reader alone p50 ${percentile(alone, 50).toFixed(1)} ms`,
    },
    percentile(lags, 99),
    percentile(alone, 99),
  );
}

async function lagOfReader(context: BenchContext, address: SourceAddress, mariadb: MariadbServer): Promise<number[]> {
  const layout = await layoutOf(address);
  const direct = await connectDriver({ mysqlPort: mariadb.port });
  const [[status]] = (await direct.query('SHOW MASTER STATUS')) as unknown as [[{ File: string; Position: number }]];
  await direct.end();
  const seen = new Map<number, number>();
  let end: BinlogPosition | null = null;
  const abort = new AbortController();
  const onEvents = (events: readonly BinlogEvent[]): undefined => {
    const now = Number(process.hrtime.bigint());
    for (const event of events) {
      if (event.kind === 'rows') for (const { after } of event.changes) note(seen, after, now);
      if (
        (event.kind === 'committed' || event.kind === 'passed') &&
        end !== null &&
        comparePositions(event.position, end) >= 0
      )
        abort.abort(new Error('all is read'));
    }
  };
  const reading = readBinlog(address, {
    from: { file: status.File, offset: Number(status.Position) },
    serverId: 4_000_000_002,
    layoutOf: (database, table) => (database === NAME.database && table === NAME.table ? layout : null),
    onEvents,
    signal: abort.signal,
  }).catch((error) => {
    if (!abort.signal.aborted) throw error;
  });
  const written = await writeSteadily(mariadb.port, context.seconds, 20_000_000);
  await until('at the end', () => seen.size >= written.answered.length);
  end = { file: '', offset: 0 };
  abort.abort(new Error('all is read'));
  await reading;
  return lagsOf(written, seen);
}

/** The numbers of the writes that a row has: of its insert, and of an update; both when they came in one commit. */
function note(seen: Map<number, number>, row: StoreRow | null, at: number): void {
  for (const number of [row?.[8], row?.[5]])
    if (typeof number === 'number' && number >= 0 && !seen.has(number)) seen.set(number, at);
}

/** Sorted, ms. What was seen before its writer had the answer has none. */
function lagsOf({ answered }: Written, seen: ReadonlyMap<number, number>): number[] {
  const lags = answered.map(([number, at]) => {
    const then = seen.get(number);
    if (then === undefined) throw new Error(`write ${number} was never seen`);
    return Math.max(0, then - at) / 1e6;
  });
  return lags.sort((a, b) => a - b);
}

function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * part) / 100))] ?? Number.NaN;
}
