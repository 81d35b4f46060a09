/** Strings: SET and GET in all their forms, APPEND, SETRANGE, INCR and their like. */
import { failure } from '../../errors.ts';
import { MAX_KEY_VALUE_BYTES } from '../../limits.ts';
import {
  type Current,
  ENTRY_COLUMNS,
  LIVE,
  readCurrent,
  type StoredEntry,
  storedEntry,
  writeEntry,
} from '../entries.ts';
import { KEYS_SQL } from '../key-table.ts';
import { checkKey } from '../paths.ts';
import { type KeyPlan, type KeySteps, modify, reachOf, readRows } from '../plan.ts';
import { encodeNumber, isInt64, type StoredValue } from '../values.ts';
import {
  hasFields,
  known,
  MORE,
  type More,
  type Reach,
  readBytes,
  readString,
  readText,
  subtree,
  type Text,
  wrongKind,
} from './node.ts';
import { addDecimals, addIntegers } from './numbers.ts';
import { storedText } from './text-values.ts';

/** Keys that MGET asks the front for. */
const NEAR_KEYS = 100;

/** none: never. keep: when the old value would have. A time that has passed removes the key. */
export type Expiry = 'none' | 'keep' | { readonly ttlMs: number } | { readonly at: number };

export interface SetOptions {
  readonly expiry: Expiry;
  readonly when?: 'absent' | 'present';
  /** Asks for the old value: throws SLUICE_KEY_TYPE for a hash. */
  readonly get?: boolean;
}

export interface SetResult {
  readonly done: boolean;
  /** Only if it was asked for. */
  readonly previous: Text | null;
}

/** null: nothing is there. */
export function planGetString(key: string, now: number, reach: Reach): KeyPlan<Text | null | More> {
  checkKey(key);
  return {
    ...reading([key], reach),
    *steps() {
      const entry = yield* readString(key, now, reach);
      return entry === null || entry === MORE ? entry : yield* readText(key, entry, now, reach);
    },
  };
}

/** What is no string is null, as what is not there. */
export function planGetStrings(keys: readonly string[], now: number, reach: Reach): KeyPlan<(Text | null)[] | More> {
  keys.forEach(checkKey);
  return {
    ...reading(keys, reach),
    *steps() {
      if (reach === 'near' && keys.length > NEAR_KEYS) return MORE;
      const sql = `SELECT path, ${ENTRY_COLUMNS} FROM ${KEYS_SQL} WHERE path IN (SELECT value FROM json_each(?)) AND ${LIVE}`;
      const rows = yield* readRows(sql, [JSON.stringify(keys), now], reachOf(keys));
      const found = new Map(rows.map(([path, ...columns]) => [path as string, storedEntry(columns)]));
      const texts: (Text | null)[] = [];
      for (const key of keys) {
        const entry = found.get(key);
        const text = entry === undefined ? null : yield* readText(key, entry, now, reach);
        if (text === MORE) return MORE;
        texts.push(text);
      }
      return texts;
    },
  };
}

/** Over a hash it puts the value; the fields stay keys of their own. */
export function planSetString(key: string, value: StoredValue, options: SetOptions, now: number): KeyPlan<SetResult> {
  checkKey(key);
  const { expiry, when, get = false } = options;
  return writingOnce(function* () {
    const current = yield* readCurrent(key, now);
    const { entry } = current;
    const isHash = entry === null && (get || when !== undefined) && known(yield* hasFields(key, now, 'far'));
    if (isHash && get) throw wrongKind(key, 'hash');
    const exists = entry !== null || isHash;
    const previous = get && entry !== null ? known(yield* readText(key, entry, now, 'far')) : null;
    const done = when === undefined || (when === 'present') === exists;
    if (done) yield* write(current, value, expiry, now);
    return { done, previous };
  });
}

function* write(current: Current, value: StoredValue, expiry: Expiry, now: number): KeySteps<void> {
  const at = expiryTime(expiry, current.entry, now);
  if (at !== null && at <= now) yield* removeCurrent(current);
  else yield* writeEntry(current, value, at);
}

function expiryTime(expiry: Expiry, entry: StoredEntry | null, now: number): number | null {
  if (expiry === 'none') return null;
  if (expiry === 'keep') return entry?.expiresAt ?? null;
  return 'at' in expiry ? expiry.at : now + expiry.ttlMs;
}

export function* removeCurrent({ key, stored }: Current): KeySteps<void> {
  if (stored !== null) yield* modify('delete', `DELETE FROM ${KEYS_SQL} WHERE path = ?`, [key], reachOf([key]));
}

/** MSET; `ifAbsent`: MSETNX, all or none. Of keys given twice the last counts. */
export function planSetStrings(
  entries: readonly (readonly [string, StoredValue])[],
  ifAbsent: boolean,
  now: number,
): KeyPlan<boolean> {
  for (const [key] of entries) checkKey(key);
  return writing(function* () {
    for (const [key] of ifAbsent ? entries : []) {
      const { entry } = yield* readCurrent(key, now);
      if (entry !== null || known(yield* hasFields(key, now, 'far'))) return false;
    }
    for (const [key, value] of new Map(entries)) yield* write(yield* readCurrent(key, now), value, 'none', now);
    return true;
  });
}

