/** Keys of either kind: TYPE, EXISTS, DEL, EXPIRE, RENAME, COPY. What is done to a hash is done to its fields; what lies deeper stays where it is. */
import { failure } from '../../errors.ts';
import { ENTRY_COLUMNS, readCurrent, readEntry, readNextVersion, removePieces, writeEntry } from '../entries.ts';
import { BITS_SQL, BITS_TABLE, KEYS_SQL } from '../key-table.ts';
import { checkKey } from '../paths.ts';
import { insertRows, type KeyPlan, type KeySteps, modify, pieceReach, reachOf, readRows } from '../plan.ts';
import {
  checkLength,
  descendants,
  fieldSql,
  hasFields,
  hashExpiry,
  known,
  MORE,
  type More,
  type Reach,
} from './node.ts';
import { reading, removeCurrent, writing } from './string-plans.ts';

/** Keys that EXISTS asks the front for. */
const NEAR_KEYS = 100;

export type NodeKind = 'string' | 'hash' | 'none';

export function planKind(key: string, now: number, reach: Reach): KeyPlan<NodeKind | More> {
  checkKey(key);
  return { ...reading([key], reach), steps: () => readKind(key, now, reach) };
}

function* readKind(key: string, now: number, reach: Reach): KeySteps<NodeKind | More> {
  if ((yield* readEntry(key, now)) !== null) return 'string';
  const isHash = yield* hasFields(key, now, reach);
  return isHash === MORE ? MORE : isHash ? 'hash' : 'none';
}

/** EXISTS, TOUCH: keys given twice count twice. */
export function planExist(keys: readonly string[], now: number, reach: Reach): KeyPlan<number | More> {
  keys.forEach(checkKey);
  return {
    ...reading(keys, reach),
    *steps() {
      if (reach === 'near' && keys.length > NEAR_KEYS) return MORE;
      let count = 0;
      for (const key of keys) {
        const kind = yield* readKind(key, now, reach);
        if (kind === MORE) return MORE;
        if (kind !== 'none') count++;
      }
      return count;
    },
  };
}

/** TTL and its like: milliseconds since 1970, null: never, undefined: there is no such key. */
export function planExpiry(key: string, now: number): KeyPlan<number | null | undefined> {
  checkKey(key);
  return {
    ...reading([key], 'far'),
    *steps() {
      const entry = yield* readEntry(key, now);
      return entry === null ? yield* hashExpiry(key, now) : entry.expiresAt;
    },
  };
}

/** The same from the front. A hash takes more. */
export function planNearExpiry(key: string, now: number): KeyPlan<number | null | undefined | More> {
  checkKey(key);
  return {
    ...reading([key], 'near'),
    *steps() {
      const entry = yield* readEntry(key, now);
      if (entry !== null) return entry.expiresAt;
      return (yield* hasFields(key, now, 'near')) === false ? undefined : MORE;
    },
  };
}

/**
 * What WATCH remembers of a key: any change to it makes another text. Versions only grow, so the newest of a hash's fields and their number say whether one
 * of them was put or removed.
 */
export function planSignatures(keys: readonly string[], now: number): KeyPlan<string[]> {
  keys.forEach(checkKey);
  return {
    ...reading(keys, 'far'),
    *steps() {
      const signatures: string[] = [];
      for (const key of keys) signatures.push(yield* readSignature(key, now));
      return signatures;
    },
  };
}

export function* readSignature(key: string, now: number): KeySteps<string> {
  const entry = yield* readEntry(key, now);
  if (entry !== null) return `string ${entry.version}`;
  const where = fieldSql(key, now);
  const sql = `SELECT count(*), max(version) FROM ${KEYS_SQL} WHERE ${where.sql}`;
  const [[fields, newest] = []] = yield* readRows(sql, where.params, { keys: [descendants(key)] });
  return fields === 0 ? 'none' : `hash ${fields} ${newest}`;
}

/** DEL, UNLINK: the number of keys that were there. */
export function planRemoveKeys(keys: readonly string[], now: number): KeyPlan<number> {
  keys.forEach(checkKey);
  return writing(function* () {
    let removed = 0;
    for (const key of keys) {
      const current = yield* readCurrent(key, now);
      yield* removeCurrent(current);
      if (current.entry !== null) removed++;
      else if ((yield* removeFields(key, now)) > 0) removed++;
    }
    return removed;
  });
}

function* removeFields(key: string, now: number): KeySteps<number> {
  if (!known(yield* hasFields(key, now, 'far'))) return 0;
  const where = fieldSql(key, now);
  return yield* modify('delete', `DELETE FROM ${KEYS_SQL} WHERE ${where.sql}`, where.params, {
    keys: [descendants(key)],
  });
}

export type ExpireCondition = 'NX' | 'XX' | 'GT' | 'LT';

/** EXPIRE and its like; null: PERSIST. Whether there was something to be done. */
export function planExpireKey(
  key: string,
  time: { readonly at: number } | { readonly ttlMs: number } | null,
  conditions: readonly ExpireCondition[],
  now: number,
): KeyPlan<boolean> {
  checkKey(key);
  return writing(function* () {
    const at = time === null ? null : 'at' in time ? time.at : now + time.ttlMs;
    const current = yield* readCurrent(key, now);
    const { entry } = current;
    const old = entry === null ? yield* hashExpiry(key, now) : entry.expiresAt;
    if (old === undefined || (at === null && old === null) || !conditions.every((one) => allows(one, old, at)))
      return false;
    if (at !== null && at <= now) {
      if (entry !== null) yield* removeCurrent(current);
      else yield* removeFields(key, now);
    } else if (entry !== null) yield* writeEntry(current, entry, at);
    else yield* expireFields(key, at, now);
    return true;
  });
}

