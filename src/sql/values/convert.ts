/**
 * Values on their way into a column: MySQL's assignment rules, strict and lenient. A value that the column cannot hold is an error in
 * strict mode, a warning and the nearest value otherwise. Source: MySQL manual, "Server SQL Modes" and "Out-of-Range and Overflow
 * Handling".
 */
import { failure, type SluiceError } from '../../errors.ts';
import type { ColumnDefinition } from '../../stores/schema.ts';
import type { Warning } from '../../stores/statement.ts';
import type { StoreValue } from '../../stores/values.ts';
import type { SlotValue } from '../slots.ts';
import { family, INTEGER_RANGES, textLength } from '../types.ts';
import {
  type Decimal,
  decimalOfDouble,
  decimalText,
  parseDecimalPrefix,
  powerOfTen,
  rescale,
  roundedDouble,
} from './decimal.ts';
import { normalJson } from './json-document.ts';
import { doubleText } from './number-text.ts';
import {
  dateText,
  datetimeText,
  isZeroDate,
  MAX_TIME_MICROS,
  microsOfParts,
  parseDateTime,
  parseTime,
  partsOfMicros,
  temporalDecimal,
  timeDecimal,
  timeText,
} from './temporal.ts';

/** How assignments are judged, and where their warnings go. */
export interface AssignmentMode {
  readonly strict: boolean;
  /** Minutes east of UTC of the session's time zone, for TIMESTAMP. */
  readonly offsetMinutes: number;
  readonly warn: (warning: Warning) => void;
}

type Column = Pick<ColumnDefinition, 'name' | 'type' | 'nullable'>;

/** `value` as `column` stores it. `row` (from 1) is for messages. Throws MySQL's errors in strict mode. NULL passes: the caller knows defaults. */
export function toColumn(column: Column, value: SlotValue, row: number, mode: AssignmentMode): StoreValue {
  if (value.value === null) return null;
  switch (family(column.type)) {
    case 'int':
      return toInteger(column, value, row, mode);
    case 'decimal':
      return toDecimal(column, value, row, mode);
    case 'double':
      return toDouble(column, value, row, mode);
    case 'string':
      return toText(column, value, row, mode);
    case 'bytes':
      return toBytes(column, value, row, mode);
    case 'date':
      return toDate(column, value, row, mode);
    case 'datetime':
      return toDateTime(column, value, row, mode);
    case 'time':
      return toTime(column, value, row, mode);
    case 'enum':
      return toEnum(column, value, row, mode);
    case 'set':
      return toSet(column, value, row, mode);
    case 'json':
      return toJson(value);
    case 'null':
      return null;
  }
}

function reject(mode: AssignmentMode, error: SluiceError): void {
  if (mode.strict) throw error;
  mode.warn({ level: 'Warning', errno: error.errno, message: error.message });
}

function incorrect(column: Column, kind: string, value: SlotValue, row: number): SluiceError {
  return failure('ER_TRUNCATED_WRONG_VALUE_FOR_FIELD', kind, slotText(value).slice(0, 128), column.name, row);
}

/** The exact number of a value, noting what was not a number. */
function exactNumber(column: Column, kind: string, value: SlotValue, row: number, mode: AssignmentMode): Decimal {
  const v = value.value;
  if (typeof v === 'bigint') return { unscaled: v, scale: 0 };
  if (typeof v === 'number') return value.type.kind === 'time' ? timeDecimal(v) : decimalOfDouble(v);
  if (v instanceof Uint8Array)
    return { unscaled: v.length === 0 ? 0n : BigInt(`0x${Buffer.from(v).toString('hex')}`), scale: 0 };
  const text = v as string;
  if (value.type.kind === 'date' || value.type.kind === 'datetime') return temporalDecimal(text);
  if (value.type.kind === 'time') return timeDecimal(parseTime(text) ?? 0);
  const parsed = parseDecimalPrefix(text);
  if (parsed === null) {
    reject(mode, incorrect(column, kind, value, row));
    return { unscaled: 0n, scale: 0 };
  }
  if (!parsed.complete) reject(mode, failure('WARN_DATA_TRUNCATED', column.name, row));
  return parsed.value;
}

