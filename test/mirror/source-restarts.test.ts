/** The source ends, in order or not, and comes again: the mirror goes on, in the binlog's next file, without a new copy. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DurableMariadb, startDurableMariadb } from '../support/durable-mariadb.ts';
import { connectDriver } from '../support/mysql-driver.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { MIRROR_ARGS } from './support/mirror-source.ts';
import { type MirrorUnderTest, startMirror } from './support/mirror-under-test.ts';
import { CREATE, TABLES, Writer } from './support/workload.ts';

let mariadb: DurableMariadb;
let directory: TempDir;
let mirror: MirrorUnderTest | null = null;

beforeEach(async () => {
  mariadb = await startDurableMariadb(MIRROR_ARGS);
  directory = makeTempDir('mirror');
});

afterEach(async () => {
  await mirror?.close();
  mirror = null;
  directory.remove();
  await mariadb.stop();
});

async function write(seed: number, transactions: number): Promise<void> {
  const connection = await connectDriver({ mysqlPort: mariadb.port });
  try {
    await new Writer(connection, seed).write(transactions);
  } finally {
    connection.destroy();
  }
}

describe('a mirror whose source', () => {
  it.each([
    ['is restarted', () => mariadb.restart()],
    ['is killed and started again', () => mariadb.kill9().then(() => mariadb.restart())],
  ])('%s goes on', async (_, restart) => {
    const connection = await connectDriver({ mysqlPort: mariadb.port }, { multipleStatements: true });
    await connection.query(CREATE);
    await connection.end();
    await write(1, 60);
    mirror = await startMirror(mariadb.port, directory.path, TABLES);
    await mirror.expectSame();
    for (let round = 0; round < 2; round++) {
      const [written] = await Promise.allSettled([
        Promise.all([1, 2, 3].map((client) => write(10 * round + client, 2_000))),
        new Promise((resolve) => setTimeout(resolve, 400)).then(restart),
      ]);
      // Their connections broke, or they were done before.
      expect(['fulfilled', 'rejected']).toContain(written?.status);
      await write(100 + round, 20);
      await mirror.expectSame();
    }
    for (const { table } of TABLES) expect(mirror.statistics(table).copies, table).toBe(1);
  });
});