/** Without an expiry a key lives longer than with any. */
function allows(condition: ExpireCondition, old: number | null, at: number | null): boolean {
  const [was, will] = [old ?? Number.POSITIVE_INFINITY, at ?? Number.POSITIVE_INFINITY];
  switch (condition) {
    case 'NX':
      return old === null;
    case 'XX':
      return old !== null;
    case 'GT':
      return will > was;
    case 'LT':
      return will < was;
  }
}

function* expireFields(key: string, at: number | null, now: number): KeySteps<void> {
  const nextVersion = yield* readNextVersion();
  const where = fieldSql(key, now);
  const sql = `UPDATE ${KEYS_SQL} SET expires_at = ?, version = ? WHERE ${where.sql}`;
  yield* modify('update', sql, [at, nextVersion, ...where.params], { keys: [descendants(key)] });
}

/** RENAME; `ifAbsent`: RENAMENX. false: the new key is there. Throws SLUICE_NO_SUCH_KEY. */
export function planRename(from: string, to: string, ifAbsent: boolean, now: number): KeyPlan<boolean> {
  checkKey(from);
  checkKey(to);
  return writing(function* () {
    const kind = known(yield* readKind(from, now, 'far'));
    if (kind === 'none') throw failure('SLUICE_NO_SUCH_KEY', from);
    if (ifAbsent && known(yield* readKind(to, now, 'far')) !== 'none') return false;
    if (from === to) return true;
    yield* copyNode(from, to, kind, now);
    yield* removeNode(from, kind, now);
    return true;
  });
}

/** COPY: false: nothing was there, or the new key is, and `replace` was not given. */
export function planCopy(from: string, to: string, replace: boolean, now: number): KeyPlan<boolean> {
  checkKey(from);
  checkKey(to);
  return writing(function* () {
    const kind = known(yield* readKind(from, now, 'far'));
    if (kind === 'none' || (!replace && known(yield* readKind(to, now, 'far')) !== 'none')) return false;
    yield* copyNode(from, to, kind, now);
    return true;
  });
}

function* removeNode(key: string, kind: 'string' | 'hash', now: number): KeySteps<void> {
  if (kind === 'string') yield* modify('delete', `DELETE FROM ${KEYS_SQL} WHERE path = ?`, [key], reachOf([key]));
  else yield* removeFields(key, now);
}

/** What was at `to` goes: its value, and before a hash its fields. */
function* copyNode(from: string, to: string, kind: 'string' | 'hash', now: number): KeySteps<void> {
  if (kind === 'string') return yield* copyString(from, to, now);
  const nextVersion = yield* readNextVersion();
  const prefixes = [descendants(from).from, descendants(to).from] as const;
  const skipped = Array.from(prefixes[0]).length + 1;
  const where = fieldSql(from, now);
  // Read before anything goes: `to` may be a field of `from`, or the other way round.
  const fieldRows = yield* readRows(
    `SELECT substr(path, ?), ${ENTRY_COLUMNS} FROM ${KEYS_SQL} WHERE ${where.sql}`,
    [skipped, ...where.params],
    { keys: [descendants(from)] },
  );
  for (const [field] of fieldRows) checkLength(`${to}.${field}`, Buffer.byteLength(`${to}.${field}`));
  const bitRows = yield* readRows(
    `SELECT substr(path, ?), piece, bytes FROM ${BITS_SQL} WHERE path IN (SELECT path FROM ${KEYS_SQL} WHERE ${where.sql})`,
    [skipped, ...where.params],
    { keys: [descendants(from)], pieces: { of: [descendants(from)] } },
  );
  yield* removeCurrent(yield* readCurrent(to, now));
  yield* removeFields(to, 0);
  const rows = fieldRows.map(([field, type, value, , expiresAt]) => [
    `${prefixes[1]}${field}`,
    type ?? null,
    value ?? null,
    nextVersion,
    expiresAt ?? null,
  ]);
  if (rows.length > 0) yield* insertRows(rows, { mode: 'replace' });
  const pieces = bitRows.map(([field, piece, bytes]) => [`${prefixes[1]}${field}`, piece ?? null, bytes ?? null]);
  if (pieces.length > 0) yield* insertRows(pieces, { mode: 'insert' }, BITS_TABLE);
}

function* copyString(from: string, to: string, now: number): KeySteps<void> {
  const entry = yield* readEntry(from, now);
  if (entry === null) return;
  const target = yield* readCurrent(to, now);
  yield* writeEntry(target, entry, entry.expiresAt);
  if (entry.type !== 'bits') return;
  yield* removePieces(to);
  const sql = `SELECT ?, piece, bytes FROM ${BITS_SQL} WHERE path = ?`;
  const pieces = yield* readRows(sql, [to, from], pieceReach(from));
  if (pieces.length > 0) yield* insertRows(pieces, { mode: 'insert' }, BITS_TABLE);
}
