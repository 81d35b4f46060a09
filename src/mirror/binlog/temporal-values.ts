/**
 * Dates and times in the binlog, in all their forms: those of MySQL 5.6 on, which MariaDB writes by default, and MariaDB's own older ones
 * (`mysql56_temporal_format=OFF`, and columns that were made before it), of which the binlog does not tell the fractional digits: the layout does.
 */
import type { StoreValue } from '../../stores/values.ts';
import { bigEndian } from './integer-values.ts';
import type { RowCursor } from './row-cursor.ts';
import type { ColumnDecoder } from './row-decoder.ts';

const TWO_DIGITS = Array.from({ length: 100 }, (_, n) => String(n).padStart(2, '0'));
const ZERO_DATE_TIME = '0000-00-00 00:00:00';
const SECOND_MICROS = 1_000_000;
const DAY_SECONDS = 86_400;
/** Bytes of the fraction, by its digits. */
const FRACTION_BYTES = [0, 1, 1, 2, 2, 3, 3];
/** DATETIME(fsp) and TIME(fsp) of MariaDB 5.3: bytes by digits. */
const OLD_DATETIME_BYTES = [5, 6, 6, 7, 7, 7, 8];
const OLD_TIME_BYTES = [3, 4, 4, 5, 5, 5, 6];
/** 839:00:00: a second more than TIME may be, which they add to have no negative numbers. */
const OLD_TIME_ZERO_SECONDS = 838 * 3600 + 59 * 60 + 59 + 1;

/** Texts of dates seen lately, by year, month and day as the binlog packs them: a rope of two strings that are there already is the fastest text. */
const DATES = new Map<number, string>();
const DATES_MAX = 20_000;
const TIMES: (string | undefined)[] = new Array(DAY_SECONDS);

function dateText(year: number, month: number, day: number): string {
  const key = (year << 9) | (month << 5) | day;
  const known = DATES.get(key);
  if (known !== undefined) return known;
  if (DATES.size >= DATES_MAX) DATES.clear();
  const text = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
  DATES.set(key, text);
  return text;
}

function two(n: number): string {
  return TWO_DIGITS[n] ?? String(n);
}

/** With the blank before it. */
function clockText(hour: number, minute: number, second: number): string {
  const key = hour * 3600 + minute * 60 + second;
  const known = TIMES[key];
  if (known !== undefined) return known;
  const text = ` ${two(hour)}:${two(minute)}:${two(second)}`;
  if (key < DAY_SECONDS && minute < 60 && second < 60) TIMES[key] = text;
  return text;
}

/** `.000123`, or nothing where there are no digits. */
function fractionText(value: number, digits: number): string {
  return digits === 0 ? '' : `.${String(value).padStart(digits, '0')}`;
}

/** The fraction in its own unit: 10^-digits seconds. Of an odd count of digits the binlog has one more. */
function fraction(buffer: Buffer, at: number, digits: number): number {
  const value = bigEndian(buffer, at, FRACTION_BYTES[digits] as number);
  return digits % 2 === 1 ? Math.floor(value / 10) : value;
}

export function date(cursor: RowCursor): string {
  const { buffer, at } = cursor;
  const packed = (buffer[at] as number) | ((buffer[at + 1] as number) << 8) | ((buffer[at + 2] as number) << 16);
  cursor.at = at + 3;
  return dateText(packed >> 9, (packed >> 5) & 15, packed & 31);
}

/** YYYYMMDDhhmmss as a number. */
function oldDatetime(cursor: RowCursor): string {
  const { buffer, at } = cursor;
  const value = buffer.readUInt32LE(at + 4) * 0x1_0000_0000 + buffer.readUInt32LE(at);
  cursor.at = at + 8;
  const day = Math.floor(value / 1_000_000);
  const clock = value % 1_000_000;
  return (
    dateText(Math.floor(day / 10_000), Math.floor(day / 100) % 100, day % 100) +
    clockText(Math.floor(clock / 10_000), Math.floor(clock / 100) % 100, clock % 100)
  );
}

/** As MariaDB 5.3 packed them: a mixed-radix number in units of the last digit. */
export function oldDatetimeDecoder(digits: number): ColumnDecoder {
  if (digits === 0) return oldDatetime;
  const bytes = OLD_DATETIME_BYTES[digits] as number;
  const unit = 10n ** BigInt(digits);
  return (cursor) => {
    let packed = 0n;
    for (let i = 0; i < bytes; i++) packed = (packed << 8n) | BigInt(cursor.buffer[cursor.at + i] ?? 0);
    cursor.at += bytes;
    const seconds = Number(packed / unit);
    const days = Math.floor(seconds / DAY_SECONDS);
    const months = Math.floor(days / 32);
    const clock = seconds % DAY_SECONDS;
    return (
      dateText(Math.floor(months / 13), months % 13, days % 32) +
      clockText(Math.floor(clock / 3600), Math.floor(clock / 60) % 60, clock % 60) +
      fractionText(Number(packed % unit), digits)
    );
  };
}

