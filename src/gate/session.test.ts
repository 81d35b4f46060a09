import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserAccounts } from './accounts/user-accounts.ts';
import type { Parameters } from './request.ts';
import { TestGate, type TestSession } from './testing.suite.ts';

describe('a session', () => {
  let server: TestGate;
  let a: TestSession;

  beforeEach(() => {
    server = new TestGate();
    a = server.session();
  });
  afterEach(() => server.close());

  it('counts what a write did as MySQL does', async () => {
    await a.execute('CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(10) UNIQUE)');
    expect(await a.execute("INSERT INTO t (v) VALUES ('a'), ('b')")).toMatchObject({
      affectedRows: 2,
      insertId: 1,
      info: 'Records: 2  Duplicates: 0  Warnings: 0',
    });
    expect(await a.rows('SELECT LAST_INSERT_ID(), ROW_COUNT()')).toEqual([['1', '2']]);
    expect(await a.execute("UPDATE t SET v = 'a' WHERE id = 1")).toMatchObject({
      affectedRows: 0,
      info: 'Rows matched: 1  Changed: 0  Warnings: 0',
    });
    expect(await a.execute("UPDATE t SET v = 'A' WHERE id = 1")).toMatchObject({ affectedRows: 1 });
    expect(await a.execute("INSERT INTO t VALUES (2, 'c') ON DUPLICATE KEY UPDATE v = VALUES(v)")).toMatchObject({
      affectedRows: 2,
    });
    expect(await a.execute("REPLACE INTO t VALUES (2, 'd')")).toMatchObject({ affectedRows: 2 });
    expect(await a.execute('DELETE FROM t WHERE id > 0')).toMatchObject({ affectedRows: 2 });
  });

  it('plans a statement once and again when the schema changes', async () => {
    await a.execute('CREATE TABLE t (id INT PRIMARY KEY, v INT)');
    await a.execute('INSERT INTO t VALUES (1, 10)');
    await a.rows('SELECT * FROM t WHERE id = 1');
    const { hits } = server.gate.plans;
    await a.rows('SELECT * FROM t WHERE id = 2');
    expect(server.gate.plans.hits).toBe(hits + 1);
    await a.execute('ALTER TABLE t ADD COLUMN w INT DEFAULT 7');
    expect(await a.rows('SELECT * FROM t WHERE id = 1')).toEqual([['1', '10', '7']]);
  });

  it('does not mistake one literal for another', async () => {
    expect(await a.rows('SELECT ROUND(1.2345, 1), ROUND(1.2345, 3)')).toEqual([['1.2', '1.235']]);
    expect(await a.rows('SELECT ROUND(1.2345, 2), ROUND(1.2345, 0)')).toEqual([['1.23', '1']]);
    const names = async (text: string): Promise<string[]> => {
      const outcome = await a.execute(text);
      return outcome.kind === 'rows' ? outcome.columns.map((column) => column.name) : [];
    };
    expect(await names('SELECT 1, 1 + 2')).toEqual(['1', '1 + 2']);
    expect(await names('SELECT 3, 1 + 4')).toEqual(['3', '1 + 4']);
    expect(await a.rows("SELECT CAST('abcdef' AS CHAR(2))")).toEqual([['ab']]);
    expect(await a.rows("SELECT CAST('abcdef' AS CHAR(4))")).toEqual([['abcd']]);
  });

  it('keeps variables, shows warnings, prepares by name', async () => {
    await a.execute('SET @x = 5');
    await a.execute('SET @x = 9, @x = @x, @y = @x + 1');
    expect(await a.rows('SELECT @x, @y, @none')).toEqual([['5', '6', null]]);
    await a.execute("PREPARE p FROM 'SELECT ? + 1'");
    expect(await a.rows('EXECUTE p USING @x')).toEqual([['6']]);
    expect(await a.errno('EXECUTE nobody')).toBe(1243);
    await a.execute('DROP TABLE IF EXISTS nothing');
    expect((await a.rows('SHOW WARNINGS')).map((row) => row[1])).toEqual(['1051']);
    expect(await a.rows('SELECT @@autocommit, @@session.sql_mode <> ""')).toEqual([['1', '1']]);
    expect(await a.errno('SELECT @@no_such_thing')).toBe(1193);
    await a.execute('CREATE TABLE t (id INT)');
    await a.execute('INSERT INTO t VALUES (3)');
    await a.execute('SELECT id INTO @z FROM t');
    expect(await a.rows('SELECT @z')).toEqual([['3']]);
  });

  it('sets all variables of a SET or none, and works out their values before it sets the first, as MySQL does', async () => {
    const shown = () => a.rows('SELECT @a, @@sql_mode, @@global.wait_timeout, @@autocommit');
    await a.execute("SET @a = 1, sql_mode = 'ANSI_QUOTES'");
    const before = await shown();
    for (const [text, errno] of [
      ["SET @a = 2, sql_mode = 'nonsense'", 1231],
      ["SET sql_mode = '', autocommit = 0, no_such_thing = 1", 1193],
      ["SET autocommit = 0, GLOBAL wait_timeout = 5, wait_timeout = 'x'", 1232],
      ['SET GLOBAL wait_timeout = 5, @a = 3, port = 4', 1238],
      ["SET @a = 4, time_zone = 'Europe/Berlin'", 1235],
      ['SET @a = 5, wait_timeout = DEFAULT, port = DEFAULT', 1238],
    ] as const) {
      expect([text, await a.errno(text)]).toEqual([text, errno]);
      expect(await shown()).toEqual(before);
    }
    await a.execute("SET @a = 6, sql_mode = '', @b = @a, @c = @@sql_mode");
    expect(await a.rows('SELECT @a, @b, @c, @@sql_mode')).toEqual([['6', '1', 'ANSI_QUOTES', '']]);
  });

  it('answers SHOW with and without WHERE', async () => {
    await a.execute('CREATE TABLE t (id INT, name VARCHAR(5))');
    expect(await a.rows("SHOW TABLES LIKE 't%'")).toEqual([['t']]);
    expect((await a.rows("SHOW COLUMNS FROM t WHERE Field = 'name'")).length).toBe(1);
    expect(
      await a.rows("SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = 'main' AND table_name = 't'"),
    ).toEqual([['2']]);
    expect((await a.rows('EXPLAIN SELECT * FROM t'))[0]?.[11]).toContain('route: reader');
  });

  it('names missing and surplus parameters', () => {
    const ask = (text: string, parameters: Parameters): unknown => a.session.execute({ kind: 'sql', text, parameters });
    expect(() => ask('SELECT :name', new Map())).toThrow(/:name/);
    expect(() => ask('SELECT ?', [])).toThrow(/parameter 1/);
  });

  it('ends when it is killed, and others can see it run', async () => {
    const b = server.session();
    expect((await a.rows('SHOW PROCESSLIST')).map((row) => Number(row[0]))).toContain(b.session.id);
    let told: Error | null = null;
    b.session.onKill = (reason) => {
      told = reason;
    };
    expect(await a.errno(`KILL ${b.session.id}`)).toBe(0);
    expect(told).toMatchObject({ errno: 1317 });
    expect(await a.errno(`KILL ${b.session.id}`)).toBe(1094);
  });
});

