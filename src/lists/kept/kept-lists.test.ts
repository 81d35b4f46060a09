import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { insert, read, remove, schema, update } from '../../stores/samples.suite.ts';
import type { TableDefinition } from '../../stores/schema.ts';
import type { ReadStatement } from '../../stores/statement.ts';
import type { StoreRow } from '../../stores/values.ts';
import { KeptLists } from './kept-lists.ts';
import { textBytes } from './kept-row.ts';
import { everyKind, KeptStore, PARENTS, wholeRows } from './kept-store.suite.ts';
import { KeptWindow } from './kept-window.ts';
import type { ListQuery } from './list-query.ts';
import type { LiveEvent, LiveSnapshot } from './live-list.ts';
import type { RowEncoder } from './row-encoder.ts';

let store: KeptStore;
let things: TableDefinition;

function thing(id: number, forum: number, name: string): StoreRow {
  return [id, forum, name, null, null, null, null, null, null, null];
}

async function open(options: ConstructorParameters<typeof KeptStore>[0] = {}): Promise<void> {
  store = new KeptStore(options);
  await store.create(PARENTS);
  things = await store.create(everyKind('things'));
  await store.write(
    insert(
      'things',
      Array.from({ length: 100 }, (_, i) => thing(i + 1, i % 4, `name ${i}`)),
    ),
  );
}

/** Of one forum, by name: text, so a window; or by key: an index. */
function ofForum(forum: number, by: 'name' | 'key', more: Partial<ListQuery> = {}): ListQuery {
  return {
    table: things,
    conditions: [{ column: 1, collation: 'number', op: '=', value: forum }],
    order: by === 'key' ? [] : [{ column: 2, collation: 'nocase', descending: false, nulls: 'first' }],
    ties: 'ascending',
    skip: 0,
    max: 3,
    wantsRows: true,
    wantsCount: true,
    ...more,
  };
}

async function settledAnswer(query: ListQuery) {
  store.ask(query);
  await store.kept.settled();
  return store.ask(query);
}

afterEach(() => store.close());

