/**
 * The keys of an embedded database: every operation with values as they are in JavaScript. Operations of one object run one after the other, in one session,
 * which a transaction is a part of; `connect()` gives others.
 */
import { failure } from '../errors.ts';
import type { BitOperator } from '../keys/bit-pieces.ts';
import type { KeyCommand, KeyResult } from '../keys/command.ts';
import { checkType, type ExpectedType, type ValueByType } from '../keys/expected-type.ts';
import type { KeyFilter } from '../keys/filters.ts';
import type { FindOptions } from '../keys/find-options.ts';
import { KeyMap } from '../keys/key-map.ts';
import { KeySet } from '../keys/key-set.ts';
import type { KeySetQuery } from '../keys/key-set-plans.ts';
import { decodeValue, encodeValue, type KeyValue } from '../keys/values.ts';
import type { PutOptions } from '../keys/write-plans.ts';
import { type Entry, entryOf, type KeysHost } from './embedded-entry.ts';
import { KeyFind } from './embedded-find.ts';
import { KeyWatch } from './embedded-watch.ts';
import { SessionKeys } from './session-keys.ts';

export class Keys {
  readonly #host: KeysHost;
  readonly #keys: SessionKeys;

  constructor(host: KeysHost) {
    this.#host = host;
    this.#keys = new SessionKeys(host.session);
  }

  /** Any command in its plain form. */
  command<Command extends KeyCommand>(command: Command): Promise<KeyResult<Command['op']>> {
    return this.#host.run(() => this.#keys.run(command));
  }

  /** The value before; undefined: there was none. With a condition that does not hold nothing is put: see putEntry(). `ttl` in milliseconds. */
  async put(key: string, value: unknown, options: PutOptions = {}): Promise<KeyValue | undefined> {
    return (await this.putEntry(key, value, options)).previous?.value;
  }

  /** `done`: whether the conditions held. */
  async putEntry(
    key: string,
    value: unknown,
    options: PutOptions = {},
  ): Promise<{ readonly done: boolean; readonly previous: Entry | null }> {
    // Encoded now: what the caller does to the value afterwards is not put.
    const stored = encodeValue(key, value);
    const { done, previous } = await this.command({ op: 'put', key, value: stored, options });
    return { done, previous: previous === null ? null : entryOf(previous) };
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
    const entry = await this.command({ op: 'getEntry', key });
    if (entry === null) return undefined;
    checkType(key, entry.type, type);
    return decodeValue(entry) as ValueByType[Type];
  }

  async getEntry(key: string): Promise<Entry | null> {
    const entry = await this.command({ op: 'getEntry', key });
    return entry === null ? null : entryOf(entry);
  }

  /** The value that was there. */
  async remove(key: string): Promise<KeyValue | undefined> {
    const entry = await this.command({ op: 'remove', key });
    return entry === null ? undefined : decodeValue(entry);
  }

  /** The number removed. */
  removeAll(pattern: string): Promise<number> {
    return this.command({ op: 'removeAll', pattern });
  }

  /** All or none. A KeyMap, a Map, or pairs; of keys given twice the last counts. */
  putMany(
    entries: Iterable<readonly [string, unknown]>,
    options: Pick<PutOptions, 'ttl' | 'expiresAt'> = {},
  ): Promise<void> {
    return this.#host.run(() => this.#keys.putMany(entries, options));
  }

  /** Those that are there. */
  async getMany(keys: Iterable<string>): Promise<KeyMap> {
    return KeyMap.adopt(await this.command({ op: 'getMany', keys: [...keys] }));
  }

  removeMany(keys: Iterable<string>): Promise<number> {
    return this.command({ op: 'removeMany', keys: [...keys] });
  }

