/** String functions. Source: MySQL manual, "String Functions and Operators". Positions count characters from 1. */
import { createHash, randomUUID } from 'node:crypto';
import { MAX_ALLOWED_PACKET_BYTES } from '../../limits.ts';
import type { ColumnType } from '../../stores/column-type.ts';
import { convertTo } from '../planner/conversion.ts';
import type { PlanContext } from '../planner/plan-context.ts';
import { type Term, term } from '../planner/term.ts';
import { BIGINT, BOOLEAN, isNumeric, LONGBLOB, LONGTEXT, textLength, varchar } from '../types.ts';
import { argument, computed, type FunctionDefinition, native, special } from './definition.ts';
import { regularExpression } from './regular-expression.ts';

type Text = string | Uint8Array;

const asString = (value: Text): string => (typeof value === 'string' ? value : Buffer.from(value).toString('utf8'));
const asBytes = (value: Text): Uint8Array => (typeof value === 'string' ? Buffer.from(value, 'utf8') : value);
const characters = (value: Text): string[] => Array.from(asString(value));

/** The first argument's text type. */
function likeFirst(args: readonly Term[]): ColumnType {
  return textTypeOf(args[0] === undefined ? 0 : textLength(args[0].type), args);
}

function joined(args: readonly Term[]): ColumnType {
  return textTypeOf(
    args.reduce((sum, arg) => sum + textLength(arg.type), 0),
    args,
  );
}

function textTypeOf(length: number, args: readonly Term[]): ColumnType {
  return collatedLike(length > 16_383 ? LONGTEXT : varchar(length), args);
}

/** Text made of other text is compared as that is. */
function collatedLike(type: ColumnType, args: readonly Term[]): ColumnType {
  const collation = args.find((arg) => arg.type.collation !== undefined)?.type.collation;
  return collation === undefined ? type : { ...type, collation };
}

function longLike(args: readonly Term[]): ColumnType {
  return collatedLike(LONGTEXT, args);
}

function substring(text: Text, position: number, length = Number.POSITIVE_INFINITY): string {
  const all = characters(text);
  if (position === 0 || length <= 0) return '';
  const start = position > 0 ? position - 1 : all.length + position;
  if (start < 0) return '';
  return all.slice(start, start + length).join('');
}

/** A result beyond max_allowed_packet is NULL, as in MySQL. */
function repeated(text: string, n: number): string | null {
  if (n <= 0 || text === '') return '';
  return text.length * n > MAX_ALLOWED_PACKET_BYTES ? null : text.repeat(n);
}

function pad(text: Text, length: number, filler: Text, left: boolean): string | null {
  const all = characters(text);
  if (length < 0 || length > MAX_ALLOWED_PACKET_BYTES) return null;
  if (all.length >= length) return all.slice(0, length).join('');
  const fill = characters(filler);
  if (fill.length === 0) return '';
  const missing = Array.from({ length: length - all.length }, (_, i) => fill[i % fill.length]).join('');
  return left ? missing + all.join('') : all.join('') + missing;
}

/** Text in the form in which it is compared. */
function folded(text: Text, exact: number): string {
  return exact === 1 ? asString(text) : asString(text).toLowerCase();
}

function locate(exact: number, needle: Text, haystack: Text, from = 1): number {
  if (from < 1) return 0;
  const text = folded(haystack, exact);
  const skipped = Array.from(text)
    .slice(0, from - 1)
    .join('').length;
  if (from > Array.from(text).length + 1) return 0;
  const index = text.indexOf(folded(needle, exact), skipped);
  return index < 0 ? 0 : Array.from(text.slice(0, index)).length + 1;
}

function substringIndex(text: Text, delimiter: Text, count: number): string {
  const separator = asString(delimiter);
  if (separator === '' || count === 0) return '';
  const parts = asString(text).split(separator);
  return count > 0 ? parts.slice(0, count).join(separator) : parts.slice(count).join(separator);
}

function trimmed(text: Text, side: 'both' | 'leading' | 'trailing', remove: Text): string {
  const unit = asString(remove);
  let rest = asString(text);
  if (unit === '') return rest;
  if (side !== 'trailing') while (rest.startsWith(unit)) rest = rest.slice(unit.length);
  if (side !== 'leading') while (rest.endsWith(unit)) rest = rest.slice(0, -unit.length);
  return rest;
}

