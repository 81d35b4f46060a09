/** The client's keys against a real server: the names, arguments and results that the embedded keys have. */
import {
  connect,
  type Entry,
  KeyMap,
  KeyPointer,
  KeySet,
  type Keys,
  SluiceError,
  type WatchEvent,
} from 'sluice/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type SluiceServer, startSluice } from '../support/sluice-server.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const data = makeTempDir('client-keys');
let server: SluiceServer;
let keys: Keys;

beforeAll(async () => {
  server = await startSluice({ dataDir: data.path });
  keys = connect(server.httpUrl).keys;
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  data.remove();
});
beforeEach(async () => {
  await keys.removeAll('*');
});

describe('operations', () => {
  const day = new Date('2026-01-02T03:04:05.006Z');

  it.each([
    [null],
    [true],
    [20],
    [-0],
    [50.55],
    [Number.NaN],
    [Number.NEGATIVE_INFINITY],
    [2 ** 60],
    [2n ** 70n],
    [''],
    ['江湖 😀\0"'],
    [day],
    [Uint8Array.of(0, 1, 255)],
    [[1, 'a', [day]]],
    [{ a: { $date: 1 }, b: [2n] }],
    [new Map<unknown, unknown>([[1n, new Set([day])]])],
    [new KeyPointer('user.001')],
  ])('a value comes back as it was put: %o', async (value) => {
    expect(await keys.put('v', value)).toBeUndefined();
    expect(await keys.get('v')).toStrictEqual(value);
    expect((await keys.find('v').toArray())[0]?.value).toStrictEqual(value);
    expect(await keys.put('v', 1)).toStrictEqual(value);
  });

  it('have the results that they have embedded', async () => {
    expect(await keys.get('a')).toBeUndefined();
    expect(await keys.getEntry('a')).toBe(null);
    expect([await keys.putNx('a', 1), await keys.putNx('a', 2), await keys.get('a')]).toEqual([true, false, 1]);
    const entry = (await keys.getEntry('a')) as Entry;
    expect(entry).toEqual({ key: 'a', type: 'integer', value: 1, version: expect.any(Number), expiresAt: null });
    expect(await keys.putEntry('a', 2, { ifVersion: entry.version + 1 })).toEqual({ done: false, previous: entry });
    expect(await keys.put('a', 2, { ifVersion: entry.version, ttl: 60_000 })).toBe(1);
    expect((await keys.getEntry('a'))?.expiresAt).toBeGreaterThan(Date.now());
    expect([await keys.expire('a', null), (await keys.getEntry('a'))?.expiresAt]).toEqual([true, null]);
    expect([await keys.expire('a', new Date(1)), await keys.expire('a', 1), await keys.get('a')]).toEqual([
      true,
      false,
      undefined,
    ]);
    expect([await keys.add('n', 2), await keys.add('n', 0.5), await keys.add('big', 5n)]).toEqual([2, 2.5, 5n]);
    expect([await keys.append('t', 'ab'), await keys.append('t', 'é')]).toEqual(['ab', 'abé']);
    expect(await keys.append('bytes', Uint8Array.of(1))).toEqual(Uint8Array.of(1));
    expect([await keys.setBit('bits', 9), await keys.setBit('bits', 9, 1), await keys.getBit('bits', 9)]).toEqual([
      0, 1, 1,
    ]);
    expect([await keys.bitCount('bits'), await keys.bitCount('bits', 10), await keys.bitCount('bits', 0, 10)]).toEqual([
      1, 0, 1,
    ]);
    expect([await keys.bitOp('or', 'both', 'bits', 't'), await keys.getBytes('both')]).toEqual([
      4,
      Uint8Array.of(0x61, 0x62 | 0x40, 0xc3, 0xa9),
    ]);
    expect([await keys.remove('t'), await keys.remove('t')]).toEqual(['abé', undefined]);
    expect([await keys.removeMany(['n', 'nobody']), await keys.removeAll('*')]).toEqual([1, 4]);
  });

  it('read a value with the type that is expected, or not at all', async () => {
    await keys.putMany([
      ['n', 20],
      ['t', 'zhang'],
      ['d', new Date(5)],
    ]);
    const n: number | undefined = await keys.get('n', 'number');
    const d: Date | undefined = await keys.get('d', 'date');
    expect([n, d, await keys.get('t', 'string'), await keys.get('nobody', 'string')]).toEqual([
      20,
      new Date(5),
      'zhang',
      undefined,
    ]);
    await expect(keys.get('n', 'string')).rejects.toMatchObject({ code: 'SLUICE_KEY_TYPE' });
    await expect(keys.get('t', 'number')).rejects.toThrow("Key 't' holds a value of type string, not number");
    await expect(keys.get('t', 'text' as 'string')).rejects.toMatchObject({ code: 'ER_BAD_PARAMETER' });
  });

  it('turn trees into maps, and maps into trees', async () => {
    const map = new KeyMap([
      ['user.001.name', 'zhang'],
      ['user.001.age', 20],
      ['user.002.name', 'Li'],
      ['user.002.age', 25n],
      ['user.003.born', new Date(5)],
    ]);
    await keys.putMany(map);
    expect([...(await keys.find('*').toMap())]).toStrictEqual([...map]);
    const adults = await keys.find('user.*.age', { test: 'gt', operands: [18] }).toMap();
    expect([...adults.superKeys(2)]).toEqual(['user.001', 'user.002']);
    expect([...(await keys.getMany(['user.002.age', 'nobody']))]).toEqual([['user.002.age', 25n]]);
    const found = await keys.findKeys('user.*', {
      test: 'or',
      filters: [
        { test: 'later', operands: [new Date(4)] },
        { test: 'eq', operands: ['Li'] },
      ],
    });
    expect(found).toBeInstanceOf(KeySet);
    expect([...found]).toEqual(['user.002.name', 'user.003.born']);
    expect(await keys.count('user.*', { test: 'not', filter: { test: 'contains', operands: ['i'] } })).toBe(4);
    const both = {
      op: 'and',
      sets: [
        { find: 'user.*.age', superKeys: 2 },
        { find: 'user.*.name', filter: { test: 'startsWith', operands: ['L'] }, superKeys: 2 },
      ],
    } as const;
    expect([[...(await keys.findKeys(both))], await keys.countKeys(both)]).toEqual([['user.002'], 1]);
    await keys.putMany(map.findKeys('user.001.*').size === 2 ? [['user.004', map.size]] : []);
    expect(await keys.get('user.004')).toBe(5);
  });

  it('find page by page, in any order', async () => {
    await keys.putMany(
      Array.from({ length: 25 }, (_, i) => [`p.${String(i).padStart(2, '0')}`, (i * 7) % 25] as const),
    );
    const values: unknown[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await keys
        .find('p.*', undefined, { orderBy: 'value', reverse: true, limit: 10, ...(cursor !== undefined && { cursor }) })
        .page();
      values.push(...page.entries.map(({ value }) => value));
      cursor = page.cursor;
    }
    expect(values).toEqual(Array.from({ length: 25 }, (_, i) => 24 - i));
    const first = await keys.findKeysPage({ find: 'p.*' }, { limit: 20 });
    const rest = await keys.findKeysPage({ find: 'p.*' }, { limit: 20, cursor: first.cursor as string });
    expect([first.keys.length, rest.keys, rest.cursor]).toEqual([20, ['p.20', 'p.21', 'p.22', 'p.23', 'p.24'], null]);
    const each: string[] = [];
    for await (const { key } of keys.find('p.0*')) each.push(key);
    expect(each).toHaveLength(10);
  });

  it('find any number of entries, as they come, of one snapshot', async () => {
    const entries = Array.from({ length: 30_000 }, (_, i) => [`many.${String(i).padStart(5, '0')}`, i] as const);
    await keys.putMany(entries);
    let next = 0;
    for await (const { key, value } of keys.find('many.*')) {
      if (next === 10) await keys.removeAll('many.2*');
      expect([key, value]).toEqual(entries[next++]);
    }
    expect(next).toBe(30_000);
    const left = await keys.find('many.*', { test: 'ge', operands: [15_000] }, { reverse: true }).toArray();
    expect([left.length, left[0]?.value, left.at(-1)?.value]).toEqual([5000, 19_999, 15_000]);
    // Leaving early ends it; so does an error at once.
    for await (const { value } of keys.find('many.*')) if (value === 3) break;
    await expect(keys.find('many..*').toArray()).rejects.toMatchObject({ code: 'SLUICE_BAD_PATTERN' });
    await expect(keys.find('many.*').page()).rejects.toMatchObject({ code: 'SLUICE_ROW_LIMIT', status: 413 });
  });

  it('fail as SluiceErrors, with or without the server', async () => {
    const failures = await Promise.all(
      [
        keys.put('a..b', 1),
        keys.put('a', undefined),
        keys.put('a', new (class Special {})()),
        keys.find('a*b*').page(),
        keys.count('*', { test: 'gt', operands: ['x' as never] }),
        keys.put('a', 1, { ttl: -1 }),
        keys.put('t', 'text').then(() => keys.add('t', 1)),
        keys.setBit('b', -1),
      ].map((promise) => (promise as Promise<unknown>).catch((error: unknown) => error)),
    );
    expect(failures.every((error) => error instanceof SluiceError)).toBe(true);
    expect(failures.map((error) => (error as SluiceError).code)).toEqual([
      'SLUICE_BAD_KEY',
      'SLUICE_BAD_KEY_VALUE',
      'SLUICE_BAD_KEY_VALUE',
      'SLUICE_BAD_PATTERN',
      'ER_BAD_PARAMETER',
      'ER_BAD_PARAMETER',
      'SLUICE_KEY_TYPE',
      'ER_BAD_PARAMETER',
    ]);
    expect(() => new KeyMap().put('.', 1)).toThrow(SluiceError);
  });
});

