/**
 * The keys of a session: a method for each operation, over session.execute(). Results are plain data in stored form (keys/values.ts): decodeValue(entry) is an
 * entry's value as it was put, textOf(entry) its text. A method answers at once where the work was done inline, and throws or rejects with a SluiceError.
 */
import type { BatchResult, Expectation } from '../keys/batch-plan.ts';
import type { BitOperator } from '../keys/bit-pieces.ts';
import type { KeyCommand, KeyResult, RedisKeyCommand, SingleKeyCommand } from '../keys/command.ts';
import type { KeyEntry } from '../keys/entries.ts';
import type { KeyFilter } from '../keys/filters.ts';
import type { FindOptions } from '../keys/find-options.ts';
import type { FoundPage } from '../keys/find-plans.ts';
import type { KeyPage, KeySetQuery } from '../keys/key-set-plans.ts';
import type { PointerEnd } from '../keys/pointers.ts';
import { encodeValue, type StoredValue } from '../keys/values.ts';
import type { PutOptions, PutResult } from '../keys/write-plans.ts';
import type { Outcome, Session } from './request.ts';

/** Values as they are put: see KeyValue. encodeValue() throws what cannot be stored. */
export type Answer<Result> = Result | Promise<Result>;

export class SessionKeys {
  readonly #session: Pick<Session, 'execute'>;

  constructor(session: Pick<Session, 'execute'>) {
    this.#session = session;
  }

  /** Any command, also those that have no method here. */
  run<Command extends KeyCommand>(command: Command): Answer<KeyResult<Command['op']>> {
    const outcome = this.#session.execute({ kind: 'keys', command });
    return outcome instanceof Promise ? outcome.then(resultOf<Command>) : resultOf<Command>(outcome);
  }

  put(key: string, value: unknown, options: PutOptions = {}): Answer<PutResult> {
    return this.run({ op: 'put', key, value: encodeValue(key, value), options });
  }

  /** All or none. Of keys given twice the last counts. */
  putMany(
    entries: Iterable<readonly [string, unknown]>,
    options: Pick<PutOptions, 'ttl' | 'expiresAt'> = {},
  ): Answer<void> {
    const stored = Array.from(entries, ([key, value]) => [key, encodeValue(key, value)] as const);
    return this.run({ op: 'putMany', entries: stored, options });
  }

  getEntry(key: string): Answer<KeyEntry | null> {
    return this.run({ op: 'getEntry', key });
  }

  /** Those that are there, in the order of the keys given. */
  getMany(keys: Iterable<string>): Answer<Map<string, KeyEntry>> {
    return this.run({ op: 'getMany', keys: [...keys] });
  }

  /** What was there. */
  remove(key: string): Answer<KeyEntry | null> {
    return this.run({ op: 'remove', key });
  }

  /** The number removed. */
  removeMany(keys: Iterable<string>): Answer<number> {
    return this.run({ op: 'removeMany', keys: [...keys] });
  }

  removeAll(pattern: string): Answer<number> {
    return this.run({ op: 'removeAll', pattern });
  }

  /** A page of entries, in the order of their keys. Without a limit all of them at once. */
  find(pattern: string, filter?: KeyFilter, options: FindOptions = {}): Answer<FoundPage> {
    return this.run({ op: 'find', pattern, filter, options });
  }

  findKeys(query: KeySetQuery, options: Pick<FindOptions, 'limit' | 'cursor' | 'reverse'> = {}): Answer<KeyPage> {
    return this.run({ op: 'findKeys', query, options });
  }

  count(pattern: string, filter?: KeyFilter): Answer<number> {
    return this.run({ op: 'count', pattern, filter });
  }

  countKeys(query: KeySetQuery): Answer<number> {
    return this.run({ op: 'countKeys', query });
  }

  /** The new value: a number or a bigint. */
  add(key: string, n: number | bigint): Answer<StoredValue> {
    return this.run({ op: 'add', key, n });
  }

  /** The new value: a string or bytes. */
  append(key: string, addition: string | Uint8Array): Answer<StoredValue> {
    return this.run({ op: 'append', key, addition });
  }

  /** `expiresAt`: milliseconds since 1970; null: never. Whether there was such a key. A time that has passed removes it. */
  expire(key: string, expiresAt: number | null): Answer<boolean> {
    return this.run({ op: 'expire', key, expiresAt });
  }

  /** The bit before. */
  setBit(key: string, bit: number, value: 0 | 1): Answer<0 | 1> {
    return this.run({ op: 'setBit', key, bit, value });
  }

  getBit(key: string, bit: number): Answer<0 | 1> {
    return this.run({ op: 'getBit', key, bit });
  }

  /** The ones from bit `from` up to (not including) `to`. */
  bitCount(key: string, from?: number, to?: number): Answer<number> {
    return this.run({
      op: 'bitCount',
      key,
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
    });
  }

  /** The length of `target` in bytes; 0: it is no more. */
  bitOp(operator: BitOperator, target: string, sources: readonly string[]): Answer<number> {
    return this.run({ op: 'bitOp', operator, target, sources });
  }

  /** Of a bit set, a string, bytes; null: nothing is there. */
  getBytes(key: string): Answer<Uint8Array | null> {
    return this.run({ op: 'getBytes', key });
  }

  putPointer(key: string, target: string, options: PutOptions = {}): Answer<PutResult> {
    return this.run({ op: 'putPointer', key, target, options });
  }

  getPointer(key: string, ...subKeys: string[]): Answer<PointerEnd> {
    return this.run({ op: 'getPointer', key, subKeys });
  }

  /** See keys/batch-plan.ts. */
  batch(
    commands: readonly (SingleKeyCommand | RedisKeyCommand)[],
    atomic: 'all' | 'each',
    expect: readonly Expectation[] = [],
  ): Answer<BatchResult> {
    return this.run({ op: 'batch', commands, atomic, expect });
  }
}

function resultOf<Command extends KeyCommand>(outcome: Outcome): KeyResult<Command['op']> {
  if (outcome.kind !== 'keys') throw new TypeError(`a key command gave '${outcome.kind}'`);
  return outcome.result as KeyResult<Command['op']>;
}
