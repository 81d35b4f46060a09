/** `@planetscale/database`, as it is, with `http://` in its url. */
import { Client, cast, connect, DatabaseError, type Field } from '@planetscale/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDriver, rowsOf } from '../support/mysql-driver.ts';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';
import { IS_IN_FRONT, startStoreUnderTest } from '../support/store-under-test.ts';

let server: SluiceServer;
let url: string;
let client: Client;

beforeAll(async () => {
  server = await startStoreUnderTest();
  url = `http://root:@127.0.0.1:${server.httpPort}`;
  client = new Client({ url });
  await client.execute('CREATE TABLE users (id BIGINT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20) UNIQUE, age INT)');
});
afterAll(() => server.stop());

async function bodyOf(promise: Promise<unknown>): Promise<{ code: string; message: string; status: number }> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DatabaseError);
  const { body, status } = error as DatabaseError;
  return { ...body, status };
}

/** Sessions that the server has, but for the one that asks. */
async function sessions(): Promise<number> {
  const driver = await connectDriver(server);
  const rows = await rowsOf(
    driver,
    "SELECT id FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND command = 'Sleep'",
  );
  await driver.end();
  return rows.length;
}

describe('@planetscale/database', () => {
  it('executes statements', async () => {
    const inserted = await client.execute('INSERT INTO users (name, age) VALUES (?, ?), (?, ?)', [
      'Li',
      30,
      "O'Hara \\",
      null,
    ]);
    expect(inserted).toMatchObject({ rowsAffected: 2, insertId: '1', rows: [], fields: [], size: 0 });
    expect(inserted.time).toBeGreaterThan(0);
    const selected = await client.execute(
      'SELECT id, name, age FROM users WHERE age = :age OR name IN (:names) ORDER BY id',
      {
        age: 30,
        names: ["O'Hara \\", 'x'],
      },
    );
    expect(selected).toMatchObject({
      headers: ['id', 'name', 'age'],
      types: { id: 'INT64', name: 'VARCHAR', age: 'INT32' },
      rows: [
        { id: '1', name: 'Li', age: 30 },
        { id: '2', name: "O'Hara \\", age: null },
      ],
      size: 2,
      insertId: '0',
      rowsAffected: 0,
    });
    expect(selected.fields[0]).toMatchObject({
      table: 'users',
      orgTable: 'users',
      orgName: 'id',
      database: 'main',
      columnType: 'bigint',
    });
    const arrays = await client.execute('SELECT id, name FROM users WHERE id = 1', null, { as: 'array' });
    expect(arrays.rows).toEqual([['1', 'Li']]);
    expect((await client.execute('UPDATE users SET age = 31 WHERE id = 1')).rowsAffected).toBe(1);
  });

  it('casts by type', async () => {
    const columns = [
      'a TINYINT, b TINYINT UNSIGNED, c SMALLINT, d MEDIUMINT, e INT UNSIGNED, f BIGINT UNSIGNED, g FLOAT, h DOUBLE, i DECIMAL(8,2)',
      'j DATE, k DATETIME(3), l TIMESTAMP, m TIME, n YEAR, o CHAR(3), p TEXT, q BLOB, r VARBINARY(4), s JSON',
      "t ENUM('x','y'), u SET('a','b'), v BIT(4), w VARCHAR(9)",
    ];
    await client.execute(`CREATE TABLE everything (${columns.join(', ')})`);
    const bytes = Uint8Array.of(0, 255, 39);
    const at = new Date('2026-01-02T03:04:05.678Z');
    await client.execute(
      'INSERT INTO everything VALUES (-1, 255, -300, 70000, 4000000000, 18446744073709551615, 0.5, 1e100, 12.5, ?, ?, ?, ?, 2026, ?, ?, ?, ?, ?, ?, ?, 5, NULL)',
      [
        '2026-01-02',
        at,
        '2026-01-02 03:04:05',
        '12:00:01',
        'abc',
        '江湖 😀',
        bytes,
        bytes,
        '{"a": [1, "é"]}',
        'y',
        'a,b',
      ],
    );
    const { rows, types } = await client.execute<Record<string, unknown>>('SELECT * FROM everything');
    expect(rows[0]).toEqual({
      a: -1,
      b: 255,
      c: -300,
      d: 70000,
      e: 4000000000,
      f: '18446744073709551615',
      g: 0.5,
      h: 1e100,
      i: '12.50',
      j: '2026-01-02',
      k: '2026-01-02 03:04:05.678',
      l: '2026-01-02 03:04:05',
      m: '12:00:01',
      n: 2026,
      o: 'abc',
      p: '江湖 😀',
      q: bytes,
      r: bytes,
      // MariaDB's JSON is a text.
      s: IS_IN_FRONT ? '{"a": [1, "é"]}' : { a: [1, 'é'] },
      t: 'y',
      u: 'a,b',
      v: Uint8Array.of(5),
      w: null,
    });
    expect(Object.values(types)).toEqual([
      ...['INT8', 'UINT8', 'INT16', 'INT24', 'UINT32', 'UINT64', 'FLOAT32', 'FLOAT64', 'DECIMAL'],
      ...[
        'DATE',
        'DATETIME',
        'TIMESTAMP',
        'TIME',
        'YEAR',
        'CHAR',
        'TEXT',
        'BLOB',
        'VARBINARY',
        IS_IN_FRONT ? 'TEXT' : 'JSON',
      ],
      // A MySQL server tells of ENUM and SET by a flag alone.
      ...(IS_IN_FRONT ? ['CHAR', 'CHAR'] : ['ENUM', 'SET']),
      ...['BIT', 'VARCHAR'],
    ]);
    const asBigInt = (field: Field, value: string | null): unknown =>
      field.type === 'UINT64' && value !== null ? BigInt(value) : cast(field, value);
    const own = new Client({ url, cast: asBigInt });
    expect((await own.execute('SELECT f FROM everything')).rows).toEqual([{ f: 18446744073709551615n }]);
  });

  it('transactions are committed or rolled back, and leave no session', async () => {
    const before = await sessions();
    const results = await client.transaction(async (tx) => {
      const inserted = await tx.execute("INSERT INTO users (name) VALUES ('tx')");
      const seen = await tx.execute("SELECT COUNT(*) AS n FROM users WHERE name = 'tx'");
      expect((await client.execute("SELECT COUNT(*) AS n FROM users WHERE name = 'tx'")).rows).toEqual([{ n: '0' }]);
      return [inserted.rowsAffected, seen.rows];
    });
    expect(results).toEqual([1, [{ n: '1' }]]);
    const failing = client.transaction(async (tx) => {
      await tx.execute("UPDATE users SET name = 'other' WHERE name = 'tx'");
      await tx.execute("INSERT INTO users (name) VALUES ('Li')");
    });
    expect(await bodyOf(failing)).toMatchObject({ code: 'ALREADY_EXISTS' });
    expect((await client.execute("SELECT COUNT(*) AS n FROM users WHERE name = 'tx'")).rows).toEqual([{ n: '1' }]);
    // Transactions take turns with the ones before, whose sessions would otherwise idle for a minute.
    for (let i = 0; i < 20; i++) await client.transaction((tx) => tx.execute('SELECT 1'));
    expect(await sessions()).toBeLessThanOrEqual(before + 3);
  });

  it('a lost transaction stays lost until it is rolled back', async () => {
    const connection = connect({ url });
    await connection.execute('BEGIN');
    const [row] = (await connection.execute<{ id: string }>('SELECT CONNECTION_ID() AS id')).rows;
    await connection.execute("INSERT INTO users (name) VALUES ('lost')");
    await client.execute(`KILL ${row?.id}`);
    for (let i = 0; i < 2; i++) {
      const told = await bodyOf(connection.execute("INSERT INTO users (name) VALUES ('alone')"));
      expect(told).toMatchObject({ code: 'NOT_FOUND', message: expect.stringMatching(/rolled back/) });
    }
    await bodyOf(connection.execute('ROLLBACK'));
    expect((await connection.execute("SELECT name FROM users WHERE name IN ('lost', 'alone')")).rows).toEqual([]);
  });

  it('a connection keeps what its statements leave: variables, the database, the last id', async () => {
    const connection = connect({ url });
    await connection.execute('SET @x = 5');
    expect((await connection.execute('SELECT @x AS x')).rows).toEqual([{ x: '5' }]);
    await connection.execute('CREATE DATABASE other');
    await connection.execute('USE other');
    await connection.execute('CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY)');
    expect((await connection.execute('SELECT DATABASE() AS d')).rows).toEqual([{ d: 'other' }]);
    await connection.refresh();
    expect((await connection.execute('SELECT @x AS x, DATABASE() AS d')).rows).toEqual([{ x: null, d: 'main' }]);
    const another = connect({ url });
    const { insertId } = await another.execute("INSERT INTO users (name) VALUES ('id')");
    expect((await another.execute('SELECT LAST_INSERT_ID() AS id')).rows).toEqual([{ id: insertId }]);
    expect((await client.execute('SELECT LAST_INSERT_ID() AS id')).rows).toEqual([{ id: '0' }]);
  });

  it.each([
    ['SELEC 1', 'INVALID_ARGUMENT', /desc = You have an error in your SQL syntax.* \(errno 1064\) \(sqlstate 42000\)$/],
    ['SELECT * FROM missing', 'NOT_FOUND', /\(errno 1146\) \(sqlstate 42S02\)$/],
    [
      "INSERT INTO users (name) VALUES ('Li')",
      'ALREADY_EXISTS',
      /^rpc error: code = AlreadyExists desc = Duplicate entry 'Li' for key '(?:users\.)?name' \(errno 1062\) \(sqlstate 23000\)$/,
    ],
    ['SELECT FOUND_ROWS()', 'UNIMPLEMENTED', /outside a transaction/],
  ])('%s is %s', async (sql, code, message) => {
    expect(await bodyOf(client.execute(sql))).toMatchObject({
      code,
      message: expect.stringMatching(message),
      status: 400,
    });
  });

  it('a wrong password has its own status', async () => {
    const stranger = new Client({ url: `http://root:wrong@127.0.0.1:${server.httpPort}` });
    expect(await bodyOf(stranger.execute('SELECT 1'))).toMatchObject({ code: 'UNAUTHENTICATED', status: 401 });
  });

  it('a session of somebody else is refused', async () => {
    const response = await fetch(`http://127.0.0.1:${server.httpPort}/psdb.v1alpha1.Database/Execute`, {
      method: 'POST',
      body: '{"query":"SELECT 1","session":{"signature":5}}',
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { code: 'INVALID_ARGUMENT', message: /session is none/ as unknown },
    });
  });

  it('goes on without the database main', async () => {
    const own = await startSluice();
    const without = new Client({ url: `http://root:@127.0.0.1:${own.httpPort}` });
    await without.execute('CREATE DATABASE shop');
    await without.execute('DROP DATABASE main');
    await without.execute('CREATE TABLE shop.t (id INT PRIMARY KEY)');
    expect(await bodyOf(without.execute('SELECT * FROM t'))).toMatchObject({
      message: expect.stringMatching(/errno 1046/),
    });
    await without.transaction((tx) => tx.execute('INSERT INTO shop.t VALUES (1)'));
    expect((await without.execute('SELECT * FROM shop.t')).rows).toEqual([{ id: 1 }]);
    await own.stop();
  });

  it('many at once', async () => {
    const asked = Array.from({ length: 200 }, (_, i) =>
      client.execute('SELECT CAST(? AS CHAR) AS i', [i], { as: 'array' }),
    );
    expect((await Promise.all(asked)).map(({ rows }) => rows)).toEqual(
      Array.from({ length: 200 }, (_, i) => [[String(i)]]),
    );
  });
});
