/**
 * A tree of keys in memory, with the names, the checks and the results of the stored one: what find() gives can be worked on further, and a map can be put
 * into the store as a whole. Values are kept in their stored form, so a map never shares an object with its user. Without expiry and versions: those are
 * the store's. Bit sets are too.
 */
import { addedValue, appendedValue } from './change-value.ts';
import { checkLimit } from './check-limit.ts';
import { checkFilter, filterFunction, type KeyFilter } from './filters.ts';
import type { FindOptions } from './find-options.ts';
import { KeySet } from './key-set.ts';
import { checkKey, compareKeys } from './paths.ts';
import { parsePattern } from './patterns.ts';
import { type PointerEnd, PointerWay } from './pointers.ts';
import { compareStoredValues } from './value-order.ts';
import { decodeValue, encodePointer, encodeValue, type KeyValue, type StoredValue } from './values.ts';

/** There are no pages: all is here. */
export type KeyMapFindOptions = Omit<FindOptions, 'cursor'>;

type StoredEntry = readonly [key: string, value: StoredValue];

export class KeyMap implements Iterable<[string, KeyValue]> {
  #values = new Map<string, StoredValue>();
  /** In their order; null when keys have come since. */
  #sorted: string[] | null = [];

  constructor(entries: Iterable<readonly [string, unknown]> = []) {
    this.putMany(entries);
  }

