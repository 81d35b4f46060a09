/**
 * Where the file keeps what is not user data. These tables have no dot in their names, so no user table can collide with them, and no
 * declared primary key, so that SQLite's session extension (the source of the change reports) leaves them out.
 */
import { SluiceError } from '../../errors.ts';
import { Catalog } from '../catalog.ts';
import type { DatabaseDefinition, TableDefinition } from '../schema.ts';
import type { StoreValue } from '../values.ts';
import type { Connection } from './connection.ts';

/** 'Slui' in ASCII. */
const APPLICATION_ID = 0x536c7569;
/** Grows when a release changes the file in a way that older releases cannot read. */
const FORMAT_VERSION = 1;

const CREATE = `
CREATE TABLE sluice_state (sequence INTEGER NOT NULL, catalog_version INTEGER NOT NULL, writer_epoch INTEGER NOT NULL, group_id INTEGER NOT NULL);
CREATE TABLE sluice_databases (name TEXT NOT NULL COLLATE NOCASE, definition TEXT NOT NULL);
CREATE TABLE sluice_tables (stored_name TEXT NOT NULL COLLATE NOCASE, definition TEXT NOT NULL);
CREATE TABLE sluice_counters (stored_name TEXT NOT NULL COLLATE NOCASE, reserved INTEGER NOT NULL);
CREATE UNIQUE INDEX sluice_databases_name ON sluice_databases (name);
CREATE UNIQUE INDEX sluice_tables_name ON sluice_tables (stored_name);
CREATE UNIQUE INDEX sluice_counters_name ON sluice_counters (stored_name);
INSERT INTO sluice_state VALUES (0, 1, 0, 0);
INSERT INTO sluice_databases VALUES ('main', '{"name":"main"}');
PRAGMA application_id = ${APPLICATION_ID};
PRAGMA user_version = ${FORMAT_VERSION};
`;

/** Makes the catalog in an empty file, with the one database `main`. Must run inside a transaction. */
export function createCatalogTables(connection: Connection): void {
  connection.exec(CREATE);
}

export function isEmptyFile(connection: Connection): boolean {
  return connection.get('SELECT 1 FROM sqlite_schema LIMIT 1') === undefined;
}

/** Throws when the file is not Sluice's, or of a later format than this release knows. */
export function checkFormat(connection: Connection, path: string): void {
  const application = connection.get('PRAGMA application_id')?.[0];
  const version = Number(connection.get('PRAGMA user_version')?.[0]);
  if (application !== APPLICATION_ID) {
    throw new SluiceError('ER_UNKNOWN_ERROR', `${path} is not a Sluice database`);
  }
  if (version > FORMAT_VERSION) {
    throw new SluiceError(
      'ER_UNKNOWN_ERROR',
      `${path} has format version ${version}; this release reads up to ${FORMAT_VERSION}: use a later release of Sluice`,
    );
  }
}

export interface StoredState {
  /** Of the newest commit. */
  readonly sequence: number;
  readonly catalogVersion: number;
  /** Which writer may commit: each one that opens the file takes the next number, and the earlier ones can commit no more. */
  readonly writerEpoch: number;
  /** The group that the newest commit carried out, as its sender numbered it: tells after a crash what was done. */
  readonly groupId: number;
}

const READ_STATE = 'SELECT sequence, catalog_version, writer_epoch, group_id FROM sluice_state';

export function readState(connection: Connection): StoredState {
  const row = connection.get(READ_STATE) as [number, number, number, number];
  return { sequence: row[0], catalogVersion: row[1], writerEpoch: row[2], groupId: row[3] };
}

export function loadCatalog(connection: Connection): Catalog {
  const version = readState(connection).catalogVersion;
  const databases = connection.all('SELECT definition FROM sluice_databases');
  const tables = connection.all('SELECT definition FROM sluice_tables');
  return new Catalog(
    version,
    databases.map((row) => decode(row[0]) as DatabaseDefinition),
    tables.map((row) => decode(row[0]) as TableDefinition),
  );
}

export function saveDatabase(connection: Connection, database: DatabaseDefinition): void {
  connection.run(
    'INSERT INTO sluice_databases VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET definition = excluded.definition',
    [database.name, encode(database)],
  );
}

export function removeDatabase(connection: Connection, name: string): void {
  connection.run('DELETE FROM sluice_databases WHERE name = ?', [name]);
}

export function saveTable(connection: Connection, storedName: string, table: TableDefinition): void {
  connection.run(
    'INSERT INTO sluice_tables VALUES (?, ?) ON CONFLICT (stored_name) DO UPDATE SET stored_name = excluded.stored_name, definition = excluded.definition',
    [storedName, encode(table)],
  );
}

export function removeTable(connection: Connection, storedName: string): void {
  connection.run('DELETE FROM sluice_tables WHERE stored_name = ?', [storedName]);
}

export function bumpCatalogVersion(connection: Connection): void {
  connection.run('UPDATE sluice_state SET catalog_version = catalog_version + 1');
}

/** Takes the right to commit: the new writer's epoch. */
export function takeWriterEpoch(connection: Connection): number {
  connection.run('UPDATE sluice_state SET writer_epoch = writer_epoch + 1');
  return readState(connection).writerEpoch;
}

const ADVANCE = 'UPDATE sluice_state SET sequence = ?, group_id = ? WHERE writer_epoch = ?';

/** Records a commit; false when a later writer has taken over. */
export function advanceState(connection: Connection, sequence: number, groupId: number, writerEpoch: number): boolean {
  return connection.run(ADVANCE, [BigInt(sequence), BigInt(groupId), BigInt(writerEpoch)]) === 1;
}

/** JSON has no big integers and no bytes: both are written as an object with one key that no definition has. */
function encode(definition: DatabaseDefinition | TableDefinition): string {
  return JSON.stringify(definition, (_key, value: unknown) => {
    if (typeof value === 'bigint') return { $integer: value.toString() };
    if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
    return value;
  });
}

function decode(text: StoreValue | undefined): unknown {
  if (typeof text !== 'string') throw new TypeError('a catalog definition is not text');
  if (!text.includes('{"$')) return JSON.parse(text);
  return JSON.parse(text, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    if ('$integer' in value) return BigInt(String(value.$integer));
    if ('$bytes' in value) return new Uint8Array(Buffer.from(String(value.$bytes), 'base64'));
    return value;
  });
}
