/**
 * DECIMAL in the binlog (MariaDB's `strings/decimal.c`, decimal2bin()): nine digits in four bytes, big endian, before the point aligned to it from the
 * left, behind it from the right; below zero all bits are turned round, and then the first of all, so that bytes sort as numbers do.
 */
import type { StoreValue } from '../../stores/values.ts';
import { bigEndian, storedSigned } from './integer-values.ts';
import type { ColumnDecoder } from './row-decoder.ts';

const GROUP_DIGITS = 9;
/** Bytes of a group of that many digits. */
const BYTES_OF_DIGITS = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4];
/** Of that many digits a double holds all. */
const SAFE_DIGITS = 15;

interface Group {
  readonly bytes: number;
  /** What the digits before it are multiplied by. */
  readonly factor: number;
}

/** The value times 10^scale. */
export function decimalDecoder(precision: number, scale: number): ColumnDecoder {
  // What is no whole group stands furthest from the point.
  const groups = [...digitGroups(precision - scale).reverse(), ...digitGroups(scale)];
  return precision <= SAFE_DIGITS ? safeDecoder(groups) : exactDecoder(groups);
}

function digitGroups(digits: number): Group[] {
  const groups: Group[] = [];
  for (let rest = digits; rest > 0; rest -= GROUP_DIGITS) {
    const count = Math.min(rest, GROUP_DIGITS);
    groups.push({ bytes: BYTES_OF_DIGITS[count] as number, factor: 10 ** count });
  }
  return groups;
}

function safeDecoder(groups: readonly Group[]): ColumnDecoder {
  return (cursor) => {
    const { buffer } = cursor;
    let { at } = cursor;
    const isNegative = ((buffer[at] as number) & 0x80) === 0;
    let value = 0;
    for (let i = 0; i < groups.length; i++) {
      const { bytes, factor } = groups[i] as Group;
      value = value * factor + groupDigits(buffer, at, bytes, isNegative, i === 0);
      at += bytes;
    }
    cursor.at = at;
    return isNegative && value !== 0 ? -value : value;
  };
}

function exactDecoder(groups: readonly Group[]): ColumnDecoder {
  return (cursor): StoreValue => {
    const { buffer } = cursor;
    let { at } = cursor;
    const isNegative = ((buffer[at] as number) & 0x80) === 0;
    let value = 0n;
    for (const [i, { bytes, factor }] of groups.entries()) {
      value = value * BigInt(factor) + BigInt(groupDigits(buffer, at, bytes, isNegative, i === 0));
      at += bytes;
    }
    cursor.at = at;
    return storedSigned(isNegative ? -value : value);
  };
}

function groupDigits(buffer: Buffer, at: number, bytes: number, isNegative: boolean, isFirst: boolean): number {
  const raw = bigEndian(buffer, at, bytes);
  const digits = isNegative ? 256 ** bytes - 1 - raw : raw;
  return isFirst ? digits - 256 ** bytes / 2 : digits;
}
