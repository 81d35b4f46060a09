/**
 * The values bound to a prepared statement that writes, as keys and as literals: annotations name rows by them, so the text differs from one execution
 * to the next, and a statement that is prepared for one execution costs the source more than a text with its values.
 *
 * A literal stands for its value only where the source makes exactly the same of both: same type, character set, length of a fraction. Values that
 * have no such literal (bytes that are not UTF-8, days that do not exist, numbers that are none) are null, and their statement stays a prepared one.
 */
import { isUtf8 } from 'node:buffer';
import { SluiceError } from '../../errors.ts';
import { Lexer } from '../../sql/syntax/lexer.ts';
import type { SyntaxOptions } from '../../sql/syntax/sql-mode.ts';
import * as token from '../../sql/syntax/tokens.ts';
import { daysInMonth } from '../../sql/values/temporal.ts';
import type { BoundParameters } from '../../stores/mysql/connection.ts';
import { FIELD_TYPE } from '../../util/mysql-packets/constants.ts';
import { Payload } from '../../util/mysql-packets/payload.ts';
import { ProtocolError } from '../../util/mysql-packets/protocol-error.ts';
import { decodeRawText } from '../../util/raw-text.ts';
import type { ChangeText, InsertText, KeyValue } from './dml-text.ts';

export interface BoundValue {
  /** null: none that is exactly the same. */
  readonly literal: string | null;
  /** It is the same where it is stored or compared, but not in every expression. */
  readonly isForPlaces?: boolean;
  /** As a key; null for what is none (fractions, bytes). */
  readonly key: KeyValue | null;
}

const NULL_VALUE: BoundValue = { literal: 'NULL', key: { sql: 'NULL', kind: 'null', text: '' } };

export interface LiteralOptions {
  readonly syntax: SyntaxOptions;
  /** The client speaks utf8mb4: a character of four bytes is one. */
  readonly isUtf8mb4: boolean;
}

const UNSIGNED = 0x80;
/** A statement with more bytes of values stays a prepared one: as a text it would be longer than the source may take. */
const MAX_SPELLED_BYTES = 64 * 1024;
/** Digits behind the point that a DECIMAL can have in every server. */
const MAX_SCALE = 30;
const MAX_DIGITS = 65;

/** null: they are not what the protocol says; the source tells its client. */
export function boundValues(bound: BoundParameters, count: number, options: LiteralOptions): BoundValue[] | null {
  if (count === 0) return [];
  const bytes = Buffer.from(bound.bytes.buffer, bound.bytes.byteOffset, bound.bytes.byteLength);
  try {
    const payload = new Payload(bytes);
    const nulls = payload.bytes((count + 7) >> 3);
    payload.skip(1);
    const types = payload.bytes(count * 2);
    return Array.from({ length: count }, (_, i) => {
      const type = types[2 * i] as number;
      const long = bound.longData?.get(i);
      if (long !== undefined) return { literal: null, key: isText(type) ? stringKey(long, options.syntax) : null };
      if (((nulls[i >> 3] as number) >> (i & 7)) & 1) return NULL_VALUE;
      return boundValue(payload, type, ((types[2 * i + 1] as number) & UNSIGNED) !== 0, options);
    });
  } catch (error) {
    if (error instanceof ProtocolError || error instanceof UnknownType) return null;
    throw error;
  }
}

class UnknownType extends Error {}

function isText(type: number): boolean {
  return (
    type === FIELD_TYPE.VARCHAR ||
    type === FIELD_TYPE.VAR_STRING ||
    type === FIELD_TYPE.STRING ||
    type === FIELD_TYPE.ENUM ||
    type === FIELD_TYPE.SET
  );
}

function boundValue(payload: Payload, type: number, unsigned: boolean, options: LiteralOptions): BoundValue {
  if (isText(type)) return text(payload.lenencBytes(), options);
  switch (type) {
    case FIELD_TYPE.TINY:
      return unsigned ? unsignedInteger(payload.u8()) : integer(payload.i8());
    case FIELD_TYPE.SHORT:
    case FIELD_TYPE.YEAR:
      return unsigned ? unsignedInteger(payload.u16()) : integer(payload.i16());
    case FIELD_TYPE.INT24:
    case FIELD_TYPE.LONG:
      return unsigned ? unsignedInteger(payload.u32()) : integer(payload.i32());
    case FIELD_TYPE.LONGLONG:
      return unsigned ? unsignedInteger(payload.u64()) : integer(payload.i64());
    case FIELD_TYPE.FLOAT:
      return double(payload.f32());
    case FIELD_TYPE.DOUBLE:
      return double(payload.f64());
    case FIELD_TYPE.NULL:
      return NULL_VALUE;
    case FIELD_TYPE.DECIMAL:
    case FIELD_TYPE.NEWDECIMAL:
      return decimal(payload.lenencBytes().toString('latin1'));
    case FIELD_TYPE.DATE:
    case FIELD_TYPE.NEWDATE:
      return moment('DATE', dateTime(payload)?.slice(0, 10) ?? null);
    case FIELD_TYPE.DATETIME:
    case FIELD_TYPE.TIMESTAMP:
      return moment('TIMESTAMP', dateTime(payload));
    case FIELD_TYPE.TIME:
      return moment('TIME', time(payload));
    case FIELD_TYPE.TINY_BLOB:
    case FIELD_TYPE.MEDIUM_BLOB:
    case FIELD_TYPE.LONG_BLOB:
    case FIELD_TYPE.BLOB:
      // With its introducer it is bytes, in a sum too; without, MySQL takes it for a number there.
      return { literal: `_binary x'${payload.lenencBytes().toString('hex')}'`, key: null };
    case FIELD_TYPE.BIT:
    case FIELD_TYPE.JSON:
    case FIELD_TYPE.GEOMETRY:
      payload.lenencBytes();
      return { literal: null, key: null };
    default:
      throw new UnknownType();
  }
}

