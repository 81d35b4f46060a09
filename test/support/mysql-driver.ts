import {
  type Connection,
  type ConnectionOptions,
  createConnection,
  type FieldPacket,
  type QueryResult,
  type RowDataPacket,
} from 'mysql2/promise';

/** A connection of the driver that Node programs use, as root, to a server that startSluice() gave. */
export function connectDriver(
  { mysqlPort }: { readonly mysqlPort: number },
  options: ConnectionOptions = {},
): Promise<Connection> {
  return createConnection({ host: '127.0.0.1', port: mysqlPort, user: 'root', ...options });
}

/** One statement through the text protocol (query) or the binary one (execute). */
export function ask<Result extends QueryResult>(
  connection: Connection,
  method: 'query' | 'execute',
  sql: string,
  parameters: readonly DriverValue[] = [],
): Promise<[Result, FieldPacket[]]> {
  const values = [...parameters];
  return method === 'query' ? connection.query<Result>(sql, values) : connection.execute<Result>(sql, values);
}

/** What a placeholder may stand for. */
export type DriverValue = string | number | Buffer | Date | null;

/** The rows of a statement that gives some. */
export async function rowsOf<Row = Record<string, unknown>>(
  connection: Connection,
  sql: string,
  parameters: readonly (string | number)[] = [],
): Promise<Row[]> {
  const [rows] = await connection.query<RowDataPacket[]>(sql, [...parameters]);
  return rows as Row[];
}

/** The only value of the only row. */
export async function singleValue(
  connection: Connection,
  sql: string,
  parameters: readonly (string | number)[] = [],
): Promise<unknown> {
  const [row] = await rowsOf(connection, sql, parameters);
  return Object.values(row ?? {})[0];
}

/** What a MySQL driver says of a failed statement. */
export interface DriverError {
  readonly code: string;
  readonly errno: number;
  readonly sqlState: string;
  readonly message: string;
}

/** The failure of a promise that has to fail. */
export async function failureOf(promise: Promise<unknown>): Promise<DriverError> {
  try {
    await promise;
  } catch (error) {
    return error as DriverError;
  }
  throw new Error('it did not fail');
}
