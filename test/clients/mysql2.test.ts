/** mysql2, the driver of most Node programs: the text protocol (query) and the binary one (execute). */
import { once } from 'node:events';
import { createConnection as createCallbackConnection } from 'mysql2';
import { type Connection, createPool, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask, connectDriver, failureOf, rowsOf, singleValue } from '../support/mysql-driver.ts';
import type { SluiceServer } from '../support/sluice-server.ts';
import { startStoreUnderTest } from '../support/store-under-test.ts';

const DATABASE = 'app';

let server: SluiceServer;
let connection: Connection;

beforeAll(async () => {
  server = await startStoreUnderTest();
  const first = await connectDriver(server);
  await first.query(`CREATE DATABASE ${DATABASE}`);
  await first.end();
});

afterAll(() => server.stop());

beforeEach(async () => {
  connection = await connectDriver(server, { database: DATABASE });
});

afterEach(() => connection.end());

describe('statements', () => {
  beforeAll(async () => {
    const setUp = await connectDriver(server, { database: DATABASE, multipleStatements: true });
    await setUp.query(`
      CREATE TABLE users (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(50) NOT NULL UNIQUE, age INT);
      INSERT INTO users (name, age) VALUES ('Li', 30), ('Ana', 25), ('Bo', NULL)`);
    await setUp.end();
  });

  it.each(['query', 'execute'] as const)('%s: rows, placeholders, and what a write did', async (method) => {
    const [rows, fields] = await ask<RowDataPacket[]>(
      connection,
      method,
      'SELECT id, name, age FROM users WHERE age > ? OR age IS NULL ORDER BY id',
      [26],
    );
    expect(rows).toEqual([
      { id: 1, name: 'Li', age: 30 },
      { id: 3, name: 'Bo', age: null },
    ]);
    expect(fields.map((field) => field.name)).toEqual(['id', 'name', 'age']);

    const [inserted] = await ask<ResultSetHeader>(connection, method, 'INSERT INTO users (name, age) VALUES (?, ?)', [
      'Eve',
      7,
    ]);
    expect(inserted).toMatchObject({ affectedRows: 1, insertId: expect.any(Number), warningStatus: 0 });
    const [updated] = await ask<ResultSetHeader>(connection, method, 'UPDATE users SET age = ? WHERE age < ?', [7, 26]);
    expect(updated).toMatchObject({ affectedRows: 2, changedRows: 1 });
    const [deleted] = await ask<ResultSetHeader>(connection, method, 'DELETE FROM users WHERE id = ?', [
      inserted.insertId,
    ]);
    expect(deleted).toMatchObject({ affectedRows: 1 });
    await connection.query("UPDATE users SET age = 25 WHERE name = 'Ana'");
  });

  it('named placeholders, in both protocols', async () => {
    const named = await connectDriver(server, { database: DATABASE, namedPlaceholders: true });
    const sql = 'SELECT :name AS name, COUNT(*) AS n FROM users WHERE name = :name';
    for (const method of ['query', 'execute'] as const) {
      const [rows] = await (method === 'query' ? named.query(sql, { name: 'Li' }) : named.execute(sql, { name: 'Li' }));
      expect(rows).toEqual([{ name: 'Li', n: 1 }]);
    }
    await named.end();
  });

  it('several statements in one text, of which a later one may fail', async () => {
    const multi = await connectDriver(server, { database: DATABASE, multipleStatements: true });
    const [results] = await multi.query('SELECT 1 AS a; UPDATE users SET age = age WHERE id = 1; SELECT 2 AS b');
    expect(results).toEqual([[{ a: 1 }], expect.objectContaining({ affectedRows: 1 }), [{ b: 2 }]]);
    expect(await failureOf(multi.query('SELECT 1; SELECT missing; SELECT 3'))).toMatchObject({ errno: 1054 });
    expect(await singleValue(multi, 'SELECT 4')).toBe(4);
    expect(await failureOf(connection.query('SELECT 1; SELECT 2')), 'refused unless asked for').toMatchObject({
      errno: 1064,
    });
    await multi.end();
  });

  it('arrays, nested tables, lists for IN and bulk inserts', async () => {
    const [arrays] = await connection.query({
      sql: 'SELECT id, name FROM users WHERE id < 3 ORDER BY id',
      rowsAsArray: true,
    });
    expect(arrays).toEqual([
      [1, 'Li'],
      [2, 'Ana'],
    ]);
    const [nested] = await connection.query({
      sql: 'SELECT a.id, b.id FROM users a JOIN users b ON b.id = a.id + 1 WHERE a.id = 1',
      nestTables: true,
    });
    expect(nested).toEqual([{ a: { id: 1 }, b: { id: 2 } }]);
    await connection.query('CREATE TABLE bulk (a INT, b VARCHAR(10))');
    const rows = Array.from({ length: 1000 }, (_, i) => [i, `row ${i}`]);
    const [inserted] = await connection.query<ResultSetHeader>('INSERT INTO bulk (a, b) VALUES ?', [rows]);
    expect(inserted).toMatchObject({ affectedRows: 1000, info: 'Records: 1000  Duplicates: 0  Warnings: 0' });
    const [some] = await connection.query('SELECT a FROM bulk WHERE a IN (?) ORDER BY a', [[5, 900, 5000]]);
    expect(some).toEqual([{ a: 5 }, { a: 900 }]);
  });

  it('ping, change of user, and a reset that forgets the session', async () => {
    await connection.ping();
    await connection.query("SET @x = 5, SESSION sql_mode = ''");
    await connection.changeUser({ user: 'root', database: 'information_schema' });
    expect(await singleValue(connection, 'SELECT DATABASE()')).toBe('information_schema');
    expect(await singleValue(connection, 'SELECT @x')).toBeNull();
  });
});

