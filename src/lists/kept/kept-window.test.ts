import { describe, expect, it } from 'vitest';
import { column, table } from '../../stores/samples.suite.ts';
import type { RowChange } from '../../stores/store.ts';
import type { StoreRow } from '../../stores/values.ts';
import { KeptWindow } from './kept-window.ts';
import type { ListQuery } from './list-query.ts';
import { RowCache } from './row-cache.ts';
import { RowsOfTable } from './rows-of-table.ts';

const THINGS = table('things', [column('id'), column('name', { name: 'varchar', length: 9 })], ['id']);
const QUERY: ListQuery = {
  table: THINGS,
  conditions: [],
  order: [],
  ties: 'ascending',
  skip: 0,
  max: 2,
  wantsRows: true,
  wantsCount: true,
};

function inserted(id: number): RowChange {
  return { op: 'insert', key: [id], before: null, after: [id, 'x'] };
}

function removed(id: number): RowChange {
  return { op: 'delete', key: [id], before: [id, 'x'], after: null };
}

describe('a kept window', () => {
  function filledWindow(rows: number): { window: KeptWindow; cache: RowCache; apply: (change: RowChange) => void } {
    const cache = new RowCache();
    const table = new RowsOfTable(cache);
    const window = new KeptWindow(QUERY, 0, table);
    window.want(2, true);
    const read = Array.from({ length: Math.min(rows, window.fillRows) }, (_, i): StoreRow => [i + 1, 'x']);
    window.fill({ rows: read, isComplete: rows < window.fillRows, count: rows }, []);
    const apply = (change: RowChange): void => {
      table.apply(change);
      window.apply([change]);
    };
    return { window, cache, apply };
  }

  it('does not know what comes after its last row', () => {
    const { window, apply } = filledWindow(100);
    const size = window.size;
    apply(inserted(1000));
    expect(window.size).toBe(size);
    expect(window.count).toBe(101);
    for (let id = 1; id < size; id++) apply(removed(id));
    expect(window.isReady).toBe(false);
    expect(window.needsFill).toBe(true);
    expect(window.count).toBe(102 - size);
  });

  it('knows all when it holds all', () => {
    const { window, apply } = filledWindow(5);
    apply(inserted(1000));
    for (let id = 1; id <= 5; id++) apply(removed(id));
    expect(window.slice(0, 2).map((kept) => kept.key)).toEqual([1000]);
    expect(window.count).toBe(1);
    expect(window.needsFill).toBe(false);
  });

  it('lets rows go that it has too many of', () => {
    const { window, cache, apply } = filledWindow(5);
    for (let id = 200; id > 100; id--) apply(inserted(id));
    expect(window.size).toBeLessThan(60);
    expect(window.isComplete).toBe(false);
    expect(window.count).toBe(105);
    expect(window.slice(0, 2).map((kept) => kept.key)).toEqual([1, 2]);
    window.drop();
    cache.free(Number.MAX_SAFE_INTEGER);
    expect(cache.bytes).toBe(0);
  });

  it('takes the changes since it was read', () => {
    const cache = new RowCache();
    const window = new KeptWindow(QUERY, 0, new RowsOfTable(cache));
    window.want(2, true);
    const rows: StoreRow[] = [
      [2, 'x'],
      [4, 'x'],
    ];
    const renamed: RowChange = { op: 'update', key: [4], before: [4, 'x'], after: [4, 'y'] };
    window.fill({ rows, isComplete: true, count: null }, [[inserted(3)], [removed(2), renamed]]);
    expect(window.slice(0, 9).map((kept) => kept.row)).toEqual([
      [3, 'x'],
      [4, 'y'],
    ]);
    expect(window.count).toBe(2);
  });
});
