import { describe, expect, test } from 'vitest';
import { parse } from './parser.ts';

const statement = (sql: string) => parse(sql).statement;

describe('insert', () => {
  const slot = (index: number) => ({ kind: 'slot', index });

  test('rows', () => {
    expect(
      statement("INSERT INTO db.t (a, t.b, `c`) VALUES (1, DEFAULT, NULL), ('x', DEFAULT(b), -2 + 3)"),
    ).toMatchObject({
      kind: 'insert',
      replace: false,
      ignore: false,
      table: { database: 'db', name: 't' },
      columns: ['a', 'b', 'c'],
      source: {
        kind: 'rows',
        rows: [
          [slot(0), { kind: 'default' }, { kind: 'null' }],
          [slot(1), { kind: 'default', column: 'b' }, { kind: 'binary', op: '+' }],
        ],
      },
    });
  });

  test.each([
    ['INSERT t VALUE (1)', { columns: undefined, source: { rows: [[slot(0)]] } }],
    ['INSERT INTO t () VALUES ()', { columns: [], source: { rows: [[]] } }],
    ['INSERT INTO t VALUES (),()', { source: { rows: [[], []] } }],
    [
      'INSERT LOW_PRIORITY IGNORE INTO t SET a = 1, b = DEFAULT',
      { ignore: true, columns: ['a', 'b'], source: { rows: [[slot(0), { kind: 'default' }]] } },
    ],
    ['REPLACE INTO t (a) VALUES (1)', { replace: true }],
    ['INSERT INTO t SELECT * FROM u', { source: { kind: 'query', query: { kind: 'query' } } }],
    ['INSERT INTO t (a) (SELECT 1)', { columns: ['a'], source: { kind: 'query' } }],
    ['INSERT INTO t ((SELECT 1) UNION (SELECT 2))', { columns: undefined, source: { kind: 'query' } }],
    ['INSERT INTO t WITH c AS (SELECT 1) SELECT * FROM c', { source: { query: { with: [{ name: 'c' }] } } }],
    ['INSERT INTO t TABLE u', { source: { kind: 'query' } }],
    ['INSERT INTO t VALUES ROW(1), ROW(2)', { source: { kind: 'query', query: { body: { kind: 'values' } } } }],
    ['INSERT INTO t VALUES (1) AS new(x)', { rowAlias: { name: 'new', columns: ['x'] } }],
    [
      'INSERT INTO t (a) VALUES (1) ON DUPLICATE KEY UPDATE a = VALUES(a) + 1, t.b = DEFAULT',
      {
        onDuplicate: [
          { column: { name: 'a' }, value: { left: { kind: 'inserted-value', column: 'a' } } },
          { column: { table: 't', name: 'b' } },
        ],
      },
    ],
    [
      'INSERT INTO t SELECT a FROM u JOIN v ON DUPLICATE KEY UPDATE a = 1',
      { source: { query: { body: { from: { kind: 'join', right: { name: { name: 'v' } } } } } }, onDuplicate: [{}] },
    ],
    ['INSERT INTO t SELECT a FROM u WHERE b ON DUPLICATE KEY UPDATE a = 1', { onDuplicate: [{}] }],
    [
      "INSERT INTO t VALUES ('a' COLLATE utf8mb4_bin, 1 + 2, 3)",
      { source: { rows: [[{ kind: 'collate' }, { op: '+' }, slot(3)]] } },
    ],
  ])('%s', (sql, expected) => expect(statement(sql)).toMatchObject(expected));
});

describe('update', () => {
  test.each([
    [
      'UPDATE t SET a = 1, t.b = b + 1 WHERE c ORDER BY d DESC LIMIT 5',
      {
        from: { kind: 'table' },
        assignments: [{}, { column: { table: 't' } }],
        orderBy: [{ descending: true }],
        limit: {},
      },
    ],
    [
      'UPDATE IGNORE t AS x SET a := DEFAULT',
      { ignore: true, from: { alias: 'x' }, assignments: [{ value: { kind: 'default' } }] },
    ],
    ['UPDATE a, b SET a.x = b.x', { from: { kind: 'join', type: 'cross' } }],
    ['UPDATE a JOIN b ON a.i = b.i SET a.x = 1', { from: { kind: 'join', on: {} } }],
    ['WITH c AS (SELECT 1) UPDATE t, c SET a = 1', { kind: 'update', with: [{ name: 'c' }] }],
  ])('%s', (sql, expected) => expect(statement(sql)).toMatchObject(expected));
});

describe('delete', () => {
  test.each([
    ['DELETE FROM t', { multiTable: false, targets: [{ name: 't' }], from: { kind: 'table', name: { name: 't' } } }],
    [
      'DELETE QUICK IGNORE FROM db.t AS x WHERE a ORDER BY b LIMIT 1',
      { ignore: true, from: { alias: 'x' }, orderBy: [{}], limit: {} },
    ],
    [
      'DELETE a, b.* FROM a JOIN b ON x',
      { multiTable: true, targets: [{ name: 'a' }, { name: 'b' }], from: { kind: 'join' } },
    ],
    [
      'DELETE FROM a, db.b USING a, db.b WHERE x',
      { multiTable: true, targets: [{ name: 'a' }, { database: 'db', name: 'b' }] },
    ],
    ['WITH c AS (SELECT 1) DELETE FROM t WHERE a IN (TABLE c)', { with: [{ name: 'c' }] }],
  ])('%s', (sql, expected) => expect(statement(sql)).toMatchObject(expected));
});

test.each([
  ['INSERT INTO t (a) VALUES (1,)', ')'],
  ['INSERT INTO t VALUES (1) (2)', '(2)'],
  ['INSERT INTO t', ''],
  ['UPDATE t WHERE a = 1', 'WHERE a = 1'],
  ['UPDATE t SET a', ''],
  ['DELETE t WHERE a', 'WHERE a'],
  ['DELETE a FROM a, b LIMIT 1', 'LIMIT 1'],
])('%s is an error near "%s"', (sql, near) => expect(() => statement(sql)).toThrow(`near '${near}' at line 1`));
