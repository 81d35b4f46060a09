/**
 * Whether the source's binlog is the one that the mirror has read: the same server, and its history has not begun anew (RESET MASTER, a data directory restored). Positions
 * alone do not tell, since files are numbered from 1 again.
 */
import type { SourceConnection } from '../stores/mysql/connection.ts';
import { askRow, quotedText } from './ask-source.ts';
import type { BinlogPosition } from './binlog/position.ts';

export interface SourceIdentity {
  /** Its server_id, and server_uid where it has one. */
  readonly server: string;
  /** A place in its binlog, and what the server says had happened by then (MariaDB's BINLOG_GTID_POS). */
  readonly position: BinlogPosition;
  readonly gtid: string;
}

/** Also null: that position is not in its binlog, or not where a transaction ends. */
export async function identityAt(
  connection: SourceConnection,
  position: BinlogPosition,
): Promise<SourceIdentity | null> {
  const gtid = await gtidAt(connection, position);
  return gtid === null ? null : { server: await serverOf(connection), position, gtid };
}

export async function isSameLine(connection: SourceConnection, identity: SourceIdentity): Promise<boolean> {
  if ((await serverOf(connection)) !== identity.server) return false;
  return (await gtidAt(connection, identity.position)) === identity.gtid;
}

async function gtidAt(connection: SourceConnection, { file, offset }: BinlogPosition): Promise<string | null> {
  const [gtid = null] = await askRow(connection, `SELECT BINLOG_GTID_POS(${quotedText(file)}, ${offset})`);
  return gtid;
}

async function serverOf(connection: SourceConnection): Promise<string> {
  const [id] = await askRow(connection, 'SELECT @@global.server_id');
  const [, uid = ''] = await askRow(connection, "SHOW GLOBAL VARIABLES LIKE 'server_uid'");
  return `${id} ${uid}`;
}
