/** What the fuzz tests share: a seed, mutations of texts and bytes, and what a server's log must not hold. */
import type { SeededRandom } from '../../src/util/random.ts';

/** SLUICE_FUZZ_SEED and SLUICE_FUZZ_CASES look elsewhere, or longer; a failure names both its seed and its case. */
export const SEED = Number(process.env.SLUICE_FUZZ_SEED ?? 20_260_229);

export function casesOf(few: number): number {
  return Number(process.env.SLUICE_FUZZ_CASES ?? few);
}

const ODD_TEXTS = [
  "'",
  '"',
  '`',
  '\\',
  '(',
  ')',
  ',',
  ';',
  '--',
  '/*',
  '*/',
  '/*!',
  '#',
  '@',
  '@@',
  '?',
  ':',
  '%',
  '_',
  '\0',
  '\n',
  '\u{1F600}',
  '\ud800',
  '江湖',
  'NULL',
  '-1',
  '0',
  '18446744073709551616',
  '9223372036854775807',
  '1e999',
  '0x',
  "x'0",
  "b'2'",
  '.5.',
  'SELECT',
  'FROM',
  'NOT',
  'IN ()',
  'LIMIT -1',
  'ORDER BY',
  'GROUP BY',
  'CASE',
  'INTERVAL',
  'COLLATE nothing',
  'a.b.c.d',
  'IS',
  'BETWEEN',
  '<=>',
  '->>',
  ':=',
  '||',
];

/** One to four small changes. */
export function mutated(text: string, random: SeededRandom, others: readonly string[]): string {
  let result = text;
  for (let changes = 1 + random.below(4); changes > 0; changes--) result = mutatedOnce(result, random, others);
  return result;
}

function mutatedOnce(text: string, random: SeededRandom, others: readonly string[]): string {
  const words = text.split(/(?<=\W)|(?=\W)/);
  const at = random.below(words.length + 1);
  const to = Math.min(words.length, at + 1 + random.below(4));
  const piece = words.slice(at, to);
  const rest = [words.slice(0, at), words.slice(to)] as const;
  const joined = (middle: readonly string[]): string => [...rest[0], ...middle, ...rest[1]].join('');
  switch (random.below(7)) {
    case 0:
      return joined([]);
    case 1:
      return joined([...piece, ...piece]);
    case 2:
      return joined([' ', random.pick(ODD_TEXTS), ' ', ...piece]);
    case 3:
      return joined([random.pick(ODD_TEXTS)]);
    case 4:
      return joined(piece.reverse());
    case 5: {
      const other = random.pick(others).split(/(?<=\W)|(?=\W)/);
      const from = random.below(other.length);
      return joined(other.slice(from, from + 1 + random.below(8)));
    }
    default:
      return text.slice(0, random.below(text.length + 1));
  }
}

