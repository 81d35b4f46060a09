import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReadStatement } from '../stores/statement.ts';
import type { KeyFilter } from './filters.ts';
import type { FindOptions } from './find-options.ts';
import { planCount, planFind } from './find-plans.ts';
import { planCountKeys, planFindKeys } from './key-set-plans.ts';
import { KeyStore, plainValue, putManyPlan, putPlan } from './key-store.suite.ts';
import { BITS_SQL, KEYS_SQL } from './key-table.ts';
import type { KeyPlan } from './plan.ts';
import { planGetEntry, planGetMany, planGetPointer } from './read-plans.ts';
import { runPlan, type StepRunner } from './run-plan.ts';
import { KeyPointer } from './values.ts';
import {
  type PutOptions,
  planAdd,
  planAppend,
  planExpire,
  planRemove,
  planRemoveAll,
  planRemoveMany,
} from './write-plans.ts';

let store: KeyStore;
let now = 1_000_000;

beforeEach(() => {
  store = new KeyStore();
  now = 1_000_000;
});
afterEach(() => store.close());

const put = (key: string, value: unknown, options: PutOptions = {}) => store.run(putPlan(key, value, options, now));
const get = (key: string) => plainValue(store.run(planGetEntry(key, now)));
const find = (pattern: string, filter?: KeyFilter, options: FindOptions = {}) =>
  store.run(planFind(pattern, filter, options, now)).entries.map((entry) => [entry.key, plainValue(entry)]);
const putUsers = () =>
  store.run(
    putManyPlan(
      [
        ['user.001.name', 'zhang'],
        ['user.001.age', 20],
        ['user.001.weight', 50.55],
        ['user.002.name', 'li'],
        ['user.002.age', 25],
        ['user.003.name', 'lili'],
        ['user.003.age', 17],
      ],
      {},
      now,
    ),
  );

describe('put', () => {
  it('returns what was there, with its version: the number of the commit', () => {
    const first = put('a', 1);
    const version = store.sequence;
    expect(first).toEqual({ done: true, previous: null, version });
    expect(put('a', 'x').previous).toEqual({ key: 'a', type: 'integer', value: 1, version, expiresAt: null });
    expect(store.run(planGetEntry('a', now))).toMatchObject({ type: 'string', value: 'x', version: version + 1 });
    expect(store.sequence).toBe(version + 1);
  });

  it('keeps every type through the update of another', () => {
    for (const value of [
      1,
      -0,
      2 ** 60,
      1e300,
      2n ** 62n,
      2n ** 80n,
      'a\0b',
      true,
      null,
      new Date(5),
      new Uint8Array(0),
      [1n],
    ]) {
      put('a', value);
      expect(get('a')).toEqual(value);
    }
  });

  it('does nothing where its condition does not hold', () => {
    expect(put('a', 1, { ifPresent: true }).done).toBe(false);
    expect(put('a', 1, { ifVersion: 7 }).done).toBe(false);
    expect(put('a', 1, { ifVersion: 0 }).done).toBe(true);
    const { sequence } = store;
    expect(put('a', 2, { ifAbsent: true })).toMatchObject({ done: false, previous: { value: 1 } });
    expect(put('a', 2, { ifVersion: sequence + 1 }).done).toBe(false);
    expect(store.sequence).toBe(sequence);
    expect(put('a', 2, { ifVersion: sequence, ifPresent: true }).done).toBe(true);
    expect(get('a')).toBe(2);
  });

  it('expires at its very millisecond', () => {
    put('a', 1, { ttl: 10 });
    put('b', 1, { expiresAt: now + 5 });
    now += 4;
    expect([get('a'), get('b')]).toEqual([1, 1]);
    now += 1;
    expect([get('a'), get('b')]).toEqual([1, undefined]);
    expect(find('*')).toEqual([['a', 1]]);
    put('a', 2, { keepTtl: true });
    now += 5;
    expect(get('a')).toBeUndefined();
    expect(put('a', 3, { ifAbsent: true })).toMatchObject({ done: true, previous: null });
    expect(store.run(planGetEntry('a', now))?.expiresAt).toBe(null);
    expect(put('b', 3, { ifPresent: true })).toMatchObject({ done: false, version: null });
    expect(put('a', 3, { expiresAt: now })).toMatchObject({ done: true, version: null });
    expect(get('a')).toBeUndefined();
    expect(store.read(`SELECT path FROM ${KEYS_SQL}`)).toEqual([['b']]);
  });

  it.each([
    [{ ttl: 0 }, "ttl: '0' is no time to live"],
    [{ ttl: NaN }, 'is no time to live'],
    [{ expiresAt: Infinity }, 'is no time'],
    [{ ttl: 1, keepTtl: true }, 'exclude each other'],
  ])('refuses %j', (options, reason) => {
    expect(() => put('a', 1, options)).toThrow(reason);
  });
});

