/** Every operation on keys, with the names, arguments and results that the embedded `open(dir).keys` has. Where they run is the subclass's business. */
import { checkType, type ExpectedType, type ValueByType } from '../src/keys/expected-type.ts';
import type { KeyFilter } from '../src/keys/filters.ts';
import type { FindOptions } from '../src/keys/find-options.ts';
import { KeyMap } from '../src/keys/key-map.ts';
import { KeySet } from '../src/keys/key-set.ts';
import type { KeyValue } from '../src/keys/values.ts';
import { readWire } from '../src/keys/wire-json.ts';
import { KeyFind, type RunOperation } from './key-find.ts';
import {
  type Entry,
  entriesText,
  entryOf,
  filterText,
  jsonValue,
  type KeySetQuery,
  maybeEntryOf,
  operationJson,
  queryText,
  valueText,
} from './key-json.ts';
import type { Transport } from './transport.ts';

export interface ExpiryOptions {
  /** Milliseconds from now. */
  readonly ttl?: number;
  /** Milliseconds since 1970. */
  readonly expiresAt?: number;
}

export interface PutOptions extends ExpiryOptions {
  /** It expires when the old one would have. */
  readonly keepTtl?: boolean;
  readonly ifAbsent?: boolean;
  readonly ifPresent?: boolean;
  /** The entry's version must be this one; 0: there must be none. */
  readonly ifVersion?: number;
}

export interface KeyPage {
  readonly keys: readonly string[];
  readonly cursor: string | null;
}

interface PutAnswer {
  readonly done: boolean;
  readonly previous: Entry | null;
}

export class KeyOperations {
  readonly #run: RunOperation;
  readonly #streams: Transport | null;

  /** `streams`: what finds are read from as they come; null where that cannot be. */
  constructor(run: RunOperation, streams: Transport | null) {
    this.#run = run;
    this.#streams = streams;
  }

  /** The value before; undefined: there was none. With a condition that does not hold nothing is put: see putEntry(). */
  async put(key: string, value: unknown, options: PutOptions = {}): Promise<KeyValue | undefined> {
    return (await this.putEntry(key, value, options)).previous?.value;
  }

  /** `done`: whether the conditions held. */
  async putEntry(key: string, value: unknown, options: PutOptions = {}): Promise<PutAnswer> {
    // Written now: what the caller does to the value afterwards is not put.
    const operation = operationJson('put', { key, ...options }, { value: valueText(key, value) });
    const { done, previous } = await this.#run<PutAnswer>(operation);
    return { done, previous: maybeEntryOf(previous) };
  }

  /** Puts where nothing is; whether it did. */
  async putNx(key: string, value: unknown, options: Omit<PutOptions, 'ifAbsent'> = {}): Promise<boolean> {
    return (await this.putEntry(key, value, { ...options, ifAbsent: true })).done;
  }

  /** `type`: what the value must be; another one is an error. */
  async get<Type extends ExpectedType = ExpectedType>(
    key: string,
    type?: Type,
  ): Promise<ValueByType[Type] | undefined> {
    const entry = await this.#run<Entry | null>(operationJson('getEntry', { key }));
    if (entry === null) return undefined;
    checkType(key, entry.type, type);
    return readWire(entry.value) as ValueByType[Type];
  }

