/** Terms of one type as terms of another, in stored form: what casts, comparisons, CASE and assignments are made of. */
import type { ColumnType } from '../../stores/column-type.ts';
import { DOUBLE, decimal, digits, family, LONGTEXT, SAFE_DIGITS, textLength, varchar } from '../types.ts';
import { constantTerm } from './constants.ts';
import type { PlanContext } from './plan-context.ts';
import { heldDigits, heldScaleOf, isWide, quoteText, type Term, term } from './term.ts';

/** The value's text, as MySQL prints it. */
export function toText(context: PlanContext, value: Term): Term {
  const type = value.type;
  const f = family(type);
  if (f === 'string') return value;
  if (f === 'null') return { ...value, sql: value.sql, type: varchar(0) };
  const textType = { ...(textLength(type) > 16_383 ? LONGTEXT : varchar(textLength(type))) };
  const collated = (f === 'enum' || f === 'set') && type.collation !== undefined;
  // Times are printed by their type, which the value alone does not know.
  const byType = f === 'bytes' || f === 'date' || f === 'datetime' || f === 'time' || isFixedDouble(type);
  if (value.constant !== undefined && !byType) return constantTerm(context, textType, value.constant.evaluate);
  return term(
    textSql(value, context.settings.offsetMinutes),
    collated ? ({ ...textType, collation: type.collation } as ColumnType) : textType,
    value.nullable,
    [value],
  );
}

function isFixedDouble(type: ColumnType): boolean {
  return family(type) === 'double' && type.scale !== undefined;
}

function textSql(value: Term, offsetMinutes: number): string {
  const type = value.type;
  switch (family(type)) {
    case 'int':
      // A BIGINT that was computed may be a REAL where it overflowed: the function tells.
      return type.name === 'bigint' && (type.unsigned || value.column === undefined)
        ? `sluice_integer_text(${value.sql})`
        : `CAST(${value.sql} AS TEXT)`;
    case 'decimal':
      return `sluice_decimal_text(${shown(value).sql}, ${type.scale ?? 0})`;
    case 'double':
      return `sluice_double_text(${value.sql}, ${type.name === 'float' ? 1 : 0}, ${type.scale ?? -1})`;
    case 'time':
      return `sluice_time_text(${value.sql}, ${type.scale ?? 0})`;
    case 'enum':
    case 'set':
      return `sluice_${type.name}_text(${value.sql}, ${quoteText(JSON.stringify(type.values ?? []))})`;
    case 'bytes':
      return `CAST(${value.sql} AS TEXT)`;
    case 'datetime':
      return type.name === 'timestamp' && offsetMinutes !== 0 ? localTimestamp(value, offsetMinutes) : value.sql;
    default:
      return value.sql;
  }
}

/** A DECIMAL with the digits that its type shows: quotients are held with more. */
export function shown(value: Term): Term {
  if (value.heldScale === undefined) return value;
  const { heldScale, native: _, ...rest } = value;
  return { ...rest, sql: `sluice_rescale(${value.sql}, ${heldScale}, ${value.type.scale ?? 0})` };
}

/** `x` times 10^places. */
export function scaledText(sql: string, places: number): string {
  return places === 0 ? sql : `(${sql} * 1${'0'.repeat(places)})`;
}

function localTimestamp(value: Term, offsetMinutes: number): string {
  return `sluice_shift_minutes(${value.sql}, ${offsetMinutes}, ${value.type.scale ?? 0})`;
}

/** A TIMESTAMP (stored in UTC) as the session's local DATETIME. Other terms pass. */
export function toLocal(context: PlanContext, value: Term): Term {
  if (value.type.name !== 'timestamp') return value;
  const type: ColumnType = { ...value.type, name: 'datetime' };
  if (context.settings.offsetMinutes === 0) return { ...value, type, sql: value.sql };
  return term(localTimestamp(value, context.settings.offsetMinutes), type, value.nullable, [value]);
}

/** As SQLite REAL, or INTEGER where the value is one: both compare and compute alike. */
export function toDouble(context: PlanContext, value: Term): Term {
  const type = value.type;
  if (family(type) === 'double') return value;
  if (value.constant !== undefined) return constantTerm(context, DOUBLE, value.constant.evaluate);
  return term(doubleSql(toLocal(context, value)), DOUBLE, value.nullable, [value]);
}

