/** The one file that names the SQLite package: everything else of this room speaks to these types. */
import { DatabaseSync } from '@photostructure/sqlite';
import type { StoreRow, StoreValue } from '../values.ts';

export { DatabaseSync };

/** The part of a prepared statement that is used here, with rows as arrays. */
export interface DriverStatement {
  run(...params: StoreValue[]): { changes: number | bigint };
  all(...params: StoreValue[]): StoreRow[];
  iterate(...params: StoreValue[]): IterableIterator<StoreRow>;
  setReadBigInts(on: boolean): void;
  close(): void;
}

export interface DriverSession {
  changeset(): Uint8Array;
  close(): void;
}

/** What SQLite throws. `errcode` is the extended result code. */
export interface SqliteFailure extends Error {
  readonly errcode: number;
}

export function isSqliteFailure(thrown: unknown): thrown is SqliteFailure {
  return thrown instanceof Error && typeof (thrown as { errcode?: unknown }).errcode === 'number';
}

/** An integer beyond 2^53 was met while integers are read as numbers. */
export function isOutOfNumberRange(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown as { code?: unknown }).code === 'ERR_OUT_OF_RANGE';
}
