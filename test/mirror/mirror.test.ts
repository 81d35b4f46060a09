/** The mirror's tables are the source's: while several clients write there, and when processes die in the middle of it. */
import { describe, expect, it } from 'vitest';
import { rowsOf } from '../support/mysql-driver.ts';
import { ServerProcess } from '../support/server-process.ts';
import { useMirror } from './support/use-mirror.ts';
import { CREATE, TABLES, Writer } from './support/workload.ts';

const harness = useMirror(TABLES, CREATE);

/** Several at once, each with transactions of its own. */
async function writeAtOnce(
  seed: number,
  transactions: number,
  work: () => Promise<void> = async () => undefined,
): Promise<void> {
  const connections = await Promise.all([1, 2, 3].map(() => harness.source.connect()));
  await Promise.all([
    ...connections.map((connection, i) => new Writer(connection, seed * 100 + i).write(transactions)),
    work(),
  ]);
  for (const connection of connections) await connection.end();
}

describe('a mirror', () => {
  it('has what was there, and what several clients write meanwhile', async () => {
    await writeAtOnce(1, 150);
    const { expectSame, until, statistics } = await harness.open();
    await writeAtOnce(2, 150);
    await until('feed', 'live');
    await expectSame();
    for (let round = 3; round < 7; round++) {
      await writeAtOnce(round, 100);
      await expectSame();
    }
    for (const { table } of TABLES) expect(statistics(table).copies, table).toBe(1);
    expect(statistics('feed').rowsCopied).toBeGreaterThan(50);
  });

  it('is as new as the source after freshen()', async () => {
    const { mirror: it_, until, store } = await harness.open();
    await until('feed', 'live');
    await harness.direct.query("INSERT INTO shop.users (name) VALUES ('counter')");
    let fresh = 0;
    await writeAtOnce(11, 150, async () => {
      for (let n = 1; n <= 200; n++) {
        await harness.direct.query("UPDATE shop.users SET likes = ? WHERE name = 'counter'", [n]);
        if (!(await it_.freshen())) continue;
        fresh++;
        const sql = `SELECT likes FROM "shop.users" WHERE name = 'counter'`;
        expect(store.readInline({ kind: 'read', sql, params: [] })).toEqual([[n]]);
      }
    });
    expect(fresh).toBeGreaterThan(100);
  });

  it('goes on where it was after a restart, without a new copy', async () => {
    const first = await harness.open();
    await writeAtOnce(21, 60);
    await first.expectSame();
    await first.close();
    await writeAtOnce(22, 100);
    const second = await harness.open();
    await second.expectSame();
    for (const { table } of TABLES) expect(second.statistics(table).copies, table).toBe(0);
  });

  it('goes on when its process or the writer is killed, again and again', async () => {
    const { mirror: it_, store, expectSame, until, statistics } = await harness.open();
    await until('feed', 'live');
    let kills = 0;
    await writeAtOnce(31, 400, async () => {
      for (let i = 0; i < 6; i++) {
        await new Promise((resolve) => setTimeout(resolve, 250));
        const pid = i % 2 === 0 ? it_.statistics().processId : store.processes.writer;
        if (pid === null || pid === undefined) continue;
        process.kill(pid, 'SIGKILL');
        kills++;
      }
    });
    expect(kills).toBeGreaterThan(2);
    await expectSame();
    for (const { table } of TABLES) expect(statistics(table).copies, table).toBe(1);
  });

  it('goes on where it was when everything is killed at once, again and again', async () => {
    await (await harness.open()).expectSame();
    await harness.close();
    for (let round = 0; round < 4; round++) {
      const front = new ServerProcess({
        command: process.execPath,
        args: [
          '--import',
          'tsx',
          'test/mirror/support/mirror-front.ts',
          String(harness.source.port),
          harness.directory.path,
        ],
      });
      await front.waitUntil(() => front.output.includes('live'), 'live');
      await writeAtOnce(40 + round, 60, async () => {
        await new Promise((resolve) => setTimeout(resolve, 100 + round * 100));
        await front.kill9();
      });
    }
    const { expectSame, statistics } = await harness.open();
    await expectSame();
    for (const { table } of TABLES) expect(statistics(table).copies, table).toBe(0);
  });

  it('reports each changed row of ordinary transactions', async () => {
    const { store, until, fresh } = await harness.open();
    await until('feed', 'live');
    await harness.direct.query("INSERT INTO shop.feed (user, kind, title) VALUES (1, 'post', 'x'), (2, 'post', 'y')");
    await fresh();
    const reported: unknown[] = [];
    store.onCommit(({ changes }) => {
      for (const { table, rows } of changes) {
        if (table !== 'feed') continue;
        for (const row of rows ?? ['all']) reported.push(typeof row === 'string' ? row : [row.op, ...row.key]);
      }
    });
    const [{ id }] = (await rowsOf<{ id: number }>(harness.direct, 'SELECT MIN(id) AS id FROM shop.feed')) as [
      { id: number },
    ];
    await harness.direct.query('UPDATE shop.feed SET score = 1 WHERE id = ?', [id]);
    await fresh();
    await harness.direct.query("INSERT INTO shop.feed (user, kind, title) VALUES (3, 'post', 'z')");
    await fresh();
    await harness.direct.query('DELETE FROM shop.feed WHERE id = ?', [id]);
    await fresh();
    expect(reported).toEqual([
      ['update', id],
      ['insert', id + 2],
      ['delete', id],
    ]);
  });
});
