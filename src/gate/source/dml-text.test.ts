import { describe, expect, it } from 'vitest';
import { type ChangeText, dmlText, type InsertText } from './dml-text.ts';

const keys = (values: readonly ({ kind: string; text: string; index?: number } | null)[]): (string | null)[] =>
  values.map((value) => (value === null ? null : value.kind === 'parameter' ? `?${value.index}` : value.text));

describe('INSERT', () => {
  it.each<[string, (string | null)[][]]>([
    ['INSERT INTO t VALUES (1, -2, 007)', [['1', '-2', '7']]],
    [
      "INSERT t (a, b) VALUES ('it''s', NULL), (DEFAULT, f(1, 2))",
      [
        ["it's", ''],
        ['', null],
      ],
    ],
    [
      "REPLACE INTO `t` VALUE (DATE'2020-01-02', TIMESTAMP '2020-01-02 03:04:05')",
      [['2020-01-02', '2020-01-02 03:04:05']],
    ],
    ['INSERT INTO t VALUES (5e0, 5.00, 5.5, 1e3, (-3), ((4)))', [['5', '5', null, '1000', '-3', '4']]],
    [
      'INSERT INTO t VALUES (?, 1 + 1), (?, ?)',
      [
        ['?0', null],
        ['?1', '?2'],
      ],
    ],
    ['INSERT INTO t VALUES ()', [[]]],
  ])('%s', (text, rows) => {
    const insert = dmlText(text, {}) as InsertText;
    expect(insert.kind).toBe('insert');
    expect(insert.rows.map(keys)).toEqual(rows);
  });

  it('names, columns, what an upsert sets', () => {
    expect(
      dmlText(
        'INSERT INTO `my db`.t (`a b`, C) VALUES (1, 2) ON DUPLICATE KEY UPDATE t.C = C + VALUES(C), `d` = ?;',
        {},
      ),
    ).toMatchObject({
      database: 'my db',
      table: 't',
      columns: ['a b', 'C'],
      updates: ['c', 'd'],
      replaces: false,
      parameterCount: 1,
    });
  });

  it.each([
    'INSERT IGNORE INTO t VALUES (1)',
    'INSERT INTO t SELECT 1',
    'INSERT INTO t SET a = 1',
    'INSERT INTO t VALUES (1) RETURNING id',
    'INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a = 1 RETURNING id',
    'INSERT INTO t VALUES (1, (2)',
    '/*!50000 INSERT INTO t VALUES (1) */',
    'INSERT INTO t VALUES (1); DELETE FROM t',
  ])('%s: is none of the plain forms', (text) => {
    expect(dmlText(text, {})).toBe(null);
  });
});

describe('UPDATE and DELETE', () => {
  it.each<[string, Record<string, (string | null)[]> | null]>([
    ['UPDATE t SET a = 1 WHERE id = 2', { id: ['2'] }],
    ["UPDATE t AS x SET x.a = 1 WHERE x.`ID` IN (1, ?) AND eid = '5'", { id: ['1', '?0'], eid: ['5'] }],
    ['DELETE FROM db.t WHERE id = -1 -- why', { id: ['-1'] }],
    ['DELETE FROM t WHERE id = 1 OR id = 2', null],
    ['DELETE FROM t WHERE id = NULL', null],
    ['DELETE FROM t WHERE id = 1 AND id = 2', null],
    ['DELETE FROM t WHERE id = 1 LIMIT 1', null],
    ['DELETE FROM t WHERE id = 1 + 1', null],
    ['DELETE FROM t WHERE id IN (SELECT 1)', null],
    ['DELETE FROM t', null],
  ])('%s', (text, expected) => {
    const { equals } = dmlText(text, {}) as ChangeText;
    expect(
      equals === null ? null : Object.fromEntries(Array.from(equals, ([name, values]) => [name, keys(values)])),
    ).toEqual(expected);
  });

  it('parts, as they are written', () => {
    const text = "UPDATE LOW_PRIORITY db.t AS x SET a = (1, 2), `b` = ? WHERE c > ';' ORDER BY d LIMIT 3 /* end */";
    const change = dmlText(text, {}) as ChangeText;
    expect(change).toMatchObject({
      head: 'UPDATE LOW_PRIORITY ',
      reference: 'db.t AS x',
      assignments: 'a = (1, 2), `b` = ?',
      where: "c > ';'",
      order: 'ORDER BY d',
      limit: 'LIMIT 3',
      equals: null,
      parameterCount: 1,
    });
    expect(text.slice(change.end)).toBe(' /* end */');
    expect(Array.from(change.sets, ([name, value]) => [name, value?.kind ?? null])).toEqual([
      ['a', null],
      ['b', 'parameter'],
    ]);
  });

  it.each([
    'UPDATE IGNORE t SET a = 1',
    'UPDATE a, b SET a.x = b.x',
    'UPDATE a JOIN b USING (id) SET a.x = 1',
    'DELETE a FROM a JOIN b',
    'DELETE FROM t USING t, u',
    'DELETE FROM t WHERE id = 1 RETURNING id',
    'DELETE FROM t PARTITION (p0) WHERE id = 1',
    'WITH x AS (SELECT 1) UPDATE t SET a = 1',
    'SELECT 1',
  ])('%s: is none of the plain forms', (text) => {
    expect(dmlText(text, {})).toBe(null);
  });
});
