/** Statements on connections of the source's pools that no session has brought into another state. */
import { failure, SluiceError } from '../../../errors.ts';
import type { SourceConnection } from '../../../stores/mysql/connection.ts';
import type { ConnectionPool } from '../../../stores/mysql/pool.ts';
import type { SourceAnswer } from '../../../stores/mysql/result.ts';
import { Settings } from '../../../stores/mysql/settings.ts';

const NO_SETTINGS = new Settings().text;
const WANTED = { database: null, settings: NO_SETTINGS };

/** A connection without settings of a session. */
export async function takeClean(pool: ConnectionPool): Promise<SourceConnection> {
  const connection = await pool.take(WANTED);
  if (connection.settings === NO_SETTINGS.key) return connection;
  try {
    if (connection.settings !== null) await connection.reset();
    connection.settings = NO_SETTINGS.key;
    return connection;
  } catch (error) {
    giveBack(pool, connection);
    throw error;
  }
}

export function giveBack(pool: ConnectionPool, connection: SourceConnection): void {
  if (connection.isClosed) pool.forget(connection);
  else pool.giveBack(connection);
}

/** Sent together; rejects with the first failure, when all have been answered. */
export async function inOrder(connection: SourceConnection, texts: readonly string[]): Promise<SourceAnswer[]> {
  const settled = await Promise.allSettled(texts.map((text) => connection.query(text)));
  return settled.map((each) => {
    if (each.status === 'rejected') throw each.reason;
    return each.value;
  });
}

export async function commit(connection: SourceConnection): Promise<void> {
  try {
    await connection.query('COMMIT');
  } catch (error) {
    if (!connection.isClosed) throw error;
    throw failure('SLUICE_SOURCE_OUTCOME_UNKNOWN', error instanceof SluiceError ? error.message : String(error));
  }
}