function toInteger(column: Column, value: SlotValue, row: number, mode: AssignmentMode): StoreValue {
  const type = column.type;
  const v = value.value;
  // Hot path: most values are integers that fit; measured 4x faster than going through bigint.
  if (typeof v === 'number' && Number.isSafeInteger(v) && value.type.kind === 'int' && type.name !== 'year') {
    const bits = INTEGER_RANGES[type.name]?.bits ?? 64;
    if (
      type.name !== 'bit' &&
      (bits === 64
        ? !(type.unsigned && v < 0)
        : type.unsigned
          ? v >= 0 && v < 2 ** bits
          : v >= -(2 ** (bits - 1)) && v < 2 ** (bits - 1))
    )
      return v;
  }
  const exact = exactNumber(column, 'integer', value, row, mode);
  let n = value.type.kind === 'double' && typeof v === 'number' ? roundedDouble(v) : rescale(exact, 0);
  // A DECIMAL below zero is out of an unsigned column's range even where it would be rounded to zero.
  if (n === 0n && exact.unscaled < 0n && type.unsigned && value.type.kind === 'decimal') n = -1n;
  if (type.name === 'year') return toYear(column, n, value, row, mode);
  const bits = type.name === 'bit' ? (type.length ?? 1) : (INTEGER_RANGES[type.name]?.bits ?? 64);
  const unsigned = type.unsigned === true || type.name === 'bit';
  const low = unsigned ? 0n : -(1n << BigInt(bits - 1));
  const high = (1n << BigInt(unsigned ? bits : bits - 1)) - 1n;
  if (n < low || n > high) {
    const code = type.name === 'bit' ? 'ER_DATA_TOO_LONG' : 'ER_WARN_DATA_OUT_OF_RANGE';
    reject(mode, failure(code, column.name, row));
    return storedInteger(n < low ? low : high);
  }
  return storedInteger(n);
}

/** Beyond 2^63-1 as 20 digits of text, which SQLite orders after every integer. */
export function storedInteger(n: bigint): StoreValue {
  if (n > 9_223_372_036_854_775_807n) return n.toString().padStart(20, '0');
  return n >= -9_007_199_254_740_991n && n <= 9_007_199_254_740_991n ? Number(n) : n;
}

function toYear(column: Column, n: bigint, value: SlotValue, row: number, mode: AssignmentMode): StoreValue {
  let year = Number(n);
  if (year >= 1 && year <= 69) year += 2000;
  else if (year >= 70 && year <= 99) year += 1900;
  else if (year === 0 && typeof value.value === 'string' && value.value !== '0000') year = 2000;
  if (year !== 0 && (year < 1901 || year > 2155)) {
    reject(mode, failure('ER_WARN_DATA_OUT_OF_RANGE', column.name, row));
    return 0;
  }
  return year;
}

function toDecimal(column: Column, value: SlotValue, row: number, mode: AssignmentMode): StoreValue {
  const precision = column.type.precision ?? 10;
  const scale = column.type.scale ?? 0;
  const exact = exactNumber(column, 'decimal', value, row, mode);
  let n = rescale(exact, scale);
  const limit = powerOfTen(precision);
  if (n <= -limit || n >= limit || (column.type.unsigned && n < 0n)) {
    reject(mode, failure('ER_WARN_DATA_OUT_OF_RANGE', column.name, row));
    n = n < 0n ? (column.type.unsigned ? 0n : 1n - limit) : limit - 1n;
  } else if (
    exact.scale > scale &&
    rescale({ unscaled: n, scale }, exact.scale) !== exact.unscaled &&
    typeof value.value !== 'number'
  ) {
    mode.warn({ level: 'Note', errno: 1265, message: failure('WARN_DATA_TRUNCATED', column.name, row).message });
  }
  return storedInteger(n);
}

