/** A row that is kept, with what each protocol has made of it. */
import assert from 'node:assert';
import type { StoreRow } from '../../stores/values.ts';
import type { KeyValue } from './key-column.ts';
import type { RowEncoder } from './row-encoder.ts';

/** The object, and an entry of a map that is three quarters full. */
export const ROW_BYTES = 130;
const ARRAY_BYTES = 32;
const VALUE_BYTES = 8;
const TEXT_BYTES = 24;
const BLOB_BYTES = 200;
const NUMBER_BYTES = 16;
/** Of a further form. */
export const MORE_BYTES = 250;

// KeptRow.state: a bit each, and above them the number of windows that hold the row.
export const USED = 1;
export const NEEDS_VALUES = 2;
export const PIN = 4;

export class KeptRow {
  // What every hit looks at comes first, to lie in one line of the processor's cache.
  /** How it is used, see the bits above. */
  state = USED;
  encoder: RowEncoder<unknown> | null = null;
  encoded: unknown = undefined;
  readonly key: KeyValue;
  /** In the table's order of columns, not to be changed; null: only what protocols made of them is held. */
  values: StoreRow | null = null;
  bytes = ROW_BYTES;
  /** Further forms. */
  more: Map<RowEncoder<unknown>, unknown> | null = null;

  constructor(key: KeyValue) {
    this.key = key;
  }

  /** The values, of a row that is known to have them. */
  get row(): StoreRow {
    assert.ok(this.values, 'the values of the row are kept');
    return this.values;
  }

  get isUsed(): boolean {
    return (this.state & USED) !== 0;
  }

  get isPinned(): boolean {
    return this.state >= PIN;
  }
}

/** What a string takes: one byte a character, or two when any of them is above U+00FF. */
export function textBytes(text: string): number {
  return BEYOND_LATIN1.test(text) ? text.length * 2 : text.length;
}

const BEYOND_LATIN1 = /[^\0-\xff]/;

export function hasForm(kept: KeptRow, encoder: RowEncoder<unknown>): boolean {
  return kept.encoder === encoder || kept.more?.has(encoder) === true;
}

export function valuesBytes(row: StoreRow | null): number {
  if (row === null) return 0;
  let bytes = ARRAY_BYTES;
  for (const value of row) {
    bytes += VALUE_BYTES;
    if (typeof value === 'string') bytes += TEXT_BYTES + textBytes(value);
    else if (typeof value === 'bigint' || (typeof value === 'number' && (value | 0) !== value)) bytes += NUMBER_BYTES;
    else if (value instanceof Uint8Array) bytes += BLOB_BYTES + value.length;
  }
  return bytes;
}
