import { type Connection, createConnection, type FieldPacket, type RowDataPacket } from 'mysql2/promise';
import { startMariadb } from '../../support/mariadb-server.ts';
import { type Answer, type AnswerRow, cellText, type ParameterValue, type Side } from './answer.ts';

/**
 * MySQL 8's settings, as far as MariaDB has them: strict, and a collation that does not ignore blanks at the end (utf8mb4_0900_ai_ci does not
 * either). ONLY_FULL_GROUP_BY is left out: MariaDB's does not know functional dependence.
 */
export const SQL_MODE =
  'STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';
const COLLATION = 'utf8mb4_general_nopad_ci';

/** A MariaDB server of its own with an empty database `d`. */
export async function mariadbSide(): Promise<Side> {
  const server = await startMariadb({
    args: [`--collation-server=${COLLATION}`, `--sql-mode=${SQL_MODE}`, '--default-time-zone=+00:00', '--skip-log-bin'],
  });
  const side = await connectMariadb(server.port);
  return {
    ...side,
    async close() {
      await side.close();
      await server.stop();
    },
  };
}

export async function connectMariadb(port: number): Promise<Side> {
  const connection = await createConnection({
    host: '127.0.0.1',
    port,
    user: 'root',
    rowsAsArray: true,
    // mysql2 would otherwise ask for its own default.
    charset: 'utf8mb4_general_ci',
    flags: ['-FOUND_ROWS'],
    multipleStatements: false,
    typeCast: (field) => cellText(field.buffer()),
  });
  await connection.query(`SET NAMES utf8mb4 COLLATE ${COLLATION}`);
  // MySQL rounds fractions of seconds; MariaDB does when it is asked to.
  await connection.query(`SET sql_mode = '${SQL_MODE},TIME_ROUND_FRACTIONAL'`);
  await connection.query('DROP DATABASE IF EXISTS d');
  await connection.query('CREATE DATABASE d');
  await connection.query('USE d');
  return {
    name: 'MariaDB',
    async run(sql, parameters) {
      try {
        if (parameters !== undefined) return answerOf(await executePrepared(connection, sql, parameters));
        return answerOf(await connection.query<RowDataPacket[]>(sql));
      } catch (error) {
        const { errno, sqlMessage, message } = error as { errno?: number; sqlMessage?: string; message: string };
        return { kind: 'error', errno: errno ?? 0, message: sqlMessage ?? message };
      }
    },
    close: () => connection.end(),
  };
}

/** By SQL's own PREPARE, so that the answer comes as text. */
async function executePrepared(
  connection: Connection,
  sql: string,
  parameters: readonly ParameterValue[],
): Promise<[RowDataPacket[], FieldPacket[]]> {
  await connection.query(`PREPARE statement FROM ${connection.escape(sql)}`);
  const names = parameters.map((_, i) => `@p${i}`);
  for (const [i, value] of parameters.entries()) {
    const literal = typeof value === 'number' && !Number.isInteger(value) ? `${value}e0` : connection.escape(value);
    await connection.query(`SET ${names[i]} = ${literal}`);
  }
  const using = names.length === 0 ? '' : ` USING ${names.join(', ')}`;
  return connection.query<RowDataPacket[]>(`EXECUTE statement${using}`);
}

function answerOf([result, fields]: [unknown, FieldPacket[]]): Answer {
  if (!Array.isArray(result)) {
    const { affectedRows, insertId } = result as { affectedRows: number; insertId: number };
    return { kind: 'ok', affected: affectedRows, insertId: String(insertId) };
  }
  const columns = fields.map((field) => ({ name: field.name, type: typeText(field) }));
  return { kind: 'rows', columns, rows: result as AnswerRow[] };
}

const BINARY_CHARSET = 63;

function typeText(field: FieldPacket): string {
  const { columnType = 0, decimals = 0, characterSet = 0 } = field as FieldPacket & { characterSet?: number };
  switch (columnType) {
    case 1:
    case 2:
    case 3:
    case 8:
    case 9:
    case 13:
      return 'int';
    case 0:
    case 246:
      return `decimal(${decimals})`;
    case 4:
    case 5:
      return 'double';
    case 6:
      return 'null';
    case 10:
      return 'date';
    case 11:
      return 'time';
    case 7:
    case 12:
      return 'datetime';
    case 16:
      return 'bit';
    default:
      return characterSet === BINARY_CHARSET ? 'bytes' : 'text';
  }
}
