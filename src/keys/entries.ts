/** Single entries in the store: how they are read, and how one is written over what is there. */
import type { StoreRow, StoreValue } from '../stores/values.ts';
import { BITS_SQL, BITS_TABLE, KEY_TABLE, KEYS_SQL } from './key-table.ts';
import { insertRows, type KeySteps, modify, NOTHING, pieceReach, reachOf, readRows } from './plan.ts';
import { type KeyType, type StoredValue, typeCode, typeOfCode } from './values.ts';

/** An entry as it is stored: plain data, so that it crosses processes. decodeValue() gives its value as it was put, textOf() its text. */
export interface StoredEntry extends StoredValue {
  /** The number of the commit that wrote it last. */
  readonly version: number;
  /** Milliseconds since 1970; null: never. */
  readonly expiresAt: number | null;
}

export interface KeyEntry extends StoredEntry {
  readonly key: string;
}

export const ENTRY_COLUMNS = 'type, value, version, expires_at';
/** An expired entry is not there, whether it has been swept or not. */
export const LIVE = '(expires_at IS NULL OR expires_at > ?)';

export const READ_ENTRY = `SELECT ${ENTRY_COLUMNS} FROM ${KEYS_SQL} WHERE path = ? AND ${LIVE}`;

/** Expired ones too. */
export const READ_STORED = `SELECT ${ENTRY_COLUMNS} FROM ${KEYS_SQL} WHERE path = ?`;

/** From ENTRY_COLUMNS. */
export function storedEntry([type, value, version, expiresAt]: StoreRow): StoredEntry {
  return {
    type: typeOfCode(type),
    value: value ?? null,
    version: Number(version),
    expiresAt: expiresAt == null ? null : Number(expiresAt),
  };
}

export function keyEntry(key: string, { type, value, version, expiresAt }: StoredEntry): KeyEntry {
  return { key, type, value, version, expiresAt };
}

export function* readEntry(key: string, now: number): KeySteps<StoredEntry | null> {
  const [row] = yield* readRows(READ_ENTRY, [key, now], reachOf([key]));
  return row === undefined ? null : storedEntry(row);
}

/** What a write finds. */
export interface Current {
  readonly key: string;
  /** The entry, if it has not expired. */
  readonly entry: StoredEntry | null;
  /** What is in the file, expired or not. */
  readonly stored: KeyType | null;
  /** ENTRY_COLUMNS of it, as they were read. */
  readonly columns: StoreRow;
  /** The number of the commit that this write will be part of. */
  readonly nextVersion: number;
}

/** The commit's number is stored in the same transaction as its rows, and only the writer writes: the next one is known. */
const NEXT_VERSION = 'SELECT sequence + 1 AS next FROM sluice_state';

export function* readCurrent(key: string, now: number): KeySteps<Current> {
  const sql = `SELECT next, ${ENTRY_COLUMNS} FROM (${NEXT_VERSION}) LEFT JOIN ${KEYS_SQL} ON path = ?`;
  const [[next, ...columns] = []] = yield* readRows(sql, [key], reachOf([key]));
  const nextVersion = Number(next);
  if (columns[0] === null) return { key, entry: null, stored: null, columns: [], nextVersion };
  const entry = storedEntry(columns);
  const isLive = entry.expiresAt === null || entry.expiresAt > now;
  return { key, entry: isLive ? entry : null, stored: entry.type, columns, nextVersion };
}

export function* readNextVersion(): KeySteps<number> {
  const [row = []] = yield* readRows(NEXT_VERSION, [], NOTHING);
  return Number(row[0]);
}

/** Writes over `current`. The pieces of a bit set that is replaced by something else go; those of one that is changed stay. */
export function* writeEntry(current: Current, value: StoredValue, expiresAt: number | null): KeySteps<void> {
  const { key, stored, columns: before, nextVersion } = current;
  const columns: StoreValue[] = [typeCode(value.type), value.value, nextVersion, expiresAt];
  if (stored === null) return yield* insertRows([[key, ...columns]], { mode: 'insert' });
  const sql = `UPDATE ${KEYS_SQL} SET type = ?, value = ?, version = ?, expires_at = ? WHERE path = ?`;
  // Where there are pieces that a trigger may remove, the row is not all that changes.
  const known = { before: [key, ...before], after: [key, ...columns] };
  yield* modify('update', sql, [...columns, key], reachOf([key]), KEY_TABLE, stored === 'bits' ? {} : { known });
}

export function* removePieces(key: string): KeySteps<void> {
  yield* modify('delete', `DELETE FROM ${BITS_SQL} WHERE path = ?`, [key], pieceReach(key), BITS_TABLE);
}
