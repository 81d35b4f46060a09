/**
 * The tree's tables on the source, and how an entry is held there. The database `sluice` has
 *
 * - `keys` (path, type, storage, value, version, expires_at): the path as text that is compared by its UTF-8 bytes, to the last space (where the source has no
 *   such collation: as bytes), so that the order of the primary key is that of the tree; the value as
 *   bytes beside what they are (`storage`): an integer's digits, the shortest text of a double, text, bytes;
 * - `key_bits` (path, piece, bytes): bit sets, as in the embedded store;
 * - `key_state` (version): the number of the last write. Whoever writes takes the next one first, and so is the only one until its commit.
 */
import { SourceError } from '../../../errors.ts';
import { BITS_TABLE, KEY_DATABASE, KEY_TABLE, KEYS_SQL } from '../../../keys/key-table.ts';
import { KEY_TYPES } from '../../../keys/values.ts';
import { KEY_BIT_PIECE_BYTES, MAX_KEY_BYTES } from '../../../limits.ts';
import type { SourceAnswer } from '../../../stores/mysql/result.ts';
import { textTable } from '../../../stores/mysql/rows.ts';
import type { StoreRow, StoreValue } from '../../../stores/values.ts';

const KEYS = `\`${KEY_DATABASE}\`.\`${KEY_TABLE}\``;
const BITS = `\`${KEY_DATABASE}\`.\`${BITS_TABLE}\``;
const STATE = `\`${KEY_DATABASE}\`.\`key_state\``;

const STORAGES = ['null', 'integer', 'real', 'text', 'bytes'] as const;
type Storage = (typeof STORAGES)[number];

function quoted(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ');
}

/** Fails where one of the tables is not there. */
export const LOOK = [KEYS, BITS, STATE].map((table) => `SELECT 1 FROM ${table} LIMIT 0`);

/** Of MariaDB, of MySQL: bytes are compared, and spaces at the end count. */
export const COLLATIONS =
  "SELECT collation_name FROM information_schema.collations WHERE collation_name IN ('utf8mb4_nopad_bin', 'utf8mb4_0900_bin')";

/** `collation`: one of COLLATIONS; null: the source has none. */
export function creation(collation: string | null): readonly string[] {
  const text = `VARCHAR(${MAX_KEY_BYTES}) CHARACTER SET utf8mb4 COLLATE ${collation}`;
  const path = `path ${collation === null ? `VARBINARY(${MAX_KEY_BYTES})` : text} NOT NULL`;
  return [
    `CREATE DATABASE IF NOT EXISTS \`${KEY_DATABASE}\` CHARACTER SET utf8mb4`,
    `CREATE TABLE IF NOT EXISTS ${STATE} (id TINYINT NOT NULL PRIMARY KEY, version BIGINT NOT NULL) ENGINE = InnoDB`,
    `INSERT IGNORE INTO ${STATE} VALUES (1, 0)`,
    `CREATE TABLE IF NOT EXISTS ${BITS} (${path}, piece INT NOT NULL, bytes VARBINARY(${KEY_BIT_PIECE_BYTES}) NOT NULL, PRIMARY KEY (path, piece)) ENGINE = InnoDB`,
    `CREATE TABLE IF NOT EXISTS ${KEYS} (${path} PRIMARY KEY, type ENUM (${quoted(KEY_TYPES)}) NOT NULL, storage ENUM (${quoted(STORAGES)}) NOT NULL, value LONGBLOB, version BIGINT NOT NULL, expires_at BIGINT, KEY expiring (expires_at)) ENGINE = InnoDB`,
  ];
}

/** Of a transaction that writes: from here to its end nobody else does. */
export const ADVANCE = `UPDATE ${STATE} SET version = version + 1 WHERE id = 1`;
/** By so many; the last of them is the answer's insert id. */
export function advanceBy(versions: number): string {
  return `UPDATE ${STATE} SET version = LAST_INSERT_ID(version + ${versions}) WHERE id = 1`;
}
export const READ_VERSION = `SELECT version FROM ${STATE} WHERE id = 1`;

/** Of the answer to READ_VERSION. */
export function versionIn(answer: SourceAnswer | undefined): number {
  const version = answer?.results[0] === undefined ? undefined : textTable(answer.results[0])[0]?.[0];
  if (version === undefined) throw noState();
  return Number(version);
}

export function noState(): SourceError {
  return new SourceError(1105, 'HY000', 'sluice.key_state is empty: it must have one row');
}

/** As bytes: a session may have its text in any character set. */
const PATH = 'CAST(path AS BINARY)';
const COLUMNS = `${PATH}, type + 0, storage + 0, value, version, expires_at`;
export const COLUMN_COUNT = 6;

export interface Selection {
  /** A condition. */
  readonly where: string;
  /** Only entries that have not expired by then; null: all. */
  readonly liveAt: number | null;
  readonly reverse?: boolean;
  readonly limit: number;
  readonly forUpdate: boolean;
}

export function selectEntries({ where, liveAt, reverse = false, limit, forUpdate }: Selection): string {
  const live = liveAt === null ? '' : ` AND (expires_at IS NULL OR expires_at > ${liveAt})`;
  const order = `ORDER BY path${reverse ? ' DESC' : ''} LIMIT ${limit}`;
  return `SELECT ${COLUMNS} FROM ${KEYS} WHERE ${where}${live} ${order}${forUpdate ? ' FOR UPDATE' : ''}`;
}

