/** Collects what transactions changed into batches: whole transactions, many small ones together. */
import { sizeOf } from '../stores/sqlite/known-rows.ts';
import type { StoreRow } from '../stores/values.ts';
import type { Segment } from './batch-body.ts';
import type { BinlogPosition } from './binlog/position.ts';
import type { LostTable } from './protocol.ts';

/** The store lists the changes of so many rows one by one in the report of a commit. */
const LISTED_ROWS = 1_000;
const BATCH_BYTES = 1024 * 1024;
/** With more waiting than this the mirror is behind: it goes in one batch, whose tables count as changed as a whole. */
const BEHIND_ROWS = 5_000;
/** More is not taken before some of it has gone. */
const WAITING_ROWS_MAX = 20_000;
const WAITING_BYTES_MAX = 8 * 1024 * 1024;
/** A transaction of more goes in parts. */
const WHOLE_ROWS_MAX = 20_000;
const WHOLE_BYTES_MAX = 16 * 1024 * 1024;

/** Changes in order. */
export class Changes {
  segments: Segment[] = [];
  rows = 0;
  bytes = 0;

  add(table: number, before: StoreRow | null, after: StoreRow | null): void {
    let last = this.segments.at(-1);
    if (last === undefined || last[0] !== table) {
      last = [table, [], []];
      this.segments.push(last);
    }
    last[1].push(before);
    last[2].push(after);
    this.rows++;
    this.bytes += sizeOf(before) + sizeOf(after);
  }

  join(later: Changes): void {
    for (const segment of later.segments) {
      const last = this.segments.at(-1);
      if (last === undefined || last[0] !== segment[0]) this.segments.push(segment);
      else {
        for (const row of segment[1]) last[1].push(row);
        for (const row of segment[2]) last[2].push(row);
      }
    }
    this.rows += later.rows;
    this.bytes += later.bytes;
  }

  /** Only of the tables that are asked for. */
  keep(isKept: (table: number) => boolean): void {
    if (this.segments.every(([table]) => isKept(table))) return;
    const kept = new Changes();
    for (const [table, befores, afters] of this.segments) {
      if (isKept(table)) for (let i = 0; i < afters.length; i++) kept.add(table, befores[i]!, afters[i]!);
    }
    ({ segments: this.segments, rows: this.rows, bytes: this.bytes } = kept);
  }

  /** Tables of which it has more than are listed one by one. */
  manyChanged(): number[] {
    const counts = new Map<number, number>();
    for (const [table, , afters] of this.segments) counts.set(table, (counts.get(table) ?? 0) + afters.length);
    return Array.from(counts).flatMap(([table, rows]) => (rows > LISTED_ROWS ? [table] : []));
  }

  get isTooLarge(): boolean {
    return this.rows > WHOLE_ROWS_MAX || this.bytes > WHOLE_BYTES_MAX;
  }

  /** Takes them out. */
  take(): readonly Segment[] {
    const { segments } = this;
    this.segments = [];
    this.rows = 0;
    this.bytes = 0;
    return segments;
  }
}

export interface WaitingBatch {
  readonly changes: Changes;
  position: BinlogPosition;
  transactions: number;
  lost: LostTable[];
  /** Tables that count as changed as a whole. */
  wholly: readonly number[];
}

export class BatchBuilder {
  readonly #waiting: WaitingBatch[] = [];
  #rows = 0;
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  get isFull(): boolean {
    return this.#rows >= WAITING_ROWS_MAX || this.#bytes >= WAITING_BYTES_MAX;
  }

  /** A transaction has ended. */
  add(changes: Changes, position: BinlogPosition, lost: readonly LostTable[]): void {
    this.#rows += changes.rows;
    this.#bytes += changes.bytes;
    const last = this.#waiting.at(-1);
    const joins =
      last !== undefined &&
      last.changes.rows + changes.rows <= LISTED_ROWS &&
      last.changes.bytes + changes.bytes <= BATCH_BYTES;
    if (!joins) {
      this.#waiting.push({ changes, position, transactions: 1, lost: [...lost], wholly: [] });
      return;
    }
    last.changes.join(changes);
    last.position = position;
    last.transactions++;
    last.lost.push(...lost);
  }

  /** Nothing for the mirror up to here. False: nothing waits that could say so. */
  pass(position: BinlogPosition): boolean {
    const last = this.#waiting.at(-1);
    if (last === undefined) return false;
    last.position = position;
    return true;
  }

  /** The next batch; all that waits when that is much. */
  take(): WaitingBatch | undefined {
    const first = this.#waiting.shift();
    if (first === undefined) return undefined;
    if (this.#waiting.length > 0 && this.#rows >= BEHIND_ROWS) {
      for (const next of this.#waiting.splice(0)) {
        first.changes.join(next.changes);
        first.position = next.position;
        first.transactions += next.transactions;
        first.lost.push(...next.lost);
      }
      first.wholly = first.changes.manyChanged();
    }
    this.#rows -= first.changes.rows;
    this.#bytes -= first.changes.bytes;
    return first;
  }
}
