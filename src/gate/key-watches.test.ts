import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ChangeFeed } from '../changes/feed.ts';
import { KEY_DATABASE, KEY_TABLE } from '../keys/key-table.ts';
import { typeCode } from '../keys/values.ts';
import type { Commit } from '../stores/store.ts';
import { KeyWatches } from './key-watches.ts';
import type { KeyMessages } from './request.ts';
import { TestGate, type TestSession } from './testing.suite.ts';

/** Each message on a line: its keys with their new values, or `reset`. */
function taken(watch: KeyMessages): string[] {
  const lines: string[] = [];
  for (let message = watch.take(); message !== null; message = watch.take()) {
    lines.push(
      message.event === 'reset'
        ? 'reset'
        : message.changes.map(({ key, entry }) => `${key}=${entry === null ? '-' : String(entry.value)}`).join(' '),
    );
  }
  return lines;
}

describe('a watch of keys', () => {
  let server: TestGate;
  let a: TestSession;

  beforeEach(() => {
    server = new TestGate();
    a = server.session();
  });
  afterEach(() => server.close());

  it('is told of every commit to its keys, in order, whoever made it', async () => {
    await a.keys.put('user.1', 'before');
    const watch = a.session.watchKeys('user.*', null);
    let calls = 0;
    watch.onMessage = () => calls++;
    expect(taken(watch)).toEqual([]);
    await a.keys.putMany([
      ['user.2', 2],
      ['user.1', 1],
      ['other', 1],
    ]);
    await a.keys.put('other', 2);
    await a.keys.remove('user.1');
    await a.execute("DELETE FROM sluice.`keys` WHERE path = 'user.2'");
    expect(calls).toBe(3);
    expect(taken(watch)).toEqual(['user.1=1 user.2=2', 'user.1=-', 'user.2=-']);
    watch.close();
    await a.keys.put('user.1', 1);
    expect([calls, watch.take()]).toEqual([3, null]);
  });

  it('is told of a transaction when it commits, as one', async () => {
    const watch = a.session.watchKeys('*', null);
    await a.execute('BEGIN');
    await a.keys.put('a', 1);
    await a.keys.put('b', 2);
    expect(taken(watch)).toEqual([]);
    await a.execute('COMMIT');
    expect(taken(watch)).toEqual(['a=1 b=2']);
  });

  it('goes on where it was', async () => {
    await a.keys.put('a', 1);
    const first = a.session.watchKeys('*', null);
    await a.keys.put('a', 2);
    first.take();
    first.close();
    await a.keys.put('a', 3);
    await a.keys.put('a', 4);
    expect(taken(a.session.watchKeys('*', first.sequence))).toEqual(['a=3', 'a=4']);
    expect(taken(a.session.watchKeys('b', first.sequence))).toEqual([]);
  });

  it('begins anew where the numbers are not known', async () => {
    await a.keys.put('a', 1);
    expect(taken(a.session.watchKeys('*', 1_000_000))).toEqual(['reset']);
    expect(() => a.session.watchKeys('*', -1)).toThrow("from: '-1' is no sequence number");
    expect(() => a.session.watchKeys('a**', null)).toThrow("more than one '*'");
  });
});

describe('a slow watch', () => {
  const commit = (sequence: number, path: string): Commit => ({
    sequence,
    schemaChanged: false,
    changes: [
      {
        database: KEY_DATABASE,
        table: KEY_TABLE,
        rows: [
          { op: 'insert', key: [path], before: null, after: [path, typeCode('integer'), sequence, sequence, null] },
        ],
      },
    ],
  });

  it('is told to begin anew when more has happened than is kept; what concerns others does not count', () => {
    const feed = new ChangeFeed(0, { maxCommits: 5, maxBytes: 1_000_000 });
    const watches = new KeyWatches(feed);
    const [busy, quiet, from] = [watches.open('a', null), watches.open('b', null), watches.open('c', 0)];
    const push = (sequence: number, path: string): void => {
      const made = commit(sequence, path);
      feed.push(made);
      watches.apply(made);
    };
    for (let sequence = 1; sequence <= 20; sequence++) push(sequence, 'a');
    push(21, 'b');
    push(22, 'c');
    expect([taken(quiet), taken(from), taken(busy)]).toEqual([['b=21'], ['c=22'], ['reset']]);
    push(23, 'a');
    expect(taken(busy)).toEqual(['a=23']);
    expect(busy.sequence).toBe(23);
  });
});