export function selectPieces(where: string, forUpdate: boolean): string {
  return `SELECT ${PATH}, piece, bytes FROM ${BITS} WHERE ${where}${forUpdate ? ' FOR UPDATE' : ''}`;
}

/** Paths of what has expired by `now`, those first that did so first. */
export function selectExpired(now: number, limit: number): string {
  return `SELECT ${PATH} FROM ${KEYS} WHERE expires_at <= ${now} ORDER BY expires_at LIMIT ${limit}`;
}

export function inRange({ from, to }: { readonly from: string; readonly to: string | null }): string {
  const upper = to === null ? '' : ` AND path < ${pathText(to)}`;
  return `path >= ${pathText(from)}${upper}`;
}

export function among(paths: readonly string[]): string {
  return `path IN (${paths.map(pathText).join(',')})`;
}

/** path, type, value, version, expires_at in the tree's own form, from a row of COLUMNS. */
export function entryRow([path, type, storage, value, version, expiresAt]: readonly (Buffer | null)[]): StoreRow {
  return [
    path!.toString('utf8'),
    BigInt(String(type)),
    storedValue(STORAGES[Number(String(storage)) - 1]!, value ?? null),
    BigInt(String(version)),
    expiresAt == null ? null : BigInt(String(expiresAt)),
  ];
}

function storedValue(storage: Storage, bytes: Buffer | null): StoreValue {
  if (bytes === null) return null;
  switch (storage) {
    case 'null':
      return null;
    case 'integer':
      return BigInt(bytes.toString('latin1'));
    case 'real':
      return Number(bytes.toString('latin1'));
    case 'text':
      return bytes.toString('utf8');
    case 'bytes':
      return Uint8Array.from(bytes);
  }
}

/** `storage`: as SQLite's typeof() names it. */
function valueSql(storage: string, value: StoreValue): string {
  switch (storage) {
    case 'null':
      return "'null',NULL";
    case 'integer':
      return `'integer','${value}'`;
    case 'real':
      return `'real','${Object.is(value, -0) ? '-0' : value}'`;
    case 'text':
      return `'text',${hex(value as string)}`;
    default:
      return `'bytes',${hex((value as Uint8Array | null) ?? new Uint8Array())}`;
  }
}

/** Digits that no setting of the connection reads otherwise. */
function hex(value: string | Uint8Array): string {
  return `x'${Buffer.from(value as string).toString('hex')}'`;
}

/** Text whatever the connection's character set is; bytes beside a column of bytes. */
function pathText(path: string): string {
  return `_utf8mb4 ${hex(path)}`;
}

/** A row of path, type, typeof(value), value, version, expires_at. */
export function entryTuple([path, type, storage, value, version, expiresAt]: StoreRow): string {
  return `(${pathText(path as string)},${type},${valueSql(storage as string, value ?? null)},${version},${expiresAt ?? 'NULL'})`;
}

export function pieceTuple([path, piece, bytes]: StoreRow): string {
  return `(${pathText(path as string)},${piece},${hex(bytes as Uint8Array)})`;
}

/** Statements of about this length: far from what a MySQL server takes at most. */
const STATEMENT_BYTES = 1024 * 1024;

function inParts(parts: readonly string[], statementOf: (some: string) => string): string[] {
  const statements: string[] = [];
  let some: string[] = [];
  let bytes = 0;
  for (const part of parts) {
    some.push(part);
    bytes += part.length;
    if (bytes < STATEMENT_BYTES) continue;
    statements.push(statementOf(some.join(',')));
    some = [];
    bytes = 0;
  }
  if (some.length > 0) statements.push(statementOf(some.join(',')));
  return statements;
}

export function putEntries(tuples: readonly string[]): string[] {
  return inParts(
    tuples,
    (some) => `REPLACE INTO ${KEYS} (path, type, storage, value, version, expires_at) VALUES ${some}`,
  );
}

export function putPieces(tuples: readonly string[]): string[] {
  return inParts(tuples, (some) => `REPLACE INTO ${BITS} (path, piece, bytes) VALUES ${some}`);
}

export function deleteEntries(paths: readonly string[]): string[] {
  return inParts(paths.map(pathText), (some) => `DELETE FROM ${KEYS} WHERE path IN (${some})`);
}

/** All pieces of these sets. */
export function deleteSets(paths: readonly string[]): string[] {
  return inParts(paths.map(pathText), (some) => `DELETE FROM ${BITS} WHERE path IN (${some})`);
}

export function deletePieces(pieces: readonly StoreRow[]): string[] {
  const parts = pieces.map(([path, piece]) => `(${pathText(path as string)},${piece})`);
  return inParts(parts, (some) => `DELETE FROM ${BITS} WHERE (path, piece) IN (${some})`);
}

/** A statement that means the same to both (StepReach.isPortable), its parameters written into it. */
export function portable(sql: string, params: readonly StoreValue[]): string {
  let at = 0;
  return sql
    .replace('SELECT path ', `SELECT ${PATH} `)
    .replaceAll(KEYS_SQL, KEYS)
    .replaceAll('?', () => String(params[at++]));
}
