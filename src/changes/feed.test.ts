import { describe, expect, it } from 'vitest';
import type { Commit } from '../stores/store.ts';
import { ChangeFeed } from './feed.ts';

function commit(sequence: number, text = ''): Commit {
  const rows = [{ op: 'insert' as const, key: [sequence], before: null, after: [sequence, text] }];
  return { sequence, changes: [{ database: 'main', table: 't', rows }], schemaChanged: false };
}

function sequences(commits: readonly Commit[] | null): number[] | undefined {
  return commits?.map(({ sequence }) => sequence);
}

describe('the feed', () => {
  it('gives the commits after a sequence, oldest first', () => {
    const feed = new ChangeFeed(10);
    for (let i = 11; i <= 14; i++) feed.push(commit(i));
    expect(sequences(feed.since(12))).toEqual([13, 14]);
    expect(sequences(feed.since(14))).toEqual([]);
    expect(sequences(feed.since(10))).toEqual([11, 12, 13, 14]);
    expect(feed.sequence).toBe(14);
  });

  it('says that it is not complete for what was before it', () => {
    const feed = new ChangeFeed(10);
    feed.push(commit(11));
    expect(feed.since(9)).toBeNull();
  });

  it('drops the oldest commits beyond its number', () => {
    const feed = new ChangeFeed(0, { maxCommits: 3, maxBytes: 1e9 });
    for (let i = 1; i <= 100; i++) feed.push(commit(i));
    expect(sequences(feed.since(97))).toEqual([98, 99, 100]);
    expect(feed.since(96)).toBeNull();
  });

  it('drops the oldest commits beyond its size, even the newest one', () => {
    const feed = new ChangeFeed(0, { maxCommits: 100, maxBytes: 5000 });
    for (let i = 1; i <= 10; i++) feed.push(commit(i, 'x'.repeat(1000)));
    expect(feed.since(5)).toBeNull();
    expect(feed.since(8)?.length).toBe(2);
    feed.push(commit(11, 'x'.repeat(10_000)));
    expect(feed.since(10)).toBeNull();
    expect(feed.since(11)).toEqual([]);
    feed.push(commit(12));
    expect(sequences(feed.since(11))).toEqual([12]);
  });

  it('takes a gap as covered by the commit after it', () => {
    const feed = new ChangeFeed(0);
    feed.push(commit(1));
    feed.push({ sequence: 5, changes: [{ database: 'main', table: 't', rows: null }], schemaChanged: false });
    expect(sequences(feed.since(1))).toEqual([5]);
    expect(sequences(feed.since(3))).toEqual([5]);
  });

  it('refuses a commit out of order', () => {
    const feed = new ChangeFeed(5);
    expect(() => feed.push(commit(5))).toThrow('commit 5 comes after 5');
  });
});
