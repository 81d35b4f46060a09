/** What belongs together in a real MariaDB's binlog, and from where it can be read on. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BinlogEvent } from '../../src/mirror/binlog/binlog-event.ts';
import type { TableLayout } from '../../src/mirror/binlog/column-layout.ts';
import type { BinlogPosition } from '../../src/mirror/binlog/position.ts';
import { readBinlog } from '../../src/mirror/binlog/read-binlog.ts';
import { BinlogSource } from './support/binlog-source.ts';
import { Follower, rowText } from './support/follower.ts';

let source: BinlogSource;
let layouts: Map<string, TableLayout>;
let from: BinlogPosition;

beforeAll(async () => {
  source = await BinlogSource.start(
    '--binlog-row-image=FULL',
    '--max-allowed-packet=128M',
    '--log-bin-trust-function-creators',
  );
});

afterAll(async () => {
  await source.stop();
});

beforeEach(async () => {
  await source.run(
    'CREATE DATABASE d',
    'USE d',
    'CREATE TABLE t (id int PRIMARY KEY, v varchar(20))',
    'CREATE TABLE m (id int PRIMARY KEY, v varchar(20)) ENGINE=MyISAM',
    'CREATE TABLE other (id int PRIMARY KEY, v varchar(20))',
  );
  layouts = new Map();
  for (const name of ['t', 'm']) layouts.set(`d.${name}`, await source.layout('d', name));
  from = await source.position();
});

afterEach(async () => {
  await source.run('DROP DATABASE d');
});

/** Everything from `start` to the binlog's end. */
async function eventsFrom(start: BinlogPosition = from): Promise<BinlogEvent[]> {
  const end = await source.position();
  const abort = new AbortController();
  const events: BinlogEvent[] = [];
  const reading = readBinlog(source.address, {
    from: start,
    serverId: 78,
    layoutOf: (database, table) => layouts.get(`${database}.${table}`) ?? null,
    onEvents: (more) => {
      events.push(...more);
      for (const event of more)
        if ('position' in event && event.position.file === end.file && event.position.offset >= end.offset)
          abort.abort();
      return undefined;
    },
    signal: abort.signal,
  });
  await reading.catch((error: unknown) => {
    if (!abort.signal.aborted) throw error;
  });
  return events;
}

/** In few words, without positions. */
async function told(start?: BinlogPosition): Promise<string[]> {
  return (await eventsFrom(start)).filter(({ kind }) => kind !== 'passed').map(inWords);
}

function inWords(event: BinlogEvent): string {
  switch (event.kind) {
    case 'rows':
      return `${event.table}: ${event.changes
        .map(({ before, after }) => [before, after].map((row) => (row === null ? '' : row.join('='))).join('>'))
        .join(' ')}`;
    case 'misfit':
      return `${event.table} misfit: ${event.why}`;
    case 'statement':
      return `${event.database}: ${event.text}`;
    case 'incident':
      return event.why;
    default:
      return event.kind;
  }
}

describe('a transaction', () => {
  it('is all that stands before its end', async () => {
    await source.run(
      "INSERT INTO t VALUES (1, 'a'), (2, 'b')",
      'START TRANSACTION',
      "UPDATE t SET v = 'c' WHERE id = 1",
      'INSERT INTO other VALUES (1, 1)',
      'DELETE FROM t WHERE id = 2',
      'COMMIT',
      'START TRANSACTION',
      'DELETE FROM t',
      'ROLLBACK',
    );
    expect(await told()).toEqual(['t: >1=a >2=b', 'committed', 't: 1=a>1=c', 't: 2=b>', 'committed']);
  });

  it('of other tables is only passed', async () => {
    await source.run('INSERT INTO other VALUES (1, 1)', 'UPDATE other SET v = 2', 'DELETE FROM other');
    const events = await eventsFrom();
    expect(new Set(events.map(({ kind }) => kind))).toEqual(new Set(['passed']));
    expect(events.at(-1)).toEqual({ kind: 'passed', position: await source.position() });
  });

  it('with savepoints tells what was kept', async () => {
    await source.run(
      'START TRANSACTION',
      "INSERT INTO t VALUES (1, 'a')",
      'SAVEPOINT s',
      "INSERT INTO t VALUES (2, 'b')",
      'ROLLBACK TO SAVEPOINT s',
      "INSERT INTO t VALUES (3, 'c')",
      'RELEASE SAVEPOINT s',
      'COMMIT',
    );
    expect(await told()).toEqual(['t: >1=a', 't: >3=c', 'committed']);
  });

  it('that is rolled back with what cannot be rolled back, or in part, tells the rest exactly or that it cannot', async () => {
    await source.run(
      'START TRANSACTION',
      "INSERT INTO t VALUES (1, 'a')",
      "INSERT INTO m VALUES (1, 'a')",
      'SAVEPOINT s',
      "INSERT INTO t VALUES (2, 'b')",
      "INSERT INTO m VALUES (2, 'b')",
      'ROLLBACK TO SAVEPOINT s',
      "INSERT INTO m VALUES (3, 'c')",
      'COMMIT',
      'START TRANSACTION',
      "INSERT INTO t VALUES (4, 'd')",
      "INSERT INTO m VALUES (4, 'd')",
      'ROLLBACK',
    );
    const events = await told();
    const rest = (table: string): string[] => events.filter((event) => event.startsWith(`${table}: `));
    expect(rest('m')).toEqual(['m: >1=a', 'm: >2=b', 'm: >3=c', 'm: >4=d']);
    // Either the source has left out what was undone, or the table is to be copied anew.
    const isTold = events.some((event) => event.startsWith('t misfit'));
    if (!isTold) expect(rest('t')).toEqual(['t: >1=a']);
    expect(events.at(-1)).toBe('committed');
  });
});

