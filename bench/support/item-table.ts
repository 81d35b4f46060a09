/** The table that clients of a gate ask for, so made that every answer can be checked. */
import { mysqlClient } from '../../test/support/mariadb-server.ts';

export const ROWS = 10_000;
export const DATABASE = 'shop';
export const SELECT_ITEM = 'SELECT c FROM item WHERE id=?';
/** Of a mix. */
export const WRITE_SHARE = 0.1;

export type StatementKind = 'text' | 'prepared' | 'write';

export const STATEMENTS = {
  text: (id: number) => `SELECT c FROM item WHERE id=${id}`,
  write: (id: number) => `UPDATE item SET k=k+1 WHERE id=${id}`,
} as const;

const TEXT_CHARS = 119;

/** The row's column c: as long as sysbench's. */
export function itemText(id: number): string {
  return `item ${id} `.padEnd(TEXT_CHARS, 'x');
}

/** Makes it, in a MariaDB server. */
export async function makeItemTable(server: { port: number }): Promise<void> {
  await mysqlClient(
    server,
    `CREATE DATABASE ${DATABASE}; USE ${DATABASE};
    CREATE TABLE item (id INT NOT NULL PRIMARY KEY, k INT NOT NULL, c CHAR(120) NOT NULL);
    INSERT INTO item SELECT seq, 0, RPAD(CONCAT('item ', seq, ' '), ${TEXT_CHARS}, 'x') FROM seq_1_to_${ROWS};
    ANALYZE TABLE item;`,
  );
}
