/** What one client makes of its session is never seen by another, though they share connections: here, all of them two. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type InFront, startInFront } from '../support/in-front.ts';
import { connectDriver, failureOf, rowsOf, singleValue } from '../support/mysql-driver.ts';

let inFront: InFront;
let direct: Connection;

const FEW = ['--pool-size', '2', '--transaction-cap', '2', '--reserved-cap', '2'];

beforeAll(async () => {
  inFront = await startInFront({ args: FEW });
  direct = await connectDriver({ mysqlPort: inFront.mariadb.port });
  await direct.query('CREATE DATABASE one');
  await direct.query('CREATE DATABASE two');
  for (const name of ['one', 'two']) {
    await direct.query(`CREATE TABLE ${name}.t (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20))`);
    await direct.query(`INSERT INTO ${name}.t (name) VALUES ('${name}')`);
  }
});

afterAll(async () => {
  await direct.end();
  await inFront.stop();
});

const connect = (database?: string): Promise<Connection> =>
  connectDriver(inFront.sluice, database === undefined ? {} : { database });

/** Connections of Sluice to the source. */
async function connections(): Promise<number> {
  return Number(
    await singleValue(direct, 'SELECT COUNT(*) FROM information_schema.processlist WHERE id <> CONNECTION_ID()'),
  );
}

/** State, and what shows it: as the one client has set it, as any other must see it. */
const STATE: readonly [what: string, set: string, show: string, own: unknown, others: unknown][] = [
  ['user variable', 'SET @a = 5', 'SELECT @a', 5, null],
  ['assignment in a SELECT', 'SELECT @b := 7', 'SELECT @b', 7, null],
  ['time zone', "SET time_zone = '+05:00'", 'SELECT @@time_zone', '+05:00', 'SYSTEM'],
  ['sql_mode', "SET sql_mode = 'ANSI_QUOTES'", 'SELECT @@sql_mode', 'ANSI_QUOTES', expect.stringContaining('STRICT')],
  ['sql_mode of an expression', "SET sql_mode = CONCAT(@@sql_mode, ',PIPES_AS_CONCAT')", "SELECT '1' || '1'", '11', 1],
  ['character set', 'SET NAMES latin1', 'SELECT @@character_set_client', 'latin1', 'utf8mb4'],
  [
    'one of its variables',
    "SET character_set_results = 'latin1'",
    'SELECT @@character_set_results',
    'latin1',
    'utf8mb4',
  ],
  [
    'isolation level',
    'SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE',
    'SELECT @@tx_isolation',
    'SERIALIZABLE',
    'REPEATABLE-READ',
  ],
  ['autocommit', 'SET autocommit = 0', 'SELECT @@autocommit', 0, 1],
  ['database', 'USE two', 'SELECT name FROM t', 'two', 'one'],
  ['temporary table', 'CREATE TEMPORARY TABLE t SELECT 1 AS id, 9 AS name', 'SELECT name FROM t', 9, 'one'],
];

