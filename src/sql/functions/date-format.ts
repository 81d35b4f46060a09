/** DATE_FORMAT and STR_TO_DATE. Source: MySQL manual, "Date and Time Functions", table of specifiers. */
import { type DateTimeParts, daysInMonth, isZeroDate } from '../values/temporal.ts';

export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
export const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

const pad = (n: number, width = 2): string => String(n).padStart(width, '0');

/** Days since 1970-01-01. */
export function dayNumber(parts: Pick<DateTimeParts, 'year' | 'month' | 'day'>): number {
  const date = new Date(0);
  date.setUTCFullYear(parts.year, parts.month - 1, parts.day);
  return Math.floor(date.getTime() / 86_400_000);
}

/** 0 for Sunday. */
export function weekday(parts: DateTimeParts): number {
  return (((dayNumber(parts) + 4) % 7) + 7) % 7;
}

export function dayOfYear(parts: DateTimeParts): number {
  return dayNumber(parts) - dayNumber({ year: parts.year, month: 1, day: 1 }) + 1;
}

/** WEEK(date, mode) and the year that the week belongs to. Source: MySQL's calc_week(). */
export function week(parts: DateTimeParts, mode: number): { week: number; year: number } {
  const mondayFirst = (mode & 1) !== 0;
  const fromOne = (mode & 2) !== 0;
  const firstWeekdayRule = (mode & 4) !== 0 ? !mondayFirst : mondayFirst;
  // Modes 0, 2, 5, 7 count the week with the first Sunday (Monday) as the first; 1, 3, 4, 6 the first with four days.
  const fourDays = firstWeekdayRule;
  let year = parts.year;
  const start = (y: number): number => {
    const first = dayNumber({ year: y, month: 1, day: 1 });
    const position =
      (weekday({ year: y, month: 1, day: 1, hour: 0, minute: 0, second: 0, micros: 0 }) + (mondayFirst ? 6 : 0)) % 7;
    const startsInWeek = fourDays ? position <= 3 : position === 0;
    return startsInWeek ? first - position : first + 7 - position;
  };
  const today = dayNumber(parts);
  if (today < start(year)) {
    if (!fromOne) return { week: 0, year };
    year--;
  } else if (fromOne && today >= start(year + 1)) year++;
  return { week: Math.floor((today - start(year)) / 7) + 1, year };
}

function ordinal(n: number): string {
  const tail = n % 100 >= 11 && n % 100 <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th');
  return `${n}${tail}`;
}

const SPECIFIERS: Record<string, (p: DateTimeParts) => string | null> = {
  a: (p) => (isZeroDate(p) ? null : (WEEKDAYS[weekday(p)] as string).slice(0, 3)),
  b: (p) => MONTHS[p.month - 1]?.slice(0, 3) ?? null,
  c: (p) => String(p.month),
  D: (p) => ordinal(p.day),
  d: (p) => pad(p.day),
  e: (p) => String(p.day),
  f: (p) => pad(p.micros, 6),
  H: (p) => pad(p.hour),
  h: (p) => pad(p.hour % 12 || 12),
  I: (p) => pad(p.hour % 12 || 12),
  i: (p) => pad(p.minute),
  j: (p) => pad(dayOfYear(p), 3),
  k: (p) => String(p.hour),
  l: (p) => String(p.hour % 12 || 12),
  M: (p) => MONTHS[p.month - 1] ?? null,
  m: (p) => pad(p.month),
  p: (p) => (p.hour < 12 ? 'AM' : 'PM'),
  r: (p) => `${pad(p.hour % 12 || 12)}:${pad(p.minute)}:${pad(p.second)} ${p.hour < 12 ? 'AM' : 'PM'}`,
  S: (p) => pad(p.second),
  s: (p) => pad(p.second),
  T: (p) => `${pad(p.hour)}:${pad(p.minute)}:${pad(p.second)}`,
  U: (p) => pad(week(p, 0).week),
  u: (p) => pad(week(p, 1).week),
  V: (p) => pad(week(p, 2).week),
  v: (p) => pad(week(p, 3).week),
  W: (p) => (isZeroDate(p) ? null : (WEEKDAYS[weekday(p)] as string)),
  w: (p) => String(weekday(p)),
  X: (p) => pad(week(p, 2).year, 4),
  x: (p) => pad(week(p, 3).year, 4),
  Y: (p) => pad(p.year, 4),
  y: (p) => pad(p.year % 100),
};

