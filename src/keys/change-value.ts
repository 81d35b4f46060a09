/** add and append: the new value from the old one. Throw SLUICE_KEY_TYPE where the old value's type is another, and change nothing then. */
import { failure, type SluiceError } from '../errors.ts';
import { concatBytes } from '../util/bytes.ts';
import { encodeValue, type KeyType, type StoredValue } from './values.ts';

/**
 * A number stays a number and a bigint a bigint: a bigint takes whole numbers too, but a number no bigint. What is not there counts as 0 of `n`'s type.
 */
export function addedValue(key: string, old: StoredValue | null, n: unknown): StoredValue {
  if (typeof n !== 'number' && typeof n !== 'bigint')
    throw failure('ER_BAD_PARAMETER', `add: ${typeof n} is no number`);
  if (old === null) return encodeValue(key, n);
  switch (old.type) {
    case 'integer':
    case 'double': {
      if (typeof n === 'bigint') throw wrongType(key, old.type, 'bigint');
      return encodeValue(key, (old.value === null ? Number.NaN : Number(old.value)) + n);
    }
    case 'bigint': {
      if (typeof n === 'number' && !Number.isSafeInteger(n)) throw wrongType(key, old.type, 'double');
      return encodeValue(key, BigInt(old.value as number | bigint | string) + BigInt(n));
    }
    default:
      throw wrongType(key, old.type, 'a number');
  }
}

/** Text to a string, bytes to bytes. What is not there counts as empty. */
export function appendedValue(key: string, old: StoredValue | null, addition: unknown): StoredValue {
  const { type, value } = encodeValue(key, addition);
  if (type !== 'string' && type !== 'bytes') throw failure('ER_BAD_PARAMETER', `append: text or bytes, not ${type}`);
  if (old !== null && old.type !== type) throw wrongType(key, old.type, type);
  if (old === null) return { type, value };
  if (type === 'string') return encodeValue(key, `${old.value as string}${value as string}`);
  return encodeValue(key, concatBytes(old.value as Uint8Array, value as Uint8Array));
}

export function wrongType(key: string, is: KeyType, wanted: string): SluiceError {
  return failure('SLUICE_KEY_TYPE', key, is, wanted);
}