describe('a session', () => {
  it.each(STATE)('%s', async (_, set, show, own, others) => {
    const [first, second] = [await connect('one'), await connect('one')];
    await first.query(set);
    for (let round = 0; round < 3; round++) {
      expect(await singleValue(first, show)).toEqual(own);
      const seen = await Promise.all([second, second, second].map((client) => singleValue(client, show)));
      for (const value of seen) expect(value).toEqual(others);
      const fresh = await connect('one');
      expect(await singleValue(fresh, show)).toEqual(others);
      await fresh.end();
    }
    await first.end();
    const later = await connect('one');
    expect(await singleValue(later, show)).toEqual(others);
    await later.end();
    await second.end();
  });

  it('puts back a character set that it has saved, but none in which statements could not be read', async () => {
    const client = await connect('one');
    await client.query('SET @saved = @@character_set_client');
    await client.query('SET character_set_client = latin1');
    await client.query('/*!40101 SET character_set_client = @saved */');
    expect(await singleValue(client, 'SELECT @@character_set_client')).toBe('utf8mb4');
    const failures: number[] = [];
    for (const value of ["'gbk'", '28', 'NULL']) {
      await client.query(`SET @saved = ${value}`);
      failures.push((await failureOf(client.query('SET character_set_client = @saved'))).errno);
    }
    // The last is the source's own.
    expect(failures).toEqual([1235, 1231, 1115]);
    await failureOf(client.query("SET @saved = 'utf8mb4', character_set_client = @saved"));
    expect(await singleValue(client, 'SELECT @@character_set_client')).toBe('utf8mb4');
    await client.end();
  });

  it('has its locks for itself, until it ends', async () => {
    const [first, second] = (await Promise.all([connect('one'), connect('one')])) as [Connection, Connection];
    const ask = (client: Connection, call: string) => singleValue(client, `SELECT ${call}`);
    expect(await ask(first, "GET_LOCK('l', 0)")).toBe(1);
    for (let round = 0; round < 3; round++) {
      const others = await Promise.all([second, second, second].map((client) => ask(client, "GET_LOCK('l', 0)")));
      expect(others).toEqual([0, 0, 0]);
      // Whoever has it gets it again: nobody else's statements run where it is held.
      expect(await ask(first, "GET_LOCK('l', 0)")).toBe(1);
      expect(await ask(second, "RELEASE_LOCK('l')")).toBe(0);
      const fresh = await connect('one');
      expect(await ask(fresh, "IS_FREE_LOCK('l')")).toBe(0);
      await fresh.end();
    }
    await first.end();
    await expect.poll(() => ask(second, "GET_LOCK('l', 0)"), { timeout: 20_000 }).toBe(1);
    expect(await ask(second, "RELEASE_LOCK('l')")).toBe(1);
    expect(await ask(second, "IS_FREE_LOCK('l')")).toBe(1);
    await second.end();
  });

  it('without a database has none, whatever others use', async () => {
    const clients = await Promise.all([connect('one'), connect('two'), connect()]);
    const [one, two, none] = clients;
    for (let round = 0; round < 5; round++) {
      expect(await singleValue(one as Connection, 'SELECT name FROM t LIMIT 1')).toBe('one');
      expect(await singleValue(two as Connection, 'SELECT name FROM t LIMIT 1')).toBe('two');
      expect(await failureOf((none as Connection).query('SELECT name FROM t'))).toMatchObject({ errno: 1046 });
      expect(await singleValue(none as Connection, 'SELECT DATABASE()')).toBe(null);
    }
    for (const client of clients) await client.end();
  });

  it('prepares statements for its own database', async () => {
    const [one, two] = [await connect('one'), await connect('two')];
    for (let round = 0; round < 4; round++) {
      const rows = await Promise.all(
        [one, two].map((client) => client.execute('SELECT name FROM t WHERE id = ?', [1])),
      );
      expect(rows.map(([found]) => found)).toEqual([[{ name: 'one' }], [{ name: 'two' }]]);
    }
    await one.end();
    await two.end();
  });

  it('keeps LAST_INSERT_ID, ROW_COUNT, FOUND_ROWS and warnings, though others work in between', async () => {
    const [first, second] = [await connect('one'), await connect('two')];
    const other = async () => {
      await second.query("INSERT INTO t (name) VALUES ('x'), ('y')");
      await second.query("SELECT CAST('z' AS INT)");
    };
    const [{ insertId }] = (await first.query("INSERT INTO t (name) VALUES ('f')")) as unknown as [
      { insertId: number },
    ];
    await other();
    expect(await rowsOf(first, 'SELECT LAST_INSERT_ID() AS id')).toEqual([{ id: insertId }]);
    await first.query("INSERT INTO t (id, name) VALUES (5000, 'given')");
    await other();
    expect(await singleValue(first, 'SELECT LAST_INSERT_ID()')).toBe(insertId);
    await first.query('UPDATE t SET name = NULL WHERE id IN (5000, 5001)');
    await other();
    expect(await singleValue(first, 'SELECT ROW_COUNT()')).toBe(1);
    await first.query('SELECT SQL_CALC_FOUND_ROWS id FROM t LIMIT 1');
    await other();
    const found = await singleValue(first, 'SELECT FOUND_ROWS()');
    expect(found).toBe(await singleValue(first, 'SELECT COUNT(*) FROM t'));
    await first.query("SELECT CAST('abc' AS INT)");
    await other();
    expect(await rowsOf(first, 'SHOW WARNINGS')).toEqual([
      expect.objectContaining({ Code: 1292, Message: expect.stringContaining('abc') }),
    ]);
    await first.query('DELETE FROM t WHERE id = 5000');
    await first.end();
    await second.end();
  });

  it('is clean after COM_CHANGE_USER', async () => {
    const client = await connect('one');
    await client.query('SET @a = 1');
    await client.query("SET time_zone = '+03:00'");
    await client.changeUser({ user: 'root', database: 'two' });
    expect(await rowsOf(client, 'SELECT @a AS a, @@time_zone AS z, DATABASE() AS d')).toEqual([
      { a: null, z: 'SYSTEM', d: 'two' },
    ]);
    await client.end();
  });

  it('gives its own connection back as soon as nothing is kept there', async () => {
    const [first, second, third] = await Promise.all([connect('one'), connect('one'), connect('one')]);
    const clients = [first, second, third] as Connection[];
    for (const client of clients) {
      await client.query('CREATE TEMPORARY TABLE mine (id INT)');
      await client.query('DROP TEMPORARY TABLE mine');
      await client.query("SELECT GET_LOCK('mine', 0)");
      await client.query("SELECT RELEASE_LOCK('mine')");
      await client.query('LOCK TABLES t READ');
      await client.query('UNLOCK TABLES');
    }
    await clients[0]?.query('SET @a = 1');
    const states = await rowsOf<{ State: string }>(clients[1] as Connection, 'SHOW PROCESSLIST');
    expect(states.map(({ State: state }) => state)).toContain('user variable @a');
    expect(await connections()).toBeLessThanOrEqual(7);
    for (const client of clients) await client.end();
  });
});