describe('pointers', () => {
  it('lead from tree to tree, with sub-keys on the way', async () => {
    await keys.putMany([
      ['user.001.name', 'zhang'],
      ['order.0.total', 5],
    ]);
    await keys.putPointer('order.0.buyer', 'user.001');
    await keys.putPointer('last', 'order.0');
    expect(await keys.getPointer('order.0.buyer', '.name')).toBe('zhang');
    expect(await keys.getPointer('last', '.buyer', '.name')).toBe('zhang');
    expect(await keys.getPointer('last', '.total')).toBe(5);
    expect(await keys.putPointer('last', 'order.1')).toStrictEqual(new KeyPointer('order.0'));
    expect(await keys.getPointer('last', '.total')).toBeUndefined();
  });

  it('that dangle are undefined, that go round are an error which shows the circle', async () => {
    await keys.putMany(['a', 'b', 'c'].map((key, i) => [key, new KeyPointer(['b', 'c', 'a'][i] as string)] as const));
    await expect(keys.getPointer('a')).rejects.toMatchObject({
      code: 'SLUICE_POINTER_LOOP',
      status: 409,
      message: expect.stringContaining('a -> b -> c -> a'),
    });
    await keys.putPointer('self', 'self');
    await expect(keys.getPointer('self')).rejects.toMatchObject({ code: 'SLUICE_POINTER_LOOP' });
    await expect(keys.find('*', undefined, { point: true }).page()).rejects.toMatchObject({
      code: 'SLUICE_POINTER_LOOP',
    });
    // Taken apart, it dangles; put together again, it holds.
    await keys.remove('c');
    expect(await keys.getPointer('a')).toBeUndefined();
    await keys.put('c', 'end');
    expect(await keys.getPointer('a')).toBe('end');
  });

  it('survive transactions', async () => {
    await keys.putMany([['user.001.name', 'zhang']]);
    await keys.transaction(async (tx) => {
      await tx.putPointer('p', 'user.001');
      expect(await tx.getPointer('p', '.name')).toBe('zhang');
      await tx.put('other', 1);
    });
    expect(await keys.get('p')).toStrictEqual(new KeyPointer('user.001'));
    expect(await keys.getPointer('p', '.name')).toBe('zhang');
    const tx = await keys.begin();
    await tx.putPointer('p', 'user.002');
    await tx.rollback();
    expect(await keys.get('p')).toStrictEqual(new KeyPointer('user.001'));
  });

  it('may be a thousand, one after the other, and more than ten thousand are an error', async () => {
    const chain = (length: number) =>
      Array.from({ length }, (_, i) => [`hop.${i}`, new KeyPointer(`hop.${i + 1}`)] as const);
    await keys.putMany([...chain(1000), ['hop.1000', 'the end']]);
    expect(await keys.getPointer('hop.0')).toBe('the end');
    await keys.remove('hop.500');
    expect(await keys.getPointer('hop.0')).toBeUndefined();
    await keys.putMany([...chain(10_001), ['hop.10001', 'too far']]);
    expect(await keys.getPointer('hop.2')).toBe('too far');
    await expect(keys.getPointer('hop.0')).rejects.toMatchObject({ code: 'SLUICE_BAD_KEY' });
  });
});