describe('what is kept', () => {
  it('is decided by how often it is asked', async () => {
    await open({ keepAfter: 3 });
    for (let i = 0; i < 2; i++) {
      expect(store.ask(ofForum(1, 'key'))).toBeNull();
      await store.kept.settled();
    }
    expect(store.kept.statistics().lists).toEqual([]);
    expect(store.ask(ofForum(1, 'key'))).toBeNull();
    await store.kept.settled();
    expect(store.ask(ofForum(2, 'key'))).toMatchObject({ count: 25, from: 'index' });
    expect(store.kept.statistics().lists).toMatchObject([{ kind: 'index', state: 'ready', rows: 100 }]);
  });

  it('is decided by what it costs the store', async () => {
    await open({ keepAfter: 100 });
    store.ask(ofForum(1, 'name'));
    store.kept.answered(ofForum(1, 'name'), 250);
    await store.kept.settled();
    expect(store.ask(ofForum(1, 'name'))).toMatchObject({ count: 25, from: 'window' });
  });

  it('is one index for all values of a shape, and a window for each', async () => {
    await open();
    for (const by of ['key', 'name'] as const)
      for (let forum = 0; forum < 4; forum++) await settledAnswer(ofForum(forum, by));
    const kinds = store.kept.statistics().lists.map(({ kind }) => kind);
    expect(kinds).toEqual(['index', 'window', 'window', 'window', 'window']);
  });

  it('is no list that changes far more often than it is read', async () => {
    await open();
    await settledAnswer(ofForum(1, 'name'));
    for (let i = 0; i < 11; i++)
      await store.write(
        insert(
          'things',
          Array.from({ length: 100 }, (_, k) => thing(1000 + i * 100 + k, 1, 'x')),
        ),
      );
    expect(store.kept.statistics().lists).toEqual([]);
  });

  it('stays within the memory: what was used least goes first', async () => {
    await open({ memoryBytes: 60_000 });
    await settledAnswer(ofForum(0, 'name'));
    for (let name = 0; name < 60; name++) {
      await settledAnswer(ofForum(0, 'name'));
      const conditions = [{ column: 2, collation: 'nocase', op: '=', value: `name ${name}` }] as const;
      const order = [{ column: 3, collation: 'binary', descending: false, nulls: 'first' }] as const;
      await settledAnswer(ofForum(0, 'name', { conditions, order }));
    }
    const { lists, bytes, evictions } = store.kept.statistics();
    expect(bytes).toBeLessThanOrEqual(60_000);
    expect(evictions).toBeGreaterThan(0);
    expect(lists.map(({ hits }) => hits)).toContainEqual(expect.toSatisfy((hits: number) => hits > 50));
  });

  it('is nothing with thousands of values', async () => {
    await open();
    const values = Array.from({ length: 4000 }, (_, i) => `name ${i}`);
    const conditions = [
      { column: 2, collation: 'nocase', op: 'in', values },
      { column: 1, collation: 'number', op: '<>', value: 1 },
    ] as const;
    const query = ofForum(0, 'name', { conditions });
    expect(await settledAnswer(query)).toBeNull();
    expect(store.kept.statistics().lists).toEqual([]);
    expect(() => store.kept.subscribe(query)).toThrow('where: too long');
  });

  it('is not taken in by numbers beyond 64 bits, nor counts equal ones twice', async () => {
    await open();
    const far = 10n ** 20n;
    const unequal = { column: 1, collation: 'number', op: '<>', value: 2n ** 64n } as const;
    expect(await settledAnswer(ofForum(0, 'key', { conditions: [unequal] }))).toMatchObject({ count: 100 });
    expect(store.problems).toEqual([]);
    await store.write(update('things', 'UPDATE "main.things" SET "big" = 1 << 62 WHERE "id" <= 5'));
    const equal = { column: 4, collation: 'number', op: 'in', values: [2 ** 62, 2n ** 62n, far, -far, 1e300] } as const;
    for (const wantsRows of [true, false])
      expect(await settledAnswer(ofForum(0, 'key', { conditions: [equal], wantsRows }))).toMatchObject({ count: 5 });
  });

  it('is told of a thousand lists, and how many there are', async () => {
    await open();
    for (let i = 0; i < 1100; i++) store.ask(ofForum(i, 'name'));
    const { lists, listCount } = store.kept.statistics();
    expect([lists.length, listCount]).toEqual([1000, 1100]);
  });

  it('begins anew after a change of the whole table', async () => {
    await open();
    await settledAnswer(ofForum(1, 'name'));
    await store.write({
      kind: 'schema',
      change: { kind: 'truncate-table', table: { database: 'main', name: 'things' } },
    });
    expect(store.kept.statistics().lists).toEqual([]);
    things = store.table('things');
    expect(await settledAnswer(ofForum(1, 'name'))).toMatchObject({ count: 0, rows: [] });
  });

  it('is dropped when commits were left out', async () => {
    await open();
    await settledAnswer(ofForum(1, 'name'));
    const sequence = store.kept.sequence + 2;
    store.kept.apply({ sequence, changes: [], schemaChanged: false });
    expect(store.kept.statistics().lists).toEqual([]);
  });

  it('is not what another definition of the table says', async () => {
    await open();
    expect(await settledAnswer(ofForum(1, 'key'))).not.toBeNull();
    const other = { ...things, columns: things.columns.slice(0, 5) };
    expect(store.ask({ ...ofForum(1, 'key'), table: other })).toBeNull();
    expect(store.ask({ ...ofForum(1, 'key'), table: structuredClone(things) })).not.toBeNull();
  });
});

