/** The store functions behind planner/conversion.ts and arithmetic.ts: MySQL's conversions and exact arithmetic on stored values. */
import { failure } from '../../errors.ts';
import type { ColumnType } from '../../stores/column-type.ts';
import type { ScalarFunction } from '../../stores/function.ts';
import type { ColumnDefinition } from '../../stores/schema.ts';
import type { StoreValue } from '../../stores/values.ts';
import type { SlotType, SlotValue } from '../slots.ts';
import { family } from '../types.ts';
import { toColumn } from '../values/convert.ts';
import {
  type Decimal,
  decimalKey,
  decimalOfDouble,
  decimalText,
  divideRounded,
  keyedDecimal,
  MAX_INT64,
  MIN_INT64,
  parseDecimalPrefix,
  powerOfTen,
  rescale,
  roundedDouble,
  wideDecimal,
} from '../values/decimal.ts';
import { normalJson } from '../values/json-document.ts';
import { doubleText, fixedText } from '../values/number-text.ts';
import {
  dateText,
  datetimeText,
  isZeroDate,
  MAX_TIME_MICROS,
  MICROS_PER_SECOND,
  microsOfParts,
  parseDateTime,
  parseTime,
  partsOfMicros,
  temporalDecimal,
  timeDecimal,
  timeText,
} from '../values/temporal.ts';
import { likePattern, regularExpression } from './regular-expression.ts';

const MAX_UINT64 = 18_446_744_073_709_551_615n;

/** An exact integer of any size from a stored one: text stands for what does not fit 64 bits. A REAL is SQLite's arithmetic overflowed. */
function wide(value: StoreValue): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'string') return BigInt(value);
  const n = Number(value);
  if (!Number.isSafeInteger(Math.round(n))) throw outOfRange('BIGINT', String(n));
  return BigInt(Math.round(n));
}

function outOfRange(type: string, expression: string): Error {
  return failure('ER_DATA_OUT_OF_RANGE', type, expression);
}

/** An integer result in stored form; beyond 64 bits it is MySQL's error 1690. */
function stored(n: bigint, unsigned: boolean, expression = n.toString()): StoreValue {
  if (unsigned ? n < 0n || n > MAX_UINT64 : n < MIN_INT64 || n > MAX_INT64)
    throw outOfRange(unsigned ? 'BIGINT UNSIGNED' : 'BIGINT', expression);
  return n <= MAX_INT64 ? n : n.toString().padStart(20, '0');
}

const DECIMAL_DIGITS_MAX = 65;

function decimalResult(n: bigint, expression: string): StoreValue {
  if (n.toString().replace('-', '').length > DECIMAL_DIGITS_MAX) throw outOfRange('DECIMAL', expression);
  return wideDecimal(n);
}

/** Registers one function; NULL arguments give NULL. */
function strict(
  name: string,
  call: (...args: NonNullable<StoreValue>[]) => StoreValue,
  bigIntArguments = true,
): ScalarFunction {
  return {
    name,
    deterministic: true,
    varargs: true,
    ...(bigIntArguments && { bigIntArguments: true }),
    call: (...args) => (args.includes(null) ? null : call(...(args as NonNullable<StoreValue>[]))),
  };
}

function doubleOf(value: StoreValue): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  const text = value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : String(value);
  const match = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/.exec(text);
  return match === null ? 0 : Number(match[0]);
}

function decimalOf(value: StoreValue): { unscaled: bigint; scale: number } {
  if (typeof value === 'bigint') return { unscaled: value, scale: 0 };
  if (typeof value === 'number') return decimalOfDouble(value);
  const text = value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : String(value);
  return parseDecimalPrefix(text)?.value ?? { unscaled: 0n, scale: 0 };
}

function floorDivide(n: bigint, d: bigint): bigint {
  const quotient = n / d;
  return n % d !== 0n && n < 0n !== d < 0n ? quotient - 1n : quotient;
}

function setText(bits: bigint, values: readonly string[]): string {
  return values.filter((_, i) => (bits >> BigInt(i)) & 1n).join(',');
}

