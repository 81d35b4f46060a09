/** Constants: values known before SQLite runs. They are given to SQLite as parameters, already in the form that the other side is stored in. */
import type { ColumnType } from '../../stores/column-type.ts';
import type { StoreValue } from '../../stores/values.ts';
import type { SlotType, SlotValue } from '../slots.ts';
import {
  BIGINT,
  BIGINT_UNSIGNED,
  DATE,
  DOUBLE,
  datetime,
  decimal,
  family,
  NULL_TYPE,
  time,
  varchar,
} from '../types.ts';
import { slotText, storedInteger } from '../values/convert.ts';
import {
  type Decimal,
  decimalKey,
  decimalOfDouble,
  decimalText,
  MIN_INT64,
  parseDecimalPrefix,
  powerOfTen,
  rescale,
  wideDecimal,
} from '../values/decimal.ts';
import {
  dateText,
  datetimeText,
  microsOfParts,
  parseDateTime,
  parseTime,
  partsOfMicros,
  temporalDecimal,
  timeDecimal,
} from '../values/temporal.ts';
import type { PlanContext } from './plan-context.ts';
import type { Constant, ParameterSource, Term } from './term.ts';

/** The column type that a slot's value is taken to have. */
export function typeOfSlot(type: SlotType): ColumnType {
  switch (type.kind) {
    case 'int':
      return type.unsigned ? BIGINT_UNSIGNED : BIGINT;
    case 'decimal':
      return decimal(type.precision, type.scale);
    case 'double':
      return DOUBLE;
    case 'string':
      return varchar(255);
    case 'bytes':
      return { name: 'varbinary', length: 255 };
    case 'null':
      return NULL_TYPE;
    case 'date':
      return DATE;
    case 'time':
      return time(6);
    case 'datetime':
      return datetime(6);
  }
}

/**
 * How a constant's value reaches SQLite. exact: as the stored form of the type. comparable: for comparing with stored values, so that what no
 * stored value equals keeps its place between them. key: as sluice_decimal_key orders it.
 */
export type ConstantForm = 'exact' | 'comparable' | 'key';

/** A constant as a term. Its parameter is registered only when its text is asked for, since comparisons often convert it first. */
export function constantTerm(
  context: PlanContext,
  type: ColumnType,
  evaluate: Constant['evaluate'],
  nullable = type.name === 'null',
  form: ConstantForm = 'exact',
): Term {
  let place: string | null = null;
  return {
    type,
    nullable,
    constant: { evaluate },
    get sql(): string {
      place ??=
        type.name === 'null'
          ? 'NULL'
          : context.parameter(constantSource({ evaluate }, type, context.settings.offsetMinutes, form));
      return place;
    },
  };
}

function constantSource(
  constant: Constant,
  type: ColumnType,
  offsetMinutes: number,
  form: ConstantForm,
): ParameterSource {
  if (form === 'comparable') return storedSource(constant, type, offsetMinutes);
  if (form === 'key')
    return (context) => {
      const value = constant.evaluate(context);
      return value.value === null ? null : decimalKey(rescale(numberOf(value), type.scale ?? 0));
    };
  return (context) => exactForm(constant.evaluate(context), type, offsetMinutes);
}

/** A parameter source that gives `constant` in the stored form of `type`, for comparing: values that do not fit are kept comparable, not clamped. */
export function storedSource(constant: Constant, type: ColumnType, offsetMinutes: number): ParameterSource {
  return (context) => comparable(constant.evaluate(context), type, offsetMinutes);
}

/** The stored form of an operand. */
function exactForm(value: SlotValue, type: ColumnType, offsetMinutes: number): StoreValue {
  if (value.value === null) return null;
  const f = family(type);
  if (f === 'int')
    return type.unsigned ? exactInteger(rescale(numberOf(value), 0)) : wrapSigned(rescale(numberOf(value), 0));
  if (f === 'decimal') return wideDecimal(rescale(numberOf(value), type.scale ?? 0));
  return comparable(value, type, offsetMinutes);
}

function exactInteger(n: bigint): StoreValue {
  return wideInteger(BigInt.asUintN(64, n) === n ? n : n < 0n ? n : 18_446_744_073_709_551_615n);
}

/** Beyond 2^63-1 a value keeps its unsigned form. */
function wrapSigned(n: bigint): StoreValue {
  return n < MIN_INT64 ? MIN_INT64 : exactInteger(n);
}

/**
 * `value` as it must be to compare exactly with stored values of `type`. Numbers that no stored value equals become doubles between the
 * neighbouring integers, so that every comparison comes out right.
 */