describe('errors', () => {
  beforeAll(async () => {
    const setUp = await connectDriver(server, { database: DATABASE, multipleStatements: true });
    await setUp.query(`
      CREATE TABLE parents (id INT PRIMARY KEY);
      CREATE TABLE strict (id INT PRIMARY KEY, parent INT, name VARCHAR(3) NOT NULL, n TINYINT, UNIQUE KEY by_name (name),
        CONSTRAINT to_parent FOREIGN KEY (parent) REFERENCES parents (id));
      INSERT INTO strict VALUES (1, NULL, 'one', 1)`);
    await setUp.end();
  });

  const CASES: readonly (readonly [string, { code: string; errno: number; sqlState: string }])[] = [
    ['SELEC 1', { code: 'ER_PARSE_ERROR', errno: 1064, sqlState: '42000' }],
    ['SELECT missing FROM strict', { code: 'ER_BAD_FIELD_ERROR', errno: 1054, sqlState: '42S22' }],
    ['SELECT * FROM missing', { code: 'ER_NO_SUCH_TABLE', errno: 1146, sqlState: '42S02' }],
    ['USE missing', { code: 'ER_BAD_DB_ERROR', errno: 1049, sqlState: '42000' }],
    ["INSERT INTO strict VALUES (1, NULL, 'two', 1)", { code: 'ER_DUP_ENTRY', errno: 1062, sqlState: '23000' }],
    ["INSERT INTO strict VALUES (2, NULL, 'one', 1)", { code: 'ER_DUP_ENTRY', errno: 1062, sqlState: '23000' }],
    ['INSERT INTO strict VALUES (2, NULL, NULL, 1)', { code: 'ER_BAD_NULL_ERROR', errno: 1048, sqlState: '23000' }],
    ['INSERT INTO strict (id) VALUES (2)', { code: 'ER_NO_DEFAULT_FOR_FIELD', errno: 1364, sqlState: 'HY000' }],
    ["INSERT INTO strict VALUES (2, NULL, 'long', 1)", { code: 'ER_DATA_TOO_LONG', errno: 1406, sqlState: '22001' }],
    [
      "INSERT INTO strict VALUES (2, NULL, 'two', 128)",
      { code: 'ER_WARN_DATA_OUT_OF_RANGE', errno: 1264, sqlState: '22003' },
    ],
    ["INSERT INTO strict VALUES (2, 9, 'two', 1)", { code: 'ER_NO_REFERENCED_ROW_2', errno: 1452, sqlState: '23000' }],
    ['INSERT INTO strict VALUES (2, 9)', { code: 'ER_WRONG_VALUE_COUNT_ON_ROW', errno: 1136, sqlState: '21S01' }],
    ['CREATE TABLE strict (id INT)', { code: 'ER_TABLE_EXISTS_ERROR', errno: 1050, sqlState: '42S01' }],
    ['SELECT (SELECT 1 UNION SELECT 2)', { code: 'ER_SUBQUERY_NO_1_ROW', errno: 1242, sqlState: '21000' }],
  ];

  it.each(CASES)('%s', async (sql, expected) => {
    expect(await failureOf(connection.query(sql))).toMatchObject(expected);
    expect(await failureOf(connection.execute(sql))).toMatchObject(expected);
    expect(await singleValue(connection, 'SELECT COUNT(*) FROM strict'), 'nothing was kept').toBe(1);
  });

  it('wrong password and unknown user at login', async () => {
    expect(await failureOf(connectDriver(server, { user: 'nobody' }))).toMatchObject({
      code: 'ER_ACCESS_DENIED_ERROR',
      errno: 1045,
      sqlState: '28000',
    });
    expect(await failureOf(connectDriver(server, { password: 'wrong' }))).toMatchObject({ errno: 1045 });
  });
});

