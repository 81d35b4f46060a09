import { describe, expect, it } from 'vitest';
import { FEED_COLUMNS, FEED_FIRST_DATELINE, FEED_TABLE_SQL, type FeedRow, feedRows } from './feed.ts';
import { USER_COUNT, usernameOf } from './users.ts';

const rows = [...feedRows(20_000, 1)];

function column(row: FeedRow, name: (typeof FEED_COLUMNS)[number]): number | string {
  const value = row[FEED_COLUMNS.indexOf(name)];
  if (value === undefined) throw new Error(`no value for ${name}`);
  return value;
}

function countBy(name: (typeof FEED_COLUMNS)[number]): Map<number | string, number> {
  const counts = new Map<number | string, number>();
  for (const row of rows) counts.set(column(row, name), (counts.get(column(row, name)) ?? 0) + 1);
  return counts;
}

describe('the demo feed', () => {
  it("has the manual's 26 fields in every row, each a number or a text as its column says", () => {
    expect(FEED_COLUMNS).toHaveLength(26);
    const isNumber = FEED_COLUMNS.map((name) => new RegExp(`^  ${name} \\w*INT\\b`, 'm').test(FEED_TABLE_SQL));
    for (const row of rows) expect(row.map((value) => typeof value === 'number')).toEqual(isNumber);
  });

  it('declares its columns in the same order', () => {
    const declared = [...FEED_TABLE_SQL.matchAll(/^ {2}([a-z_0-9]+) [A-Z]/gm)].map((match) => match[1]);
    expect(declared).toEqual([...FEED_COLUMNS]);
  });

  it('fits its columns', () => {
    for (const [index, name] of FEED_COLUMNS.entries()) {
      const length = Number(new RegExp(`^  ${name} VARCHAR\\((\\d+)\\)`, 'm').exec(FEED_TABLE_SQL)?.[1] ?? 20);
      const longest = Math.max(...rows.map((row) => String(row[index]).length));
      expect(longest, name).toBeLessThanOrEqual(length);
    }
  });

  it('is determined by its seed, and a longer one begins with a shorter one', () => {
    expect([...feedRows(100, 1)]).toEqual(rows.slice(0, 100));
    expect([...feedRows(100, 2)]).not.toEqual(rows.slice(0, 100));
  });

  it('numbers its rows and tells them in the order of time', () => {
    let before = FEED_FIRST_DATELINE;
    for (const [index, row] of rows.entries()) {
      expect(column(row, 'pkey')).toBe(index + 1);
      const dateline = Number(column(row, 'dateline'));
      expect(dateline).toBeGreaterThanOrEqual(before);
      before = dateline;
    }
  });

  it('has a few users who write much and many who write little', () => {
    const counts = [...countBy('uid').values()].sort((a, b) => b - a);
    expect(counts[0]).toBeGreaterThan(rows.length * 0.003);
    expect(counts[0]).toBeLessThan(rows.length * 0.03);
    expect(counts.length).toBeGreaterThan(2_000);
    const topHundred = counts.slice(0, 100).reduce((sum, count) => sum + count, 0);
    expect(topHundred).toBeGreaterThan(rows.length * 0.2);
    for (const uid of countBy('uid').keys()) expect(uid).toSatisfy((n: number) => n >= 1 && n <= USER_COUNT);
  });

  it('gives every user a name of their own', () => {
    const names = new Set(Array.from({ length: USER_COUNT }, (_, index) => usernameOf(index + 1)));
    expect(names.size).toBe(USER_COUNT);
  });

  it('is about pictures, blogs, threads, shares, or nothing', () => {
    expect([...countBy('idtype').keys()].sort()).toEqual(['', 'blogid', 'picid', 'sid', 'tid']);
  });

  it('is mostly cold, with a few hot rows', () => {
    const hot = rows.filter((row) => Number(column(row, 'hot')) >= 3).length;
    expect(hot).toBeGreaterThan(20);
    expect(hot).toBeLessThan(rows.length * 0.02);
  });

  it("hashes its templates and data as the manual's rows do", () => {
    const profile = rows.find((row) => column(row, 'title_template') === '{actor} 开通了自己的个人主页');
    if (profile === undefined) throw new Error('no such story');
    expect(column(profile, 'hash_template')).toBe('3a7101a64ea7927f0b3f5179b7a457b3');
    expect(column(profile, 'hash_data')).toBe('ec7d775d9211880bca2ba1d401e3bcb9');
  });
});
