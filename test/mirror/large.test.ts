/** Tables and transactions that are held in nobody's memory as a whole: copied and applied in pieces, and never seen half, whoever dies in the middle of it. */
import { describe, expect, it } from 'vitest';
import type { SqliteStore } from '../../src/stores/sqlite/store.ts';
import type { MirrorUnderTest } from './support/mirror-under-test.ts';
import { useMirror } from './support/use-mirror.ts';

const ROWS = 150_000;
const TABLES = [
  { database: 'shop', table: 'large' },
  { database: 'shop', table: 'small' },
];

const harness = useMirror(
  TABLES,
  `CREATE DATABASE shop; USE shop;
    CREATE TABLE large (id INT PRIMARY KEY, x INT, s VARCHAR(100), KEY (x));
    CREATE TABLE small (id INT PRIMARY KEY, x INT);
    INSERT INTO large SELECT seq, seq % 1000, REPEAT('x', seq % 50) FROM seq_1_to_${ROWS};
    INSERT INTO small VALUES (1, 1)`,
);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Of shop.large: how many of its rows have this x. */
function countOf(store: SqliteStore, x: number): number {
  const sql = 'SELECT count(*) FROM "shop.large" WHERE x = ?';
  return store.readInline({ kind: 'read', sql, params: [x] })[0]?.[0] as number;
}

describe('a large table', () => {
  it.each([
    ['the mirror process', (it_: MirrorUnderTest) => it_.mirror.statistics().processId],
    ['the writer', (it_: MirrorUnderTest) => it_.store.processes.writer],
  ])('is copied while it changes, also when %s is killed meanwhile', async (_, pidOf) => {
    const opened = await harness.open();
    for (let i = 0; i < 40; i++) {
      await harness.direct.query(
        'UPDATE shop.large SET x = x + 1 WHERE id % 1000 = ?; INSERT INTO shop.small VALUES (?, 2)',
        [i, i + 10],
      );
      await pause(10);
      if (i !== 20) continue;
      const pid = pidOf(opened);
      if (typeof pid === 'number') process.kill(pid, 'SIGKILL');
    }
    await opened.until('large', 'live');
    await opened.expectSame();
    expect(opened.store.catalog.tables('sluice_mirror').map(({ name }) => name)).toEqual(['state']);
  });

  it('leaves the others as new as ever while it is copied anew, and is seen in its old form until then', async () => {
    const { mirror: it_, until, expectSame, store, statistics } = await harness.open();
    await until('large', 'live');
    await expectSame();
    const counts = new Set<number>();
    store.onCommit(() => {
      const sql = 'SELECT count(*) FROM "shop.large"';
      counts.add(store.readInline({ kind: 'read', sql, params: [] })[0]?.[0] as number);
    });
    await harness.direct.query('ALTER TABLE shop.large ADD y INT, FORCE; DELETE FROM shop.large WHERE id = 1');
    let fresh = 0;
    for (let i = 0; i < 1_000 && statistics('large').copies < 2; i++) {
      await harness.direct.query('UPDATE shop.small SET x = x + 1');
      if (await it_.freshen()) fresh++;
    }
    await until('large', 'live');
    expect(fresh).toBeGreaterThan(5);
    await expectSame();
    expect([...counts].sort()).toEqual([ROWS - 1, ROWS].slice(0, counts.size > 1 ? 2 : 1).sort());
    expect([statistics('large').copies, statistics('small').copies]).toEqual([2, 1]);
  });
});

describe('a large transaction', () => {
  const change = async (): Promise<void> => {
    await harness.direct.query(
      'BEGIN; UPDATE shop.small SET x = 99; UPDATE shop.large SET x = 7777; UPDATE shop.small SET x = 100; COMMIT',
    );
  };

  it('is seen as a whole or not at all', async () => {
    const { until, store, expectSame, statistics, fresh } = await harness.open();
    await until('large', 'live');
    await fresh();
    const seen = new Set<number>();
    store.onCommit(() => seen.add(countOf(store, 7777)));
    const looking = setInterval(() => seen.add(countOf(store, 7777)), 5);
    await change();
    await harness.direct.query('INSERT INTO shop.small VALUES (2, 2)');
    await expectSame();
    clearInterval(looking);
    expect([...seen].sort()).toEqual([0, ROWS]);
    expect(statistics('large').copies).toBe(1);
  });

  it.each([
    ['the mirror process', (it_: MirrorUnderTest) => it_.mirror.statistics().processId],
    ['the writer', (it_: MirrorUnderTest) => it_.store.processes.writer],
  ])('also when %s is killed in the middle of it', async (_, pidOf) => {
    const opened = await harness.open();
    await opened.until('large', 'live');
    await opened.fresh();
    const seen = new Set<number>();
    const looking = setInterval(() => seen.add(countOf(opened.store, 7777)), 5);
    await change();
    await pause(400);
    process.kill(pidOf(opened) as number, 'SIGKILL');
    await opened.expectSame();
    clearInterval(looking);
    expect([...seen].filter((count) => count !== 0 && count !== ROWS)).toEqual([]);
    expect(opened.statistics('large').copies).toBe(1);
  });
});
