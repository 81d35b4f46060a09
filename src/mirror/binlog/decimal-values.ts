/**
 * DECIMAL in the binlog (MariaDB's `strings/decimal.c`, decimal2bin()): nine digits in four bytes, big endian, before the point aligned to it from the
 * left, behind it from the right; the first bit is turned round, and below zero all of them are.
 */
import type { StoreValue } from '../../stores/values.ts';
import { bigEndian, storedSigned } from './integer-values.ts';
import type { ColumnDecoder } from './row-decoder.ts';

const GROUP_DIGITS = 9;
const GROUP_BYTES = 4;
/** Bytes of a group of that many digits. */
const BYTES_OF_DIGITS = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4];
/** Of that many digits a double holds all. */
const SAFE_DIGITS = 15;

interface Group {
  readonly bytes: number;
  readonly digits: number;
}

/** The value times 10^scale. */
export function decimalDecoder(precision: number, scale: number): ColumnDecoder {
  const groups = groupsOf(precision, scale);
  const length = groups.reduce((sum, { bytes }) => sum + bytes, 0);
  const scratch = Buffer.alloc(length);
  const read = precision <= SAFE_DIGITS ? safeNumber : exactNumber;
  return (cursor) => {
    const { buffer, at } = cursor;
    buffer.copy(scratch, 0, at, at + length);
    cursor.at = at + length;
    const first = scratch[0] as number;
    const isNegative = (first & 0x80) === 0;
    if (isNegative) for (let i = 0; i < length; i++) scratch[i] = ~(scratch[i] as number);
    scratch[0] = (scratch[0] as number) & 0x7f;
    return read(scratch, groups, isNegative);
  };
}

function groupsOf(precision: number, scale: number): Group[] {
  const before = digitGroups(precision - scale);
  // What is no whole group stands furthest from the point.
  return [...before.reverse(), ...digitGroups(scale)];
}

function digitGroups(digits: number): Group[] {
  const groups: Group[] = [];
  for (let rest = digits; rest > 0; rest -= GROUP_DIGITS) {
    const count = Math.min(rest, GROUP_DIGITS);
    groups.push({ digits: count, bytes: count === GROUP_DIGITS ? GROUP_BYTES : (BYTES_OF_DIGITS[count] as number) });
  }
  return groups;
}

function safeNumber(buffer: Buffer, groups: readonly Group[], isNegative: boolean): StoreValue {
  let value = 0;
  let at = 0;
  for (const { bytes, digits } of groups) {
    value = value * 10 ** digits + bigEndian(buffer, at, bytes);
    at += bytes;
  }
  return isNegative && value !== 0 ? -value : value;
}

function exactNumber(buffer: Buffer, groups: readonly Group[], isNegative: boolean): StoreValue {
  let value = 0n;
  let at = 0;
  for (const { bytes, digits } of groups) {
    value = value * 10n ** BigInt(digits) + BigInt(bigEndian(buffer, at, bytes));
    at += bytes;
  }
  return storedSigned(isNegative ? -value : value);
}