export function datetimeDecoder(digits: number): ColumnDecoder {
  const bytes = 5 + (FRACTION_BYTES[digits] as number);
  return (cursor) => {
    const { buffer, at } = cursor;
    cursor.at = at + bytes;
    // The sign, 17 bits of year * 13 + month, 5 of the day; 5 of the hour, 6 of the minute, 6 of the second.
    const high =
      (((buffer[at] as number) & 0x7f) << 15) | ((buffer[at + 1] as number) << 7) | ((buffer[at + 2] as number) >> 1);
    const low =
      (((buffer[at + 2] as number) & 1) << 16) | ((buffer[at + 3] as number) << 8) | (buffer[at + 4] as number);
    const months = high >> 5;
    const text =
      dateText(Math.floor(months / 13), months % 13, high & 31) + clockText(low >> 12, (low >> 6) & 63, low & 63);
    return digits === 0 ? text : text + fractionText(fraction(buffer, at + 5, digits), digits);
  };
}

/** In UTC. */
function timestampText(seconds: number, part: number, digits: number): string {
  if (seconds === 0 && part === 0) return ZERO_DATE_TIME + fractionText(0, digits);
  const days = Math.floor(seconds / DAY_SECONDS);
  const clock = seconds - days * DAY_SECONDS;
  return (
    dayText(days) +
    clockText(Math.floor(clock / 3600), Math.floor(clock / 60) % 60, clock % 60) +
    fractionText(part, digits)
  );
}

let lastDays = -1;
let lastDayText = '';

function dayText(days: number): string {
  if (days === lastDays) return lastDayText;
  lastDays = days;
  lastDayText = new Date(days * DAY_SECONDS * 1000).toISOString().slice(0, 10);
  return lastDayText;
}

export function timestampDecoder(digits: number): ColumnDecoder {
  const bytes = 4 + (FRACTION_BYTES[digits] as number);
  return (cursor) => {
    const { buffer, at } = cursor;
    cursor.at = at + bytes;
    return timestampText(bigEndian(buffer, at, 4), digits === 0 ? 0 : fraction(buffer, at + 4, digits), digits);
  };
}

export function oldTimestampDecoder(digits: number): ColumnDecoder {
  if (digits > 0) {
    // The same but for the fraction, which has no digit too many.
    const fractionBytes = FRACTION_BYTES[digits] as number;
    return (cursor) => {
      const { buffer, at } = cursor;
      cursor.at = at + 4 + fractionBytes;
      return timestampText(bigEndian(buffer, at, 4), bigEndian(buffer, at + 4, fractionBytes), digits);
    };
  }
  return (cursor) => {
    const { buffer, at } = cursor;
    cursor.at = at + 4;
    return timestampText(buffer.readUInt32LE(at), 0, 0);
  };
}

/** Microseconds. */
export function timeDecoder(digits: number): ColumnDecoder {
  const fractionBytes = FRACTION_BYTES[digits] as number;
  const zero = 0x80_0000 * 256 ** fractionBytes;
  const unitMicros = 10 ** (6 - fractionBytes * 2);
  const fractionRange = 256 ** fractionBytes;
  return (cursor) => {
    const { buffer, at } = cursor;
    cursor.at = at + 3 + fractionBytes;
    const signed = bigEndian(buffer, at, 3 + fractionBytes) - zero;
    const packed = Math.abs(signed);
    const clock = Math.floor(packed / fractionRange);
    const seconds = ((clock >> 12) & 0x3ff) * 3600 + ((clock >> 6) & 63) * 60 + (clock & 63);
    const micros = seconds * SECOND_MICROS + (packed % fractionRange) * unitMicros;
    return signed < 0 ? -micros : micros;
  };
}

export function oldTimeDecoder(digits: number): ColumnDecoder {
  if (digits > 0) {
    const bytes = OLD_TIME_BYTES[digits] as number;
    const unit = 10 ** digits;
    const unitMicros = 10 ** (6 - digits);
    return (cursor) => {
      const packed = bigEndian(cursor.buffer, cursor.at, bytes) - OLD_TIME_ZERO_SECONDS * unit;
      cursor.at += bytes;
      return packed * unitMicros;
    };
  }
  return (cursor) => {
    const { buffer, at } = cursor;
    cursor.at = at + 3;
    const value = buffer.readIntLE(at, 3);
    const clock = Math.abs(value);
    const seconds = Math.floor(clock / 10_000) * 3600 + (Math.floor(clock / 100) % 100) * 60 + (clock % 100);
    return value < 0 ? -seconds * SECOND_MICROS : seconds * SECOND_MICROS;
  };
}

export function year(cursor: RowCursor): StoreValue {
  const value = cursor.buffer[cursor.at++] as number;
  return value === 0 ? 0 : 1900 + value;
}