it('an expiry is given and taken', () => {
  put('a', 'x');
  expect(store.run(planExpire('a', now + 5, now))).toBe(true);
  expect(store.run(planGetEntry('a', now))).toMatchObject({ value: 'x', expiresAt: now + 5 });
  expect(store.run(planExpire('a', null, now))).toBe(true);
  now += 10;
  expect(get('a')).toBe('x');
  expect(store.run(planExpire('a', now - 1, now))).toBe(true);
  expect([get('a'), store.run(planExpire('a', null, now))]).toEqual([undefined, false]);
});

it('removes one, many, all of a pattern', () => {
  putUsers();
  put('gone', 1, { ttl: 1 });
  now += 1;
  expect(store.run(planRemove('user.001.age', now))).toMatchObject({ value: 20 });
  expect(store.run(planRemove('user.001.age', now))).toBe(null);
  expect(store.run(planRemove('gone', now))).toBe(null);
  expect(store.run(planRemoveMany(['user.001.name', 'user.001.age', 'nobody'], now))).toBe(1);
  expect(store.run(planRemoveAll('user.*.age', now))).toBe(2);
  expect(find('*').map(([key]) => key)).toEqual(['user.001.weight', 'user.002.name', 'user.003.name']);
  expect(store.run(planRemoveAll('*', now))).toBe(3);
});

it('puts and gets many, all or none', () => {
  putUsers();
  const { sequence } = store;
  const many = store.run(planGetMany(['user.002.age', 'nobody', 'user.001.name'], now));
  expect(Array.from(many, ([key, entry]) => [key, plainValue(entry), entry.version])).toEqual([
    ['user.002.age', 25, sequence],
    ['user.001.name', 'zhang', sequence],
  ]);
  store.run(
    putManyPlan(
      [
        ['user.002.age', 1n],
        ['new', 1],
        ['new', 2],
      ],
      { ttl: 5 },
      now,
    ),
  );
  expect([get('user.002.age'), get('new')]).toEqual([1n, 2]);
  expect(() =>
    store.run(
      putManyPlan(
        [
          ['a', 1],
          ['b', undefined],
        ],
        {},
        now,
      ),
    ),
  ).toThrow(/undefined/);
  store.run(putManyPlan([], {}, now));
  now += 5;
  expect([get('a'), get('new'), get('user.001.age')]).toEqual([undefined, undefined, 20]);
});

it('adds and appends; a wrong type changes nothing', () => {
  put('n', 1, { ttl: 5 });
  expect([planAdd('n', 2, now), planAdd('new', 5n, now)].map((plan) => plainValue(store.run(plan)))).toEqual([3, 5n]);
  expect(plainValue(store.run(planAppend('t', 'ab', now)))).toBe('ab');
  expect(plainValue(store.run(planAppend('t', 'é', now)))).toBe('abé');
  const { sequence } = store;
  expect(() => store.run(planAdd('t', 1, now))).toThrow(expect.objectContaining({ code: 'SLUICE_KEY_TYPE' }));
  expect(() => store.run(planAppend('n', 'x', now))).toThrow(expect.objectContaining({ code: 'SLUICE_KEY_TYPE' }));
  expect(store.sequence).toBe(sequence);
  now += 5;
  expect(plainValue(store.run(planAdd('n', 2, now)))).toBe(2);
});