/** FORMAT(x, d): thousands separated by commas. */
function format(x: number, places: number): string {
  const [integer, fraction] = Math.abs(x)
    .toFixed(Math.min(Math.max(places, 0), 30))
    .split('.');
  const grouped = (integer as string).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return `${x < 0 ? '-' : ''}${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
}

const QUOTED: Record<string, string> = { "'": "\\'", '\\': '\\\\', '\0': '\\0', '\x1a': '\\Z' };

/** HEX of a number is that of its integer part; of anything else, that of its bytes. */
function hex(context: PlanContext, args: readonly Term[]): Term {
  const value = args[0] as Term;
  const number = isNumeric(value.type);
  const operand = number ? convertTo(context, value, BIGINT) : argument(context, value, 'text');
  // Text of twenty digits is told apart from a large integer by being bytes.
  const sql = number ? operand.sql : `CAST(${operand.sql} AS BLOB)`;
  return term(`sluice_hex(${sql})`, varchar(Math.max(textLength(value.type) * 2, 16)), value.nullable, args);
}

/** Source: MySQL manual, SOUNDEX(): of any length, vowels and double codes left out. */
function soundex(text: Text): string {
  const codes = '01230120022455012623010202';
  let result = '';
  let last = '';
  for (const character of asString(text).toUpperCase()) {
    if (!/\p{L}/u.test(character)) continue;
    const code = codes[character.charCodeAt(0) - 65] ?? '0';
    if (result === '') result = character;
    else if (code !== '0' && code !== last) result += code;
    if (result.length === 1 || code !== '0') last = code;
  }
  return result === '' ? '' : result.padEnd(4, '0');
}

const SET_BITS_MAX = 64;

function exportSet(bits: bigint, on: Text, off: Text, separator: Text = ',', count = SET_BITS_MAX): string {
  const n = BigInt.asUintN(64, bits);
  const size = count < 0 || count > SET_BITS_MAX ? SET_BITS_MAX : Number(count);
  return Array.from({ length: size }, (_, i) => ((n >> BigInt(i)) & 1n ? asString(on) : asString(off))).join(
    asString(separator),
  );
}

/** The pattern's matches; `flags` as MySQL's match_type: c and i for letter case, n and m for lines. */
function matches(text: Text, pattern: Text, matchType: Text = ''): { index: number; text: string; end: number }[] {
  const given = asString(matchType);
  const caseless = given.includes('c') ? '' : 'i';
  const flags = `${caseless}${given.includes('n') ? 's' : ''}${given.includes('m') ? 'm' : ''}g`;
  return [...asString(text).matchAll(regularExpression(asString(pattern), flags))].map((match) => ({
    index: match.index,
    text: match[0],
    end: match.index + match[0].length,
  }));
}

function regexpReplace(
  text: Text,
  pattern: Text,
  by: Text,
  position = 1,
  occurrence = 0,
  matchType: Text = '',
): string {
  const all = asString(text);
  const start = Array.from(all)
    .slice(0, position - 1)
    .join('').length;
  const replacement = asString(by).replace(/\\(\d)/g, '$$$1');
  const found = matches(all.slice(start), pattern, matchType);
  const wanted = occurrence === 0 ? found : found.slice(occurrence - 1, occurrence);
  let result = '';
  let at = 0;
  for (const match of wanted) {
    const single = regularExpression(asString(pattern), asString(matchType).includes('c') ? '' : 'i');
    result += all.slice(start + at, start + match.index) + match.text.replace(single, replacement);
    at = match.end;
  }
  return all.slice(0, start) + result + all.slice(start + at);
}

function regexpFind(text: Text, pattern: Text, position: number, occurrence: number, matchType: Text) {
  const all = asString(text);
  const start = Array.from(all)
    .slice(0, position - 1)
    .join('').length;
  const match = matches(all.slice(start), pattern, matchType)[Math.max(occurrence, 1) - 1];
  if (match === undefined) return null;
  return {
    text: match.text,
    index: Array.from(all.slice(0, start + match.index)).length,
    end: Array.from(all.slice(0, start + match.end)).length,
  };
}

export const STRING_FUNCTIONS: readonly FunctionDefinition[] = [
  ...native({
    name: 'CONCAT',
    takes: ['text'],
    rest: 'text',
    gives: joined,
    sql: (...args) => `(${args.join(' || ')})`,
  }),
  ...computed({
    name: 'CONCAT_WS',
    takes: ['text', 'text'],
    rest: 'text',
    gives: joined,
    seesNull: true,
    nullable: true,
    call: (separator: Text | null, ...parts: (Text | null)[]) =>
      separator === null
        ? null
        : parts
            .filter((part) => part !== null)
            .map(asString)
            .join(asString(separator)),
  }),
  ...native({
    name: 'LENGTH',
    aliases: ['OCTET_LENGTH'],
    takes: ['text'],
    gives: BIGINT,
    sql: (s) => `octet_length(${s})`,
  }),
  ...native({
    name: 'CHAR_LENGTH',
    aliases: ['CHARACTER_LENGTH'],
    takes: ['text'],
    gives: BIGINT,
    sql: (s) => `length(${s})`,
  }),
  ...native({ name: 'BIT_LENGTH', takes: ['text'], gives: BIGINT, sql: (s) => `(octet_length(${s}) * 8)` }),
  ...computed({
    name: 'UPPER',
    aliases: ['UCASE'],
    takes: ['text'],
    gives: likeFirst,
    call: (s: Text) => asString(s).toUpperCase(),
  }),
  ...computed({
    name: 'LOWER',
    aliases: ['LCASE'],
    takes: ['text'],
    gives: likeFirst,
    call: (s: Text) => asString(s).toLowerCase(),
  }),
  ...computed({
    name: 'SUBSTRING',
    aliases: ['SUBSTR', 'MID'],
    takes: ['text', 'integer', 'integer'],
    optional: 1,
    gives: likeFirst,
    call: substring,
  }),
  ...computed({
    name: 'LEFT',
    takes: ['text', 'integer'],
    gives: likeFirst,
    call: (s: Text, n: number) => characters(s).slice(0, Math.max(n, 0)).join(''),
  }),
  ...computed({
    name: 'RIGHT',
    takes: ['text', 'integer'],
    gives: likeFirst,
    call: (s: Text, n: number) => (n <= 0 ? '' : characters(s).slice(-n).join('')),
  }),
  ...computed({
    name: 'TRIM',
    takes: ['text', 'text'],
    optional: 1,
    gives: likeFirst,
    call: (s: Text, what: Text = ' ') => trimmed(s, 'both', what),
  }),
  ...computed({
    name: 'LTRIM',
    takes: ['text', 'text'],
    optional: 1,
    gives: likeFirst,
    call: (s: Text, what: Text = ' ') => trimmed(s, 'leading', what),
  }),
  ...computed({
    name: 'RTRIM',
    takes: ['text', 'text'],
    optional: 1,
    gives: likeFirst,
    call: (s: Text, what: Text = ' ') => trimmed(s, 'trailing', what),
  }),
  ...computed({
    name: 'REPLACE',
    takes: ['text', 'text', 'text'],
    gives: longLike,
    call: (s: Text, from: Text, to: Text) =>
      asString(from) === '' ? asString(s) : asString(s).replaceAll(asString(from), () => asString(to)),
  }),
  ...computed({
    name: 'REPEAT',
    takes: ['text', 'integer'],
    gives: longLike,
    nullable: true,
    call: (s: Text, n: number) => repeated(asString(s), n),
  }),
  ...computed({
    name: 'REVERSE',
    takes: ['text'],
    gives: likeFirst,
    call: (s: Text) => characters(s).reverse().join(''),
  }),
  ...computed({
    name: 'LPAD',
    takes: ['text', 'integer', 'text'],
    gives: longLike,
    nullable: true,
    call: (s: Text, n: number, p: Text) => pad(s, n, p, true),
  }),
  ...computed({
    name: 'RPAD',
    takes: ['text', 'integer', 'text'],
    gives: longLike,
    nullable: true,
    call: (s: Text, n: number, p: Text) => pad(s, n, p, false),
  }),
  ...computed({
    name: 'SPACE',
    takes: ['integer'],
    gives: LONGTEXT,
    nullable: true,
    call: (n: number) => repeated(' ', n),
  }),
  ...computed({
    name: 'LOCATE',
    aliases: ['POSITION'],
    takes: ['text', 'text', 'integer'],
    optional: 1,
    gives: BIGINT,
    comparesText: true,
    call: locate,
  }),
  ...computed({
    name: 'INSTR',
    takes: ['text', 'text'],
    gives: BIGINT,
    comparesText: true,
    call: (exact: number, haystack: Text, needle: Text) => locate(exact, needle, haystack),
  }),
  ...computed({ name: 'ASCII', takes: ['text'], gives: BIGINT, call: (s: Text) => asBytes(s)[0] ?? 0 }),
  ...computed({
    name: 'ORD',
    takes: ['text'],
    gives: BIGINT,
    call: (s: Text) => asBytes(characters(s)[0] ?? '').reduce((n, byte) => n * 256 + byte, 0),
  }),
  ...computed({
    name: 'CHAR',
    takes: [],
    rest: 'integer',
    gives: LONGBLOB,
    seesNull: true,
    call: (...codes: (number | null)[]) =>
      Buffer.from(
        codes
          .filter((code) => code !== null)
          .flatMap((code) => (code > 255 ? [(code >> 8) & 255, code & 255] : [code & 255])),
      ),
  }),
  ...special('HEX', 1, 1, hex, [
    {
      name: 'sluice_hex',
      deterministic: true,
      bigIntArguments: true,
      call: (value) => {
        if (value === null) return null;
        const bytes = value instanceof Uint8Array || !/^\d{20}$/.test(String(value)) ? null : BigInt(String(value));
        const n = typeof value === 'bigint' ? value : bytes;
        if (n !== null) return BigInt.asUintN(64, n).toString(16).toUpperCase();
        return Buffer.from(asBytes(value as Text))
          .toString('hex')
          .toUpperCase();
      },
    },
  ]),
  ...computed({
    name: 'UNHEX',
    takes: ['text'],
    gives: LONGBLOB,
    nullable: true,
    call: (s: Text) =>
      /^[0-9a-f]*$/i.test(asString(s))
        ? Buffer.from(asString(s).length % 2 ? `0${asString(s)}` : asString(s), 'hex')
        : null,
  }),
  ...computed({
    name: 'BIN',
    takes: ['integer'],
    gives: varchar(64),
    bigIntArguments: true,
    call: (n: bigint) => BigInt.asUintN(64, n).toString(2),
  }),
  ...computed({
    name: 'OCT',
    takes: ['integer'],
    gives: varchar(22),
    bigIntArguments: true,
    call: (n: bigint) => BigInt.asUintN(64, n).toString(8),
  }),
  ...computed({
    name: 'FIELD',
    takes: ['text'],
    rest: 'text',
    gives: BIGINT,
    seesNull: true,
    comparesText: true,
    call: (exact: number, s: Text | null, ...items: (Text | null)[]) =>
      s === null ? 0 : items.findIndex((item) => item !== null && folded(item, exact) === folded(s, exact)) + 1,
  }),
  ...computed({
    name: 'ELT',
    takes: ['integer'],
    rest: 'text',
    gives: longLike,
    seesNull: true,
    nullable: true,
    call: (n: number | null, ...items: (Text | null)[]) => (n === null ? null : (items[n - 1] ?? null)),
  }),
  ...computed({
    name: 'FIND_IN_SET',
    takes: ['text', 'text'],
    gives: BIGINT,
    comparesText: true,
    call: (exact: number, s: Text, list: Text) =>
      asString(list) === '' ? 0 : folded(list, exact).split(',').indexOf(folded(s, exact)) + 1,
  }),
  ...computed({ name: 'SUBSTRING_INDEX', takes: ['text', 'text', 'integer'], gives: likeFirst, call: substringIndex }),
  ...computed({
    name: 'STRCMP',
    takes: ['text', 'text'],
    gives: BIGINT,
    comparesText: true,
    call: (exact: number, a: Text, b: Text) => {
      const x = folded(a, exact);
      const y = folded(b, exact);
      return x < y ? -1 : x > y ? 1 : 0;
    },
  }),
  ...computed({ name: 'FORMAT', takes: ['double', 'integer', 'text'], optional: 1, gives: LONGTEXT, call: format }),
  ...computed({
    name: 'INSERT',
    takes: ['text', 'integer', 'integer', 'text'],
    gives: longLike,
    call: (s: Text, position: number, length: number, by: Text) => {
      const all = characters(s);
      if (position < 1 || position > all.length) return asString(s);
      const end = length < 0 || position - 1 + length > all.length ? all.length : position - 1 + length;
      return all.slice(0, position - 1).join('') + asString(by) + all.slice(end).join('');
    },
  }),
  ...computed({
    name: 'QUOTE',
    takes: ['text'],
    gives: LONGTEXT,
    seesNull: true,
    call: (s: Text | null) => (s === null ? 'NULL' : `'${Array.from(asString(s), (c) => QUOTED[c] ?? c).join('')}'`),
  }),
  ...computed({
    name: 'MD5',
    takes: ['text'],
    gives: varchar(32),
    call: (s: Text) => createHash('md5').update(s).digest('hex'),
  }),
  ...computed({
    name: 'SHA1',
    aliases: ['SHA'],
    takes: ['text'],
    gives: varchar(40),
    call: (s: Text) => createHash('sha1').update(s).digest('hex'),
  }),
  ...computed({
    name: 'SHA2',
    takes: ['text', 'integer'],
    gives: varchar(128),
    nullable: true,
    call: (s: Text, bits: number) =>
      [0, 224, 256, 384, 512].includes(bits)
        ? createHash(`sha${bits === 0 ? 256 : bits}`)
            .update(s)
            .digest('hex')
        : null,
  }),
  ...computed({ name: 'SOUNDEX', takes: ['text'], gives: likeFirst, call: soundex }),
  ...computed({
    name: 'EXPORT_SET',
    takes: ['integer', 'text', 'text', 'text', 'integer'],
    optional: 2,
    gives: LONGTEXT,
    bigIntArguments: true,
    call: exportSet,
  }),
  ...computed({
    name: 'MAKE_SET',
    takes: ['integer'],
    rest: 'text',
    gives: joined,
    seesNull: true,
    nullable: true,
    bigIntArguments: true,
    call: (bits: bigint | null, ...items: (Text | null)[]) =>
      bits === null
        ? null
        : items
            .filter((item, i) => item !== null && (bits >> BigInt(i)) & 1n)
            .map((item) => asString(item as Text))
            .join(','),
  }),
  ...computed({
    name: 'REGEXP_REPLACE',
    takes: ['text', 'text', 'text', 'integer', 'integer', 'text'],
    optional: 3,
    gives: longLike,
    call: regexpReplace,
  }),
  ...computed({
    name: 'REGEXP_SUBSTR',
    takes: ['text', 'text', 'integer', 'integer', 'text'],
    optional: 3,
    gives: longLike,
    nullable: true,
    call: (text: Text, pattern: Text, position = 1, occurrence = 1, matchType: Text = '') =>
      regexpFind(text, pattern, position, occurrence, matchType)?.text ?? null,
  }),
  ...computed({
    name: 'REGEXP_INSTR',
    takes: ['text', 'text', 'integer', 'integer', 'integer', 'text'],
    optional: 4,
    gives: BIGINT,
    call: (text: Text, pattern: Text, position = 1, occurrence = 1, returnsEnd = 0, matchType: Text = '') => {
      const found = regexpFind(text, pattern, position, occurrence, matchType);
      return found === null ? 0 : (returnsEnd === 0 ? found.index : found.end) + 1;
    },
  }),
  ...computed({
    name: 'REGEXP_LIKE',
    takes: ['text', 'text', 'text'],
    optional: 1,
    gives: BOOLEAN,
    call: (text: Text, pattern: Text, matchType: Text = '') => (matches(text, pattern, matchType).length > 0 ? 1 : 0),
  }),
  ...computed({ name: 'UUID', takes: [], gives: varchar(36), deterministic: false, call: () => randomUUID() }),
  ...computed({
    name: 'TO_BASE64',
    takes: ['text'],
    gives: LONGTEXT,
    call: (s: Text) =>
      Buffer.from(asBytes(s))
        .toString('base64')
        .replace(/.{76}(?=.)/g, '$&\n'),
  }),
  ...computed({
    name: 'FROM_BASE64',
    takes: ['text'],
    gives: LONGBLOB,
    nullable: true,
    call: (s: Text) => (/^[A-Za-z0-9+/\s]*=*\s*$/.test(asString(s)) ? Buffer.from(asString(s), 'base64') : null),
  }),
];