describe('rows', () => {
  let encoded: number;
  let decoded: number;

  /** `id=name`. */
  const idAndName: RowEncoder<string> = {
    select: ['"id" || \'=\'', '"name"'],
    decode(values) {
      decoded++;
      return values.join('');
    },
    encode(row) {
      encoded++;
      return `${row[0]}=${row[2]}`;
    },
    bytesOf: textBytes,
  };
  const justName: RowEncoder<string> = {
    select: ['"name"'],
    decode: ([name]) => `${name}`,
    encode: (row) => `${row[2]}`,
    bytesOf: textBytes,
  };

  function texts(query: ListQuery, encoder = idAndName): readonly string[] | null {
    return store.kept.ask(query, encoder)?.rows ?? null;
  }

  function ofKeys(values: StoreRow, more: Partial<ListQuery> = {}): ListQuery {
    return ofForum(0, 'key', { conditions: [{ column: 0, collation: 'number', op: 'in', values }], ...more });
  }

  beforeEach(async () => {
    await open();
    encoded = 0;
    decoded = 0;
  });

  it('are read in the form that is sent, once, until they change', async () => {
    await settledAnswer(ofForum(1, 'key', { wantsRows: false }));
    expect(texts(ofForum(1, 'key'))).toEqual(['2=name 1', '6=name 5', '10=name 9']);
    expect(texts(ofForum(1, 'key'))).toEqual(['2=name 1', '6=name 5', '10=name 9']);
    expect([decoded, encoded]).toEqual([3, 0]);
    await store.write(update('things', 'UPDATE "main.things" SET "name" = \'new\' WHERE "id" = 2'));
    expect(texts(ofForum(1, 'key'))![0]).toBe('2=new');
    expect(texts(ofForum(1, 'key'))![0]).toBe('2=new');
    expect([decoded, encoded]).toEqual([3, 1]);
  });

  it('are forgotten when they change again before anyone asks', async () => {
    expect(texts(ofKeys([1, 2]))).toHaveLength(2);
    const { rowBytes } = store.kept.statistics();
    for (const name of ['x', 'y'])
      await store.write(update('things', `UPDATE "main.things" SET "name" = '${name}' WHERE "id" = 2`));
    expect(store.kept.statistics().rowBytes).toBeLessThan(rowBytes);
    expect(texts(ofKeys([1, 2]))).toEqual(['1=name 0', '2=y']);
    expect([decoded, encoded]).toEqual([3, 0]);
  });

  it('take the memory of what is sent only', async () => {
    const slim = (): number => store.kept.statistics().rowBytes;
    expect(texts(ofKeys([1, 2, 3, 4]))).toHaveLength(3);
    const bytes = slim();
    expect(bytes).toBeLessThan(4 * 150);
    await store.write(update('things', 'UPDATE "main.things" SET "forum" = 9 WHERE "id" < 5'));
    expect(slim()).toBeGreaterThan(bytes);
    expect(texts(ofKeys([1, 2, 3, 4]))).toHaveLength(3);
    expect(slim()).toBe(bytes);
  });

  it('are there in every form that was asked for', async () => {
    expect(texts(ofKeys([3, 1]))).toEqual(['1=name 0', '3=name 2']);
    expect(texts(ofKeys([3, 1]), justName)).toEqual(['name 0', 'name 2']);
    await settledAnswer(ofForum(0, 'name'));
    expect(texts(ofForum(0, 'name'), justName)).toEqual(['name 0', 'name 12', 'name 16']);
    await store.write(update('things', 'UPDATE "main.things" SET "name" = \'A\' WHERE "id" = 1'));
    expect(texts(ofKeys([3, 1]), justName)).toEqual(['A', 'name 2']);
    expect(texts(ofForum(0, 'name'))![0]).toEqual('1=A');
  });

  it('are read with their values where those are asked about', () => {
    const conditions = [...ofKeys([1, 2, 5]).conditions, ...ofForum(0, 'key').conditions];
    expect(texts(ofKeys([], { conditions }))).toEqual(['1=name 0', '5=name 4']);
    const order = [{ column: 2, collation: 'nocase', descending: true, nulls: 'first' }] as const;
    expect(texts(ofKeys([1, 2, 5], { order }))).toEqual(['5=name 4', '2=name 1', '1=name 0']);
  });

  it('are found by their keys in either order', () => {
    const descending = [{ column: 0, collation: 'number', descending: true, nulls: 'first' }] as const;
    expect(texts(ofKeys([9, 7, 8, 7000], { order: descending }))).toEqual(['9=name 8', '8=name 7', '7=name 6']);
    expect(texts(ofKeys([9, 7, 8], { ties: 'descending' }))).toEqual(['9=name 8', '8=name 7', '7=name 6']);
    expect(texts(ofKeys([9, 7, 8], { skip: 1, max: 1 }))).toEqual(['8=name 7']);
  });

  it('are not there for what is no key', () => {
    expect(texts(ofKeys([10n ** 30n, -(10n ** 30n), 1e300, 2 ** 60, 1.5, 'x', null]))).toEqual([]);
    expect(texts(ofKeys([2n ** 62n, 1n]))).toEqual(['1=name 0']);
  });

  it('are unknown while the store is ahead of its reports', async () => {
    expect(texts(ofKeys([1]))).toEqual(['1=name 0']);
    store.lags = true;
    await store.write(remove('things', 'DELETE FROM "main.things" WHERE "id" = 2'));
    expect(texts(ofKeys([1]))).toEqual(['1=name 0']);
    expect(texts(ofKeys([2]))).toBeNull();
    expect(texts(ofKeys([3]))).toBeNull();
    store.deliver();
    expect(texts(ofKeys([2]))).toEqual([]);
    await store.write(schema({ kind: 'drop-tables', tables: [{ database: 'main', name: 'things' }] }));
    expect(texts(ofKeys([4]))).toBeNull();
    store.deliver();
    expect(texts(ofKeys([1]))).toBeNull();
  });

  it('are found by their keys alone', () => {
    const conditions = [
      { column: 0, collation: 'number', op: 'in', values: [7, 5n, 5, 1000, 'x', 1.5, null] },
    ] as const;
    const answer = store.ask(ofForum(0, 'key', { conditions }));
    expect(answer).toMatchObject({ from: 'key', count: 2 });
    expect(answer!.rows!.map(([id]) => id)).toEqual([5, 7]);
  });
});