describe('prepared statements', () => {
  it('go on after ALTER TABLE, with the table as it is then', async () => {
    await connection.query('CREATE TABLE changing (id INT PRIMARY KEY, a VARCHAR(10))');
    await connection.query("INSERT INTO changing VALUES (1, 'x')");
    const select = await connection.prepare('SELECT * FROM changing WHERE id = ?');
    const insert = await connection.prepare('INSERT INTO changing (id, a) VALUES (?, ?)');
    expect((await select.execute([1]))[0]).toEqual([{ id: 1, a: 'x' }]);
    const other = await connectDriver(server, { database: DATABASE });
    await other.query('ALTER TABLE changing ADD COLUMN b INT NOT NULL DEFAULT 7, MODIFY a TEXT');
    await other.end();
    expect((await select.execute([1]))[0]).toEqual([{ id: 1, a: 'x', b: 7 }]);
    await insert.execute([2, 'longer than ten characters']);
    expect((await select.execute([2]))[0]).toEqual([{ id: 2, a: 'longer than ten characters', b: 7 }]);
    await connection.query('DROP TABLE changing');
    expect(await failureOf(select.execute([1]))).toMatchObject({ errno: 1146 });
    await select.close();
    await insert.close();
  });

  it('take parameters of other types than before', async () => {
    const echo = await connection.prepare('SELECT ? AS v, ? IS NULL AS missing');
    const values = [1, 'text', null, 1.5, -7, Buffer.from([0, 255]), '', '2020-01-01'];
    for (const value of values) {
      const [rows] = await echo.execute([value, value]);
      expect(rows).toEqual([{ v: value, missing: value === null ? 1 : 0 }]);
    }
    await echo.close();
  });

  it('hundreds at once', async () => {
    const statements = await Promise.all(
      Array.from({ length: 300 }, (_, i) => connection.prepare(`SELECT ? + ${i} AS v`)),
    );
    const answers = await Promise.all(statements.map((statement) => statement.execute([1])));
    expect(answers.map(([rows]) => (rows as { v: number }[])[0]?.v)).toEqual(statements.map((_, i) => i + 1));
    for (const statement of statements) await statement.close();
  });
});

