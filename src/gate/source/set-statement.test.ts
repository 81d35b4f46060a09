import { describe, expect, it } from 'vitest';
import { type Assignment, assignmentsOf } from './set-statement.ts';

const shown = ({ scope, name, value, isConstant }: Assignment): string =>
  `${scope} ${name} = ${value}${isConstant ? '' : ' ?'}`;

describe('SET', () => {
  it.each<[string, string[]]>([
    ['SET a = 1', ['session a = 1']],
    ['SET a := -1', ['session a = -1']],
    ["SET time_zone = '+05:00', @@sql_mode = ANSI;", ["session time_zone = '+05:00'", 'session sql_mode = ANSI']],
    ['SET SESSION a = 1, GLOBAL b = 2, c = 3', ['session a = 1', 'global b = 2', 'session c = 3']],
    ['SET LOCAL a = 1, @@global.b = 2, @@session.c = ON', ['session a = 1', 'global b = 2', 'session c = ON']],
    ['SET PERSIST a = 1', ['global a = 1']],
    ['SET @a = 1, @B := (SELECT 1, 2)', ['user a = 1 ?', 'user b = (SELECT 1, 2) ?']],
    ["SET sql_mode = CONCAT(@@sql_mode, ',ANSI')", ["session sql_mode = CONCAT(@@sql_mode, ',ANSI') ?"]],
    ['SET a = 1 + 1', ['session a = 1 + 1 ?']],
    ['SET a = DEFAULT', ['session a = DEFAULT']],
    ['SET NAMES utf8mb4 COLLATE utf8mb4_bin', ['names names = NAMES utf8mb4 COLLATE utf8mb4_bin']],
    ["SET NAMES 'latin1', a = 1", ["names names = NAMES 'latin1'", 'session a = 1']],
    ['SET CHARACTER SET latin1', ['names character set = CHARACTER SET latin1']],
    ['SET TRANSACTION READ ONLY', ['next transaction = TRANSACTION READ ONLY']],
    [
      'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY;',
      ['session transaction = TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY'],
    ],
    ['SET GLOBAL TRANSACTION READ WRITE', ['global transaction = TRANSACTION READ WRITE']],
    ["SET a = 'x;y', b = 2", ["session a = 'x;y'", 'session b = 2']],
  ])('%s', (text, expected) => {
    expect(assignmentsOf(text, {})?.map(shown)).toEqual(expected);
  });

  it.each([
    "SET PASSWORD = PASSWORD('x')",
    'SET ROLE admin',
    'SET DEFAULT ROLE admin',
    'SET STATEMENT max_statement_time = 1 FOR SELECT 1',
    'SET a',
    'SET a =',
    'SET a = 1,',
    "SET a = 'open",
  ])('%s: is another, or none', (text) => {
    expect(assignmentsOf(text, {})).toBe(null);
  });
});