describe('transactions', () => {
  it('leave nothing behind when their client vanishes', async () => {
    for (let i = 0; i < 5; i++) {
      const client = await connect('one');
      await client.query('BEGIN');
      await client.query("INSERT INTO t (id, name) VALUES (9000, 'lost')");
      client.destroy();
    }
    const check = await connect('one');
    await check.query('BEGIN');
    await check.query("INSERT INTO t (id, name) VALUES (9000, 'kept')");
    await check.query('ROLLBACK');
    expect(await singleValue(check, 'SELECT COUNT(*) FROM t WHERE id = 9000')).toBe(0);
    await check.end();
  });

  it('are as many as transaction_cap says; who finds none is told after a second', async () => {
    const clients = await Promise.all([connect('one'), connect('one'), connect('one')]);
    const [first, second, third] = clients as [Connection, Connection, Connection];
    await first.query('BEGIN');
    await second.query('BEGIN');
    expect(await failureOf(third.query('BEGIN'))).toMatchObject({
      errno: 1040,
      message: expect.stringContaining('tx_pool_full'),
    });
    const waiting = third.query('BEGIN');
    await first.query('COMMIT');
    await waiting;
    for (const client of clients) await client.end();
  });

  it('end by themselves when they are open for too long, and their client is told', async () => {
    const client = await connect('one');
    await client.query('SET GLOBAL sluice_transaction_timeout = 1');
    await client.query('BEGIN');
    await client.query("INSERT INTO t (id, name) VALUES (9100, 'late')");
    await expect
      .poll(() => connections().then(() => singleValue(direct, 'SELECT COUNT(*) FROM information_schema.innodb_trx')), {
        timeout: 30_000,
        interval: 200,
      })
      .toBe(0);
    expect(await failureOf(client.query('COMMIT'))).toMatchObject({
      errno: 1213,
      message: expect.stringContaining('transaction_timeout'),
    });
    expect(await singleValue(client, 'SELECT COUNT(*) FROM t WHERE id = 9100')).toBe(0);
    await client.query('SET GLOBAL sluice_transaction_timeout = DEFAULT');
    await client.end();
  });

  it('one statement that fails does not end them', async () => {
    const client = await connect('one');
    await client.query('BEGIN');
    await client.query("INSERT INTO t (id, name) VALUES (9200, 'stays')");
    expect(await failureOf(client.query('SELECT nothing FROM t'))).toMatchObject({ errno: 1054 });
    await client.query('COMMIT');
    expect(await singleValue(client, 'SELECT COUNT(*) FROM t WHERE id = 9200')).toBe(1);
    await client.end();
  });
});

