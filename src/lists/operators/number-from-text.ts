/**
 * The number that a text reads as, by Tokyo Cabinet's rule (tctdbatof of 1.4.48), with one difference: integers are exact.
 *
 * Skip bytes 0x01-0x20; an optional sign; `inf` or `nan` in any case; digits; a point and a fraction, as long as there are no more than
 * 16 columns in all (leading zeros before the point are not counted). No exponent, no suffix, no hex; the rest is ignored, and what has no digits is 0.
 */

/**
 * An integer that JavaScript's numbers cannot hold exactly is a bigint if it is in -2^63 .. 2^64-1 (MySQL's integer types); every other
 * number is a `number`, rounded where it must be. Never -0. NaN is what `nan` reads as: it equals nothing.
 */
export type ListNumber = number | bigint;

const MAX_COLUMNS = 16;
const INT64_MIN = -(2n ** 63n);
const UINT64_MAX = 2n ** 64n - 1n;
/** More digits than these are surely beyond 2^64. */
const MAX_EXACT_DIGITS = 20;

const ZERO = 0x30;
const NINE = 0x39;

export function numberFromText(text: string): ListNumber {
  let at = 0;
  let code = text.charCodeAt(0);
  while (code >= 0x01 && code <= 0x20) code = text.charCodeAt(++at);
  const negative = code === 0x2d;
  if (negative || code === 0x2b) code = text.charCodeAt(++at);
  // I, i, N, n
  if (code === 0x49 || code === 0x69 || code === 0x4e || code === 0x6e) {
    const word = text.slice(at, at + 3).toLowerCase();
    if (word === 'inf') return negative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    return word === 'nan' ? Number.NaN : 0;
  }
  while (code === ZERO) code = text.charCodeAt(++at);
  const start = at;
  let whole = 0;
  while (code >= ZERO && code <= NINE) {
    whole = whole * 10 + (code - ZERO);
    code = text.charCodeAt(++at);
  }
  const columns = at - start;
  if (code === 0x2e && columns < MAX_COLUMNS) {
    const end = fractionEnd(text, at + 1, MAX_COLUMNS - columns);
    if (end > at + 1) {
      const value = Number(`0${text.slice(start, end)}`);
      return negative ? 0 - value : value;
    }
  }
  if (columns < MAX_COLUMNS) return negative ? 0 - whole : whole;
  return bigInteger(text.slice(start, at), negative);
}

/** Where the fraction that counts ends: `from` when all of it is zeros. */
function fractionEnd(text: string, from: number, columns: number): number {
  let end = from;
  for (let at = from; at < from + columns; at++) {
    const code = text.charCodeAt(at);
    if (!(code >= ZERO && code <= NINE)) break;
    if (code !== ZERO) end = at + 1;
  }
  return end;
}

function bigInteger(digits: string, negative: boolean): ListNumber {
  const rounded = negative ? -Number(digits) : Number(digits);
  if (digits.length > MAX_EXACT_DIGITS || Number.isSafeInteger(rounded)) return rounded;
  const exact = negative ? -BigInt(digits) : BigInt(digits);
  return exact < INT64_MIN || exact > UINT64_MAX ? rounded : exact;
}

/** The one form of a number that did not come from a text: 1e17 is the bigint that "100000000000000000" reads as, 5n is 5. */
export function exactNumber(value: ListNumber): ListNumber {
  if (typeof value === 'bigint') {
    const rounded = Number(value);
    return Number.isSafeInteger(rounded) ? rounded : value;
  }
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return value;
  const exact = BigInt(value);
  return exact < INT64_MIN || exact > UINT64_MAX ? value : exact;
}

/** Exact also between a number and a bigint. NaN equals nothing. */
export function numbersEqual(a: ListNumber, b: ListNumber): boolean {
  return a <= b && a >= b;
}
