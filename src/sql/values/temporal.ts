/**
 * Dates and times: MySQL's text forms, read leniently as MySQL does and written in the stored form. Source: MySQL manual, "Date and Time
 * Literals". Two-digit years: 70-99 are 19xx, 00-69 are 20xx.
 */
import type { Decimal } from './decimal.ts';

export interface DateTimeParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly micros: number;
}

export const MICROS_PER_SECOND = 1_000_000;
/** 838:59:59 */
export const MAX_TIME_MICROS = (838 * 3600 + 59 * 60 + 59) * MICROS_PER_SECOND;

const DELIMITED =
  /^\s*(\d{1,4})[-/.:^@,_](\d{1,2})[-/.:^@,_](\d{1,2})(?:(?:T|\s+|[-/.:^@,_])(\d{1,2})(?:[-/.:^@,_](\d{1,2})(?:[-/.:^@,_](\d{1,2})(?:\.(\d*))?)?)?)?\s*(Z|[+-]\d{2}:\d{2})?\s*$/;
const COMPACT = /^\s*(\d{2}|\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})(?:\.(\d*))?)?\s*$/;

/** Date and time parts of a text; null when it is none. Zero dates ('0000-00-00') parse; `checkDate` judges them. */
export function parseDateTime(
  text: string,
): (DateTimeParts & { hasTime: boolean; offsetMinutes: number | null }) | null {
  const match = DELIMITED.exec(text) ?? compactMatch(text);
  if (match === null) return null;
  const yearText = match[1] as string;
  const year = yearText.length <= 2 ? fullYear(Number(yearText)) : Number(yearText);
  const parts = {
    year,
    month: Number(match[2]),
    day: Number(match[3]),
    hour: Number(match[4] ?? 0),
    minute: Number(match[5] ?? 0),
    second: Number(match[6] ?? 0),
    micros: microsOf(match[7]),
    hasTime: match[4] !== undefined,
    offsetMinutes: offsetOf(match[8]),
  };
  return isValid(parts) ? parts : null;
}

/** YYMMDD, YYYYMMDD, YYMMDDhhmmss, YYYYMMDDhhmmss */
function compactMatch(text: string): RegExpExecArray | null {
  const digits = text.trim().replace(/\..*$/, '').replace('T', '').length;
  const padded = digits === 5 || digits === 7 || digits === 11 || digits === 13 ? `0${text.trim()}` : text;
  const length = padded.trim().replace(/\..*$/, '').replace('T', '').length;
  return length === 6 || length === 8 || length === 12 || length === 14 ? COMPACT.exec(padded) : null;
}

function fullYear(twoDigits: number): number {
  return twoDigits >= 70 ? 1900 + twoDigits : 2000 + twoDigits;
}

function microsOf(fraction: string | undefined): number {
  if (fraction === undefined || fraction === '') return 0;
  const micros = Number(fraction.slice(0, 6).padEnd(6, '0'));
  return fraction.length > 6 && Number(fraction[6]) >= 5 ? micros + 1 : micros;
}

function offsetOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (text === 'Z') return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(4, 6));
  return text[0] === '-' ? -minutes : minutes;
}