/** GETDEL, and GETEX with an expiry. null: nothing is there. */
export function planTakeString(key: string, expiry: Expiry | 'remove', now: number): KeyPlan<Text | null> {
  checkKey(key);
  return writingOnce(function* () {
    const current = yield* readStringCurrent(key, now);
    const { entry } = current;
    if (entry === null) return null;
    const text = known(yield* readText(key, entry, now, 'far'));
    if (expiry === 'remove') yield* removeCurrent(current);
    else if (expiry !== 'keep') yield* write(current, entry, expiry, now);
    return text;
  });
}

/** The entry that a write of a string finds; throws SLUICE_KEY_TYPE for a hash. */
export function* readStringCurrent(key: string, now: number): KeySteps<Current> {
  const current = yield* readCurrent(key, now);
  if (current.entry === null && known(yield* hasFields(key, now, 'far'))) throw wrongKind(key, 'hash');
  return current;
}

/** APPEND: the new length. */
export function planAppendText(key: string, addition: Uint8Array, now: number): KeyPlan<number> {
  return planRewrite(key, now, (old) => Buffer.concat([old, addition]));
}

/** SETRANGE: zeros fill what is missing. An empty `part` changes nothing. */
export function planSetRange(key: string, offset: number, part: Uint8Array, now: number): KeyPlan<number> {
  return planRewrite(key, now, (old) => {
    if (part.length === 0) return null;
    const length = Math.max(old.length, offset + part.length);
    if (length > MAX_KEY_VALUE_BYTES) throw tooLong(key, length);
    const bytes = Buffer.alloc(length);
    bytes.set(old);
    bytes.set(part, offset);
    return bytes;
  });
}

function tooLong(key: string, bytes: number) {
  const reason = `would have ${bytes} bytes, more than the ${MAX_KEY_VALUE_BYTES} that a value may have`;
  return failure('SLUICE_BAD_KEY_VALUE', key, reason);
}

/** The expiry stays. `change` gives null: nothing is to be written. Returns the length. */
function planRewrite(key: string, now: number, change: (old: Uint8Array) => Uint8Array | null): KeyPlan<number> {
  checkKey(key);
  return writingOnce(function* () {
    const current = yield* readStringCurrent(key, now);
    const { entry } = current;
    const old = entry === null ? new Uint8Array() : known(yield* readBytes(key, entry, now, 'far'));
    const bytes = change(old);
    if (bytes === null) return old.length;
    if (bytes.length > MAX_KEY_VALUE_BYTES) throw tooLong(key, bytes.length);
    yield* writeEntry(current, storedText(key, bytes), entry?.expiresAt ?? null);
    return bytes.length;
  });
}

/** INCRBY and its like: the new value as text. */
export function planAddInteger(key: string, by: bigint, now: number): KeyPlan<bigint> {
  checkKey(key);
  return writingOnce(function* () {
    const current = yield* readStringCurrent(key, now);
    return yield* addInteger(current, by, 'value', now);
  });
}

export function* addInteger(
  current: Current,
  by: bigint,
  what: 'value' | 'hash value',
  now: number,
  expiresAt = current.entry?.expiresAt ?? null,
): KeySteps<bigint> {
  const { key, entry } = current;
  const sum = addIntegers(yield* textAt(current, now), by, what);
  // A bigint stays one; anything else is a number as long as that is exact.
  const value: StoredValue =
    entry?.type !== 'bigint' && Number.isSafeInteger(Number(sum))
      ? encodeNumber(Number(sum))
      : { type: 'bigint', value: isInt64(sum) ? sum : String(sum) };
  yield* writeEntry({ ...current, key }, value, expiresAt);
  return sum;
}

/** INCRBYFLOAT: the new value. */
export function planAddDecimal(key: string, by: string, now: number): KeyPlan<string> {
  checkKey(key);
  return writingOnce(function* () {
    return yield* addDecimal(yield* readStringCurrent(key, now), by, 'value', now);
  });
}

export function* addDecimal(
  current: Current,
  by: string,
  what: 'value' | 'hash value',
  now: number,
  expiresAt = current.entry?.expiresAt ?? null,
): KeySteps<string> {
  const text = addDecimals(yield* textAt(current, now), by, what);
  const isDouble = current.entry?.type === 'double' && String(Number(text)) === text;
  const value = isDouble ? encodeNumber(Number(text)) : storedText(current.key, Buffer.from(text));
  yield* writeEntry(current, value, expiresAt);
  return text;
}

/** What is not there counts as 0. Bytes are read one by one: they are no number unless they are digits. */
function* textAt({ key, entry }: Current, now: number): KeySteps<string> {
  if (entry === null) return '0';
  const bytes = known(yield* readBytes(key, entry, now, 'far'));
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

export function reading(keys: readonly string[], reach: Reach) {
  return { writes: false, inline: reach === 'near', reads: keys.map(subtree) } as const;
}

/** A write takes the writer before its first step: what it reads there needs no remembering. */
export function writing<Result>(steps: () => KeySteps<Result>): KeyPlan<Result> {
  return { writes: true, inline: false, reads: [], steps };
}

/** One that writes with one statement at most: nothing of it can be left behind. */
function writingOnce<Result>(steps: () => KeySteps<Result>): KeyPlan<Result> {
  return { writes: true, inline: false, reads: [], oneWrite: true, steps };
}
