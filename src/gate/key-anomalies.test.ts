/** The anomalies of Hermitage (github.com/ept/hermitage), over keys, and over keys and rows: none is possible. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeValue } from '../keys/values.ts';
import { TestGate, type TestSession } from './testing.suite.ts';

let server: TestGate;
let a: TestSession;
let b: TestSession;
let c: TestSession;

beforeEach(async () => {
  server = new TestGate();
  [a, b, c] = [server.session(), server.session(), server.session()];
  await c.keys.putMany([
    ['t.1', 10],
    ['t.2', 20],
  ]);
  await c.execute('CREATE TABLE r (id INT PRIMARY KEY, v INT)');
  await c.execute('INSERT INTO r VALUES (1, 10)');
});
afterEach(() => server.close());

const get = async ({ keys }: TestSession, key: string): Promise<unknown> => {
  const entry = await keys.getEntry(key);
  return entry === null ? undefined : decodeValue(entry);
};
const found = async ({ keys }: TestSession, filter?: Parameters<TestSession['keys']['find']>[1]) =>
  (await keys.find('t.*', filter)).entries.map((entry) => decodeValue(entry));
const begin = async (...sessions: TestSession[]): Promise<void> => {
  for (const session of sessions) await session.execute('BEGIN');
};
const REFUSED = { code: 'ER_LOCK_DEADLOCK' };
const divisible = (value: unknown): boolean => typeof value === 'number' && value % 3 === 0;

describe('keys in transactions', () => {
  it('G0, write cycles: writes of two transactions do not mix', async () => {
    await begin(a, b);
    await a.keys.put('t.1', 11);
    const second = b.keys.put('t.1', 12);
    await a.keys.put('t.2', 21);
    await a.execute('COMMIT');
    await second;
    expect([await get(c, 't.1'), await get(c, 't.2')]).toEqual([11, 21]);
    await b.keys.put('t.2', 22);
    await b.execute('COMMIT');
    expect([await get(c, 't.1'), await get(c, 't.2')]).toEqual([12, 22]);
  });

  it('G1a and G1b, aborted and intermediate reads: nobody sees what is not committed', async () => {
    await begin(a, b);
    await a.keys.put('t.1', 101);
    expect([await get(b, 't.1'), await get(c, 't.1'), await found(c)]).toEqual([10, 10, [10, 20]]);
    await a.keys.put('t.1', 11);
    await a.execute('ROLLBACK');
    expect([await get(b, 't.1'), await get(c, 't.1')]).toEqual([10, 10]);
    await b.execute('COMMIT');
  });

  it('G1c, circular information flow', async () => {
    await begin(a, b);
    await a.keys.put('t.1', 11);
    expect(await get(b, 't.1')).toBe(10);
    const writing = b.keys.put('t.2', 22);
    expect(await get(a, 't.2')).toBe(20);
    await a.execute('COMMIT');
    await expect(writing).rejects.toMatchObject(REFUSED);
  });

  it('OTV, observed transactions do not vanish', async () => {
    await begin(a, b, c);
    await a.keys.putMany([
      ['t.1', 11],
      ['t.2', 19],
    ]);
    const second = b.keys.put('t.1', 12);
    await a.execute('COMMIT');
    await second;
    expect(await get(c, 't.1')).toBe(11);
    await b.keys.put('t.2', 18);
    expect(await get(c, 't.2')).toBe(19);
    await b.execute('COMMIT');
    expect([await get(c, 't.2'), await get(c, 't.1')]).toEqual([19, 11]);
    await c.execute('COMMIT');
  });

  it('PMP, predicate-many-preceders: a find repeated finds the same', async () => {
    await begin(a);
    expect(await found(a, { test: 'eq', operands: [30] })).toEqual([]);
    await b.keys.put('t.3', 30);
    expect((await found(a)).filter(divisible)).toEqual([]);
    await a.execute('COMMIT');
  });

  it('PMP for writes: what a removal would have to see again is refused or seen', async () => {
    await begin(a, b);
    expect(await found(b, { test: 'eq', operands: [20] })).toEqual([20]);
    await a.keys.putMany([
      ['t.1', 20],
      ['t.2', 30],
    ]);
    const removing = b.keys.remove('t.2');
    await a.execute('COMMIT');
    await expect(removing).rejects.toMatchObject(REFUSED);
  });

  it('P4, lost update', async () => {
    await begin(a, b);
    expect([await get(a, 't.1'), await get(b, 't.1')]).toEqual([10, 10]);
    await a.keys.put('t.1', 11);
    const second = b.keys.put('t.1', 11);
    await a.execute('COMMIT');
    await expect(second).rejects.toMatchObject(REFUSED);
  });

  it('G-single, read skew: all reads are of one commit', async () => {
    await begin(a);
    expect(await get(a, 't.1')).toBe(10);
    await b.keys.putMany([
      ['t.1', 12],
      ['t.2', 18],
    ]);
    expect([await get(a, 't.2'), await found(a)]).toEqual([20, [10, 20]]);
    expect((await a.keys.getMany(['t.1', 't.2'])).get('t.2')?.value).toBe(20);
    expect(await a.keys.batch([{ op: 'getEntry', key: 't.2' }], 'all')).toMatchObject({
      outcomes: [{ value: { value: 20 } }],
    });
    await a.execute('COMMIT');
  });

  it('G2-item, write skew', async () => {
    await begin(a, b);
    expect([await found(a), await found(b)]).toEqual([
      [10, 20],
      [10, 20],
    ]);
    await a.keys.put('t.1', 11);
    const second = b.keys.put('t.2', 21);
    await a.execute('COMMIT');
    await expect(second).rejects.toMatchObject(REFUSED);
  });

  it('G2, anti-dependency cycles: new keys that a find would have found', async () => {
    await begin(a, b);
    expect([(await found(a)).filter(divisible), (await found(b)).filter(divisible)]).toEqual([[], []]);
    await a.keys.put('t.3', 30);
    const second = b.keys.put('t.4', 42);
    await a.execute('COMMIT');
    await expect(second).rejects.toMatchObject(REFUSED);
  });

  it('write skew between keys and rows', async () => {
    await begin(a, b);
    expect(await get(a, 't.1')).toBe(10);
    expect(await b.rows('SELECT v FROM r WHERE id = 1')).toEqual([['10']]);
    await a.execute('UPDATE r SET v = 11 WHERE id = 1');
    const second = b.keys.put('t.1', 11);
    await a.execute('COMMIT');
    await expect(second).rejects.toMatchObject(REFUSED);
  });

  it('keys that SQL reads count as read, and those that SQL writes as written', async () => {
    await begin(a, b);
    expect(await a.rows("SELECT value FROM sluice.keys WHERE path = 't.1'")).toEqual([['10']]);
    expect(await get(b, 't.2')).toBe(20);
    await b.execute("UPDATE sluice.keys SET value = 21 WHERE path = 't.2'");
    const second = a.keys.put('t.1', 11);
    await b.execute("UPDATE sluice.keys SET value = 12 WHERE path = 't.1'");
    await b.execute('COMMIT');
    await expect(second).rejects.toMatchObject(REFUSED);
    expect([await get(c, 't.1'), await get(c, 't.2')]).toEqual([12, 21]);
  });

  it('transactions over different keys do not disturb each other', async () => {
    await begin(a, b);
    expect([await get(a, 't.1'), await get(b, 't.2')]).toEqual([10, 20]);
    await a.keys.put('t.1', 11);
    const second = b.keys.put('t.2', 21);
    await a.execute('COMMIT');
    await second;
    await b.execute('COMMIT');
    expect(await found(c)).toEqual([11, 21]);
  });
});
