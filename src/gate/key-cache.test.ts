import { expect, it } from 'vitest';
import { KEY_DATABASE, KEY_TABLE } from '../keys/key-table.ts';
import { typeCode } from '../keys/values.ts';
import type { RowChange } from '../stores/store.ts';
import { KeyCache } from './key-cache.ts';

const entry = (key: string, value: string, expiresAt: number | null = null) =>
  ({ key, type: 'string', value, version: 1, expiresAt }) as const;
const row = (key: string, value: string) => [key, typeCode('string'), value, 2, null];
const commit = (rows: readonly RowChange[] | null) => ({
  sequence: 2,
  schemaChanged: false,
  changes: [{ database: KEY_DATABASE, table: KEY_TABLE, rows }],
});

it('knows what was read until a commit changes it, and then what that put there', () => {
  const cache = new KeyCache(1_000_000);
  cache.set('a', entry('a', 'x'));
  cache.set('b', null);
  expect([cache.get('a', 0)?.value, cache.get('b', 0), cache.get('c', 0)]).toEqual(['x', null, undefined]);
  cache.apply(
    commit([
      { op: 'update', key: ['a'], before: row('a', 'x'), after: row('a', 'y') },
      { op: 'insert', key: ['b'], before: null, after: row('b', 'new') },
      { op: 'insert', key: ['c'], before: null, after: row('c', 'nobody asked') },
    ]),
  );
  expect([cache.get('a', 0)?.value, cache.get('b', 0)?.value, cache.get('c', 0)]).toEqual(['y', 'new', undefined]);
  cache.apply(commit([{ op: 'delete', key: ['a'], before: row('a', 'y'), after: null }]));
  expect(cache.get('a', 0)).toBe(null);
  cache.apply(commit(null));
  expect([cache.get('a', 0), cache.get('b', 0)]).toEqual([undefined, undefined]);
});

it('knows that nothing is there until a value comes, or a child with one', () => {
  const cache = new KeyCache(1_000_000);
  for (const key of ['a', 'a.b', 'c']) cache.setNothing(key);
  const known = () => ['a', 'a.b', 'c', 'd'].filter((key) => cache.isNothing(key));
  cache.apply(commit([{ op: 'insert', key: ['a.b.x'], before: null, after: row('a.b.x', 'field') }]));
  expect(known()).toEqual(['a', 'c']);
  cache.apply(commit([{ op: 'insert', key: ['c'], before: null, after: row('c', 'value') }]));
  expect(known()).toEqual(['a']);
  cache.apply(commit([{ op: 'insert', key: ['other'], before: null, after: row('other', 'value') }]));
  expect(known()).toEqual(['a']);
  cache.apply(commit(null));
  expect(known()).toEqual([]);
});

it('does not know what has expired', () => {
  const cache = new KeyCache(1_000_000);
  cache.set('a', entry('a', 'x', 10));
  expect([cache.get('a', 9)?.value, cache.get('a', 10)]).toEqual(['x', null]);
});

it('keeps what is asked for, within its memory', () => {
  const cache = new KeyCache(20_000);
  cache.set('hot', entry('hot', 'x'));
  for (let i = 0; i < 1000; i++) {
    cache.set(`k${i}`, entry(`k${i}`, 'x'));
    expect(cache.get('hot', 0)?.value).toBe('x');
  }
  expect(cache.get('k0', 0)).toBe(undefined);
  cache.set('large', entry('large', 'x'.repeat(100_000)));
  expect(cache.get('large', 0)).toBe(undefined);
});