describe('an XA transaction', () => {
  it('is told when it is committed, or never', async () => {
    await source.run("XA START 'x'", "INSERT INTO t VALUES (1, 'x')", "XA END 'x'", "XA PREPARE 'x'");
    const other = await BinlogSource.at(source.server);
    await other.run("INSERT INTO d.t VALUES (5, 'between')");
    await source.run(
      "XA COMMIT 'x'",
      "XA START 'y', 'branch', 7",
      "INSERT INTO t VALUES (2, 'y')",
      "XA END 'y', 'branch', 7",
    );
    await source.run("XA PREPARE 'y', 'branch', 7", "XA ROLLBACK 'y', 'branch', 7");
    await source.run("XA START 'z'", "INSERT INTO t VALUES (3, 'z')", "XA END 'z'", "XA COMMIT 'z' ONE PHASE");
    other.close();
    expect(await told()).toEqual(['t: >5=between', 'committed', 't: >1=x', 'committed', 't: >3=z', 'committed']);
  });

  it('that was prepared before reading began may have changed anything', async () => {
    await source.run("XA START 'x'", "INSERT INTO t VALUES (1, 'x')", "XA END 'x'", "XA PREPARE 'x'");
    from = await source.position();
    await source.run("XA COMMIT 'x'");
    expect(await told()).toEqual([expect.stringContaining('XA transaction'), 'committed']);
  });
});

describe('statements', () => {
  it('that define are told with their database', async () => {
    await source.run(
      'ALTER TABLE t ADD COLUMN w int',
      "INSERT INTO t VALUES (1, 'a', 2)",
      'RENAME TABLE t TO u',
      'CREATE TABLE t AS SELECT 1 AS id',
      'TRUNCATE TABLE m',
    );
    const events = await told();
    expect(events.slice(0, 6)).toEqual([
      'd: ALTER TABLE t ADD COLUMN w int',
      'committed',
      't misfit: it has 3 columns there, not 2',
      'committed',
      'd: RENAME TABLE t TO u',
      'committed',
    ]);
    expect(events[6]).toMatch(/^d: CREATE TABLE `t`/);
    expect(events.slice(-2)).toEqual(['d: TRUNCATE TABLE m', 'committed']);
  });

  it('that change rows as statements are told as such', async () => {
    await source.run(
      "SET SESSION binlog_format = 'STATEMENT'",
      "SET @x = 'value'",
      'INSERT INTO t VALUES (1, @x), (2, RAND())',
      'UPDATE m SET v = 1',
      "SET SESSION binlog_format = 'ROW'",
    );
    expect(await told()).toEqual([
      'd: INSERT INTO t VALUES (1, @x), (2, RAND())',
      'committed',
      'd: UPDATE m SET v = 1',
      'committed',
    ]);
  });

  it('of a client of another character set have their names in them', async () => {
    await source.run('SET NAMES latin1');
    const bytes = "CREATE TABLE d.`gr\udcf6\udcdfe` (id int COMMENT 'caf\udce9')";
    await source.run(bytes, 'SET NAMES utf8mb4');
    expect(await told()).toEqual(["d: CREATE TABLE d.`größe` (id int COMMENT 'café')", 'committed']);
    from = await source.position();
    await source.run('SET NAMES latin1', 'DROP TABLE d.`gr\udcf6\udcdfe`', 'SET NAMES utf8mb4');
    expect(await told()).toEqual(['d: DROP TABLE `größe` /* generated by server */', 'committed']);
    from = await source.position();
    await source.run('SET NAMES gbk', "ALTER TABLE d.other COMMENT '\udcd6\udcd0'", 'SET NAMES utf8mb4');
    expect(await told()).toEqual(['a statement was written in a character set that is not known here', 'committed']);
  });
});

