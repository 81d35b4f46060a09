/**
 * The tree as Redis' commands see it. A node that holds a value is a string, whatever the value's type: every value has a text. A node without one whose
 * direct children hold values is a hash, and they are its fields. Anything else is not there. So `user.1.name` is a string, a field of the hash `user.1`,
 * and nothing of `user`.
 *
 * Reads come in two forms. The near one is for the front, and touches few rows: where that is not enough to tell, it gives MORE, and the far one, which
 * may take long, is to be run elsewhere. Writes are always far.
 */
import { failure } from '../../errors.ts';
import { INLINE_ROWS, MAX_KEY_BYTES } from '../../limits.ts';
import type { StoreRow } from '../../stores/values.ts';
import { planGetBytes } from '../bit-plans.ts';
import { ENTRY_COLUMNS, LIVE, readEntry, type StoredEntry, storedEntry } from '../entries.ts';
import { KEYS_SQL } from '../key-table.ts';
import { badKey, checkKey, type KeyRange } from '../paths.ts';
import type { SqlPart } from '../pattern-sql.ts';
import { type KeySteps, readRows, type StepReach } from '../plan.ts';
import { type StoredValue, textOf } from '../values.ts';
import { bytesOfValue } from './text-values.ts';

/** The near read cannot tell. */
export const MORE: unique symbol = Symbol('takes more than the front may do');
export type More = typeof MORE;

export type Reach = 'near' | 'far';

/** Children looked at together when the first one that is a field is searched. */
const SEARCH_ROWS = 16;
/** Fields whose expiry is looked at: that of a hash. */
const EXPIRY_FIELDS = 100;

/** All keys below a node. */
export function descendants(key: string): KeyRange {
  return { from: `${key}.`, to: `${key}/` };
}

/** The node, its fields and all below. */
export function subtree(key: string): KeyRange {
  return { from: key, to: `${key}/` };
}

export function fieldPath(key: string, field: string): string {
  if (field === '') throw badKey(`${key}.`, 'a field is a segment of a key, and none is empty');
  if (field.includes('.')) throw badKey(`${key}.${field}`, `a field is one segment of a key: '${field}' has a dot`);
  const path = `${key}.${field}`;
  checkKey(path);
  return path;
}

/** What is direct below a node, of `descendants(key)`; holds for a live row only. */
export function fieldSql(key: string, now: number): SqlPart {
  const { from, to } = descendants(key);
  return {
    sql: `path > ? AND path < ? AND instr(substr(path, ?), '.') = 0 AND ${LIVE}`,
    params: [from, to, Array.from(from).length + 1, now],
  };
}

/** The string at a node; null: there is no value. */
export function* readString(key: string, now: number, reach: Reach): KeySteps<StoredEntry | null | More> {
  const entry = yield* readEntry(key, now);
  if (entry !== null) return entry;
  const isHash = yield* hasFields(key, now, reach);
  if (isHash === true) throw wrongKind(key, 'hash');
  return isHash === MORE ? MORE : null;
}

/** Among which rows fields are looked for first, where a node has no value. */
export function searchedFields(key: string): { readonly range: KeyRange; readonly rows: number } {
  return { range: descendants(key), rows: SEARCH_ROWS };
}

/** Whether a node without a value is a hash. */
export function* hasFields(key: string, now: number, reach: Reach): KeySteps<boolean | More> {
  const { from, to } = descendants(key);
  const sql = `SELECT path, expires_at FROM ${KEYS_SQL} WHERE path >= ? AND path < ? ORDER BY path LIMIT ${SEARCH_ROWS}`;
  for (let start = from; ; ) {
    const rows = yield* readRows(sql, [start, to], { keys: [{ from: start, to }], first: { rows: SEARCH_ROWS } });
    for (const [path, expiresAt] of rows) {
      const isLive = expiresAt == null || Number(expiresAt) > now;
      if (isLive && isFieldOf(from, path as string)) return true;
    }
    if (rows.length < SEARCH_ROWS) return false;
    if (reach === 'near') return MORE;
    start = afterSubtree(from, rows.at(-1)![0] as string);
  }
}

function isFieldOf(prefix: string, path: string): boolean {
  return path.indexOf('.', prefix.length) < 0;
}

/** Where to go on after a row: past all that is below the same child. */
function afterSubtree(prefix: string, path: string): string {
  const dot = path.indexOf('.', prefix.length);
  return dot < 0 ? `${path}\u0001` : `${path.slice(0, dot)}/`;
}

