/** The store functions behind planner/conversion.ts and arithmetic.ts: MySQL's conversions and exact arithmetic on stored values. */
import { failure } from '../../errors.ts';
import type { ColumnType } from '../../stores/column-type.ts';
import type { ScalarFunction } from '../../stores/function.ts';
import type { ColumnDefinition } from '../../stores/schema.ts';
import type { StoreValue } from '../../stores/values.ts';
import type { SlotType, SlotValue } from '../slots.ts';
import { family } from '../types.ts';
import { doubleText, temporalNumber, toColumn } from '../values/convert.ts';
import {
  decimalOfDouble,
  decimalText,
  divideRounded,
  parseDecimalPrefix,
  powerOfTen,
  rescale,
} from '../values/decimal.ts';
import {
  dateText,
  datetimeText,
  isZeroDate,
  MICROS_PER_SECOND,
  microsOfParts,
  parseDateTime,
  parseTime,
  partsOfMicros,
  timeNumber,
  timeText,
} from '../values/temporal.ts';

const MAX_INT64 = 9_223_372_036_854_775_807n;
const MIN_INT64 = -9_223_372_036_854_775_808n;

/** An exact integer of any size from a stored integer: 20-digit text stands for the upper half of BIGINT UNSIGNED. */
function wide(value: StoreValue): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'string') return BigInt(value);
  return BigInt(Math.round(Number(value)));
}

/** An integer result in stored form; beyond 64 bits it is MySQL's error 1690. */
function stored(n: bigint): StoreValue {
  if (n >= MIN_INT64 && n <= MAX_INT64) return n;
  if (n > MAX_INT64 && n <= 18_446_744_073_709_551_615n) return n.toString().padStart(20, '0');
  throw failure('ER_DATA_OUT_OF_RANGE', 'BIGINT', n.toString());
}

/** A scaled decimal must fit 64 bits while it is computed. */
function scaledResult(n: bigint): bigint {
  if (n >= MIN_INT64 && n <= MAX_INT64) return n;
  throw failure('ER_DATA_OUT_OF_RANGE', 'DECIMAL', n.toString());
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

function wideOperation(op: string, a: bigint, b: bigint): StoreValue {
  if (op === '%') return b === 0n ? null : stored(a % b);
  return stored(op === '+' ? a + b : op === '-' ? a - b : a * b);
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
    if (!column.nullable) throw failure('ER_BAD_NULL_ERROR', column.name);
    return null;
  }
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
    if (typeof value === 'number') throw failure('ER_DATA_OUT_OF_RANGE', 'DECIMAL', String(value));
    return decimalText({ unscaled: wide(value), scale: Number(scale) });
  }),
  strict('sluice_double_text', (value, isFloat) =>
    doubleText(isFloat ? Number(Number(value).toPrecision(6)) : Number(value)),
  ),
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
  strict('sluice_temporal_number', (text) =>
    temporalNumber(String(text), String(text).length > 10 ? 'datetime' : 'date'),
  ),
  strict('sluice_time_number', (micros) => timeNumber(Number(micros))),
  strict('sluice_to_integer', (value) => {
    const n = rescale(decimalOf(value), 0);
    return n > 18_446_744_073_709_551_615n ? MAX_INT64 : n < MIN_INT64 ? MIN_INT64 : stored(n);
  }),
  strict('sluice_round_integer', (value) => {
    const n = typeof value === 'bigint' ? value : rescale(decimalOfDouble(Number(value)), 0);
    return n > MAX_INT64 ? MAX_INT64 : n < MIN_INT64 ? MIN_INT64 : n;
  }),
  strict('sluice_rescale', (value, from, to) => rescale({ unscaled: wide(value), scale: Number(from) }, Number(to))),
  strict('sluice_to_decimal', (value, scale) => scaledResult(rescale(decimalOf(value), Number(scale)))),
  strict('sluice_to_date', (text) => {
    const parts = parseDateTime(String(text));
    return parts === null || isZeroDate(parts) ? null : dateText(parts);
  }),
  strict('sluice_to_datetime', (text, scale) => {
    const parts = parseDateTime(String(text));
    return parts === null || isZeroDate(parts) ? null : datetimeText(parts, Number(scale));
  }),
  strict('sluice_to_time', (value, scale) => {
    const micros = typeof value === 'bigint' ? Number(value) : parseTime(String(value));
    if (micros === null) return null;
    const step = 10 ** (6 - Number(scale));
    return BigInt(Math.round(micros / step) * step);
  }),
  strict('sluice_to_json', (value) => {
    if (typeof value === 'bigint' || typeof value === 'number') return String(value);
    try {
      return JSON.stringify(JSON.parse(String(value)));
    } catch {
      throw failure('ER_BAD_PARAMETER', `Invalid JSON text: ${String(value).slice(0, 80)}`);
    }
  }),
  strict('sluice_decimal_divide', (a, sa, b, sb, scale) => {
    const divisor = wide(b);
    if (divisor === 0n) return null;
    const shift = Number(scale) - Number(sa) + Number(sb);
    const numerator = wide(a) * powerOfTen(Math.max(shift, 0));
    return scaledResult(divideRounded(numerator, divisor * powerOfTen(Math.max(-shift, 0))));
  }),
  strict('sluice_integer_divide', (a, sa, b, sb) => {
    const divisor = wide(b) * powerOfTen(Math.max(Number(sa) - Number(sb), 0));
    return divisor === 0n ? null : stored((wide(a) * powerOfTen(Math.max(Number(sb) - Number(sa), 0))) / divisor);
  }),
  strict('sluice_double_mod', (a, b) => (Number(b) === 0 ? null : Number(a) % Number(b))),
  strict('sluice_wide', (op, a, b) => wideOperation(String(op), wide(a), wide(b))),
  strict('sluice_bits', (op, a, b) => stored(bitOperation(String(op), wide(a), wide(b)))),
  strict('sluice_decimal_ceil', (value, scale) => -floorDivide(-wide(value), powerOfTen(Number(scale)))),
  strict('sluice_decimal_floor', (value, scale) => floorDivide(wide(value), powerOfTen(Number(scale)))),
  strict('sluice_decimal_round', (value, scale, places, kept) => {
    const rounded =
      Number(places) >= Number(scale)
        ? wide(value)
        : divideRounded(wide(value), powerOfTen(Number(scale) - Number(places)));
    return Number(places) >= Number(scale) ? rounded : rounded * powerOfTen(Number(kept) - Number(places));
  }),
  strict('sluice_decimal_truncate', (value, scale, places, kept) => {
    if (Number(places) >= Number(scale)) return wide(value);
    return (wide(value) / powerOfTen(Number(scale) - Number(places))) * powerOfTen(Number(kept) - Number(places));
  }),
  strict('sluice_double_round', (value, places) => roundDouble(Number(value), Number(places))),
  strict('sluice_double_truncate', (value, places) => {
    const factor = 10 ** Number(places);
    return Math.trunc(Number(value) * factor) / factor;
  }),
  {
    name: 'sluice_store',
    deterministic: true,
    bigIntArguments: true,
    call: (spec, value) => storeValue(String(spec), value),
  },
  {
    name: 'sluice_many_rows',
    deterministic: false,
    call: () => {
      throw failure('ER_SUBQUERY_NO_1_ROW');
    },
  },
  strict('sluice_like_binary', (value, pattern, escape) =>
    likePattern(String(pattern), String(escape)).test(String(value)) ? 1n : 0n,
  ),
  strict('sluice_regexp', (value, pattern, flags) =>
    regexp(String(pattern), String(flags)).test(String(value)) ? 1n : 0n,
  ),
];

