/**
 * The data directory: `sluice.db` (SQLite, with its -wal and -shm) and `sluice.lock`.
 *
 * The lock is SQLite's own file lock on a small second database: the operating system frees it when its holder ends, however it ends.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { SluiceError } from '../../errors.ts';
import { DatabaseSync, isSqliteFailure } from './driver.ts';
import { SQLITE_BUSY } from './result-codes.ts';

export function databasePath(directory: string): string {
  return join(directory, 'sluice.db');
}

export interface DirectoryLock {
  release(): void;
}

/** Makes the directory if it is missing, and takes it for this process. Throws when another process has it. */
export function lockDirectory(directory: string): DirectoryLock {
  mkdirSync(directory, { recursive: true });
  const lock = new DatabaseSync(join(directory, 'sluice.lock'));
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (isSqliteFailure(error) && (error.errcode & 0xff) === SQLITE_BUSY) {
      throw new SluiceError('ER_UNKNOWN_ERROR', `The data directory ${directory} is in use by another Sluice process`);
    }
    throw error;
  }
  return { release: () => lock.close() };
}

export function databaseExists(directory: string): boolean {
  return existsSync(databasePath(directory));
}