function integer(value: number | bigint): BoundValue {
  const sql = String(value);
  return { literal: sql, key: { sql, kind: 'number', text: sql } };
}

/** A literal below 2^63 is a signed number: `1 - ?` is an error for an unsigned 2, and -1 for a signed one. */
function unsignedInteger(value: number | bigint): BoundValue {
  return { ...integer(value), isForPlaces: true };
}

function double(value: number): BoundValue {
  // -0 would come back as 0.
  if (!Number.isFinite(value) || Object.is(value, -0)) return { literal: null, key: null };
  const digits = String(value);
  const literal = digits.includes('e') ? digits : `${digits}e0`;
  const key = Number.isSafeInteger(value) ? ({ sql: literal, kind: 'number', text: digits } as const) : null;
  return { literal, key };
}

function decimal(digits: string): BoundValue {
  const match = /^-?(\d+)\.(\d+)$/.exec(digits);
  const [, whole = '', fraction = ''] = match ?? [];
  const isPlain = match !== null && fraction.length <= MAX_SCALE && whole.length + fraction.length <= MAX_DIGITS;
  return { literal: isPlain ? digits : null, key: null };
}

function text(bytes: Buffer, { syntax, isUtf8mb4 }: LiteralOptions): BoundValue {
  const key = stringKey(bytes, syntax);
  const isPlain = isUtf8(bytes) && (isUtf8mb4 || !/[\ud800-\udbff]/.test(key.text));
  return { literal: isPlain ? key.sql : null, key };
}

function stringKey(bytes: Uint8Array, syntax: SyntaxOptions): KeyValue {
  const content = decodeRawText(bytes);
  return { sql: quoted(content, syntax), kind: 'string', text: content };
}

function quoted(content: string, { noBackslashEscapes }: SyntaxOptions): string {
  const doubled = content.replaceAll("'", "''");
  return `'${noBackslashEscapes === true ? doubled : doubled.replaceAll('\\', '\\\\')}'`;
}

function moment(type: string, shown: string | null): BoundValue {
  if (shown === null) return { literal: null, key: null };
  const literal = `${type}'${shown}'`;
  return { literal, key: { sql: literal, kind: 'string', text: shown } };
}

/** null: such a day does not exist, of which literals and values are told in different words. */
function dateTime(payload: Payload): string | null {
  const length = payload.u8();
  const year = length >= 4 ? payload.u16() : 0;
  const month = length >= 4 ? payload.u8() : 0;
  const day = length >= 4 ? payload.u8() : 0;
  const [hour, minute, second] = length >= 7 ? [payload.u8(), payload.u8(), payload.u8()] : [0, 0, 0];
  const micros = length >= 11 ? payload.u32() : 0;
  if (year === 0 || month === 0 || month > 12 || day === 0 || day > daysInMonth(year, month)) return null;
  const clock = clockText(hour, minute, second, micros);
  return clock === null || hour > 23 ? null : `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)} ${clock}`;
}

function time(payload: Payload): string | null {
  const length = payload.u8();
  if (length < 8) return '00:00:00';
  const sign = payload.u8() === 0 ? '' : '-';
  const hours = payload.u32() * 24 + payload.u8();
  const clock = clockText(hours, payload.u8(), payload.u8(), length >= 12 ? payload.u32() : 0);
  return clock === null || hours > 838 ? null : sign + clock;
}