describe('accounts', () => {
  it('let users without a password in from loopback only', () => {
    const none = new UserAccounts([]);
    expect(none.find('root', '127.0.0.1')).not.toBeNull();
    expect(none.find('root', '10.0.0.1')).toBeNull();
    expect(none.find('app', '127.0.0.1')).toBeNull();
    const some = new UserAccounts([
      { name: 'root', password: '' },
      { name: 'app', password: 'x' },
    ]);
    expect(some.find('root', '::1')).not.toBeNull();
    expect(some.find('root', '10.0.0.1')).toBeNull();
    expect(some.find('app', '10.0.0.1')?.nativeHash).not.toBeNull();
    expect(some.find('nobody', '127.0.0.1')).toBeNull();
  });
});

describe('a statement that failed', () => {
  it('runs again as if nothing had been', async () => {
    const server = new TestGate();
    const a = server.session();
    await a.execute('CREATE TABLE t (id INT PRIMARY KEY, v INT)');
    await a.execute('INSERT INTO t VALUES (1, 1), (2, 2)');
    for (const [limit, errno] of [
      [2, 1242],
      [1, 0],
      [1, 0],
      [2, 1242],
      [2, 1242],
      [1, 0],
    ] as const) {
      expect(await a.errno(`SELECT (SELECT v FROM t WHERE id <= ${limit})`)).toBe(errno);
    }
    await server.close();
  });
});
