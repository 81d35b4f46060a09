/** Statements on connections of the source's pools that no session has brought into another state, and on those of writers of keys. */
import { failure, SluiceError } from '../../../errors.ts';
import type { SourceConnection } from '../../../stores/mysql/connection.ts';
import type { ConnectionPool } from '../../../stores/mysql/pool.ts';
import type { SourceAnswer } from '../../../stores/mysql/result.ts';
import { Settings, type SettingsText } from '../../../stores/mysql/settings.ts';

const NO_SETTINGS = new Settings().text;
/**
 * Every statement is in a transaction, without one that begins it. After a deadlock, which ends it, the statements that have been sent already are in another one:
 * it ends with the connection's reset, and nothing of them stays.
 */
const WRITERS: SettingsText = {
  key: 'keys',
  statements: ['SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ', 'SET autocommit = 0'],
};

/** A connection without settings of a session. */
export function takeClean(pool: ConnectionPool): Promise<SourceConnection> {
  return takeWith(pool, NO_SETTINGS);
}

/** One on which nothing is committed but by commit(). */
export function takeForWriting(pool: ConnectionPool): Promise<SourceConnection> {
  return takeWith(pool, WRITERS);
}

async function takeWith(pool: ConnectionPool, settings: SettingsText): Promise<SourceConnection> {
  const connection = await pool.take({ database: null, settings });
  if (connection.settings === settings.key) return connection;
  try {
    if (connection.settings !== null) await connection.reset();
    await inOrder(connection, settings.statements);
    connection.settings = settings.key;
    return connection;
  } catch (error) {
    connection.isTainted = true;
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
