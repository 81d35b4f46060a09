import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, KeyMap, KeyPointer, open, type WatchEvent } from './index.ts';

describe('open()', () => {
  let directory: string;
  let db: Database;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-embedded-'));
    db = open(directory);
  });
  afterEach(async () => {
    await db.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('runs statements and keeps what they wrote', async () => {
    await db.sql(
      'CREATE TABLE note (id INT AUTO_INCREMENT PRIMARY KEY, text VARCHAR(200), at DATETIME(3), price DECIMAL(8,2))',
    );
    const at = new Date('2024-02-03T04:05:06.789Z');
    expect(await db.sql('INSERT INTO note (text, at, price) VALUES (?, ?, ?)', ['hello', at, 1.5])).toMatchObject({
      rowsAffected: 1,
      insertId: 1,
    });
    const expected = [{ id: 1, text: 'hello', at: '2024-02-03 04:05:06.789', price: '1.50' }];
    expect((await db.sql('SELECT * FROM note WHERE id = :id', { id: 1 })).rows).toEqual(expected);
    const listed = await db.sql('SELECT * FROM note WHERE id IN ::ids AND text = :text', {
      ids: [1, 2, 3],
      text: 'hello',
    });
    expect(listed.rows).toEqual(expected);
    await db.close();
    db = open(directory);
    expect((await db.sql('SELECT * FROM note')).rows).toEqual(expected);
  });

  it('commits a transaction whole or not at all', async () => {
    await db.sql('CREATE TABLE t (id INT PRIMARY KEY)');
    await db.transaction(async () => db.sql('INSERT INTO t VALUES (1)'));
    const failing = db.transaction(async () => {
      await db.sql('INSERT INTO t VALUES (2)');
      await db.sql('INSERT INTO t VALUES (1)');
    });
    await expect(failing).rejects.toMatchObject({ errno: 1062 });
    expect((await db.sql('SELECT id FROM t')).rows).toEqual([{ id: 1 }]);
  });

  it('keeps a second program out', () => {
    expect(() => open(directory)).toThrow(/in use/);
  });

  it('tells what is wrong with a parameter', async () => {
    await expect(db.sql('SELECT ?', [{} as never])).rejects.toThrow(/no value of SQL/);
    await expect(db.sql('SELECT :a', { b: 1 })).rejects.toThrow(/:a/);
  });
});