function isValid(parts: DateTimeParts): boolean {
  if (parts.hour > 23 || parts.minute > 59 || parts.second > 59 || parts.month > 12) return false;
  if (parts.month === 0 || parts.day === 0) return parts.day <= 31;
  return parts.day <= daysInMonth(parts.year, parts.month);
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

export function isZeroDate(parts: DateTimeParts): boolean {
  return parts.month === 0 || parts.day === 0;
}

const TIME_TEXT = /^\s*(-?)(?:(\d+)\s+)?(\d{1,3})(?::(\d{1,2}))?(?::(\d{1,2}))?(?:\.(\d*))?\s*$/;

/** Microseconds of a TIME text ('12:30', '-1 02:03:04.5', '123000', a datetime's time part); null when it is none. */
export function parseTime(text: string): number | null {
  const compact = /^\s*(-?)(\d{1,7})(?:\.(\d*))?\s*$/.exec(text);
  if (compact !== null) {
    const n = Number(compact[2]);
    return timeMicros(
      compact[1] === '-',
      0,
      Math.floor(n / 10_000),
      Math.floor(n / 100) % 100,
      n % 100,
      microsOf(compact[3]),
    );
  }
  const match = TIME_TEXT.exec(text);
  if (match !== null) {
    return timeMicros(
      match[1] === '-',
      Number(match[2] ?? 0),
      Number(match[3]),
      Number(match[4] ?? 0),
      Number(match[5] ?? 0),
      microsOf(match[6]),
    );
  }
  const datetime = parseDateTime(text);
  if (datetime === null) return null;
  return timeMicros(false, 0, datetime.hour, datetime.minute, datetime.second, datetime.micros);
}

function timeMicros(
  negative: boolean,
  days: number,
  hours: number,
  minutes: number,
  seconds: number,
  micros: number,
): number | null {
  if (minutes > 59 || seconds > 59) return null;
  const total = ((days * 24 + hours) * 3600 + minutes * 60 + seconds) * MICROS_PER_SECOND + micros;
  return negative ? -total : total;
}

export function timeText(micros: number, scale: number): string {
  const negative = micros < 0;
  const total = Math.abs(micros);
  const seconds = Math.floor(total / MICROS_PER_SECOND);
  const text = `${pad2(Math.floor(seconds / 3600))}:${pad2(Math.floor(seconds / 60) % 60)}:${pad2(seconds % 60)}`;
  return `${negative ? '-' : ''}${text}${fractionText(total % MICROS_PER_SECOND, scale)}`;
}

export function dateText(parts: DateTimeParts): string {
  return `${String(parts.year).padStart(4, '0')}-${pad2(parts.month)}-${pad2(parts.day)}`;
}

/** Rounded to `scale` fractional digits, as MySQL rounds on storing. */
export function datetimeText(parts: DateTimeParts, scale: number): string {
  const step = 10 ** (6 - scale);
  const rounded = Math.round(parts.micros / step) * step;
  if (rounded >= MICROS_PER_SECOND && !isZeroDate(parts)) {
    return datetimeText(partsOfMicros(microsOfParts({ ...parts, micros: 0 }) + MICROS_PER_SECOND), scale);
  }
  return `${dateText(parts)} ${pad2(parts.hour)}:${pad2(parts.minute)}:${pad2(parts.second)}${fractionText(Math.min(rounded, 999_999), scale)}`;
}

function fractionText(micros: number, scale: number): string {
  return scale === 0 ? '' : `.${String(micros).padStart(6, '0').slice(0, scale)}`;
}

function pad2(n: number): string {
  return n < 10 ? `0${n}` : String(n);
}

/** Microseconds since 1970 of a calendar time taken as UTC. Exact to the microsecond until the year 2255; beyond that doubles round to an even one. */
export function microsOfParts(parts: DateTimeParts): number {
  const date = new Date(0);
  date.setUTCFullYear(parts.year, parts.month - 1, parts.day);
  date.setUTCHours(parts.hour, parts.minute, parts.second, 0);
  return date.getTime() * 1000 + parts.micros;
}

export function partsOfMicros(micros: number): DateTimeParts {
  const date = new Date(Math.floor(micros / 1000));
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    micros: ((micros % MICROS_PER_SECOND) + MICROS_PER_SECOND) % MICROS_PER_SECOND,
  };
}

/** Number form: 20240131 for a date, 20240131123000 for a date and time, 123000 for a time. */
export function dateNumber(parts: DateTimeParts): number {
  return parts.year * 10_000 + parts.month * 100 + parts.day;
}

export function datetimeNumber(parts: DateTimeParts): number {
  return dateNumber(parts) * 1_000_000 + parts.hour * 10_000 + parts.minute * 100 + parts.second;
}

/** The exact number that a date or datetime is in arithmetic, with six digits after the point where it has a time of day. */
export function temporalDecimal(text: string): Decimal {
  const parts = parseDateTime(text);
  if (parts === null) return { unscaled: 0n, scale: 0 };
  if (!parts.hasTime) return { unscaled: BigInt(dateNumber(parts)), scale: 0 };
  return { unscaled: BigInt(datetimeNumber(parts)) * 1_000_000n + BigInt(parts.micros), scale: 6 };
}

export function timeDecimal(micros: number): Decimal {
  const magnitude = Math.abs(micros);
  const seconds = Math.floor(magnitude / MICROS_PER_SECOND);
  const number = Math.floor(seconds / 3600) * 10_000 + (Math.floor(seconds / 60) % 60) * 100 + (seconds % 60);
  const unscaled = BigInt(number) * 1_000_000n + BigInt(magnitude % MICROS_PER_SECOND);
  return { unscaled: micros < 0 ? -unscaled : unscaled, scale: 6 };
}
