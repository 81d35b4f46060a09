import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { insert, remove, update } from '../../stores/samples.suite.ts';
import type { TableDefinition } from '../../stores/schema.ts';
import { everyKind, KeptStore, PARENTS, SUMMARY } from './kept-store.suite.ts';
import type { ListQuery } from './list-query.ts';

const ROWS = 400;
/** Of a row as SUMMARY has it, in memory: what the tests count with. */
const ROW_BYTES = 150;

let store: KeptStore;
let things: TableDefinition;

async function open(options: ConstructorParameters<typeof KeptStore>[0] = {}, keysApart = 1): Promise<void> {
  store = new KeptStore({ warmAfter: 10, warmStepRows: 50, ...options });
  await store.create(PARENTS);
  things = await store.create(everyKind('things'));
  const rows = Array.from({ length: ROWS }, (_, i) => [1 + i * keysApart, i % 4, `name ${i}`, ...Array(7).fill(null)]);
  await store.write(insert('things', rows));
}

function byKey(id: number): ListQuery {
  return {
    table: things,
    conditions: [{ column: 0, collation: 'number', op: '=', value: id }],
    order: [],
    ties: 'ascending',
    skip: 0,
    max: 1,
    wantsRows: true,
    wantsCount: false,
  };
}

function summary(id: number): string | undefined {
  return store.kept.ask(byKey(id), SUMMARY)!.rows![0];
}

function miss(from: number, count: number): void {
  for (let id = from; id < from + count; id++) summary(id);
}

/** Reads of the store that asking for the rows takes. */
function readsOf(ask: () => void): number {
  const reads = vi.spyOn(store.store, 'readInline');
  ask();
  const count = reads.mock.calls.length;
  reads.mockRestore();
  return count;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});

afterEach(async () => {
  vi.useRealTimers();
  await store.close();
});

describe('a table whose rows are missed often', () => {
  it('is read into the cache, so that no row must be read again', async () => {
    await open();
    miss(1, 9);
    await store.kept.settled();
    expect(readsOf(() => miss(1, 9))).toBe(0);
    expect(readsOf(() => summary(300))).toBeGreaterThan(0);
    await store.kept.settled();
    expect(readsOf(() => miss(1, ROWS))).toBe(0);
    expect(summary(ROWS)).toBe(`${ROWS}|${(ROWS - 1) % 4}|name ${ROWS - 1}`);
  });

  it('is not read because of misses that are long ago', async () => {
    await open();
    for (let id = 1; id <= 20; id++) {
      summary(id);
      vi.setSystemTime(Date.now() + 2_000);
    }
    await store.kept.settled();
    expect(readsOf(() => summary(100))).toBeGreaterThan(0);
  });

  it('is not read where it would not fit', async () => {
    await open({ memoryBytes: (ROWS * ROW_BYTES) / 2 });
    const reading = vi.spyOn(store.store, 'read');
    miss(1, 20);
    await store.kept.settled();
    // The rows are counted, since their keys do not say how many there are.
    expect(reading.mock.calls.map(([{ sql }]) => sql.includes('count(*)'))).toEqual([true]);
    expect(readsOf(() => summary(100))).toBeGreaterThan(0);
  });

  it('is counted where its keys are far apart', async () => {
    await open({ memoryBytes: ROWS * ROW_BYTES * 2 }, 10);
    for (let i = 0; i < 100; i++) summary(1 + i * 10);
    await store.kept.settled();
    expect(readsOf(() => summary(1 + 300 * 10))).toBe(0);
  });

  it('is as it is when it has changed meanwhile', async () => {
    await open({ warmStepRows: 20 });
    miss(1, 10);
    for (let i = 0; i < 60; i++) {
      await store.write(update('things', `UPDATE "main.things" SET "name" = 'new ${i}' WHERE "id" % 60 = ${i}`));
      await store.write(remove('things', `DELETE FROM "main.things" WHERE "id" = ${3 * i}`));
    }
    await store.kept.settled();
    const expected = store.fresh({ ...byKey(1), conditions: [], max: null }).rows.map(SUMMARY.encode);
    const found = Array.from({ length: ROWS }, (_, i) => summary(1 + i)).filter((row) => row !== undefined);
    expect(found).toEqual(expected);
  });
});

describe('warming', () => {
  it('ends when the memory is short, and goes on when there is more', async () => {
    const memoryBytes = ROWS * ROW_BYTES * 1.5;
    await open({ memoryBytes, warmStepRows: 20 });
    miss(1, 10);
    // While the first step is on its way, one row takes most of the memory.
    store.kept.ask(byKey(1), { ...SUMMARY, bytesOf: () => memoryBytes * 0.88 });
    await store.kept.settled();
    expect(readsOf(() => miss(1, 20))).toBe(0);
    expect(readsOf(() => summary(21))).toBeGreaterThan(0);
    for (const name of ['x', 'y'])
      await store.write(update('things', `UPDATE "main.things" SET "name" = '${name}' WHERE "id" = 1`));
    miss(30, 20);
    await store.kept.settled();
    expect(readsOf(() => summary(ROWS))).toBeGreaterThan(0);
    vi.setSystemTime(Date.now() + 60_000);
    miss(50, 20);
    await store.kept.settled();
    expect(readsOf(() => miss(2, ROWS - 1))).toBe(0);
  });

  it('takes nothing from what is used', async () => {
    await open({ memoryBytes: ROWS * ROW_BYTES * 1.2 });
    miss(1, 20);
    await store.kept.settled();
    expect(readsOf(() => miss(1, ROWS))).toBe(0);
    // All rows were used now. Those of another table come, and what was used since stays.
    const others = await store.create(everyKind('others'));
    const rows = Array.from({ length: ROWS }, (_, i) => [1 + i, 1, 'x', ...Array(7).fill(null)]);
    await store.write(insert('others', rows));
    for (let id = 1; id <= ROWS; id++) {
      store.kept.ask({ ...byKey(id), table: others }, SUMMARY);
      miss(1, 5);
    }
    await store.kept.settled();
    expect(readsOf(() => miss(1, 5))).toBe(0);
    const { bytes, memoryBytes } = store.kept.statistics();
    expect(bytes).toBeLessThanOrEqual(memoryBytes);
  });
});
