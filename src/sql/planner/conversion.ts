/** Terms of one type as terms of another, in stored form: what casts, comparisons, CASE and assignments are made of. */
import type { ColumnType } from '../../stores/column-type.ts';
import { DOUBLE, family, LONGTEXT, textLength, varchar } from '../types.ts';
import { constantTerm } from './constants.ts';
import type { PlanContext } from './plan-context.ts';
import { quoteText, type Term, term } from './term.ts';

/** The value's text, as MySQL prints it. */
export function toText(context: PlanContext, value: Term): Term {
  const type = value.type;
  const f = family(type);
  if (f === 'string' || f === 'null') return value;
  const textType = { ...(textLength(type) > 16_383 ? LONGTEXT : varchar(textLength(type))) };
  if (value.constant !== undefined && f !== 'bytes') return constantTerm(context, textType, value.constant.evaluate);
  return term(textSql(value, context.settings.offsetMinutes), textType, value.nullable, [value]);
}

function textSql(value: Term, offsetMinutes: number): string {
  const type = value.type;
  switch (family(type)) {
    case 'int':
      return type.unsigned && type.name === 'bigint'
        ? `sluice_integer_text(${value.sql})`
        : `CAST(${value.sql} AS TEXT)`;
    case 'decimal':
      return `sluice_decimal_text(${value.sql}, ${type.scale ?? 0})`;
    case 'double':
      return `sluice_double_text(${value.sql}, ${type.name === 'float' ? 1 : 0})`;
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
      return type.unsigned && type.name === 'bigint' ? `sluice_to_double(${value.sql})` : `CAST(${value.sql} AS REAL)`;
    case 'decimal':
      return (type.scale ?? 0) === 0 ? `CAST(${value.sql} AS REAL)` : `(${value.sql} / 1e${type.scale})`;
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
  if (value.constant !== undefined && to !== 'int' && !(to === 'decimal' && from !== 'decimal' && from !== 'int')) {
    return constantTerm(context, type, value.constant.evaluate);
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
      return from === 'time' && (value.type.scale ?? 0) === (type.scale ?? 0)
        ? value
        : term(
            `sluice_to_time(${from === 'time' ? value.sql : toText(context, value).sql}, ${type.scale ?? 0})`,
            type,
            true,
            [value],
          );
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

function toInteger(context: PlanContext, value: Term, type: ColumnType): Term {
  switch (family(value.type)) {
    case 'int':
      return { ...value, type, sql: value.sql };
    case 'decimal':
      return term(`sluice_rescale(${value.sql}, ${value.type.scale ?? 0}, 0)`, type, value.nullable, [value]);
    case 'double':
      return term(`sluice_round_integer(${value.sql})`, type, value.nullable, [value]);
    case 'enum':
    case 'set':
      return term(value.sql, type, value.nullable, [value]);
    case 'date':
    case 'datetime':
      return term(
        `sluice_round_integer(sluice_temporal_number(${toLocal(context, value).sql}))`,
        type,
        value.nullable,
        [value],
      );
    case 'time':
      return term(`sluice_round_integer(sluice_time_number(${value.sql}))`, type, value.nullable, [value]);
    default:
      return term(`sluice_to_integer(${value.sql})`, type, value.nullable, [value]);
  }
}

function toDecimal(context: PlanContext, value: Term, type: ColumnType): Term {
  const scale = type.scale ?? 0;
  switch (family(value.type)) {
    case 'int':
      return term(scale === 0 ? value.sql : `(${value.sql} * 1${'0'.repeat(scale)})`, type, value.nullable, [value]);
    case 'decimal': {
      const from = value.type.scale ?? 0;
      if (from === scale) return { ...value, type, sql: value.sql };
      if (from < scale) return term(`(${value.sql} * 1${'0'.repeat(scale - from)})`, type, value.nullable, [value]);
      return term(`sluice_rescale(${value.sql}, ${from}, ${scale})`, type, value.nullable, [value]);
    }
    case 'double':
      return term(`sluice_to_decimal(${value.sql}, ${scale})`, type, value.nullable, [value]);
    case 'date':
    case 'datetime':
    case 'time':
      return term(`sluice_to_decimal(${toDouble(context, value).sql}, ${scale})`, type, value.nullable, [value]);
    default:
      return term(`sluice_to_decimal(${toText(context, value).sql}, ${scale})`, type, value.nullable, [value]);
  }
}

function toDate(context: PlanContext, value: Term, type: ColumnType): Term {
  const from = family(value.type);
  if (from === 'date') return value;
  if (from === 'datetime') return term(`substr(${toLocal(context, value).sql}, 1, 10)`, type, value.nullable, [value]);
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
  return term(`sluice_to_datetime(${toText(context, value).sql}, ${scale})`, type, true, [value]);
}

/** A condition for WHERE, AND, NOT: true when MySQL takes the value as true. */
export function toCondition(context: PlanContext, value: Term): Term {
  const f = family(value.type);
  if (f === 'int' || f === 'decimal' || f === 'double' || f === 'null') return value;
  return term(`(${toDouble(context, value).sql} <> 0)`, value.type, value.nullable, [value]);
}
