/**
 * Rules over MySQL's types: which family a type belongs to, and what comes out when types meet. Source: MySQL manual,
 * "Type Conversion in Expression Evaluation" and "Arithmetic Operators".
 */
import type { ColumnType } from '../stores/column-type.ts';

/** Families that are stored and computed alike. */
export type TypeFamily =
  | 'null'
  | 'int'
  | 'decimal'
  | 'double'
  | 'string'
  | 'bytes'
  | 'date'
  | 'datetime'
  | 'time'
  | 'enum'
  | 'set'
  | 'json';

export const NULL_TYPE: ColumnType = { name: 'null' };
export const BIGINT: ColumnType = { name: 'bigint', length: 20 };
export const BIGINT_UNSIGNED: ColumnType = { name: 'bigint', unsigned: true, length: 20 };
/** What comparisons and logical operators give. */
export const BOOLEAN: ColumnType = { name: 'bigint', length: 1 };
export const DOUBLE: ColumnType = { name: 'double' };
export const DATE: ColumnType = { name: 'date' };
export const LONGTEXT: ColumnType = { name: 'longtext' };
export const LONGBLOB: ColumnType = { name: 'longblob' };
export const JSON_TYPE: ColumnType = { name: 'json' };

/** More digits than this do not fit a scaled 64-bit integer. */
export const MAX_STORED_DECIMAL_DIGITS = 18;

export function varchar(length: number): ColumnType {
  return { name: 'varchar', length };
}

/** Precision is kept as MySQL derives it, even where stored values must fit 18 digits: overflow is found when a value arrives. */
export function decimal(precision: number, scale: number): ColumnType {
  return { name: 'decimal', precision: Math.min(Math.max(precision, scale), 65), scale: Math.min(scale, 30) };
}

export function datetime(scale = 0): ColumnType {
  return scale === 0 ? { name: 'datetime' } : { name: 'datetime', scale };
}

export function time(scale = 0): ColumnType {
  return scale === 0 ? { name: 'time' } : { name: 'time', scale };
}

const FAMILIES: Record<ColumnType['name'], TypeFamily> = {
  null: 'null',
  tinyint: 'int',
  smallint: 'int',
  mediumint: 'int',
  int: 'int',
  bigint: 'int',
  year: 'int',
  bit: 'int',
  decimal: 'decimal',
  float: 'double',
  double: 'double',
  char: 'string',
  varchar: 'string',
  tinytext: 'string',
  text: 'string',
  mediumtext: 'string',
  longtext: 'string',
  binary: 'bytes',
  varbinary: 'bytes',
  tinyblob: 'bytes',
  blob: 'bytes',
  mediumblob: 'bytes',
  longblob: 'bytes',
  date: 'date',
  datetime: 'datetime',
  timestamp: 'datetime',
  time: 'time',
  enum: 'enum',
  set: 'set',
  json: 'json',
};

export function family(type: ColumnType): TypeFamily {
  return FAMILIES[type.name];
}

export function isNumeric(type: ColumnType): boolean {
  const f = family(type);
  return f === 'int' || f === 'decimal' || f === 'double';
}

export function isTemporal(type: ColumnType): boolean {
  const f = family(type);
  return f === 'date' || f === 'datetime' || f === 'time';
}

/** Character data, or what is shown as such. */
export function isTextual(type: ColumnType): boolean {
  const f = family(type);
  return f === 'string' || f === 'bytes' || f === 'enum' || f === 'set' || f === 'json';
}

export function isBinaryCollation(type: ColumnType): boolean {
  return (
    family(type) === 'bytes' ||
    family(type) === 'json' ||
    type.collation?.endsWith('_bin') === true ||
    type.collation === 'binary'
  );
}

/** Signed and unsigned ranges of the stored integers. */
export const INTEGER_RANGES: Record<string, { readonly bits: number }> = {
  tinyint: { bits: 8 },
  smallint: { bits: 16 },
  mediumint: { bits: 24 },
  int: { bits: 32 },
  bigint: { bits: 64 },
};

const INTEGER_DIGITS: Record<string, number> = {
  tinyint: 3,
  smallint: 5,
  mediumint: 8,
  int: 10,
  bigint: 19,
  year: 4,
  bit: 20,
};

/** Decimal digits that an exact number of this type can have before and after its point. */
export function digits(type: ColumnType): { precision: number; scale: number } {
  if (type.name === 'decimal') return { precision: type.precision ?? 10, scale: type.scale ?? 0 };
  if (type.name === 'bigint') return { precision: Math.min(type.length ?? 20, type.unsigned ? 20 : 19), scale: 0 };
  return { precision: INTEGER_DIGITS[type.name] ?? 20, scale: 0 };
}

/** Digits of MySQL's widest DECIMAL. */
export const MAX_DECIMAL_DIGITS = 65;

/** Integers of this many decimal digits always fit 64 bits. */
export const SAFE_DIGITS = 18;

