/** What readers, writers and admins may do, through SQL, lists and keys. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestGate, TestSession } from '../testing.suite.ts';
import type { Account } from './user-accounts.ts';

const ACCOUNTS: readonly Account[] = [
  { name: 'root', password: 'r' },
  { name: 'reader', password: 'r', role: 'reader', databases: ['shop'] },
  { name: 'writer', password: 'w', databases: { shop: 'writer', sluice: 'reader' } },
  { name: 'dba', password: 'd', databases: { shop: 'admin' } },
  { name: 'everywhere', password: 'e', role: 'reader' },
];

let gate: TestGate;

beforeEach(async () => {
  gate = new TestGate({ accounts: ACCOUNTS });
  const root = as('root');
  await root.execute('CREATE DATABASE shop');
  await root.execute('CREATE TABLE shop.t (id INT PRIMARY KEY, v INT)');
  await root.execute('INSERT INTO shop.t VALUES (1, 1)');
  await root.execute('CREATE TABLE main.secret (id INT PRIMARY KEY)');
});

afterEach(() => gate.close());

function as(user: string, database?: string): TestSession {
  const client = { user, host: '10.0.0.9', protocol: 'mysql', ...(database !== undefined && { database }) } as const;
  return new TestSession(gate.gate.openSession(client));
}

const READ = 'SELECT * FROM shop.t WHERE id = 1';
const WRITE = 'UPDATE shop.t SET v = 2 WHERE id = 1';
const DEFINE = 'ALTER TABLE shop.t ADD COLUMN w INT';

describe('roles in SQL', () => {
  test.each([
    ['reader', READ, 0],
    ['reader', WRITE, 1142],
    ['reader', DEFINE, 1142],
    ['reader', 'SELECT * FROM main.secret', 1044],
    ['reader', 'SELECT v FROM shop.t WHERE id = (SELECT id FROM main.secret)', 1044],
    ['reader', 'SET @a = (SELECT COUNT(*) FROM main.secret)', 1044],
    ['reader', 'EXPLAIN SELECT * FROM main.secret', 1044],
    ['reader', 'DO (SELECT id FROM main.secret LIMIT 1)', 1044],
    ['reader', 'SELECT * FROM sluice.keys', 1044],
    ['reader', 'SET GLOBAL sluice_plan_cache = 7', 1227],
    ['reader', 'CREATE DATABASE mine', 1044],
    ['reader', 'DROP DATABASE shop', 1044],
    ['reader', 'DESCRIBE main.secret', 1044],
    ['reader', 'SHOW CREATE TABLE main.secret', 1044],
    ['writer', READ, 0],
    ['writer', WRITE, 0],
    ['writer', 'INSERT INTO shop.t SELECT id + 1, v FROM shop.t', 0],
    ['writer', 'INSERT INTO shop.t SELECT id + 5, 1 FROM main.secret', 1044],
    ['writer', 'DELETE FROM shop.t', 0],
    ['writer', 'TRUNCATE TABLE shop.t', 1142],
    ['writer', DEFINE, 1142],
    ['writer', 'SELECT * FROM sluice.keys', 0],
    ['writer', 'DELETE FROM sluice.keys', 1142],
    ['dba', DEFINE, 0],
    ['dba', 'CREATE TABLE shop.more (id INT)', 0],
    ['dba', 'CREATE TABLE shop.copy AS SELECT * FROM main.secret', 1044],
    ['dba', 'CREATE TABLE shop.like_it LIKE main.secret', 1044],
    ['dba', 'RENAME TABLE shop.t TO main.t', 1044],
    ['dba', 'DROP TABLE main.secret', 1044],
    ['dba', 'DROP DATABASE shop', 0],
    ['everywhere', 'SELECT * FROM main.secret', 0],
    ['everywhere', WRITE, 1142],
    ['stranger', READ, 1044],
    ['stranger', 'SELECT 1', 0],
  ])('%s: %s gives %s', async (user, text, errno) => {
    expect(await as(user).errno(text)).toBe(errno);
  });

  test('a database without a role cannot be used; prepared statements are looked at when they run', async () => {
    expect(() => as('reader', 'main')).toThrow("Access denied for user 'reader'@'10.0.0.9' to database 'main'");
    const session = as('reader', 'shop');
    expect(await session.errno('USE main')).toBe(1044);
    expect(await session.rows('SELECT id FROM t')).toEqual([['1']]);
    await session.execute("PREPARE p FROM 'DELETE FROM t WHERE id = ?'");
    await session.execute('SET @id = 1');
    expect(await session.errno('EXECUTE p USING @id')).toBe(1142);
  });

  test.each([
    'SELECT * FROM main.?',
    'SELECT none FROM main.?',
    'SELECT v FROM shop.t WHERE id = (SELECT none FROM main.?)',
    'WITH a AS (SELECT none FROM main.?) SELECT * FROM a',
    'INSERT INTO main.? (none) VALUES (1)',
    'UPDATE main.? SET none = 1',
    'DELETE FROM main.? WHERE none = 1',
    'TRUNCATE TABLE main.?',
    'DROP TABLE main.?',
    'DROP TABLE IF EXISTS main.?',
    'ALTER TABLE main.? DROP COLUMN none',
    'RENAME TABLE main.? TO shop.mine',
    'CREATE TABLE main.? (id INT)',
    'CREATE TABLE shop.mine LIKE main.?',
    'CREATE INDEX i ON main.? (none)',
    'DESCRIBE main.?',
    'SHOW COLUMNS FROM main.?',
    'SHOW CREATE TABLE main.?',
    'EXPLAIN SELECT none FROM main.?',
    'SET @a = (SELECT none FROM main.?)',
    'DO (SELECT none FROM main.?)',
    "PREPARE p FROM 'SELECT none FROM main.?'",
  ])('whether a table exists is told to nobody who has no right to it: %s', async (text) => {
    const dba = as('dba', 'shop');
    for (const table of ['secret', 'nothing']) expect(await dba.errno(text.replace('?', table))).toBe(1044);
    for (const table of ['secret', 'nothing'])
      expect(() => dba.session.prepare(`SELECT * FROM main.${table}`)).toThrow('denied');
  });

  test('whether a database exists is told to nobody who has no right to it', async () => {
    const [dba, everywhere] = [as('dba', 'shop'), as('everywhere')];
    for (const database of ['main', 'nothing']) {
      for (const text of [
        'USE ?',
        'DROP DATABASE ?',
        'DROP DATABASE IF EXISTS ?',
        'CREATE DATABASE ?',
        'SELECT * FROM ?.t',
      ])
        expect([text, await dba.errno(text.replace('?', database))]).toEqual([text, 1044]);
      expect(() => as('dba', database)).toThrow('denied');
    }
    // What one may see is told as it is.
    expect(await dba.errno('SELECT * FROM nothing')).toBe(1146);
    expect(await dba.errno('SELECT none FROM t')).toBe(1054);
    expect(await dba.errno('WITH a AS (SELECT none FROM t) SELECT * FROM a')).toBe(1054);
    expect(await dba.errno('SELECT none FROM information_schema.tables')).toBe(1054);
    expect(await everywhere.errno('SELECT * FROM main.nothing')).toBe(1146);
    expect(await everywhere.errno('USE nothing')).toBe(1049);
  });

  test('what is not theirs is not shown', async () => {
    expect(await as('reader').rows('SHOW DATABASES')).not.toContainEqual(['main']);
    expect(await as('reader').rows('SHOW DATABASES')).toContainEqual(['shop']);
    const tables = "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA IN ('main', 'shop')";
    expect(await as('reader').rows(tables)).toEqual([['t']]);
    expect(await as('root').rows(tables)).toEqual([['secret'], ['t']]);
  });

  test('of other sessions only an administrator is told, and only they may end them', async () => {
    const [reader, root] = [as('reader'), as('root')];
    expect((await reader.rows('SHOW PROCESSLIST')).map(([, user]) => user)).toEqual(['reader']);
    expect((await root.rows('SHOW PROCESSLIST')).map(([, user]) => user)).toContain('reader');
    expect(await reader.errno(`KILL ${root.session.id}`)).toBe(1227);
    expect(await reader.errno(`KILL QUERY ${as('reader').session.id}`)).toBe(0);
    expect(await reader.errno('KILL 999999')).toBe(1094);
    expect(await root.errno(`KILL ${reader.session.id}`)).toBe(0);
  });

  test('other roles hold at once, for open sessions too', async () => {
    const session = as('reader');
    expect(await session.errno(WRITE)).toBe(1142);
    gate.gate.accounts.replaceConfigured([{ name: 'reader', password: 'r', databases: { shop: 'writer' } }]);
    expect(await session.errno(WRITE)).toBe(0);
    gate.gate.accounts.replaceConfigured([{ name: 'other', password: 'r' }]);
    expect(await session.errno(READ)).toBe(1044);
  });
});

describe('roles in lists and keys', () => {
  const list = async (user: string, parameters: Record<string, string>, body = ''): Promise<string> => {
    try {
      const command = { parameters: Object.entries(parameters), body, formEncoded: false };
      await as(user).session.execute({ kind: 'list', command });
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };

  test('lists', async () => {
    const select = { command: 'select', type: '*', table: 'shop.t' };
    const insert = { command: 'insert', table: 'shop.t' };
    expect(await list('reader', select)).toBe('');
    expect(await list('stranger', select)).toContain('Access denied');
    expect(await list('reader', insert, '{"id":7,"v":7}')).toContain('INSERT, UPDATE, DELETE command denied');
    expect(await list('writer', insert, '{"id":7,"v":7}')).toBe('');
    expect(await list('dba', insert, '{"id":8,"v":7}')).toBe('');
  });

  test('the very same list command again, by somebody else', async () => {
    const query = 'command=select&type=*&table=shop.t';
    const parameters = [...new URLSearchParams(query)] as [string, string][];
    const ask = (user: string) =>
      as(user).session.execute({ kind: 'list', command: { parameters, query, body: '', formEncoded: false } });
    for (let i = 0; i < 4; i++) await ask('root');
    expect(() => ask('stranger')).toThrow('Access denied');
  });

  test('pages, subscriptions, watches', () => {
    const command = {
      parameters: [
        ['table', 'shop.t'],
        ['limit_max', '5'],
      ] as const,
      body: '',
      formEncoded: false,
    };
    expect(() => as('stranger').session.execute({ kind: 'page', command })).toThrow('Access denied');
    expect(() => as('stranger').session.subscribe(command, null)).toThrow('Access denied');
    expect(() => as('reader').session.watchKeys('a.*', null)).toThrow('Access denied');
    as('reader').session.subscribe(command, null).close();
    as('writer').session.watchKeys('a.*', null).close();
  });

  test('keys', async () => {
    const read = { kind: 'keys', command: { op: 'getEntry', key: 'a' } } as const;
    const write = { kind: 'keys', command: { op: 'remove', key: 'a' } } as const;
    await as('root').session.execute(write);
    await as('writer').session.execute(read);
    expect(() => as('writer').session.execute(write)).toThrow('command denied');
    expect(() => as('reader').session.execute(read)).toThrow('Access denied');
  });
});
