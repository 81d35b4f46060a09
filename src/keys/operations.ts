/**
 * Every operation on keys by its name: the fields of its command (plain data: it crosses processes), and how it becomes a plan. A new operation is a file with
 * its plan and one line here; everything else (KeyCommand, KeyResult, the gate, SessionKeys.run) follows from the line.
 *
 * Results are plain data too. Values go in and come out in stored form (values.ts): encodeValue() has checked what goes in.
 */
import type { BitOperator } from './bit-pieces.ts';
import { planBitCount, planBitOp, planGetBit, planGetBytes, planSetBit } from './bit-plans.ts';
import type { KeyFilter } from './filters.ts';
import type { FindOptions } from './find-options.ts';
import { planCount, planFind } from './find-plans.ts';
import { type KeySetQuery, planCountKeys, planFindKeys } from './key-set-plans.ts';
import { operation, writing } from './operation.ts';
import { planGetEntry, planGetMany, planGetPointer } from './read-plans.ts';
import { encodePointer, type StoredValue } from './values.ts';
import {
  type PutOptions,
  planAdd,
  planAppend,
  planExpire,
  planPut,
  planPutMany,
  planRemove,
  planRemoveAll,
  planRemoveMany,
} from './write-plans.ts';

export interface OneKey {
  readonly key: string;
}

export interface OfPattern {
  readonly pattern: string;
  readonly filter?: KeyFilter | undefined;
}

export const OPERATIONS = {
  put: writing((c: OneKey & { value: StoredValue; options?: PutOptions }, now) =>
    planPut(c.key, c.value, c.options ?? {}, now),
  ),
  putMany: writing(
    (
      c: {
        readonly entries: readonly (readonly [string, StoredValue])[];
        readonly options?: Pick<PutOptions, 'ttl' | 'expiresAt'>;
      },
      now,
    ) => planPutMany(c.entries, c.options ?? {}, now),
  ),
  putPointer: writing((c: OneKey & { readonly target: string; readonly options?: PutOptions }, now) =>
    planPut(c.key, encodePointer(c.key, c.target), c.options ?? {}, now),
  ),
  getEntry: operation((c: OneKey, now) => planGetEntry(c.key, now)),
  getMany: operation((c: { readonly keys: readonly string[] }, now) => planGetMany(c.keys, now)),
  getPointer: operation((c: OneKey & { readonly subKeys: readonly string[] }, now) =>
    planGetPointer(c.key, c.subKeys, now),
  ),
  remove: writing((c: OneKey, now) => planRemove(c.key, now)),
  removeMany: writing((c: { readonly keys: readonly string[] }, now) => planRemoveMany(c.keys, now)),
  removeAll: writing((c: { readonly pattern: string }, now) => planRemoveAll(c.pattern, now)),
  find: operation((c: OfPattern & { readonly options?: FindOptions }, now) =>
    planFind(c.pattern, c.filter, c.options ?? {}, now),
  ),
  findKeys: operation(
    (c: { readonly query: KeySetQuery; readonly options?: Pick<FindOptions, 'limit' | 'cursor' | 'reverse'> }, now) =>
      planFindKeys(c.query, c.options ?? {}, now),
  ),
  count: operation((c: OfPattern, now) => planCount(c.pattern, c.filter, now)),
  countKeys: operation((c: { readonly query: KeySetQuery }, now) => planCountKeys(c.query, now)),
  add: writing((c: OneKey & { readonly n: number | bigint }, now) => planAdd(c.key, c.n, now)),
  append: writing((c: OneKey & { readonly addition: string | Uint8Array }, now) => planAppend(c.key, c.addition, now)),
  /** expiresAt: milliseconds since 1970; null: never. */
  expire: writing((c: OneKey & { readonly expiresAt: number | null }, now) => planExpire(c.key, c.expiresAt, now)),
  setBit: writing((c: OneKey & { readonly bit: number; readonly value: 0 | 1 }, now) =>
    planSetBit(c.key, c.bit, c.value, now),
  ),
  getBit: operation((c: OneKey & { readonly bit: number }, now) => planGetBit(c.key, c.bit, now)),
  /** The bits from `from` up to (not including) `to`. */
  bitCount: operation((c: OneKey & { readonly from?: number; readonly to?: number }, now) =>
    planBitCount(c.key, now, c.from, c.to),
  ),
  bitOp: writing(
    (c: { readonly operator: BitOperator; readonly target: string; readonly sources: readonly string[] }, now) =>
      planBitOp(c.operator, c.target, c.sources, now),
  ),
  getBytes: operation((c: OneKey, now) => planGetBytes(c.key, now)),
};