function doubleSql(value: Term): string {
  const type = value.type;
  switch (family(type)) {
    case 'null':
      return 'NULL';
    case 'int':
      return isWide(value) ? `sluice_to_double(${value.sql})` : `CAST(${value.sql} AS REAL)`;
    case 'decimal': {
      const scale = heldScaleOf(value);
      if (isWide(value)) return `sluice_decimal_double(${value.sql}, ${scale})`;
      return scale === 0 ? `CAST(${value.sql} AS REAL)` : `(${value.sql} / 1e${scale})`;
    }
    case 'date':
    case 'datetime':
      return `sluice_temporal_number(${value.sql})`;
    case 'time':
      return `sluice_time_number(${value.sql})`;
    case 'enum':
    case 'set':
      return `CAST(${value.sql} AS REAL)`;
    default:
      return `sluice_to_double(${value.sql})`;
  }
}

/** The value in the stored form of `type`. Loses what `type` cannot hold, as CAST does. */
export function convertTo(context: PlanContext, value: Term, type: ColumnType): Term {
  const to = family(type);
  const from = family(value.type);
  if (from === 'null' || to === 'null') return value;
  if (value.constant !== undefined && isPlainConversion(value, from, to)) {
    return constantTerm(context, to === 'string' ? toText(context, value).type : type, value.constant.evaluate);
  }
  switch (to) {
    case 'string':
      return toText(context, value);
    case 'double':
      return toDouble(context, value);
    case 'int':
      return toInteger(context, value, type);
    case 'decimal':
      return toDecimal(context, value, type);
    case 'bytes':
      return from === 'bytes'
        ? value
        : term(`CAST(${toText(context, value).sql} AS BLOB)`, type, value.nullable, [value]);
    case 'date':
      return toDate(context, value, type);
    case 'datetime':
      return toDateTime(context, value, type);
    case 'time':
      return toTime(context, value, type);
    case 'json':
      return from === 'json'
        ? value
        : term(
            `sluice_to_json(${from === 'int' || from === 'double' ? value.sql : toText(context, value).sql})`,
            type,
            value.nullable,
            [value],
          );
    default:
      return value;
  }
}

/** Conversions of constants that need no rounding, cutting or error: the value itself in another form. */
function isPlainConversion(value: Term, from: ReturnType<typeof family>, to: ReturnType<typeof family>): boolean {
  switch (to) {
    case 'string':
      return (
        from === 'string' || from === 'int' || from === 'decimal' || (from === 'double' && !isFixedDouble(value.type))
      );
    case 'double':
    case 'bytes':
      return true;
    case 'decimal':
      return from === 'decimal' || from === 'int';
    default:
      return false;
  }
}

function toInteger(context: PlanContext, value: Term, type: ColumnType): Term {
  const made = (sql: string): Term => term(wrapped(sql, type), type, value.nullable, [value]);
  switch (family(value.type)) {
    case 'int': {
      const sign = (t: ColumnType): boolean => t.unsigned === true;
      if (sign(value.type) === sign(type)) return { ...value, type, sql: value.sql };
      // From a narrow unsigned type every value fits a signed one.
      if (sign(value.type) && heldDigits(value) <= SAFE_DIGITS) return { ...value, type, sql: value.sql };
      return made(value.sql);
    }
    case 'decimal':
      return made(`sluice_rescale(${value.sql}, ${heldScaleOf(value)}, 0)`);
    case 'double':
      return made(`sluice_round_integer(${value.sql})`);
    case 'enum':
    case 'set':
      return term(value.sql, type, value.nullable, [value]);
    case 'date':
    case 'datetime':
      return made(`sluice_temporal_decimal(${toLocal(context, value).sql}, 0)`);
    case 'time':
      return made(`sluice_time_decimal(${value.sql}, 0)`);
    case 'bytes':
      if (value.constant !== undefined) return constantTerm(context, type, value.constant.evaluate);
      return made(`sluice_to_integer(${value.sql})`);
    default:
      return made(`sluice_to_integer(${toText(context, value).sql})`);
  }
}

/** -1 as UNSIGNED is 2^64-1, and 2^64-1 as SIGNED is -1. */
function wrapped(sql: string, type: ColumnType): string {
  if (type.name !== 'bigint') return sql;
  return `sluice_wrap(${sql}, ${type.unsigned ? 1 : 0})`;
}