describe('a subscription', () => {
  beforeEach(() => open());

  async function rowsAfter(events: AsyncIterator<LiveEvent>, count: number): Promise<LiveEvent[]> {
    const found: LiveEvent[] = [];
    while (found.length < count) found.push((await events.next()).value as LiveEvent);
    return found;
  }

  it('gives a snapshot, then what changes', async () => {
    const subscription = store.kept.subscribe(ofForum(1, 'key'));
    const events = subscription[Symbol.asyncIterator]();
    const [snapshot] = await rowsAfter(events, 1);
    expect(snapshot).toMatchObject({
      kind: 'snapshot',
      count: 25,
      rows: [[2], [6], [10]].map(([id]) => expect.arrayContaining([id])),
    });
    await store.write(remove('things', 'DELETE FROM "main.things" WHERE "id" = 6'));
    await store.write(insert('things', [thing(1001, 2, 'elsewhere')]));
    await store.write(update('things', 'UPDATE "main.things" SET "name" = \'new\' WHERE "id" = 2'));
    expect(await rowsAfter(events, 2)).toMatchObject([
      {
        kind: 'change',
        seq: snapshot!.seq + 1,
        remove: [6],
        insert: [{ at: 2, row: thing(14, 1, 'name 13') }],
        update: [],
        count: 24,
      },
      {
        kind: 'change',
        seq: snapshot!.seq + 3,
        remove: [],
        insert: [],
        update: [{ key: 2, row: thing(2, 1, 'new') }],
        count: 24,
      },
    ]);
    await events.return?.(undefined);
    expect(await subscription.next()).toBeNull();
  });

  it('goes on where it was, while the changes are known', async () => {
    const first = store.kept.subscribe(ofForum(1, 'key'));
    const { seq } = (await first.next())!;
    first.close();
    await store.write(remove('things', 'DELETE FROM "main.things" WHERE "id" = 2'));
    expect(await store.kept.subscribe(ofForum(1, 'key'), seq).next()).toMatchObject({ kind: 'change', remove: [2] });
    expect(store.kept.subscribe(ofForum(1, 'key'), seq + 1).take()).toBeNull();
    expect(await store.kept.subscribe(ofForum(1, 'key'), seq - 1).next()).toMatchObject({ kind: 'snapshot' });
    expect(await store.kept.subscribe(ofForum(1, 'key'), seq + 9).next()).toMatchObject({ kind: 'snapshot' });
  });

  it('gets a fresh snapshot when it does not keep up', async () => {
    const slow = store.kept.subscribe(ofForum(1, 'key'));
    const quick = store.kept.subscribe(ofForum(1, 'key'));
    await slow.next();
    await quick.next();
    for (let i = 0; i < 100; i++) {
      await store.write(update('things', `UPDATE "main.things" SET "name" = 'n${i}' WHERE "id" = 2`));
      expect(quick.take()).toMatchObject({ kind: 'change', update: [{ key: 2 }] });
    }
    expect(slow.take()).toMatchObject({ kind: 'snapshot', seq: store.kept.sequence });
    expect(slow.take()).toBeNull();
  });

  it('ends when the table changes as a whole', async () => {
    const subscription = store.kept.subscribe(ofForum(1, 'key'));
    await subscription.next();
    const next = subscription.next();
    await store.write({
      kind: 'schema',
      change: { kind: 'truncate-table', table: { database: 'main', name: 'things' } },
    });
    await expect(next).rejects.toMatchObject({ code: 'SLUICE_STALE_PLAN' });
  });

  it('is refused where it could not be right', () => {
    expect(() => store.kept.subscribe(ofForum(1, 'key', { max: null }))).toThrow('limit');
    const other = { ...things, primaryKey: ['id', 'forum'] };
    expect(() => store.kept.subscribe({ ...ofForum(1, 'key'), table: other })).toThrow('primary key');
  });

  it('shares its work with a thousand others', async () => {
    const all = Array.from({ length: 1000 }, () => store.kept.subscribe(ofForum(1, 'key')));
    const snapshots = await Promise.all(all.map((subscription) => subscription.next()));
    expect(new Set(snapshots).size).toBe(1);
    const looks = vi.spyOn(KeptWindow.prototype, 'slice');
    await store.write(remove('things', 'DELETE FROM "main.things" WHERE "id" = 2'));
    expect(looks).toHaveBeenCalledTimes(1);
    looks.mockRestore();
    const events = all.map((subscription) => subscription.take());
    expect(new Set(events).size).toBe(1);
    expect(events[0]).toMatchObject({ kind: 'change', remove: [2] });
    expect(store.kept.statistics().lists).toMatchObject([{ kind: 'window', subscriptions: 1000 }]);
    for (const subscription of all) subscription.close();
    expect(store.kept.statistics().lists).toMatchObject([{ subscriptions: 0 }]);
  });

  it('begins with what others begin with, until the page changes', async () => {
    const query = ofForum(1, 'key');
    const begin = async () => (await store.kept.subscribe(query).next()) as LiveSnapshot;
    const first = await begin();
    expect(await begin()).toBe(first);
    await store.write(insert('things', [thing(1001, 2, 'elsewhere')]));
    const second = await begin();
    expect(second.seq).toBe(first.seq + 1);
    expect(second.rows).toBe(first.rows);
    // In the list, but on a later page.
    await store.write(update('things', 'UPDATE "main.things" SET "name" = \'new\' WHERE "id" = 98'));
    expect((await begin()).rows).toBe(first.rows);
    await store.write(update('things', 'UPDATE "main.things" SET "name" = \'new\' WHERE "id" = 2'));
    expect((await begin()).rows).not.toBe(first.rows);
  });
});