export function comparable(value: SlotValue, type: ColumnType, offsetMinutes: number): StoreValue {
  const v = value.value;
  if (v === null) return null;
  switch (family(type)) {
    case 'int':
      return scaled(numberOf(value), 0);
    case 'decimal':
      return scaled(numberOf(value), type.scale ?? 0);
    case 'double':
      return Number(typeof v === 'string' ? decimalText(numberOf(value)) : numericDouble(value));
    case 'string':
      return slotText(value);
    case 'bytes':
      return v instanceof Uint8Array ? v : Buffer.from(slotText(value), 'utf8');
    case 'date':
      return dateComparable(value);
    case 'datetime':
      return datetimeComparable(value, type, offsetMinutes);
    case 'time': {
      const micros = value.type.kind === 'time' && typeof v !== 'string' ? Number(v) : parseTime(slotText(value));
      return micros === null ? null : BigInt(micros);
    }
    case 'enum':
      return typeof v === 'number' || typeof v === 'bigint' ? BigInt(v) : BigInt(enumIndex(type, slotText(value)));
    case 'set':
      return typeof v === 'number' || typeof v === 'bigint' ? BigInt(v) : setBits(type, slotText(value));
    case 'json':
      return slotText(value);
    case 'null':
      return null;
  }
}

function numericDouble(value: SlotValue): number {
  return value.value instanceof Uint8Array ? Number(decimalText(numberOf(value))) : Number(value.value);
}

/** The exact number that a value stands for in a numeric comparison. */
export function numberOf(value: SlotValue): Decimal {
  const v = value.value;
  if (v === null) return { unscaled: 0n, scale: 0 };
  if (typeof v === 'bigint') return { unscaled: v, scale: 0 };
  if (typeof v === 'number') return Number.isSafeInteger(v) ? { unscaled: BigInt(v), scale: 0 } : decimalOfDouble(v);
  if (v instanceof Uint8Array)
    return { unscaled: v.length === 0 ? 0n : BigInt(`0x${Buffer.from(v).toString('hex')}`), scale: 0 };
  if (value.type.kind === 'date' || value.type.kind === 'datetime') return temporalDecimal(v);
  if (value.type.kind === 'time') return timeDecimal(parseTime(v) ?? 0);
  return parseDecimalPrefix(v)?.value ?? { unscaled: 0n, scale: 0 };
}

function scaled(value: Decimal, scale: number): StoreValue {
  const shift = value.scale - scale;
  if (shift <= 0) return wideInteger(value.unscaled * powerOfTen(-shift));
  const divisor = powerOfTen(shift);
  if (value.unscaled % divisor === 0n) return wideInteger(value.unscaled / divisor);
  return Number(decimalText({ unscaled: value.unscaled, scale: shift }));
}

/** bigint for SQLite's INTEGER; beyond its range the text that BIGINT UNSIGNED is stored as, or a double below it. */
function wideInteger(n: bigint): StoreValue {
  if (n < -9_223_372_036_854_775_808n) return Number(n);
  if (n > 18_446_744_073_709_551_615n) return 'x';
  const stored = storedInteger(n);
  return typeof stored === 'number' ? BigInt(stored) : stored;
}

function dateComparable(value: SlotValue): StoreValue {
  const parts = parseDateTime(slotText(value));
  if (parts === null) return null;
  const hasTime = parts.hour !== 0 || parts.minute !== 0 || parts.second !== 0 || parts.micros !== 0;
  // '2020-01-01' < '2020-01-01 12:00:00' holds for the texts as well.
  return hasTime ? datetimeText(parts, parts.micros === 0 ? 0 : 6) : dateText(parts);
}

function datetimeComparable(value: SlotValue, type: ColumnType, offsetMinutes: number): StoreValue {
  const parts = parseDateTime(slotText(value));
  if (parts === null) return null;
  const scale = type.scale ?? 0;
  const exact = parts.micros % 10 ** (6 - scale) === 0;
  const shift =
    (parts.offsetMinutes === null ? 0 : offsetMinutes - parts.offsetMinutes) -
    (type.name === 'timestamp' ? offsetMinutes : 0);
  const shifted = shift === 0 ? parts : partsOfMicros(microsOfParts(parts) + shift * 60e6);
  return datetimeText(shifted, exact ? scale : 6);
}

/** ENUM's index of a text; -1 when it is none of the values, which no stored index equals. */
export function enumIndex(type: ColumnType, text: string): number {
  const lower = text.toLowerCase();
  const index = (type.values ?? []).findIndex((candidate) => candidate.toLowerCase() === lower);
  return index >= 0 ? index + 1 : lower === '' ? 0 : -1;
}

function setBits(type: ColumnType, text: string): bigint {
  if (text === '') return 0n;
  let bits = 0n;
  for (const item of text.split(',')) {
    const index = (type.values ?? []).findIndex((candidate) => candidate.toLowerCase() === item.toLowerCase());
    if (index < 0) return -1n;
    bits |= 1n << BigInt(index);
  }
  return bits;
}