describe('long statements', () => {
  it('are killed after query_timeout, or what their hint says; KILL ends them too', async () => {
    const client = await connect('one');
    const slow =
      'SELECT COUNT(*) FROM information_schema.columns a, information_schema.columns b, information_schema.columns c';
    expect(
      await failureOf(client.query(slow.replace('SELECT', 'SELECT /*+ max_execution_time(200) */'))),
    ).toMatchObject({ errno: 3024 });
    await client.query('SET sluice_query_timeout = 1');
    expect(await failureOf(client.query(slow))).toMatchObject({ errno: 3024 });
    await client.query('SET sluice_query_timeout = DEFAULT');
    const id = await singleValue(client, 'SELECT CONNECTION_ID()');
    const running = failureOf(client.query(slow));
    await sleep(300);
    const other = await connect('one');
    await other.query(`KILL QUERY ${String(id)}`);
    expect(await running).toMatchObject({ errno: 1317 });
    expect(await singleValue(client, 'SELECT 1')).toBe(1);
    await expect
      .poll(
        () =>
          singleValue(
            direct,
            "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '%columns a%' AND id <> CONNECTION_ID()",
          ),
        { timeout: 20_000 },
      )
      .toBe(0);
    await client.end();
    await other.end();
  });
});

describe('a connection that breaks while a statement runs', () => {
  /** Cuts off whoever runs a statement with that in its text. */
  async function cutOff(mark: string): Promise<void> {
    const find = () =>
      rowsOf<{ id: number }>(
        direct,
        'SELECT id FROM information_schema.processlist WHERE info LIKE ? AND id <> CONNECTION_ID()',
        [`%${mark}%`],
      );
    await expect.poll(async () => (await find()).length, { timeout: 20_000 }).toBeGreaterThan(0);
    for (const { id } of await find()) await direct.query(`KILL CONNECTION ${id}`);
  }

  it('a read is run once more, and its client sees nothing of it', async () => {
    const client = await connect('one');
    const reading = singleValue(client, 'SELECT name /* cut */ FROM t WHERE id = 1 AND SLEEP(1) = 0');
    await cutOff('/* cut */');
    expect(await reading).toBe('one');
    await client.end();
  });

  it('a write is not: nobody knows what became of it', async () => {
    const client = await connect('one');
    await client.query('CREATE TABLE cut (id INT PRIMARY KEY, n INT)');
    await client.query('INSERT INTO cut VALUES (1, 0)');
    const writing = failureOf(client.query('UPDATE cut SET n = n + 1 + SLEEP(2) WHERE id = 1'));
    await cutOff('SLEEP(2)');
    expect(await writing).toMatchObject({
      errno: 1105,
      message: expect.stringContaining('may or may not have taken effect'),
    });
    await sleep(3000);
    expect(await singleValue(client, 'SELECT n FROM cut')).toBe(0);
    await client.end();
  });

  it('nor is a read in a transaction: it is lost, and that is told', async () => {
    const client = await connect('one');
    await client.query('BEGIN');
    await client.query("INSERT INTO t (id, name) VALUES (7000, 'cut')");
    const reading = failureOf(client.query('SELECT name /* lost */ FROM t WHERE id = 1 AND SLEEP(1) = 0'));
    await cutOff('/* lost */');
    expect(await reading).toMatchObject({ errno: 1213 });
    expect(await singleValue(client, 'SELECT COUNT(*) FROM t WHERE id = 7000')).toBe(0);
    await client.end();
  });
});

describe('rows', () => {
  it('are limited, but for who asks for more', async () => {
    const client = await connect('one');
    expect(await rowsOf(client, 'SELECT seq FROM seq_1_to_10000')).toHaveLength(10_000);
    expect(await failureOf(client.query('SELECT seq FROM seq_1_to_10001'))).toMatchObject({
      message: 'row count exceeded 10000',
    });
    expect(await failureOf(client.execute('SELECT seq FROM seq_1_to_10001 -- all'))).toMatchObject({
      message: 'row count exceeded 10000',
    });
    expect(await failureOf(client.query('SELECT seq FROM seq_1_to_20000 LIMIT 15000'))).toMatchObject({
      message: 'row count exceeded 10000',
    });
    expect(await rowsOf(client, 'SELECT /*+ max_rows(20000) */ seq FROM seq_1_to_20000')).toHaveLength(20_000);
    await client.query("SET workload = 'olap'");
    expect(await rowsOf(client, 'SELECT seq FROM seq_1_to_50000')).toHaveLength(50_000);
    expect(await singleValue(client, 'SELECT COUNT(*) FROM t WHERE id = 1')).toBe(1);
    await client.end();
  });
});