/** The numeric type that a value of `type` takes part in arithmetic as. */
export function arithmeticType(type: ColumnType): ColumnType {
  switch (family(type)) {
    case 'int':
    case 'decimal':
    case 'double':
      return type;
    case 'date':
      return { name: 'bigint', length: 8 };
    case 'datetime':
    case 'time': {
      const integerDigits = family(type) === 'time' ? 7 : 14;
      const scale = type.scale ?? 0;
      return scale === 0 ? { name: 'bigint', length: integerDigits } : decimal(integerDigits + scale, scale);
    }
    case 'enum':
    case 'set':
      return BIGINT;
    default:
      return DOUBLE;
  }
}

/** One type for values of all `types`: CASE, COALESCE, UNION ... NULLs do not count. */
export function commonType(types: readonly ColumnType[]): ColumnType {
  let result: ColumnType | null = null;
  for (const type of types) {
    if (type.name === 'null') continue;
    result = result === null ? type : mergeTypes(result, type);
  }
  return result ?? NULL_TYPE;
}

function mergeTypes(a: ColumnType, b: ColumnType): ColumnType {
  const fa = family(a);
  const fb = family(b);
  if (
    a.name === b.name &&
    a.name !== 'decimal' &&
    fa !== 'string' &&
    fa !== 'bytes' &&
    fa !== 'enum' &&
    fa !== 'set' &&
    fa !== 'int' &&
    fa !== 'double'
  ) {
    return (a.scale ?? 0) >= (b.scale ?? 0) ? a : b;
  }
  if (fa === 'int' && fb === 'int') {
    if (a.unsigned === b.unsigned)
      return (INTEGER_DIGITS[a.name] ?? 0) >= (INTEGER_DIGITS[b.name] ?? 0) ? widest(a, b) : b;
    // No integer type holds both the whole unsigned range and what is below zero.
    const unsigned = a.unsigned ? a : b;
    return unsigned.name === 'bigint' && digits(unsigned).precision > SAFE_DIGITS ? decimal(20, 0) : BIGINT;
  }
  if (isNumeric(a) && isNumeric(b)) {
    if (fa === 'double' || fb === 'double') return commonDouble(a, b);
    const da = digits(a);
    const db = digits(b);
    const scale = Math.max(da.scale, db.scale);
    return decimal(Math.max(da.precision - da.scale, db.precision - db.scale) + scale, scale);
  }
  if ((fa === 'date' || fa === 'datetime') && (fb === 'date' || fb === 'datetime'))
    return datetime(Math.max(a.scale ?? 0, b.scale ?? 0));
  if (fa === 'bytes' || fb === 'bytes') return LONGBLOB;
  return textOf(a, b);
}

/** Floating point with a fixed number of digits after the point, where both have one. */
function commonDouble(a: ColumnType, b: ColumnType): ColumnType {
  const [x, y] = [fixedScale(a), fixedScale(b)];
  return x === undefined || y === undefined ? DOUBLE : { name: 'double', scale: Math.max(x, y) };
}

/** Digits after the point; undefined for floating point without a fixed number of them. */
export function fixedScale(type: ColumnType): number | undefined {
  return family(type) === 'int' ? 0 : type.scale;
}

function widest(a: ColumnType, b: ColumnType): ColumnType {
  return (a.length ?? 0) >= (b.length ?? 0) || (INTEGER_DIGITS[a.name] ?? 0) > (INTEGER_DIGITS[b.name] ?? 0) ? a : b;
}

function textOf(a: ColumnType, b: ColumnType): ColumnType {
  const length = Math.max(textLength(a), textLength(b));
  const collation = isBinaryCollation(a) || isBinaryCollation(b) ? 'utf8mb4_bin' : undefined;
  const type: ColumnType = length > 16_383 ? LONGTEXT : varchar(length);
  return collation === undefined ? type : { ...type, collation };
}

/** Characters that the text form of a value of this type can have. */
export function textLength(type: ColumnType): number {
  switch (family(type)) {
    case 'null':
      return 0;
    case 'int':
      return type.length ?? (INTEGER_DIGITS[type.name] ?? 19) + 1;
    case 'decimal':
      return (type.precision ?? 10) + 2;
    case 'double':
      return 23;
    case 'date':
      return 10;
    case 'datetime':
      return 19 + ((type.scale ?? 0) > 0 ? (type.scale ?? 0) + 1 : 0);
    case 'time':
      return 10 + ((type.scale ?? 0) > 0 ? (type.scale ?? 0) + 1 : 0);
    case 'enum':
      return Math.max(0, ...(type.values ?? []).map((value) => value.length));
    case 'set':
      return (type.values ?? []).join(',').length;
    default:
      if (type.length !== undefined) return type.length;
      return type.name.startsWith('tiny') ? 255 : type.name === 'text' || type.name === 'blob' ? 65_535 : 4_294_967_295;
  }
}