describe('rows that do not fit', () => {
  it('for their images lack columns', async () => {
    await source.run(
      "SET SESSION binlog_row_image = 'MINIMAL'",
      "INSERT INTO t VALUES (1, 'a')",
      "UPDATE t SET v = 'b'",
    );
    await source.run("SET SESSION binlog_row_image = 'FULL'", "UPDATE t SET v = 'c'");
    const lacks = 't misfit: its row images lack columns: binlog_row_image must be FULL';
    expect(await told()).toEqual(['t: >1=a', 'committed', lacks, 'committed', 't: 1=b>1=c', 'committed']);
  });

  it.each([
    ['v int', 'column v is no varchar there (type 3, 0)'],
    ['v varbinary(20)', null],
    ['v text', 'column v is no varchar there (type 252, 2)'],
    ['v char(20)', expect.stringContaining('column v is no varchar there (type 254')],
    ['v varchar(20) COMPRESSED', expect.stringContaining('column v is no varchar there (type 141')],
  ])('for a column is now %s', async (definition, why) => {
    await source.run(`ALTER TABLE t MODIFY ${definition}`, "INSERT INTO t VALUES (1, '5')");
    const [misfit] = (await eventsFrom()).filter(({ kind }) => kind === 'misfit');
    if (why === null) expect(misfit).toBeUndefined();
    else expect(misfit).toMatchObject({ why });
  });
});

it('events of more than one packet are read whole', async () => {
  await source.run('CREATE TABLE big (id int PRIMARY KEY, v longblob, t longtext)');
  layouts.set('d.big', await source.layout('d', 'big'));
  from = await source.position();
  // 16,777,215 bytes are a packet that goes on in another, if only to say that it has ended.
  await source.run(
    "INSERT INTO big SELECT 1, REPEAT(0x00ff, 9000000), REPEAT('é', 6000000)",
    "UPDATE big SET t = CONCAT(t, 'x')",
    "INSERT INTO big (id, v) VALUES (2, REPEAT('a', 16777215 - 47)), (3, REPEAT('b', 16777215 - 48)), (4, REPEAT('c', 16777215 - 49))",
    "INSERT INTO big (id, v) SELECT 1000 + seq, REPEAT('a', 16777215 - seq) FROM seq_30_to_60 WHERE seq % 3 = 0",
  );
  const follower = new Follower(source.address, from, layouts);
  await follower.reaches(await source.position());
  const expected = (await source.rows('d', 'big', layouts.get('d.big') as TableLayout)).map(rowText).sort();
  expect(follower.rows('d.big').map((row) => row.length)).toEqual(expected.map((row) => row.length));
  expect(follower.rows('d.big').every((row, i) => row === expected[i])).toBe(true);
  await follower.stop();
});

it('reading reaches the end that the source names, whatever stands there last', async () => {
  const follower = new Follower(source.address, from, layouts);
  for (const statement of [
    'FLUSH BINARY LOGS',
    'CREATE TEMPORARY TABLE d.tmp (id int)',
    'DROP TEMPORARY TABLE d.tmp',
    'FLUSH TABLES',
    'ANALYZE TABLE d.t',
    'INSERT INTO d.t VALUES (1, 1)',
  ]) {
    await source.run(statement);
    await follower.reaches(await source.position());
  }
  await follower.stop();
});

it('the source may change how it writes its binlog while it is read', async () => {
  const follower = new Follower(source.address, from, layouts);
  const settings = [
    'binlog_checksum = NONE',
    'log_bin_compress = ON',
    'binlog_checksum = CRC32',
    'log_bin_compress = OFF',
  ];
  for (const [i, setting] of settings.entries()) {
    await source.run(`SET GLOBAL ${setting}`, `INSERT INTO t VALUES (${i}, REPEAT('x', 20))`, 'UPDATE t SET v = id');
    await follower.reaches(await source.position());
  }
  expect(follower.rows('d.t')).toEqual(['0\n"0"', '1\n"1"', '2\n"2"', '3\n"3"']);
  await follower.stop();
  // And from the first file on, whose connection begins in another way than it goes on.
  const second = new Follower(source.address, from, layouts, 90);
  await second.reaches(await source.position());
  expect(second.rows('d.t')).toEqual(follower.rows('d.t'));
  await second.stop();
});

it('reading can go on from each position that was told', async () => {
  for (let i = 0; i < 12; i++) {
    await source.run(
      `INSERT INTO t VALUES (${i}, 'a'), (${i + 100}, 'b')`,
      `REPLACE INTO other VALUES (${i % 5}, ${i})`,
    );
    if (i % 5 === 2) await source.run('FLUSH BINARY LOGS');
    if (i % 4 === 1)
      await source.run('START TRANSACTION', `DELETE FROM t WHERE id = ${i}`, `UPDATE t SET v = ${i}`, 'COMMIT');
  }
  const all = await eventsFrom();
  const positions = all.filter((event) => 'position' in event);
  expect(positions.length).toBeGreaterThan(15);
  for (const event of positions) {
    const rest = all.slice(all.indexOf(event) + 1).filter(({ kind }) => kind !== 'passed');
    const again = (await eventsFrom(event.position)).filter(({ kind }) => kind !== 'passed');
    expect(again).toEqual(rest);
  }
});
