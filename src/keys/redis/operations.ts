/** What Redis' commands ask of the tree: see node.ts for what they take it for. Fields of each are plain data, and so are the results. */
import { operation, writing } from '../operation.ts';
import type { StoredValue } from '../values.ts';
import * as bits from './bit-plans.ts';
import * as hashes from './hash-plans.ts';
import * as keys from './key-plans.ts';
import type { Reach } from './node.ts';
import * as scans from './scan-plans.ts';
import * as strings from './string-plans.ts';

export interface OfKey {
  readonly key: string;
}

export interface OfKeys {
  readonly keys: readonly string[];
}

/** far, unless it is said: in the front a read asks near first. */
export interface Reading {
  readonly reach?: Reach;
}

const reach = (command: Reading): Reach => command.reach ?? 'far';

export const REDIS_OPERATIONS = {
  redisGet: operation((c: OfKey & Reading, now) => strings.planGetString(c.key, now, reach(c))),
  redisMget: operation((c: OfKeys & Reading, now) => strings.planGetStrings(c.keys, now, reach(c))),
  redisSet: writing((c: OfKey & { readonly value: StoredValue; readonly options: strings.SetOptions }, now) =>
    strings.planSetString(c.key, c.value, c.options, now),
  ),
  redisMset: writing(
    (c: { readonly entries: readonly (readonly [string, StoredValue])[]; readonly ifAbsent: boolean }, now) =>
      strings.planSetStrings(c.entries, c.ifAbsent, now),
  ),
  redisTake: writing((c: OfKey & { readonly expiry: strings.Expiry | 'remove' }, now) =>
    strings.planTakeString(c.key, c.expiry, now),
  ),
  redisAppend: writing((c: OfKey & { readonly addition: Uint8Array }, now) =>
    strings.planAppendText(c.key, c.addition, now),
  ),
  redisSetRange: writing((c: OfKey & { readonly offset: number; readonly part: Uint8Array }, now) =>
    strings.planSetRange(c.key, c.offset, c.part, now),
  ),
  redisAdd: writing((c: OfKey & { readonly by: bigint }, now) => strings.planAddInteger(c.key, c.by, now)),
  redisAddDecimal: writing((c: OfKey & { readonly by: string }, now) => strings.planAddDecimal(c.key, c.by, now)),

  redisType: operation((c: OfKey & Reading, now) => keys.planKind(c.key, now, reach(c))),
  redisExist: operation((c: OfKeys & Reading, now) => keys.planExist(c.keys, now, reach(c))),
  redisExpiry: operation((c: OfKey & Reading, now) =>
    c.reach === 'near' ? keys.planNearExpiry(c.key, now) : keys.planExpiry(c.key, now),
  ),
  redisRemove: writing((c: OfKeys, now) => keys.planRemoveKeys(c.keys, now)),
  redisExpire: writing(
    (
      c: OfKey & {
        readonly time: { readonly at: number } | { readonly ttlMs: number } | null;
        readonly conditions: readonly keys.ExpireCondition[];
      },
      now,
    ) => keys.planExpireKey(c.key, c.time, c.conditions, now),
  ),
  redisRename: writing((c: OfKey & { readonly to: string; readonly ifAbsent: boolean }, now) =>
    keys.planRename(c.key, c.to, c.ifAbsent, now),
  ),
  redisCopy: writing((c: OfKey & { readonly to: string; readonly replace: boolean }, now) =>
    keys.planCopy(c.key, c.to, c.replace, now),
  ),
  redisSignatures: operation((c: OfKeys, now) => keys.planSignatures(c.keys, now)),

  redisScan: operation(
    (
      c: Reading & {
        readonly pattern: string | null;
        readonly kind: 'any' | 'hash';
        readonly after: string | null;
        readonly count: number;
      },
      now,
    ) => scans.planScan(c.pattern, c.kind, c.after, c.count, now, reach(c)),
  ),
  redisKeys: operation((c: { readonly pattern: string }, now) => scans.planKeys(c.pattern, now)),
  redisCount: operation((_: object, now) => scans.planCountKeys(now)),
  redisRandom: operation((c: { readonly random: number }, now) => scans.planRandomKey(c.random, now)),

  redisSetBit: writing((c: OfKey & { readonly bit: number; readonly value: 0 | 1 }, now) =>
    bits.planSetTextBit(c.key, c.bit, c.value, now),
  ),
  redisGetBit: operation((c: OfKey & Reading & { readonly bit: number }, now) =>
    bits.planGetTextBit(c.key, c.bit, now, reach(c)),
  ),
  redisBitCount: operation((c: OfKey & { readonly range: bits.BitRange | null }, now) =>
    bits.planCountTextBits(c.key, c.range, now),
  ),
  redisBitPos: operation(
    (c: OfKey & { readonly bit: 0 | 1; readonly range: (bits.BitRange & { readonly hasEnd: boolean }) | null }, now) =>
      bits.planFindBit(c.key, c.bit, c.range, now),
  ),
  redisBitOp: writing(
    (c: { readonly operation: bits.BitOperation; readonly target: string; readonly sources: readonly string[] }, now) =>
      bits.planCombineBits(c.operation, c.target, c.sources, now),
  ),

  redisHset: writing(
    (c: OfKey & { readonly fields: readonly (readonly [string, StoredValue])[]; readonly ifAbsent: boolean }, now) =>
      hashes.planSetFields(c.key, c.fields, c.ifAbsent, now),
  ),
  redisHget: operation((c: OfKey & Reading & { readonly fields: readonly string[] }, now) =>
    hashes.planGetFields(c.key, c.fields, now, reach(c)),
  ),
  redisHgetall: operation((c: OfKey & Reading & { readonly values: boolean }, now) =>
    hashes.planGetHash(c.key, c.values, now, reach(c)),
  ),
  redisHlen: operation((c: OfKey & Reading, now) => hashes.planCountFields(c.key, now, reach(c))),
  redisHdel: writing((c: OfKey & { readonly fields: readonly string[] }, now) =>
    hashes.planRemoveFields(c.key, c.fields, now),
  ),
  redisHadd: writing((c: OfKey & { readonly field: string; readonly by: bigint }, now) =>
    hashes.planAddToField(c.key, c.field, c.by, now),
  ),
  redisHaddDecimal: writing((c: OfKey & { readonly field: string; readonly by: string }, now) =>
    hashes.planAddDecimalToField(c.key, c.field, c.by, now),
  ),
};