function clockText(hours: number, minutes: number, seconds: number, micros: number): string | null {
  if (minutes > 59 || seconds > 59 || micros > 999_999) return null;
  const clock = `${pad(hours, 2)}:${pad(minutes, 2)}:${pad(seconds, 2)}`;
  return micros === 0 ? clock : `${clock}.${pad(micros, 6)}`;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

/** The keys of the values in the places of the parameters. */
export function withBoundKeys<T extends InsertText | ChangeText>(dml: T, values: readonly BoundValue[]): T {
  const resolve = (value: KeyValue | null): KeyValue | null =>
    value?.kind === 'parameter' ? (values[value.index ?? -1]?.key ?? null) : value;
  if (dml.kind === 'insert') return { ...dml, rows: dml.rows.map((row) => row.map(resolve)) };
  const equals = dml.equals === null ? null : resolved(dml.equals, resolve);
  return { ...dml, sets: new Map(Array.from(dml.sets, ([name, value]) => [name, resolve(value)])), equals };
}

/** null when some value is no key. */
function resolved(
  equals: ReadonlyMap<string, readonly KeyValue[]>,
  resolve: (value: KeyValue | null) => KeyValue | null,
): Map<string, KeyValue[]> | null {
  const found = new Map<string, KeyValue[]>();
  for (const [name, values] of equals) {
    const keys = values.map(resolve).filter((key): key is KeyValue => key !== null && key.kind !== 'null');
    if (keys.length < values.length) return null;
    found.set(name, keys);
  }
  return found;
}

/** Words that end an expression. */
const BEHIND = new Set([')', ',', ';', 'AND', 'OR', 'WHERE', 'ORDER', 'LIMIT', 'ON']);
const COMPARISONS = new Set(['=', '<', '>', '<=', '>=', '<>', '!=', '<=>']);

/**
 * The statement with its values as literals; null where that could be another statement: a value without a literal, a number behind ORDER BY, which would be a
 * column's place there, what LIMIT does not take, and in expressions what is another type there.
 */
export function spelledText(
  sql: string,
  bound: BoundParameters,
  values: readonly BoundValue[],
  { syntax }: LiteralOptions,
): string | null {
  if (bound.bytes.length > MAX_SPELLED_BYTES || bound.longData !== null) return null;
  try {
    return new Speller(sql, values, syntax).text();
  } catch (error) {
    if (error instanceof SluiceError) return null;
    throw error;
  }
}

class Speller {
  readonly #sql: string;
  readonly #values: readonly BoundValue[];
  readonly #lexer = new Lexer();
  #isOrder = false;
  #isLimit = false;
  #isBehindOn = false;
  /** Of the parentheses that are open: whether they hold a list of values. */
  readonly #lists: boolean[] = [];
  #wasRow = false;
  /** The token before, as far as it matters: a word in capitals, an operator, or '' for others. */
  #before = '';

  constructor(sql: string, values: readonly BoundValue[], syntax: SyntaxOptions) {
    this.#sql = sql;
    this.#values = values;
    this.#lexer.reset(sql, syntax);
  }

  text(): string | null {
    const lexer = this.#lexer;
    let text = '';
    let from = 0;
    let next = 0;
    let kind = lexer.next();
    while (kind !== token.TOKEN_END) {
      const before = this.#before;
      const { start, end } = lexer;
      this.#note();
      if (kind !== token.TOKEN_PARAMETER) {
        kind = lexer.next();
        continue;
      }
      kind = lexer.next();
      const literal = this.#literal(this.#values[next++], before, kind === token.TOKEN_END ? ';' : this.#word());
      if (literal === null) return null;
      text += `${this.#sql.slice(from, start)} ${literal} `;
      from = end;
    }
    return next === this.#values.length ? text + this.#sql.slice(from) : null;
  }

  #note(): void {
    const before = this.#before;
    const word = this.#word();
    this.#before = word;
    switch (word) {
      case '(':
        this.#lists.push(before === 'IN' || (!this.#isBehindOn && this.#isRow(before)));
        break;
      case ')':
        this.#isLimit = false;
        this.#wasRow = this.#lists.pop() === true;
        break;
      case 'ON':
        this.#isBehindOn = true;
        break;
      case 'ORDER':
      case 'GROUP':
        this.#isOrder = true;
        break;
      case 'LIMIT':
        this.#isOrder = false;
        this.#isLimit = true;
        break;
    }
  }

  #isRow(before: string): boolean {
    return this.#lists.length === 0 && (before === 'VALUES' || before === 'VALUE' || (before === ',' && this.#wasRow));
  }

  #word(): string {
    const { kind } = this.#lexer;
    if (kind === token.TOKEN_WORD) return this.#lexer.text().toUpperCase();
    return kind === token.TOKEN_OPERATOR ? this.#lexer.operator : '';
  }

  #literal(value: BoundValue | undefined, before: string, after: string): string | null {
    const literal = value?.literal ?? null;
    if (value === undefined || literal === null) return null;
    if (this.#isOrder && (before === 'BY' || before === ',')) return null;
    if (this.#isLimit) {
      const { key } = value;
      return key?.kind === 'number' && !key.text.startsWith('-') ? key.text : null;
    }
    const isElement = this.#lists.at(-1) === true && (before === '(' || before === ',');
    const isPlace = (isElement || COMPARISONS.has(before)) && BEHIND.has(after);
    if (isPlace) return literal;
    if (value.isForPlaces === true) return null;
    return literal.startsWith('-') ? `(${literal})` : literal;
  }
}
