/** A form in which rows of a table are sent: how they are read in it, what they take, and how often they had to be read. */
import type { TableDefinition } from '../../stores/schema.ts';
import type { KeyValue } from './key-column.ts';
import type { RowEncoder } from './row-encoder.ts';
import { RowSelect } from './row-select.ts';

/** Misses are counted for so long, then anew. */
const MISSES_COUNTED_MS = 10_000;

export class KeptForm<E = unknown> {
  readonly encoder: RowEncoder<E>;
  readonly select: RowSelect;
  /** Where warming goes on; null: at the first row. */
  warmedTo: KeyValue | null = null;
  isWarming = false;
  /** Misses after which it is warmed; null: to be worked out. */
  warmAfter: number | null = null;
  /** Not before then, in the clock of Date.now(). */
  warmsAgainAt = 0;
  #misses = 0;
  #countedSince = 0;
  // Of the rows that were read in this form.
  #rows = 0;
  #bytes = 0;

  constructor(table: TableDefinition, keyColumn: number, encoder: RowEncoder<E>) {
    this.encoder = encoder;
    this.select = new RowSelect(table, keyColumn, encoder.select);
  }

  /** Rows were not in the cache. Returns how many were not, lately. */
  missed(rows: number): number {
    const now = Date.now();
    if (now - this.#countedSince > MISSES_COUNTED_MS) {
      this.#countedSince = now;
      this.#misses = 0;
      this.warmAfter = null;
    }
    this.#misses += rows;
    return this.#misses;
  }

  /** A row was read. */
  sample(encoded: E): void {
    this.#rows++;
    this.#bytes += this.encoder.bytesOf(encoded);
  }

  /** What a row takes in this form, as far as is known. */
  get bytesPerRow(): number {
    return this.#rows === 0 ? 0 : this.#bytes / this.#rows;
  }
}
