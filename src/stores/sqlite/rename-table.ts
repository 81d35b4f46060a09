/** RENAME TABLE, also into another database: the foreign keys of other tables follow. */
import { failure } from '../../errors.ts';
import { storedName, type TableDefinition } from '../schema.ts';
import type { TableName } from '../schema-change.ts';
import * as tables from './catalog-tables.ts';
import { createIndexesSql, quotedTable, quoteName, sameName, storedIndexName } from './ddl.ts';
import { referencesTo } from './foreign-keys.ts';
import { attachListIndexes, detachListIndexes } from './list-indexes.ts';
import type { WriteContext } from './write-context.ts';

/** No user table can have this name: '@' in theirs is encoded. */
const PASSING_NAME = '@sluice.renamed';

/** Inside a schema change's transaction. Throws 1049 and 1050. */
export function renameTable(context: WriteContext, table: TableDefinition, to: TableName): void {
  const { catalog, connection } = context;
  if (!catalog.database(to.database)) throw failure('ER_BAD_DB_ERROR', to.database);
  const target = catalog.table(to.database, to.name);
  if (target !== undefined && target !== table) throw failure('ER_TABLE_EXISTS_ERROR', to.name);
  const renamed: TableDefinition = { ...followRename(table, table, to), database: to.database, name: to.name };
  for (const index of table.indexes) connection.exec(`DROP INDEX ${quoteName(storedIndexName(table, index.name))}`);
  detachListIndexes(connection, table);
  // With legacy_alter_table off, SQLite rewrites the REFERENCES of the other tables along with the name.
  connection.exec('PRAGMA legacy_alter_table = OFF');
  // SQLite takes a name in another case for one that is taken.
  connection.exec(`ALTER TABLE ${quotedTable(table)} RENAME TO ${quoteName(PASSING_NAME)}`);
  connection.exec(`ALTER TABLE ${quoteName(PASSING_NAME)} RENAME TO ${quotedTable(to)}`);
  connection.exec('PRAGMA legacy_alter_table = ON');
  for (const sql of createIndexesSql(renamed)) connection.exec(sql);
  attachListIndexes(connection, renamed);
  tables.removeTable(connection, storedName(table.database, table.name));
  tables.saveTable(connection, storedName(to.database, to.name), renamed);
  context.autoIncrement.rename(table, to);
  for (const child of new Set(referencesTo(catalog, table).map((reference) => reference.child))) {
    if (child === table) continue;
    tables.saveTable(connection, storedName(child.database, child.name), followRename(child, table, to));
  }
}

/** `child` with its references to `parent` under the parent's new name. */
function followRename(child: TableDefinition, parent: TableDefinition, to: TableName): TableDefinition {
  return {
    ...child,
    foreignKeys: child.foreignKeys.map((key) =>
      sameName(key.referencedDatabase, parent.database) && sameName(key.referencedTable, parent.name)
        ? { ...key, referencedDatabase: to.database, referencedTable: to.name }
        : key,
    ),
  };
}
