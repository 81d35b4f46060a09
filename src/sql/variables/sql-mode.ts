/** sql_mode: its words, and what each means to the parser, the binder and the writer. Source: MySQL manual, "Server SQL Modes". */
import { failure } from '../../errors.ts';
import type { VariableValue } from './variable.ts';
import { wrongValue } from './variable-failures.ts';

/** In the order of their bits, which is also the order in which they are printed. Empty: a bit without a meaning. */
const MODES = [
  'REAL_AS_FLOAT',
  'PIPES_AS_CONCAT',
  'ANSI_QUOTES',
  'IGNORE_SPACE',
  '',
  'ONLY_FULL_GROUP_BY',
  'NO_UNSIGNED_SUBTRACTION',
  'NO_DIR_IN_CREATE',
  '',
  '',
  '',
  '',
  '',
  '',
  '',
  '',
  '',
  '',
  'ANSI',
  'NO_AUTO_VALUE_ON_ZERO',
  'NO_BACKSLASH_ESCAPES',
  'STRICT_TRANS_TABLES',
  'STRICT_ALL_TABLES',
  'NO_ZERO_IN_DATE',
  'NO_ZERO_DATE',
  'ALLOW_INVALID_DATES',
  'ERROR_FOR_DIVISION_BY_ZERO',
  'TRADITIONAL',
  '',
  'HIGH_NOT_PRECEDENCE',
  'NO_ENGINE_SUBSTITUTION',
  'PAD_CHAR_TO_FULL_LENGTH',
  'TIME_TRUNCATE_FRACTIONAL',
] as const;

type Mode = Exclude<(typeof MODES)[number], ''>;

/** Words that stand for several. */
const COMBINATIONS: Partial<Record<Mode, readonly Mode[]>> = {
  ANSI: ['REAL_AS_FLOAT', 'PIPES_AS_CONCAT', 'ANSI_QUOTES', 'IGNORE_SPACE', 'ONLY_FULL_GROUP_BY'],
  TRADITIONAL: [
    'STRICT_TRANS_TABLES',
    'STRICT_ALL_TABLES',
    'NO_ZERO_IN_DATE',
    'NO_ZERO_DATE',
    'ERROR_FOR_DIVISION_BY_ZERO',
    'NO_ENGINE_SUBSTITUTION',
  ],
};

/** They would change results, and nothing reads them yet. */
const UNSUPPORTED: readonly Mode[] = [
  'NO_UNSIGNED_SUBTRACTION',
  'ALLOW_INVALID_DATES',
  'PAD_CHAR_TO_FULL_LENGTH',
  'TIME_TRUNCATE_FRACTIONAL',
];

export const DEFAULT_SQL_MODE =
  'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';

export interface SqlMode {
  /** STRICT_TRANS_TABLES or STRICT_ALL_TABLES: the store is transactional, so they are the same but for SET. */
  readonly strict: boolean;
  readonly strictAll: boolean;
  readonly ansiQuotes: boolean;
  readonly pipesAsConcat: boolean;
  readonly ignoreSpace: boolean;
  readonly noBackslashEscapes: boolean;
  readonly highNotPrecedence: boolean;
  readonly realAsFloat: boolean;
  readonly onlyFullGroupBy: boolean;
  readonly noAutoValueOnZero: boolean;
  readonly noZeroDate: boolean;
  readonly noZeroInDate: boolean;
  readonly errorForDivisionByZero: boolean;
}

/** `text` as checkSqlMode keeps it. Equal texts give the same object. */
export function parseSqlMode(text: string): SqlMode {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const words = new Set(text.split(','));
  const mode: SqlMode = {
    strict: words.has('STRICT_TRANS_TABLES') || words.has('STRICT_ALL_TABLES'),
    strictAll: words.has('STRICT_ALL_TABLES'),
    ansiQuotes: words.has('ANSI_QUOTES'),
    pipesAsConcat: words.has('PIPES_AS_CONCAT'),
    ignoreSpace: words.has('IGNORE_SPACE'),
    noBackslashEscapes: words.has('NO_BACKSLASH_ESCAPES'),
    highNotPrecedence: words.has('HIGH_NOT_PRECEDENCE'),
    realAsFloat: words.has('REAL_AS_FLOAT'),
    onlyFullGroupBy: words.has('ONLY_FULL_GROUP_BY'),
    noAutoValueOnZero: words.has('NO_AUTO_VALUE_ON_ZERO'),
    noZeroDate: words.has('NO_ZERO_DATE'),
    noZeroInDate: words.has('NO_ZERO_IN_DATE'),
    errorForDivisionByZero: words.has('ERROR_FOR_DIVISION_BY_ZERO'),
  };
  if (parsed.size >= PARSED_MAX) parsed.clear();
  parsed.set(text, mode);
  return mode;
}

/** Applications use a handful of modes; one that made up new ones would only lose this cache. */
const PARSED_MAX = 100;
const parsed = new Map<string, SqlMode>();

/** Words in any case and order, or the number of their bits; kept as MySQL prints them. Throws 1231 for an unknown word. */
export function checkSqlMode(value: VariableValue, name: string): string {
  if (value === null) throw wrongValue(name, value);
  const chosen = typeof value === 'string' ? modesOfText(value, name) : modesOfBits(value, name);
  for (const mode of [...chosen]) for (const part of COMBINATIONS[mode] ?? []) chosen.add(part);
  for (const mode of UNSUPPORTED) if (chosen.has(mode)) throw failure('ER_NOT_SUPPORTED_YET', `sql_mode ${mode}`);
  return MODES.filter((mode) => mode !== '' && chosen.has(mode)).join(',');
}

function modesOfText(text: string, name: string): Set<Mode> {
  const words = text.split(',').filter((word) => word !== '');
  return new Set(
    words.map((word) => {
      const mode = MODES.find((candidate) => candidate !== '' && candidate === word.trimEnd().toUpperCase());
      if (mode === undefined || mode === '') throw wrongValue(name, word);
      return mode;
    }),
  );
}

function modesOfBits(value: number | bigint, name: string): Set<Mode> {
  const bits = BigInt(value);
  if (bits < 0n || bits >= 1n << BigInt(MODES.length)) throw wrongValue(name, value);
  return new Set(
    MODES.filter((mode, bit): mode is Mode => {
      if ((bits & (1n << BigInt(bit))) === 0n) return false;
      if (mode === '') throw wrongValue(name, value);
      return true;
    }),
  );
}
