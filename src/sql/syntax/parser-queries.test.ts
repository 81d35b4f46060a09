import { describe, expect, test } from 'vitest';
import type { SelectQuery, TableReference } from '../ast.ts';
import { query } from './expression-text.suite.ts';
import { parse } from './parser.ts';

function select(sql: string): SelectQuery {
  const { body } = query(sql);
  if (body.kind !== 'select') throw new Error(body.kind);
  return body;
}

/** FROM's tree as text. */
function from(sql: string): string {
  const reference = select(`SELECT * FROM ${sql}`).from;
  return reference === undefined ? 'none' : shown(reference);
}

function shown(reference: TableReference): string {
  switch (reference.kind) {
    case 'table': {
      const { database, name } = reference.name;
      const hints = reference.hints.map((hint) => ` ${hint.action}[${hint.names.join(' ')}]`).join('');
      return `${database === undefined ? '' : `${database}.`}${name}${reference.alias === undefined ? '' : ` ${reference.alias}`}${hints}`;
    }
    case 'derived':
      return `${reference.lateral ? 'lateral ' : ''}query ${reference.alias}${reference.columns === undefined ? '' : `(${reference.columns.join(' ')})`}`;
    case 'join': {
      const condition = reference.on ? ' on' : reference.using ? ` using ${reference.using.join(' ')}` : '';
      const type = `${reference.natural ? 'natural ' : ''}${reference.type}`;
      return `(${shown(reference.left)} ${type} ${shown(reference.right)}${condition})`;
    }
    default:
      return reference satisfies never;
  }
}

describe('select', () => {
  test('clauses', () => {
    const sql =
      'SELECT DISTINCT SQL_CALC_FOUND_ROWS a, t.*, db.t.*, b AS c FROM t WHERE a > 1 GROUP BY a, b WITH ROLLUP HAVING c ORDER BY a, 2 DESC LIMIT 5, 10 FOR UPDATE';
    expect(query(sql)).toMatchObject({
      kind: 'query',
      with: [],
      recursive: false,
      body: {
        kind: 'select',
        distinct: true,
        calcFoundRows: true,
        items: [
          { expression: { kind: 'column', name: 'a' }, text: 'a' },
          { expression: { kind: 'star', table: 't' }, text: 't.*' },
          { expression: { kind: 'star', database: 'db', table: 't' } },
          { alias: 'c', text: 'b' },
        ],
        from: { kind: 'table', name: { name: 't' } },
        where: { kind: 'binary', op: '>' },
        groupBy: [{ descending: false }, { descending: false }],
        rollup: true,
        having: { kind: 'column', name: 'c' },
      },
      orderBy: [{ descending: false }, { expression: { kind: 'slot', index: 1 }, descending: true }],
      limit: { offset: { kind: 'slot', index: 2 }, count: { kind: 'slot', index: 3 } },
      lock: { mode: 'update' },
    });
  });

  test.each([
    ['SELECT a + b', 'a + b'],
    ['SELECT a+b x', 'a+b'],
    ["SELECT 'a''b'", "a'b"],
    ["SELECT 'a' 'b'", 'a'],
    ["SELECT ''", ''],
    ['SELECT -1', '-1'],
    ['SELECT count( * )', 'count( * )'],
    ['SELECT a\n  +\tb', 'a + b'],
    ["SELECT concat(a, /* x */ 'b  c')", "concat(a, 'b  c')"],
    ['SELECT /*! a */', 'a'],
    ['SELECT (SELECT 1) FROM t', '(SELECT 1)'],
    ['SELECT @@version_comment LIMIT 1', '@@version_comment'],
    ['SELECT NULL', 'NULL'],
  ])('the text of the item of %s is "%s"', (sql, text) => expect(select(sql).items[0]!.text).toBe(text));

  test.each([
    ['SELECT a b', 'b'],
    ['SELECT a AS b', 'b'],
    ["SELECT a 'b c'", 'b c'],
    ['SELECT a AS "b"', 'b'],
    ['SELECT a `select`', 'select'],
    ['SELECT a date', 'date'],
    ['SELECT a', undefined],
  ])('%s has the alias %s', (sql, alias) => expect(select(sql).items[0]!.alias).toBe(alias));

  test('pins what is in the tree by its value', () => {
    expect(parse('SELECT a, 1, b + 2 AS c, ? FROM t WHERE d = 3').pinnedSlots).toEqual([0]);
    expect(parse("SELECT a 'x', CAST(b AS CHAR(5)) c FROM t WHERE d = 'y'").pinnedSlots).toEqual([0, 1]);
    expect(
      parse('SELECT f(?, 2) FROM (SELECT 3) d WHERE EXISTS (SELECT 4) AND a IN (SELECT b + 5 FROM t)').pinnedSlots,
    ).toEqual([1, 2]);
    expect(parse("INSERT INTO t SELECT 1, 'a'").pinnedSlots).toEqual([]);
    expect(parse('SELECT a FROM t WHERE b = 1 ORDER BY c LIMIT 2').pinnedSlots).toEqual([]);
  });

  test('INTO', () => {
    expect(query('SELECT a, b INTO @x, @y FROM t').into).toEqual(['x', 'y']);
    expect(query('SELECT a FROM t WHERE b INTO @x').into).toEqual(['x']);
    expect(query('SELECT a FROM t LIMIT 1 INTO @x').into).toEqual(['x']);
    expect(query('SELECT a INTO @x FROM (SELECT 1) d')).toMatchObject({
      into: ['x'],
      body: { from: { query: { into: undefined } } },
    });
    expect(() => parse("SELECT a INTO OUTFILE 'x' FROM t")).toThrow("support 'SELECT ... INTO OUTFILE'");
  });

  test.each([
    ['FOR UPDATE', { mode: 'update' }],
    ['FOR UPDATE OF t NOWAIT', { mode: 'update', wait: 'nowait' }],
    ['FOR SHARE SKIP LOCKED', { mode: 'share', wait: 'skip-locked' }],
    ['LOCK IN SHARE MODE', { mode: 'share' }],
    ['FOR SHARE OF a FOR UPDATE OF b', { mode: 'update' }],
  ])('%s', (sql, lock) => expect(query(`SELECT * FROM t ${sql}`).lock).toMatchObject(lock));

  test('optimizer hints are kept', () => {
    expect(select('SELECT /*+ MAX_EXECUTION_TIME(5) */ a').hint).toBe('MAX_EXECUTION_TIME(5)');
    expect(select('SELECT /* + */ a').hint).toBeUndefined();
    expect(parse('UPDATE /*+ X */ t SET a = 1').statement).toMatchObject({ hint: 'X' });
  });
});

