/** put, remove, add, append and expiry, of one key and of many. */
import { failure } from '../errors.ts';
import { CHANGES_PER_TABLE_ROWS } from '../limits.ts';
import { addedValue, appendedValue } from './change-value.ts';
import {
  type Current,
  type KeyEntry,
  keyEntry,
  readCurrent,
  readNextVersion,
  type StoredEntry,
  writeEntry,
} from './entries.ts';
import { ALL_KEYS, EXPIRING_SQL, KEYS_SQL } from './key-table.ts';
import { checkKey } from './paths.ts';
import { patternSql, type SqlPart } from './pattern-sql.ts';
import { parsePattern } from './patterns.ts';
import { insertRows, type KeyPlan, type KeySteps, modify, reachOf, readRows, type StepReach } from './plan.ts';
import { type StoredValue, typeCode } from './values.ts';

export interface PutOptions {
  /** The entry expires so many milliseconds from now, or at this time; otherwise never, or (keepTtl) when the old one would have. */
  readonly ttl?: number;
  readonly expiresAt?: number;
  readonly keepTtl?: boolean;
  readonly ifAbsent?: boolean;
  readonly ifPresent?: boolean;
  /** The entry's version must be this one; 0: there must be none. */
  readonly ifVersion?: number;
}

export interface PutResult {
  /** false: a condition did not hold. */
  readonly done: boolean;
  readonly previous: KeyEntry | null;
  /** Of the entry that is there now; null: none was put. */
  readonly version: number | null;
}

/** Of one statement of putMany. */
const PUT_ROWS = 5_000;
/** JavaScript's last day: what a Date can show, and Redis' clients count to. */
const MAX_TIME_MS = 8.64e15;

/** `stored`: from encodeValue(), which has checked it. Throws what is wrong with the key, the options. */
export function planPut(key: string, stored: StoredValue, options: PutOptions, now: number): KeyPlan<PutResult> {
  checkKey(key);
  const expiresAt = expiryOf(options, now);
  return writing(function* () {
    const current = yield* readCurrent(key, now);
    const { entry } = current;
    const previous = entry === null ? null : keyEntry(key, entry);
    const done = allows(options, entry);
    const until = options.keepTtl === true ? (entry?.expiresAt ?? null) : expiresAt;
    const version = done ? yield* put(current, stored, until, now) : null;
    return { done, previous, version };
  });
}

/** Gives the version of what is written, null where nothing is. */
function* put(current: Current, value: StoredValue, expiresAt: number | null, now: number): KeySteps<number | null> {
  // As in Redis: a time that has passed removes the key.
  if (expiresAt !== null && expiresAt <= now) {
    yield* removeStored(current);
    return null;
  }
  yield* writeEntry(current, value, expiresAt);
  return current.nextVersion;
}

function expiryOf({ ttl, expiresAt, keepTtl }: PutOptions, now: number): number | null {
  if ([ttl, expiresAt, keepTtl || undefined].filter((given) => given !== undefined).length > 1)
    throw failure('ER_BAD_PARAMETER', 'ttl, expiresAt and keepTtl exclude each other');
  if (ttl !== undefined && !(ttl > 0)) throw failure('ER_BAD_PARAMETER', `ttl: '${ttl}' is no time to live`);
  if (ttl === undefined && expiresAt === undefined) return null;
  const at = expiresAt ?? now + (ttl as number);
  if (!Number.isFinite(at) || Math.abs(at) > MAX_TIME_MS) throw failure('ER_BAD_PARAMETER', `'${at}' is no time`);
  return Math.ceil(at);
}

function allows({ ifAbsent, ifPresent, ifVersion }: PutOptions, entry: StoredEntry | null): boolean {
  if (ifAbsent === true && entry !== null) return false;
  if (ifPresent === true && entry === null) return false;
  return ifVersion === undefined || (entry?.version ?? 0) === ifVersion;
}

export function planRemove(key: string, now: number): KeyPlan<KeyEntry | null> {
  checkKey(key);
  return writing(function* () {
    const current = yield* readCurrent(key, now);
    yield* removeStored(current);
    return current.entry === null ? null : keyEntry(key, current.entry);
  });
}

function* removeStored({ key, stored }: Current): KeySteps<void> {
  if (stored !== null) yield* modify('delete', `DELETE FROM ${KEYS_SQL} WHERE path = ?`, [key], reachOf([key]));
}