describe('while the table changes under it', () => {
  it('an index is built of what is there at the end', async () => {
    await open({ buildStepRows: 3 });
    const query = ofForum(1, 'key', { max: 1000 });
    store.ask(query);
    for (let i = 0; i < 300 && store.ask(query) === null; i++) {
      await store.write(update('things', `UPDATE "main.things" SET "forum" = ${i % 2} WHERE "id" % 7 = ${i % 7}`));
      if (i % 5 === 0) await store.write(insert('things', [thing(1000 - i, 1, 'late')]));
    }
    await store.kept.settled();
    const answer = store.ask(query);
    const fresh = store.store.readInline(read('SELECT "id" FROM "main.things" WHERE "forum" = 1 ORDER BY "id"'));
    expect(answer!.rows!.map(([id]) => id)).toEqual(fresh.map(([id]) => id));
  });

  it('an index is ready however much is written between its steps', async () => {
    await open();
    const { store: real } = store;
    let writes = 0;
    /** Each read arrives many commits late. */
    async function* late(chunks: AsyncIterable<readonly StoreRow[]>): AsyncGenerator<readonly StoreRow[]> {
      const read: (readonly StoreRow[])[] = [];
      for await (const chunk of chunks) read.push(chunk);
      for (let i = 0; i < 20; i++, writes++)
        await store.write(
          update('things', `UPDATE "main.things" SET "forum" = ${writes % 3} WHERE "id" % 10 = ${i % 10}`),
        );
      yield* read;
    }
    const busy = Object.create(real, {
      catalog: { get: () => real.catalog },
      sequence: { get: () => real.sequence },
      readInline: { value: (statement: ReadStatement) => real.readInline(statement) },
      read: { value: (statement: ReadStatement) => ({ chunks: late(real.read(statement).chunks), cancel: () => {} }) },
    }) as typeof real;
    const kept = new KeptLists({ store: busy, memoryBytes: 1e6, keepAfter: 1, buildStepRows: 10 });
    real.onCommit((commit) => kept.apply(commit));
    const query = ofForum(1, 'key', { max: 1000 });
    expect(kept.ask(query, wholeRows(things))).toBeNull();
    await kept.settled();
    expect(writes).toBeGreaterThan(200);
    expect(kept.ask(query, wholeRows(things))!.rows).toEqual(store.fresh(query).rows);
    kept.close();
  });

  it('a failure of the store is told, and the list is left to it', async () => {
    await open();
    const { store: real } = store;
    const failing = {
      catalog: real.catalog,
      sequence: real.sequence,
      readInline: (statement: ReadStatement) => real.readInline(statement),
      read: () => {
        throw new TypeError('the store is not well');
      },
    } as unknown as typeof real;
    const problems: unknown[] = [];
    const kept = new KeptLists({
      store: failing,
      memoryBytes: 1e6,
      keepAfter: 1,
      onProblem: (error) => problems.push(error),
    });
    for (const by of ['key', 'name'] as const) {
      expect(kept.ask(ofForum(1, by), wholeRows(things))).toBeNull();
      await kept.settled();
      expect(kept.ask(ofForum(1, by), wholeRows(things))).toBeNull();
    }
    expect(problems).toHaveLength(2);
    expect(kept.statistics().lists).toEqual([]);
    kept.close();
  });
});
