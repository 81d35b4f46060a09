import { describe, expect, it } from 'vitest';
import { satisfies } from '../../changes/matcher.ts';
import { column, table } from '../../stores/samples.suite.ts';
import type { StoreRow, StoreValue } from '../../stores/values.ts';
import { SeededRandom } from '../../util/random.ts';
import { countFromIndex, pageFromIndex, pageFromTwo } from './index-answer.ts';
import { type IndexShape, indexPlanOf } from './index-plan.ts';
import { KeptIndex } from './kept-index.ts';
import { comparatorOfQuery, type ListOrder, type ListQuery, type ListTerm } from './list-query.ts';

/** `uid` few, `dateline` climbing with the key, `hot` mostly 0, `idtype` a text. */
const FEED = table(
  'feed',
  [
    column('pkey'),
    column('uid'),
    column('dateline'),
    column('hot'),
    column('idtype', { name: 'varchar', length: 15, collation: 'utf8mb4_bin' }),
  ],
  ['pkey'],
);
const ROWS = 6000;

function feedRows(random: SeededRandom): StoreRow[] {
  return Array.from({ length: ROWS }, (_, i): StoreRow => {
    const dateline = random.chance(0.05) ? null : 1000 + (i >> 2);
    const hot = random.chance(0.9) ? 0 : random.below(30);
    return [i + 1, random.below(12), dateline, hot, random.pick(['blogid', 'picid', null])];
  });
}

const number = (at: number) => ({ column: at, collation: 'number' }) as const;
const by = (at: number, descending: boolean, nulls: 'first' | 'last' = 'last'): ListOrder => ({
  ...number(at),
  descending,
  nulls,
});
const blog: ListTerm = { column: 4, collation: 'binary', op: '=', value: 'blogid' };
const since = (value: StoreValue): ListTerm => ({ ...number(2), op: '>=', value });
const friends: ListTerm = { ...number(1), op: 'in', values: [1, 2, 3, 7, 7, 99] };

/** Conditions and order; each is tried at many depths, in both directions of its ties. */
const LISTS: Readonly<Record<string, readonly [readonly ListTerm[], readonly ListOrder[]]>> = {
  'everything, newest first': [[], [by(2, true)]],
  'everything, oldest first, missing ones first': [[], [by(2, false, 'first')]],
  'by key': [[], [by(0, true)]],
  'my feed': [[{ ...number(1), op: '=', value: 5 }], [by(2, true)]],
  'friends: groups are merged': [[friends], [by(2, true)]],
  'friends of one kind, by key': [[friends, blog], []],
  'many ties': [[], [by(3, false)]],
  'a range of the order column': [[blog, since(1500), { ...number(2), op: '<', value: 2100 }], [by(2, true)]],
  'a range of the key': [[blog, { ...number(0), op: 'between', low: 700, high: 4000 }], [by(0, true)]],
  'range and order apart, many rows': [[blog, since(1100)], [by(0, true)]],
  'range and order apart, few rows': [[blog, since(2490)], [by(0, true)]],
  'a range far from where the walk begins': [[blog, { ...number(2), op: '<=', value: 1100 }], [by(0, true)]],
  'hot, newest first': [[{ ...number(3), op: '>=', value: 3 }], [by(2, true)]],
  'hottest, newest first': [[{ ...number(3), op: '>', value: 27 }], [by(2, true)]],
  'a range of the key, by another column': [[{ ...number(0), op: '>', value: 3000 }], [by(3, true)]],
  'a short range of the key, by another column': [[{ ...number(0), op: '>', value: 5950 }], [by(3, true, 'first')]],
  'without a kind': [[{ column: 4, collation: 'binary', op: 'is null' }], [by(2, false)]],
  'no such text': [[{ ...blog, op: '=', value: 'none' }], [by(2, false)]],
  'nothing equals NULL': [[blog, since(null)], [by(2, false)]],
};

describe('lists from indexes', () => {
  const random = new SeededRandom(3);
  const rows = feedRows(random);

  function filled(shape: IndexShape): KeptIndex {
    const index = new KeptIndex(shape);
    for (const row of rows) index.add(row);
    // Places must not depend on how they were come by.
    for (let i = 0; i < ROWS; i += 3) index.remove(rows[i]!);
    for (let i = ROWS - 3; i >= 0; i -= 3) index.add(rows[i]!);
    index.reached(null);
    return index;
  }

  for (const [name, [conditions, order]] of Object.entries(LISTS)) {
    it(`are right: ${name}`, () => {
      for (const ties of ['ascending', 'descending'] as const) {
        const query: ListQuery = {
          table: FEED,
          conditions,
          order,
          ties,
          skip: 0,
          max: 10,
          wantsRows: true,
          wantsCount: true,
        };
        const plan = indexPlanOf(query)!;
        const compare = comparatorOfQuery(query, 0);
        const expected = rows.filter((row) => satisfies(row, conditions)).sort(compare);
        const ordered = filled(plan.ordered.shape);
        const ranged = plan.isOneIndex ? ordered : filled(plan.ranged.shape);
        expect(countFromIndex(ranged, plan, query)).toBe(expected.length);
        for (let i = 0; i < 60; i++) {
          const skip = i < 5 ? i : random.below(expected.length + 3);
          const max = i === 7 ? null : random.pick([1, 10, 200]);
          const asked = { ...query, skip, max };
          const found = plan.isOneIndex
            ? pageFromIndex(ordered, plan, asked)
            : pageFromTwo(ranged, ordered, plan, asked);
          expect(found?.count).toBe(expected.length);
          const page = expected.slice(skip, max === null ? undefined : skip + max).map((row) => row[0]);
          expect(found?.keys, `skip ${skip}, max ${max}, ties ${ties}`).toEqual(page);
        }
      }
    });
  }

  it('gives up texts that no row has any more', () => {
    const plan = indexPlanOf({
      table: FEED,
      conditions: [blog],
      order: [],
      ties: 'ascending',
      skip: 0,
      max: null,
      wantsRows: true,
      wantsCount: true,
    })!;
    const index = new KeptIndex(plan.ordered.shape);
    const empty = index.bytes;
    for (let i = 0; i < 1000; i++) index.add([i, 1, 1, 1, `text ${i}`]);
    for (let i = 0; i < 1000; i++) index.remove([i, 1, 1, 1, `text ${i}`]);
    expect(index.size).toBe(0);
    expect(index.bytes - empty).toBeLessThan(250_000);
  });
});
