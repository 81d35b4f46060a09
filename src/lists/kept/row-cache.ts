/**
 * Rows by primary key, shared by all kept lists, with what each protocol has made of them: a hit sends bytes that are ready. Kept up to date from the
 * feed. Rows that a window holds stay; the others go, least recently used first, when the memory is needed.
 */
import type { RowChange } from '../../stores/store.ts';
import type { StoreRow } from '../../stores/values.ts';
import type { KeyValue } from './key-column.ts';

/** How a protocol writes a row. One object for each form that a table's rows are sent in; `bytesOf` accounts for the memory. */
export interface RowEncoder<Encoded> {
  encode(row: StoreRow): Encoded;
  bytesOf(encoded: Encoded): number;
}

/** A map entry, the object, its array and list links. */
const ROW_BYTES = 200;
const VALUE_BYTES = 16;
const ENCODING_BYTES = 80;

export class KeptRow {
  readonly key: KeyValue;
  readonly table: RowsOfTable;
  /** In the table's order of columns. Not to be changed. */
  row: StoreRow;
  bytes: number;
  /** Windows that hold it. */
  pins = 0;
  // Least recently used first; a pinned row is in no list.
  older: KeptRow | null = null;
  newer: KeptRow | null = null;
  isListed = false;
  #encoder: RowEncoder<unknown> | null = null;
  #encoded: unknown;
  /** Further forms. */
  #more: Map<RowEncoder<unknown>, unknown> | null = null;

  constructor(table: RowsOfTable, key: KeyValue, row: StoreRow) {
    this.table = table;
    this.key = key;
    this.row = row;
    this.bytes = approximateBytes(row);
  }

  /** The row in a protocol's form: made once, until the row changes. */
  as<Encoded>(encoder: RowEncoder<Encoded>): Encoded {
    if (this.#encoder === encoder) return this.#encoded as Encoded;
    const known = this.#more?.get(encoder);
    if (known !== undefined) return known as Encoded;
    const encoded = encoder.encode(this.row);
    this.#keep(encoder, encoded);
    return encoded;
  }

  #keep<Encoded>(encoder: RowEncoder<Encoded>, encoded: Encoded): void {
    if (this.#encoder === null) {
      this.#encoder = encoder as RowEncoder<unknown>;
      this.#encoded = encoded;
    } else {
      this.#more ??= new Map();
      this.#more.set(encoder as RowEncoder<unknown>, encoded);
    }
    this.table.account(this, ENCODING_BYTES + encoder.bytesOf(encoded));
  }

  replace(row: StoreRow): void {
    this.row = row;
    this.#encoder = null;
    this.#encoded = undefined;
    this.#more = null;
    this.table.account(this, approximateBytes(row) - this.bytes);
  }
}

function approximateBytes(row: StoreRow): number {
  let bytes = ROW_BYTES;
  for (const value of row) {
    bytes += VALUE_BYTES;
    if (typeof value === 'string' || value instanceof Uint8Array) bytes += value.length;
  }
  return bytes;
}

/** The kept rows of one table. */
export class RowsOfTable {
  readonly #cache: RowCache;
  readonly #rows = new Map<KeyValue, KeptRow>();
  /** False: the table was dropped or wholly changed; rows that windows still hold belong to nothing. */
  isCurrent = true;

  constructor(cache: RowCache) {
    this.#cache = cache;
  }

  get size(): number {
    return this.#rows.size;
  }

  get(key: KeyValue): KeptRow | undefined {
    return this.#rows.get(key);
  }

  /** The same, and the row counts as used. */
  use(key: KeyValue): KeptRow | undefined {
    const row = this.#rows.get(key);
    if (row !== undefined) this.#cache.touch(row);
    return row;
  }

  /** A row as the store has it at the sequence up to which the cache is kept. */
  put(key: KeyValue, row: StoreRow): KeptRow {
    let kept = this.#rows.get(key);
    if (kept === undefined) {
      kept = new KeptRow(this, key, row);
      this.#rows.set(key, kept);
      this.#cache.add(kept);
    }
    return kept;
  }

  apply(change: RowChange): void {
    const kept = this.#rows.get(change.key[0] as KeyValue);
    if (kept === undefined) return;
    if (change.after !== null) kept.replace(change.after);
    else this.#remove(kept);
  }

  pin(row: KeptRow): void {
    if (row.pins++ === 0) this.#cache.unlist(row);
  }

  unpin(row: KeptRow): void {
    if (--row.pins === 0 && this.#rows.get(row.key) === row) this.#cache.list(row);
  }

  account(row: KeptRow, bytes: number): void {
    row.bytes += bytes;
    if (this.#rows.get(row.key) === row) this.#cache.account(bytes);
  }

  /** All of them. */
  drop(): void {
    this.isCurrent = false;
    for (const row of this.#rows.values()) this.#cache.remove(row);
    this.#rows.clear();
  }

  forget(row: KeptRow): void {
    this.#rows.delete(row.key);
  }

  #remove(row: KeptRow): void {
    this.#rows.delete(row.key);
    this.#cache.remove(row);
  }
}

export class RowCache {
  #bytes = 0;
  #oldest: KeptRow | null = null;
  #newest: KeptRow | null = null;

  /** Of all rows, those that windows hold included. */
  get bytes(): number {
    return this.#bytes;
  }

  account(bytes: number): void {
    this.#bytes += bytes;
  }

  add(row: KeptRow): void {
    this.#bytes += row.bytes;
    this.list(row);
  }

  remove(row: KeptRow): void {
    this.#bytes -= row.bytes;
    this.unlist(row);
  }

  touch(row: KeptRow): void {
    if (!row.isListed || this.#newest === row) return;
    this.unlist(row);
    this.list(row);
  }

  list(row: KeptRow): void {
    if (row.isListed) return;
    row.isListed = true;
    row.older = this.#newest;
    row.newer = null;
    if (this.#newest === null) this.#oldest = row;
    else this.#newest.newer = row;
    this.#newest = row;
  }

  unlist(row: KeptRow): void {
    if (!row.isListed) return;
    row.isListed = false;
    if (row.older === null) this.#oldest = row.newer;
    else row.older.newer = row.newer;
    if (row.newer === null) this.#newest = row.older;
    else row.newer.older = row.older;
    row.older = null;
    row.newer = null;
  }

  /** Lets the least recently used rows go until so many bytes are free; false when there were not enough. */
  free(bytes: number): boolean {
    let left = bytes;
    while (left > 0) {
      const row = this.#oldest;
      if (row === null) return false;
      left -= row.bytes;
      row.table.forget(row);
      this.remove(row);
    }
    return true;
  }
}