  get size(): number {
    return this.#values.size;
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  /** Returns the value before; undefined when there was none. */
  put(key: string, value: unknown): KeyValue | undefined {
    checkKey(key);
    return this.#set(key, encodeValue(key, value));
  }

  /** Puts where nothing is; whether it did. */
  putNx(key: string, value: unknown): boolean {
    checkKey(key);
    const stored = encodeValue(key, value);
    if (this.#values.has(key)) return false;
    this.#set(key, stored);
    return true;
  }

  get(key: string): KeyValue | undefined {
    checkKey(key);
    return decoded(this.#values.get(key));
  }

  remove(key: string): KeyValue | undefined {
    checkKey(key);
    const old = this.#values.get(key);
    if (this.#values.delete(key)) this.#sorted = null;
    return decoded(old);
  }

  /** The number removed. */
  removeAll(pattern: string): number {
    return this.removeMany(this.findKeys(pattern));
  }

  /** All of them, or none when one cannot be put. */
  putMany(entries: Iterable<readonly [string, unknown]>): void {
    const checked = Array.from(entries, ([key, value]): StoredEntry => {
      checkKey(key);
      return [key, encodeValue(key, value)];
    });
    for (const [key, value] of checked) this.#set(key, value);
  }

  /** Of the keys that are there. */
  getMany(keys: Iterable<string>): KeyMap {
    const wanted = [...keys];
    wanted.forEach(checkKey);
    return fromStored(wanted.flatMap((key) => this.#entry(key)));
  }

  removeMany(keys: Iterable<string>): number {
    const wanted = [...keys];
    wanted.forEach(checkKey);
    const removed = wanted.filter((key) => this.#values.delete(key)).length;
    if (removed > 0) this.#sorted = null;
    return removed;
  }

  find(pattern: string, filter?: KeyFilter, options: KeyMapFindOptions = {}): KeyMap {
    return fromStored(this.#find(pattern, filter, options));
  }

  /** The same in the order asked for: a KeyMap is always in the order of its keys. */
  findEntries(pattern: string, filter?: KeyFilter, options: KeyMapFindOptions = {}): [string, KeyValue][] {
    return this.#find(pattern, filter, options).map(([key, value]) => [key, decodeValue(value)]);
  }

  findKeys(pattern: string, filter?: KeyFilter, options: KeyMapFindOptions = {}): KeySet {
    return new KeySet(this.#find(pattern, filter, options).map(([key]) => key));
  }

  count(pattern: string, filter?: KeyFilter): number {
    return this.#find(pattern, filter, {}).length;
  }

  /** Returns the new value. */
  add<N extends number | bigint>(key: string, n: N): KeyValue {
    checkKey(key);
    return this.#replace(key, addedValue(key, this.#values.get(key) ?? null, n));
  }

  append(key: string, addition: string | Uint8Array): KeyValue {
    checkKey(key);
    return this.#replace(key, appendedValue(key, this.#values.get(key) ?? null, addition));
  }

  putPointer(key: string, target: string): KeyValue | undefined {
    checkKey(key);
    return this.#set(key, encodePointer(key, target));
  }

  /** undefined: the way ends where nothing is. Throws SLUICE_POINTER_LOOP. */
  getPointer(key: string, ...subKeys: string[]): KeyValue | undefined {
    return decoded(this.#walk(key, subKeys).value ?? undefined);
  }

  /** The entries whose keys are in both, with the values of this map. */
  and(other: KeyMap): KeyMap {
    return fromStored([...this.#values].filter(([key]) => other.has(key)));
  }

  /** The entries of both; where both have a key, this map's value. */
  or(other: KeyMap): KeyMap {
    return fromStored([...other.#values, ...this.#values]);
  }

  except(other: KeyMap): KeyMap {
    return fromStored([...this.#values].filter(([key]) => !other.has(key)));
  }

  /** Entries by `compare`, or by value; equal ones by key. */
  sort(compare?: (a: [string, KeyValue], b: [string, KeyValue]) => number): [string, KeyValue][] {
    if (compare !== undefined) return [...this].sort(compare);
    return this.findEntries('*', undefined, { orderBy: 'value' });
  }

  keys(): KeySet {
    return new KeySet(this.#keys(), true);
  }

  superKeys(depth: number): KeySet {
    return this.keys().superKeys(depth);
  }

  *[Symbol.iterator](): Iterator<[string, KeyValue]> {
    for (const key of this.#keys()) yield [key, decodeValue(this.#values.get(key)!)];
  }

  #keys(): readonly string[] {
    this.#sorted ??= [...this.#values.keys()].sort(compareKeys);
    return this.#sorted;
  }

  #entry(key: string): StoredEntry[] {
    const value = this.#values.get(key);
    return value === undefined ? [] : [[key, value]];
  }

  #set(key: string, value: StoredValue): KeyValue | undefined {
    const old = this.#values.get(key);
    if (old === undefined) this.#sorted = null;
    this.#values.set(key, value);
    return decoded(old);
  }

  #replace(key: string, value: StoredValue): KeyValue {
    this.#set(key, value);
    return decodeValue(value);
  }

  #find(text: string, filter: KeyFilter | undefined, options: KeyMapFindOptions): StoredEntry[] {
    const { limit, reverse = false, orderBy = 'key', point = false } = options;
    checkLimit(limit);
    const pattern = parsePattern(text);
    const matches = filter === undefined ? () => true : filterFunction(checkFilter(filter));
    const found: StoredEntry[] = [];
    for (const key of this.#range(pattern.range)) {
      if (!pattern.matches(key)) continue;
      const value = point ? this.#walk(key, []).value : this.#values.get(key)!;
      if (value !== null && matches(value)) found.push([key, value]);
    }
    if (orderBy === 'value') found.sort(([a, x], [b, y]) => compareStoredValues(x, y) || compareKeys(a, b));
    if (reverse) found.reverse();
    return found.slice(0, limit);
  }

  #range({ from, to }: { from: string; to: string | null }): readonly string[] {
    const keys = this.#keys();
    return keys.slice(firstFrom(keys, from), to === null ? keys.length : firstFrom(keys, to));
  }

  #walk(key: string, subKeys: readonly string[]): PointerEnd {
    const way = new PointerWay(key, subKeys);
    for (;;) {
      const end = way.take(this.#values.get(way.key) ?? null);
      if (end !== null) return end;
    }
  }

  /** The map becomes this one's: nobody else is to use it. */
  static adopt(values: Map<string, StoredValue>): KeyMap {
    const map = new KeyMap();
    map.#values = values;
    map.#sorted = null;
    return map;
  }

  static fromStored(entries: Iterable<StoredEntry>): KeyMap {
    const map = new KeyMap();
    for (const [key, value] of entries) map.#set(key, value);
    return map;
  }
}

const { fromStored } = KeyMap;

function decoded(value: StoredValue | undefined): KeyValue | undefined {
  return value === undefined ? undefined : decodeValue(value);
}

/** The position of the first key that is not before `from`. */
function firstFrom(keys: readonly string[], from: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareKeys(keys[middle]!, from) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