describe('identical reads', () => {
  it('a herd of 1,000 runs once', async () => {
    const clients = await Promise.all(Array.from({ length: 1000 }, () => connect('one')));
    const before = await quietSelects();
    const text = 'SELECT SLEEP(3), COUNT(*) AS n FROM t';
    const answers = await Promise.all(clients.map((client) => herdCount(client, text)));
    expect(new Set(answers).size).toBe(1);
    expect((await comSelects()) - before).toBe(1);
    for (const client of clients) client.destroy();
  });

  it.each([
    ['a table', 't'],
    ['a view', 'herd_view'],
    ['a list (a, b)', '(seq_1_to_1, t)'],
    ['a list behind ON', 'seq_1_to_1 AS s JOIN seq_1_to_2 AS u ON s.seq = u.seq, t'],
  ])('are never older than a write that was acknowledged before they began: %s', async (what, from) => {
    await direct.query('CREATE OR REPLACE VIEW one.herd_view AS SELECT * FROM one.t');
    const [early, writer, late] = await Promise.all([connect('one'), connect('one'), connect('one')]);
    const text = `SELECT SLEEP(1), COUNT(*) AS n FROM ${from} WHERE name = '${what}'`;
    const first = herdCount(early as Connection, text);
    await sleep(300);
    await writer?.query(`INSERT INTO t (name) VALUES ('${what}')`);
    expect(await herdCount(late as Connection, text)).toBe(1);
    expect(await first).toBe(0);
    for (const client of [early, writer, late]) await client?.end();
  });

  it.each([
    ['a result', 'SET workload = oltp'],
    ['a stream', 'SET workload = olap'],
  ])('are never older than what a function of the source wrote in a SELECT: %s', async (what, workload) => {
    await direct.query(`CREATE OR REPLACE FUNCTION one.writes_t() RETURNS INT MODIFIES SQL DATA
      BEGIN INSERT INTO one.t (name) VALUES ('by ${what}'); RETURN 1; END`);
    const [early, writer, late] = await Promise.all([connect('one'), connect('one'), connect('one')]);
    const text = `SELECT SLEEP(1), COUNT(*) AS n FROM t WHERE name = 'by ${what}'`;
    const first = herdCount(early as Connection, text);
    await sleep(300);
    await writer?.query(workload);
    await writer?.query('SELECT writes_t()');
    expect(await herdCount(late as Connection, text)).toBe(1);
    expect(await first).toBe(0);
    for (const client of [early, writer, late]) await client?.end();
  });

  it('go on for the others when the client that asked first leaves', async () => {
    const [first, second] = await Promise.all([connect('one'), connect('one')]);
    const text = 'SELECT SLEEP(1), 7 AS n, name FROM t WHERE id = 1';
    // The driver settles nothing that is destroyed.
    (first as Connection).query(text).catch(() => undefined);
    await sleep(200);
    const answer = herdCount(second as Connection, text);
    await sleep(200);
    first?.destroy();
    expect(await answer).toBe(7);
    await second?.end();
  });
});

async function comSelects(): Promise<number> {
  const [row] = await rowsOf<{ Value: string }>(direct, "SHOW GLOBAL STATUS LIKE 'Com_select'");
  return Number(row?.Value);
}

/** The same when none is on its way: the gate itself may be reading the schema. */
async function quietSelects(): Promise<number> {
  for (let before = await comSelects(); ; ) {
    await sleep(500);
    const now = await comSelects();
    if (now === before) return now;
    before = now;
  }
}

async function herdCount(client: Connection, text: string): Promise<number | undefined> {
  return (await rowsOf<{ n: number }>(client, text))[0]?.n;
}
