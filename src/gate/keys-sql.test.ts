import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeValue, KeyPointer } from '../keys/values.ts';
import type { SessionKeys } from './session-keys.ts';
import { TestGate, type TestSession } from './testing.suite.ts';

let server: TestGate;
let a: TestSession;
let keys: SessionKeys;

beforeEach(() => {
  server = new TestGate();
  a = server.session();
  keys = a.keys;
});
afterEach(() => server.close());

const valueAt = async (key: string): Promise<unknown> => {
  const entry = await keys.getEntry(key);
  return entry === null ? undefined : decodeValue(entry);
};

describe('sluice.keys in SQL', () => {
  it('shows the text of every value, which calculates and compares as a number where it is one', async () => {
    await keys.putMany([
      ['a', 20],
      ['b', 50.55],
      ['c', 'li'],
      ['d', true],
      ['e', new Date(5)],
      ['f', [1, 'x']],
      ['g', null],
      ['h', 2n ** 70n],
      ['i', new KeyPointer('a')],
      ['j', new Uint8Array([65, 66])],
    ]);
    await keys.setBit('k', 9, 1);
    expect(await a.rows('SELECT path, type, value FROM sluice.keys ORDER BY path')).toEqual([
      ['a', 'integer', '20'],
      ['b', 'double', '50.55'],
      ['c', 'string', 'li'],
      ['d', 'boolean', '1'],
      ['e', 'date', '5'],
      ['f', 'array', '[1,"x"]'],
      ['g', 'null', null],
      ['h', 'bigint', String(2n ** 70n)],
      ['i', 'pointer', 'a'],
      ['j', 'bytes', '65,66'],
      ['k', 'bits', '2'],
    ]);
    expect(await a.rows("SELECT path FROM sluice.keys WHERE type = 'integer' AND value > 18")).toEqual([['a']]);
    expect(await a.rows("SELECT path FROM sluice.keys WHERE value = '20' OR value LIKE 'l%' ORDER BY path")).toEqual([
      ['a'],
      ['c'],
    ]);
    expect(await a.rows("SELECT SUM(value) FROM sluice.keys WHERE type IN ('integer', 'double')")).toEqual([['70.55']]);
    expect(await a.rows("SELECT JSON_EXTRACT(value, '$[1]') FROM sluice.keys WHERE path = 'f'")).toEqual([['"x"']]);
  });

  it('joins with tables, and is written in their transaction', async () => {
    await a.execute('CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(20))');
    await a.execute("INSERT INTO users VALUES (1, 'zhang'), (2, 'li')");
    await keys.put('user.2.visits', 7);
    const join = "SELECT u.name, k.value FROM users u JOIN sluice.keys k ON k.path = CONCAT('user.', u.id, '.visits')";
    expect(await a.rows(join)).toEqual([['li', '7']]);
    await a.execute('BEGIN');
    await a.execute("UPDATE sluice.keys SET value = value + 1 WHERE path = 'user.2.visits'");
    await a.execute(
      "INSERT INTO sluice.keys (path, type, value) SELECT CONCAT('user.', id), 'string', name FROM users",
    );
    expect(await valueAt('user.1')).toBe('zhang');
    await a.execute('ROLLBACK');
    expect([await valueAt('user.2.visits'), await valueAt('user.1')]).toEqual([7, undefined]);
  });

  it('takes what SQL writes as the type says, with the version of the commit', async () => {
    await a.execute(`INSERT INTO sluice.keys (path, type, value) VALUES ('a', 'integer', 5), ('b', 'double', '1.5'), ('c', 'string', 7),
      ('d', 'boolean', TRUE), ('e', 'bigint', '1180591620717411303424'), ('f', 'map', '[["a", {"$date":5}]]'), ('g', 'null', NULL),
      ('h', 'bytes', X'00FF'), ('i', 'pointer', 'a'), ('j', 'date', 86400000)`);
    expect(await Promise.all([...'abcdefghij'].map(valueAt))).toEqual([
      5,
      1.5,
      '7',
      true,
      2n ** 70n,
      new Map([['a', new Date(5)]]),
      null,
      new Uint8Array([0, 255]),
      new KeyPointer('a'),
      new Date(86_400_000),
    ]);
    const inserted = (await keys.getEntry('a'))!.version;
    expect(inserted).toBe(server.store.sequence);
    await a.execute("UPDATE sluice.keys SET value = value + 1 WHERE path = 'a'");
    expect(await keys.getEntry('a')).toMatchObject({ type: 'integer', value: 6, version: inserted + 1 });
    await a.execute("UPDATE sluice.keys SET value = 6 WHERE path = 'a'");
    expect((await keys.getEntry('a'))!.version).toBe(inserted + 1);
    await a.execute("UPDATE sluice.keys SET expires_at = 1 WHERE path = 'b'");
    expect(await keys.getEntry('b')).toBe(null);
    await a.execute("REPLACE INTO sluice.keys VALUES ('a', 'string', 'x', 1, NULL)");
    expect(await keys.getEntry('a')).toMatchObject({ value: 'x', version: server.store.sequence });
    await a.execute(
      "INSERT INTO sluice.keys (path, type, value) VALUES ('a', 'string', 'y') ON DUPLICATE KEY UPDATE value = CONCAT(value, VALUES(value))",
    );
    expect(await valueAt('a')).toBe('xy');
    await a.execute("UPDATE sluice.keys SET path = 'moved' WHERE path = 'a'");
    expect([await valueAt('a'), await valueAt('moved')]).toEqual([undefined, 'xy']);
  });

  it('leaves doubles exact when another column is changed', async () => {
    await keys.put('a', 0.1 + 0.2);
    await a.execute("UPDATE sluice.keys SET expires_at = 32503680000000 WHERE path = 'a'");
    expect(await valueAt('a')).toBe(0.1 + 0.2);
  });

  it.each([
    ["INSERT INTO sluice.keys (path, type, value) VALUES ('a..b', 'string', 'x')", 'a segment is empty'],
    ["INSERT INTO sluice.keys (path, type, value) VALUES ('a.*', 'string', 'x')", "'*' belongs to patterns"],
    ["INSERT INTO sluice.keys (path, type, value) VALUES ('a', 'integer', 'x')", 'is none of type integer'],
    ["INSERT INTO sluice.keys (path, type, value) VALUES ('a', 'object', '[1]')", 'is none of type object'],
    ["INSERT INTO sluice.keys (path, type, value) VALUES ('a', 'object', '{')", 'is none of type object'],
    ["INSERT INTO sluice.keys (path, type, value) VALUES ('a', 'string', NULL)", 'is none of type string'],
    ["INSERT INTO sluice.keys (path, type, value) VALUES ('a', 'bits', '1')", 'is a bit set'],
    ["INSERT INTO sluice.keys (path, value) VALUES ('a', '1')", "Field 'type' doesn't have a default value"],
    ["UPDATE sluice.keys SET value = 'x' WHERE path = 'n'", 'is none of type integer'],
    ["UPDATE sluice.keys SET value = 9 WHERE path = 'bits'", 'is a bit set'],
    ["UPDATE sluice.keys SET version = 9 WHERE path = 'n'", "Column 'version' cannot be set"],
    ["UPDATE sluice.key_bits SET bytes = 'x'", 'The target table key_bits'],
    ['DELETE FROM sluice.key_bits', 'The target table key_bits'],
    ["INSERT INTO sluice.key_bits VALUES ('n', 0, 'x')", 'The target table key_bits'],
    ['DROP TABLE sluice.keys', "'sluice.keys' belongs to the server"],
    ['DROP DATABASE sluice', 'belongs to the server'],
    ['ALTER TABLE sluice.keys ADD COLUMN x INT', "'sluice.keys' belongs to the server"],
    ['CREATE INDEX i ON sluice.keys (version)', "'sluice.keys' belongs to the server"],
    ['RENAME TABLE sluice.keys TO main.mine', "'sluice.keys' belongs to the server"],
    ['TRUNCATE TABLE sluice.key_bits', "'sluice.key_bits' belongs to the server"],
  ])('refuses %s', async (sql, reason) => {
    await keys.put('n', 1);
    await keys.setBit('bits', 1, 1);
    const { sequence } = server.store;
    await expect(a.execute(sql)).rejects.toThrow(reason);
    expect(server.store.sequence).toBe(sequence);
    expect([await valueAt('n'), await keys.getBit('bits', 1)]).toEqual([1, 1]);
  });

  it('leaves no bits behind when a bit set becomes something else', async () => {
    await keys.setBit('bits', 100_000, 1);
    await a.execute("UPDATE sluice.keys SET type = 'string', value = 'x' WHERE path = 'bits'");
    expect(await a.rows('SELECT count(*) FROM sluice.key_bits')).toEqual([['0']]);
    await keys.setBit('other', 9, 1);
    await a.execute("UPDATE sluice.keys SET path = 'moved' WHERE path = 'other'");
    expect([await keys.getBit('moved', 9), await keys.getBit('other', 9)]).toEqual([1, 0]);
    await a.execute('DELETE FROM sluice.keys');
    expect(await a.rows('SELECT count(*) FROM sluice.key_bits')).toEqual([['0']]);
  });

  it('can be copied into an ordinary table', async () => {
    await keys.put('a', 1);
    await a.execute('CREATE TABLE copy LIKE sluice.keys');
    await a.execute('INSERT INTO copy SELECT * FROM sluice.keys');
    await a.execute('CREATE TABLE selected AS SELECT path, value FROM sluice.keys');
    await a.execute("UPDATE copy SET version = 5, value = 'any'");
    expect(await a.rows('SELECT path, value, version FROM copy')).toEqual([['a', 'any', '5']]);
    await a.execute("UPDATE selected SET value = 'text'");
    expect(await a.rows('SELECT value FROM selected')).toEqual([['text']]);
    await a.execute('DROP TABLE copy, selected');
  });
});
