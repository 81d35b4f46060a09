/**
 * ListNumbers in SQLite: values that compare there as the numbers do, so that an ordinary index on `sluice_num(column)` and the
 * ordinary operators give exact answers.
 *
 * | number                     | stored                                                                        |
 * |----------------------------|-------------------------------------------------------------------------------|
 * | below 2^63                 | INTEGER or REAL (SQLite compares the two exactly)                             |
 * | integer 2^63 .. 2^64-1     | TEXT of 20 digits, as BIGINT UNSIGNED columns hold it: sorts after all numbers |
 * | from 2^64, +inf            | TEXT `d` and the double's bits in hex: sorts after the digits                 |
 * | NaN                        | NULL: equals nothing                                                          |
 */
import type { StoreValue } from '../../stores/values.ts';
import type { ListNumber } from './number-from-text.ts';

const INT64_MAX = 2n ** 63n - 1n;
const TWO_TO_63 = 2 ** 63;
const TWO_TO_64 = 2 ** 64;

export function storedNumber(value: ListNumber): StoreValue {
  if (typeof value === 'bigint') return value > INT64_MAX ? unsignedText(value) : value;
  if (value < TWO_TO_63) return value;
  if (Number.isNaN(value)) return null;
  // A REAL column may hold such a double; texts never read as one.
  return value < TWO_TO_64 ? unsignedText(BigInt(value)) : doubleText(value);
}

function unsignedText(value: bigint): string {
  return value.toString().padStart(20, '0');
}

const bits = new DataView(new ArrayBuffer(8));

function doubleText(value: number): string {
  bits.setFloat64(0, value);
  return `d${bits.getBigUint64(0).toString(16).padStart(16, '0')}`;
}

/** The values as a JSON array whose elements json_each() turns into the stored form. NaN is left out. */
export function storedNumbersJson(values: readonly ListNumber[]): string {
  const parts: string[] = [];
  for (const value of values) {
    const stored = storedNumber(value);
    if (stored === null) continue;
    if (typeof stored === 'string') parts.push(`"${stored}"`);
    else parts.push(stored === Number.NEGATIVE_INFINITY ? '-9e999' : String(stored));
  }
  return `[${parts.join(',')}]`;
}
