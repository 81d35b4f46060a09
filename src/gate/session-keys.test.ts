import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeValue, encodeValue, KeyPointer, type StoredValue } from '../keys/values.ts';
import type { SessionKeys } from './session-keys.ts';
import { TestGate, type TestSession } from './testing.suite.ts';

let server: TestGate;
let a: TestSession;
let b: TestSession;
let keys: SessionKeys;

beforeEach(() => {
  server = new TestGate();
  a = server.session();
  b = server.session();
  keys = a.keys;
});
afterEach(() => server.close());

const plainValue = (stored: StoredValue | null | undefined): unknown =>
  stored == null ? undefined : decodeValue(stored);
const valueAt = async (of: SessionKeys, key: string): Promise<unknown> => plainValue(await of.getEntry(key));

describe('keys through the gate', () => {
  it('gives back what was put, at once where it is a single key', async () => {
    await keys.put('a', new Map([[1n, new Date(5)]]));
    const entry = keys.getEntry('a');
    expect(entry).not.toBeInstanceOf(Promise);
    expect(plainValue((await entry)!)).toEqual(new Map([[1n, new Date(5)]]));
    expect((await keys.put('a', 1)).previous).toMatchObject({ type: 'map', version: (await entry)!.version });
    await expect(keys.put('a..b', 1)).rejects.toThrow('a segment is empty');
    expect(() => keys.getEntry('*')).toThrow("'*' belongs to patterns");
    expect(() => keys.put('a', undefined)).toThrow('is undefined');
  });

  it('has a method for every operation', async () => {
    await keys.putMany([
      ['u.1.age', 20],
      ['u.2.age', 17],
    ]);
    expect((await keys.find('u.*.age', { test: 'gt', operands: [18] })).entries.map(({ key }) => key)).toEqual([
      'u.1.age',
    ]);
    expect((await keys.findKeys({ find: 'u.*', superKeys: 2 })).keys).toEqual(['u.1', 'u.2']);
    expect([await keys.count('u.*'), await keys.countKeys({ find: 'u.*', superKeys: 1 })]).toEqual([2, 1]);
    expect((await keys.getMany(['u.2.age', 'nobody'])).size).toBe(1);
    expect([plainValue(await keys.add('n', 2)), plainValue(await keys.append('t', 'x'))]).toEqual([2, 'x']);
    expect(await keys.expire('n', Date.now() + 60_000)).toBe(true);
    expect([await keys.setBit('b', 9, 1), await keys.getBit('b', 9), await keys.bitCount('b')]).toEqual([0, 1, 1]);
    expect(await keys.bitOp('or', 'c', ['b'])).toBe(2);
    expect(await keys.getBytes('c')).toEqual(new Uint8Array([0, 64]));
    await keys.putPointer('p', 'u.1');
    expect(await keys.getPointer('p', '.age')).toMatchObject({ key: 'u.1.age', value: { value: 20 }, hops: 1 });
    expect(plainValue(await keys.getEntry('p'))).toEqual(new KeyPointer('u.1'));
    expect(plainValue(await keys.remove('n'))).toBe(2);
    expect([await keys.removeMany(['t', 'nobody']), await keys.removeAll('u.*')]).toEqual([1, 2]);
  });
});

describe('a batch', () => {
  const put = (key: string, value: unknown) => ({ op: 'put', key, value: encodeValue(key, value) }) as const;
  const add = { op: 'add', key: 's', n: 1 } as const;

  it('of all is one: the first failure undoes everything', async () => {
    await keys.put('s', 'text');
    await expect(keys.batch([put('a', 1), add], 'all')).rejects.toMatchObject({ code: 'SLUICE_KEY_TYPE' });
    expect(await keys.getEntry('a')).toBe(null);
    const { done, outcomes } = await keys.batch([put('a', 1), { op: 'getEntry', key: 'a' }], 'all');
    expect([done, outcomes[1]]).toMatchObject([true, { value: { value: 1 } }]);
  });

  it('of each has an outcome for each, and undoes what failed alone', async () => {
    await keys.put('s', 'text');
    const { outcomes } = await keys.batch([put('a', 1), add, put('..', 1), put('b', 2)], 'each');
    expect(outcomes).toMatchObject([
      { value: { done: true } },
      { failure: { code: 'SLUICE_KEY_TYPE' } },
      { failure: { code: 'SLUICE_BAD_KEY' } },
      { value: { done: true } },
    ]);
    expect([await valueAt(keys, 'a'), await valueAt(keys, 'b')]).toEqual([1, 2]);
  });

  it('does nothing when a version that it expects is another one', async () => {
    await keys.put('w', 1);
    const { version } = (await keys.getEntry('w'))!;
    expect(await keys.batch([put('a', 1)], 'each', [{ key: 'w', version: version + 1 }])).toEqual({
      done: false,
      outcomes: [],
    });
    expect(await keys.batch([put('a', 1)], 'each', [{ key: 'a', version: 1 }])).toMatchObject({ done: false });
    expect(await keys.getEntry('a')).toBe(null);
    const expected = [
      { key: 'w', version },
      { key: 'a', version: 0 },
    ];
    expect(await keys.batch([put('a', 1)], 'each', expected)).toMatchObject({ done: true });
    await keys.put('gone', 1, { ttl: 1 });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await keys.batch([{ op: 'getEntry', key: 'a' }], 'all', [{ key: 'gone', version: 0 }])).toMatchObject({
      done: true,
    });
  });
});

describe('a transaction over keys and SQL', () => {
  it('commits or vanishes as one', async () => {
    await a.execute('CREATE TABLE t (id INT PRIMARY KEY)');
    for (const [end, value] of [
      ['ROLLBACK', undefined],
      ['COMMIT', 1],
    ] as const) {
      await a.execute('BEGIN');
      await a.execute('INSERT INTO t VALUES (1)');
      await keys.put('a', 1);
      expect([await valueAt(keys, 'a'), await valueAt(b.keys, 'a')]).toEqual([1, undefined]);
      expect((await keys.find('*')).entries.map(({ key }) => key)).toEqual(['a']);
      await a.execute(end);
      expect(await valueAt(b.keys, 'a')).toBe(value);
      expect(await b.rows('SELECT count(*) FROM t')).toEqual([[value === 1 ? '1' : '0']]);
    }
  });

  it('keeps its snapshot while it only reads, and lets no update be lost', async () => {
    await keys.put('a', 1);
    await a.execute('BEGIN');
    expect(await valueAt(keys, 'a')).toBe(1);
    await b.keys.put('a', 2);
    expect(await valueAt(keys, 'a')).toBe(1);
    await expect(keys.put('a', 3)).rejects.toMatchObject({ code: 'ER_LOCK_DEADLOCK' });
    expect(await valueAt(keys, 'a')).toBe(2);
  });
});
