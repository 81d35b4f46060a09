/** String functions. Source: MySQL manual, "String Functions and Operators". Positions count characters from 1. */
import { createHash, randomUUID } from 'node:crypto';
import type { ColumnType } from '../../stores/column-type.ts';
import type { Term } from '../planner/term.ts';
import { BIGINT, LONGBLOB, LONGTEXT, textLength, varchar } from '../types.ts';
import { computed, type FunctionDefinition, native } from './definition.ts';

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
  const binary = args.find((arg) => arg.type.collation !== undefined)?.type.collation;
  const type: ColumnType = length > 16_383 ? LONGTEXT : varchar(length);
  return binary === undefined ? type : { ...type, collation: binary };
}

function substring(text: Text, position: number, length = Number.POSITIVE_INFINITY): string {
  const all = characters(text);
  if (position === 0 || length <= 0) return '';
  const start = position > 0 ? position - 1 : all.length + position;
  if (start < 0) return '';
  return all.slice(start, start + length).join('');
}

function pad(text: Text, length: number, filler: Text, left: boolean): string | null {
  const all = characters(text);
  if (length < 0) return null;
  if (all.length >= length) return all.slice(0, length).join('');
  const fill = characters(filler);
  if (fill.length === 0) return '';
  const missing = Array.from({ length: length - all.length }, (_, i) => fill[i % fill.length]).join('');
  return left ? missing + all.join('') : all.join('') + missing;
}

function locate(needle: Text, haystack: Text, from = 1): number {
  if (from < 1) return 0;
  const text = asString(haystack).toLowerCase();
  const skipped = Array.from(text)
    .slice(0, from - 1)
    .join('').length;
  const index = text.indexOf(asString(needle).toLowerCase(), skipped);
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
    gives: LONGTEXT,
    call: (s: Text, from: Text, to: Text) =>
      asString(from) === '' ? asString(s) : asString(s).replaceAll(asString(from), () => asString(to)),
  }),
  ...computed({
    name: 'REPEAT',
    takes: ['text', 'integer'],
    gives: LONGTEXT,
    call: (s: Text, n: number) => asString(s).repeat(Math.max(n, 0)),
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
    gives: LONGTEXT,
    nullable: true,
    call: (s: Text, n: number, p: Text) => pad(s, n, p, true),
  }),
  ...computed({
    name: 'RPAD',
    takes: ['text', 'integer', 'text'],
    gives: LONGTEXT,
    nullable: true,
    call: (s: Text, n: number, p: Text) => pad(s, n, p, false),
  }),
  ...computed({ name: 'SPACE', takes: ['integer'], gives: LONGTEXT, call: (n: number) => ' '.repeat(Math.max(n, 0)) }),
  ...computed({
    name: 'LOCATE',
    aliases: ['POSITION'],
    takes: ['text', 'text', 'integer'],
    optional: 1,
    gives: BIGINT,
    call: locate,
  }),
  ...computed({
    name: 'INSTR',
    takes: ['text', 'text'],
    gives: BIGINT,
    call: (haystack: Text, needle: Text) => locate(needle, haystack),
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
  ...computed({
    name: 'HEX',
    takes: ['any'],
    gives: LONGTEXT,
    bigIntArguments: true,
    call: (value: Text | number | bigint) => {
      if (typeof value === 'number')
        return BigInt.asUintN(64, BigInt(Math.round(value)))
          .toString(16)
          .toUpperCase();
      return typeof value === 'bigint'
        ? BigInt.asUintN(64, value).toString(16).toUpperCase()
        : Buffer.from(asBytes(value)).toString('hex').toUpperCase();
    },
  }),
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
    call: (s: Text | null, ...items: (Text | null)[]) =>
      s === null
        ? 0
        : items.findIndex((item) => item !== null && asString(item).toLowerCase() === asString(s).toLowerCase()) + 1,
  }),
  ...computed({
    name: 'ELT',
    takes: ['integer'],
    rest: 'text',
    gives: LONGTEXT,
    seesNull: true,
    nullable: true,
    call: (n: number | null, ...items: (Text | null)[]) => (n === null ? null : (items[n - 1] ?? null)),
  }),
  ...computed({
    name: 'FIND_IN_SET',
    takes: ['text', 'text'],
    gives: BIGINT,
    call: (s: Text, list: Text) =>
      asString(list) === '' ? 0 : asString(list).toLowerCase().split(',').indexOf(asString(s).toLowerCase()) + 1,
  }),
  ...computed({ name: 'SUBSTRING_INDEX', takes: ['text', 'text', 'integer'], gives: likeFirst, call: substringIndex }),
  ...computed({
    name: 'STRCMP',
    takes: ['text', 'text'],
    gives: BIGINT,
    call: (a: Text, b: Text) => {
      const x = asString(a).toLowerCase();
      const y = asString(b).toLowerCase();
      return x < y ? -1 : x > y ? 1 : 0;
    },
  }),
  ...computed({ name: 'FORMAT', takes: ['double', 'integer', 'text'], optional: 1, gives: LONGTEXT, call: format }),
  ...computed({
    name: 'INSERT',
    takes: ['text', 'integer', 'integer', 'text'],
    gives: LONGTEXT,
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
    call: (s: Text | null) => (s === null ? 'NULL' : `'${asString(s).replace(/['\\\0\x1a]/g, (c) => QUOTED[c] ?? c)}'`),
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
