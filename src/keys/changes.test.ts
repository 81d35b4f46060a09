import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { touches } from '../changes/matcher.ts';
import type { Commit } from '../stores/store.ts';
import { planSetBit } from './bit-plans.ts';
import { planCount, planFind } from './find-plans.ts';
import { keyChangesOf } from './key-changes.ts';
import { footprintsOfPlan } from './key-footprints.ts';
import { planFindKeys } from './key-set-plans.ts';
import { KeyStore, plainValue, putManyPlan, putPlan } from './key-store.suite.ts';
import { KEYS_SQL } from './key-table.ts';
import { parsePattern } from './patterns.ts';
import type { KeyPlan } from './plan.ts';
import { planGetEntry, planGetMany, planGetPointer } from './read-plans.ts';
import { anyKey, anyPattern } from './samples.suite.ts';
import { planAdd, planRemove, planRemoveAll } from './write-plans.ts';

const store = new KeyStore();
afterAll(() => store.close());
const NOW = 1_000;

beforeEach(() => {
  store.run(planRemoveAll('*', NOW));
});

function commit(...plans: KeyPlan<unknown>[]): Commit {
  const done = store.transaction((run) => {
    for (const plan of plans) run(plan);
  });
  expect(done).not.toBe(null);
  return done!;
}

/** As a transaction would decide it. */
function conflicts(read: KeyPlan<unknown>, { changes }: Commit): boolean {
  return footprintsOfPlan(read).some((footprint) => changes.some((of) => touches(of, footprint)));
}

describe('a watch', () => {
  const told = (of: Commit, pattern: string) =>
    keyChangesOf(of, parsePattern(pattern))?.map(({ key, previous, entry }) => [
      key,
      plainValue(previous),
      plainValue(entry),
    ]);

  it('is told what a commit did to its keys, in their order', () => {
    const first = commit(
      putPlan('user.2', 'b', {}, NOW),
      putPlan('user.1', 'a', {}, NOW),
      putPlan('other', 1, {}, NOW),
    );
    expect(told(first, 'user.*')).toEqual([
      ['user.1', undefined, 'a'],
      ['user.2', undefined, 'b'],
    ]);
    expect(keyChangesOf(first, parsePattern('other'))![0]!.entry).toMatchObject({
      version: first.sequence,
      type: 'integer',
    });
    const second = commit(planAdd('other', 1, NOW), planRemove('user.1', NOW), putPlan('user.2', [1n], {}, NOW));
    expect(told(second, '*')).toEqual([
      ['other', 1, 2],
      ['user.1', 'a', undefined],
      ['user.2', 'b', [1n]],
    ]);
    expect(told(second, 'nobody.*')).toEqual([]);
  });

  it('is told of bits, and of what SQL did', () => {
    store.run(planSetBit('bits', 9, 1, NOW));
    expect(told(commit(planSetBit('bits', 8, 1, NOW)), '*')).toEqual([['bits', { byteLength: 2 }, { byteLength: 2 }]]);
    store.run(putPlan('a', 1, {}, NOW));
    const moved = store.write({
      kind: 'update',
      database: 'sluice',
      table: 'keys',
      sql: `UPDATE ${KEYS_SQL} SET path = 'b' WHERE path = 'a'`,
      params: [],
    });
    expect(told(moved!, '*')).toEqual([
      ['a', 1, undefined],
      ['b', undefined, 1],
    ]);
  });

  it('is told when there is too much to tell', () => {
    const many = Array.from({ length: 10_001 }, (_, i) => [`k.${i}`, i] as const);
    expect(told(commit(putManyPlan(many, {}, NOW)), 'k.5')).toBeUndefined();
  });
});

describe("a plan's reads", () => {
  it('conflict with what changes them, and with nothing else', () => {
    const change = (key: string) => commit(putPlan(key, NOW + Math.random(), {}, NOW));
    const readers: [KeyPlan<unknown>, string[], string[]][] = [
      [planGetEntry('user.1', NOW), ['user.1'], ['user', 'user.1.x', 'user.10', 'user.2']],
      [planGetMany(['a', 'b'], NOW), ['a', 'b'], ['c', 'a.b']],
      [planFind('user.*', undefined, {}, NOW), ['user.1', 'user.1.x'], ['user', 'user/1', 'users']],
      [planCount('user.*.age', undefined, NOW), ['user.1.age'], ['order.1.age']],
      [planFindKeys({ op: 'or', sets: [{ find: 'a' }, { find: 'b.*' }] }, {}, NOW), ['a', 'b.c'], ['b', 'c']],
      [planGetPointer('a', [], NOW), ['a', 'anything'], []],
    ];
    for (const [plan, yes, no] of readers) {
      for (const key of yes) expect(conflicts(plan, change(key)), key).toBe(true);
      for (const key of no) expect(conflicts(plan, change(key)), key).toBe(false);
    }
    expect(conflicts(planGetEntry('bits', NOW), commit(planSetBit('bits', 1, 1, NOW)))).toBe(true);
  });

  it('whatever the keys: when no conflict is seen, the result has not changed', () => {
    fc.assert(
      fc.property(anyKey, anyPattern, (key, pattern) => {
        const find = planFind(pattern, undefined, {}, NOW);
        const before = store.run(find);
        const done = commit(putPlan(key, Math.random(), {}, NOW));
        const after = store.run(find);
        if (!conflicts(find, done)) expect(after).toEqual(before);
        expect(conflicts(find, done) || !parsePattern(pattern).matches(key)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