describe('transactions', () => {
  beforeAll(async () => {
    const setUp = await connectDriver(server, { database: DATABASE });
    await setUp.query('CREATE TABLE accounts (id INT PRIMARY KEY, money INT NOT NULL)');
    await setUp.query('INSERT INTO accounts VALUES (1, 100), (2, 100)');
    await setUp.end();
  });

  const money = async (from: Connection): Promise<unknown[]> =>
    (await rowsOf<{ money: number }>(from, 'SELECT money FROM accounts ORDER BY id')).map((row) => row.money);

  it('are seen by others after the commit, and not before; rolled back, never', async () => {
    const other = await connectDriver(server, { database: DATABASE });
    await connection.beginTransaction();
    await connection.query('UPDATE accounts SET money = money - 30 WHERE id = 1');
    await connection.query('UPDATE accounts SET money = money + 30 WHERE id = 2');
    expect(await money(connection)).toEqual([70, 130]);
    expect(await money(other)).toEqual([100, 100]);
    await connection.commit();
    expect(await money(other)).toEqual([70, 130]);
    await connection.beginTransaction();
    await connection.query('DELETE FROM accounts');
    await connection.rollback();
    expect(await money(other)).toEqual([70, 130]);
    await other.end();
  });

  it('of a client that goes away are rolled back', async () => {
    const before = await money(connection);
    const leaving = await connectDriver(server, { database: DATABASE });
    await leaving.beginTransaction();
    await leaving.query('UPDATE accounts SET money = 0');
    leaving.destroy();
    await connection.query('UPDATE accounts SET money = money + 1 WHERE id = 1');
    expect(await money(connection)).toEqual([Number(before[0]) + 1, before[1]]);
  });

  it('of many clients at once keep the sum, when those that are told to try again do so', async () => {
    const pool = createPool({
      host: '127.0.0.1',
      port: server.mysqlPort,
      user: 'root',
      database: DATABASE,
      connectionLimit: 8,
    });
    const before = await money(connection);
    const transfer = async (amount: number): Promise<void> => {
      const own = await pool.getConnection();
      try {
        for (;;) {
          try {
            await own.beginTransaction();
            const [from] = await own.query<RowDataPacket[]>('SELECT money FROM accounts WHERE id = 1 FOR UPDATE');
            await own.query('UPDATE accounts SET money = ? WHERE id = 1', [from[0]?.money - amount]);
            await own.query('UPDATE accounts SET money = money + ? WHERE id = 2', [amount]);
            await own.commit();
            return;
          } catch (error) {
            await own.rollback();
            if ((error as { errno?: number }).errno !== 1213) throw error;
          }
        }
      } finally {
        own.release();
      }
    };
    await Promise.all(Array.from({ length: 100 }, () => transfer(1)));
    await pool.end();
    expect(await money(connection)).toEqual([Number(before[0]) - 100, Number(before[1]) + 100]);
  });
});

describe('pools', () => {
  it('serve more requests than they have connections', async () => {
    const pool = createPool({ host: '127.0.0.1', port: server.mysqlPort, user: 'root', connectionLimit: 10 });
    const answers = await Promise.all(
      Array.from({ length: 500 }, (_, i) =>
        i % 2 === 0
          ? pool.query<RowDataPacket[]>('SELECT ? AS v', [i])
          : pool.execute<RowDataPacket[]>('SELECT ? AS v', [i]),
      ),
    );
    expect(answers.map(([rows]) => rows[0]?.v)).toEqual(Array.from({ length: 500 }, (_, i) => i));
    await pool.end();
  });

  it('go on when their connections were killed', async () => {
    const pool = createPool({ host: '127.0.0.1', port: server.mysqlPort, user: 'root', connectionLimit: 2 });
    const [rows] = await pool.query<RowDataPacket[]>('SELECT CONNECTION_ID() AS id');
    await connection.query(`KILL ${rows[0]?.id}`);
    // The pool notices at its next use at the latest.
    await pool.query('SELECT 1').catch(() => undefined);
    expect((await pool.query('SELECT 2 AS v'))[0]).toEqual([{ v: 2 }]);
    await pool.end();
  });
});

