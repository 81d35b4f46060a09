import { DatabaseSync } from '@photostructure/sqlite';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { RowChange, TableChanges } from '../stores/store.ts';
import type { StoreRow, StoreValue } from '../stores/values.ts';
import { compareValues } from './compare.ts';
import type { Footprint, Term } from './condition.ts';
import { satisfies, touches } from './matcher.ts';

const USER = 0;
const TITLE = 1;
const LIKES = 2;

function changes(...rows: RowChange[]): TableChanges {
  return { database: 'main', table: 'feed', rows };
}

function insert(after: StoreRow): RowChange {
  return { op: 'insert', key: [1], before: null, after };
}

function remove(before: StoreRow): RowChange {
  return { op: 'delete', key: [1], before, after: null };
}

function update(before: StoreRow, after: StoreRow): RowChange {
  return { op: 'update', key: [1], before, after };
}

/** SELECT title FROM feed WHERE user = 7 */
const titlesOfUser7: Footprint = {
  database: 'main',
  table: 'feed',
  columns: [TITLE],
  condition: [{ column: USER, op: '=', value: 7, collation: 'number' }],
};

describe('a read of some columns under a condition', () => {
  it('is touched by rows that come or go within the condition', () => {
    expect(touches(changes(insert([7, 'a', 0])), titlesOfUser7)).toBe(true);
    expect(touches(changes(remove([7, 'a', 0])), titlesOfUser7)).toBe(true);
    expect(touches(changes(insert([8, 'a', 0])), titlesOfUser7)).toBe(false);
    expect(touches(changes(remove([8, 'a', 0])), titlesOfUser7)).toBe(false);
  });

  it('is touched by rows that move in or out', () => {
    expect(touches(changes(update([7, 'a', 0], [8, 'a', 0])), titlesOfUser7)).toBe(true);
    expect(touches(changes(update([8, 'a', 0], [7, 'a', 0])), titlesOfUser7)).toBe(true);
  });

  it('is touched by an update of a column that was read, and of no other', () => {
    expect(touches(changes(update([7, 'a', 0], [7, 'b', 0])), titlesOfUser7)).toBe(true);
    expect(touches(changes(update([7, 'a', 0], [7, 'a', 1])), titlesOfUser7)).toBe(false);
    expect(touches(changes(update([8, 'a', 0], [8, 'b', 0])), titlesOfUser7)).toBe(false);
  });

  it('is touched when only the case of a value that was read changed', () => {
    expect(touches(changes(update([7, 'a', 0], [7, 'A', 0])), titlesOfUser7)).toBe(true);
  });

  it('is touched when one row of several is', () => {
    expect(touches(changes(insert([8, 'a', 0]), insert([7, 'a', 0])), titlesOfUser7)).toBe(true);
  });

  it('is touched by anything when the changed rows are not listed', () => {
    expect(touches({ database: 'main', table: 'feed', rows: null }, titlesOfUser7)).toBe(true);
  });

  it('is not touched by another table, or the same name in another database', () => {
    expect(touches({ database: 'main', table: 'users', rows: null }, titlesOfUser7)).toBe(false);
    expect(touches({ database: 'shop', table: 'feed', rows: null }, titlesOfUser7)).toBe(false);
  });
});

describe('a read without a condition', () => {
  const counts: Footprint = { database: 'main', table: 'feed', columns: [], condition: null };
  const all: Footprint = { database: 'main', table: 'feed', columns: null, condition: null };

  it('of no columns (a count) is touched by rows that come or go only', () => {
    expect(touches(changes(insert([7, 'a', 0])), counts)).toBe(true);
    expect(touches(changes(update([7, 'a', 0], [7, 'b', 0])), counts)).toBe(false);
  });

  it('of all columns is touched by everything', () => {
    expect(touches(changes(update([7, 'a', 0], [7, 'a', 1])), all)).toBe(true);
  });
});

describe('terms', () => {
  const row: StoreRow = [7, 'Actor', null];
  const cases: [string, Term, boolean][] = [
    ['= folds ASCII case', { column: TITLE, op: '=', value: 'aCTOR', collation: 'nocase' }, true],
    ['= under a binary collation does not', { column: TITLE, op: '=', value: 'aCTOR', collation: 'binary' }, false],
    ['= meets an equal bigint', { column: USER, op: '=', value: 7n, collation: 'number' }, true],
    ['in', { column: USER, op: 'in', values: [1, 7n], collation: 'number' }, true],
    ['between is inclusive', { column: USER, op: 'between', low: 7, high: 7, collation: 'number' }, true],
    ['NULL equals nothing', { column: LIKES, op: '=', value: null, collation: 'number' }, false],
    ['NULL is less than nothing', { column: LIKES, op: '<', value: 5, collation: 'number' }, false],
    ['nothing is <> NULL', { column: USER, op: '<>', value: null, collation: 'number' }, false],
    ['is null', { column: LIKES, op: 'is null', collation: 'number' }, true],
    ['is not null', { column: LIKES, op: 'is not null', collation: 'number' }, false],
  ];
  it.each(cases)('%s', (_name, term, expected) => {
    expect(satisfies(row, [term])).toBe(expected);
  });
});

describe('the order of values', () => {
  const value: fc.Arbitrary<StoreValue> = fc.oneof(
    fc.constant(null),
    fc.integer(),
    fc.double({ noNaN: true }),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.string({ unit: 'binary' }).filter((text) => Buffer.from(text).toString() === text),
    fc.string({ unit: fc.constantFrom('a', 'A', 'z', 'Z', '[', '`', 'é', 'É', '\ud83d\ude00', '\uffee', '\0') }),
    fc.uint8Array(),
  );
  const db = new DatabaseSync(':memory:');
  // Text goes in as bytes: the driver would cut it at a NUL.
  const pair =
    '(SELECT CASE WHEN ?3 THEN CAST(?1 AS TEXT) ELSE ?1 END AS a, CASE WHEN ?4 THEN CAST(?2 AS TEXT) ELSE ?2 END AS b)';
  const sqlite = db.prepare(
    `SELECT CASE WHEN a < b COLLATE NOCASE THEN -1 ELSE a > b COLLATE NOCASE END AS n FROM ${pair}`,
  );
  const sqliteBinary = db.prepare(`SELECT CASE WHEN a < b THEN -1 ELSE a > b END AS n FROM ${pair}`);
  afterAll(() => db.close());
  const bound = (value: StoreValue) => {
    if (typeof value === 'string') return Buffer.from(value);
    return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
  };
  const isText = (value: StoreValue) => (typeof value === 'string' ? 1 : 0);

  it('is that of SQLite', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        fc.pre(a !== null && b !== null);
        const params = [bound(a), bound(b), isText(a), isText(b)];
        const nocase = (sqlite.get(...params) as { n: number }).n;
        const binary = (sqliteBinary.get(...params) as { n: number }).n;
        expect(Math.sign(compareValues(a, b, 'nocase'))).toBe(nocase);
        expect(Math.sign(compareValues(a, b, 'binary'))).toBe(binary);
      }),
      { numRuns: 5000, seed: 1 },
    );
  });

  it('has NULL first', () => {
    expect(compareValues(null, -1e300, 'number')).toBeLessThan(0);
    expect(compareValues(null, null, 'number')).toBe(0);
  });
});
