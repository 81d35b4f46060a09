/**
 * Rows by primary key, shared by all kept lists, with what each protocol has made of them: a hit sends what is ready. Kept up to date with each commit.
 * A row that is only ever sent is held in its encoded form alone, without its values. Rows that windows hold stay; of the others those go that were not
 * used lately, when the memory is needed.
 */
import assert from 'node:assert';
import type { RowChange } from '../../stores/store.ts';
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
const MORE_BYTES = 250;

// #state: a bit each, and above them the number of windows that hold the row.
const USED = 1;
const NEEDS_VALUES = 2;
const PIN = 4;

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

  get isPinned(): boolean {
    return this.state >= PIN;
  }
}

/** What a string takes: one byte a character, or two when any of them is above U+00FF. */
export function textBytes(text: string): number {
  return BEYOND_LATIN1.test(text) ? text.length * 2 : text.length;
}

const BEYOND_LATIN1 = /[^\0-\xff]/;

function hasForm(kept: KeptRow, encoder: RowEncoder<unknown>): boolean {
  return kept.encoder === encoder || kept.more?.has(encoder) === true;
}

function valuesBytes(row: StoreRow | null): number {
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

/** A map that grows moves all its entries at once: 80 ms for a million. Several small ones grow one after the other. */
const SHARDS = 64;

function shardOf(key: KeyValue): number {
  return typeof key === 'number' ? key & (SHARDS - 1) : Number(key & BigInt(SHARDS - 1));
}

/** The kept rows of one table. */
export class RowsOfTable {
  readonly #cache: RowCache;
  readonly #shards = Array.from({ length: SHARDS }, () => new Map<KeyValue, KeptRow>());
  #size = 0;
  #bytes = 0;
  /** False: the table was dropped or wholly changed; rows that windows still hold belong to nothing. */
  isCurrent = true;

  constructor(cache: RowCache) {
    this.#cache = cache;
    cache.addTable(this);
  }

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: KeyValue): KeptRow | undefined {
    return this.#shards[shardOf(key)]!.get(key);
  }

  /** What a protocol sends for the row, which counts as used then; undefined: it must be read. */
  encoded<E>(key: KeyValue, encoder: RowEncoder<E>): E | undefined {
    const kept = this.#shards[shardOf(key)]!.get(key);
    if (kept === undefined) return undefined;
    if ((kept.state & USED) === 0) kept.state |= USED;
    return kept.encoder === encoder ? (kept.encoded as E) : this.#otherForm(kept, encoder);
  }

  /** Of a row whose values are kept. */
  encodedRow<E>(kept: KeptRow, encoder: RowEncoder<E>): E {
    const encoded = kept.encoder === encoder ? (kept.encoded as E) : this.#otherForm(kept, encoder);
    assert.ok(encoded !== undefined, 'the values of the row are kept');
    return encoded;
  }

  #otherForm<E>(kept: KeptRow, encoder: RowEncoder<E>): E | undefined {
    const known = kept.more?.get(encoder);
    if (known !== undefined) return known as E;
    if (kept.values === null) return undefined;
    const encoded = encoder.encode(kept.values);
    this.#addForm(kept, encoder, encoded);
    this.#slim(kept);
    return encoded;
  }

  /** The row with its values, and it counts as used; undefined: it must be read. Its values are kept from now on. */
  useValues(key: KeyValue): KeptRow | undefined {
    const kept = this.get(key);
    if (kept === undefined) return undefined;
    kept.state |= USED | NEEDS_VALUES;
    return kept.values === null ? undefined : kept;
  }

  /** A row as the store has it at the sequence up to which the cache is kept. */
  put(key: KeyValue, row: StoreRow): KeptRow {
    const kept = this.get(key) ?? this.#add(key);
    kept.state |= NEEDS_VALUES;
    if (kept.values === null) {
      kept.values = row;
      this.#account(kept, valuesBytes(row));
    }
    return kept;
  }

  /** The same, where nothing but this form is needed. */
  putEncoded<E>(key: KeyValue, encoder: RowEncoder<E>, encoded: E): void {
    const kept = this.get(key) ?? this.#add(key);
    if (hasForm(kept, encoder)) return;
    this.#addForm(kept, encoder, encoded);
    this.#slim(kept);
  }

  has(key: KeyValue, encoder: RowEncoder<unknown>): boolean {
    const kept = this.get(key);
    return kept !== undefined && hasForm(kept, encoder);
  }

  /** The same, of a row that nobody has asked for: it does not count as used. */
  warm<E>(key: KeyValue, encoder: RowEncoder<E>, encoded: E): void {
    if (this.get(key) === undefined) this.#add(key).state = 0;
    this.putEncoded(key, encoder, encoded);
  }

  /** An update drops what was made of the row. The values that it brings are kept until something is made of them. */
  apply(change: RowChange): void {
    const kept = this.get(change.key[0] as KeyValue);
    if (kept === undefined) return;
    // Neither needed nor asked for since the last update: it can be read again.
    const isIdle = (kept.state & ~NEEDS_VALUES) === 0;
    if (change.after === null || isIdle) {
      this.#remove(kept);
      return;
    }
    if (!kept.isPinned) kept.state &= ~USED;
    kept.values = change.after;
    kept.encoder = null;
    kept.encoded = undefined;
    kept.more = null;
    this.#account(kept, ROW_BYTES + valuesBytes(change.after) - kept.bytes);
  }

  pin(kept: KeptRow): void {
    kept.state += PIN;
  }

  unpin(kept: KeptRow): void {
    kept.state -= PIN;
    if (kept.isPinned) return;
    kept.state &= ~NEEDS_VALUES;
    if (this.get(kept.key) === kept) this.#slim(kept);
  }

  /** All of them. */
  drop(): void {
    this.isCurrent = false;
    this.#cache.removeTable(this);
    for (const shard of this.#shards) shard.clear();
    this.#size = 0;
    this.#count(-this.#bytes);
  }

  /** Each row in turn, again and again. A row that is removed is not met any more. */
  *round(): Generator<KeptRow, void, undefined> {
    for (const shard of this.#shards) yield* shard.values();
  }

  /** It counts as unused until it is used again. */
  age(kept: KeptRow): void {
    kept.state &= ~(USED | NEEDS_VALUES);
    this.#slim(kept);
  }

  evict(kept: KeptRow): void {
    this.#remove(kept);
  }

  #add(key: KeyValue): KeptRow {
    const kept = new KeptRow(key);
    this.#shards[shardOf(key)]!.set(key, kept);
    this.#size++;
    this.#count(kept.bytes);
    return kept;
  }

  #remove(kept: KeptRow): void {
    if (!this.#shards[shardOf(kept.key)]!.delete(kept.key)) return;
    this.#size--;
    this.#count(-kept.bytes);
  }

  #addForm<E>(kept: KeptRow, encoder: RowEncoder<E>, encoded: E): void {
    let bytes = encoder.bytesOf(encoded);
    if (kept.encoder === null) {
      kept.encoder = encoder as RowEncoder<unknown>;
      kept.encoded = encoded;
    } else {
      kept.more ??= new Map();
      kept.more.set(encoder as RowEncoder<unknown>, encoded);
      bytes += MORE_BYTES;
    }
    this.#account(kept, bytes);
  }

  /** Lets the values go of a row that was made ready, if nothing needs them. */
  #slim(kept: KeptRow): void {
    if (kept.encoder === null || kept.values === null || (kept.state & NEEDS_VALUES) !== 0 || kept.isPinned) return;
    this.#account(kept, -valuesBytes(kept.values));
    kept.values = null;
  }

  /** A row that is gone already may still be held, and sent, by whoever was about to. */
  #account(kept: KeptRow, bytes: number): void {
    kept.bytes += bytes;
    if (this.get(kept.key) === kept) this.#count(bytes);
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.#cache.account(bytes);
  }
}

