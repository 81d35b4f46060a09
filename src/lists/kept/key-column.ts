/**
 * One column of an ordered index as numbers: a single column of cells, or, once an integer beyond 2^53 was seen, two (the upper and the lower 32
 * bits), so that every comparison on the way through the index is one of plain numbers.
 */
import { Cells } from './cells.ts';

/** Integers are bigint only where a number cannot hold them. Never NaN in a key; a payload may be NaN: it lies in no range. */
export type KeyValue = number | bigint;

/** The value cannot stand in this column beside those that are there: a fraction beside an integer beyond 2^53. */
export class UnsupportedKeyError extends Error {}

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const TWO_TO_63 = 2 ** 63;
const LOW_BITS = 0xffff_ffffn;

export class KeyColumn {
  /** One, or upper and lower. */
  cells: Cells[] = [new Cells()];
  #allIntegers = true;

  get isWide(): boolean {
    return this.cells.length === 2;
  }

  /** Whether the column can hold the value as it is now; false: widen() is needed. */
  admits(value: KeyValue): boolean {
    if (typeof value === 'bigint') return this.isWide;
    if (!this.isWide) {
      if (this.#allIntegers && !Number.isSafeInteger(value)) this.#allIntegers = false;
      this.cells[0]!.admit(value);
    } else if (!Number.isSafeInteger(value)) throw new UnsupportedKeyError('a fraction beside an integer beyond 2^53');
    return true;
  }

  /** To two columns of cells. `rows` visits every place that holds a value. */
  widen(slabs: number, rows: (visit: (leaf: number, row: number) => void) => void): void {
    if (!this.#allIntegers) throw new UnsupportedKeyError('an integer beyond 2^53 beside a fraction');
    const narrow = this.cells[0]!;
    const upper = new Cells('int32');
    const lower = new Cells('uint32');
    for (let i = 0; i < slabs; i++) {
      upper.grow();
      lower.grow();
    }
    rows((leaf, row) => {
      const value = BigInt(narrow.get(leaf, row));
      upper.set(leaf, row, upperHalf(value));
      lower.set(leaf, row, lowerHalf(value));
    });
    this.cells = [upper, lower];
  }

  /** Writes the value's cells to `target` from `at` on; the value must be admitted. Returns the next place. */
  write(value: KeyValue, target: Float64Array, at: number): number {
    if (!this.isWide) {
      target[at] = value as number;
      return at + 1;
    }
    const exact = BigInt(value);
    target[at] = upperHalf(exact);
    target[at + 1] = lowerHalf(exact);
    return at + 2;
  }

  read(leaf: number, row: number): KeyValue {
    const first = this.cells[0]!.get(leaf, row);
    if (!this.isWide) return first;
    const value = (BigInt(first) << 32n) | BigInt(this.cells[1]!.get(leaf, row));
    const narrow = Number(value);
    return Number.isSafeInteger(narrow) ? narrow : value;
  }

  /** Where a value that is asked for lies among the values that the column can hold. */
  place(value: KeyValue): Place {
    if (this.isWide) return typeof value === 'bigint' ? placeInteger(value) : placeAmongIntegers(value);
    if (typeof value === 'number') return { value, side: null };
    const near = Number(value);
    if (BigInt(near) === value) return { value: near, side: null };
    return { value: near, side: near > value ? 'before' : 'after' };
  }
}

/** `side` null: the value itself. Otherwise no row has it, and it lies just before or after all rows with `value`. */
export interface Place {
  readonly value: KeyValue;
  readonly side: 'before' | 'after' | null;
}

function placeInteger(value: bigint): Place {
  if (value > INT64_MAX) return { value: INT64_MAX, side: 'after' };
  if (value < INT64_MIN) return { value: INT64_MIN, side: 'before' };
  return { value, side: null };
}

function placeAmongIntegers(value: number): Place {
  if (value >= TWO_TO_63) return { value: INT64_MAX, side: 'after' };
  if (value < -TWO_TO_63) return { value: INT64_MIN, side: 'before' };
  if (Number.isInteger(value)) return { value: BigInt(value), side: null };
  return { value: BigInt(Math.ceil(value)), side: 'before' };
}

function upperHalf(value: bigint): number {
  return Number(value >> 32n);
}

function lowerHalf(value: bigint): number {
  return Number(value & LOW_BITS);
}