function toDouble(column: Column, value: SlotValue, row: number, mode: AssignmentMode): StoreValue {
  const v = value.value;
  let n: number;
  if (typeof v === 'number' && value.type.kind !== 'time') n = v;
  else if (typeof v === 'string' && value.type.kind !== 'date' && value.type.kind !== 'datetime')
    n = doubleOfText(column, value, row, mode);
  else n = Number(decimalText(exactNumber(column, 'double', value, row, mode)));
  if (column.type.scale !== undefined) n = Math.round(n * 10 ** column.type.scale) / 10 ** column.type.scale;
  if (column.type.name === 'float') {
    if (Math.abs(n) > 3.402823466e38) {
      reject(mode, failure('ER_WARN_DATA_OUT_OF_RANGE', column.name, row));
      return n < 0 ? -3.4028234663852886e38 : 3.4028234663852886e38;
    }
    n = Math.fround(n);
  }
  if (!Number.isFinite(n)) {
    reject(mode, failure('ER_WARN_DATA_OUT_OF_RANGE', column.name, row));
    n = n < 0 ? -Number.MAX_VALUE : Number.MAX_VALUE;
  }
  if (column.type.unsigned && n < 0) {
    reject(mode, failure('ER_WARN_DATA_OUT_OF_RANGE', column.name, row));
    n = 0;
  }
  return n;
}

