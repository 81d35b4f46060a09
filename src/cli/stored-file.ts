/** What the commands about a data directory's file share: opening it for reading, and copying it. */
import { existsSync, rmSync, statSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SluiceError } from '../errors.ts';
import { STORE_FUNCTIONS } from '../processes/store-functions.ts';
import { checkFormat } from '../stores/sqlite/catalog-tables.ts';
import { Connection } from '../stores/sqlite/connection.ts';
import { databasePath } from '../stores/sqlite/data-directory.ts';

const CACHE_KIBIBYTES = 64 * 1024;
const BUSY_TIMEOUT_MS = 10_000;
const BYTES_PER_MEGABYTE = 1_000_000;

/** Throws when there is no file, when it is not Sluice's, or of a later format. Also while a server has it open: readers never wait. */
export function openForReading(path: string): Connection {
  if (!existsSync(path)) throw new SluiceError('ER_UNKNOWN_ERROR', `there is no ${path}`);
  const connection = new Connection(path, {
    readOnly: true,
    functions: STORE_FUNCTIONS,
    cacheKibibytes: CACHE_KIBIBYTES,
    busyTimeoutMs: BUSY_TIMEOUT_MS,
  });
  try {
    checkFormat(connection, path);
  } catch (error) {
    connection.close();
    throw error;
  }
  return connection;
}

/** Throws as openForReading() does. */
export function openDirectory(directory: string): Connection {
  const path = databasePath(directory);
  if (!existsSync(path)) throw new SluiceError('ER_UNKNOWN_ERROR', `${directory} holds no data: there is no ${path}`);
  return openForReading(path);
}

/**
 * Copies the newest commit's state to `target`, compacted, while others may go on writing. `target` appears when the copy is whole and on the
 * disk; an earlier file there is an error.
 */
export async function copyTo(connection: Connection, target: string): Promise<void> {
  if (existsSync(target)) throw new SluiceError('ER_UNKNOWN_ERROR', `${target} is already there`);
  const unfinished = `${target}.unfinished`;
  rmSync(unfinished, { force: true });
  try {
    connection.run('VACUUM INTO ?', [unfinished]);
    await flush(unfinished);
    await rename(unfinished, target);
  } finally {
    rmSync(unfinished, { force: true });
  }
  await flush(dirname(target));
}

async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export function megabytes(path: string): string {
  return `${(statSync(path).size / BYTES_PER_MEGABYTE).toFixed(1)} MB`;
}
