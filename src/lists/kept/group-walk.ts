/**
 * Rows of one piece of an ordered index in a list's order: forwards or backwards by the order column, and among equal ones by primary key in either
 * direction. Rows may be checked on the way; whole leaves whose payloads lie outside of the range are passed over.
 */
import type { KeyValue } from './key-column.ts';
import type { IndexCursor, OrderedIndex } from './ordered-index.ts';

/** What each row is checked for: that its payload, or its key, lies in [low, high], with or without the ends. */
export interface CheckedRange {
  readonly of: 'payload' | 'key';
  readonly low: KeyValue;
  readonly high: KeyValue;
  readonly withoutLow: boolean;
  readonly withoutHigh: boolean;
}

export interface Piece {
  readonly index: OrderedIndex;
  /** Ranks: from is the first, to is one past the last. */
  readonly from: number;
  readonly to: number;
  /** The values that all rows of the piece begin with. */
  readonly prefix: readonly KeyValue[];
  /** Its rows have an order column behind the prefix; otherwise the key follows at once. */
  readonly ordered: boolean;
}

export interface Direction {
  readonly descending: boolean;
  readonly keyDescending: boolean;
}

/** How many rows may be looked at in all; shared by the walks of one page. */
export interface Budget {
  rows: number;
}

/** Rows equal in the order column that are collected and turned round; beyond these their piece of the index is looked up. */
const TIES_COLLECTED = 64;

/** Steps one way through a piece, over rows whose payload lies in the range. */
class Steps {
  cursor: IndexCursor | null = null;
  #left = 0;
  readonly #backwards: boolean;
  readonly #range: CheckedRange | null;
  readonly #checkedColumn: number;
  readonly #budget: Budget;

  constructor(backwards: boolean, keyColumns: number, range: CheckedRange | null, budget: Budget) {
    this.#backwards = backwards;
    this.#range = range;
    this.#checkedColumn = range?.of === 'key' ? keyColumns - 1 : keyColumns;
    this.#budget = budget;
  }

  /** To the first row that counts of `rows` rows from `rank` on. */
  start(index: OrderedIndex, rank: number, rows: number): boolean {
    this.#left = rows;
    this.cursor = rows > 0 ? index.cursor(rank) : null;
    return this.cursor !== null && this.#settle();
  }

  next(): boolean {
    return this.#move() && this.#settle();
  }

  #move(): boolean {
    if (--this.#left <= 0) return false;
    return this.#backwards ? this.cursor!.previous() : this.cursor!.next();
  }

