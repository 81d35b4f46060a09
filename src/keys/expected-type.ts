/** Reading with an expected type: a value of another one is an error, not something to be taken for it. */
import { failure } from '../errors.ts';
import { wrongType } from './change-value.ts';
import { KEY_TYPES, type KeyBits, type KeyData, type KeyPointer, type KeyType } from './values.ts';

export interface ValueByType {
  readonly null: null;
  readonly boolean: boolean;
  readonly integer: number;
  readonly double: number;
  /** An integer or a double. */
  readonly number: number;
  readonly bigint: bigint;
  readonly date: Date;
  readonly string: string;
  readonly bytes: Uint8Array;
  readonly array: readonly KeyData[];
  readonly object: { readonly [name: string]: KeyData };
  readonly map: ReadonlyMap<KeyData, KeyData>;
  readonly set: ReadonlySet<KeyData>;
  readonly pointer: KeyPointer;
  readonly bits: KeyBits;
}

export type ExpectedType = keyof ValueByType;

/** Throws SLUICE_KEY_TYPE where a value has another type, ER_BAD_PARAMETER for what is none. undefined: any will do. */
export function checkType(key: string, is: KeyType, expected: string | undefined): void {
  if (expected === undefined || is === expected) return;
  if (expected === 'number') {
    if (is === 'integer' || is === 'double') return;
  } else if (!KEY_TYPES.includes(expected as KeyType)) {
    throw failure(
      'ER_BAD_PARAMETER',
      `type: '${String(expected).slice(0, 100)}' is none of number, ${KEY_TYPES.join(', ')}`,
    );
  }
  throw wrongType(key, is, expected);
}