  async getEntry(key: string): Promise<Entry | null> {
    return maybeEntryOf(await this.#run(operationJson('getEntry', { key })));
  }

  /** The value that was there. */
  async remove(key: string): Promise<KeyValue | undefined> {
    return jsonValue(await this.#run(operationJson('remove', { key })));
  }

  /** The number removed. */
  removeAll(pattern: string): Promise<number> {
    return this.#run(operationJson('removeAll', { pattern }));
  }

  /** All or none. A KeyMap, a Map, or pairs; of keys given twice the last counts. */
  async putMany(entries: Iterable<readonly [string, unknown]>, options: ExpiryOptions = {}): Promise<void> {
    await this.#run(operationJson('putMany', options, { entries: entriesText(entries) }));
  }

  /** Those that are there. */
  async getMany(keys: Iterable<string>): Promise<KeyMap> {
    const entries = await this.#run<Entry[]>(operationJson('getMany', { keys: [...keys] }));
    return new KeyMap(entries.map(entryOf).map(({ key, value }) => [key, value] as const));
  }

  async removeMany(keys: Iterable<string>): Promise<number> {
    return await this.#run(operationJson('removeMany', { keys: [...keys] }));
  }

  /** All from one snapshot: as a page, a KeyMap, a list, or one by one. */
  find(pattern: string, filter?: KeyFilter, options: FindOptions = {}): KeyFind {
    return new KeyFind(this.#run, this.#streams, pattern, filter, options);
  }

  /** Worked out by the server: "users older than 18 whose name contains li" is `and` of two finds with superKeys 2. */
  async findKeys(query: KeySetQuery | string, filter?: KeyFilter): Promise<KeySet> {
    return new KeySet((await this.findKeysPage(setOf(query, filter))).keys, true);
  }

  /** A page of it, with the cursor of the next one. */
  async findKeysPage(
    query: KeySetQuery,
    options: Pick<FindOptions, 'limit' | 'cursor' | 'reverse'> = {},
  ): Promise<KeyPage> {
    return await this.#run(operationJson('findKeys', options, { query: queryText(query) }));
  }

  async count(pattern: string, filter?: KeyFilter): Promise<number> {
    return await this.#run(operationJson('count', { pattern }, { filter: filterText(filter) }));
  }

  async countKeys(query: KeySetQuery): Promise<number> {
    return await this.#run(operationJson('countKeys', {}, { query: queryText(query) }));
  }

  /** The new value. A wrong type is an error. */
  async add(key: string, n: number | bigint): Promise<number | bigint> {
    return readWire(await this.#run(operationJson('add', { key }, { n: valueText(key, n) }))) as number | bigint;
  }

  /** The new value. */
  async append(key: string, addition: string | Uint8Array): Promise<string | Uint8Array> {
    const operation = operationJson('append', { key }, { addition: valueText(key, addition) });
    return readWire(await this.#run(operation)) as string | Uint8Array;
  }

  /** `at`: null for never. Whether there is such a key. */
  expire(key: string, at: Date | number | null): Promise<boolean> {
    return this.#run(operationJson('expire', { key, expiresAt: at instanceof Date ? at.getTime() : at }));
  }

  /** The bit before. */
  setBit(key: string, bit: number, value: 0 | 1 = 1): Promise<0 | 1> {
    return this.#run(operationJson('setBit', { key, bit, value }));
  }

  getBit(key: string, bit: number): Promise<0 | 1> {
    return this.#run(operationJson('getBit', { key, bit }));
  }

  /** The ones from bit `from` up to (not including) `to`. */
  bitCount(key: string, from?: number, to?: number): Promise<number> {
    return this.#run(operationJson('bitCount', { key, from, to }));
  }

  /** Puts what the sets of `sources` have in common into `target`; the length in bytes. andnot: the first one's bits that are in none of the others. */
  bitOp(operator: 'and' | 'or' | 'xor' | 'andnot', target: string, ...sources: string[]): Promise<number> {
    return this.#run(operationJson('bitOp', { operator, target, sources }));
  }

  /** Of a bit set, a string, bytes. */
  async getBytes(key: string): Promise<Uint8Array | null> {
    return readWire(await this.#run(operationJson('getBytes', { key }))) as Uint8Array | null;
  }

  /** The value before. */
  async putPointer(key: string, target: string, options: PutOptions = {}): Promise<KeyValue | undefined> {
    return jsonValue((await this.#run<PutAnswer>(operationJson('putPointer', { key, target, ...options }))).previous);
  }

  /** undefined: the way ends where nothing is. A circle is an error that shows it. */
  async getPointer(key: string, ...subKeys: string[]): Promise<KeyValue | undefined> {
    const end = await this.#run<{ dangling: boolean; value: unknown }>(operationJson('getPointer', { key, subKeys }));
    return end.dangling ? undefined : readWire(end.value);
  }
}

function setOf(query: KeySetQuery | string, filter: KeyFilter | undefined): KeySetQuery {
  if (typeof query === 'string') return { find: query, filter };
  if (filter !== undefined) throw new TypeError('findKeys: the filter of a set stands in it');
  return query;
}
