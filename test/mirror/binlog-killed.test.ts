/** A source that is killed while it writes: what its binlog tells, read on from the last end of a transaction each time, is what it has itself after all. */
import { expect, it } from 'vitest';
import type { TableLayout } from '../../src/mirror/binlog/column-layout.ts';
import { SeededRandom } from '../../src/util/random.ts';
import { startDurableMariadb } from '../support/durable-mariadb.ts';
import { BinlogSource } from './support/binlog-source.ts';
import { Follower, rowText } from './support/follower.ts';

const KILLS = 4;
const WRITERS = 4;

it('nothing is told that was not committed, and nothing is left out', async () => {
  const mariadb = await startDurableMariadb([
    '--log-bin=mysql-bin',
    '--binlog-format=ROW',
    '--server-id=1',
    '--sync-binlog=1',
  ]);
  const random = new SeededRandom(Number(process.env.SLUICE_TEST_SEED ?? 1));
  let source = await BinlogSource.at(mariadb);
  await source.run(
    'CREATE DATABASE d',
    'CREATE TABLE d.t (id int PRIMARY KEY AUTO_INCREMENT, writer int, v text)',
    'CREATE TABLE d.m (id int PRIMARY KEY AUTO_INCREMENT, v text)',
  );
  const layouts = new Map<string, TableLayout>();
  for (const name of ['t', 'm']) layouts.set(`d.${name}`, await source.layout('d', name));
  let follower = new Follower(source.address, await source.position(), layouts);
  let transactions = 0;
  for (let round = 0; round <= KILLS; round++) {
    const isLast = round === KILLS;
    const writers = Array.from({ length: WRITERS }, async (_, writer) => {
      const own = await BinlogSource.at(mariadb);
      try {
        for (let i = 0; !isLast || i < 20; i++) {
          await own.run(
            'START TRANSACTION',
            `INSERT INTO d.t (writer, v) SELECT ${writer}, REPEAT('${i}', ${1 + random.below(20_000)}) FROM d.t LIMIT 3`,
            `INSERT INTO d.t (writer, v) VALUES (${writer}, '${round}')`,
            `UPDATE d.t SET v = CONCAT(v, 'x') WHERE writer = ${writer} ORDER BY id DESC LIMIT 2`,
            `INSERT INTO d.m (v) VALUES (REPEAT('m', ${random.below(5_000)}))`,
            'COMMIT',
          );
          transactions++;
        }
      } catch {
        // Killed.
      }
      own.close();
    });
    if (!isLast) {
      await new Promise((resolve) => setTimeout(resolve, 150 + random.below(300)));
      await mariadb.kill9();
    }
    await Promise.all(writers);
    if (isLast) break;
    await mariadb.restart();
    await follower.stop();
    expect(follower.failure).toMatchObject({ failure: 'lost' });
    source = await BinlogSource.at(mariadb);
    follower = new Follower(source.address, follower.position, layouts, 78).goOnFrom(follower);
  }
  await follower.reaches(await source.position());
  expect(transactions).toBeGreaterThan(50);
  for (const name of ['t', 'm']) {
    const expected = (await source.rows('d', name, layouts.get(`d.${name}`) as TableLayout)).map(rowText).sort();
    expect(expected.length).toBeGreaterThan(50);
    expect(follower.rows(`d.${name}`)).toEqual(expected);
  }
  await follower.stop();
  source.close();
  await mariadb.stop();
});
