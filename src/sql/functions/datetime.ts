/** Date and time functions. Source: MySQL manual, "Date and Time Functions". Arguments arrive as stored text `YYYY-MM-DD HH:MM:SS.ffffff`. */
import { failure } from '../../errors.ts';
import type { ColumnType } from '../../stores/column-type.ts';
import type { StoreValue } from '../../stores/values.ts';
import type { IntervalUnit } from '../ast.ts';
import type { ExecutionContext } from '../context.ts';
import { constantTerm } from '../planner/constants.ts';
import { convertTo, toText } from '../planner/conversion.ts';
import type { PlanContext } from '../planner/plan-context.ts';
import { quoteText, type Term, term } from '../planner/term.ts';
import { BIGINT, DATE, datetime, decimal, family, LONGTEXT, time, varchar } from '../types.ts';
import {
  type DateTimeParts,
  dateText,
  datetimeText,
  daysInMonth,
  isZeroDate,
  MAX_TIME_MICROS,
  microsOfParts,
  parseDateTime,
  partsOfMicros,
} from '../values/temporal.ts';
import { addInterval, difference, hasMicroseconds, isDateUnit, parseInterval } from './date-arithmetic.ts';
import {
  dayNumber,
  dayOfYear,
  formatDate,
  formatKind,
  MONTHS,
  parseByFormat,
  WEEKDAYS,
  week,
  weekday,
} from './date-format.ts';
import { computed, type FunctionDefinition, special } from './definition.ts';

/** Days from year 0 to 1970-01-01, as TO_DAYS counts. */
const EPOCH_DAYS = 719_528;

function parts(text: StoreValue): DateTimeParts | null {
  return parseDateTime(String(text));
}

/** A function of one date or datetime; NULL for what is none. */
function field(
  name: string,
  read: (parts: DateTimeParts) => number | string | null,
  gives: ColumnType = BIGINT,
  aliases: readonly string[] = [],
): FunctionDefinition[] {
  return computed({
    name,
    aliases,
    takes: ['datetime'],
    gives,
    nullable: true,
    call: (text: string) => {
      const value = parts(text);
      return value === null ? null : read(value);
    },
  });
}

/** HOUR, MINUTE ...: of a TIME as well as of a datetime. */
function timeField(name: string, ofTime: (micros: number) => number): FunctionDefinition[] {
  const definitions = computed({
    name,
    takes: ['time'],
    gives: BIGINT,
    nullable: true,
    call: (micros: number) => ofTime(Math.abs(micros)),
  });
  return definitions;
}

/** NOW() and its kind: one value a statement, so a constant. `offset` gives the minutes east of UTC. */
function now(kind: 'date' | 'time' | 'datetime', utc: boolean): FunctionDefinition['bind'] {
  return (context, args) => {
    const scale = args[0]?.pinned === undefined ? 0 : Number(args[0].pinned.value);
    if (scale > 6) throw failure('ER_WRONG_ARGUMENTS', 'now');
    const offset = utc ? 0 : context.settings.offsetMinutes;
    const type = kind === 'date' ? DATE : kind === 'time' ? time(scale) : datetime(scale);
    return constantTerm(context, type, (execution) => ({
      type: { kind },
      value: nowValue(execution, kind, scale, offset),
    }));
  };
}

function nowValue(
  execution: ExecutionContext,
  kind: 'date' | 'time' | 'datetime',
  scale: number,
  offsetMinutes: number,
): StoreValue {
  const step = 10 ** (6 - scale);
  const local = Math.floor((execution.nowMicros + offsetMinutes * 60e6) / step) * step;
  if (kind === 'time') return ((local % 86_400e6) + 86_400e6) % 86_400e6;
  return kind === 'date' ? dateText(partsOfMicros(local)) : datetimeText(partsOfMicros(local), scale);
}

