/** From the text of a literal to its value and type (MySQL manual, "Literal Values"). */
import { encodeRawText, holdsRawBytes } from '../../util/raw-text.ts';
import type { SlotType, SlotValue } from '../slots.ts';

const INT: SlotType = { kind: 'int', unsigned: false };
const UNSIGNED: SlotType = { kind: 'int', unsigned: true };
const DOUBLE: SlotType = { kind: 'double' };
const STRING: SlotType = { kind: 'string' };
const BYTES: SlotType = { kind: 'bytes' };

const SIGNED_MAX = 9223372036854775807n;
const UNSIGNED_MAX = 18446744073709551615n;
/** Digits that a number surely holds exactly. */
const SAFE_DIGITS = 15;

/** A text that holds bytes which are not UTF-8 is a binary value. */
export function stringLiteral(value: string): SlotValue {
  if (holdsRawBytes(value)) return { type: { kind: 'bytes' }, value: encodeRawText(value) };
  return { type: STRING, value };
}

/** `text`: decimal digits. */
export function intLiteral(sql: string, start: number, end: number): SlotValue {
  if (end - start <= SAFE_DIGITS) {
    let value = 0;
    for (let at = start; at < end; at++) value = value * 10 + (sql.charCodeAt(at) - 48);
    return { type: INT, value };
  }
  const text = sql.slice(start, end);
  const big = BigInt(text);
  if (big > UNSIGNED_MAX) return decimalLiteral(text);
  const value = big <= Number.MAX_SAFE_INTEGER ? Number(big) : big;
  return { type: big > SIGNED_MAX ? UNSIGNED : INT, value };
}

/** `text`: digits, with a point anywhere or nowhere. The value always has a digit before the point and none missing behind it. */
export function decimalLiteral(text: string): SlotValue {
  const point = text.indexOf('.');
  const scale = point < 0 ? 0 : text.length - point - 1;
  const whole = point < 0 ? text.length : point;
  const precision = Math.max(whole + scale, 1);
  let value = scale === 0 && point >= 0 ? text.slice(0, point) : text;
  if (whole === 0) value = `0${value}`;
  return { type: { kind: 'decimal', precision, scale }, value };
}

/** `text`: a number with an exponent, finite. */
export function floatLiteral(text: string): SlotValue {
  return { type: DOUBLE, value: Number(text) };
}

/** `digits`: hexadecimal; an odd number of them has a zero in front. */
export function hexLiteral(digits: string): SlotValue {
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  return { type: BYTES, value: Uint8Array.from(Buffer.from(even, 'hex')) };
}

/** `digits`: zeros and ones, the last one the lowest bit of the last byte. */
export function bitLiteral(digits: string): SlotValue {
  const bytes = new Uint8Array(Math.ceil(digits.length / 8));
  for (let at = 0; at < digits.length; at++) {
    const bit = digits.length - 1 - at;
    if (digits.charCodeAt(at) === 49) bytes[bytes.length - 1 - (bit >> 3)]! |= 1 << (bit & 7);
  }
  return { type: BYTES, value: bytes };
}

const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  b: '\b',
  n: '\n',
  r: '\r',
  t: '\t',
  Z: '\x1a',
  // Kept with their backslash: LIKE gives it its meaning.
  '%': '\\%',
  _: '\\_',
};

/** The inside of a quoted string, doubled quotes and (unless `backslashes` is false) escapes resolved. */
export function unescapeString(inside: string, quote: string, backslashes: boolean): string {
  let value = '';
  let from = 0;
  for (let at = 0; at < inside.length; at++) {
    const character = inside[at]!;
    if (character === quote) {
      value += inside.slice(from, at + 1);
      at++;
      from = at + 1;
    } else if (backslashes && character === '\\') {
      const escaped = inside[at + 1] ?? '';
      value += inside.slice(from, at) + (ESCAPES[escaped] ?? escaped);
      at++;
      from = at + 1;
    }
  }
  return value + inside.slice(from);
}
