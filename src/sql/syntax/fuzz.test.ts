import { expect, test } from 'vitest';
import type { FailureCode } from '../../errors.ts';
import { SluiceError } from '../../errors.ts';
import { ALL_STATEMENTS } from './corpus.suite.ts';
import { fingerprint } from './fingerprint.ts';
import { parse } from './parser.ts';
import { splitStatements } from './split-statements.ts';
import type { SyntaxOptions } from './sql-mode.ts';

/** The failures that a text may meet here; anything else that is thrown is a bug. */
const ALLOWED: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'ER_PARSE_ERROR',
  'ER_NOT_SUPPORTED_YET',
  'ER_EMPTY_QUERY',
  'ER_TOO_LONG_IDENT',
  'ER_UNKNOWN_CHARACTER_SET',
  'ER_DERIVED_MUST_HAVE_ALIAS',
]);

/** What mutations insert: quotes, comments and their halves, brackets, words that change how the rest is read. */
const FRAGMENTS = [
  "'",
  '"',
  '`',
  '/*',
  '*/',
  '/*!',
  '/*!99999 ',
  '/*+ x */',
  '--',
  '-- ',
  '#',
  '\n',
  '\\',
  '\0',
  '(',
  ')',
  '((',
  '))',
  ',',
  '.',
  ';',
  '?',
  ':x',
  '::x',
  ':',
  ':=',
  '@',
  '@@',
  '@a',
  '{',
  '}',
  '||',
  '->',
  '0x',
  "x'",
  "b'",
  '1e',
  '.5',
  '1.',
  '18446744073709551616',
  "N'x'",
  "_utf8mb4'x'",
  'SELECT',
  'FROM',
  'WHERE',
  'AND',
  'NOT',
  'IN',
  'BETWEEN',
  'CASE',
  'WHEN',
  'END',
  'INTERVAL',
  'DAY',
  'UNION',
  'ALL',
  'VALUES',
  'ROW',
  'TABLE',
  'WITH',
  'AS',
  'ON',
  'DUPLICATE',
  'KEY',
  'UPDATE',
  'SET',
  'DEFAULT',
  'NULL',
  'COLLATE',
  'BINARY',
  'JOIN',
  'LEFT',
  'USING',
  'OVER',
  'PARTITION',
  'BY',
  'ORDER',
  'LIMIT',
  'INTO',
  'FOR',
  'LIKE',
  'IF',
  'EXISTS',
  'CREATE',
  'é',
  '表',
  '\ud83d',
  '\u00a0',
];

const MODES: readonly SyntaxOptions[] = [
  {},
  { ansiQuotes: true },
  { noBackslashEscapes: true },
  { pipesAsConcat: true, highNotPrecedence: true },
];

/** mulberry32: the same numbers in every run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

function mutate(sql: string, random: (below: number) => number): string {
  const at = random(sql.length + 1);
  const length = random(12);
  switch (random(7)) {
    case 0:
      return sql.slice(0, at);
    case 1:
      return sql.slice(0, at) + sql.slice(at + length);
    case 2:
      return sql.slice(0, at + length) + sql.slice(at);
    case 3:
      return `${sql.slice(0, at)} ${FRAGMENTS[random(FRAGMENTS.length)]} ${sql.slice(at)}`;
    case 4:
      return sql.slice(0, at) + FRAGMENTS[random(FRAGMENTS.length)] + sql.slice(at + length);
    case 5:
      return sql.slice(0, at) + String.fromCharCode(random(random(2) === 0 ? 128 : 65_536)) + sql.slice(at + 1);
    default: {
      const other = ALL_STATEMENTS[random(ALL_STATEMENTS.length)]!;
      return sql.slice(0, at) + other.slice(random(other.length));
    }
  }
}

/** Runs everything of this folder on `sql` and fails on what must not happen. */
function check(sql: string, options: SyntaxOptions): void {
  const slotCount = attempt(sql, () => parse(sql, options).slotCount);
  const slots = attempt(sql, () => fingerprint(sql, options).slots.length);
  if (slotCount !== undefined) expect(slots, sql).toBe(slotCount);
  attempt(sql, () => splitStatements(sql, options).length);
}

function attempt(sql: string, run: () => number): number | undefined {
  try {
    return run();
  } catch (thrown) {
    if (thrown instanceof SluiceError && ALLOWED.has(thrown.code)) return undefined;
    throw new Error(`${String(thrown)}\n${JSON.stringify(sql)}`, { cause: thrown });
  }
}

/** SLUICE_FUZZ_RUNS and SLUICE_FUZZ_SEED widen the search by hand. */
const RUNS = Number(process.env.SLUICE_FUZZ_RUNS ?? 20_000);
const SEED = Number(process.env.SLUICE_FUZZ_SEED ?? 1);

test('mutated statements give a tree or an error', () => {
  const random = generator(SEED);
  for (let run = 0; run < RUNS; run++) {
    let sql = ALL_STATEMENTS[random(ALL_STATEMENTS.length)]!;
    for (let mutations = random(4); mutations >= 0; mutations--) sql = mutate(sql, random);
    check(sql, MODES[random(MODES.length)]!);
  }
});

test('random characters give an error', () => {
  const random = generator(SEED + 1);
  const letters = ' \n\'"`\\/*!-#@:?.,;()[]{}<>=|&+%^~0123456789eExXbBnN_aZ$é';
  for (let run = 0; run < RUNS / 4; run++) {
    const sql = Array.from({ length: random(40) }, () => letters[random(letters.length)]).join('');
    check(`${random(2) === 0 ? 'SELECT ' : ''}${sql}`, MODES[random(MODES.length)]!);
  }
});

test('fragments in any order give a tree or an error', () => {
  const random = generator(SEED + 2);
  for (let run = 0; run < RUNS / 4; run++) {
    const sql = Array.from({ length: random(30) }, () => FRAGMENTS[random(FRAGMENTS.length)]).join(' ');
    check(`SELECT ${sql}`, MODES[random(MODES.length)]!);
  }
});

test.each([
  ['opening parentheses', '('],
  ['quotes', "''"],
  ['strings', "'a' "],
  ['comments', '/*!99999 x */'],
  ['open comments', '/*! '],
  ['commas', ','],
  ['points', 'a.'],
  ['semicolons', ';'],
  ['backslashes', '\\'],
  ['operators', '1+'],
  ['NOT', 'NOT '],
  ['joins', 'a JOIN '],
])('time is linear in the length: %s', (_name, piece) => {
  const time = (times: number) => {
    const sql = `SELECT * FROM t WHERE ${piece.repeat(times)}`;
    const begin = performance.now();
    check(sql, {});
    return performance.now() - begin;
  };
  time(1_000);
  // Quadratic, this would take minutes.
  expect(time(500_000)).toBeLessThan(10_000);
});