/** date ± INTERVAL: what `+`, `-`, DATE_ADD and DATE_SUB are bound to. */
export function dateInterval(context: PlanContext, date: Term, amount: Term, unit: IntervalUnit, sign: 1 | -1): Term {
  const f = family(date.type);
  const type: ColumnType =
    f === 'date'
      ? isDateUnit(unit)
        ? DATE
        : datetime(hasMicroseconds(unit) ? 6 : 0)
      : f === 'datetime'
        ? datetime(hasMicroseconds(unit) ? 6 : (date.type.scale ?? 0))
        : f === 'time'
          ? time(hasMicroseconds(unit) ? 6 : (date.type.scale ?? 0))
          : varchar(26);
  const form = type.name === 'varchar' ? 'text' : type.name;
  const operand = f === 'time' ? date.sql : toText(context, date).sql;
  const sql = `sluice_date_add(${operand}, ${toText(context, amount).sql}, ${quoteText(unit)}, ${sign}, ${quoteText(form)}, ${type.scale ?? 0})`;
  return term(sql, type, true, [date, amount]);
}

function addToDate(
  value: StoreValue,
  amount: StoreValue,
  unit: string,
  sign: number,
  form: string,
  scale: number,
): StoreValue {
  const interval = parseInterval(String(amount), unit as IntervalUnit);
  if (interval === null) return null;
  if (form === 'time') {
    const micros = Number(value) + sign * interval.micros;
    return interval.months !== 0 || Math.abs(micros) > MAX_TIME_MICROS ? null : BigInt(micros);
  }
  const text = String(value);
  const start = parseDateTime(text);
  if (start === null || isZeroDate(start)) return null;
  const end = addInterval(start, interval, sign < 0 ? -1 : 1);
  if (end === null) return null;
  if (form === 'date') return dateText(end);
  if (form !== 'text') return datetimeText(end, scale);
  return !start.hasTime && isDateUnit(unit as IntervalUnit)
    ? dateText(end)
    : datetimeText(end, end.micros === 0 ? 0 : 6);
}

function intervalFunction(sign: 1 | -1): FunctionDefinition['bind'] {
  return (context, args) => {
    const [date, amount] = args as [Term, Term];
    // ADDDATE(date, 3): days.
    return dateInterval(context, date, amount, amount.interval ?? 'day', sign);
  };
}

function unixTimestamp(context: PlanContext, args: readonly Term[]): Term {
  const value = args[0];
  if (value === undefined) {
    return constantTerm(context, BIGINT, (execution) => ({
      type: { kind: 'int', unsigned: false },
      value: Math.floor(execution.nowMicros / 1e6),
    }));
  }
  const scale = family(value.type) === 'datetime' ? (value.type.scale ?? 0) : 0;
  const stamp = convertTo(context, value, datetime(6));
  const type = scale === 0 ? BIGINT : decimal(20, scale);
  return term(`sluice_unix_timestamp(${stamp.sql}, ${context.settings.offsetMinutes}, ${scale})`, type, true, args);
}

function fromUnixtime(context: PlanContext, args: readonly Term[]): Term {
  const [seconds, format] = args as [Term, Term | undefined];
  const scale =
    family(seconds.type) === 'decimal' ? Math.min(seconds.type.scale ?? 0, 6) : family(seconds.type) === 'int' ? 0 : 6;
  const number = convertTo(context, seconds, decimal(30, 6));
  const text = `sluice_from_unixtime(${number.sql}, ${context.settings.offsetMinutes}, ${format === undefined ? scale : 6})`;
  if (format === undefined) return term(text, datetime(scale), true, args);
  return term(`mysql_date_format(${text}, ${toText(context, format).sql})`, LONGTEXT, true, args);
}

function strToDate(context: PlanContext, args: readonly Term[]): Term {
  const [text, format] = args as [Term, Term];
  const known = format.pinned?.value;
  const kind = typeof known === 'string' ? formatKind(known) : 'datetime';
  const scale = typeof known === 'string' && known.includes('%f') ? 6 : 0;
  const type = kind === 'date' ? DATE : kind === 'time' ? time(scale) : datetime(scale);
  return term(
    `sluice_str_to_date(${toText(context, text).sql}, ${toText(context, format).sql}, '${kind}', ${scale})`,
    type,
    true,
    args,
  );
}

function timestampDiff(context: PlanContext, args: readonly Term[]): Term {
  const [unit, a, b] = args as [Term, Term, Term];
  const [from, to] = [a, b].map((value) => convertTo(context, value, datetime(6)).sql);
  return term(`sluice_timestamp_diff(${quoteText(unit.unit ?? 'day')}, ${from}, ${to})`, BIGINT, true, [a, b]);
}

