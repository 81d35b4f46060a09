/** Hashes: a node's children as fields. A field that is added gets the hash's expiry; one that is changed keeps its own. */
import { ENTRY_COLUMNS, LIVE, readCurrent, readEntry, storedEntry, writeEntry } from '../entries.ts';
import { KEYS_SQL } from '../key-table.ts';
import { checkKey } from '../paths.ts';
import { type KeyPlan, type KeySteps, reachOf, readRows } from '../plan.ts';
import type { StoredValue } from '../values.ts';
import {
  fieldPath,
  hashExpiry,
  MORE,
  type More,
  type Reach,
  readFields,
  readText,
  type Text,
  wrongKind,
} from './node.ts';
import { addDecimal, addInteger, reading, removeCurrent, writing } from './string-plans.ts';

/** Fields that HMGET asks the front for. */
const NEAR_FIELDS = 100;

/** HSET: the number of fields that were not there. `ifAbsent`: HSETNX, which changes none that is. */
export function planSetFields(
  key: string,
  fields: readonly (readonly [string, StoredValue])[],
  ifAbsent: boolean,
  now: number,
): KeyPlan<number> {
  checkKey(key);
  const paths = fields.map(([field, value]) => [fieldPath(key, field), value] as const);
  return writing(function* () {
    const expiresAt = yield* expiryForFields(key, now);
    let added = 0;
    for (const [path, value] of new Map(paths)) {
      const current = yield* readCurrent(path, now);
      if (current.entry === null) added++;
      else if (ifAbsent) continue;
      yield* writeEntry(current, value, current.entry === null ? expiresAt : current.entry.expiresAt);
    }
    return added;
  });
}

/** What a field gets that is added. Throws SLUICE_KEY_TYPE where the node is a string. */
function* expiryForFields(key: string, now: number): KeySteps<number | null> {
  if ((yield* readEntry(key, now)) !== null) throw wrongKind(key, 'string');
  return (yield* hashExpiry(key, now)) ?? null;
}

/** Values of the fields asked for; null: no such field. */
export function planGetFields(
  key: string,
  fields: readonly string[],
  now: number,
  reach: Reach,
): KeyPlan<(Text | null)[] | More> {
  checkKey(key);
  const paths = fields.map((field) => fieldPath(key, field));
  return {
    ...reading([key], reach),
    *steps() {
      if (reach === 'near' && paths.length > NEAR_FIELDS) return MORE;
      // The node itself is asked for with them: it must hold no value.
      const sql = `SELECT path, ${ENTRY_COLUMNS} FROM ${KEYS_SQL} WHERE path IN (SELECT value FROM json_each(?)) AND ${LIVE}`;
      const rows = yield* readRows(sql, [JSON.stringify([key, ...paths]), now], reachOf([key, ...paths]));
      const found = new Map(rows.map(([path, ...columns]) => [path as string, storedEntry(columns)]));
      if (found.has(key)) throw wrongKind(key, 'string');
      const texts: (Text | null)[] = [];
      for (const path of paths) {
        const entry = found.get(path);
        const text = entry === undefined ? null : yield* readText(path, entry, now, reach);
        if (text === MORE) return MORE;
        texts.push(text);
      }
      return texts;
    },
  };
}

/** HGETALL, HKEYS, HVALS, HSCAN: field and value, in the order of the fields. Without `values` they are empty. */
export function planGetHash(key: string, values: boolean, now: number, reach: Reach): KeyPlan<[string, Text][] | More> {
  checkKey(key);
  return {
    ...reading([key], reach),
    *steps() {
      const fields = yield* readFields(key, now, reach);
      if (fields === MORE) return MORE;
      const texts: [string, Text][] = [];
      for (const [field, entry] of fields) {
        const text = values ? yield* readText(`${key}.${field}`, entry, now, reach) : '';
        if (text === MORE) return MORE;
        texts.push([field, text]);
      }
      return texts;
    },
  };
}

export function planCountFields(key: string, now: number, reach: Reach): KeyPlan<number | More> {
  checkKey(key);
  return {
    ...reading([key], reach),
    *steps() {
      const fields = yield* readFields(key, now, reach);
      return fields === MORE ? MORE : fields.length;
    },
  };
}

/** HDEL: the number of fields that were there. */
export function planRemoveFields(key: string, fields: readonly string[], now: number): KeyPlan<number> {
  checkKey(key);
  const paths = fields.map((field) => fieldPath(key, field));
  return writing(function* () {
    if ((yield* readEntry(key, now)) !== null) throw wrongKind(key, 'string');
    let removed = 0;
    for (const path of new Set(paths)) {
      const current = yield* readCurrent(path, now);
      if (current.entry !== null) removed++;
      yield* removeCurrent(current);
    }
    return removed;
  });
}

/** HINCRBY: the new value. */
export function planAddToField(key: string, field: string, by: bigint, now: number): KeyPlan<bigint> {
  checkKey(key);
  const path = fieldPath(key, field);
  return writing(function* () {
    const added = yield* expiryForFields(key, now);
    const current = yield* readCurrent(path, now);
    const { entry } = current;
    return yield* addInteger(current, by, 'hash value', now, entry === null ? added : entry.expiresAt);
  });
}

/** HINCRBYFLOAT: the new value. */
export function planAddDecimalToField(key: string, field: string, by: string, now: number): KeyPlan<string> {
  checkKey(key);
  const path = fieldPath(key, field);
  return writing(function* () {
    const added = yield* expiryForFields(key, now);
    const current = yield* readCurrent(path, now);
    const { entry } = current;
    return yield* addDecimal(current, by, 'hash value', now, entry === null ? added : entry.expiresAt);
  });
}
