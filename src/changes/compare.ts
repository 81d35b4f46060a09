/** The order of stored values, as SQLite has it: NULL < numbers < text < bytes (sqlite.org/datatype3.html, "Comparison Expressions"). */
import type { StoreValue } from '../stores/values.ts';
import { compareBytes, utf8Length } from '../util/bytes.ts';
import type { Collation } from './condition.ts';

/** Negative, 0 or positive. Integers compare exactly across number and bigint; NULL equals NULL here. */
export function compareValues(a: StoreValue, b: StoreValue, collation: Collation): number {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0;
  const classA = storageClass(a);
  const classB = storageClass(b);
  if (classA !== classB) return classA - classB;
  if (typeof a === 'string')
    return collation === 'nocase' ? compareNoCase(a, b as string) : compareText(a, b as string);
  if (a instanceof Uint8Array) return compareBytes(a, b as Uint8Array);
  if (a === null) return 0;
  // JavaScript compares number with bigint by their exact values.
  const other = b as number | bigint;
  return a < other ? -1 : a > other ? 1 : 0;
}

function storageClass(value: StoreValue): number {
  if (value === null) return 0;
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return 1;
    case 'string':
      return 2;
    default:
      return 3;
  }
}

/** By code points, which is the order of UTF-8 bytes. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const unitA = a.charCodeAt(i);
    const unitB = b.charCodeAt(i);
    if (unitA !== unitB) return codePointRank(unitA) - codePointRank(unitB);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all other units, but are not the highest units. */
function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** SQLite's NOCASE: ASCII letters fold, and nothing behind a NUL is looked at but the length. */
function compareNoCase(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const unitA = foldAscii(a.charCodeAt(i));
    const unitB = foldAscii(b.charCodeAt(i));
    if (unitA !== unitB) return codePointRank(unitA) - codePointRank(unitB);
    if (unitA === 0) return utf8Length(a) - utf8Length(b);
  }
  return a.length - b.length;
}

function foldAscii(unit: number): number {
  return unit >= 0x41 && unit <= 0x5a ? unit + 0x20 : unit;
}