function extract(context: PlanContext, args: readonly Term[]): Term {
  const [unit, value] = args as [Term, Term];
  const operand = family(value.type) === 'time' ? toText(context, value) : convertTo(context, value, datetime(6));
  return term(`sluice_extract(${quoteText(unit.unit ?? 'day')}, ${operand.sql})`, BIGINT, true, [value]);
}

const EXTRACTED: Partial<Record<IntervalUnit, (p: DateTimeParts) => number>> = {
  microsecond: (p) => p.micros,
  second: (p) => p.second,
  minute: (p) => p.minute,
  hour: (p) => p.hour,
  day: (p) => p.day,
  week: (p) => week(p, 0).week,
  month: (p) => p.month,
  quarter: (p) => Math.ceil(p.month / 3),
  year: (p) => p.year,
  second_microsecond: (p) => p.second * 1e6 + p.micros,
  minute_microsecond: (p) => (p.minute * 100 + p.second) * 1e6 + p.micros,
  minute_second: (p) => p.minute * 100 + p.second,
  hour_microsecond: (p) => (p.hour * 10_000 + p.minute * 100 + p.second) * 1e6 + p.micros,
  hour_second: (p) => p.hour * 10_000 + p.minute * 100 + p.second,
  hour_minute: (p) => p.hour * 100 + p.minute,
  day_microsecond: (p) => (((p.day * 100 + p.hour) * 100 + p.minute) * 100 + p.second) * 1e6 + p.micros,
  day_second: (p) => ((p.day * 100 + p.hour) * 100 + p.minute) * 100 + p.second,
  day_minute: (p) => (p.day * 100 + p.hour) * 100 + p.minute,
  day_hour: (p) => p.day * 100 + p.hour,
  year_month: (p) => p.year * 100 + p.month,
};

function extracted(unit: StoreValue, text: StoreValue): StoreValue {
  const time = /^-?\d{2,3}:/.test(String(text))
    ? parseDateTime(`2000-01-01 ${String(text).replace('-', '')}`)
    : parts(text);
  const read = EXTRACTED[unit as IntervalUnit];
  return time === null || read === undefined ? null : BigInt(read(time));
}

function timestampFunction(context: PlanContext, args: readonly Term[]): Term {
  const [date, added] = args as [Term, Term | undefined];
  const scale = Math.max(date.type.scale ?? 0, added?.type.scale ?? 0);
  const base = convertTo(context, date, datetime(scale));
  if (added === undefined) return base;
  const micros = convertTo(context, added, time(6)).sql;
  return term(
    `sluice_date_add(${base.sql}, CAST(${micros} AS TEXT), 'microsecond', 1, 'datetime', ${scale})`,
    datetime(scale),
    true,
    args,
  );
}

