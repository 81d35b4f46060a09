/**
 * One column of numbers in slabs of typed arrays: the smallest kind that holds every value seen, widened when a value does not fit.
 * A place is told by its leaf and its row in the leaf (see ordered-index.ts).
 */

/** Rows of one leaf, and leaves of one slab, as shifts: places are computed with them for every comparison. */
export const LEAF_SHIFT = 8;
export const LEAF_ROWS = 1 << LEAF_SHIFT;
export const SLAB_SHIFT = 4;
export const SLAB_MASK = (1 << SLAB_SHIFT) - 1;
const SLAB_ROWS = LEAF_ROWS << SLAB_SHIFT;

type Kind = 'int32' | 'uint32' | 'float64';
export type Slab = Int32Array | Uint32Array | Float64Array;

const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;
const UINT32_MAX = 2 ** 32 - 1;

export class Cells {
  readonly slabs: Slab[] = [];
  #kind: Kind;
  #hasNegative = false;

  constructor(kind: Kind = 'int32') {
    this.#kind = kind;
  }

  get bytes(): number {
    return this.slabs.length * SLAB_ROWS * (this.#kind === 'float64' ? 8 : 4);
  }

  grow(): void {
    this.slabs.push(newSlab(this.#kind));
  }

  /** Makes the column one that can hold the value. */
  admit(value: number): void {
    if (this.#kind === 'float64') return;
    if (Number.isInteger(value)) {
      if (value < 0) this.#hasNegative = true;
      if (value >= INT32_MIN && value <= INT32_MAX) {
        if (this.#kind === 'int32' || value >= 0) return;
      } else if (value > 0 && value <= UINT32_MAX && !this.#hasNegative) {
        if (this.#kind === 'int32') this.#widen('uint32');
        return;
      }
    }
    this.#widen('float64');
  }

  get(leaf: number, row: number): number {
    return this.slabs[leaf >> SLAB_SHIFT]![((leaf & SLAB_MASK) << LEAF_SHIFT) + row]!;
  }

  set(leaf: number, row: number, value: number): void {
    this.slabs[leaf >> SLAB_SHIFT]![((leaf & SLAB_MASK) << LEAF_SHIFT) + row] = value;
  }

  /** Moves the rows of a leaf from `row` on by one, up or down; `count` rows are in it. */
  shift(leaf: number, row: number, count: number, by: 1 | -1): void {
    const base = (leaf & SLAB_MASK) << LEAF_SHIFT;
    this.slabs[leaf >> SLAB_SHIFT]!.copyWithin(base + row + by, base + row, base + count);
  }

  /** Copies rows from one leaf to another, or upwards within one. */
  copy(from: number, fromRow: number, to: number, toRow: number, rows: number): void {
    const source = this.slabs[from >> SLAB_SHIFT]!;
    const target = this.slabs[to >> SLAB_SHIFT]!;
    const start = ((from & SLAB_MASK) << LEAF_SHIFT) + fromRow;
    const end = ((to & SLAB_MASK) << LEAF_SHIFT) + toRow;
    if (source === target) target.copyWithin(end, start, start + rows);
    else target.set(source.subarray(start, start + rows), end);
  }

  #widen(kind: Kind): void {
    this.#kind = kind;
    for (let i = 0; i < this.slabs.length; i++) {
      const wider = newSlab(kind);
      wider.set(this.slabs[i]!);
      this.slabs[i] = wider;
    }
  }
}

function newSlab(kind: Kind): Slab {
  switch (kind) {
    case 'int32':
      return new Int32Array(SLAB_ROWS);
    case 'uint32':
      return new Uint32Array(SLAB_ROWS);
    case 'float64':
      return new Float64Array(SLAB_ROWS);
  }
}