/** JSON lists of ENUM and SET values, parsed once each. */
const valueLists = new Map<string, readonly string[]>();
function valueList(json: string): readonly string[] {
  let list = valueLists.get(json);
  if (list === undefined) {
    list = JSON.parse(json) as string[];
    valueLists.set(json, list);
  }
  return list;
}

function bitOperation(op: string, x: bigint, y: bigint): bigint {
  const a = BigInt.asUintN(64, x);
  const b = BigInt.asUintN(64, y);
  switch (op) {
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '<<':
      return b > 63n ? 0n : BigInt.asUintN(64, a << b);
    case '>>':
      return b > 63n ? 0n : a >> b;
    default:
      return BigInt.asUintN(64, ~a);
  }
}

function operation(op: string, a: bigint, b: bigint): bigint {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '%':
      return a % b;
    default:
      return a * b;
  }
}

function decimalOperation(op: string, a: Decimal, b: Decimal): StoreValue {
  const expression = `${decimalText(a)} ${op} ${decimalText(b)}`;
  if (op === '*') return decimalResult(a.unscaled * b.unscaled, expression);
  const scale = Math.max(a.scale, b.scale);
  const [x, y] = [rescale(a, scale), rescale(b, scale)];
  return op === '%' && y === 0n ? null : decimalResult(operation(op, x, y), expression);
}

const slotTypes: Partial<Record<ReturnType<typeof family>, SlotType>> = {
  int: { kind: 'int', unsigned: false },
  decimal: { kind: 'decimal', precision: 65, scale: 30 },
  double: { kind: 'double' },
  string: { kind: 'string' },
  bytes: { kind: 'bytes' },
  date: { kind: 'date' },
  datetime: { kind: 'datetime' },
  time: { kind: 'time' },
  null: { kind: 'null' },
  json: { kind: 'string' },
  enum: { kind: 'int', unsigned: false },
  set: { kind: 'int', unsigned: false },
};

/** A stored value of `type` in MySQL's terms. */
export function slotOf(value: StoreValue, type: ColumnType): SlotValue {
  const f = family(type);
  if (value === null) return { type: { kind: 'null' }, value };
  if (f === 'decimal')
    return {
      type: { kind: 'decimal', precision: type.precision ?? 10, scale: type.scale ?? 0 },
      value: decimalText({ unscaled: wide(value), scale: type.scale ?? 0 }),
    };
  if (f === 'int' && typeof value === 'string') return { type: { kind: 'int', unsigned: true }, value: BigInt(value) };
  if (f === 'time') return { type: { kind: 'time' }, value: Number(value) };
  if (f === 'enum') return { type: { kind: 'string' }, value: type.values?.[Number(value) - 1] ?? '' };
  if (f === 'set') return { type: { kind: 'string' }, value: setText(wide(value), type.values ?? []) };
  return { type: slotTypes[f] ?? { kind: 'string' }, value };
}

interface Assignment {
  readonly column: Pick<ColumnDefinition, 'name' | 'type' | 'nullable'>;
  readonly from: ColumnType;
  readonly strict: boolean;
  readonly offsetMinutes: number;
  /** What NULL becomes outside of strict mode. */
  readonly missing?: StoreValue;
}
const assignments = new Map<string, Assignment>();

/**
 * sluice_store(spec, value): a computed value on its way into a column. The row's number is not known here; like MySQL for single rows it
 * says row 1.
 */
