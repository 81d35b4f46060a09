import { describe, expect, it } from 'vitest';
import { satisfies } from '../../changes/matcher.ts';
import { column, table } from '../../stores/samples.suite.ts';
import type { RowChange } from '../../stores/store.ts';
import type { StoreRow } from '../../stores/values.ts';
import { SeededRandom } from '../../util/random.ts';
import { ConditionIndex } from './condition-index.ts';
import { drawQuery, drawRow, everyKind } from './kept-store.suite.ts';
import type { ListQuery, ListTerm } from './list-query.ts';
import { matcherOfQuery } from './list-query.ts';
import { RowCache } from './row-cache.ts';
import { TableLists } from './table-lists.ts';

describe('an index of conditions', () => {
  it('finds every list that a row is in', () => {
    const random = new SeededRandom(5);
    const definition = everyKind('things', 'bigint');
    const index = new ConditionIndex<ListQuery>();
    let queries: ListQuery[] = [];
    let tried = 0;
    let inThem = 0;
    for (let i = 0; i < 3000; i++) {
      const query = drawQuery(random, definition);
      queries.push(query);
      index.add(query, query.conditions);
      if (queries.length > 200) {
        const gone = random.pick(queries);
        queries = queries.filter((other) => other !== gone);
        index.remove(gone, gone.conditions);
      }
      const row = drawRow(random, definition, 1 + random.below(120));
      const visited = new Set<ListQuery>();
      index.visit(row, (found) => visited.add(found));
      const expected = queries.filter((other) => matcherOfQuery(other)(row));
      tried += visited.size;
      inThem += expected.length;
      expect(expected.filter((other) => !visited.has(other))).toEqual([]);
      expect([...visited].filter((other) => !queries.includes(other))).toEqual([]);
    }
    expect(tried).toBeLessThan(inThem * 3);
  });
});

describe('a write', () => {
  const definition = table(
    'feed',
    [column('id', { name: 'bigint' }), column('uid'), column('hot'), column('dateline')],
    ['id'],
  );
  const shapes: Record<string, (i: number) => ListTerm[]> = {
    'of an author': (i) => [{ column: 1, collation: 'number', op: '=', value: i }],
    'of a few authors': (i) => [{ column: 1, collation: 'number', op: 'in', values: [i, i + 1, i + 2] }],
    'of a time': (i) => [
      { column: 2, collation: 'number', op: '>=', value: i % 10 },
      { column: 3, collation: 'number', op: 'between', low: 1000 * i, high: 1000 * i + 1500 },
    ],
    'of a time in two conditions': (i) => [
      { column: 3, collation: 'number', op: '>', value: 1000 * i },
      { column: 2, collation: 'number', op: '>=', value: i % 10 },
      { column: 3, collation: 'number', op: '<', value: 1000 * i + 1500 },
    ],
  };

  it.each(Object.entries(shapes))('is tried with a few of 100,000 lists only, those %s', (_name, conditionsOf) => {
    const lists = new TableLists(definition, 0, new RowCache());
    for (let i = 0; i < 100_000; i++) {
      const conditions = conditionsOf(i);
      lists.addWindow(`${i}`, {
        table: definition,
        conditions,
        order: [],
        ties: 'ascending',
        skip: 0,
        max: 10,
        wantsRows: true,
        wantsCount: true,
      });
    }
    const before: StoreRow = [1, 5000, 7, 5_000_100];
    const after: StoreRow = [1, 5000, 7, 70_000_100];
    const change: RowChange = { op: 'update', key: [1], before, after };
    const tried = [...lists.concerned([change]).keys()];
    const concerned = [...lists.windows.values()].filter(
      ({ window: { query } }) => satisfies(before, query.conditions) || satisfies(after, query.conditions),
    );
    expect(concerned.length).toBeGreaterThan(0);
    expect(tried).toEqual(expect.arrayContaining(concerned));
    expect(tried.length).toBeLessThan(10);
  });
});
