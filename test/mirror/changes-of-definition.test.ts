/** What rows do not tell (definitions that change, a binlog that is gone, another server) has tables copied anew; nothing is taken for the source's that is not. */
import { describe, expect, it } from 'vitest';
import { startMirrorSource } from './support/mirror-source.ts';
import { useMirror } from './support/use-mirror.ts';

const TABLES = ['t', 'u', 'later'].map((table) => ({ database: 'shop', table }));

const harness = useMirror(
  TABLES,
  `CREATE DATABASE shop;
    CREATE TABLE shop.t (id INT PRIMARY KEY, x INT, s VARCHAR(20));
    CREATE TABLE shop.u (id INT PRIMARY KEY, x INT);
    INSERT INTO shop.t VALUES (1, 1, 'a'), (2, 2, 'b');
    INSERT INTO shop.u VALUES (1, 1)`,
);

const DEFINITIONS: readonly (readonly [what: string, sql: string, again: string])[] = [
  ['a new column', 'ALTER TABLE shop.t ADD y INT DEFAULT 7', "INSERT INTO shop.t VALUES (3, 3, 'c', 3)"],
  ['a new column in front', 'ALTER TABLE shop.t ADD y INT DEFAULT 7 FIRST', "INSERT INTO shop.t VALUES (3, 3, 3, 'c')"],
  ['a column less', 'ALTER TABLE shop.t DROP s', 'INSERT INTO shop.t VALUES (3, 3)'],
  ['another type', 'ALTER TABLE shop.t MODIFY x VARCHAR(10)', "INSERT INTO shop.t VALUES (3, 'drei', 'c')"],
  ['another name of a column', 'ALTER TABLE shop.t CHANGE x z INT', "INSERT INTO shop.t VALUES (3, 3, 'c')"],
  ['another primary key', 'ALTER TABLE shop.t DROP PRIMARY KEY, ADD PRIMARY KEY (s)', 'UPDATE shop.t SET id = 1'],
  ['no primary key', 'ALTER TABLE shop.t DROP PRIMARY KEY', "INSERT INTO shop.t VALUES (1, 1, 'a')"],
  ['TRUNCATE', 'TRUNCATE shop.t', "INSERT INTO shop.t VALUES (1, 5, 'new')"],
  [
    'DROP and CREATE',
    'DROP TABLE shop.t; CREATE TABLE shop.t (id INT PRIMARY KEY, x INT, s VARCHAR(20))',
    "INSERT INTO shop.t VALUES (9, 9, 'i')",
  ],
  [
    'tables that change places',
    'RENAME TABLE shop.t TO shop.tmp, shop.u TO shop.t, shop.tmp TO shop.u',
    'INSERT INTO shop.t VALUES (5, 5)',
  ],
  [
    'a table created from another',
    'DROP TABLE shop.u; CREATE TABLE shop.u AS SELECT * FROM shop.t',
    "INSERT INTO shop.u VALUES (1, 1, 'a')",
  ],
  ['an index', 'CREATE INDEX i ON shop.t (x)', "INSERT INTO shop.t VALUES (3, 3, 'c')"],
  [
    'a statement instead of rows',
    'SET binlog_format = STATEMENT; UPDATE shop.t SET x = x + 10; SET binlog_format = ROW',
    "INSERT INTO shop.t VALUES (3, 3, 'c')",
  ],
  [
    'a partial row image',
    'SET binlog_row_image = MINIMAL; UPDATE shop.t SET x = x + 10 WHERE id = 1; SET binlog_row_image = FULL',
    "INSERT INTO shop.t VALUES (3, 3, 'c')",
  ],
];