function storeValue(spec: string, value: StoreValue): StoreValue {
  let assignment = assignments.get(spec);
  if (assignment === undefined) {
    assignment = JSON.parse(spec) as Assignment;
    if (assignments.size > 10_000) assignments.clear();
    assignments.set(spec, assignment);
  }
  const { column, from } = assignment;
  if (value === null) {
    if (column.nullable) return null;
    if (assignment.missing === undefined) throw failure('ER_BAD_NULL_ERROR', column.name);
    return assignment.missing;
  }
  // A REAL among integers is SQLite's arithmetic overflowed.
  if (
    typeof value === 'number' &&
    (family(from) === 'int' || family(from) === 'decimal') &&
    !Number.isSafeInteger(value)
  )
    throw outOfRange(family(from) === 'int' ? 'BIGINT' : 'DECIMAL', String(value));
  const result = toColumn(column, slotOf(value, from), 1, {
    strict: assignment.strict,
    offsetMinutes: assignment.offsetMinutes,
    warn: () => undefined,
  });
  return typeof result === 'number' && family(column.type) !== 'double' ? BigInt(result) : result;
}

export const CONVERSION_FUNCTIONS: readonly ScalarFunction[] = [
  strict('sluice_integer_text', (value) => wide(value).toString()),
  strict('sluice_decimal_text', (value, scale) => {
    if (typeof value === 'number') throw outOfRange('DECIMAL', String(value));
    return decimalText({ unscaled: wide(value), scale: Number(scale) });
  }),
  strict('sluice_double_text', (value, isFloat, scale) => {
    if (Number(scale) >= 0) return fixedText(Number(value), Number(scale));
    return doubleText(isFloat ? Number(Number(value).toPrecision(6)) : Number(value));
  }),
  strict('sluice_time_text', (value, scale) => timeText(Number(value), Number(scale))),
  strict('sluice_enum_text', (value, values) => valueList(String(values))[Number(value) - 1] ?? ''),
  strict('sluice_set_text', (value, values) => setText(wide(value), valueList(String(values)))),
  strict('sluice_shift_minutes', (text, minutes, scale) => {
    const parts = parseDateTime(String(text));
    return parts === null || isZeroDate(parts)
      ? text
      : datetimeText(partsOfMicros(microsOfParts(parts) + Number(minutes) * 60 * MICROS_PER_SECOND), Number(scale));
  }),
  strict('sluice_to_double', doubleOf),
  strict('sluice_decimal_double', (value, scale) =>
    Number(decimalText({ unscaled: wide(value), scale: Number(scale) })),
  ),
  strict('sluice_temporal_number', (text) => Number(decimalText(temporalDecimal(String(text))))),
  strict('sluice_temporal_decimal', (text, scale) =>
    wideDecimal(rescale(temporalDecimal(String(text)), Number(scale))),
  ),
  strict('sluice_time_number', (micros) => Number(decimalText(timeDecimal(Number(micros))))),
  strict('sluice_time_decimal', (micros, scale) => rescale(timeDecimal(Number(micros)), Number(scale))),
  // CAST of a text cuts at the first character that is no digit; it does not round.
  strict('sluice_to_integer', (value) => {
    const text = value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : String(value);
    const match = /^\s*([+-]?\d+)/.exec(text);
    const n = match === null ? 0n : BigInt(match[1] as string);
    return n > MAX_UINT64 ? MAX_UINT64.toString() : n < MIN_INT64 ? MIN_INT64 : stored(n, n > MAX_INT64);
  }),
  strict('sluice_round_integer', (value) => {
    const n = typeof value === 'bigint' ? value : roundedDouble(Number(value));
    if (n > MAX_INT64) return MAX_INT64;
    if (n < MIN_INT64) return MIN_INT64;
    return n;
  }),
  strict('sluice_wrap', (value, unsigned) => {
    const n = wide(value);
    if (unsigned) return n >= 0n ? stored(n > MAX_UINT64 ? MAX_UINT64 : n, true) : stored(BigInt.asUintN(64, n), true);
    return n > MAX_UINT64 ? MAX_INT64 : n < MIN_INT64 ? MIN_INT64 : BigInt.asIntN(64, n);
  }),
  strict('sluice_rescale', (value, from, to) =>
    wideDecimal(rescale({ unscaled: wide(value), scale: Number(from) }, Number(to))),
  ),
  strict('sluice_to_decimal', (value, scale) => wideDecimal(rescale(decimalOf(value), Number(scale)))),
  strict('sluice_clamp_decimal', (value, precision) => {
    const n = wide(value);
    const limit = powerOfTen(Number(precision)) - 1n;
    return wideDecimal(n > limit ? limit : n < -limit ? -limit : n);
  }),
  strict('sluice_decimal_key', (value, from, to) =>
    decimalKey(rescale({ unscaled: wide(value), scale: Number(from) }, Number(to))),
  ),
  strict('sluice_to_date', (text) => {
    const parts = parseDateTime(String(text));
    return parts === null || isZeroDate(parts) ? null : dateText(parts);
  }),
  strict('sluice_to_datetime', (text, scale) => {
    const parts = parseDateTime(String(text));
    return parts === null || isZeroDate(parts) ? null : datetimeText(parts, Number(scale));
  }),
  strict('sluice_read_datetime', (text) => {
    const parts = parseDateTime(String(text));
    return parts === null ? null : datetimeText(parts, 6);
  }),
  strict('sluice_to_time', (value, scale) => {
    const micros = typeof value === 'bigint' ? Number(value) : parseTime(String(value));
    if (micros === null) return null;
    const step = 10 ** (6 - Number(scale));
    const rounded = Math.sign(micros) * Math.round(Math.abs(micros) / step) * step;
    return BigInt(Math.max(-MAX_TIME_MICROS, Math.min(MAX_TIME_MICROS, rounded)));
  }),
  strict('sluice_time_datetime', (micros, day, scale) => {
    const start = parseDateTime(String(day));
    return start === null ? null : datetimeText(partsOfMicros(microsOfParts(start) + Number(micros)), Number(scale));
  }),
  strict('sluice_to_json', (value) => {
    if (typeof value === 'bigint' || typeof value === 'number') return String(value);
    return normalJson(String(value));
  }),
  // Cut off, not rounded: MySQL keeps whole words of digits and rounds only what it shows.
  strict('sluice_decimal_divide', (a, sa, b, sb, scale) => {
    const divisor = wide(b);
    if (divisor === 0n) return null;
    const shift = Number(scale) - Number(sa) + Number(sb);
    const numerator = wide(a) * powerOfTen(Math.max(shift, 0));
    return wideDecimal(numerator / (divisor * powerOfTen(Math.max(-shift, 0))));
  }),
  strict('sluice_integer_divide', (a, sa, b, sb, unsigned) => {
    const divisor = wide(b) * powerOfTen(Math.max(Number(sa) - Number(sb), 0));
    if (divisor === 0n) return null;
    const expression = `${a} DIV ${b}`;
    return stored((wide(a) * powerOfTen(Math.max(Number(sb) - Number(sa), 0))) / divisor, unsigned === 1n, expression);
  }),
  strict('sluice_double_div', (a, b) => {
    const quotient = Number(a) / Number(b);
    if (Number(b) === 0) return null;
    if (Math.abs(quotient) > 2 ** 63) throw outOfRange('BIGINT', `${a} DIV ${b}`);
    return BigInt(Math.trunc(quotient));
  }),
  strict('sluice_double_mod', (a, b) => (Number(b) === 0 ? null : Number(a) % Number(b))),
  strict('sluice_divisor', (_dividend, value) => {
    if (Number(value) === 0) throw failure('ER_DIVISION_BY_ZERO');
    return value;
  }),
  strict('sluice_integer', (op, a, b, unsigned) => {
    const [x, y] = [wide(a), wide(b)];
    if (op === '%' && y === 0n) return null;
    return stored(operation(String(op), x, y), unsigned === 1n, `${x} ${op} ${y}`);
  }),
  strict('sluice_decimal', (op, a, sa, b, sb) =>
    decimalOperation(String(op), { unscaled: wide(a), scale: Number(sa) }, { unscaled: wide(b), scale: Number(sb) }),
  ),
  // The two halves of a sum of integers: each half is summed by SQLite, without an overflow.
  strict('sluice_high', (value) => wide(value) >> 32n),
  strict('sluice_low', (value) => wide(value) & 0xffff_ffffn),
  strict('sluice_join_sum', (high, low) => wideDecimal((wide(high) << 32n) + wide(low))),
  strict('sluice_wide_decimal', (text) => wideDecimal(BigInt(String(text)))),
  strict('sluice_keyed_decimal', (key) => wideDecimal(keyedDecimal(String(key)))),
  strict('sluice_bits', (op, a, b) => stored(bitOperation(String(op), wide(a), wide(b)), true)),
  strict('sluice_decimal_ceil', (value, scale) => wideDecimal(-floorDivide(-wide(value), powerOfTen(Number(scale))))),
  strict('sluice_decimal_floor', (value, scale) => wideDecimal(floorDivide(wide(value), powerOfTen(Number(scale))))),
  strict('sluice_decimal_abs', (value) => wideDecimal(wide(value) < 0n ? -wide(value) : wide(value))),
  // ROUND and TRUNCATE to `places` (which may be negative), given at scale `kept`.
  strict('sluice_decimal_round', (value, scale, places, kept) =>
    wideDecimal(roundedAt(wide(value), Number(scale), Number(places), Number(kept), divideRounded)),
  ),
  strict('sluice_decimal_truncate', (value, scale, places, kept) =>
    wideDecimal(roundedAt(wide(value), Number(scale), Number(places), Number(kept), (n, d) => n / d)),
  ),
  strict('sluice_float', (value) => Math.fround(Number(value))),
  strict('sluice_binary', (value, length) => {
    const bytes = value instanceof Uint8Array ? value : Buffer.from(String(value));
    const padded = new Uint8Array(Number(length));
    padded.set(bytes.subarray(0, padded.length));
    return padded;
  }),
  strict('sluice_double_round', (value, places) => roundDouble(Number(value), Number(places))),
  strict('sluice_double_truncate', (value, places) => truncateDouble(Number(value), Number(places))),
  {
    name: 'sluice_store',
    deterministic: true,
    bigIntArguments: true,
    varargs: true,
    // Further arguments only keep the call from being made once for the whole statement, before any row is found.
    call: (spec, value) => storeValue(String(spec), value ?? null),
  },
  {
    name: 'sluice_many_rows',
    deterministic: false,
    call: () => {
      throw failure('ER_SUBQUERY_NO_1_ROW');
    },
  },
  strict('sluice_like_binary', (value, pattern, escapeText) =>
    likePattern(String(pattern), String(escapeText)).test(String(value)) ? 1n : 0n,
  ),
  strict('sluice_regexp', (value, pattern, flags) =>
    regularExpression(String(pattern), String(flags)).test(String(value)) ? 1n : 0n,
  ),
];