function doubleOfText(column: Column, value: SlotValue, row: number, mode: AssignmentMode): number {
  const text = value.value as string;
  const match = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/.exec(text);
  if (match === null || match[0].length !== text.trimEnd().length)
    reject(mode, failure('WARN_DATA_TRUNCATED', column.name, row));
  return match === null ? 0 : Number(match[0]);
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Any value as MySQL would print it. */
export function slotText(value: SlotValue): string {
  const v = value.value;
  if (v === null) return 'NULL';
  if (typeof v === 'string') return v;
  if (v instanceof Uint8Array) return Buffer.from(v).toString('utf8');
  if (typeof v === 'number' && value.type.kind === 'time') return timeText(v, v % 1_000_000 === 0 ? 0 : 6);
  if (typeof v === 'number' && value.type.kind === 'double') return doubleText(v);
  return v.toString();
}

function toText(column: Column, value: SlotValue, row: number, mode: AssignmentMode): StoreValue {
  let text: string;
  if (value.value instanceof Uint8Array) {
    if (column.type.asGiven === true) return value.value;
    try {
      text = UTF8.decode(value.value);
    } catch {
      const bytes = [...value.value.subarray(0, 6)]
        .map((byte) => `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`)
        .join('');
      reject(mode, failure('ER_TRUNCATED_WRONG_VALUE_FOR_FIELD', 'string', bytes, column.name, row));
      text = Buffer.from(value.value).toString('utf8');
    }
  } else text = typeof value.value === 'string' ? value.value : slotText(value);
  return fitText(column, text, row, mode);
}

function fitText(column: Column, text: string, row: number, mode: AssignmentMode): string {
  const type = column.type;
  const limit = textLength(type);
  let fitted = type.name === 'char' && text.endsWith(' ') ? text.replace(/ +$/, '') : text;
  const inCharacters = type.name === 'char' || type.name === 'varchar';
  if (fitted.length * (inCharacters ? 1 : 3) <= limit) return fitted;
  const length = inCharacters ? [...fitted].length : Buffer.byteLength(fitted);
  if (length <= limit) return fitted;
  const cut = inCharacters
    ? [...fitted].slice(0, limit).join('')
    : Buffer.from(fitted).subarray(0, limit).toString('utf8').replace(/�+$/, '');
  // Surplus blanks of a VARCHAR are cut with a note, not refused.
  if (inCharacters && fitted.slice(cut.length).trim() === '')
    mode.warn({ level: 'Note', errno: 1265, message: failure('WARN_DATA_TRUNCATED', column.name, row).message });
  else reject(mode, failure('ER_DATA_TOO_LONG', column.name, row));
  fitted = cut;
  return fitted;
}

function toBytes(column: Column, value: SlotValue, row: number, mode: AssignmentMode): StoreValue {
  let bytes: Uint8Array = value.value instanceof Uint8Array ? value.value : Buffer.from(slotText(value), 'utf8');
  const limit = textLength(column.type);
  if (bytes.length > limit) {
    reject(mode, failure('ER_DATA_TOO_LONG', column.name, row));
    bytes = bytes.subarray(0, limit);
  }
  if (column.type.name === 'binary' && bytes.length < limit) {
    const padded = new Uint8Array(limit);
    padded.set(bytes);
    return padded;
  }
  return bytes;
}

function temporalSource(value: SlotValue): string {
  return typeof value.value === 'number' || typeof value.value === 'bigint' ? value.value.toString() : slotText(value);
}

function toDate(column: Column, value: SlotValue, row: number, mode: AssignmentMode): StoreValue {
  const parts = value.type.kind === 'time' ? null : parseDateTime(temporalSource(value));
  const isZeroNumber = value.value === 0 || value.value === '0' || value.value === '0000-00-00';
  if (parts === null || isZeroDate(parts)) {
    if (!(isZeroNumber && !mode.strict))
      reject(mode, failure('ER_TRUNCATED_WRONG_VALUE', 'date', slotText(value), column.name, row));
    return parts === null || mode.strict ? '0000-00-00' : dateText(parts);
  }
  return dateText(parts);
}

function toDateTime(column: Column, value: SlotValue, row: number, mode: AssignmentMode): StoreValue {
  const scale = column.type.scale ?? 0;
  const parts = value.type.kind === 'time' ? null : parseDateTime(temporalSource(value));
  if (parts === null || isZeroDate(parts)) {
    reject(mode, failure('ER_TRUNCATED_WRONG_VALUE', 'datetime', slotText(value), column.name, row));
    return datetimeText({ year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0, micros: 0 }, scale);
  }
  const utc = column.type.name === 'timestamp';
  const shift =
    parts.offsetMinutes === null
      ? utc
        ? -mode.offsetMinutes
        : 0
      : -parts.offsetMinutes + (utc ? 0 : mode.offsetMinutes);
  if (utc && (parts.year < 1970 || parts.year > 2038)) {
    reject(mode, failure('ER_TRUNCATED_WRONG_VALUE', 'datetime', slotText(value), column.name, row));
  }
  return datetimeText(shift === 0 ? parts : partsOfMicros(microsOfParts(parts) + shift * 60e6), scale);
}

function toTime(column: Column, value: SlotValue, row: number, mode: AssignmentMode): StoreValue {
  let micros =
    value.type.kind === 'time' && typeof value.value === 'number' ? value.value : parseTime(temporalSource(value));
  if (micros === null) {
    reject(mode, failure('ER_TRUNCATED_WRONG_VALUE', 'time', slotText(value), column.name, row));
    return 0;
  }
  if (Math.abs(micros) > MAX_TIME_MICROS) {
    reject(mode, failure('ER_TRUNCATED_WRONG_VALUE', 'time', slotText(value), column.name, row));
    micros = micros < 0 ? -MAX_TIME_MICROS : MAX_TIME_MICROS;
  }
  const step = 10 ** (6 - (column.type.scale ?? 0));
  return Math.round(micros / step) * step;
}

function toEnum(column: Column, value: SlotValue, row: number, mode: AssignmentMode): StoreValue {
  const values = column.type.values ?? [];
  if (isNumber(value)) {
    const index = Math.trunc(Number(slotText(value)));
    if (index >= 1 && index <= values.length) return index;
  } else {
    const text = slotText(value).toLowerCase();
    const index = values.findIndex((candidate) => candidate.toLowerCase() === text);
    if (index >= 0) return index + 1;
    if (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= values.length) return Number(text);
  }
  reject(mode, failure('WARN_DATA_TRUNCATED', column.name, row));
  return 0;
}

function toSet(column: Column, value: SlotValue, row: number, mode: AssignmentMode): StoreValue {
  const values = column.type.values ?? [];
  if (isNumber(value)) {
    const bits = BigInt(value.type.kind === 'int' ? slotText(value) : Math.trunc(Number(slotText(value))));
    if (bits >= 0n && bits < 1n << BigInt(values.length)) return storedInteger(bits);
    reject(mode, failure('WARN_DATA_TRUNCATED', column.name, row));
    return 0;
  }
  let bits = 0n;
  const text = slotText(value);
  for (const item of text === '' ? [] : text.split(',')) {
    const index = values.findIndex((candidate) => candidate.toLowerCase() === item.toLowerCase());
    if (index < 0) reject(mode, failure('WARN_DATA_TRUNCATED', column.name, row));
    else bits |= 1n << BigInt(index);
  }
  return storedInteger(bits);
}

/** Throws 3140. */
function toJson(value: SlotValue): StoreValue {
  return isNumber(value) ? slotText(value) : normalJson(slotText(value));
}

/** To ENUM and SET a number is an index or bits, without its fraction. */
function isNumber({ type: { kind } }: SlotValue): boolean {
  return kind === 'int' || kind === 'decimal' || kind === 'double';
}
