/**
 * The kept rows of one table, by primary key. A row that is only ever sent is held in its encoded form alone, without its values; what is asked of a row
 * decides what is held of it.
 */
import assert from 'node:assert';
import type { RowChange } from '../../stores/store.ts';
import type { StoreRow } from '../../stores/values.ts';
import { hasForm, KeptRow, MORE_BYTES, NEEDS_VALUES, PIN, ROW_BYTES, USED, valuesBytes } from './kept-row.ts';
import type { KeyValue } from './key-column.ts';
import type { RowCache } from './row-cache.ts';
import type { RowEncoder } from './row-encoder.ts';

/** A map that grows moves all its entries at once: 80 ms for a million. Several small ones grow one after the other. */
const SHARDS = 64;

function shardOf(key: KeyValue): number {
  return typeof key === 'number' ? key & (SHARDS - 1) : Number(key & BigInt(SHARDS - 1));
}

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
