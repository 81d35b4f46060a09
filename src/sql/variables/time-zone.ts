/** time_zone: SYSTEM, an offset or a named zone. Source: MySQL manual, "MySQL Server Time Zone Support". */
import { failure } from '../../errors.ts';
import type { VariableValue } from './variable.ts';
import { wrongType, wrongValue } from './variable-failures.ts';

export interface TimeZone {
  /** As SELECT @@time_zone prints it. */
  readonly name: string;
  /** Minutes east of UTC; null when the zone's offset is not the same all the time. */
  readonly offsetMinutes: number | null;
  /** The offset at a moment, microseconds since 1970 UTC. */
  offsetMinutesAt(micros: number): number;
}

/** Offsets may be -13:59 to +14:00. */
const OFFSET = /^([+-])(\d{1,2}):([0-5]\d)$/;
const OFFSET_MINUTES_MIN = -(13 * 60 + 59);
const OFFSET_MINUTES_MAX = 14 * 60;

const MICROS_PER_MILLISECOND = 1000;
const MILLISECONDS_PER_MINUTE = 60_000;
/** No zone changes its offset within a quarter of an hour of UTC time twice, nor between two quarters. */
const MILLISECONDS_PER_QUARTER = 15 * MILLISECONDS_PER_MINUTE;
const OFFSETS_KEPT_MAX = 10_000;
const ZONES_KEPT_MAX = 1_000;

/** A value for @@time_zone, in the form that is kept ('+1:00' becomes '+01:00'). Throws 1298 for an unknown zone. */
export function checkTimeZone(value: VariableValue, name: string): string {
  if (value === null) throw wrongValue(name, value);
  if (typeof value !== 'string') throw wrongType(name);
  const zone = findTimeZone(value);
  if (zone === undefined) throw failure('ER_WRONG_VALUE_FOR_VAR', name, value);
  return zone.name;
}

const zones = new Map<string, TimeZone>();

/** The zone of a name that @@time_zone or CONVERT_TZ may be given; undefined when there is none. */
export function findTimeZone(name: string): TimeZone | undefined {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const zone = makeZone(name);
  if (zones.size >= ZONES_KEPT_MAX) zones.clear();
  if (zone !== undefined) zones.set(name, zone);
  return zone;
}

function makeZone(name: string): TimeZone | undefined {
  if (name.toUpperCase() === 'SYSTEM') return systemZone();
  const offset = OFFSET.exec(name);
  if (offset !== null) return offsetZone(offset);
  // What Intl would take beyond MySQL's zone tables: '+01', '0530'.
  if (!/^[A-Za-z]/.test(name)) return undefined;
  return namedZone(name);
}

function offsetZone([, sign, hours, minutes]: RegExpExecArray): TimeZone | undefined {
  const distance = Number(hours) * 60 + Number(minutes);
  const offsetMinutes = sign === '-' && distance > 0 ? -distance : distance;
  if (offsetMinutes < OFFSET_MINUTES_MIN || offsetMinutes > OFFSET_MINUTES_MAX) return undefined;
  // MySQL prints -00:00 as +00:00.
  const name = `${offsetMinutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${minutes}`;
  return { name, offsetMinutes, offsetMinutesAt: () => offsetMinutes };
}

function systemZone(): TimeZone {
  const offsetMinutesAt = (micros: number): number => 0 - new Date(micros / MICROS_PER_MILLISECOND).getTimezoneOffset();
  return { name: 'SYSTEM', offsetMinutes: constantOffset(offsetMinutesAt), offsetMinutesAt };
}

function namedZone(name: string): TimeZone | undefined {
  const format = formatOf(name);
  if (format === undefined) return undefined;
  if (format.resolvedOptions().timeZone === 'UTC') return { name, offsetMinutes: 0, offsetMinutesAt: () => 0 };
  const kept = new Map<number, number>();
  const offsetMinutesAt = (micros: number): number => {
    const quarter = Math.floor(micros / MICROS_PER_MILLISECOND / MILLISECONDS_PER_QUARTER);
    let offset = kept.get(quarter);
    if (offset === undefined) {
      offset = offsetOf(format, quarter * MILLISECONDS_PER_QUARTER);
      if (kept.size >= OFFSETS_KEPT_MAX) kept.clear();
      kept.set(quarter, offset);
    }
    return offset;
  };
  return { name, offsetMinutes: constantOffset(offsetMinutesAt), offsetMinutesAt };
}

function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function offsetOf(format: Intl.DateTimeFormat, utcMilliseconds: number): number {
  const parts = new Map(format.formatToParts(utcMilliseconds).map((part) => [part.type, part.value]));
  const number = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  const year = parts.get('era') === 'BC' ? 1 - number('year') : number('year');
  const local = new Date(0);
  local.setUTCFullYear(year, number('month') - 1, number('day'));
  local.setUTCHours(number('hour'), number('minute'), number('second'));
  return Math.round((local.getTime() - utcMilliseconds) / MILLISECONDS_PER_MINUTE);
}

/** The one offset of a zone such as UTC; null if any month from 1970 to 2037 (the years of TIMESTAMP) has another. */
function constantOffset(offsetMinutesAt: (micros: number) => number): number | null {
  const first = offsetMinutesAt(0);
  for (let month = 0; month < 68 * 12; month++) {
    if (offsetMinutesAt(Date.UTC(1970, month) * MICROS_PER_MILLISECOND) !== first) return null;
  }
  return first;
}
