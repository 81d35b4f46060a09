import { describe, expect, test } from 'vitest';
import { SluiceError } from '../../errors.ts';
import { MAX_EXPRESSION_DEPTH } from '../../limits.ts';
import { ALL_STATEMENTS } from './corpus.suite.ts';
import { parse, parseExpression } from './parser.ts';
import { syntaxOptionsOf } from './sql-mode.ts';

function errorOf(sql: string): SluiceError {
  try {
    parse(sql);
  } catch (thrown) {
    if (thrown instanceof SluiceError) return thrown;
    throw thrown;
  }
  throw new Error('no error');
}

describe('statements that clients send', () => {
  test.each(ALL_STATEMENTS)('%s', (sql) => expect(() => parse(sql)).not.toThrow());
});

describe('errors are worded as MySQL words them', () => {
  const NEAR = /the right syntax to use near '([\s\S]*)' at line (\d+)$/;
  test.each([
    ['SELEC 1', 'SELEC 1', 1],
    ['SELECT * FORM t', 'FORM t', 1],
    ['SELECT\n1 +\n* 2', '* 2', 3],
    ['SELECT 1 +', '', 1],
    ['SELECT a FROM t WHERE', '', 1],
    ['SELECT 1; SELECT 2', 'SELECT 2', 1],
    [`SELECT * FROM t WHERE WHERE ${'x'.repeat(100)}`, `WHERE ${'x'.repeat(74)}`, 1],
    ["SELECT 'abc", "'abc", 1],
    [')', ')', 1],
    ['1', '1', 1],
  ])('%s', (sql, near, line) => {
    const error = errorOf(sql);
    expect(error.code).toBe('ER_PARSE_ERROR');
    expect(NEAR.exec(error.message)?.slice(1)).toEqual([near, String(line)]);
  });

  test.each(['', ' ', '-- x', '/* x */', '/*!99999 SELECT 1 */'])('"%s" is empty', (sql) => {
    expect(errorOf(sql).code).toBe('ER_EMPTY_QUERY');
  });

  test('names have a maximum', () => {
    expect(errorOf(`SELECT ${'a'.repeat(65)}`).code).toBe('ER_TOO_LONG_IDENT');
  });
});

describe('reserved words', () => {
  test.each([
    'SELECT a AS select',
    'SELECT rank FROM t',
    'SELECT * FROM groups',
    'CREATE TABLE t (key INT)',
    'SELECT a FROM t of',
  ])('%s is an error', (sql) => expect(errorOf(sql).code).toBe('ER_PARSE_ERROR'));

  test.each([
    'SELECT date, time, timestamp, year, status, type, value, count, user, names, end, begin, offset, escape FROM comment AS data',
    'CREATE TABLE t (date DATE, status INT, comment TEXT, bit INT, enum INT, json INT, text INT, action INT, no INT)',
    'SELECT t.select, t.key, db.table.order FROM db.select t',
    'SELECT ſelect FROM t',
  ])('%s is none', (sql) => expect(() => parse(sql)).not.toThrow());

  test('letters beyond ASCII make no keyword', () => {
    expect(() => parse('ſELECT 1')).toThrow("near 'ſELECT 1'");
  });
});

describe('depth', () => {
  const deep = (open: string, inside: string, close: string, times: number) =>
    `SELECT ${open.repeat(times)}${inside}${close.repeat(times)}`;
  test.each([
    ['parentheses', '(', '1', ')'],
    ['calls', 'f(', '1', ')'],
    ['NOT', 'NOT ', '1', ''],
    ['!', '!', '1', ''],
    ['minus', '- ', '1', ''],
    ['BINARY', 'BINARY ', '1', ''],
    ['CASE', 'CASE WHEN ', '1', ' THEN 1 END'],
    ['subqueries', '(SELECT ', '1', ')'],
    ['derived tables', '* FROM (SELECT ', '1', ') d'],
    ['INTERVAL', 'INTERVAL ', '1', ' DAY + d'],
    ['assignments', '@a := ', '1', ''],
    ['joins in parentheses', '* FROM (', 't', ')'],
    ['outer joins', '* FROM t LEFT JOIN ', 't', ' ON 1'],
    ['IN lists', '1 IN (', '1', ')'],
    ['BETWEEN', 'a BETWEEN 1 AND ', '1', ''],
    ['casts', 'CAST(', '1', ' AS CHAR)'],
    ['ODBC escapes', '{x ', '1', '}'],
    ['sums', '1 + ', '1', ''],
    ['comparisons', '1 = ', '1', ''],
    ['XOR', '1 XOR ', '1', ''],
    ['unions', '1 UNION SELECT ', '1', ''],
    ['joins', '* FROM t JOIN ', 't', ''],
  ])('%s are bounded', (_name, open, inside, close) => {
    const error = errorOf(deep(open, inside, close, 20_000));
    expect(['ER_NOT_SUPPORTED_YET', 'ER_PARSE_ERROR']).toContain(error.code);
    if (error.code === 'ER_NOT_SUPPORTED_YET') expect(error.message).toMatch(/nested (more than|nearly) \d+ deep/);
  });

  test('chains of AND and OR are not: their tree is balanced', () => {
    const expression = parseExpression(Array.from({ length: 20_000 }, (_, i) => `a = ${i}`).join(' OR '));
    const height = (x: unknown): number =>
      typeof x === 'object' && x !== null && 'left' in x && 'right' in x
        ? 1 + Math.max(height(x.left), height(x.right))
        : 1;
    expect(height(expression)).toBeLessThan(20);
  });

  test('what is within the limit parses, however it is nested', () => {
    const times = MAX_EXPRESSION_DEPTH - 10;
    expect(() => parse(deep('(', '1', ')', times))).not.toThrow();
    expect(() => parse(deep('f(1, ', '1', ')', times))).not.toThrow();
    expect(() => parse(deep('CASE WHEN ', '1', ' THEN 1 END', times))).not.toThrow();
    expect(() => parse(deep('1 + ', '1', '', times))).not.toThrow();
    expect(() => parse(deep('(SELECT ', '1', ')', 60))).not.toThrow();
  });

  test('depth and length add up', () => {
    const sum = Array.from({ length: 300 }, () => '1').join('+');
    expect(errorOf(deep('(', `${sum}`, `+${sum})`, 10)).code).toBe('ER_NOT_SUPPORTED_YET');
  });
});

test('a bulk insert of plain literals costs little', () => {
  const row = "(12345,'some text of usual length',1.5,NULL,'2024-01-01 00:00:00')";
  const sql = `INSERT INTO t VALUES ${Array.from({ length: 20_000 }, () => row).join(',')}`;
  const { statement, slotCount } = parse(sql);
  expect(slotCount).toBe(80_000);
  expect(statement.kind === 'insert' && statement.source.kind === 'rows' && statement.source.rows.length).toBe(20_000);
});

test('sql_mode', () => {
  expect(syntaxOptionsOf('ANSI_QUOTES,no_backslash_escapes')).toMatchObject({
    ansiQuotes: true,
    noBackslashEscapes: true,
    pipesAsConcat: false,
  });
  expect(syntaxOptionsOf('ANSI')).toMatchObject({ ansiQuotes: true, pipesAsConcat: true, realAsFloat: true });
  expect(syntaxOptionsOf('')).toMatchObject({ ansiQuotes: false, highNotPrecedence: false });
});
