import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DatabaseSync } from '../stores/sqlite/driver.ts';
import { compareKeys, isInRange } from './paths.ts';
import { allOf, keyTests, patternSql, rangeSql } from './pattern-sql.ts';
import { cutRange, parsePattern } from './patterns.ts';
import { anyKey, anyPattern } from './samples.suite.ts';

const TREE = [
  'user',
  'user!x',
  'user.001',
  'user.001.age',
  'user.001.name',
  'user.002.age',
  'user.abz.x',
  'user.az',
  'user/1',
  'order.1',
];

function found(pattern: string): string[] {
  const { matches } = parsePattern(pattern);
  return TREE.filter(matches);
}

/** What the specification says, segment by segment. */
function matchesByHand(pattern: string, key: string): boolean {
  const wanted = pattern.split('.');
  const given = key.split('.');
  const isOpen = wanted.at(-1) === '*';
  if (isOpen ? given.length < wanted.length : given.length !== wanted.length) return false;
  return wanted.every((segment, i) => {
    const text = given[i] ?? '';
    const star = segment.indexOf('*');
    if (star < 0) return segment === text;
    const [before, after] = [segment.slice(0, star), segment.slice(star + 1)];
    return text.length > before.length + after.length && text.startsWith(before) && text.endsWith(after);
  });
}

describe('a pattern', () => {
  it.each([
    ['*', TREE],
    ['user', ['user']],
    ['user.*', ['user.001', 'user.001.age', 'user.001.name', 'user.002.age', 'user.abz.x', 'user.az']],
    ['user.*.age', ['user.001.age', 'user.002.age']],
    ['user.a*.x', ['user.abz.x']],
    ['user.*z', ['user.az']],
    ['user.a*z', []],
    ['user.*.*', ['user.001.age', 'user.001.name', 'user.002.age', 'user.abz.x']],
    ['*.001', ['user.001']],
    ['*.*', ['user.001', 'user.001.age', 'user.001.name', 'user.002.age', 'user.abz.x', 'user.az', 'order.1']],
    ['user*', ['user!x', 'user/1']],
    ['nobody.*', []],
  ])('%s finds %j', (pattern, keys) => {
    expect(found(pattern)).toEqual(keys);
  });

  it.each([
    ['', 'empty'],
    ['**', "more than one '*'"],
    ['a*b*', "more than one '*'"],
    ['a..*', 'a segment is empty'],
    ['.*', 'a segment is empty'],
    ['a.*.', 'a segment is empty'],
    ['a\n*', 'control character'],
    [`${'x'.repeat(256)}*`, 'longer than 256 bytes'],
    [undefined, 'a string, not undefined'],
  ])('may not be %j', (pattern, reason) => {
    expect(() => parsePattern(pattern as string)).toThrow(
      expect.objectContaining({ code: 'SLUICE_BAD_PATTERN', message: expect.stringContaining(reason) }),
    );
  });

  it('finds what the specification says, all of it within its range', () => {
    fc.assert(
      fc.property(anyPattern, anyKey, (text, key) => {
        const pattern = parsePattern(text);
        expect(pattern.matches(key)).toBe(matchesByHand(text, key));
        if (pattern.matches(key)) expect(isInRange(key, pattern.range)).toBe(true);
        if (pattern.isRange) expect(isInRange(key, pattern.range)).toBe(pattern.matches(key));
      }),
      { numRuns: 3000 },
    );
  });

  it('visits no more than its literal beginning says', () => {
    expect(parsePattern('user.*.age').range).toEqual({ from: 'user.', to: 'user/' });
    expect(parsePattern('user.a*.x').range).toEqual({ from: 'user.a', to: 'user.b' });
    expect(parsePattern('*').range).toEqual({ from: '', to: null });
  });
});

describe('a pattern as SQL', () => {
  const db = new DatabaseSync(':memory:');
  beforeAll(() => {
    db.exec('CREATE TABLE keys (path TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID');
    db.function('sluice_key_matches', { deterministic: true }, (path: unknown, pattern: unknown) =>
      parsePattern(String(pattern)).matches(String(path)) ? 1 : 0,
    );
  });
  afterAll(() => db.close());

  it('finds the same keys in the same order, before and after any key', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(anyKey, { minLength: 1, maxLength: 40 }),
        anyPattern,
        fc.boolean(),
        (keys, text, reverse) => {
          db.exec('DELETE FROM keys');
          for (const key of keys) db.prepare('INSERT INTO keys VALUES (?)').run(key);
          const pattern = parsePattern(text);
          const expected = keys.filter(pattern.matches).sort(compareKeys);
          expect(select(patternSql(pattern))).toEqual(expected);
          const at = keys[0]!;
          const rest = allOf([rangeSql(pattern, cutRange(pattern.range, at, reverse)), ...keyTests(pattern)]);
          const isBeyond = (key: string): boolean => (reverse ? compareKeys(key, at) < 0 : compareKeys(key, at) > 0);
          expect(select(rest)).toEqual(expected.filter(isBeyond));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('reads a range of the primary key', () => {
    for (const text of ['user.001', 'user.*', 'user.*.age', 'user.a*.x.*']) {
      const { sql, params } = patternSql(parsePattern(text));
      const plan = db.prepare(`EXPLAIN QUERY PLAN SELECT path FROM keys WHERE ${sql}`).all(...(params as string[]));
      expect(JSON.stringify(plan)).toMatch(/SEARCH keys USING PRIMARY KEY \(path(?:=|>\? AND path<)/);
    }
  });

  function select({ sql, params }: ReturnType<typeof patternSql>): string[] {
    const rows = db.prepare(`SELECT path FROM keys WHERE ${sql} ORDER BY path`).all(...(params as string[]));
    return rows.map((row) => String(row.path));
  }
});
