import { describe, expect, test } from 'vitest';
import { SluiceError } from '../../errors.ts';
import { Lexer } from './lexer.ts';
import type { SyntaxOptions } from './sql-mode.ts';
import * as token from './tokens.ts';

const NAMES = new Map(Object.entries(token).map(([name, kind]) => [kind, name.slice('TOKEN_'.length).toLowerCase()]));
NAMES.set(token.TOKEN_STRING, 'string');

/** Tokens as `kind:text`, slots with their values. */
function tokens(sql: string, options: SyntaxOptions = {}): string[] {
  const lexer = new Lexer();
  lexer.reset(sql, options);
  const found: string[] = [];
  while (lexer.next() !== token.TOKEN_END) {
    const kind = NAMES.get(lexer.kind)!.replaceAll('_', ' ');
    if (lexer.kind === token.TOKEN_OPERATOR) found.push(lexer.operator);
    else if (lexer.kind === token.TOKEN_PARAMETER) found.push(`${kind}:${JSON.stringify(lexer.parameter())}`);
    else if (lexer.kind === token.TOKEN_QUOTED_IDENTIFIER || lexer.kind === token.TOKEN_USER_VARIABLE)
      found.push(`${kind}:${lexer.name()}`);
    else if (lexer.kind < token.TOKEN_FIRST_SLOT) found.push(`${kind}:${lexer.text()}`);
    else found.push(`${kind}:${shown(lexer.literal().value)}`);
  }
  return found;
}

function shown(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value);
}

function value(sql: string, options: SyntaxOptions = {}): unknown {
  const lexer = new Lexer();
  lexer.reset(sql, options);
  lexer.next();
  expect(lexer.end).toBe(sql.length);
  return lexer.literal();
}

describe('names', () => {
  test.each([
    ['abc', ['word:abc']],
    ['_a1$ $x', ['word:_a1$', 'word:$x']],
    ['straße 表 ünï', ['word:straße', 'word:表', 'word:ünï']],
    ['1a 1e 1ea 0xyz 0b2', ['word:1a', 'word:1e', 'word:1ea', 'word:0xyz', 'word:0b2']],
    ['`a``b` `select` `1 2`', ['quoted identifier:a`b', 'quoted identifier:select', 'quoted identifier:1 2']],
    ['t.1a', ['word:t', '.', 'word:1a']],
    ['t.5', ['word:t', '.', 'word:5']],
    ['`t`.1e5.x', ['quoted identifier:t', '.', 'word:1e5', '.', 'word:x']],
    ['n x b', ['word:n', 'word:x', 'word:b']],
  ])('%s', (sql, expected) => expect(tokens(sql)).toEqual(expected));

  test('"x" is a name under ANSI_QUOTES', () => {
    expect(tokens('"a""b"', { ansiQuotes: true })).toEqual(['quoted identifier:a"b']);
    expect(tokens('"a""b"')).toEqual(['string:a"b']);
  });
});

describe('strings', () => {
  test.each([
    ["''", ''],
    ["'it''s'", "it's"],
    [`"a""b'c"`, `a"b'c`],
    [String.raw`'\0\b\n\r\t\Z\\\'\"'`, '\0\b\n\r\t\x1a\\\'"'],
    [String.raw`'\%\_\q'`, String.raw`\%\_q`],
    ["'a' 'b'", 'ab'],
    [`'a'\n"b"   'c''d'`, "abc'd"],
    ["'a' /* x */ 'b' -- y\n'c'", 'abc'],
    ["N'abc'", 'abc'],
    ["n'abc' 'd'", 'abcd'],
    ["'日本'", '日本'],
  ])('%s', (sql, expected) => expect(value(sql)).toEqual({ type: { kind: 'string' }, value: expected }));

  test('a backslash is itself under NO_BACKSLASH_ESCAPES', () => {
    expect(value(String.raw`'a\'`, { noBackslashEscapes: true })).toEqual({ type: { kind: 'string' }, value: 'a\\' });
  });

  test('what follows a string is not swallowed in the search for another', () => {
    expect(tokens("'a' /*! , */ 'b'")).toEqual(['string:a', ',', 'string:b']);
    expect(tokens("'a' -b")).toEqual(['string:a', '-', 'word:b']);
    expect(tokens("/*! 'a' */ 'b' c")).toEqual(['string:ab', 'word:c']);
  });
});

