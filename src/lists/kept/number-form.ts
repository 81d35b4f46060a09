/** Columns whose values can stand in an ordered index: as a number that sorts as the stored value does. */
import type { Collation } from '../../changes/condition.ts';
import type { ColumnDefinition } from '../../stores/schema.ts';
import type { StoreValue } from '../../stores/values.ts';
import type { KeyValue } from './key-column.ts';
import type { Reading } from './list-query.ts';

/** null: NULL, which sorts apart. undefined: the value has no number that sorts as it does; the list cannot be kept so. */
export type NumberForm = (value: StoreValue) => KeyValue | null | undefined;

/** How a column's values are ordered by number; null when they cannot be. */
export function numberFormOf(column: ColumnDefinition, reading?: Reading): NumberForm | null {
  if (reading !== undefined) return (value) => plainNumber(reading.of(value));
  switch (column.type.name) {
    case 'tinyint':
    case 'smallint':
    case 'mediumint':
    case 'int':
    case 'bigint':
    case 'year':
    case 'bit':
    case 'decimal':
    case 'float':
    case 'double':
    case 'time':
    case 'enum':
    case 'set':
      return plainNumber;
    case 'date':
      return dateNumber;
    case 'datetime':
    case 'timestamp':
      return dateTimeForm(column.type.scale ?? 0);
    default:
      return null;
  }
}

/** Of a value that is a number already. */
export function plainNumber(value: StoreValue): KeyValue | null | undefined {
  if (typeof value === 'number') return Number.isNaN(value) ? null : value + 0;
  if (typeof value !== 'bigint') return value === null ? null : undefined;
  const narrow = Number(value);
  return Number.isSafeInteger(narrow) ? narrow : value;
}

const ZERO = 0x30;

function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** `YYYY-MM-DD`, zeros in month and day included. */
function dateNumber(value: StoreValue): number | null | undefined {
  if (value === null) return null;
  if (typeof value !== 'string' || value.length !== 10 || value[4] !== '-' || value[7] !== '-') return undefined;
  const number = (digits(value, 0, 4) * 100 + digits(value, 5, 7)) * 100 + digits(value, 8, 10);
  return Number.isNaN(number) ? undefined : number;
}

/** `YYYY-MM-DD HH:MM:SS[.f...]`, always as many digits as the column has. */
function dateTimeForm(fractionDigits: number): NumberForm {
  const length = fractionDigits === 0 ? 19 : 20 + fractionDigits;
  const unit = 10 ** fractionDigits;
  // 32 days and 13 months, as zero dates have; more than four digits of a second do not fit 2^53.
  const exact = fractionDigits > 4;
  return (value) => {
    if (value === null) return null;
    if (typeof value !== 'string' || value.length !== length) return undefined;
    if (value[4] !== '-' || value[7] !== '-' || value[10] !== ' ' || value[13] !== ':' || value[16] !== ':')
      return undefined;
    if (fractionDigits > 0 && value[19] !== '.') return undefined;
    const day = (digits(value, 0, 4) * 13 + digits(value, 5, 7)) * 32 + digits(value, 8, 10);
    const seconds = ((day * 24 + digits(value, 11, 13)) * 60 + digits(value, 14, 16)) * 60 + digits(value, 17, 19);
    const fraction = fractionDigits === 0 ? 0 : digits(value, 20, length);
    if (Number.isNaN(seconds) || Number.isNaN(fraction)) return undefined;
    if (!exact) return seconds * unit + fraction;
    const whole = BigInt(seconds) * BigInt(unit) + BigInt(fraction);
    return whole <= Number.MAX_SAFE_INTEGER ? Number(whole) : whole;
  };
}

/** The same for all equal numbers: a double beyond 2^53 may equal a big integer. */
export function oneOfEqual(number: KeyValue): KeyValue {
  const narrow = Number(number);
  if (Number.isSafeInteger(narrow)) return narrow + 0;
  return typeof number === 'number' && Number.isInteger(number) ? BigInt(number) : number;
}

/** Values that are equal in the store have equal classes, and others different ones. */
export function equalityClass(value: StoreValue, collation: Collation): string | number | bigint | null | undefined {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return oneOfEqual(value);
    case 'string':
      return collation === 'nocase' ? foldNoCase(value) : value;
    default:
      return value === null ? null : undefined;
  }
}

/** SQLite's NOCASE: ASCII letters fold, and nothing behind a NUL is looked at but the length. */
function foldNoCase(text: string): string {
  const nul = text.indexOf('\0');
  const compared = nul < 0 ? text : text.slice(0, nul);
  const folded = /[A-Z]/.test(compared) ? compared.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : compared;
  return nul < 0 ? folded : `${folded}\0${Buffer.byteLength(text)}`;
}
