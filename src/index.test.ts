import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, open } from './index.ts';

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
