/** Makes the system tables that are missing, when the file is opened for writing. */
import { SluiceError } from '../../errors.ts';
import { storedName, type TableDefinition } from '../schema.ts';
import type { SystemTable } from '../system-table.ts';
import * as tables from './catalog-tables.ts';
import type { Connection } from './connection.ts';
import { createIndexesSql, createTableSql } from './ddl.ts';

/**
 * Must run inside a transaction, before the catalog is used. No commit of its own: nobody can have read the tables before.
 * @throws SluiceError when a table of that name is there that is not ours.
 */
export function createSystemTables(connection: Connection, systemTables: readonly SystemTable[]): void {
  const catalog = tables.loadCatalog(connection);
  let made = false;
  for (const { definition: table, statements } of systemTables) {
    const there = catalog.table(table.database, table.name);
    if (there !== undefined) {
      checkSame(there, table);
      continue;
    }
    made = true;
    if (catalog.database(table.database) === undefined) tables.saveDatabase(connection, { name: table.database });
    connection.exec(createTableSql(table));
    for (const sql of [...createIndexesSql(table), ...statements]) connection.exec(sql);
    tables.saveTable(connection, storedName(table.database, table.name), table);
  }
  if (made) tables.bumpCatalogVersion(connection);
}

function checkSame(there: TableDefinition, ours: TableDefinition): void {
  const columns = ({ columns }: TableDefinition): string => columns.map(({ name, type }) => name + type.name).join();
  if (columns(there) === columns(ours)) return;
  throw new SluiceError(
    'ER_UNKNOWN_ERROR',
    `The table ${ours.database}.${ours.name} holds something else than this release keeps there: rename it with the release that made it`,
  );
}
