/** Small questions to the source. */
import type { SourceConnection } from '../stores/mysql/connection.ts';
import { textTable } from '../stores/mysql/rows.ts';
import type { BinlogPosition } from './binlog/position.ts';

type TextRow = readonly (string | null)[];

export async function askRows(connection: SourceConnection, statement: string): Promise<TextRow[]> {
  const { results } = await connection.query(statement);
  return results[0] === undefined ? [] : textTable(results[0]);
}

/** The first row; empty without one. */
export async function askRow(connection: SourceConnection, statement: string): Promise<TextRow> {
  return (await askRows(connection, statement))[0] ?? [];
}

/** A string literal, whatever the sql_mode. */
export function quotedText(text: string): string {
  return text === '' ? "''" : `_utf8mb4 X'${Buffer.from(text, 'utf8').toString('hex')}'`;
}

/** Where its binlog ends now: whatever anybody could have read before the question came is before it. */
export async function endOfBinlog(connection: SourceConnection): Promise<BinlogPosition> {
  const [file, offset] = await askRow(connection, 'SHOW MASTER STATUS');
  if (file === undefined || file === null) throw new Error('the source writes no binlog any more (log_bin)');
  return { file, offset: Number(offset) };
}