describe('from', () => {
  test.each([
    ['dual', 'none'],
    ['t', 't'],
    ['db.t AS x', 'db.t x'],
    ['t x', 't x'],
    ['a, b, c', '((a cross b) cross c)'],
    ['a, b JOIN c ON d', '(a cross (b inner c on))'],
    ['a JOIN b INNER JOIN c ON x', '((a inner b) inner c on)'],
    ['a CROSS JOIN b', '(a cross b)'],
    ['a STRAIGHT_JOIN b ON x', '(a straight b on)'],
    ['a LEFT JOIN b ON x RIGHT OUTER JOIN c USING (i, j)', '((a left b on) right c using i j)'],
    ['a LEFT JOIN b JOIN c ON x ON y', '(a left (b inner c on) on)'],
    ['a LEFT JOIN b LEFT JOIN c ON x ON y', '(a left (b left c on) on)'],
    ['a NATURAL JOIN b', '(a natural inner b)'],
    ['a NATURAL LEFT JOIN b', '(a natural left b)'],
    ['(a, b) JOIN c', '((a cross b) inner c)'],
    ['a LEFT JOIN (b, c) ON x', '(a left (b cross c) on)'],
    ['((a))', 'a'],
    ['((a JOIN b ON x))', '(a inner b on)'],
    ['(SELECT 1) d', 'query d'],
    ['(SELECT 1) AS d (x, y)', 'query d(x y)'],
    ['((SELECT 1)) d', 'query d'],
    ['((SELECT 1) UNION (SELECT 2)) d', 'query d'],
    ['((SELECT 1) d)', 'query d'],
    ['((SELECT 1) d JOIN t ON x)', '(query d inner t on)'],
    ['(((SELECT 1) LIMIT 1) d, t)', '(query d cross t)'],
    ['(VALUES ROW(1)) v', 'query v'],
    ['(WITH c AS (SELECT 1) SELECT * FROM c) d', 'query d'],
    ['t, LATERAL (SELECT 1) d', '(t cross lateral query d)'],
    ['{OJ a LEFT JOIN b ON x}', '(a left b on)'],
    ['t USE INDEX (dateline)', 't use[dateline]'],
    ['t x FORCE KEY FOR ORDER BY (PRIMARY, a) IGNORE INDEX (b)', 't x force[PRIMARY a] ignore[b]'],
    ['t USE INDEX ()', 't use[]'],
  ])('%s', (sql, expected) => expect(from(sql)).toBe(expected));

  test.each([
    ['(SELECT 1)', 'Every derived table must have its own alias'],
    ['a LEFT JOIN b', "near ''"],
    ['t PARTITION (p0)', "support 'PARTITION'"],
    ["JSON_TABLE(a, '$' COLUMNS (x INT PATH '$'))", "support 'JSON_TABLE'"],
    ['select', "near 'select'"],
  ])('%s is refused', (sql, message) => expect(() => from(sql)).toThrow(message));
});

describe('set operations', () => {
  test('INTERSECT binds tighter, the others from left to right', () => {
    expect(query('SELECT 1 UNION SELECT 2 INTERSECT SELECT 3 EXCEPT ALL SELECT 4').body).toMatchObject({
      op: 'except',
      all: true,
      left: { op: 'union', all: false, left: { kind: 'select' }, right: { op: 'intersect' } },
      right: { kind: 'select' },
    });
  });

  test('a parenthesised query keeps its own ORDER BY and LIMIT', () => {
    expect(query('(SELECT a FROM t ORDER BY a LIMIT 1) UNION ALL (SELECT b FROM u) ORDER BY 1 LIMIT 3')).toMatchObject({
      body: { op: 'union', all: true, left: { kind: 'query', limit: {}, orderBy: [{}] }, right: { kind: 'query' } },
      orderBy: [{}],
      limit: {},
    });
  });

  test('parentheses alone change nothing', () => {
    expect(query('((SELECT 1))')).toEqual(query('SELECT 1'));
    expect(query('(SELECT a FROM t LIMIT 1) LIMIT 2')).toMatchObject({ body: { kind: 'query', limit: {} }, limit: {} });
  });

  test('VALUES, TABLE, WITH', () => {
    expect(query('VALUES ROW(1, 2), ROW(3, 4) ORDER BY 1').body).toMatchObject({
      kind: 'values',
      rows: [
        [{}, {}],
        [{}, {}],
      ],
    });
    expect(query('TABLE db.t ORDER BY a LIMIT 1').body).toMatchObject({
      kind: 'select',
      items: [{ expression: { kind: 'star' } }],
      from: { name: { database: 'db', name: 't' } },
    });
    expect(
      query('WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c), d AS (TABLE c) SELECT * FROM d'),
    ).toMatchObject({
      recursive: true,
      with: [{ name: 'c', columns: ['n'], query: { body: { op: 'union' } } }, { name: 'd' }],
    });
  });
});