describe('open().keys', () => {
  let directory: string;
  let db: Database;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-embedded-'));
    db = open(directory);
  });
  afterEach(async () => {
    await db.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('keeps values as they were put', async () => {
    const { keys } = db;
    const value = { at: new Date(5), tags: new Set(['a']), big: 2n ** 70n };
    expect(await keys.put('a', value)).toBe(undefined);
    expect(await keys.put('a', 'x', { ttl: 60_000 })).toEqual(value);
    expect(await keys.getEntry('a')).toMatchObject({ type: 'string', value: 'x', expiresAt: expect.any(Number) });
    expect([await keys.putNx('a', 1), await keys.putNx('b', 1), await keys.expire('a', null)]).toEqual([
      false,
      true,
      true,
    ]);
    expect(await keys.putEntry('b', 2, { ifVersion: 0 })).toMatchObject({ done: false, previous: { value: 1 } });
    expect([await keys.remove('b'), await keys.remove('b')]).toEqual([1, undefined]);
    await expect(keys.put('b', undefined)).rejects.toThrow('is undefined');
    await expect(keys.get('a..b')).rejects.toMatchObject({ code: 'SLUICE_BAD_KEY' });
    await db.close();
    db = open(directory);
    expect(await db.keys.get('a')).toBe('x');
  });

  it('converts between the store and maps in memory', async () => {
    const map = new KeyMap([
      ['user.1.name', 'zhang'],
      ['user.1.age', 20],
      ['user.2.name', 'lili'],
      ['user.2.age', 17],
    ]);
    await db.keys.putMany(map);
    const found = await db.keys.find('user.*').toMap();
    expect([...found]).toEqual([...map]);
    expect([...(await db.keys.getMany(['user.2.age', 'nobody']))]).toEqual([['user.2.age', 17]]);
    const older = { find: 'user.*.age', filter: { test: 'gt', operands: [18] }, superKeys: 2 } as const;
    const named = { find: 'user.*.name', filter: { test: 'contains', operands: ['li'] }, superKeys: 2 } as const;
    expect([...(await db.keys.findKeys({ op: 'except', sets: [named, older] }))]).toEqual(['user.2']);
    expect([await db.keys.count('user.*'), await db.keys.countKeys({ op: 'or', sets: [older, named] })]).toEqual([
      4, 2,
    ]);
    const { entries, cursor } = await db.keys.find('user.*', undefined, { limit: 3 }).page();
    expect(entries).toHaveLength(3);
    expect((await db.keys.find('user.*', undefined, { limit: 3, cursor: cursor! }).page()).cursor).toBe(null);
    const keys: string[] = [];
    for await (const { key } of db.keys.find('user.*.age')) keys.push(key);
    expect(keys).toEqual(['user.1.age', 'user.2.age']);
    expect([await db.keys.removeMany(['user.1.age']), await db.keys.removeAll('user.*')]).toEqual([1, 3]);
  });

  it('adds, appends, sets bits, follows pointers', async () => {
    const { keys } = db;
    expect([await keys.add('n', 2), await keys.add('n', 3), await keys.append('t', 'a')]).toEqual([2, 5, 'a']);
    expect([await keys.setBit('b', 99_999_999), await keys.getBit('b', 99_999_999), await keys.bitCount('b')]).toEqual([
      0, 1, 1,
    ]);
    await keys.putMany([['mask', new Uint8Array([0b1010_0000])]]);
    expect([await keys.bitOp('and', 'c', 'mask', 'mask'), await keys.getBytes('c')]).toEqual([
      1,
      new Uint8Array([0b1010_0000]),
    ]);
    await keys.put('user.1.name', 'li');
    await keys.putPointer('order.buyer', 'user.1');
    expect([await keys.getPointer('order.buyer', '.name'), await keys.get('order.buyer')]).toEqual([
      'li',
      new KeyPointer('user.1'),
    ]);
  });

  it('commits keys and SQL as one, or neither', async () => {
    await db.sql('CREATE TABLE t (id INT PRIMARY KEY)');
    await db.keys.transaction(async (tx) => {
      await tx.put('a', 1);
      await db.sql('INSERT INTO t VALUES (1)');
      expect(await tx.find('*').toArray()).toHaveLength(1);
    });
    const failing = db.keys.transaction(async (tx) => {
      await tx.put('a', 2);
      await db.sql('INSERT INTO t VALUES (1)');
    });
    await expect(failing).rejects.toMatchObject({ errno: 1062 });
    expect(await db.keys.get('a')).toBe(1);
  });

  it('tells watchers, who may resume', async () => {
    const events: WatchEvent[] = [];
    const watch = db.keys.watch('user.*');
    const told = (async () => {
      for await (const event of watch) if (events.push(event) === 2) break;
    })();
    await db.keys.put('user.1', 'a');
    await db.keys.put('other', 1);
    await db.connect().keys.remove('user.1');
    await told;
    expect(events).toMatchObject([
      { event: 'change', changes: [{ key: 'user.1', previous: null, entry: { value: 'a' } }] },
      { event: 'change', changes: [{ key: 'user.1', previous: { value: 'a' }, entry: null }] },
    ]);
    const again = db.keys.watch('user.*', { from: events[0]!.sequence });
    expect((await again[Symbol.asyncIterator]().next()).value).toEqual(events[1]);
    const waiting = db.keys.watch('*')[Symbol.asyncIterator]().next();
    await db.close();
    await expect(waiting).rejects.toMatchObject({ code: 'ER_SERVER_SHUTDOWN' });
    db = open(directory);
  });
});