describe('find', () => {
  it('filters, counts, orders', () => {
    putUsers();
    const gt18: KeyFilter = { test: 'gt', operands: [18] };
    expect(find('user.*.age', gt18)).toEqual([
      ['user.001.age', 20],
      ['user.002.age', 25],
    ]);
    expect(store.run(planCount('user.*.age', gt18, now))).toBe(2);
    expect(find('user.*', undefined, { orderBy: 'value', limit: 3 }).map(([, value]) => value)).toEqual([17, 20, 25]);
    expect(find('user.*.name', undefined, { orderBy: 'value', reverse: true }).map(([, value]) => value)).toEqual([
      'zhang',
      'lili',
      'li',
    ]);
    expect(() => find('*', undefined, { limit: 0 })).toThrow("limit: '0' is no number of entries");
  });

  it.each(['key', 'value'] as const)('pages in the order of the %s, over a restart, without a gap', (orderBy) => {
    const kinds = [
      null,
      NaN,
      -1,
      0.5,
      1,
      1n,
      2n ** 70n,
      'a',
      'b',
      new Date(1),
      true,
      [1],
      new Uint8Array(2),
      new Map(),
      '',
      1e300,
      -0,
      new KeyPointer('x'),
    ];
    // Each twice, so that pages end between equal ones too.
    const values = [...kinds, ...kinds];
    values.forEach((value, i) => {
      put(`k.${(i * 7) % values.length}`, value);
    });
    for (const reverse of [false, true]) {
      const whole = find('k.*', undefined, { orderBy, reverse });
      expect(whole).toHaveLength(values.length);
      const paged: unknown[] = [];
      let cursor: string | undefined;
      do {
        const page = store.run(
          planFind('k.*', undefined, { orderBy, reverse, limit: 1, ...(cursor && { cursor }) }, now),
        );
        paged.push(...page.entries.map((entry) => [entry.key, plainValue(entry)]));
        cursor = page.cursor ?? undefined;
        if (paged.length % 10 === 0) store.reopen();
      } while (cursor !== undefined);
      expect(paged).toEqual(whole);
    }
  });

  it('says whether the front may run it, and what it reads', () => {
    const inline = (pattern: string, options: FindOptions = {}, filter?: KeyFilter) =>
      planFind(pattern, filter, options, now).inline;
    expect([inline('a'), inline('a.*', { limit: 100 }), inline('*', { limit: 100 })]).toEqual([true, true, true]);
    expect([inline('a.*'), inline('a.*', { limit: 1000 }), inline('a.*.b', { limit: 1 })]).toEqual([
      false,
      false,
      false,
    ]);
    expect(inline('a.*', { limit: 1, orderBy: 'value' })).toBe(false);
    expect(inline('a.*', { limit: 1 }, { test: 'eq', operands: [1] })).toBe(false);
    expect(planFind('a.*', undefined, {}, now).reads).toEqual([{ from: 'a.', to: 'a/' }]);
  });

  it('gives the same in parts', () => {
    putUsers();
    const parts = [
      { from: 'user.', to: 'user.001.b' },
      { from: 'user.001.b', to: 'user.003' },
      { from: 'user.003', to: 'user/' },
    ];
    const inParts = <Result>({ split }: KeyPlan<Result>): Result => {
      const ranges = split!.reverse ? [...parts].reverse() : parts;
      const rows = ranges.flatMap((range) => {
        const { sql, params } = split!.statementOf(range);
        return store.read(sql, params);
      });
      return split!.resultOf(rows.slice(0, split!.limit ?? rows.length));
    };
    for (const options of [{}, { reverse: true }, { limit: 3 }, { limit: 3, reverse: true }]) {
      const plan = planFind('user.*', undefined, options, now);
      expect(inParts(plan)).toEqual(store.run(plan));
    }
    expect(inParts(planCount('user.*.age', undefined, now))).toBe(3);
  });
});