const OPERANDS: readonly (readonly string[])[] = [
  // Columns, and values of all types: whatever stands in the place of one may stand in that of another.
  [
    'id',
    'parent',
    'name',
    'price',
    'ratio',
    'made',
    'day',
    'span',
    'kind',
    'tags',
    'raw',
    'doc',
    'big',
    'flag',
    'year_of',
    'stamp',
    'note',
    'NULL',
    'TRUE',
    '0',
    '1',
    '-1',
    '2.50',
    '1e3',
    '18446744073709551615',
    '9223372036854775808',
    '0.000000000000000001',
    "''",
    "'a'",
    "'1x'",
    "'2024-02-30'",
    "'12:00'",
    "'ä\\0b'",
    "x'00ff'",
    "b'101'",
    "DATE '2024-02-29'",
    "TIMESTAMP '2024-02-29 01:02:03.5'",
    "_binary 'x'",
    'NOW()',
    '(SELECT 1)',
    '(SELECT MAX(price) FROM things)',
    '(1, 2)',
    'name COLLATE utf8mb4_bin',
    'INTERVAL 1 DAY',
    '-price',
    'NOT id',
    '?',
    '@x',
    '*',
  ],
  [
    '+',
    '-',
    '*',
    '/',
    'DIV',
    '%',
    '=',
    '<=>',
    '<',
    '>=',
    '<>',
    'LIKE',
    'REGEXP',
    'AND',
    'OR',
    'XOR',
    '&',
    '|',
    '<<',
    '^',
    'IS',
    'IN',
    '||',
    '->',
  ],
  [
    'COUNT',
    'SUM',
    'AVG',
    'MIN',
    'MAX',
    'GROUP_CONCAT',
    'CONCAT',
    'UPPER',
    'SUBSTRING',
    'LENGTH',
    'ROUND',
    'TRUNCATE',
    'MOD',
    'POW',
    'FLOOR',
    'ABS',
    'DATE_FORMAT',
    'DATE_ADD',
    'DATEDIFF',
    'YEAR',
    'UNIX_TIMESTAMP',
    'FROM_UNIXTIME',
    'TIME_TO_SEC',
    'IF',
    'IFNULL',
    'NULLIF',
    'COALESCE',
    'FIELD',
    'ELT',
    'FIND_IN_SET',
    'HEX',
    'LPAD',
    'REPLACE',
    'TRIM',
    'CAST',
    'CONVERT',
    'GREATEST',
    'LEAST',
    'ISNULL',
    'LOCATE',
    'MD5',
    'CRC32',
    'BIT_COUNT',
    'STR_TO_DATE',
    'LAST_DAY',
    'MAKETIME',
    'EXTRACT',
    'CHAR',
    'ASCII',
    'REPEAT',
    'SPACE',
    'FORMAT',
    'UUID',
    'SLEEP',
    'STD',
    'BIT_OR',
    'ANY_VALUE',
  ],
  ['ASC', 'DESC'],
  [
    'INT',
    'BIGINT',
    'DECIMAL',
    'DOUBLE',
    'CHAR',
    'VARCHAR',
    'DATE',
    'DATETIME',
    'TIME',
    'YEAR',
    'BLOB',
    'TEXT',
    'JSON',
    'SIGNED',
    'UNSIGNED',
    'BINARY',
  ],
  ['DAY', 'MONTH', 'HOUR_MINUTE', 'SECOND', 'MICROSECOND', 'YEAR_MONTH', 'QUARTER', 'WEEK'],
  ['LEFT JOIN', 'JOIN', 'RIGHT JOIN', 'CROSS JOIN', 'NATURAL JOIN', 'STRAIGHT_JOIN', ','],
  ['UNION ALL', 'UNION', 'EXCEPT', 'INTERSECT'],
  ['things', 'parents', 'fuzz.things', '(SELECT * FROM things) AS things', 'information_schema.tables'],
  ['GROUP BY', 'ORDER BY', 'HAVING', 'WHERE', 'LIMIT'],
];

const WORD =
  /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.)*"|[A-Za-z_][\w]*|\d+(?:\.\d+)?|<=>|<>|>=|<=|->>?|\|\||[-+*/=<>%&|^,]/g;

/** One to three words replaced by others of their kind: what comes out is mostly a statement again, but not one that anybody writes. */
export function reworded(text: string, random: SeededRandom): string {
  let result = text;
  for (let changes = 1 + random.below(3); changes > 0; changes--) {
    const words = [...result.matchAll(WORD)];
    if (words.length === 0) return result;
    const { 0: word, index } = random.pick(words);
    result = result.slice(0, index) + another(word, random) + result.slice(index + word.length);
  }
  return result;
}

function another(word: string, random: SeededRandom): string {
  const isValue = /^['"\d]/.test(word);
  const kind = OPERANDS.find((words) => words.some((other) => other.toLowerCase() === word.toLowerCase()));
  if (kind === undefined && !isValue) return word;
  return random.pick(kind ?? OPERANDS[0] ?? []);
}

export function randomBytes(random: SeededRandom, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.below(256)));
}

const BUGS =
  /\b(?:TypeError|RangeError|ReferenceError|AssertionError|ERR_ASSERTION)\b|uncaught exception|unhandled rejection/;

/** Lines of a log that tell of a bug, whatever the request was; each once. */
export function bugsIn(log: string): string[] {
  return [...new Set(log.split('\n').filter((line) => BUGS.test(line)))].map((line) => line.slice(0, 2000));
}

/** What a client is told only when something inside failed that nobody had foreseen: JavaScript's words, or SQLite's. */
export const INSIDES =
  /Cannot read propert|is not a function|is not iterable|Maximum call stack|Invalid array length|Assertion|no such (?:column|table|function|collation)|syntax error|circular reference|wrong number of arguments|incomplete input|unrecognized token|misuse of|ambiguous column name:|ORDER BY term|datatype mismatch|bind/;
