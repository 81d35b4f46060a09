/**
 * An ordered set of rows of numbers that counts what is below each node: the rank of any key and the row at any rank in a few hundred nanoseconds,
 * in typed arrays of 12 to 28 bytes a row.
 *
 * Rows lie sorted in leaves of 256, in columns; leaves are listed in branches of up to 256, branches in one root list. A row is
 * (k1, ..., kn, key, payload...): the key makes it unique, the payload takes no part in the order. Each leaf and each branch has a separator,
 * not above its first row and above all before it; they lie close together, since what a search costs is the memory it touches. A full leaf first
 * gives rows to a neighbour, so leaves stay nine tenths full under random inserts.
 *
 * Not for concurrent use: a cursor holds until the next insert or remove.
 */
import assert from 'node:assert';
import { type Cells, LEAF_ROWS, LEAF_SHIFT, SLAB_MASK, SLAB_SHIFT } from './cells.ts';
import { KeyColumn, type KeyValue } from './key-column.ts';

const BRANCH_LEAVES = 256;
const SLAB_LEAVES = SLAB_MASK + 1;
/** A neighbour with at most so many rows takes some over; a leaf with at most so many rows is merged with a neighbour. */
const GIVE_UP_TO = (LEAF_ROWS * 3) >> 2;
const MERGE_BELOW = LEAF_ROWS >> 2;
const MERGE_UP_TO = (LEAF_ROWS * 3) >> 2;
/** Cells of all columns together: four key columns and a payload, each of two cells at most. */
const MAX_CELLS = 12;
const BRANCH_BYTES = 80;

interface Branch {
  readonly leaves: number[];
  /** Of each leaf, all cells of a key. */
  separators: Float64Array;
}

export class OrderedIndex {
  /** With the unique key, which is the last. */
  readonly keyColumns: number;
  readonly #columns: KeyColumn[];
  #keyCells: Cells[] = [];
  #cells: Cells[] = [];
  #branches: Branch[] = [];
  /** Rows below each branch. */
  #branchRows: number[] = [];
  /** Of each branch, all cells of a key. */
  #separators = new Float64Array(0);
  /** Rows of each leaf. */
  #counts = new Uint16Array(SLAB_LEAVES);
  /** Bounds of the first payload column in each leaf; may be too wide after a removal. */
  #low = new Float64Array(0);
  #high = new Float64Array(0);
  #freeLeaves: number[] = [];
  #leafCount = 0;
  #slabCount = 0;
  #size = 0;
  readonly #row = new Float64Array(MAX_CELLS);
  // Where #find() ended.
  #branchAt = 0;
  #leafAt = 0;
  #rowAt = 0;
  #found = false;

