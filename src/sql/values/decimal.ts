/** Exact decimal numbers as an integer and a scale: 1.50 is {unscaled: 150n, scale: 2}. Rounding is half away from zero, as in MySQL. */
export interface Decimal {
  readonly unscaled: bigint;
  readonly scale: number;
}

const POWERS: bigint[] = [1n];

export function powerOfTen(exponent: number): bigint {
  for (let i = POWERS.length; i <= exponent; i++) POWERS.push((POWERS[i - 1] as bigint) * 10n);
  return POWERS[exponent] as bigint;
}

const NUMERIC_PREFIX = /^[\s]*([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d{1,4}))?/;

/**
 * The number that a text begins with, as MySQL reads it; `complete` tells whether anything but white space follows. null when it begins
 * with none.
 */
export function parseDecimalPrefix(text: string): { value: Decimal; complete: boolean; exponent: boolean } | null {
  const match = NUMERIC_PREFIX.exec(text);
  if (match === null) return null;
  const [whole, sign, integer, fraction, bareFraction, exponentText] = match;
  const fractionDigits = fraction ?? bareFraction ?? '';
  let unscaled = BigInt(`${integer ?? ''}${fractionDigits}` || '0');
  if (sign === '-') unscaled = -unscaled;
  let scale = fractionDigits.length;
  if (exponentText !== undefined) {
    scale -= Number(exponentText);
    if (scale < 0) {
      unscaled *= powerOfTen(Math.min(-scale, 400));
      scale = 0;
    }
  }
  return {
    value: { unscaled, scale },
    complete: text.slice(whole.length).trim() === '',
    exponent: exponentText !== undefined,
  };
}

/** The same value at another scale, rounded where digits are lost. */
export function rescale(value: Decimal, scale: number): bigint {
  if (scale >= value.scale) return value.unscaled * powerOfTen(scale - value.scale);
  return divideRounded(value.unscaled, powerOfTen(value.scale - scale));
}

/** n / d rounded half away from zero. */
export function divideRounded(n: bigint, d: bigint): bigint {
  const quotient = n / d;
  const remainder = n % d;
  const doubled = (remainder < 0n ? -remainder : remainder) * 2n;
  const divisor = d < 0n ? -d : d;
  if (doubled < divisor) return quotient;
  return n < 0n === d < 0n ? quotient + 1n : quotient - 1n;
}

/** A double as an integer, halves to the even one, as C's rint() rounds. */
export function roundedDouble(value: number): bigint {
  const floor = Math.floor(value);
  const rest = value - floor;
  return BigInt(rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor);
}

export function decimalText(value: Decimal): string {
  const negative = value.unscaled < 0n;
  const text = (negative ? -value.unscaled : value.unscaled).toString().padStart(value.scale + 1, '0');
  const point = text.length - value.scale;
  return `${negative ? '-' : ''}${text.slice(0, point)}${value.scale > 0 ? `.${text.slice(point)}` : ''}`;
}

/** Doubles have up to 17 digits; this takes the shortest that reads back equal, which is what MySQL rounds as well. */
export function decimalOfDouble(value: number): Decimal {
  const parsed = parseDecimalPrefix(String(value));
  return parsed?.value ?? { unscaled: 0n, scale: 0 };
}

export const MAX_INT64 = 9_223_372_036_854_775_807n;
export const MIN_INT64 = -9_223_372_036_854_775_808n;

/** The stored form of a DECIMAL's scaled integer: beyond 64 bits its digits. */
export function wideDecimal(n: bigint): bigint | string {
  return n >= MIN_INT64 && n <= MAX_INT64 ? n : n.toString();
}

const KEY_LENGTH_DIGITS = 3;

/** Text that sorts as the number does: sign, count of digits, digits; turned round below zero. */
export function decimalKey(n: bigint): string {
  const digits = (n < 0n ? -n : n).toString();
  const length = String(digits.length).padStart(KEY_LENGTH_DIGITS, '0');
  return n < 0n ? `-${complement(length + digits)}` : `0${length}${digits}`;
}

export function keyedDecimal(key: string): bigint {
  const text = key.startsWith('-') ? complement(key.slice(1)) : key.slice(1);
  const n = BigInt(text.slice(KEY_LENGTH_DIGITS));
  return key.startsWith('-') ? -n : n;
}

function complement(digits: string): string {
  return digits.replace(/\d/g, (digit) => String(9 - Number(digit)));
}
