import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestGate, type TestSession } from './testing.suite.ts';

describe('explicit transactions', () => {
  let server: TestGate;
  let a: TestSession;
  let b: TestSession;

  beforeEach(async () => {
    server = new TestGate();
    a = server.session();
    b = server.session();
    await a.execute('CREATE TABLE t (id INT PRIMARY KEY, v INT, w INT, KEY (v))');
    await a.execute('INSERT INTO t VALUES (1, 10, 0), (2, 20, 0)');
  });
  afterEach(() => server.close());

  it('keeps its snapshot while it only reads', async () => {
    await a.execute('BEGIN');
    expect(await a.rows('SELECT v FROM t WHERE id = 1')).toEqual([['10']]);
    await b.execute('UPDATE t SET v = 11 WHERE id = 1');
    expect(await a.rows('SELECT v FROM t WHERE id = 1')).toEqual([['10']]);
    await a.execute('COMMIT');
    expect(await a.rows('SELECT v FROM t WHERE id = 1')).toEqual([['11']]);
  });

  it('sees its own writes, others do not', async () => {
    await a.execute('BEGIN');
    await a.execute('UPDATE t SET v = 12 WHERE id = 1');
    expect(await a.rows('SELECT v FROM t WHERE id = 1')).toEqual([['12']]);
    expect(await b.rows('SELECT v FROM t WHERE id = 1')).toEqual([['10']]);
    await a.execute('ROLLBACK');
    expect(await a.rows('SELECT v FROM t WHERE id = 1')).toEqual([['10']]);
  });

  it('lets no update be lost (P4)', async () => {
    await a.execute('BEGIN');
    await b.execute('BEGIN');
    await a.rows('SELECT v FROM t WHERE id = 1');
    await b.rows('SELECT v FROM t WHERE id = 1');
    await a.execute('UPDATE t SET v = 11 WHERE id = 1');
    await a.execute('COMMIT');
    expect(await b.errno('UPDATE t SET v = 12 WHERE id = 1')).toBe(1213);
    expect(b.session.status.inTransaction).toBe(false);
    expect(await b.rows('SELECT v FROM t WHERE id = 1')).toEqual([['11']]);
  });

  it('lets no write skew through (G2-item)', async () => {
    await a.execute('BEGIN');
    await b.execute('BEGIN');
    await a.rows('SELECT * FROM t WHERE id IN (1, 2)');
    await b.rows('SELECT * FROM t WHERE id IN (1, 2)');
    await a.execute('UPDATE t SET v = 11 WHERE id = 1');
    await a.execute('COMMIT');
    expect(await b.errno('UPDATE t SET v = 21 WHERE id = 2')).toBe(1213);
  });

  it('lets no phantom through (G2)', async () => {
    await a.execute('BEGIN');
    await b.execute('BEGIN');
    await a.rows('SELECT * FROM t WHERE v % 3 = 0');
    await b.rows('SELECT * FROM t WHERE v % 3 = 0');
    await a.execute('INSERT INTO t VALUES (3, 30, 0)');
    await a.execute('COMMIT');
    expect(await b.errno('INSERT INTO t VALUES (4, 42, 0)')).toBe(1213);
  });

  it('goes on when others changed rows or columns that it has not read', async () => {
    await a.execute('BEGIN');
    await a.rows('SELECT v FROM t WHERE id = 1');
    await b.execute('UPDATE t SET v = 21 WHERE id = 2');
    await b.execute('UPDATE t SET w = 1 WHERE id = 1');
    expect(await a.errno('UPDATE t SET v = 11 WHERE id = 1')).toBe(0);
    await a.execute('COMMIT');
    expect(await a.rows('SELECT * FROM t ORDER BY id')).toEqual([
      ['1', '11', '1'],
      ['2', '21', '0'],
    ]);
  });

  it('skips the check under READ COMMITTED', async () => {
    await a.execute('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
    await a.execute('BEGIN');
    await a.rows('SELECT v FROM t WHERE id = 1');
    await b.execute('UPDATE t SET v = 11 WHERE id = 1');
    expect(await a.rows('SELECT v FROM t WHERE id = 1')).toEqual([['11']]);
    expect(await a.errno('UPDATE t SET v = 12 WHERE id = 1')).toBe(0);
    await a.execute('COMMIT');
  });

  it('gives a long read the snapshot of the short ones, or moves it forward', async () => {
    await a.execute('BEGIN');
    await a.rows('SELECT v FROM t WHERE id = 1');
    await b.execute('UPDATE t SET v = 21 WHERE id = 2');
    // Row 1 is as it was read, so the transaction may see the newer row 2.
    expect(await a.rows('SELECT SUM(v) FROM t')).toEqual([['31']]);
    await b.execute('UPDATE t SET v = 22 WHERE id = 2');
    // The sum is not, so no later state fits both.
    expect(await a.errno('SELECT MAX(v) FROM t')).toBe(1213);
  });

  it('waits for the writer only so long', async () => {
    await a.execute('BEGIN');
    await a.execute('UPDATE t SET v = 11 WHERE id = 1');
    await b.execute('SET innodb_lock_wait_timeout = 1');
    await b.execute('BEGIN');
    expect(await b.errno('UPDATE t SET v = 12 WHERE id = 1')).toBe(1205);
    await a.execute('COMMIT');
    expect(await b.errno('UPDATE t SET v = 12 WHERE id = 1')).toBe(0);
    await b.execute('COMMIT');
  });

  it('takes SELECT ... FOR UPDATE for a write', async () => {
    await a.execute('BEGIN');
    expect(await a.rows('SELECT v FROM t WHERE id = 1 FOR UPDATE')).toEqual([['10']]);
    await b.execute('SET innodb_lock_wait_timeout = 1');
    expect(await b.errno('UPDATE t SET v = 12 WHERE id = 1')).toBe(1205);
    await a.execute('ROLLBACK');
  });

  it('does not wait with NOWAIT', async () => {
    await a.execute('BEGIN');
    await a.execute('UPDATE t SET v = 11 WHERE id = 1');
    await b.execute('BEGIN');
    expect(await b.errno('SELECT v FROM t WHERE id = 1 FOR UPDATE NOWAIT')).toBe(3572);
    expect(await b.errno('SELECT v FROM t WHERE id = 1 FOR UPDATE SKIP LOCKED')).toBe(1235);
    await a.execute('COMMIT');
    expect(await b.rows('SELECT v FROM t WHERE id = 1 FOR UPDATE NOWAIT')).toEqual([['11']]);
    await b.execute('COMMIT');
  });

  it('has savepoints, before and after its first write', async () => {
    await a.execute('BEGIN');
    await a.execute('SAVEPOINT before_all');
    await a.execute('UPDATE t SET v = 11 WHERE id = 1');
    await a.execute('SAVEPOINT one');
    await a.execute('UPDATE t SET v = 21 WHERE id = 2');
    await a.execute('ROLLBACK TO one');
    expect(await a.rows('SELECT v FROM t ORDER BY id')).toEqual([['11'], ['20']]);
    await a.execute('ROLLBACK TO SAVEPOINT before_all');
    expect(await a.rows('SELECT v FROM t ORDER BY id')).toEqual([['10'], ['20']]);
    expect(await a.errno('ROLLBACK TO one')).toBe(1305);
    await a.execute('COMMIT');
  });

  it('begins by itself when autocommit is off', async () => {
    await a.execute('SET autocommit = 0');
    await a.execute('UPDATE t SET v = 11 WHERE id = 1');
    expect(await b.rows('SELECT v FROM t WHERE id = 1')).toEqual([['10']]);
    await a.execute('COMMIT');
    expect(await b.rows('SELECT v FROM t WHERE id = 1')).toEqual([['11']]);
    await a.execute('UPDATE t SET v = 12 WHERE id = 1');
    await a.execute('SET autocommit = 1');
    expect(await b.rows('SELECT v FROM t WHERE id = 1')).toEqual([['12']]);
  });

  it('refuses writes when it is READ ONLY', async () => {
    await a.execute('START TRANSACTION READ ONLY');
    expect(await a.errno('UPDATE t SET v = 11 WHERE id = 1')).toBe(1792);
    await a.execute('COMMIT');
  });

  it('is committed by DDL', async () => {
    await a.execute('BEGIN');
    await a.execute('UPDATE t SET v = 11 WHERE id = 1');
    await a.execute('CREATE TABLE u (id INT)');
    expect(a.session.status.inTransaction).toBe(false);
    expect(await b.rows('SELECT v FROM t WHERE id = 1')).toEqual([['11']]);
  });

  it('is ended when it is idle for too long, and its client is told', async () => {
    await a
      .execute('SET SESSION sluice_transaction_timeout = 1')
      .catch(() => a.execute('SET GLOBAL sluice_transaction_timeout = 1'));
    const c = server.session();
    await c.execute('BEGIN');
    await c.execute('UPDATE t SET v = 11 WHERE id = 1');
    c.session.transactions.checkAge(Date.now() + 60_000);
    expect(await b.errno('UPDATE t SET v = 12 WHERE id = 1')).toBe(0);
    expect(await c.errno('UPDATE t SET v = 13 WHERE id = 1')).toBe(1213);
    expect(await c.rows('SELECT v FROM t WHERE id = 1')).toEqual([['12']]);
  });

  it('frees the writer when its client goes away', async () => {
    await a.execute('BEGIN');
    await a.execute('UPDATE t SET v = 11 WHERE id = 1');
    a.session.close();
    expect(await b.errno('UPDATE t SET v = 12 WHERE id = 1')).toBe(0);
    expect(await b.rows('SELECT v FROM t WHERE id = 1')).toEqual([['12']]);
  });
});
