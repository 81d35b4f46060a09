/** Dates plus intervals. Source: MySQL manual, "Temporal Intervals". */
import type { IntervalUnit } from '../ast.ts';
import { type DateTimeParts, daysInMonth, microsOfParts, partsOfMicros } from '../values/temporal.ts';

const SECOND = 1_000_000;
const MICROS: Partial<Record<IntervalUnit, number>> = {
  microsecond: 1,
  second: SECOND,
  minute: 60 * SECOND,
  hour: 3600 * SECOND,
  day: 86_400 * SECOND,
  week: 7 * 86_400 * SECOND,
};
const MONTHS: Partial<Record<IntervalUnit, number>> = { month: 1, quarter: 3, year: 12 };

/** Fields of the composite units, largest first. */
const COMPOSITE: Partial<Record<IntervalUnit, readonly IntervalUnit[]>> = {
  second_microsecond: ['second', 'microsecond'],
  minute_microsecond: ['minute', 'second', 'microsecond'],
  minute_second: ['minute', 'second'],
  hour_microsecond: ['hour', 'minute', 'second', 'microsecond'],
  hour_second: ['hour', 'minute', 'second'],
  hour_minute: ['hour', 'minute'],
  day_microsecond: ['day', 'hour', 'minute', 'second', 'microsecond'],
  day_second: ['day', 'hour', 'minute', 'second'],
  day_minute: ['day', 'hour', 'minute'],
  day_hour: ['day', 'hour'],
  year_month: ['year', 'month'],
};

/** Whole days only: a DATE plus this stays a DATE. */
export function isDateUnit(unit: IntervalUnit): boolean {
  return ['day', 'week', 'month', 'quarter', 'year', 'year_month'].includes(unit);
}

export function hasMicroseconds(unit: IntervalUnit): boolean {
  return unit.endsWith('microsecond');
}

/** An interval as months and microseconds; null when its text is none. */
export function parseInterval(value: string, unit: IntervalUnit): { months: number; micros: number } | null {
  const fields = COMPOSITE[unit];
  if (fields === undefined) {
    const n = Number.parseFloat(value);
    if (Number.isNaN(n)) return { months: 0, micros: 0 };
    const months = MONTHS[unit];
    if (months !== undefined) return { months: Math.round(n) * months, micros: 0 };
    return { months: 0, micros: Math.round((unit === 'second' ? n : Math.round(n)) * (MICROS[unit] ?? 0)) };
  }
  const negative = value.trim().startsWith('-');
  const numbers = value.match(/\d+/g) ?? [];
  if (numbers.length > fields.length) return null;
  // Missing fields are the leading ones: '10' as MINUTE_SECOND is 10 seconds.
  const used = fields.slice(fields.length - numbers.length);
  let months = 0;
  let micros = 0;
  numbers.forEach((text, i) => {
    const field = used[i] as IntervalUnit;
    const n = field === 'microsecond' ? Number(text.padEnd(6, '0').slice(0, 6)) : Number(text);
    months += n * (MONTHS[field] ?? 0);
    micros += n * (MICROS[field] ?? 0);
  });
  return negative ? { months: -months, micros: -micros } : { months, micros };
}

const MAX_MONTHS = 120_000;
const MAX_MICROS = 10_000 * 366 * 86_400 * SECOND;

/** null when the result is beyond the years 0 to 9999. */
export function addInterval(
  parts: DateTimeParts,
  interval: { months: number; micros: number },
  sign: 1 | -1,
): DateTimeParts | null {
  // Ten thousand years, in either unit: no date is left on the calendar, and JavaScript's dates end not far beyond.
  if (Math.abs(interval.months) > MAX_MONTHS || Math.abs(interval.micros) > MAX_MICROS) return null;
  let result = parts;
  if (interval.months !== 0) {
    const index = parts.year * 12 + parts.month - 1 + sign * interval.months;
    const year = Math.floor(index / 12);
    const month = (((index % 12) + 12) % 12) + 1;
    result = { ...parts, year, month, day: Math.min(parts.day, daysInMonth(year, month)) };
  }
  if (interval.micros !== 0) result = partsOfMicros(microsOfParts(result) + sign * interval.micros);
  return result.year < 0 || result.year > 9999 ? null : result;
}

/** TIMESTAMPDIFF(unit, a, b): whole units from a to b. */
export function difference(unit: IntervalUnit, a: DateTimeParts, b: DateTimeParts): number {
  const from = microsOfParts(a);
  const to = microsOfParts(b);
  const perUnit = MICROS[unit];
  if (perUnit !== undefined) return Math.trunc((to - from) / perUnit);
  let months = (b.year - a.year) * 12 + (b.month - a.month);
  const rest = microsOfParts({ ...b, year: 2000, month: 1 }) - microsOfParts({ ...a, year: 2000, month: 1 });
  if (months > 0 && rest < 0) months--;
  else if (months < 0 && rest > 0) months++;
  return Math.trunc(months / (MONTHS[unit] ?? 1));
}