  constructor(keyColumns: number, payloadColumns = 0) {
    this.keyColumns = keyColumns;
    this.#columns = Array.from({ length: keyColumns + payloadColumns }, () => new KeyColumn());
    this.#layOut();
  }

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    let bytes = this.#counts.byteLength + this.#low.byteLength + this.#high.byteLength + this.#freeLeaves.length * 8;
    bytes += this.#separators.byteLength;
    for (const cells of this.#cells) bytes += cells.bytes;
    for (const branch of this.#branches)
      bytes += BRANCH_BYTES + branch.leaves.length * 8 + branch.separators.byteLength;
    return bytes;
  }

  /** Adds a row, or gives the row with this key its new payload; false then. @throws UnsupportedKeyError, nothing is changed then. */
  insert(row: readonly KeyValue[]): boolean {
    this.#admit(row);
    this.#writeRow(row);
    if (this.#branches.length === 0) this.#addBranch(0, [this.#takeLeaf()]);
    const keyCells = this.#keyCells.length;
    if (!this.#isBehindAll()) this.#find(keyCells, false);
    if (this.#found) {
      const leaf = this.#branches[this.#branchAt]!.leaves[this.#leafAt]!;
      for (let c = keyCells; c < this.#cells.length; c++) this.#cells[c]!.set(leaf, this.#rowAt, this.#row[c]!);
      this.#extendBounds(leaf);
      return false;
    }
    let leaf = this.#branches[this.#branchAt]!.leaves[this.#leafAt]!;
    if (this.#counts[leaf]! === LEAF_ROWS) {
      this.#makeRoom();
      this.#find(keyCells, false);
      leaf = this.#branches[this.#branchAt]!.leaves[this.#leafAt]!;
    }
    const count = this.#counts[leaf]!;
    const at = this.#rowAt;
    for (let c = 0; c < this.#cells.length; c++) {
      const cells = this.#cells[c]!;
      if (at < count) cells.shift(leaf, at, count, 1);
      cells.set(leaf, at, this.#row[c]!);
    }
    this.#counts[leaf] = count + 1;
    this.#branchRows[this.#branchAt]!++;
    this.#size++;
    this.#extendBounds(leaf);
    return true;
  }

  /** Removes the row with this key (payload not needed); false when there is none. */
  remove(key: readonly KeyValue[]): boolean {
    if (!this.#seek(key)) return false;
    const branch = this.#branches[this.#branchAt]!;
    const leaf = branch.leaves[this.#leafAt]!;
    const count = this.#counts[leaf]!;
    for (const cells of this.#cells) cells.shift(leaf, this.#rowAt + 1, count, -1);
    this.#counts[leaf] = count - 1;
    this.#branchRows[this.#branchAt]!--;
    this.#size--;
    // A separator may stay below its leaf's first row.
    if (count - 1 < MERGE_BELOW) this.#mergeLeaf();
    return true;
  }

  has(key: readonly KeyValue[]): boolean {
    return this.#seek(key);
  }

  #seek(key: readonly KeyValue[]): boolean {
    if (this.#size === 0) return false;
    let at = 0;
    for (let c = 0; c < this.keyColumns; c++) {
      const place = this.#columns[c]!.place(key[c]!);
      if (place.side !== null) return false;
      at = this.#columns[c]!.write(place.value, this.#row, at);
    }
    this.#find(at, false);
    return this.#found;
  }

  /** How many rows come before those that begin with `prefix`; with `after`, those are counted too. */
  rank(prefix: readonly KeyValue[], after: boolean): number {
    if (this.#size === 0) return 0;
    const { cells, side } = this.#seekPrefix(prefix);
    const past = side === null ? after : side === 'after';
    if (cells === 0) return past ? this.#size : 0;
    this.#find(cells, past);
    return this.#rankHere();
  }

  /** The ranks of the first row that begins with `prefix` and of the one behind the last. */
  span(prefix: readonly KeyValue[]): { from: number; to: number } {
    if (this.#size === 0) return { from: 0, to: 0 };
    const { cells, side } = this.#seekPrefix(prefix);
    if (cells === 0) return { from: 0, to: this.#size };
    this.#find(cells, side === 'after');
    const from = this.#rankHere();
    if (side !== null) return { from, to: from };
    // Mostly the end lies in the same leaf: a search that has been made.
    const leaf = this.#branches[this.#branchAt]!.leaves[this.#leafAt]!;
    const end = this.#findRow(leaf, cells, true);
    if (end < this.#counts[leaf]!) return { from, to: from + end - this.#rowAt };
    this.#find(cells, true);
    return { from, to: this.#rankHere() };
  }

  /** Writes the prefix to #row, as far as rows can begin with it: `side` tells where those would lie that do not. */
  #seekPrefix(prefix: readonly KeyValue[]): { cells: number; side: 'before' | 'after' | null } {
    let cells = 0;
    for (let c = 0; c < prefix.length; c++) {
      const column = this.#columns[c]!;
      const value = prefix[c]!;
      if (typeof value === 'number' && !column.isWide) {
        this.#row[cells++] = value;
        continue;
      }
      const place = column.place(value);
      cells = column.write(place.value, this.#row, cells);
      if (place.side !== null) return { cells, side: place.side };
    }
    return { cells, side: null };
  }

  /** The row at a rank; null beyond the ends. */
  cursor(rank: number): IndexCursor | null {
    if (rank < 0 || rank >= this.#size) return null;
    let left = rank;
    let branchAt = 0;
    while (left >= this.#branchRows[branchAt]!) left -= this.#branchRows[branchAt++]!;
    const { leaves } = this.#branches[branchAt]!;
    let leafAt = 0;
    for (;;) {
      const count = this.#counts[leaves[leafAt]!]!;
      if (left < count) break;
      left -= count;
      leafAt++;
    }
    return new IndexCursor(this, branchAt, leafAt, left);
  }

  /** The values of the row at a rank, payload included. */
  at(rank: number): KeyValue[] {
    const cursor = this.cursor(rank);
    assert.ok(cursor, 'a rank below the size');
    return this.#columns.map((_, c) => cursor.value(c));
  }

  // ---- For cursors

  leafOf(branchAt: number, leafAt: number): number {
    return this.#branches[branchAt]?.leaves[leafAt] ?? -1;
  }

  leavesIn(branchAt: number): number {
    return this.#branches[branchAt]?.leaves.length ?? 0;
  }

  rowsIn(leaf: number): number {
    return this.#counts[leaf]!;
  }

  valueAt(leaf: number, row: number, column: number): KeyValue {
    return this.#columns[column]!.read(leaf, row);
  }

  /** Whether a row of the leaf can have a first payload in [low, high]. */
  payloadMayLieIn(leaf: number, low: KeyValue, high: KeyValue): boolean {
    return this.#low[leaf]! <= high && this.#high[leaf]! >= low;
  }

  // ---- Search

  /**
   * To the first row not before #row (its first `cells` cells; with `after`, not equal to it either). #rowAt may be one past a leaf's end.
   * The innermost loop of everything: 24 comparisons for ten million rows.
   */
  #find(cells: number, after: boolean): void {
    const branchAt = this.#lastNotPast(this.#separators, this.#branches.length, cells, after);
    const branch = this.#branches[branchAt]!;
    const leafAt = this.#lastNotPast(branch.separators, branch.leaves.length, cells, after);
    this.#branchAt = branchAt;
    this.#leafAt = leafAt;
    this.#rowAt = this.#findRow(branch.leaves[leafAt]!, cells, after);
    this.#found = !after && this.#equalsHere(cells);
  }

  /** Of `count` separators the last that lies before #row; the first one's is not looked at. */
  #lastNotPast(separators: Float64Array, count: number, cells: number, after: boolean): number {
    const width = this.#keyCells.length;
    const row = this.#row;
    let low = 1;
    let high = count;
    while (low < high) {
      const middle = (low + high) >> 1;
      let before = after;
      for (let c = 0, at = middle * width; c < cells; c++, at++) {
        const value = separators[at]!;
        const wanted = row[c]!;
        if (value === wanted) continue;
        before = value < wanted;
        break;
      }
      if (before) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #findRow(leaf: number, cells: number, after: boolean): number {
    const slab = leaf >> SLAB_SHIFT;
    const base = (leaf & SLAB_MASK) << LEAF_SHIFT;
    const count = this.#counts[leaf]!;
    // Columns that are the same in the whole leaf need not be touched at every step.
    let from = 0;
    for (; from < cells; from++) {
      const column = this.#keyCells[from]!.slabs[slab]!;
      const first = column[base]!;
      if (first !== column[base + count - 1]!) break;
      const wanted = this.#row[from]!;
      if (first !== wanted) return first < wanted ? count : 0;
    }
    if (from === cells) return after ? count : 0;
    let low = base;
    let high = base + count;
    while (low < high) {
      const middle = (low + high) >> 1;
      let before = after;
      for (let c = from; c < cells; c++) {
        const value = this.#keyCells[c]!.slabs[slab]![middle]!;
        const wanted = this.#row[c]!;
        if (value === wanted) continue;
        before = value < wanted;
        break;
      }
      if (before) low = middle + 1;
      else high = middle;
    }
    return low - base;
  }

  /** Rows that come in order are not searched for: #row comes after all; then the place is the end. */
  #isBehindAll(): boolean {
    if (this.#size === 0) return false;
    const branchAt = this.#branches.length - 1;
    const { leaves } = this.#branches[branchAt]!;
    const leaf = leaves.at(-1)!;
    const last = this.#counts[leaf]! - 1;
    for (let c = 0; c < this.#keyCells.length; c++) {
      const value = this.#keyCells[c]!.get(leaf, last);
      const wanted = this.#row[c]!;
      if (value > wanted) return false;
      if (value === wanted) continue;
      this.#branchAt = branchAt;
      this.#leafAt = leaves.length - 1;
      this.#rowAt = last + 1;
      this.#found = false;
      return true;
    }
    return false;
  }

  /** Whether the row where #find() ended, which may be the first of the next leaf, has the cells that were looked for. */
  #equalsHere(cells: number): boolean {
    const leaf = this.#branches[this.#branchAt]!.leaves[this.#leafAt]!;
    if (this.#rowAt === this.#counts[leaf]!) return this.#equalsNext(cells);
    for (let c = 0; c < cells; c++) if (this.#keyCells[c]!.get(leaf, this.#rowAt) !== this.#row[c]!) return false;
    return true;
  }

  /** The search ends one past a leaf when the next leaf's first row is the one: moves there. */
  #equalsNext(cells: number): boolean {
    let branchAt = this.#branchAt;
    let leafAt = this.#leafAt + 1;
    if (leafAt === this.#branches[branchAt]!.leaves.length) {
      branchAt++;
      leafAt = 0;
    }
    const leaf = this.leafOf(branchAt, leafAt);
    if (leaf < 0) return false;
    for (let c = 0; c < cells; c++) if (this.#keyCells[c]!.get(leaf, 0) !== this.#row[c]!) return false;
    this.#branchAt = branchAt;
    this.#leafAt = leafAt;
    this.#rowAt = 0;
    return true;
  }

  #rankHere(): number {
    let rank = this.#rowAt;
    for (let b = 0; b < this.#branchAt; b++) rank += this.#branchRows[b]!;
    const { leaves } = this.#branches[this.#branchAt]!;
    for (let l = 0; l < this.#leafAt; l++) rank += this.#counts[leaves[l]!]!;
    return rank;
  }

  // ---- Columns

  #admit(row: readonly KeyValue[]): void {
    for (let c = 0; c < this.#columns.length; c++) {
      const column = this.#columns[c]!;
      if (column.admits(row[c]!)) continue;
      column.widen(this.#slabCount, (visit) => this.#visitPlaces(visit));
      this.#layOut();
      this.#separateAll();
    }
  }

  #visitPlaces(visit: (leaf: number, row: number) => void): void {
    for (const { leaves } of this.#branches)
      for (const leaf of leaves) for (let row = 0; row < this.#counts[leaf]!; row++) visit(leaf, row);
  }

  #layOut(): void {
    this.#cells = this.#columns.flatMap((column) => column.cells);
    this.#keyCells = this.#columns.slice(0, this.keyColumns).flatMap((column) => column.cells);
  }

  #writeRow(row: readonly KeyValue[]): void {
    let at = 0;
    for (let c = 0; c < this.#columns.length; c++) at = this.#columns[c]!.write(row[c]!, this.#row, at);
  }

  get #payloadCells(): Cells | undefined {
    return this.#columns.length > this.keyColumns ? this.#cells[this.#keyCells.length] : undefined;
  }

  #extendBounds(leaf: number): void {
    if (this.#payloadCells === undefined) return;
    const value = this.#row[this.#keyCells.length]!;
    if (value < this.#low[leaf]!) this.#low[leaf] = value;
    if (value > this.#high[leaf]!) this.#high[leaf] = value;
  }

  #boundLeaf(leaf: number): void {
    const cells = this.#payloadCells;
    if (cells === undefined) return;
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let row = 0; row < this.#counts[leaf]!; row++) {
      const value = cells.get(leaf, row);
      if (value < low) low = value;
      if (value > high) high = value;
    }
    this.#low[leaf] = low;
    this.#high[leaf] = high;
  }

  // ---- Leaves and branches

  #takeLeaf(): number {
    const free = this.#freeLeaves.pop();
    const leaf = free ?? this.#leafCount++;
    if (leaf >= this.#slabCount * SLAB_LEAVES) {
      for (const cells of this.#cells) cells.grow();
      this.#slabCount++;
    }
    if (leaf >= this.#counts.length) this.#counts = grown(this.#counts);
    if (this.#payloadCells !== undefined) {
      while (leaf >= this.#low.length) {
        this.#low = grown(this.#low.length === 0 ? new Float64Array(SLAB_LEAVES) : this.#low);
        this.#high = grown(this.#high.length === 0 ? new Float64Array(SLAB_LEAVES) : this.#high);
      }
      this.#low[leaf] = Number.POSITIVE_INFINITY;
      this.#high[leaf] = Number.NEGATIVE_INFINITY;
    }
    this.#counts[leaf] = 0;
    return leaf;
  }

  /** The leaf where #find() ended is full: gives some of its rows to a neighbour, or splits it. */
  #makeRoom(): void {
    const branchAt = this.#branchAt;
    const { leaves } = this.#branches[branchAt]!;
    const at = this.#leafAt;
    const leaf = leaves[at]!;
    const isLast = at === leaves.length - 1;
    if (isLast && branchAt === this.#branches.length - 1 && this.#rowAt === LEAF_ROWS) {
      // Rows that come in order fill their leaves. The new row goes in the new leaf, which begins with it: an empty one has no first row.
      this.#appendLeaf(branchAt);
      return;
    }
    const next = isLast ? -1 : leaves[at + 1]!;
    if (next >= 0 && this.#counts[next]! <= GIVE_UP_TO) {
      this.#giveToNext(leaf, next, (LEAF_ROWS - this.#counts[next]! + 1) >> 1);
      this.#separate(branchAt, at + 1);
      return;
    }
    const previous = at === 0 ? -1 : leaves[at - 1]!;
    if (previous >= 0 && this.#counts[previous]! <= GIVE_UP_TO) {
      this.#giveToPrevious(leaf, previous, (LEAF_ROWS - this.#counts[previous]! + 1) >> 1);
      this.#separate(branchAt, at);
      return;
    }
    const added = this.#takeLeaf();
    this.#insertLeaf(branchAt, at + 1, added);
    this.#giveToNext(leaf, added, LEAF_ROWS >> 1);
    this.#separate(branchAt, at + 1);
    if (leaves.length > BRANCH_LEAVES) this.#splitBranch(branchAt, BRANCH_LEAVES >> 1);
  }

  /** A leaf after all others, holding the last row of the one before: no leaf is ever empty. */
  #appendLeaf(branchAt: number): void {
    const branch = this.#branches[branchAt]!;
    const last = branch.leaves.at(-1)!;
    const added = this.#takeLeaf();
    const opens = branch.leaves.length === BRANCH_LEAVES;
    if (opens) this.#addBranch(branchAt + 1, [added]);
    else this.#insertLeaf(branchAt, branch.leaves.length, added);
    this.#giveToNext(last, added, 1);
    if (opens) {
      this.#branchRows[branchAt]!--;
      this.#branchRows[branchAt + 1] = 1;
      this.#separate(branchAt + 1, 0);
    } else this.#separate(branchAt, branch.leaves.length - 1);
  }

  #addBranch(at: number, leaves: number[]): void {
    const width = this.#keyCells.length;
    const count = this.#branches.length;
    if ((count + 1) * width > this.#separators.length) {
      const wider = new Float64Array((count + 1) * 2 * width);
      wider.set(this.#separators);
      this.#separators = wider;
    }
    this.#separators.copyWithin((at + 1) * width, at * width, count * width);
    this.#branches.splice(at, 0, { leaves, separators: new Float64Array((BRANCH_LEAVES + 1) * width) });
    this.#branchRows.splice(at, 0, 0);
  }

  #dropBranch(at: number): void {
    const width = this.#keyCells.length;
    this.#separators.copyWithin(at * width, (at + 1) * width, this.#branches.length * width);
    this.#branches.splice(at, 1);
    this.#branchRows.splice(at, 1);
  }

  #insertLeaf(branchAt: number, at: number, leaf: number): void {
    const { leaves, separators } = this.#branches[branchAt]!;
    const width = this.#keyCells.length;
    separators.copyWithin((at + 1) * width, at * width, leaves.length * width);
    leaves.splice(at, 0, leaf);
  }

  /** The leaf's first row becomes its separator, and its branch's if it is the first there. */
  #separate(branchAt: number, leafAt: number): void {
    const width = this.#keyCells.length;
    const { leaves, separators } = this.#branches[branchAt]!;
    const leaf = leaves[leafAt]!;
    for (let c = 0; c < width; c++) {
      const value = this.#keyCells[c]!.get(leaf, 0);
      separators[leafAt * width + c] = value;
      if (leafAt === 0) this.#separators[branchAt * width + c] = value;
    }
  }

  #separateAll(): void {
    const width = this.#keyCells.length;
    this.#separators = new Float64Array(this.#branches.length * width);
    this.#branches.forEach((branch, branchAt) => {
      branch.separators = new Float64Array((BRANCH_LEAVES + 1) * width);
      for (let leafAt = 0; leafAt < branch.leaves.length; leafAt++) this.#separate(branchAt, leafAt);
    });
  }

  #giveToNext(leaf: number, next: number, rows: number): void {
    const count = this.#counts[leaf]!;
    const there = this.#counts[next]!;
    for (const cells of this.#cells) {
      if (there > 0) cells.copy(next, 0, next, rows, there);
      cells.copy(leaf, count - rows, next, 0, rows);
    }
    this.#counts[leaf] = count - rows;
    this.#counts[next] = there + rows;
    this.#boundLeaf(leaf);
    this.#boundLeaf(next);
  }

  #giveToPrevious(leaf: number, previous: number, rows: number): void {
    const count = this.#counts[leaf]!;
    const there = this.#counts[previous]!;
    for (const cells of this.#cells) {
      cells.copy(leaf, 0, previous, there, rows);
      cells.copy(leaf, rows, leaf, 0, count - rows);
    }
    this.#counts[leaf] = count - rows;
    this.#counts[previous] = there + rows;
    this.#boundLeaf(leaf);
    this.#boundLeaf(previous);
  }

  #splitBranch(branchAt: number, keep: number): void {
    const branch = this.#branches[branchAt]!;
    const moved = branch.leaves.splice(keep);
    let rows = 0;
    for (const leaf of moved) rows += this.#counts[leaf]!;
    this.#addBranch(branchAt + 1, moved);
    this.#branchRows[branchAt + 1] = rows;
    this.#branchRows[branchAt]! -= rows;
    const width = this.#keyCells.length;
    this.#branches[branchAt + 1]!.separators.set(branch.separators.subarray(keep * width));
    this.#separate(branchAt + 1, 0);
  }

  /** After a removal: the leaf has few rows left. */
  #mergeLeaf(): void {
    const branchAt = this.#branchAt;
    const { leaves, separators } = this.#branches[branchAt]!;
    const at = this.#leafAt;
    const leaf = leaves[at]!;
    const count = this.#counts[leaf]!;
    const next = leaves[at + 1] ?? -1;
    const previous = at === 0 ? -1 : leaves[at - 1]!;
    const joinsNext = next >= 0 && this.#counts[next]! + count <= MERGE_UP_TO;
    if (count > 0) {
      if (joinsNext) this.#giveToNext(leaf, next, count);
      else if (previous >= 0 && this.#counts[previous]! + count <= MERGE_UP_TO)
        this.#giveToPrevious(leaf, previous, count);
      else return;
    }
    const width = this.#keyCells.length;
    separators.copyWithin(at * width, (at + 1) * width, leaves.length * width);
    leaves.splice(at, 1);
    this.#freeLeaves.push(leaf);
    if (at < leaves.length && (joinsNext || at === 0)) this.#separate(branchAt, at);
    this.#mergeBranch(branchAt);
  }

  #mergeBranch(branchAt: number): void {
    const branch = this.#branches[branchAt]!;
    if (branch.leaves.length >= BRANCH_LEAVES >> 3) return;
    const next = this.#branches[branchAt + 1];
    if (next !== undefined && next.leaves.length + branch.leaves.length <= BRANCH_LEAVES >> 1) {
      const kept = branch.leaves.length;
      const width = this.#keyCells.length;
      branch.separators.set(next.separators.subarray(0, next.leaves.length * width), kept * width);
      branch.leaves.push(...next.leaves);
      this.#branchRows[branchAt]! += this.#branchRows[branchAt + 1]!;
      this.#dropBranch(branchAt + 1);
      if (kept === 0) this.#separate(branchAt, 0);
    } else if (branch.leaves.length === 0) this.#dropBranch(branchAt);
  }
}

function grown<Numbers extends Uint16Array | Float64Array>(from: Numbers): Numbers {
  const wider = from instanceof Uint16Array ? new Uint16Array(from.length * 2) : new Float64Array(from.length * 2);
  wider.set(from);
  return wider as Numbers;
}

/** A row of an index; moves to its neighbours. */
export class IndexCursor {
  readonly #index: OrderedIndex;
  #branchAt: number;
  #leafAt: number;
  #leaf: number;
  #row: number;
  #rows: number;

  constructor(index: OrderedIndex, branchAt: number, leafAt: number, row: number) {
    this.#index = index;
    this.#branchAt = branchAt;
    this.#leafAt = leafAt;
    this.#row = row;
    this.#leaf = index.leafOf(branchAt, leafAt);
    this.#rows = index.rowsIn(this.#leaf);
  }

  value(column: number): KeyValue {
    return this.#index.valueAt(this.#leaf, this.#row, column);
  }

  /** False at the end: the cursor is then of no more use. */
  next(): boolean {
    if (++this.#row < this.#rows) return true;
    return this.nextLeaf();
  }

  previous(): boolean {
    if (--this.#row >= 0) return true;
    return this.previousLeaf();
  }

  /** Rows from here to the leaf's end, this one included. */
  get rowsAhead(): number {
    return this.#rows - this.#row;
  }

  /** Rows from the leaf's beginning to here, this one included. */
  get rowsBehind(): number {
    return this.#row + 1;
  }

  payloadMayLieIn(low: KeyValue, high: KeyValue): boolean {
    return this.#index.payloadMayLieIn(this.#leaf, low, high);
  }

  /** To the next leaf's first row. */
  nextLeaf(): boolean {
    this.#leafAt++;
    if (this.#leafAt >= this.#index.leavesIn(this.#branchAt)) {
      this.#branchAt++;
      this.#leafAt = 0;
    }
    if (!this.#enter()) return false;
    this.#row = 0;
    return true;
  }

  /** To the previous leaf's last row. */
  previousLeaf(): boolean {
    if (this.#leafAt > 0) this.#leafAt--;
    else {
      if (this.#branchAt === 0) return false;
      this.#branchAt--;
      this.#leafAt = this.#index.leavesIn(this.#branchAt) - 1;
    }
    if (!this.#enter()) return false;
    this.#row = this.#rows - 1;
    return true;
  }

  #enter(): boolean {
    this.#leaf = this.#index.leafOf(this.#branchAt, this.#leafAt);
    if (this.#leaf < 0) return false;
    this.#rows = this.#index.rowsIn(this.#leaf);
    return true;
  }
}
