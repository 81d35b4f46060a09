/**
 * Stored values as clients see them: MySQL's text form, and JSON. What the stored form of each type is, stores/column-type.ts tells; this
 * is the only place that reads it back for showing. Formatters are made once for a column and called for every row.
 */
import { failure } from '../../errors.ts';
import type { ColumnType } from '../../stores/column-type.ts';
import type { StoreValue } from '../../stores/values.ts';
import { doubleText, fixedText, floatText, scaledText } from './number-text.ts';
import { timeText } from './temporal.ts';

export type TextFormatter = (value: StoreValue) => string | Uint8Array | null;

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };
export type JsonFormatter = (value: StoreValue) => JsonValue;

type Present = Exclude<StoreValue, null>;
type PresentFormatter = (value: Present) => string | Uint8Array;

/** MySQL's text form. Throws ER_DATA_OUT_OF_RANGE where a result has overflowed its type. */
export function textFormatter(type: ColumnType): TextFormatter {
  const format = presentFormatter(type);
  return (value) => (value === null ? null : format(value));
}

/**
 * JSON: numbers for integers that JavaScript holds exactly and for doubles, text for all else that is exact or temporal, base64 for bytes,
 * and JSON columns as what they hold.
 */
export function jsonFormatter(type: ColumnType): JsonFormatter {
  const format = presentFormatter(type);
  const text = (value: Present): string => {
    const formatted = format(value);
    return typeof formatted === 'string' ? formatted : Buffer.from(formatted).toString('base64');
  };
  switch (type.name) {
    case 'tinyint':
    case 'smallint':
    case 'mediumint':
    case 'int':
    case 'bigint':
    case 'year':
    case 'bit':
      return (value) => (value === null ? null : Number.isSafeInteger(value) ? (value as number) : integerText(value));
    case 'float':
      return (value) => (typeof value === 'number' ? Number(text(value)) : value === null ? null : text(value));
    case 'double':
      return (value) =>
        typeof value === 'number' && Number.isFinite(value) ? value : value === null ? null : text(value);
    case 'json':
      return (value) => (value === null ? null : parseJson(text(value)));
    default:
      return (value) => (value === null ? null : text(value));
  }
}

function presentFormatter(type: ColumnType): PresentFormatter {
  switch (type.name) {
    case 'tinyint':
    case 'smallint':
    case 'mediumint':
    case 'int':
    case 'bigint':
      return integerText;
    case 'year':
      return (value) => integerText(value).padStart(4, '0');
    case 'bit':
      return (value) => bitBytes(value, type.length ?? 1);
    case 'decimal':
      return (value) => decimalColumnText(value, type.scale ?? 0);
    case 'float':
    case 'double':
      return doubleColumnFormatter(type);
    case 'time':
      return (value) => (typeof value === 'string' ? value : timeText(Number(value), type.scale ?? 0));
    case 'enum':
      return (value) => (isIndex(value) ? (type.values?.[Number(value) - 1] ?? '') : untyped(value));
    case 'set':
      return (value) =>
        isIndex(value) || isLargeInteger(value) ? setText(BigInt(value), type.values ?? []) : untyped(value);
    default:
      return untyped;
  }
}

/** Text and bytes as they are; a number here is the result of an expression that SQLite left as it was. */
function untyped(value: Present): string | Uint8Array {
  if (typeof value === 'string' || value instanceof Uint8Array) return value;
  return typeof value === 'number' ? doubleText(value) : value.toString();
}

function integerText(value: Present): string {
  if (typeof value === 'number') {
    // Beyond 2^53 integers arrive as bigint, so this is SQLite's arithmetic overflowed into a double.
    if (!Number.isSafeInteger(value)) throw failure('ER_DATA_OUT_OF_RANGE', 'BIGINT', String(value));
    return value.toString();
  }
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string') return isLargeInteger(value) ? BigInt(value).toString() : value;
  return Buffer.from(value).toString('utf8');
}

/** BIT(n) as its bytes, the highest first. */
export function bitBytes(value: Present, bits: number): Uint8Array {
  if (value instanceof Uint8Array) return value;
  const bytes = new Uint8Array(Math.ceil(bits / 8));
  let rest = BigInt(value);
  for (let i = bytes.length - 1; i >= 0; i--) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

function decimalColumnText(value: Present, scale: number): string | Uint8Array {
  if (typeof value === 'number' || typeof value === 'bigint') return scaledText(value, scale);
  // Beyond 64 bits a scaled integer is stored as its digits; an expression may give finished text.
  if (typeof value === 'string' && !value.includes('.')) return scaledText(BigInt(value), scale);
  return value;
}

function doubleColumnFormatter(type: ColumnType): PresentFormatter {
  const { scale } = type;
  const print =
    scale !== undefined ? (n: number) => fixedText(n, scale) : type.name === 'float' ? floatText : doubleText;
  return (value) =>
    typeof value === 'number' ? print(value) : typeof value === 'bigint' ? print(Number(value)) : value;
}

function isIndex(value: Present): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** An integer beyond 2^63-1 is stored as 20 digits. */
function isLargeInteger(value: Present): value is string {
  return typeof value === 'string' && /^\d{20}$/.test(value);
}

function setText(bits: bigint, values: readonly string[]): string {
  return values.filter((_, index) => ((bits >> BigInt(index)) & 1n) === 1n).join(',');
}

function parseJson(text: string): JsonValue {
  return JSON.parse(text) as JsonValue;
}
