/**
 * Rows by their keys, from the cache, or at once from the store where they are missing there. What is read must be as of the newest commit that was
 * applied; where the store is ahead of its reports, nothing is known.
 */
import type { Store } from '../../stores/store.ts';
import type { KeptForm } from './kept-form.ts';
import type { KeptRow } from './kept-row.ts';
import type { KeyValue } from './key-column.ts';
import type { RowEncoder } from './row-encoder.ts';
import type { ReadRow, RowSelect } from './row-select.ts';
import type { RowWarmer } from './row-warmer.ts';
import { SEQUENCE } from './store-reads.ts';
import type { TableLists } from './table-lists.ts';

/** Rows that are read inline at once: some 7 ms of the front. */
const INLINE_READ_ROWS = 200;

export class RowLookup {
  readonly #store: Store;
  /** Of the newest commit that was applied. */
  readonly #sequence: () => number;
  readonly #warmer: RowWarmer;
  #missed = 0;

  constructor(store: Store, sequence: () => number, warmer: RowWarmer) {
    this.#store = store;
    this.#sequence = sequence;
    this.#warmer = warmer;
  }

  /** Rows that were not in the cache so far. */
  get missed(): number {
    return this.#missed;
  }

  /** Each row as the protocol sends it; undefined where there is none. null: not known. */
  encoded<E>(lists: TableLists, keys: readonly KeyValue[], encoder: RowEncoder<E>): (E | undefined)[] | null {
    const found: (E | undefined)[] = [];
    let missing: KeyValue[] | null = null;
    for (const key of keys) {
      const encoded = lists.rows.encoded(key, encoder);
      found.push(encoded);
      if (encoded !== undefined) continue;
      missing ??= [];
      missing.push(key);
    }
    if (missing === null) return found;
    const form = lists.formOf(encoder);
    this.#warmer.missed(lists, form as KeptForm, missing.length);
    const read = this.#read(form.select, missing);
    if (read === null) return null;
    const decoded = new Map<KeyValue, E>();
    for (const { key, values } of read) {
      const encoded = encoder.decode(values);
      lists.rows.putEncoded(key, encoder, encoded);
      decoded.set(key, encoded);
      if (decoded.size === 1) form.sample(encoded);
    }
    return found.map((encoded, i) => (encoded === undefined ? decoded.get(keys[i]!) : encoded));
  }

  /** Those of the rows that are there, with their values. null: not known. */
  whole(lists: TableLists, keys: readonly KeyValue[]): KeptRow[] | null {
    const found: KeptRow[] = [];
    let missing: KeyValue[] | null = null;
    for (const key of keys) {
      const kept = lists.rows.useValues(key);
      if (kept !== undefined) found.push(kept);
      else {
        missing ??= [];
        missing.push(key);
      }
    }
    if (missing === null) return found;
    const read = this.#read(lists.wholeSelect, missing);
    if (read === null) return null;
    for (const { key, values } of read) found.push(lists.rows.put(key, values));
    return found;
  }

  #read(select: RowSelect, keys: readonly KeyValue[]): ReadRow[] | null {
    if (keys.length > INLINE_READ_ROWS) return null;
    this.#missed += keys.length;
    const now = this.#sequence();
    try {
      const { rows, sequence } = select.read(this.#store, keys);
      return (sequence ?? this.#sequenceInFile()) === now ? rows : null;
    } catch (error) {
      // The table may be another one already, or gone.
      if (this.#sequenceInFile() !== now) return null;
      throw error;
    }
  }

  #sequenceInFile(): unknown {
    return this.#store.readInline(SEQUENCE)[0]?.[0];
  }
}
