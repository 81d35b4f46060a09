/**
 * Numbers as MySQL prints them. Source: MySQL's strings/dtoa.cc (my_gcvt): the shortest digits that read back equal, without an exponent
 * while the decimal point stands at most 15 places to either side or digits follow it.
 */
import { failure } from '../../errors.ts';

const EXPONENT_FROM = 1e15;
const EXPONENT_BELOW = 1e-15;
/** Digits that a FLOAT is shown with (FLT_DIG). */
const FLOAT_DIGITS = 6;

/** 0.5, 100000, 1e15, 1.5e-16, 0.0000001. Throws ER_DATA_OUT_OF_RANGE for what is not a finite number. */
export function doubleText(value: number): string {
  const text = String(value);
  const magnitude = Math.abs(value);
  if (magnitude < EXPONENT_FROM && magnitude >= 1e-6) return text;
  return withPlacedPoint(value, text);
}

/** As doubleText, from the 6 digits that MySQL grants a FLOAT: 16777216 is shown as 16777200. */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) return doubleText(value);
  return doubleText(Number(value.toPrecision(FLOAT_DIGITS)));
}

/** FLOAT(M,D) and DOUBLE(M,D): always `scale` digits after the point. */
export function fixedText(value: number, scale: number): string {
  if (!Number.isFinite(value)) throw failure('ER_DATA_OUT_OF_RANGE', 'DOUBLE', String(value));
  if (Math.abs(value) < 1e21) return value.toFixed(scale);
  return BigInt(value).toString() + (scale > 0 ? `.${'0'.repeat(scale)}` : '');
}

/**
 * A scaled integer as a DECIMAL: (150, 2) is 1.50. A number that is no safe integer cannot come from a stored DECIMAL: SQLite's 64-bit
 * arithmetic has overflowed into a double, which is ER_DATA_OUT_OF_RANGE.
 */
export function scaledText(value: number | bigint, scale: number): string {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw failure('ER_DATA_OUT_OF_RANGE', 'DECIMAL', String(value));
  }
  if (scale === 0) return value.toString();
  const negative = value < 0;
  const digits = (negative ? -value : value).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${negative ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** The cases where JavaScript's text and MySQL's differ: small, large, zero below, and not finite. */
function withPlacedPoint(value: number, text: string): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  if (!Number.isFinite(value)) throw failure('ER_DATA_OUT_OF_RANGE', 'DOUBLE', text);
  const magnitude = Math.abs(value);
  const exponential = value.toExponential();
  // A fraction is still written out where all 17 digits are needed: 1234567890123456.8.
  if (magnitude >= EXPONENT_FROM && text.includes('.') && !text.includes('e')) return text;
  if (magnitude >= EXPONENT_FROM || magnitude < EXPONENT_BELOW) return exponential.replace('e+', 'e');
  // Below 1e-6 JavaScript writes an exponent where MySQL still writes zeros.
  const [mantissa = '', exponent = '0'] = exponential.split('e');
  const digits = mantissa.replace('-', '').replace('.', '');
  return `${value < 0 ? '-' : ''}0.${'0'.repeat(-Number(exponent) - 1)}${digits}`;
}
