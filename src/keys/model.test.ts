import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../util/random.ts';
import type { KeyFilter } from './filters.ts';
import type { FindOptions } from './find-options.ts';
import { planCount, planFind } from './find-plans.ts';
import { planFindKeys } from './key-set-plans.ts';
import { KeyStore, plainValue, putManyPlan, putPlan } from './key-store.suite.ts';
import { compareKeys } from './paths.ts';
import { parsePattern } from './patterns.ts';
import { planGetEntry, planGetMany, planGetPointer } from './read-plans.ts';
import { KeyPointer, type KeyValue } from './values.ts';
import { planAdd, planAppend, planExpire, planRemove, planRemoveAll, planRemoveMany } from './write-plans.ts';

/** More by hand: SLUICE_KEYS_STEPS=500000. */
const STEPS = Number(process.env.SLUICE_KEYS_STEPS ?? 2000);
const FIRST_SEED = Number(process.env.SLUICE_KEYS_SEED ?? 1);
const STEPS_PER_SEED = 1000;

const SEGMENTS = ['a', 'b', 'b1', 'é', '😀', 'ﬀ', 'x-y'];
const PATTERNS = ['*', 'a.*', 'a', 'a.b', '*.b', 'a.*.b', 'a.*.*', 'b*', 'a.b*', '*.*', 'b1.*.é', '😀.*'];

interface Entry {
  value: KeyValue;
  version: number;
  expiresAt: number | null;
}

/** The tree as a Map, by the words of the specification alone. */
class Oracle {
  readonly map = new Map<string, Entry>();
  now = 1_000_000;

  at(key: string): Entry | undefined {
    const entry = this.map.get(key);
    return entry === undefined || (entry.expiresAt !== null && entry.expiresAt <= this.now) ? undefined : entry;
  }

  keys(pattern: string, test: (value: KeyValue) => boolean = () => true): string[] {
    const { matches } = parsePattern(pattern);
    const found = [...this.map.keys()].filter((key) => matches(key) && this.at(key) && test(this.at(key)!.value));
    return found.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }
}