export function formatDate(parts: DateTimeParts, format: string): string | null {
  let text = '';
  for (let i = 0; i < format.length; i++) {
    const character = format[i] as string;
    if (character !== '%' || i === format.length - 1) {
      text += character;
      continue;
    }
    i++;
    const specifier = format[i] as string;
    const part = specifier in SPECIFIERS ? SPECIFIERS[specifier]?.(parts) : specifier;
    if (part === null || part === undefined) return null;
    text += part;
  }
  return text;
}

/** What a STR_TO_DATE format can give: MySQL types the result by it. */
export function formatKind(format: string): 'date' | 'time' | 'datetime' {
  const hasDate = /%[abcDdejMmUuVvWwXxYy]/.test(format);
  const hasTime = /%[fHhIiklprSsT]/.test(format);
  return hasDate && hasTime ? 'datetime' : hasTime ? 'time' : 'date';
}

const NUMBER_FIELDS: Record<string, readonly [field: keyof DateTimeParts, width: number]> = {
  c: ['month', 2],
  m: ['month', 2],
  d: ['day', 2],
  e: ['day', 2],
  H: ['hour', 2],
  k: ['hour', 2],
  h: ['hour', 2],
  I: ['hour', 2],
  l: ['hour', 2],
  i: ['minute', 2],
  S: ['second', 2],
  s: ['second', 2],
  Y: ['year', 4],
  y: ['year', 2],
};

/** null when the text does not follow the format or the date does not exist. */
export function parseByFormat(text: string, format: string): DateTimeParts | null {
  const parts = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0, micros: 0 };
  let afternoon: boolean | null = null;
  let at = 0;
  const expanded = format.replaceAll('%T', '%H:%i:%s').replaceAll('%r', '%h:%i:%s %p');
  for (let i = 0; i < expanded.length; i++) {
    const character = expanded[i] as string;
    if (/\s/.test(character)) {
      while (/\s/.test(text[at] ?? '')) at++;
      continue;
    }
    if (character !== '%') {
      if (text[at] !== character) return null;
      at++;
      continue;
    }
    i++;
    const specifier = expanded[i] as string;
    const field = NUMBER_FIELDS[specifier];
    const rest = text.slice(at);
    if (field !== undefined) {
      const match = new RegExp(`^\\s*(\\d{1,${field[1]}})`).exec(rest);
      if (match === null) return null;
      const n = Number(match[1]);
      parts[field[0]] = specifier === 'y' ? (n >= 70 ? 1900 + n : 2000 + n) : n;
      at += match[0].length;
    } else if (specifier === 'f') {
      const match = /^\d{1,6}/.exec(rest);
      if (match === null) return null;
      parts.micros = Number(match[0].padEnd(6, '0'));
      at += match[0].length;
    } else if (specifier === 'M' || specifier === 'b') {
      const index = MONTHS.findIndex((name) =>
        rest.toLowerCase().startsWith((specifier === 'b' ? name.slice(0, 3) : name).toLowerCase()),
      );
      if (index < 0) return null;
      parts.month = index + 1;
      at += specifier === 'b' ? 3 : (MONTHS[index] as string).length;
    } else if (specifier === 'W' || specifier === 'a') {
      const name = WEEKDAYS.find((day) =>
        rest.toLowerCase().startsWith((specifier === 'a' ? day.slice(0, 3) : day).toLowerCase()),
      );
      if (name === undefined) return null;
      at += specifier === 'a' ? 3 : name.length;
    } else if (specifier === 'D') {
      const match = /^(\d{1,2})(st|nd|rd|th)/i.exec(rest);
      if (match === null) return null;
      parts.day = Number(match[1]);
      at += match[0].length;
    } else if (specifier === 'p') {
      const match = /^[ap]m/i.exec(rest);
      if (match === null) return null;
      afternoon = match[0].toLowerCase() === 'pm';
      at += 2;
    } else if (text[at] === specifier) at++;
    else return null;
  }
  if (afternoon !== null) parts.hour = (parts.hour % 12) + (afternoon ? 12 : 0);
  if (parts.month > 12 || parts.hour > 23 || parts.minute > 59 || parts.second > 59) return null;
  if (parts.month > 0 && parts.day > daysInMonth(parts.year, parts.month)) return null;
  return parts;
}
