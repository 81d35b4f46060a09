/** A disk without space: statements fail by name, nothing half of them is kept, and writing goes on when there is space again. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection } from 'mysql2/promise';
import { expect, it } from 'vitest';
import { hasOwnDisks } from '../support/command-line.ts';
import { connectDriver, type DriverError, failureOf, rowsOf, singleValue } from '../support/mysql-driver.ts';
import { startSluice } from '../support/sluice-server.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const MEBIBYTE = 1024 * 1024;
const DISK_BYTES = 32 * MEBIBYTE;
const BALLAST_BYTES = 12 * MEBIBYTE;
const ER_DISK_FULL = 1021;

/** Two rows a statement, until the disk is full. Gives the numbers of those that were acknowledged, and the error. */
async function fill(connection: Connection, from: number): Promise<{ done: number[]; error: DriverError }> {
  const done: number[] = [];
  for (let n = from; ; n++) {
    const half = 'x'.repeat(100_000);
    try {
      await connection.query('INSERT INTO rows_of (n, part, text) VALUES (?, 1, ?), (?, 2, ?)', [n, half, n, half]);
    } catch (error) {
      return { done, error: error as DriverError };
    }
    done.push(n);
    if (done.length > 1000) throw new Error('the disk does not become full');
  }
}

it('a full disk', async ({ skip }) => {
  if (!hasOwnDisks()) skip('this machine does not let tests mount a small file system');
  const dir = makeTempDir('disk');
  const server = await startSluice({ dataDir: join(dir.path, 'data'), disk: { path: dir.path, bytes: DISK_BYTES } });
  try {
    // The disk is seen by the server only; this is the way there from outside.
    const ballast = join(`/proc/${server.pid}/root`, dir.path, 'ballast');
    writeFileSync(ballast, Buffer.alloc(BALLAST_BYTES));
    const connection = await connectDriver(server);
    await connection.query('CREATE DATABASE disk');
    await connection.query('USE disk');
    await connection.query('CREATE TABLE rows_of (n INT, part INT, text LONGTEXT, PRIMARY KEY (n, part))');

    const { done, error } = await fill(connection, 0);
    expect(error).toMatchObject({ errno: ER_DISK_FULL, message: expect.stringMatching(/[Dd]isk full/) });
    expect(done.length).toBeGreaterThan(0);
    const kept = async (): Promise<unknown[]> =>
      (
        await rowsOf<{ n: number; parts: number }>(
          connection,
          'SELECT n, COUNT(*) AS parts FROM rows_of GROUP BY n ORDER BY n',
        )
      ).map(({ n, parts }) => [n, parts]);
    expect(await kept(), 'every acknowledged statement, whole, and no other').toEqual(done.map((n) => [n, 2]));

    // Also of a transaction nothing is kept.
    await connection.beginTransaction();
    const inTransaction = async (): Promise<void> => {
      await connection.query("INSERT INTO rows_of VALUES (5000, 1, 'small')");
      for (let part = 2; part < 500; part++) {
        await connection.query('INSERT INTO rows_of VALUES (5000, ?, ?)', [part, 'x'.repeat(100_000)]);
      }
      await connection.commit();
    };
    expect(await failureOf(inTransaction())).toMatchObject({ errno: ER_DISK_FULL });
    await connection.rollback();
    expect(await kept()).toEqual(done.map((n) => [n, 2]));

    // Reading goes on, also beside others' attempts to write.
    expect(await singleValue(connection, 'SELECT LENGTH(text) FROM rows_of WHERE n = 0 AND part = 2')).toBe(100_000);
    const other = await connectDriver(server, { database: 'disk' });
    expect((await fill(other, 6000)).error).toMatchObject({ errno: ER_DISK_FULL });
    await other.end();

    rmSync(ballast);
    await connection.query("INSERT INTO rows_of VALUES (9000, 1, 'small'), (9000, 2, 'small')");
    expect(await singleValue(connection, 'SELECT COUNT(*) FROM rows_of WHERE n = 9000')).toBe(2);
    const counted = Number(await singleValue(connection, 'SELECT COUNT(*) FROM rows_of'));
    const { done: more } = await fill(connection, 10_000);
    expect(more.length).toBeGreaterThan(0);
    expect(await singleValue(connection, 'SELECT COUNT(*) FROM rows_of')).toBe(counted + 2 * more.length);
    await connection.end();
  } finally {
    expect(await server.stop()).toBe(0);
    dir.remove();
  }
});