describe('long results', () => {
  const ROWS = 200_000;

  beforeAll(async () => {
    const setUp = await connectDriver(server, { database: DATABASE });
    await setUp.query('CREATE TABLE digits (d INT PRIMARY KEY)');
    await setUp.query('INSERT INTO digits VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)');
    await setUp.query('CREATE TABLE many (id INT PRIMARY KEY, text VARCHAR(100) NOT NULL)');
    await setUp.query(`INSERT INTO many SELECT a.d + 10*b.d + 100*c.d + 1000*d.d + 10000*e.d + 100000*f.d AS n, REPEAT('x', 50)
      FROM digits a, digits b, digits c, digits d, digits e, digits f WHERE f.d < 2`);
    await setUp.end();
  });

  const callbackConnection = () =>
    createCallbackConnection({ host: '127.0.0.1', port: server.mysqlPort, user: 'root', database: DATABASE });

  it('are streamed whole', async () => {
    const raw = callbackConnection();
    let rows = 0;
    let sum = 0;
    for await (const row of raw.query('SELECT id, text FROM many').stream()) {
      rows++;
      sum += (row as { id: number }).id;
    }
    expect({ rows, sum }).toEqual({ rows: ROWS, sum: ((ROWS - 1) * ROWS) / 2 });
    raw.destroy();
  });

  it('wait for a client that pauses', async () => {
    const raw = callbackConnection();
    const stream = raw.query('SELECT id, text FROM many ORDER BY id').stream({ highWaterMark: 10 });
    let next = 0;
    for await (const row of stream) {
      expect((row as { id: number }).id).toBe(next++);
      if (next % 50_000 === 0) await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(next).toBe(ROWS);
    raw.destroy();
  });

  it('may be left in the middle: the server goes on', async () => {
    for (let i = 0; i < 10; i++) {
      const raw = callbackConnection();
      const stream = raw.query('SELECT id, text FROM many').stream();
      await once(stream, 'data');
      raw.destroy();
      expect(await singleValue(connection, 'SELECT COUNT(*) FROM many WHERE id < 10')).toBe(10);
    }
    expect(await singleValue(connection, 'SELECT COUNT(*) FROM many')).toBe(ROWS);
  });

  it('are ended by KILL QUERY, and the connection stays', async () => {
    const victim = await connectDriver(server, { database: DATABASE });
    const id = await singleValue(victim, 'SELECT CONNECTION_ID()');
    const failed = failureOf(victim.query('SELECT COUNT(*) FROM many a, many b WHERE a.text <> b.text'));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await connection.query(`KILL QUERY ${id}`);
    expect(await failed).toMatchObject({ errno: 1317, sqlState: '70100' });
    expect(await singleValue(victim, 'SELECT 5')).toBe(5);
    await victim.end();
  });

  it('values of many megabytes, in more packets than one, in both protocols', async () => {
    await connection.query('CREATE TABLE big (id INT PRIMARY KEY, b LONGBLOB)');
    // Around the size at which a packet is split, 2^24 - 1 bytes.
    for (const [id, bytes] of [2 ** 24 - 40, 2 ** 24 - 1, 2 ** 24, 20_000_000].entries()) {
      const value = Buffer.alloc(bytes, `value ${id} `);
      await connection.execute('INSERT INTO big VALUES (?, ?)', [id, value]);
      for (const method of ['query', 'execute'] as const) {
        const [rows] = await ask<RowDataPacket[]>(connection, method, 'SELECT b FROM big WHERE id = ?', [id]);
        expect(value.equals(rows[0]?.b), `${method}, ${bytes} bytes`).toBe(true);
      }
    }
  });
});