function toDecimal(context: PlanContext, value: Term, type: ColumnType): Term {
  const scale = type.scale ?? 0;
  const made = (sql: string): Term => term(sql, type, value.nullable, [value]);
  switch (family(value.type)) {
    case 'int':
    case 'decimal': {
      const from = heldScaleOf(value);
      if (from === scale) {
        const { heldScale: _, ...rest } = { ...value, sql: value.sql };
        return { ...rest, type };
      }
      const fits = !isWide(value) && from < scale && heldDigits(value) + scale - from <= SAFE_DIGITS;
      return made(fits ? scaledText(value.sql, scale - from) : `sluice_rescale(${value.sql}, ${from}, ${scale})`);
    }
    case 'double':
      return made(`sluice_to_decimal(${value.sql}, ${scale})`);
    case 'date':
    case 'datetime':
      return made(`sluice_temporal_decimal(${toLocal(context, value).sql}, ${scale})`);
    case 'time':
      return made(`sluice_time_decimal(${value.sql}, ${scale})`);
    case 'enum':
    case 'set':
      return made(`sluice_rescale(${value.sql}, 0, ${scale})`);
    default:
      return made(`sluice_to_decimal(${toText(context, value).sql}, ${scale})`);
  }
}

/** CAST(x AS DECIMAL(p,s)): what is beyond p digits becomes the largest value, with a warning. */
export function castDecimal(context: PlanContext, value: Term, type: ColumnType): Term {
  const converted = convertTo(context, value, { ...type, precision: 65 });
  const { native: _, heldScale: __, ...rest } = { ...converted, sql: converted.sql };
  const { precision } = digits(type);
  const sql = `sluice_clamp_decimal(${converted.sql}, ${precision})`;
  return { ...term(sql, decimal(precision, type.scale ?? 0), rest.nullable, [value]) };
}

function toDate(context: PlanContext, value: Term, type: ColumnType): Term {
  const from = family(value.type);
  if (from === 'date') return value;
  if (from === 'datetime') return term(`substr(${toLocal(context, value).sql}, 1, 10)`, type, value.nullable, [value]);
  if (from === 'time')
    return term(`substr(sluice_time_datetime(${value.sql}, ${today(context)}, 0), 1, 10)`, type, value.nullable, [
      value,
    ]);
  return term(`sluice_to_date(${toText(context, value).sql})`, type, true, [value]);
}

function toDateTime(context: PlanContext, value: Term, type: ColumnType): Term {
  const scale = type.scale ?? 0;
  const from = family(value.type);
  const zeros = scale === 0 ? '' : `.${'0'.repeat(scale)}`;
  if (from === 'date') return term(`(${value.sql} || ' 00:00:00${zeros}')`, type, value.nullable, [value]);
  if (from === 'datetime') {
    const local = toLocal(context, value);
    const has = value.type.scale ?? 0;
    if (has === scale) return local;
    if (has === 0) return term(`(${local.sql} || '${zeros}')`, type, value.nullable, [value]);
    return term(`sluice_to_datetime(${local.sql}, ${scale})`, type, value.nullable, [value]);
  }
  if (from === 'time')
    return term(`sluice_time_datetime(${value.sql}, ${today(context)}, ${scale})`, type, value.nullable, [value]);
  return term(`sluice_to_datetime(${toText(context, value).sql}, ${scale})`, type, true, [value]);
}

/** A TIME taken as a DATETIME is that of the current day. */
function today(context: PlanContext): string {
  const offset = context.settings.offsetMinutes * 60e6;
  return context.parameter((execution) =>
    new Date(Math.floor((execution.nowMicros + offset) / 1000)).toISOString().slice(0, 10),
  );
}

function toTime(context: PlanContext, value: Term, type: ColumnType): Term {
  const from = family(value.type);
  const scale = type.scale ?? 0;
  if (from === 'time' && (value.type.scale ?? 0) <= scale) return { ...value, sql: value.sql, type };
  if (from === 'date')
    return term(`(CASE WHEN ${value.sql} IS NULL THEN NULL ELSE 0 END)`, type, value.nullable, [value]);
  const source = from === 'time' ? value : from === 'datetime' ? toLocal(context, value) : toText(context, value);
  return term(`sluice_to_time(${source.sql}, ${scale})`, type, true, [value]);
}

/** A condition for WHERE, AND, NOT: true when MySQL takes the value as true. */
export function toCondition(context: PlanContext, value: Term): Term {
  const f = family(value.type);
  if (f === 'null' || (f === 'int' && !isWide(value)) || f === 'double') return value;
  if (f === 'decimal' || f === 'int') return term(`(${value.sql} <> 0)`, value.type, value.nullable, [value]);
  return term(`(${toDouble(context, value).sql} <> 0)`, value.type, value.nullable, [value]);
}
