import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ALL_STATEMENTS } from './corpus.suite.ts';
import { fingerprint } from './fingerprint.ts';
import { parse } from './parser.ts';
import { hasSeveralStatements, splitStatements } from './split-statements.ts';

const text = (sql: string) => fingerprint(sql).fingerprint;
const values = (sql: string) => fingerprint(sql).slots.map((slot) => ('value' in slot ? slot.value : slot));

describe('fingerprint', () => {
  test.each([
    ['SELECT c FROM sbtest1 WHERE id=12345', 'SELECT c FROM sbtest1 WHERE id=?'],
    ['  SELECT\n\t1 ,  2  ', 'SELECT ? , ?'],
    ['select /* a */ 1 -- b', 'select ?'],
    ['/* a */ select/**/1', 'select ?'],
    ["SELECT 'a' 'b', N'c', _binary 'd', X'01', 0b1, 1.5, .5, 1e3", 'SELECT ?, ?, _binary ?, ?, ?, ?, ?, ?'],
    ['SELECT -1, - 1, +1', 'SELECT -?, - ?, +?'],
    ['SELECT NULL, TRUE, false', 'SELECT NULL, TRUE, false'],
    ['SELECT a FROM t LIMIT 10 OFFSET 20', 'SELECT a FROM t LIMIT ? OFFSET ?'],
    ['SELECT ?, :a, a IN ::b', 'SELECT ?, ?, a IN ::?'],
    ['SELECT `a  b`, @`c  d`, t1.c2, "e"', 'SELECT `a  b`, @`c  d`, t1.c2, ?'],
    ['SELECT /*+ MAX_EXECUTION_TIME(1000) */ 1', 'SELECT /*+ MAX_EXECUTION_TIME(1000) */ ?'],
    ['/*!40101 SET NAMES utf8 */;', 'SET NAMES utf8'],
    ['SELECT 1;', 'SELECT ?'],
    ['SELECT 1 ; ', 'SELECT ?'],
    ['SELECT 1;;SELECT 2', 'SELECT ?;;SELECT ?'],
    ["INSERT INTO t VALUES (1,'a'),(2,'b')", 'INSERT INTO t VALUES (?,?),(?,?)'],
    ['', ''],
    [' -- nothing', ''],
  ])('%s', (sql, expected) => expect(text(sql)).toBe(expected));

  test('gives the values in the order of the text', () => {
    expect(values("SELECT 1, 'a' 'b', ?, 1.50, :x, ::y, 0xFF, 12345678901234567890")).toEqual([
      1,
      'ab',
      { parameter: 0 },
      '1.50',
      { parameter: 'x' },
      { parameter: 'y', list: true },
      new Uint8Array([255]),
      12345678901234567890n,
    ]);
  });

  test('quotes follow sql_mode', () => {
    expect(fingerprint('SELECT "a"', { ansiQuotes: true })).toMatchObject({ fingerprint: 'SELECT "a"', slots: [] });
  });
});

describe('fingerprint and parser agree', () => {
  test.each(ALL_STATEMENTS)('%s', (sql) => {
    expect(fingerprint(sql).slots).toHaveLength(parse(sql).slotCount);
  });

  test('slot by slot, whatever stands between', () => {
    const spaces = fc.constantFrom(' ', '\n', '  ', " /* 1 'x' */ ", ' -- 2 "\n', '/*! */', ' # 3\n', '\t');
    const literals = fc.oneof(
      fc.nat().map(String),
      fc.constantFrom(
        "''",
        "'a''b'",
        "'a' 'b'",
        "\"x\" /* ' */ 'y'",
        "N'n'",
        "_utf8mb4'u'",
        "x'01'",
        '0b11',
        '1.5',
        '1e3',
        '?',
        ':p',
      ),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(literals, spaces), { minLength: 1, maxLength: 20 }), (items) => {
        const list = items.map(([literal, space]) => `f(${literal}${space})`).join(',');
        const sql = `SELECT ${list} FROM t`;
        const { statement, slotCount } = parse(sql);
        const { slots } = fingerprint(sql);
        expect(slots).toHaveLength(slotCount);
        expect(slots).toHaveLength(items.length);
        const select = statement.kind === 'query' && statement.body.kind === 'select' ? statement.body : undefined;
        select?.items.forEach((item, index) => {
          const argument = item.expression.kind === 'call' ? item.expression.args[0] : undefined;
          const slot = argument?.kind === 'introducer' ? argument.operand : argument;
          expect(slot).toEqual({ kind: 'slot', index });
        });
      }),
      { seed: 1 },
    );
  });

  test('a fingerprint is its own fingerprint', () => {
    for (const sql of ALL_STATEMENTS) expect(text(text(sql))).toBe(text(sql));
  });
});

describe('splitStatements', () => {
  test.each<[string, string[]]>([
    ['SELECT 1', ['SELECT 1']],
    ['SELECT 1; SELECT 2;', ['SELECT 1', 'SELECT 2']],
    [';; ; SELECT 1 ;-- x\n;', ['SELECT 1']],
    ['SELECT \';\' ; SELECT `;`, ";" /* ; */ # ;\n; x', ["SELECT ';'", 'SELECT `;`, ";" /* ; */ # ;', 'x']],
    ['/*! SELECT 1; */ ; SELECT 2', ['/*! SELECT 1; */', 'SELECT 2']],
    ["SELECT 1; SELECT 'a; SELECT 2", ['SELECT 1', "SELECT 'a; SELECT 2"]],
    [
      'CREATE PROCEDURE p() BEGIN DELETE FROM t; SELECT 1; END',
      ['CREATE PROCEDURE p() BEGIN DELETE FROM t; SELECT 1; END'],
    ],
    [
      'SELECT 1; CREATE DEFINER=`a`@`b` TRIGGER x BEFORE INSERT ON t FOR EACH ROW BEGIN SET @a = 1; END; SELECT 2',
      ['SELECT 1', 'CREATE DEFINER=`a`@`b` TRIGGER x BEFORE INSERT ON t FOR EACH ROW BEGIN SET @a = 1; END; SELECT 2'],
    ],
    ['', []],
    [' -- only a comment', []],
  ])('%s', (sql, expected) => expect(splitStatements(sql)).toEqual(expected));

  test.each([
    ['SELECT 1', false],
    ['SELECT 1;', false],
    ['SELECT 1; ; \n', false],
    ["SELECT ';' FROM t", false],
    ['SELECT 1; -- done', false],
    ['SELECT 1; SELECT 2', true],
  ])('hasSeveralStatements: %s', (sql, expected) => expect(hasSeveralStatements(sql)).toBe(expected));
});