/** Returns the new value. */
export function planAdd(key: string, n: number | bigint, now: number): KeyPlan<StoredValue> {
  return planChange(key, (old) => addedValue(key, old, n), now);
}

export function planAppend(key: string, addition: string | Uint8Array, now: number): KeyPlan<StoredValue> {
  return planChange(key, (old) => appendedValue(key, old, addition), now);
}

/** The expiry stays. */
export function planChange(
  key: string,
  change: (old: StoredValue | null) => StoredValue,
  now: number,
): KeyPlan<StoredValue> {
  checkKey(key);
  return writing(function* () {
    const current = yield* readCurrent(key, now);
    const value = change(current.entry);
    yield* writeEntry(current, value, current.entry?.expiresAt ?? null);
    return value;
  });
}

/** Gives the entry another expiry (null: none), with the same value. Whether there was one. */
export function planExpire(key: string, expiresAt: number | null, now: number): KeyPlan<boolean> {
  checkKey(key);
  const at = expiresAt === null ? null : expiryOf({ expiresAt }, now);
  return writing(function* () {
    const current = yield* readCurrent(key, now);
    if (current.entry === null) return false;
    yield* put(current, current.entry, at, now);
    return true;
  });
}

/** All or none. Of keys given twice the last counts. */
export function planPutMany(
  entries: Iterable<readonly [string, StoredValue]>,
  options: Pick<PutOptions, 'ttl' | 'expiresAt'>,
  now: number,
): KeyPlan<void> {
  const list = [...entries];
  for (const [key] of list) checkKey(key);
  const expiresAt = expiryOf(options, now);
  const isLarge = list.length > CHANGES_PER_TABLE_ROWS;
  return {
    ...writing(function* () {
      if (list.length === 0) return;
      const nextVersion = yield* readNextVersion();
      // Some at a time: as rows, a million entries take more memory than as what they came in.
      for (let at = 0; at < list.length; at += PUT_ROWS) {
        const rows = list
          .slice(at, at + PUT_ROWS)
          .map(([key, { type, value }]) => [key, typeCode(type), value, nextVersion, expiresAt]);
        yield* insertRows(rows, { mode: 'put', ...(isLarge && { wholly: ALL_KEYS }) });
      }
    }),
    oneWrite: list.length <= PUT_ROWS,
  };
}

/** The number removed: expired ones do not count. */
export function planRemoveMany(keys: Iterable<string>, now: number): KeyPlan<number> {
  const list = [...keys];
  list.forEach(checkKey);
  return planRemoval(
    { sql: 'path IN (SELECT value FROM json_each(?))', params: [JSON.stringify(list)] },
    now,
    list.length,
    reachOf(list),
  );
}

export function planRemoveAll(pattern: string, now: number): KeyPlan<number> {
  const parsed = parsePattern(pattern);
  return planRemoval(patternSql(parsed), now, null, { keys: [parsed.range] });
}

/** `keys`: how many at most; null: to be found out. */
function planRemoval({ sql, params }: SqlPart, now: number, keys: number | null, reach: StepReach): KeyPlan<number> {
  return writing(function* () {
    // By its index: there are few, and mostly none.
    const expired = `SELECT count(*) FROM ${KEYS_SQL} INDEXED BY ${EXPIRING_SQL} WHERE expires_at <= ? AND (${sql})`;
    const [[dead] = []] = yield* readRows(expired, [now, ...params], reach);
    const many =
      (keys ?? (yield* countUpTo(CHANGES_PER_TABLE_ROWS + 1, { sql, params }, reach))) > CHANGES_PER_TABLE_ROWS;
    const statement = `DELETE FROM ${KEYS_SQL} WHERE ${sql}`;
    const removed = yield* modify('delete', statement, params, reach, undefined, many ? { wholly: ALL_KEYS } : {});
    return removed - Number(dead);
  });
}

function* countUpTo(limit: number, { sql, params }: SqlPart, reach: StepReach): KeySteps<number> {
  const counted = `SELECT count(*) FROM (SELECT 1 FROM ${KEYS_SQL} WHERE ${sql} LIMIT ${limit})`;
  const [[count] = []] = yield* readRows(counted, params, reach);
  return Number(count);
}

/** At most one statement writes. A write takes the writer before its first step: what it reads there needs no remembering. */
function writing<Result>(steps: () => KeySteps<Result>): KeyPlan<Result> {
  return { writes: true, inline: false, reads: [], oneWrite: true, steps };
}