describe('a mirrored table follows', () => {
  it.each(DEFINITIONS)('%s', async (_, sql, again) => {
    const { expectSame, fresh, until } = await harness.open();
    await until('t', 'live');
    await fresh();
    await harness.direct.query('INSERT INTO shop.u VALUES (2, 2)');
    await harness.direct.query(sql);
    await harness.direct.query(again);
    await expectSame();
    await harness.direct.query('DELETE FROM shop.t LIMIT 1');
    await expectSame();
  });

  it('what changed while the mirror was away', async () => {
    const first = await harness.open();
    await first.expectSame();
    await first.close();
    await harness.direct.query(
      "ALTER TABLE shop.t ADD y INT; INSERT INTO shop.t VALUES (3, 3, 'c', 3); INSERT INTO shop.u VALUES (7, 7)",
    );
    const second = await harness.open();
    await second.until('t', 'live');
    await second.expectSame();
    expect([second.statistics('t').copies, second.statistics('u').copies]).toEqual([1, 0]);
  });

  it('creation, and what makes it one that can be mirrored', async () => {
    const { expectSame, until, statistics, fresh } = await harness.open();
    await until('later', 'absent');
    await until('t', 'live');
    await fresh();
    await harness.direct.query('CREATE TABLE shop.later (id INT PRIMARY KEY, p POINT)');
    await until('later', 'failed');
    expect(statistics('later').why).toContain('point');
    await harness.direct.query('ALTER TABLE shop.later DROP p; INSERT INTO shop.later VALUES (1)');
    await until('later', 'live');
    await expectSame();
    await harness.direct.query('DROP TABLE shop.later');
    await until('later', 'absent');
  });

  it.each([
    ['generated columns', 'CREATE TABLE shop.later (id INT PRIMARY KEY, g INT AS (id + 1) VIRTUAL)', 'VIRTUAL'],
    ['an engine without snapshots', 'CREATE TABLE shop.later (id INT PRIMARY KEY) ENGINE=MyISAM', 'MyISAM'],
    ['a view', 'CREATE VIEW shop.later AS SELECT * FROM shop.t', 'view'],
    ['versions of rows', 'CREATE TABLE shop.later (id INT PRIMARY KEY) WITH SYSTEM VERSIONING', 'versioned'],
    [
      'rows that change with those of another table',
      'CREATE TABLE shop.later (id INT PRIMARY KEY, t INT, FOREIGN KEY (t) REFERENCES t (id) ON DELETE CASCADE)',
      'foreign key',
    ],
  ])('nothing, and says why, with %s', async (_, sql, why) => {
    await harness.direct.query(`USE shop; ${sql}`);
    const { until, statistics } = await harness.open();
    await until('later', 'failed');
    expect(statistics('later').why).toContain(why);
    await harness.direct.query('DROP TABLE IF EXISTS shop.later; DROP VIEW IF EXISTS shop.later');
  });
});

describe('a mirror copies anew', () => {
  const change = async (): Promise<void> => {
    await harness.direct.query("UPDATE shop.t SET s = 'changed' WHERE id = 1; DELETE FROM shop.u");
  };

  it('when the source no longer has the binlog that it would go on from', async () => {
    const first = await harness.open();
    await first.expectSame();
    await first.close();
    await change();
    await harness.direct.query('FLUSH BINARY LOGS');
    const [[status]] = (await harness.direct.query('SHOW MASTER STATUS')) as unknown as [[{ File: string }]];
    // A file that is still written by somebody is not purged.
    for (let i = 0; i < 50; i++) {
      await harness.direct.query(`PURGE BINARY LOGS TO '${status.File}'`);
      const [logs] = await harness.direct.query('SHOW BINARY LOGS');
      if ((logs as unknown[]).length === 1) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const second = await harness.open();
    await second.until('t', 'live');
    await second.expectSame();
    expect(second.statistics('t').copies).toBe(1);
  });

  it('when the binlog begins anew, also to the same position', async () => {
    const { expectSame, mirror: it_, statistics } = await harness.open();
    await expectSame();
    await harness.direct.query('RESET MASTER');
    await change();
    for (let i = 0; i < 60; i++) await harness.direct.query('INSERT INTO shop.u VALUES (?, ?)', [i, i]);
    expect(await it_.freshen()).toBe(false);
    await expectSame();
    expect(statistics('t').copies).toBe(2);
  });

  it('when another server answers at the address', async () => {
    const other = await startMirrorSource();
    const elsewhere = await other.connect();
    try {
      await elsewhere.query(`CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, x INT, s VARCHAR(20));
        CREATE TABLE shop.u (id INT PRIMARY KEY, x INT)`);
      for (let i = 0; i < 50; i++) await elsewhere.query('INSERT INTO shop.t VALUES (?, ?, ?)', [i, i, 'other']);
      const { expectSame, statistics, until } = await harness.open();
      await until('t', 'live');
      await expectSame();
      harness.source.shut();
      harness.source.open(other.mariadb.port);
      await until('t', 'loading');
      await until('t', 'live');
      await expectSame();
      expect(statistics('t').copies).toBe(2);
    } finally {
      await elsewhere.end();
      await other.stop();
    }
  });

  it('nothing when the source was away, or goes on in another file', async () => {
    const { expectSame, mirror: it_, statistics } = await harness.open();
    await expectSame();
    await harness.direct.query('FLUSH BINARY LOGS');
    await change();
    await expectSame();
    harness.source.shut();
    await harness.direct.query("INSERT INTO shop.t VALUES (8, 8, 'meanwhile')");
    expect(await it_.freshen()).toBe(false);
    harness.source.open();
    await expectSame();
    expect(statistics('t').copies).toBe(1);
  });
});