function roundedAt(
  value: bigint,
  scale: number,
  places: number,
  kept: number,
  divide: (n: bigint, d: bigint) => bigint,
): bigint {
  if (places >= scale) return rescale({ unscaled: value, scale }, kept);
  return divide(value, powerOfTen(scale - places)) * powerOfTen(kept - places);
}

/** MySQL rounds doubles half to even on the shifted value (rint). */
function roundDouble(value: number, places: number): number {
  if (!Number.isFinite(value) || places > 300) return value;
  const factor = 10 ** Math.abs(places);
  const shifted = places < 0 ? Math.abs(value) / factor : Math.abs(value) * factor;
  if (!Number.isFinite(shifted) || (places >= 0 && shifted > 2 ** 52)) return value;
  const floor = Math.floor(shifted);
  const rest = shifted - floor;
  const rounded = rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
  return Math.sign(value) * (places < 0 ? rounded * factor : rounded / factor);
}

function truncateDouble(value: number, places: number): number {
  if (!Number.isFinite(value) || places > 300) return value;
  const factor = 10 ** Math.abs(places);
  const shifted = places < 0 ? value / factor : value * factor;
  if (!Number.isFinite(shifted)) return value;
  return places < 0 ? Math.trunc(shifted) * factor : Math.trunc(shifted) / factor;
}