export const DATETIME_FUNCTIONS: readonly FunctionDefinition[] = [
  ...['NOW', 'CURRENT_TIMESTAMP', 'LOCALTIME', 'LOCALTIMESTAMP', 'SYSDATE'].flatMap((name) =>
    special(name, 0, 1, now('datetime', false)),
  ),
  ...['CURDATE', 'CURRENT_DATE'].flatMap((name) => special(name, 0, 0, now('date', false))),
  ...['CURTIME', 'CURRENT_TIME'].flatMap((name) => special(name, 0, 1, now('time', false))),
  ...special('UTC_DATE', 0, 0, now('date', true)),
  ...special('UTC_TIME', 0, 1, now('time', true)),
  ...special('UTC_TIMESTAMP', 0, 1, now('datetime', true)),
  ...field('YEAR', (p) => p.year),
  ...field('MONTH', (p) => p.month),
  ...field('DAY', (p) => p.day, BIGINT, ['DAYOFMONTH']),
  ...field('QUARTER', (p) => Math.ceil(p.month / 3)),
  ...field('DAYOFWEEK', (p) => (isZeroDate(p) ? null : weekday(p) + 1)),
  ...field('WEEKDAY', (p) => (isZeroDate(p) ? null : (weekday(p) + 6) % 7)),
  ...field('DAYOFYEAR', (p) => (isZeroDate(p) ? null : dayOfYear(p))),
  ...field('WEEKOFYEAR', (p) => (isZeroDate(p) ? null : week(p, 3).week)),
  ...field('TO_DAYS', (p) => (isZeroDate(p) ? null : dayNumber(p) + EPOCH_DAYS)),
  ...field('MONTHNAME', (p) => MONTHS[p.month - 1] ?? null, varchar(9)),
  ...field('DAYNAME', (p) => (isZeroDate(p) ? null : (WEEKDAYS[weekday(p)] as string)), varchar(9)),
  ...field('LAST_DAY', (p) => (p.month === 0 ? null : dateText({ ...p, day: daysInMonth(p.year, p.month) })), DATE),
  ...timeField('HOUR', (micros) => Math.floor(micros / 3600e6)),
  ...timeField('MINUTE', (micros) => Math.floor(micros / 60e6) % 60),
  ...timeField('SECOND', (micros) => Math.floor(micros / 1e6) % 60),
  ...timeField('MICROSECOND', (micros) => micros % 1e6),
  ...computed({
    name: 'TIME_TO_SEC',
    takes: ['time'],
    gives: BIGINT,
    nullable: true,
    call: (micros: number) => Math.trunc(micros / 1e6),
  }),
  ...computed({
    name: 'SEC_TO_TIME',
    takes: ['double'],
    gives: time(),
    call: (seconds: number) => Math.max(-MAX_TIME_MICROS, Math.min(MAX_TIME_MICROS, Math.round(seconds) * 1e6)),
  }),
  ...computed({
    name: 'WEEK',
    takes: ['datetime', 'integer'],
    optional: 1,
    gives: BIGINT,
    nullable: true,
    call: (text: string, mode = 0) => {
      const p = parts(text);
      return p === null || isZeroDate(p) ? null : week(p, mode).week;
    },
  }),
  ...computed({
    name: 'YEARWEEK',
    takes: ['datetime', 'integer'],
    optional: 1,
    gives: BIGINT,
    nullable: true,
    call: (text: string, mode = 0) => {
      const p = parts(text);
      if (p === null || isZeroDate(p)) return null;
      const w = week(p, mode | 2);
      return w.year * 100 + w.week;
    },
  }),
  ...computed({
    name: 'FROM_DAYS',
    takes: ['integer'],
    gives: DATE,
    call: (n: number) => dateText(partsOfMicros((n - EPOCH_DAYS) * 86_400e6)),
  }),
  ...computed({
    name: 'MAKEDATE',
    takes: ['integer', 'integer'],
    gives: DATE,
    nullable: true,
    call: (year: number, day: number) =>
      day < 1
        ? null
        : dateText(
            partsOfMicros(
              microsOfParts({
                year: year < 70 ? 2000 + year : year < 100 ? 1900 + year : year,
                month: 1,
                day: 1,
                hour: 0,
                minute: 0,
                second: 0,
                micros: 0,
              }) +
                (day - 1) * 86_400e6,
            ),
          ),
  }),
  ...computed({
    name: 'MAKETIME',
    takes: ['integer', 'integer', 'double'],
    gives: time(),
    nullable: true,
    call: (h: number, m: number, s: number) =>
      m < 0 || m > 59 || s < 0 || s >= 60
        ? null
        : Math.sign(h || 1) * ((Math.abs(h) * 3600 + m * 60) * 1e6 + Math.round(s * 1e6)),
  }),
  ...computed({
    name: 'DATEDIFF',
    takes: ['datetime', 'datetime'],
    gives: BIGINT,
    nullable: true,
    call: (a: string, b: string) => {
      const x = parts(a);
      const y = parts(b);
      return x === null || y === null ? null : dayNumber(x) - dayNumber(y);
    },
  }),
  ...computed({
    name: 'TIMEDIFF',
    takes: ['datetime', 'datetime'],
    gives: time(6),
    nullable: true,
    call: (a: string, b: string) => {
      const x = parts(a);
      const y = parts(b);
      return x === null || y === null ? null : microsOfParts(x) - microsOfParts(y);
    },
  }),
  ...computed({
    name: 'DATE_FORMAT',
    takes: ['datetime', 'text'],
    gives: LONGTEXT,
    nullable: true,
    call: (text: string, format: string) => {
      const p = parts(text);
      return p === null ? null : formatDate(p, format);
    },
  }),
  ...computed({
    name: 'TIME_FORMAT',
    takes: ['time', 'text'],
    gives: LONGTEXT,
    nullable: true,
    call: (micros: number, format: string) => {
      const p = partsOfMicros(Math.abs(micros));
      return formatDate({ ...p, hour: Math.floor(Math.abs(micros) / 3600e6) }, format);
    },
  }),
  ...computed({
    name: 'CONVERT_TZ',
    takes: ['datetime', 'text', 'text'],
    gives: datetime(6),
    nullable: true,
    call: convertZone,
  }),
  ...special('DATE', 1, 1, (context, args) => convertTo(context, args[0] as Term, DATE)),
  ...special('TIME', 1, 1, (context, args) =>
    convertTo(context, args[0] as Term, time((args[0] as Term).type.scale ?? 0)),
  ),
  ...special('TIMESTAMP', 1, 2, timestampFunction),
  ...special('DATE_ADD', 2, 2, intervalFunction(1), [
    {
      name: 'sluice_date_add',
      deterministic: true,
      call: (value, amount, unit, sign, form, scale) =>
        value === null || amount === null
          ? null
          : addToDate(value, amount, String(unit), Number(sign), String(form), Number(scale)),
    },
  ]),
  ...special('ADDDATE', 2, 2, intervalFunction(1)),
  ...special('DATE_SUB', 2, 2, intervalFunction(-1)),
  ...special('SUBDATE', 2, 2, intervalFunction(-1)),
  ...special('TIMESTAMPADD', 3, 3, (context, args) =>
    dateInterval(context, args[2] as Term, args[1] as Term, (args[0] as Term).unit ?? 'day', 1),
  ),
  ...special('TIMESTAMPDIFF', 3, 3, timestampDiff, [
    {
      name: 'sluice_timestamp_diff',
      deterministic: true,
      call: (unit, a, b) => {
        const x = a === null ? null : parts(a);
        const y = b === null ? null : parts(b);
        return x === null || y === null ? null : BigInt(difference(unit as IntervalUnit, x, y));
      },
    },
  ]),
  ...special('EXTRACT', 2, 2, extract, [
    {
      name: 'sluice_extract',
      deterministic: true,
      call: (unit, text) => (text === null ? null : extracted(unit, text)),
    },
  ]),
  ...special('UNIX_TIMESTAMP', 0, 1, unixTimestamp, [
    {
      name: 'sluice_unix_timestamp',
      deterministic: true,
      call: (text, offset, scale) => {
        const p = text === null ? null : parts(text);
        if (p === null) return null;
        const micros = microsOfParts(p) - Number(offset) * 60e6;
        return micros < 0 ? 0n : BigInt(Math.floor(micros / 10 ** (6 - Number(scale))));
      },
    },
  ]),
  ...special('FROM_UNIXTIME', 1, 2, fromUnixtime, [
    {
      name: 'sluice_from_unixtime',
      deterministic: true,
      call: (micros, offset, scale) =>
        micros === null || Number(micros) < 0
          ? null
          : datetimeText(partsOfMicros(Number(micros) + Number(offset) * 60e6), Number(scale)),
    },
  ]),
  ...special('STR_TO_DATE', 2, 2, strToDate, [
    {
      name: 'sluice_str_to_date',
      deterministic: true,
      call: (text, format, kind, scale) => {
        const p = text === null || format === null ? null : parseByFormat(String(text), String(format));
        if (p === null) return null;
        if (kind === 'date') return dateText(p);
        return kind === 'time'
          ? BigInt(((p.hour * 60 + p.minute) * 60 + p.second) * 1e6 + p.micros)
          : datetimeText(p, Number(scale));
      },
    },
  ]),
];

/** Offsets only (`+08:00`, `UTC`): named zones would need MySQL's time zone tables, which give NULL when they are not loaded. */
function convertZone(text: string, from: string, to: string): string | null {
  const p = parts(text);
  const a = zoneMinutes(from);
  const b = zoneMinutes(to);
  if (p === null || a === null || b === null) return null;
  return datetimeText(partsOfMicros(microsOfParts(p) + (b - a) * 60e6), 6);
}

function zoneMinutes(zone: string): number | null {
  if (zone.toUpperCase() === 'UTC') return 0;
  const match = /^([+-])(\d{1,2}):(\d{2})$/.exec(zone);
  if (match === null) return null;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === '-' ? -minutes : minutes;
}
