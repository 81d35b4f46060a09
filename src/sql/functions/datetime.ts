/** Date and time functions. Source: MySQL manual, "Date and Time Functions". Arguments arrive as stored text `YYYY-MM-DD HH:MM:SS.ffffff`. */
import { failure } from '../../errors.ts';
import type { ColumnType } from '../../stores/column-type.ts';
import type { StoreValue } from '../../stores/values.ts';
import type { IntervalUnit } from '../ast.ts';
import type { ExecutionContext } from '../context.ts';
import { constantTerm } from '../planner/constants.ts';
import { convertTo, toDouble, toText } from '../planner/conversion.ts';
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
  parseTime,
  partsOfMicros,
  timeText,
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

/** The parts of a day that exists; null for 0000-00-00 and the like. */
function dayParts(text: StoreValue): DateTimeParts | null {
  const value = text === null ? null : parts(text);
  return value === null || isZeroDate(value) ? null : value;
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
    takes: ['moment'],
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

/** Fractional second digits of a value taken as a time: a literal's own; of other text six, as MySQL takes it. */
function fractionDigits(value: Term): number {
  switch (family(value.type)) {
    case 'date':
    case 'int':
    case 'null':
      return 0;
    case 'datetime':
    case 'time':
    case 'decimal':
      return Math.min(value.type.scale ?? 0, 6);
    default: {
      const literal = value.pinned?.value;
      return typeof literal === 'string' ? Math.min(/\.(\d+)\s*$/.exec(literal)?.[1]?.length ?? 0, 6) : 6;
    }
  }
}

/** date ± INTERVAL: what `+`, `-`, DATE_ADD and DATE_SUB are bound to. */
export function dateInterval(context: PlanContext, date: Term, amount: Term, unit: IntervalUnit, sign: 1 | -1): Term {
  const f = family(date.type);
  const amountScale = hasMicroseconds(unit) ? 6 : unit === 'second' ? fractionOfAmount(amount) : 0;
  const scale = Math.max(amountScale, date.type.scale ?? 0);
  const type: ColumnType =
    f === 'date'
      ? isDateUnit(unit)
        ? DATE
        : datetime(amountScale)
      : f === 'datetime'
        ? datetime(scale)
        : f === 'time'
          ? time(scale)
          : varchar(26);
  const form = type.name === 'varchar' ? 'text' : type.name;
  const operand = f === 'time' ? date.sql : toText(context, date).sql;
  const sql = `sluice_date_add(${operand}, ${toText(context, amount).sql}, ${quoteText(unit)}, ${sign}, ${quoteText(form)}, ${type.scale ?? 0})`;
  return term(sql, type, true, [date, amount]);
}

function fractionOfAmount(amount: Term): number {
  return family(amount.type) === 'int' || family(amount.type) === 'null' ? 0 : fractionDigits(amount);
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
  const scale = fractionDigits(value);
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
  const name = unit.unit ?? 'day';
  const asTime = family(value.type) === 'time' || (family(value.type) === 'string' && isTimeUnit(name));
  const operand = asTime ? toText(context, convertTo(context, value, time(6))) : convertTo(context, value, datetime(6));
  return term(`sluice_extract(${quoteText(unit.unit ?? 'day')}, ${operand.sql})`, BIGINT, true, [value]);
}

/** Units that a TIME has: EXTRACT reads a text as one for them. */
function isTimeUnit(unit: IntervalUnit): boolean {
  return /^(hour|minute|second|microsecond)/.test(unit);
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
  const scale = Math.max(fractionDigits(date), added === undefined ? 0 : fractionDigits(added));
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

/** TIMEDIFF of two times or of two datetimes. */
function timeDifference(context: PlanContext, args: readonly Term[]): Term {
  const [a, b] = args as [Term, Term];
  const scale = Math.max(fractionDigits(a), fractionDigits(b));
  return term(`sluice_time_diff(${toText(context, a).sql}, ${toText(context, b).sql})`, time(scale), true, args);
}

function differenceOfTimes(a: StoreValue, b: StoreValue): StoreValue {
  if (a === null || b === null) return null;
  const [x, y] = [momentOf(String(a)), momentOf(String(b))];
  if (x === null || y === null || x.dated !== y.dated) return null;
  return BigInt(Math.max(-MAX_TIME_MICROS, Math.min(MAX_TIME_MICROS, x.micros - y.micros)));
}

/** Microseconds of a TIME text, or since 1970 of a datetime text. */
function momentOf(text: string): { micros: number; dated: boolean } | null {
  const date = /^\s*\d{4}-/.test(text) || /^\s*\d{14}/.test(text) ? parseDateTime(text) : null;
  if (date !== null) return { micros: microsOfParts(date), dated: true };
  const micros = parseTime(text);
  return micros === null ? null : { micros, dated: false };
}

/** ADDTIME(datetime or time, time); text stays text, as in MySQL. */
function addTime(sign: 1 | -1): FunctionDefinition['bind'] {
  return (context, args) => {
    const [value, added] = args as [Term, Term];
    const f = family(value.type);
    const scale = Math.max(fractionDigits(value), fractionDigits(added));
    const amount = convertTo(context, added, time(6)).sql;
    const sql = `sluice_add_time(${toText(context, value).sql}, ${amount}, ${sign}, ${f === 'string' ? -1 : scale})`;
    if (f === 'time') return term(`sluice_to_time(${sql}, ${scale})`, time(scale), true, args);
    return term(sql, f === 'date' || f === 'datetime' ? datetime(scale) : varchar(29), true, args);
  };
}

/** `scale` -1: six digits where there are any. */
function addedTime(text: string, added: number, scale: number): string | null {
  const start = momentOf(text);
  if (start === null) return null;
  const micros = start.micros + added;
  const digits = scale >= 0 ? scale : micros % 1e6 === 0 ? 0 : 6;
  return start.dated ? datetimeText(partsOfMicros(micros), digits) : timeText(micros, digits);
}

/** Months since year 0 of a period YYMM or YYYYMM. */
function monthsOfPeriod(period: number): number {
  const year = Math.floor(period / 100);
  return (year < 70 ? year + 2000 : year < 100 ? year + 1900 : year) * 12 + (period % 100) - 1;
}

function periodAdd(period: number, months: number): number {
  const total = monthsOfPeriod(period) + months;
  return Math.floor(total / 12) * 100 + (total % 12) + 1;
}

const FORMATS: Record<string, string> = {
  'DATE USA': '%m.%d.%Y',
  'DATE JIS': '%Y-%m-%d',
  'DATE ISO': '%Y-%m-%d',
  'DATE EUR': '%d.%m.%Y',
  'DATE INTERNAL': '%Y%m%d',
  'DATETIME USA': '%Y-%m-%d %H.%i.%s',
  'DATETIME JIS': '%Y-%m-%d %H:%i:%s',
  'DATETIME ISO': '%Y-%m-%d %H:%i:%s',
  'DATETIME EUR': '%Y-%m-%d %H.%i.%s',
  'DATETIME INTERNAL': '%Y%m%d%H%i%s',
  'TIME USA': '%h:%i:%s %p',
  'TIME JIS': '%H:%i:%s',
  'TIME ISO': '%H:%i:%s',
  'TIME EUR': '%H.%i.%s',
  'TIME INTERNAL': '%H%i%s',
};

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
  ...special(
    'SEC_TO_TIME',
    1,
    1,
    (context, args) => {
      const value = args[0] as Term;
      const scale = fractionDigits(value);
      return term(`sluice_sec_to_time(${toDouble(context, value).sql}, ${scale})`, time(scale), value.nullable, args);
    },
    [
      {
        name: 'sluice_sec_to_time',
        deterministic: true,
        call: (seconds, scale) => {
          if (seconds === null) return null;
          const step = 10 ** (6 - Number(scale));
          const micros = Math.round((Number(seconds) * 1e6) / step) * step;
          return BigInt(Math.max(-MAX_TIME_MICROS, Math.min(MAX_TIME_MICROS, micros)));
        },
      },
    ],
  ),
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
      const x = dayParts(a);
      const y = dayParts(b);
      return x === null || y === null ? null : dayNumber(x) - dayNumber(y);
    },
  }),
  ...special('TIMEDIFF', 2, 2, timeDifference, [
    { name: 'sluice_time_diff', deterministic: true, call: (a, b) => differenceOfTimes(a, b) },
  ]),
  ...special('ADDTIME', 2, 2, addTime(1), [
    {
      name: 'sluice_add_time',
      deterministic: true,
      call: (value, added, sign, scale) =>
        value === null || added === null ? null : addedTime(String(value), Number(added) * Number(sign), Number(scale)),
    },
  ]),
  ...special('SUBTIME', 2, 2, addTime(-1)),
  ...field('TO_SECONDS', (p) =>
    isZeroDate(p) ? null : (dayNumber(p) + EPOCH_DAYS) * 86_400 + p.hour * 3600 + p.minute * 60 + p.second,
  ),
  ...computed({ name: 'PERIOD_ADD', takes: ['integer', 'integer'], gives: BIGINT, call: periodAdd }),
  ...computed({
    name: 'PERIOD_DIFF',
    takes: ['integer', 'integer'],
    gives: BIGINT,
    call: (a: number, b: number) => monthsOfPeriod(a) - monthsOfPeriod(b),
  }),
  ...special(
    'GET_FORMAT',
    2,
    2,
    (context, args) => {
      const kind = (args[0] as Term).sql;
      return term(`sluice_get_format(${kind}, ${toText(context, args[1] as Term).sql})`, varchar(17), true, args);
    },
    [
      {
        name: 'sluice_get_format',
        deterministic: true,
        call: (kind, name) => FORMATS[`${String(kind)} ${String(name)}`.toUpperCase()] ?? null,
      },
    ],
  ),
  ...computed({
    name: 'DATE_FORMAT',
    takes: ['moment', 'text'],
    gives: LONGTEXT,
    nullable: true,
    call: (text: string, format: string) => {
      const p = parts(text);
      return p === null || format === '' ? null : formatDate(p, format);
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
  ...special(
    'CONVERT_TZ',
    3,
    3,
    (context, args) => {
      const [value, from, to] = args as [Term, Term, Term];
      const scale = fractionDigits(value);
      const stamp = convertTo(context, value, datetime(6));
      const sql = `sluice_convert_tz(${stamp.sql}, ${toText(context, from).sql}, ${toText(context, to).sql}, ${scale})`;
      return term(sql, datetime(scale), true, args);
    },
    [
      {
        name: 'sluice_convert_tz',
        deterministic: true,
        call: (text, from, to, scale) =>
          text === null || from === null || to === null
            ? null
            : convertZone(String(text), String(from), String(to), Number(scale)),
      },
    ],
  ),
  ...special('DATE', 1, 1, (context, args) => convertTo(context, args[0] as Term, DATE)),
  ...special('TIME', 1, 1, (context, args) => {
    const type = time(fractionDigits(args[0] as Term));
    return { ...convertTo(context, args[0] as Term, type), type };
  }),
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
        const x = dayParts(a);
        const y = dayParts(b);
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
        if (text === null) return null;
        const p = dayParts(text);
        if (p === null) return 0n;
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
        // NO_ZERO_IN_DATE: a format without day or month gives none.
        if (p === null || (kind !== 'time' && isZeroDate(p))) return null;
        if (kind === 'date') return dateText(p);
        return kind === 'time'
          ? BigInt(((p.hour * 60 + p.minute) * 60 + p.second) * 1e6 + p.micros)
          : datetimeText(p, Number(scale));
      },
    },
  ]),
];

/** Offsets only (`+08:00`, `UTC`): named zones would need MySQL's time zone tables, which give NULL when they are not loaded. */
function convertZone(text: string, from: string, to: string, scale: number): string | null {
  const p = dayParts(text);
  const a = zoneMinutes(from);
  const b = zoneMinutes(to);
  if (p === null || a === null || b === null) return null;
  return datetimeText(partsOfMicros(microsOfParts(p) + (b - a) * 60e6), scale);
}

function zoneMinutes(zone: string): number | null {
  if (zone.toUpperCase() === 'UTC') return 0;
  const match = /^([+-])(\d{1,2}):(\d{2})$/.exec(zone);
  if (match === null) return null;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === '-' ? -minutes : minutes;
}
