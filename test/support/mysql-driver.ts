import { type Connection, type ConnectionOptions, createConnection, type RowDataPacket } from 'mysql2/promise';

/** A connection of the driver that Node programs use, as root, to a server that startSluice() gave. */
export function connectDriver(
  { mysqlPort }: { readonly mysqlPort: number },
  options: ConnectionOptions = {},
): Promise<Connection> {
  return createConnection({ host: '127.0.0.1', port: mysqlPort, user: 'root', ...options });
}

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
export async function valueOf(
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
