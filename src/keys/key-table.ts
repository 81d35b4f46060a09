/** The tables of the tree: `sluice.keys`, which SQL sees, and the pieces of its bit sets. */
import { MAX_KEY_BYTES } from '../limits.ts';
import type { TableDefinition } from '../stores/schema.ts';
import { KEY_TYPES } from './values.ts';

export const KEY_DATABASE = 'sluice';
export const KEY_TABLE = 'keys';
export const BITS_TABLE = 'key_bits';
/** What a write of more keys than a commit lists has changed. */
export const ALL_KEYS = [
  { database: KEY_DATABASE, name: KEY_TABLE },
  { database: KEY_DATABASE, name: BITS_TABLE },
] as const;
/** As the store names them. */
export const KEYS_SQL = `"${KEY_DATABASE}.${KEY_TABLE}"`;
export const BITS_SQL = `"${KEY_DATABASE}.${BITS_TABLE}"`;
/** An index of the keys that expire, by when. */
export const EXPIRING_SQL = `"${KEY_DATABASE}.${KEY_TABLE}.expiring"`;

const path = {
  name: 'path',
  type: { name: 'varchar', length: MAX_KEY_BYTES, collation: 'utf8mb4_bin' },
  nullable: false,
} as const;

/**
 * The store keeps each value as what it is (values.ts); SQL sees its text: a number's digits, true as 1, a date's milliseconds, JSON, of a bit set its length
 * in bytes. Bytes are bytes. What SQL may write: sql-writes.ts.
 */
export function keyTable(createdAt: string): TableDefinition {
  return {
    database: KEY_DATABASE,
    name: KEY_TABLE,
    kind: 'table',
    system: 'writable',
    columns: [
      path,
      { name: 'type', type: { name: 'enum', values: KEY_TYPES }, nullable: false },
      { name: 'value', type: { name: 'longtext', collation: 'utf8mb4_bin', asGiven: true }, nullable: true },
      { name: 'version', type: { name: 'bigint' }, nullable: false, setByStore: true },
      { name: 'expires_at', type: { name: 'bigint' }, nullable: true, comment: 'milliseconds since 1970, UTC' },
    ],
    primaryKey: ['path'],
    indexes: [],
    foreignKeys: [],
    checks: [],
    collation: 'utf8mb4_bin',
    createdAt,
  };
}

/** A piece that is not there is all zeros. Pieces go with their key, whoever removes it: triggers see to that (sql-writes.ts). */
export function bitsTable(createdAt: string): TableDefinition {
  return {
    database: KEY_DATABASE,
    name: BITS_TABLE,
    kind: 'table',
    system: 'readable',
    columns: [
      path,
      { name: 'piece', type: { name: 'int' }, nullable: false },
      { name: 'bytes', type: { name: 'longblob' }, nullable: false },
    ],
    primaryKey: ['path', 'piece'],
    indexes: [],
    foreignKeys: [],
    checks: [],
    collation: 'utf8mb4_bin',
    createdAt,
  };
}