  #settle(): boolean {
    const range = this.#range;
    const budget = this.#budget;
    if (range === null) return --budget.rows >= 0;
    const cursor = this.cursor!;
    for (;;) {
      if (--budget.rows < 0) return false;
      if (range.of === 'payload' && !cursor.payloadMayLieIn(range.low, range.high)) {
        this.#left -= this.#backwards ? cursor.rowsBehind : cursor.rowsAhead;
        if (this.#left <= 0) return false;
        if (!(this.#backwards ? cursor.previousLeaf() : cursor.nextLeaf())) return false;
        continue;
      }
      const value = cursor.value(this.#checkedColumn);
      if (
        (range.withoutLow ? value > range.low : value >= range.low) &&
        (range.withoutHigh ? value < range.high : value <= range.high)
      )
        return true;
      if (!this.#move()) return false;
    }
  }
}

/** After next() has said true, `order` and `key` are the row's. When it says false, `budget.rows` below zero tells that it gave up. */
export class GroupWalk {
  order: KeyValue = 0;
  key: KeyValue = 0;
  readonly #piece: Piece;
  readonly #range: CheckedRange | null;
  readonly #budget: Budget;
  readonly #backwards: boolean;
  /** Ties go the steps' own way. */
  readonly #plain: boolean;
  readonly #orderColumn: number;
  readonly #keyColumn: number;
  /** In the direction of the order column. */
  readonly #steps: Steps;
  /** Against it, through many rows that are equal in the order column. */
  #back: Steps | null = null;
  /** What next() finds in #steps or #back: a row not given yet, one given, or the end. */
  #stepsAt: 'new' | 'given' | 'end' = 'end';
  #backAt: 'new' | 'given' | 'end' | 'unused' = 'unused';
  /** Collected ties, the next one last. */
  readonly #ties: KeyValue[] = [];
  /** Where #steps goes on behind #back. */
  #resumeAt = 0;
  #resumeRows = 0;

  /** `skip` rows at the beginning are left out by their rank: only where nothing is checked. */
  constructor(piece: Piece, direction: Direction, range: CheckedRange | null, budget: Budget, skip = 0) {
    this.#piece = piece;
    this.#backwards = piece.ordered ? direction.descending : direction.keyDescending;
    this.#plain = !piece.ordered || direction.descending === direction.keyDescending;
    this.#orderColumn = piece.prefix.length;
    this.#keyColumn = piece.index.keyColumns - 1;
    const { keyColumns } = piece.index;
    this.#steps = new Steps(this.#backwards, keyColumns, range, budget);
    this.#range = range;
    this.#budget = budget;
    const { from, to } = piece;
    if (skip >= to - from) return;
    const rank = this.#backwards ? to - 1 - skip : from + skip;
    if (this.#plain || skip === 0) this.#start(rank, to - from - skip);
    else this.#walkTiesAt(rank, skip);
  }

  next(): boolean {
    for (;;) {
      if (this.#ties.length > 0) {
        this.key = this.#ties.pop()!;
        return true;
      }
      if (this.#backAt !== 'unused') {
        if (this.#backAt === 'given') this.#backAt = this.#back!.next() ? 'new' : 'end';
        if (this.#backAt === 'new') {
          this.#backAt = 'given';
          this.key = this.#back!.cursor!.value(this.#keyColumn);
          return true;
        }
        this.#backAt = 'unused';
        this.#start(this.#resumeAt, this.#resumeRows);
      }
      if (this.#stepsAt === 'given') this.#stepsAt = this.#steps.next() ? 'new' : 'end';
      if (this.#stepsAt === 'end') return false;
      if (this.#plain) {
        const cursor = this.#steps.cursor!;
        if (this.#piece.ordered) this.order = cursor.value(this.#orderColumn);
        this.key = cursor.value(this.#keyColumn);
        this.#stepsAt = 'given';
        return true;
      }
      this.#collectTies();
    }
  }

  #start(rank: number, rows: number): void {
    this.#stepsAt = this.#steps.start(this.#piece.index, rank, rows) ? 'new' : 'end';
  }

  /** Equal rows come in the steps' direction and go out in the other one. */
  #collectTies(): void {
    const cursor = this.#steps.cursor!;
    const value = cursor.value(this.#orderColumn);
    const ties = this.#ties;
    this.order = value;
    do {
      if (ties.length === TIES_COLLECTED) {
        ties.length = 0;
        const { index, prefix } = this.#piece;
        this.#walkTies(value, index.rank([...prefix, value], false), index.rank([...prefix, value], true), 0);
        return;
      }
      ties.push(cursor.value(this.#keyColumn));
      if (!this.#steps.next()) {
        this.#stepsAt = 'end';
        return;
      }
    } while (cursor.value(this.#orderColumn) === value);
    this.#stepsAt = 'new';
  }

  /** Begins in the middle of the ties that the row at `rank` belongs to; `skip` rows of the piece are left out. */
  #walkTiesAt(rank: number, skip: number): void {
    const { index, from, to, prefix } = this.#piece;
    const value = index.cursor(rank)!.value(this.#orderColumn);
    const first = index.rank([...prefix, value], false);
    const end = index.rank([...prefix, value], true);
    this.#walkTies(value, first, end, this.#backwards ? skip - (to - end) : skip - (first - from));
  }

  /** The rows from rank `first` to `end` are equal in the order column; a piece never cuts through such rows. */
  #walkTies(value: KeyValue, first: number, end: number, skip: number): void {
    const { index, from, to } = this.#piece;
    this.order = value;
    const rank = this.#backwards ? first + skip : end - 1 - skip;
    this.#back ??= new Steps(!this.#backwards, index.keyColumns, this.#range, this.#budget);
    this.#backAt = this.#back.start(index, rank, end - first - skip) ? 'new' : 'end';
    this.#resumeAt = this.#backwards ? first - 1 : end;
    this.#resumeRows = this.#backwards ? first - from : to - end;
  }
}
