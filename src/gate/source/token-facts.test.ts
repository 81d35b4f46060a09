import { describe, expect, it } from 'vitest';
import { DEFAULT_SYNTAX } from '../../sql/syntax/sql-mode.ts';
import { factsOf } from './token-facts.ts';

describe('the tables of a statement', () => {
  it.each([
    ['SELECT * FROM a', 'a'],
    ['SELECT a, b FROM a AS x, d.b y WHERE x.i IN (1, 2) ORDER BY 1, 2', 'a d.b'],
    ['SELECT * FROM a JOIN b ON a.i = b.i LEFT JOIN c USING (i, j)', 'a b c'],
    ['SELECT (SELECT MAX(i) FROM b), 1 FROM a', 'b a'],
    ['SELECT * FROM (SELECT i, j FROM b) AS x JOIN c ON x.i = c.i', 'b c'],
    ['SELECT TRIM(LEADING 0 FROM i), SUBSTRING(s FROM 2) FROM a', 'i a'],
    ['INSERT INTO a (i, j) VALUES (1, 2), (3, 4)', 'a'],
    ['INSERT INTO a SELECT i, j FROM b', 'a b'],
    ['UPDATE a SET i = 1, j = 2', 'a'],
    ['DELETE FROM a WHERE i IN (SELECT i FROM b, c)', 'a b c'],
  ])('%s', (text, tables) => {
    const facts = factsOf(text, DEFAULT_SYNTAX);
    const names = facts.tables.map(({ database, name }) => (database === null ? name : `${database}.${name}`));
    expect(facts.tablesAreAll).toBe(true);
    expect(names.sort()).toEqual(tables.split(' ').sort());
  });

  it.each([
    'SELECT * FROM (a, b)',
    'SELECT * FROM a JOIN (b, c) ON a.i = b.i',
    'SELECT * FROM a JOIN b ON a.i = b.i, c',
    'SELECT * FROM a USE INDEX (x, y), c',
    'SELECT * FROM a PARTITION (p0, p1), c',
    'SELECT * FROM (SELECT 1) AS x, c',
    'SELECT * FROM a, (b)',
    'SELECT * FROM ((SELECT 1)) AS x',
    'UPDATE a JOIN b ON a.i = b.i, c SET a.i = 1',
  ])('are perhaps not all that were found: %s', (text) => {
    expect(factsOf(text, DEFAULT_SYNTAX).tablesAreAll).toBe(false);
  });
});