/** The fields of a hash; empty when it is none. Throws SLUICE_KEY_TYPE for a string. */
export function* readFields(key: string, now: number, reach: Reach): KeySteps<[string, StoredEntry][] | More> {
  if ((yield* readEntry(key, now)) !== null) throw wrongKind(key, 'string');
  const { from, to } = descendants(key);
  if (reach === 'near') {
    const sql = `SELECT path, ${ENTRY_COLUMNS} FROM ${KEYS_SQL} WHERE path > ? AND path < ? ORDER BY path LIMIT ${INLINE_ROWS}`;
    const rows = yield* readRows(sql, [from, to], { keys: [{ from, to }], first: { rows: INLINE_ROWS } });
    if (rows.length === INLINE_ROWS) return MORE;
    return rows.filter((row) => isFieldOf(from, row[0] as string) && isLive(row, now)).map((row) => fieldOf(from, row));
  }
  const where = fieldSql(key, now);
  const sql = `SELECT path, ${ENTRY_COLUMNS} FROM ${KEYS_SQL} WHERE ${where.sql} ORDER BY path`;
  return (yield* readRows(sql, where.params, { keys: [descendants(key)] })).map((row) => fieldOf(from, row));
}

function isLive(row: StoreRow, now: number): boolean {
  const expiresAt = row.at(-1);
  return expiresAt == null || Number(expiresAt) > now;
}

function fieldOf(prefix: string, [path, ...columns]: StoreRow): [string, StoredEntry] {
  return [(path as string).slice(prefix.length), storedEntry(columns)];
}

/** When a hash expires: with its fields, which EXPIRE gives one time. It does not while one of the first has none. undefined: there are no fields. */
export function* hashExpiry(key: string, now: number): KeySteps<number | null | undefined> {
  const { from, to } = descendants(key);
  const sql = `SELECT path, expires_at FROM ${KEYS_SQL} WHERE path >= ? AND path < ? ORDER BY path LIMIT ${EXPIRY_FIELDS}`;
  let fields = 0;
  let latest: number | null = 0;
  for (let start = from; ; ) {
    const rows = yield* readRows(sql, [start, to], { keys: [{ from: start, to }], first: { rows: EXPIRY_FIELDS } });
    for (const [path, expiresAt] of rows) {
      const isLive = expiresAt == null || Number(expiresAt) > now;
      if (!isLive || !isFieldOf(from, path as string) || fields === EXPIRY_FIELDS) continue;
      fields++;
      latest = latest === null || expiresAt == null ? null : Math.max(latest, Number(expiresAt));
    }
    if (rows.length < EXPIRY_FIELDS || fields === EXPIRY_FIELDS) return fields === 0 ? undefined : latest;
    start = afterSubtree(from, rows.at(-1)![0] as string);
  }
}

/** What says when a field expires that is added to a hash: the first of those that there are. */
export function firstFields(key: string): StepReach {
  return { keys: [descendants(key)], first: { rows: EXPIRY_FIELDS } };
}

/** As clients are shown it: text as a string, bytes as they are. */
export type Text = string | Uint8Array;

export function* readText(key: string, value: StoredValue, now: number, reach: Reach): KeySteps<Text | More> {
  return value.type === 'bits' ? yield* readBytes(key, value, now, reach) : textOf(value);
}

/** A value's bytes, as Redis shows them. */
export function* readBytes(key: string, value: StoredValue, now: number, reach: Reach): KeySteps<Uint8Array | More> {
  if (value.type !== 'bits') return bytesOfValue(value);
  if (reach === 'near') return MORE;
  return (yield* planGetBytes(key, now).steps()) ?? new Uint8Array();
}

/** Of what came from readString() or its like with a far reach. */
export function known<T>(value: T | More): T {
  if (value === MORE) throw new TypeError('a far read gave MORE');
  return value as T;
}

export function checkLength(key: string, bytes: number): void {
  if (bytes > MAX_KEY_BYTES) throw badKey(key, `longer than ${MAX_KEY_BYTES} bytes`);
}

/** Redis' WRONGTYPE. */
export function wrongKind(key: string, is: 'string' | 'hash') {
  return is === 'hash'
    ? failure('SLUICE_KEY_TYPE', key, 'hash (it has children and no value)', 'string')
    : failure('SLUICE_KEY_TYPE', key, 'string (it holds a value)', 'hash');
}