describe('a transaction', () => {
  it('is done as one with SQL, or not at all', async () => {
    const db = connect(server.httpUrl);
    await db.batch(['DROP TABLE IF EXISTS main.t', 'CREATE TABLE main.t (id INT PRIMARY KEY, n INT)']);
    const counts = async () => [await keys.get('a'), (await db.sql('SELECT * FROM main.t')).rows.length];
    const failing = keys.transaction(async (tx) => {
      await tx.put('a', 1);
      await tx.sql('INSERT INTO main.t VALUES (?, ?)', [1, 2]);
      expect([await tx.get('a'), await tx.count('*'), (await tx.sql('SELECT * FROM main.t')).rows.length]).toEqual([
        1, 1, 1,
      ]);
      expect((await tx.sql("SELECT value + 1 AS n FROM sluice.`keys` WHERE path = 'a'")).rows).toEqual([{ n: 2 }]);
      expect(await counts()).toEqual([undefined, 0]);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await counts()).toEqual([undefined, 0]);
    const result = await keys.transaction(async (tx) => {
      await tx.sql('INSERT INTO main.t VALUES (1, 2)');
      await tx.putMany([['a', 5]]);
      return (await tx.find('*').toArray()).length;
    });
    expect([result, ...(await counts())]).toEqual([1, 5, 1]);
  });

  it('that others cross is tried again, so that no addition is lost', async () => {
    await keys.put('n', 0);
    let tries = 0;
    const addOne = () =>
      keys.transaction(
        async (tx) => {
          tries++;
          const n = (await tx.get('n')) as number;
          await new Promise((resolve) => setTimeout(resolve, 5));
          await tx.put('n', n + 1);
        },
        { attempts: 100 },
      );
    await Promise.all(Array.from({ length: 8 }, addOne));
    expect(await keys.get('n')).toBe(8);
    expect(tries).toBeGreaterThanOrEqual(8);
  });

  it('that is lost can do nothing more, and is not half done', async () => {
    await keys.put('n', 0);
    const tx = await keys.begin();
    expect(await tx.get('n')).toBe(0);
    await keys.put('n', 1);
    await expect(tx.put('n', 2)).rejects.toMatchObject({ errno: 1213, retryable: true });
    await expect(tx.put('other', 1)).rejects.toMatchObject({ errno: 1213 });
    await expect(tx.sql('SELECT 1')).rejects.toMatchObject({ errno: 1213 });
    await expect(tx.commit()).rejects.toMatchObject({ errno: 1213 });
    await tx.rollback();
    expect([await keys.get('n'), await keys.get('other')]).toEqual([1, undefined]);
    let tries = 0;
    const never = keys.transaction(
      async (of) => {
        tries++;
        await of.get('n');
        await keys.add('n', 1);
        await of.put('n', 0);
      },
      { attempts: 3 },
    );
    await expect(never).rejects.toMatchObject({ errno: 1213 });
    expect(tries).toBe(3);
  });

  it('is over after its end', async () => {
    const tx = await keys.begin();
    await tx.put('a', 1);
    await tx.commit();
    await expect(tx.put('a', 2)).rejects.toThrow('the transaction has ended: commit');
    await expect(tx.commit()).rejects.toThrow('the transaction has ended');
    await tx.rollback();
    const other = await keys.begin();
    await other.put('a', 3);
    await other.rollback();
    await other.rollback();
    expect(await keys.get('a')).toBe(1);
    await expect(other.get('a')).rejects.toThrow('the transaction has ended: rollback');
  });
});

describe('a watch', () => {
  it('tells what changes, with values as they were put', async () => {
    const watch = keys.watch('w.*');
    await watch.ready;
    const from = watch.sequence as number;
    await keys.put('w.a', new Set([1n]));
    await keys.put('other', 1);
    await keys.remove('w.a');
    const events: WatchEvent[] = [];
    for await (const event of watch) {
      events.push(event);
      if (events.length === 2) break;
    }
    expect(events).toMatchObject([
      { event: 'change', sequence: from + 1, changes: [{ key: 'w.a', previous: null, entry: { type: 'set' } }] },
      { event: 'change', sequence: from + 3, changes: [{ key: 'w.a', entry: null }] },
    ]);
    expect(events[0]?.event === 'change' && events[0].changes[0]?.entry?.value).toStrictEqual(new Set([1n]));
    const again = keys.watch('w.*', { from: from + 1 });
    for await (const event of again) {
      expect(event.sequence).toBe(from + 3);
      break;
    }
  });

  it('goes on through restarts, and says when something may be missing', async () => {
    const watch = keys.watch('r.*', { retryMaxMs: 50 });
    await watch.ready;
    const events = watch[Symbol.asyncIterator]();
    await keys.put('r.a', 1);
    expect((await events.next()).value).toMatchObject({ event: 'change', changes: [{ key: 'r.a' }] });
    const { mysqlPort, httpPort } = server;
    await server.stop();
    server = await startSluice({ dataDir: data.path, ports: { mysqlPort, httpPort } });
    keys = connect(server.httpUrl).keys;
    await keys.put('r.a', 2);
    // Whether it was back before the write or after it: it is told of it, or that it is to look.
    expect((await events.next()).value).toMatchObject({ event: expect.stringMatching(/change|reset/) });
    await keys.put('r.a', 3);
    for (;;) {
      const { value } = await events.next();
      if (value?.event === 'change' && value.changes[0]?.entry?.value === 3) break;
    }
    watch.close();
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  it('of nothing that can be watched rejects', async () => {
    const watch = keys.watch('a..b');
    await expect(watch.ready).rejects.toMatchObject({ code: 'SLUICE_BAD_PATTERN' });
    await expect(watch[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'SLUICE_BAD_PATTERN' });
    const closed = keys.watch('a');
    closed.close();
    await expect(closed.ready).rejects.toThrow('closed before it began');
  });
});