/** Rows that were used get a second chance; after so many of them in a row, the next one goes whether or not it was. */
const CHANCES_MAX = 32;
/** Pinned rows that are passed over in vain, in all: about a millisecond. */
const PINNED_PASSED_MAX = 20_000;

export class RowCache {
  #bytes = 0;
  #tables: RowsOfTable[] = [];
  /** Where the search for rows to let go is: the table, and the rows in it still to come. */
  #at = 0;
  #coming: Iterator<KeptRow, void> | null = null;

  /** Of all rows, those that windows hold included. */
  get bytes(): number {
    return this.#bytes;
  }

  account(bytes: number): void {
    this.#bytes += bytes;
  }

  addTable(table: RowsOfTable): void {
    this.#tables.push(table);
  }

  removeTable(table: RowsOfTable): void {
    this.#tables = this.#tables.filter((other) => other !== table);
    this.#at = 0;
    this.#coming = null;
  }

  /**
   * Lets rows go until so many bytes are free, those that were not used since the search last came by; false when there were not enough. The search goes
   * on where it ended: no order of use has to be kept up with each hit.
   */
  free(bytes: number): boolean {
    const enough = this.#bytes - bytes;
    let chances = 0;
    let pinned = 0;
    let ends = 0;
    while (this.#bytes > enough) {
      const table = this.#tables[this.#at];
      if (table === undefined) return false;
      this.#coming ??= table.round();
      const { value: kept } = this.#coming.next();
      if (kept === undefined) {
        this.#coming = null;
        this.#at = (this.#at + 1) % this.#tables.length;
        // Twice round: the first time may only take chances away.
        if (++ends > 2 * this.#tables.length) return false;
      } else if (kept.isPinned) {
        if (++pinned > PINNED_PASSED_MAX) return false;
      } else if ((kept.state & USED) !== 0 && chances < CHANCES_MAX) {
        table.age(kept);
        chances++;
      } else {
        chances = 0;
        table.evict(kept);
      }
    }
    return true;
  }
}