class Run {
  readonly random: SeededRandom;
  readonly store = new KeyStore();
  readonly oracle = new Oracle();

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
  }

  key(): string {
    return Array.from({ length: 1 + this.random.below(3) }, () => this.random.pick(SEGMENTS)).join('.');
  }

  value(): KeyValue {
    const { random } = this;
    const n = random.below(5);
    return random.pick<KeyValue>([
      n,
      n + 0.5,
      BigInt(n),
      2n ** 70n,
      `t${n}`,
      null,
      true,
      new Date(n),
      [n],
      new Map([[n, 1]]),
      new KeyPointer(this.key()),
    ]);
  }

  filter(): { filter: KeyFilter; test: (value: KeyValue) => boolean } {
    const n = this.random.below(5);
    return this.random.pick([
      {
        filter: { test: 'ge', operands: [n] } as const,
        test: (v: KeyValue) => (typeof v === 'number' || typeof v === 'bigint') && v >= n,
      },
      {
        filter: { test: 'contains', operands: [String(n)] } as const,
        test: (v: KeyValue) => typeof v === 'string' && v.includes(String(n)),
      },
      {
        filter: { test: 'not', filter: { test: 'lt', operands: [n] } } as const,
        test: (v: KeyValue) => !((typeof v === 'number' || typeof v === 'bigint') && v < n),
      },
      {
        filter: { test: 'earlier', operands: [new Date(n)] } as const,
        test: (v: KeyValue) => v instanceof Date && v.getTime() < n,
      },
    ]);
  }

  step(): void {
    const { random, oracle } = this;
    if (random.chance(0.3)) oracle.now += random.below(4);
    if (random.chance(0.004)) this.store.reopen();
    random
      .pick([
        this.put,
        this.put,
        this.put,
        this.putMany,
        this.remove,
        this.removeSeveral,
        this.change,
        this.expire,
        this.get,
        this.find,
        this.find,
        this.pointers,
      ])
      .call(this);
  }

  put(): void {
    const { random, oracle, store } = this;
    const [key, value] = [this.key(), this.value()];
    const before = oracle.at(key);
    const options = random.pick([
      {},
      {},
      { ttl: 1 + random.below(9) },
      { ifAbsent: true },
      { ifPresent: true },
      { keepTtl: true },
      { ifVersion: random.pick([0, before?.version ?? 5]) },
    ]);
    const result = store.run(putPlan(key, value, options, oracle.now));
    same(plainValue(result.previous), before?.value);
    const fails =
      ('ifAbsent' in options && before) ||
      ('ifPresent' in options && !before) ||
      ('ifVersion' in options && options.ifVersion !== (before?.version ?? 0));
    expect(result.done).toBe(!fails);
    if (fails) return;
    const expiresAt =
      'ttl' in options
        ? oracle.now + (options.ttl as number)
        : 'keepTtl' in options
          ? (before?.expiresAt ?? null)
          : null;
    oracle.map.set(key, { value, version: store.sequence, expiresAt });
  }

  putMany(): void {
    const { random, oracle, store } = this;
    const entries = Array.from({ length: random.below(4) }, () => [this.key(), this.value()] as const);
    store.run(putManyPlan(entries, {}, oracle.now));
    for (const [key, value] of entries) oracle.map.set(key, { value, version: store.sequence, expiresAt: null });
  }

  remove(): void {
    const key = this.key();
    same(plainValue(this.store.run(planRemove(key, this.oracle.now))), this.oracle.at(key)?.value);
    this.oracle.map.delete(key);
  }

  removeSeveral(): void {
    const { random, oracle, store } = this;
    if (random.chance(0.7)) {
      const keys = [this.key(), this.key()];
      const there = new Set(keys.filter((key) => oracle.at(key)));
      expect(store.run(planRemoveMany(keys, oracle.now))).toBe(there.size);
      for (const key of keys) oracle.map.delete(key);
      return;
    }
    const pattern = random.pick(PATTERNS.filter((each) => each !== '*'));
    const gone = oracle.keys(pattern);
    expect(store.run(planRemoveAll(pattern, oracle.now))).toBe(gone.length);
    for (const key of gone) oracle.map.delete(key);
  }

  change(): void {
    const { random, oracle, store } = this;
    const key = this.key();
    const old = oracle.at(key);
    const adds = random.chance(0.5);
    const plan = adds ? planAdd(key, 2, oracle.now) : planAppend(key, 'z', oracle.now);
    const is = old === undefined ? (adds ? 0 : '') : old.value;
    const fits = adds ? typeof is === 'number' || typeof is === 'bigint' : typeof is === 'string';
    if (!fits) {
      expect(() => store.run(plan)).toThrow(expect.objectContaining({ code: 'SLUICE_KEY_TYPE' }));
      return;
    }
    const value = typeof is === 'bigint' ? is + 2n : adds ? (is as number) + 2 : `${is as string}z`;
    same(plainValue(store.run(plan)), value);
    oracle.map.set(key, { value, version: store.sequence, expiresAt: old?.expiresAt ?? null });
  }

  expire(): void {
    const { random, oracle, store } = this;
    const key = this.key();
    const old = oracle.at(key);
    const expiresAt = random.pick([null, oracle.now + 5, oracle.now, oracle.now - 5]);
    expect(store.run(planExpire(key, expiresAt, oracle.now))).toBe(old !== undefined);
    if (old !== undefined) oracle.map.set(key, { ...old, expiresAt, version: store.sequence });
  }

  get(): void {
    const { oracle, store } = this;
    const keys = [this.key(), this.key(), this.key()];
    for (const key of keys) {
      const entry = store.run(planGetEntry(key, oracle.now));
      const wanted = oracle.at(key);
      same(entry && { value: plainValue(entry), version: entry.version, expiresAt: entry.expiresAt }, wanted ?? null);
    }
    const many = store.run(planGetMany(keys, oracle.now));
    expect([...many.keys()]).toEqual([...new Set(keys)].filter((key) => oracle.at(key)));
  }

  find(): void {
    const { random, oracle, store } = this;
    const pattern = random.pick(PATTERNS);
    const { filter, test } = this.filter();
    const wanted = oracle.keys(pattern, test);
    expect(store.run(planCount(pattern, filter, oracle.now))).toBe(wanted.length);
    expect(store.run(planFindKeys({ find: pattern, filter }, {}, oracle.now)).keys).toEqual(wanted);
    const reverse = random.chance(0.5);
    if (reverse) wanted.reverse();
    same(
      this.pages(pattern, filter, { reverse, limit: 1 + random.below(5) }),
      wanted.map((key) => [key, oracle.at(key)?.value]),
    );
    const byValue = this.pages(pattern, filter, { orderBy: 'value', limit: 3 });
    expect(byValue.map(([key]) => key).sort(compareKeys)).toEqual(wanted.sort(compareKeys));
  }

  pages(pattern: string, filter: KeyFilter, options: FindOptions): [string, KeyValue][] {
    const found: [string, KeyValue][] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = this.store.run(
        planFind(pattern, filter, cursor === undefined ? options : { ...options, cursor }, this.oracle.now),
      );
      for (const entry of page.entries) found.push([entry.key, plainValue(entry)!]);
      cursor = page.cursor;
    }
    return found;
  }

  pointers(): void {
    const { oracle, store } = this;
    const key = this.key();
    const visited: string[] = [];
    let at = key;
    let value = oracle.at(at)?.value;
    while (value instanceof KeyPointer && !visited.includes(at)) {
      visited.push(at);
      at = value.target;
      value = oracle.at(at)?.value;
    }
    const plan = planGetPointer(key, [], oracle.now);
    if (visited.includes(at)) {
      const circle = [...visited.slice(visited.indexOf(at)), at].join(' -> ');
      expect(() => store.run(plan)).toThrow(`Pointers lead in a circle: ${circle}`);
    } else {
      const end = store.run(plan);
      same({ ...end, value: plainValue(end.value) }, { key: at, value, hops: visited.length });
    }
  }
}

/** toEqual takes -0 for 0 and an absent property for undefined in some places; values must be the very same. */
function same(actual: unknown, wanted: unknown): void {
  if (!isDeepStrictEqual(actual, wanted)) expect(actual).toStrictEqual(wanted);
}

describe('the stored tree is a Map', () => {
  const seeds = Array.from({ length: Math.ceil(STEPS / STEPS_PER_SEED) }, (_, i) => FIRST_SEED + i);
  it.each(seeds)('through random operations, seed %i', (seed) => {
    const run = new Run(seed);
    try {
      for (let step = 0; step < STEPS_PER_SEED; step++) run.step();
      expect(run.oracle.map.size).toBeGreaterThan(10);
    } finally {
      run.store.close();
    }
  });
});