it('follows pointers, in gets and in finds', () => {
  putUsers();
  put('order.0.buyer', new KeyPointer('user.002'));
  put('best', new KeyPointer('user.002.age'));
  put('gone', new KeyPointer('user.009.age'));
  const pointed = (key: string, ...subKeys: string[]) => {
    const { value, ...end } = store.run(planGetPointer(key, subKeys, now));
    return { ...end, value: plainValue(value) };
  };
  expect(pointed('order.0.buyer', '.name')).toEqual({ key: 'user.002.name', value: 'li', hops: 1 });
  expect(pointed('gone')).toEqual({ key: 'user.009.age', value: undefined, hops: 1 });
  const gt18: KeyFilter = { test: 'gt', operands: [18] };
  expect(find('*', gt18, { point: true, limit: 2 })).toEqual([
    ['best', 25],
    ['user.001.age', 20],
  ]);
  const { cursor } = store.run(planFind('*', gt18, { point: true, limit: 2 }, now));
  expect(find('*', gt18, { point: true, cursor: cursor! }).map(([key]) => key)).toEqual([
    'user.001.weight',
    'user.002.age',
  ]);
  store.run(planRemove('user.002.age', now));
  expect(find('best', undefined, { point: true })).toEqual([]);
  put('user.002.age', new KeyPointer('best'));
  expect(() => pointed('best')).toThrow('Pointers lead in a circle: best -> user.002.age -> best');
});

it('finds users older than 18 whose name contains li, in the store', () => {
  putUsers();
  const older = { find: 'user.*.age', filter: { test: 'gt', operands: [18] }, superKeys: 2 } as const;
  const named = { find: 'user.*.name', filter: { test: 'contains', operands: ['li'] }, superKeys: 2 } as const;
  const keys = (query: Parameters<typeof planFindKeys>[0], options = {}) =>
    store.run(planFindKeys(query, options, now)).keys;
  expect(keys({ op: 'and', sets: [older, named] })).toEqual(['user.002']);
  expect(keys({ op: 'or', sets: [older, named] })).toEqual(['user.001', 'user.002', 'user.003']);
  expect(keys({ op: 'except', sets: [named, older] })).toEqual(['user.003']);
  expect(keys({ op: 'or', sets: [older, named], superKeys: 1 })).toEqual(['user']);
  expect(store.run(planCountKeys({ op: 'or', sets: [older, { op: 'except', sets: [named, older] }] }, now))).toBe(3);
  const first = store.run(planFindKeys({ find: '*', superKeys: 2 }, { limit: 2, reverse: true }, now));
  expect(first.keys).toEqual(['user.003', 'user.002']);
  expect(keys({ find: '*', superKeys: 2 }, { reverse: true, cursor: first.cursor })).toEqual(['user.001']);
  for (const wrong of [{ op: 'xor', sets: [older] }, { op: 'and', sets: [] }, { find: '*', superKeys: 0 }, null])
    expect(() => keys(wrong as never)).toThrow(expect.objectContaining({ code: 'ER_BAD_PARAMETER' }));
});

it('reads by the primary key, in its order', () => {
  const steps: ReadStatement[] = [];
  const watched: StepRunner = {
    read(step) {
      steps.push(step);
      return store.read(step.sql, step.params);
    },
    write: () => ({ matched: 0 }),
    savepoint: () => undefined,
  };
  const plans = [
    planGetEntry('a', now),
    planGetMany(['a', 'b'], now),
    putPlan('a', 1, {}, now),
    planRemoveMany(['a'], now),
    planFind('a.*.b', { test: 'contains', operands: ['x'] }, { limit: 5, reverse: true }, now),
    planCount('a.*', undefined, now),
  ];
  for (const plan of plans) runPlan<unknown>(plan as KeyPlan<unknown>, watched);
  expect(steps).toHaveLength(plans.length);
  for (const step of steps) {
    const text = JSON.stringify(store.read(`EXPLAIN QUERY PLAN ${step.sql}`, step.params));
    expect(text).toMatch(/SEARCH (?:sluice.keys|k) USING (?:PRIMARY KEY|COVERING INDEX sluice.keys.expiring)/);
    expect(text).not.toMatch(/SCAN (?:sluice.keys|k)|TEMP B-TREE FOR ORDER/);
  }
});

it('several plans in one transaction see each other, and go together', () => {
  put('a', 1);
  store.transaction((run) => {
    run(planAdd('a', 1, now));
    run(putPlan('b', plainValue(run(planGetEntry('a', now))), {}, now));
    expect(run(planCount('*', undefined, now))).toBe(2);
  });
  expect([get('a'), get('b')]).toEqual([2, 2]);
  expect(() =>
    store.transaction((run) => {
      run(planRemoveAll('*', now));
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(find('*')).toHaveLength(2);
  expect(store.read(`SELECT count(*) FROM ${BITS_SQL}`)).toEqual([[0]]);
});