function roundDouble(value: number, places: number): number {
  if (!Number.isFinite(value)) return value;
  const factor = 10 ** places;
  const shifted = Math.abs(value) * factor;
  if (!Number.isFinite(shifted) || shifted > 2 ** 52) return value;
  // MySQL rounds doubles half to even on the exact shifted value (rint).
  const floor = Math.floor(shifted);
  const rest = shifted - floor;
  const rounded = rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
  return (Math.sign(value) * rounded) / factor;
}

const patterns = new Map<string, RegExp>();

function cached(key: string, make: () => RegExp): RegExp {
  let pattern = patterns.get(key);
  if (pattern === undefined) {
    pattern = make();
    if (patterns.size > 1_000) patterns.clear();
    patterns.set(key, pattern);
  }
  return pattern;
}

/** LIKE with letter case: `_` one character, `%` any number. */
function likePattern(pattern: string, escape: string): RegExp {
  return cached(`like\0${escape}\0${pattern}`, () => {
    let source = '';
    const all = Array.from(pattern);
    for (let i = 0; i < all.length; i++) {
      let character = all[i] as string;
      if (character === escape && i + 1 < all.length) {
        character = all[++i] as string;
      } else if (character === '%' || character === '_') {
        source += character === '%' ? '[^]*' : '[^]';
        continue;
      }
      source += character.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    }
    return new RegExp(`^${source}$`, 'u');
  });
}

function regexp(pattern: string, flags: string): RegExp {
  return cached(`${flags}\0${pattern}`, () => {
    const source = pattern
      .replaceAll('[[:<:]]', '\\b')
      .replaceAll('[[:>:]]', '\\b')
      .replace(/\[:(\w+):\]/g, (all, name: string) => POSIX_CLASSES[name] ?? all);
    try {
      return new RegExp(source, `u${flags}`);
    } catch {
      throw failure('ER_BAD_PARAMETER', `Illegal regular expression: ${pattern.slice(0, 80)}`);
    }
  });
}

const POSIX_CLASSES: Record<string, string> = {
  alpha: '\\p{L}',
  digit: '\\d',
  alnum: '\\p{L}\\d',
  space: '\\s',
  upper: '\\p{Lu}',
  lower: '\\p{Ll}',
  punct: '\\p{P}\\p{S}',
  xdigit: '0-9A-Fa-f',
  blank: ' \\t',
  cntrl: '\\p{Cc}',
};
