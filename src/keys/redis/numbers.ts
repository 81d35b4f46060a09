/** INCR and INCRBYFLOAT on texts, in Redis' words when they cannot be. */
import { failure, type SluiceError } from '../../errors.ts';
import { integerIn } from './text-values.ts';

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;
/** Redis writes so many places after the point. */
const FRACTION_DIGITS = 17;
/** Digits before the point, or zeros behind it, that are worked out exactly: as far as a double goes. */
const MAX_EXPONENT = 308;
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,5}))?$/;

export function addIntegers(text: string, by: bigint, what: 'value' | 'hash value'): bigint {
  const old = integerIn(text);
  if (old === null)
    throw notNumber(what === 'value' ? 'value is not an integer or out of range' : 'hash value is not an integer');
  const sum = BigInt(old) + by;
  if (sum < MIN_INT64 || sum > MAX_INT64) throw notNumber('increment or decrement would overflow');
  return sum;
}

/** The sum as text, worked out in decimals and rounded to 17 places. */
export function addDecimals(text: string, by: string, what: 'value' | 'hash value'): string {
  const old = decimal(text);
  if (old === null) throw notNumber(what === 'value' ? 'value is not a valid float' : 'hash value is not a float');
  const step = decimal(by);
  if (step === null) throw notNumber('value is not a valid float');
  if (typeof old === 'string' || typeof step === 'string') throw notNumber('increment would produce NaN or Infinity');
  const places = Math.max(old.places, step.places);
  const sum = old.digits * 10n ** BigInt(places - old.places) + step.digits * 10n ** BigInt(places - step.places);
  return plainText(sum, places);
}

/** Whether Redis takes the text for a number. */
export function isDecimal(text: string): boolean {
  return decimal(text) !== null;
}

/** `digits` x 10^-`places`; null: no number. */
function decimal(text: string): { digits: bigint; places: number } | 'infinite' | null {
  if (/^[+-]?inf(?:inity)?$/i.test(text)) return 'infinite';
  const [, sign, whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(text) ?? [];
  if (sign === undefined || whole + fraction === '') return null;
  const shift = Number(exponent);
  if (Math.abs(shift) > MAX_EXPONENT || text.length > 2 * MAX_EXPONENT) return null;
  let digits = BigInt(whole + fraction) * (sign === '-' ? -1n : 1n);
  let places = fraction.length - shift;
  if (places < 0) {
    digits *= 10n ** BigInt(-places);
    places = 0;
  }
  return { digits, places };
}

function plainText(sum: bigint, places: number): string {
  let digits = sum < 0n ? -sum : sum;
  if (places > FRACTION_DIGITS) {
    const unit = 10n ** BigInt(places - FRACTION_DIGITS);
    digits = (digits + unit / 2n) / unit;
  }
  const kept = Math.min(places, FRACTION_DIGITS);
  const padded = digits.toString().padStart(kept + 1, '0');
  const whole = padded.slice(0, padded.length - kept);
  const fraction = padded.slice(padded.length - kept).replace(/0+$/, '');
  const text = fraction === '' ? whole : `${whole}.${fraction}`;
  return sum < 0n && text !== '0' ? `-${text}` : text;
}

export function notNumber(reason: string): SluiceError {
  return failure('SLUICE_KEY_NUMBER', reason);
}
