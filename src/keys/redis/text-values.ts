/**
 * Redis knows strings of bytes only. What a client sets becomes a typed value by how it is written, and reads as the very same bytes again: an integer as one
 * writes it (`20`, `-7`; not `007`, `+7`, `1e3`) is an integer, so that SQL and the other protocols see a number; other text is a string; what is no UTF-8
 * is bytes. Doubles stay text: many are written in more than one way.
 */
import { encodeValue, type KeyData, type StoredValue, textOf } from '../values.ts';

const INTEGER = /^(?:0|-?[1-9][0-9]{0,18})$/;
/** Digits and a sign of the longest integer of 64 bits. */
const MAX_INTEGER_BYTES = 20;
const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A value in its stored form. */
export function storedText(key: string, bytes: Uint8Array): StoredValue {
  return encodeValue(key, valueOfBytes(bytes));
}

export function valueOfBytes(bytes: Uint8Array): KeyData {
  const text = textIn(bytes);
  if (text === null) return new Uint8Array(bytes);
  return bytes.length <= MAX_INTEGER_BYTES ? (integerIn(text) ?? text) : text;
}

/** An integer of 64 bits, as Redis takes one; null: the text is none. */
export function integerIn(text: string): number | bigint | null {
  if (!INTEGER.test(text)) return null;
  const number = Number(text);
  if (Number.isSafeInteger(number)) return number;
  const integer = BigInt(text);
  return integer >= MIN_INT64 && integer <= MAX_INT64 ? integer : null;
}

/** What a client is shown. Bit sets are read with their pieces. */
export function bytesOfValue(value: StoredValue): Uint8Array {
  const text = textOf(value);
  return typeof text === 'string' ? Buffer.from(text) : text;
}

function textIn(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}