describe('numbers', () => {
  const int = (unsigned: boolean) => ({ kind: 'int', unsigned });
  test.each<[string, unknown, unknown]>([
    ['0', int(false), 0],
    ['007', int(false), 7],
    ['9007199254740991', int(false), 9007199254740991],
    ['9007199254740993', int(false), 9007199254740993n],
    ['9223372036854775807', int(false), 9223372036854775807n],
    ['9223372036854775808', int(true), 9223372036854775808n],
    ['18446744073709551615', int(true), 18446744073709551615n],
    ['18446744073709551616', { kind: 'decimal', precision: 20, scale: 0 }, '18446744073709551616'],
    ['1.50', { kind: 'decimal', precision: 3, scale: 2 }, '1.50'],
    ['.5', { kind: 'decimal', precision: 1, scale: 1 }, '0.5'],
    ['1.', { kind: 'decimal', precision: 1, scale: 0 }, '1'],
    ['1e3', { kind: 'double' }, 1000],
    ['1.5E-2', { kind: 'double' }, 0.015],
    ['.5e+1', { kind: 'double' }, 5],
    ['1.e2', { kind: 'double' }, 100],
    ['0x1F', { kind: 'bytes' }, new Uint8Array([0x1f])],
    ['0xabc', { kind: 'bytes' }, new Uint8Array([0x0a, 0xbc])],
    ["x'4D7953'", { kind: 'bytes' }, new Uint8Array([0x4d, 0x79, 0x53])],
    ["X''", { kind: 'bytes' }, new Uint8Array(0)],
    ["b'101'", { kind: 'bytes' }, new Uint8Array([5])],
    ['0b100000001', { kind: 'bytes' }, new Uint8Array([1, 1])],
  ])('%s', (sql, type, expected) => expect(value(sql)).toEqual({ type, value: expected }));

  test('a point ends a number only once', () => {
    expect(tokens('1.2.3')).toEqual(['decimal:1.2', 'decimal:0.3']);
    expect(tokens('5--3')).toEqual(['int:5', '-', '-', 'int:3']);
    expect(tokens('a-1')).toEqual(['word:a', '-', 'int:1']);
  });
});

describe('operators, variables, parameters', () => {
  test.each([
    [
      '<=> <= <> << < >= >> > != ! = := || | && &',
      ['<=>', '<=', '<>', '<<', '<', '>=', '>>', '>', '<>', '!', '=', ':=', '||', '|', '&&', '&'],
    ],
    ["a->'$' a->>'$' - /", ['word:a', '->', 'string:$', 'word:a', '->>', 'string:$', '-', '/']],
    ['+*%^~(),;{}.', ['+', '*', '%', '^', '~', '(', ')', ',', ';', '{', '}', '.']],
    [
      '@a @a.b$c @\'x y\' @"z" @`q``r`',
      ['user variable:a', 'user variable:a.b$c', 'user variable:x y', 'user variable:z', 'user variable:q`r'],
    ],
    ['@@x @@session.y', ['system variable:@@', 'word:x', 'system variable:@@', 'word:session', '.', 'word:y']],
    ["'root'@'%'", ['string:root', 'user variable:%']],
    [
      '? :id ? ::ids :1',
      [
        'parameter:{"parameter":0}',
        'parameter:{"parameter":"id"}',
        'parameter:{"parameter":1}',
        'parameter:{"parameter":"ids","list":true}',
        'parameter:{"parameter":"1"}',
      ],
    ],
  ])('%s', (sql, expected) => expect(tokens(sql)).toEqual(expected));
});

describe('comments', () => {
  test.each([
    ['a -- b\nc', ['word:a', 'word:c']],
    ['a --\nc --', ['word:a', 'word:c']],
    ['a--b', ['word:a', '-', '-', 'word:b']],
    ['a # b\nc', ['word:a', 'word:c']],
    ['a/* b */c', ['word:a', 'word:c']],
    ['/**/a/***/', ['word:a']],
    ['a /*! b */ c', ['word:a', 'word:b', 'word:c']],
    ['a /*!40101 b */ c', ['word:a', 'word:b', 'word:c']],
    ['a /*!80042 b */ c', ['word:a', 'word:b', 'word:c']],
    ['a /*!80043 b */ c', ['word:a', 'word:c']],
    ['a /*!080042 b */ c', ['word:a', 'word:b', 'word:c']],
    ['a /*!100100 b */ c', ['word:a', 'word:c']],
    ['a /*!99999 b /* x */ y */ c', ['word:a', 'word:c']],
    ['a /*M! b */ c /*M!100100 d */', ['word:a', 'word:c']],
    ['/*!50003 a /* b */ c */ d', ['word:a', 'word:c', 'word:d']],
    ['a */ b', ['word:a', '*', '/', 'word:b']],
    ['SELECT /*+ HASH(t) */ a /*+ b */', ['word:SELECT', 'hint:/*+ HASH(t) */', 'word:a']],
    ['insert /*+ x */ /*+ y */', ['word:insert', 'hint:/*+ x */']],
  ])('%s', (sql, expected) => expect(tokens(sql)).toEqual(expected));
});

test.each([
  ["SELECT 'abc", "'abc"],
  ['SELECT "abc', '"abc'],
  [String.raw`SELECT 'abc\'`, String.raw`'abc\'`],
  ['SELECT `abc', '`abc'],
  ['SELECT ``', '``'],
  ["SELECT x'4'", "x'4'"],
  ["SELECT b'2'", "b'2'"],
  ['SELECT /* abc', '/* abc'],
  ['SELECT /*! abc', ''],
  ['SELECT /*!99999 abc', '/*!99999 abc'],
  ['SELECT /*+ abc', '/*+ abc'],
  ["SELECT @'abc", "'abc"],
  ['SELECT \\N', '\\N'],
  ['SELECT a\0b', '\0b'],
  ['SELECT : x', ': x'],
  ['SELECT 1e400', '1e400'],
])('%s is an error near %s', (sql, near) => {
  expect(() => tokens(sql)).toThrow(SluiceError);
  expect(() => tokens(sql)).toThrow(`near '${near}' at line 1`);
});