  /** All from one snapshot: as a page, a KeyMap, a list, or one by one. */
  find(pattern: string, filter?: KeyFilter, options: FindOptions = {}): KeyFind {
    return new KeyFind(this.#host, { op: 'find', pattern, filter, options });
  }

  /** Worked out in the store: "users older than 18 whose name contains li" is `and` of two finds with superKeys 2. */
  async findKeys(query: KeySetQuery | string, filter?: KeyFilter): Promise<KeySet> {
    const { keys } = await this.command({ op: 'findKeys', query: setOf(query, filter) });
    return new KeySet(keys, true);
  }

  /** A page of it, with the cursor of the next one. */
  findKeysPage(
    query: KeySetQuery,
    options: Pick<FindOptions, 'limit' | 'cursor' | 'reverse'>,
  ): Promise<{ readonly keys: readonly string[]; readonly cursor: string | null }> {
    return this.command({ op: 'findKeys', query, options });
  }

  count(pattern: string, filter?: KeyFilter): Promise<number> {
    return this.command({ op: 'count', pattern, filter });
  }

  countKeys(query: KeySetQuery): Promise<number> {
    return this.command({ op: 'countKeys', query });
  }

  /** The new value. A wrong type is an error. */
  async add<N extends number | bigint>(key: string, n: N): Promise<number | bigint> {
    return decodeValue(await this.command({ op: 'add', key, n })) as number | bigint;
  }

  /** The new value. */
  async append<T extends string | Uint8Array>(key: string, addition: T): Promise<string | Uint8Array> {
    return decodeValue(await this.command({ op: 'append', key, addition })) as string | Uint8Array;
  }

  /** `at`: null for never. Whether there is such a key. */
  expire(key: string, at: Date | number | null): Promise<boolean> {
    return this.command({ op: 'expire', key, expiresAt: at instanceof Date ? at.getTime() : at });
  }

  /** The bit before. */
  setBit(key: string, bit: number, value: 0 | 1 = 1): Promise<0 | 1> {
    return this.command({ op: 'setBit', key, bit, value });
  }

  getBit(key: string, bit: number): Promise<0 | 1> {
    return this.command({ op: 'getBit', key, bit });
  }

  /** The ones from bit `from` up to (not including) `to`. */
  bitCount(key: string, from?: number, to?: number): Promise<number> {
    return this.#host.run(() => this.#keys.bitCount(key, from, to));
  }

  /** Puts what the sets of `sources` have in common into `target`; the length in bytes. andnot: the first one's bits that are in none of the others. */
  bitOp(operator: BitOperator, target: string, ...sources: string[]): Promise<number> {
    return this.command({ op: 'bitOp', operator, target, sources });
  }

  /** Of a bit set, a string, bytes. */
  getBytes(key: string): Promise<Uint8Array | null> {
    return this.command({ op: 'getBytes', key });
  }

  /** The value before. */
  async putPointer(key: string, target: string, options: PutOptions = {}): Promise<KeyValue | undefined> {
    const { previous } = await this.command({ op: 'putPointer', key, target, options });
    return previous === null ? undefined : decodeValue(previous);
  }

  /** undefined: the way ends where nothing is. A circle is an error that shows it. */
  async getPointer(key: string, ...subKeys: string[]): Promise<KeyValue | undefined> {
    const { value } = await this.command({ op: 'getPointer', key, subKeys });
    return value === null ? undefined : decodeValue(value);
  }

  /**
   * Runs `work` in a serializable transaction: committed when it resolves, rolled back when it rejects. SQL of the same connection is part of it. A failure
   * that is `retryable` (others changed what it has read) is the caller's to retry.
   */
  transaction<Result>(work: (tx: Keys) => Promise<Result>): Promise<Result> {
    return this.#host.transaction(() => work(this));
  }

  /**
   * The changes to the keys of a pattern, in order, for `for await`. Goes on from the message with the number `from`. A consumer that falls too far behind
   * gets the event `reset`: what it knows, it must read again.
   */
  watch(pattern: string, options: { readonly from?: number } = {}): KeyWatch {
    return new KeyWatch(this.#host.session.watchKeys(pattern, options.from ?? null));
  }
}

function setOf(query: KeySetQuery | string, filter: KeyFilter | undefined): KeySetQuery {
  if (typeof query === 'string') return { find: query, ...(filter !== undefined && { filter }) };
  if (filter !== undefined) throw failure('ER_BAD_PARAMETER', 'findKeys: the filter of a set stands in it');
  return query;
}
