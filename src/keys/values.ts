/**
 * The values of keys, and the form in which each is stored. A value comes back as it was put: the type beside it says what the stored form means.
 *
 * | type                      | stored as                                                                       |
 * |---------------------------|---------------------------------------------------------------------------------|
 * | null                      | NULL                                                                            |
 * | boolean                   | INTEGER 0 or 1                                                                  |
 * | integer                   | INTEGER: numbers that are whole and safe, but -0                                |
 * | double                    | REAL: all other numbers; NaN is NULL                                            |
 * | bigint                    | INTEGER within 64 bits, beyond them TEXT, its digits                            |
 * | date                      | INTEGER, milliseconds since 1970 in UTC                                         |
 * | string                    | TEXT                                                                            |
 * | bytes                     | BLOB                                                                            |
 * | array, object, map, set   | TEXT, JSON (value-json.ts); a Map is an array of pairs                          |
 * | pointer                   | TEXT, the target                                                                |
 * | bits                      | INTEGER, the length in bytes; the bytes are pieces in a table of their own      |
 *
 * So numbers compare as numbers in SQLite itself, strings as strings, and an index on them would serve.
 */
import { failure, type SluiceError } from '../errors.ts';
import { MAX_KEY_VALUE_BYTES } from '../limits.ts';
import type { StoreValue } from '../stores/values.ts';
import { utf8Length } from '../util/bytes.ts';
import { badKey, isWellFormed, keyFault } from './paths.ts';
import { readValueJson, valueJson } from './value-json.ts';

/** In the order of their codes, which the file holds: append only. */
export const KEY_TYPES = [
  'null',
  'boolean',
  'integer',
  'double',
  'bigint',
  'date',
  'string',
  'bytes',
  'array',
  'object',
  'map',
  'set',
  'pointer',
  'bits',
] as const;

export type KeyType = (typeof KEY_TYPES)[number];

/** A value whose meaning is the place of another one. */
export class KeyPointer {
  /** A key, or the beginning of one that ends where a segment does (with or without the dot). */
  readonly target: string;

  constructor(target: string) {
    this.target = target;
  }
}

/** What get() says of a bit set; its bits are asked for one by one, or as bytes. */
export class KeyBits {
  readonly byteLength: number;

  constructor(byteLength: number) {
    this.byteLength = byteLength;
  }
}

export type KeyStructure =
  | readonly KeyData[]
  | ReadonlyMap<KeyData, KeyData>
  | ReadonlySet<KeyData>
  | { readonly [name: string]: KeyData };
export type KeyData = null | boolean | number | bigint | string | Date | Uint8Array | KeyStructure;
export type KeyValue = KeyData | KeyPointer | KeyBits;

export interface StoredValue {
  readonly type: KeyType;
  readonly value: StoreValue;
}

/** As the column `type` holds it: ENUM's number. */
export function typeCode(type: KeyType): number {
  return KEY_TYPES.indexOf(type) + 1;
}

export function typeOfCode(code: StoreValue | undefined): KeyType {
  const type = KEY_TYPES[Number(code) - 1];
  if (type === undefined) throw new TypeError(`no type of values has the code ${String(code)}`);
  return type;
}

/** Throws SLUICE_BAD_KEY_VALUE: undefined, a function, an invalid Date, something too large or too deep. */
export function encodeValue(key: string, value: unknown): StoredValue {
  const refuse = (reason: string): SluiceError => failure('SLUICE_BAD_KEY_VALUE', key, reason);
  const encoded = encode(value, key, refuse);
  const bytes = sizeOf(encoded.value);
  if (bytes > MAX_KEY_VALUE_BYTES)
    throw refuse(`has ${bytes} bytes, more than the ${MAX_KEY_VALUE_BYTES} that a value may have`);
  return encoded;
}

function encode(value: unknown, key: string, refuse: (reason: string) => SluiceError): StoredValue {
  switch (typeof value) {
    case 'string':
      if (!isWellFormed(value)) throw refuse('holds half of a surrogate pair, which UTF-8 cannot hold');
      return { type: 'string', value };
    case 'number':
      return encodeNumber(value);
    case 'boolean':
      return { type: 'boolean', value: value ? 1 : 0 };
    case 'bigint':
      return { type: 'bigint', value: isInt64(value) ? value : String(value) };
    case 'object':
      return encodeObject(value, key, refuse);
    default:
      throw refuse(`is ${value === undefined ? 'undefined' : `a ${typeof value}`}, which cannot be stored`);
  }
}

export function encodeNumber(value: number): StoredValue {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return { type: 'integer', value };
  return { type: 'double', value: Number.isNaN(value) ? null : value };
}

function encodeObject(value: object | null, key: string, refuse: (reason: string) => SluiceError): StoredValue {
  if (value === null) return { type: 'null', value: null };
  // A copy: its owner may write to it.
  if (value instanceof Uint8Array) return { type: 'bytes', value: new Uint8Array(value) };
  if (value instanceof KeyPointer) return encodePointer(key, value.target);
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw refuse('is an invalid Date');
    return { type: 'date', value: value.getTime() };
  }
  const text = valueJson(value, refuse);
  if (Array.isArray(value)) return { type: 'array', value: text };
  if (value instanceof Map) return { type: 'map', value: text };
  return { type: value instanceof Set ? 'set' : 'object', value: text };
}

/** Throws SLUICE_BAD_KEY when no key can begin so. */
export function encodePointer(key: string, target: unknown): StoredValue {
  if (typeof target !== 'string') throw badKey(key, 'a pointer leads to a key');
  const fault = keyFault(target.endsWith('.') ? target.slice(0, -1) : target);
  if (fault !== null) throw badKey(target, `cannot be pointed to: ${fault}`);
  return { type: 'pointer', value: target };
}

export function decodeValue({ type, value }: StoredValue): KeyValue {
  switch (type) {
    case 'null':
      return null;
    case 'boolean':
      return value !== 0;
    case 'integer':
      return value as number;
    case 'double':
      return value === null ? Number.NaN : Number(value);
    case 'bigint':
      return BigInt(value as number | bigint | string);
    case 'date':
      return new Date(Number(value));
    case 'string':
      return value as string;
    case 'bytes':
      return new Uint8Array(value as Uint8Array);
    case 'pointer':
      return new KeyPointer(value as string);
    case 'array':
    case 'object':
    case 'map':
    case 'set':
      return readValueJson(type, value as string);
    case 'bits':
      return new KeyBits(Number(value));
  }
}

/** The text form, which Redis' protocol shows: of bytes the bytes themselves. Not for bits. */
export function textOf({ type, value }: StoredValue): string | Uint8Array {
  switch (type) {
    case 'null':
      return 'null';
    case 'boolean':
      return value === 0 ? 'false' : 'true';
    case 'double':
      return doubleText(value === null ? Number.NaN : Number(value));
    case 'date':
      return new Date(Number(value)).toISOString();
    case 'bytes':
      return value as Uint8Array;
    case 'bits':
      throw new TypeError('the bytes of a bit set are read with its pieces');
    default:
      return String(value);
  }
}

/** As Redis writes them: `inf`, `-inf`, `nan`. */
function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return Object.is(value, -0) ? '-0' : String(value);
}

export function isInt64(value: bigint): boolean {
  return value === BigInt.asIntN(64, value);
}

function sizeOf(value: StoreValue): number {
  if (typeof value === 'string') {
    // A UTF-16 unit is at most three bytes.
    return value.length * 3 <= MAX_KEY_VALUE_BYTES ? value.length : utf8Length(value);
  }
  return value instanceof Uint8Array ? value.length : 8;
}
