/**
 * Carries out schema changes: the file's tables and indexes, and the definitions in the catalog, in one transaction.
 *
 * The engine has switched foreign keys off (SQLite would otherwise delete row by row before dropping a table) and legacy_alter_table on
 * (a rename must not rewrite other tables' REFERENCES while a table is being rebuilt), opened the transaction, and loads the catalog afresh
 * after it. What foreign keys demand is checked here.
 */
import { failure } from '../../errors.ts';
import type { Catalog } from '../catalog.ts';
import { storedName, type TableDefinition } from '../schema.ts';
import type { SchemaChange, TableName } from '../schema-change.ts';
import { alterTable } from './alter-table.ts';
import * as tables from './catalog-tables.ts';
import { createIndexesSql, createTableSql, quotedTable } from './ddl.ts';
import { checkForeignKeys, checkReferencesTo, referencesTo } from './foreign-keys.ts';
import { executeInsert } from './insert.ts';
import {
  changeListIndex,
  createListIndexes,
  dropListIndexes,
  emptyListIndexes,
  listIndexesOf,
  withNewListIndexes,
} from './list-indexes.ts';
import { renameTable } from './rename-table.ts';
import type { WriteContext } from './write-context.ts';

export interface SchemaChangeOptions {
  readonly foreignKeyChecks: boolean;
}

/** What a change did, for the commit's report. */
export interface SchemaChangeResult {
  /** Tables whose rows may all be different now. */
  readonly tables: readonly TableName[];
  /** Rows written: CREATE TABLE ... SELECT, and ALTER TABLE's copies. */
  readonly affected: number;
}

const NOTHING: SchemaChangeResult = { tables: [], affected: 0 };

/** Throws a SluiceError; the caller rolls back. */
export function executeSchemaChange(
  context: WriteContext,
  change: SchemaChange,
  options: SchemaChangeOptions,
): SchemaChangeResult {
  for (const table of changedTables(context.catalog, change)) {
    if (table?.system !== undefined) throw failure('ER_NO_SYSTEM_TABLE_ACCESS', table.database, table.name);
  }
  switch (change.kind) {
    case 'create-database':
      if (context.catalog.database(change.database.name)) throw failure('ER_DB_CREATE_EXISTS', change.database.name);
      tables.saveDatabase(context.connection, change.database);
      return NOTHING;
    case 'alter-database':
      if (!context.catalog.database(change.database.name)) throw failure('ER_BAD_DB_ERROR', change.database.name);
      tables.saveDatabase(context.connection, change.database);
      return NOTHING;
    case 'drop-database':
      return dropDatabase(context, change.name, options);
    case 'create-table':
      return createTable(context, change, options);
    case 'drop-tables':
      return dropTables(context, change.tables, options);
    case 'rename-tables':
      return renameTables(context, change.renames);
    case 'alter-table':
      return alterTable(context, change, options);
    case 'truncate-table':
      return truncateTable(context, change.table, options);
    case 'list-index':
      changeListIndex(context, existingTable(context.catalog, change.table), change);
      return NOTHING;
  }
}

function existingTable(catalog: Catalog, name: TableName): TableDefinition {
  const table = catalog.table(name.database, name.name);
  if (table === undefined) throw failure('ER_NO_SUCH_TABLE', name.database, name.name);
  return table;
}

/** Those that the change takes away or makes different. */
function changedTables(catalog: Catalog, change: SchemaChange): readonly (TableDefinition | undefined)[] {
  switch (change.kind) {
    case 'drop-database':
      return catalog.tables(change.name);
    case 'drop-tables':
      return change.tables.map(({ database, name }) => catalog.table(database, name));
    case 'rename-tables':
      return change.renames.map(({ from }) => catalog.table(from.database, from.name));
    case 'alter-table':
    case 'truncate-table':
    case 'list-index':
      return [catalog.table(change.table.database, change.table.name)];
    default:
      return [];
  }
}

function createTable(
  context: WriteContext,
  change: Extract<SchemaChange, { kind: 'create-table' }>,
  options: SchemaChangeOptions,
): SchemaChangeResult {
  const { connection, catalog } = context;
  const table = withNewListIndexes(catalog, change.table);
  if (!catalog.database(table.database)) throw failure('ER_BAD_DB_ERROR', table.database);
  if (catalog.table(table.database, table.name)) throw failure('ER_TABLE_EXISTS_ERROR', table.name);
  checkForeignKeys(catalog, table, options.foreignKeyChecks);
  checkReferencesTo(catalog, table);
  connection.exec(createTableSql(table));
  for (const sql of createIndexesSql(table)) connection.exec(sql);
  tables.saveTable(connection, storedName(table.database, table.name), table);
  context.autoIncrement.forget(table);
  if (change.autoIncrement !== undefined) context.autoIncrement.reset(table, BigInt(change.autoIncrement));
  const affected = change.rows === undefined ? 0 : fill(context, table, change.rows);
  createListIndexes(connection, table);
  return { tables: [table], affected };
}

function fill(
  context: WriteContext,
  table: TableDefinition,
  rows: NonNullable<Extract<SchemaChange, { kind: 'create-table' }>['rows']>,
): number {
  const { database, name } = table;
  return executeInsert(context, table, { kind: 'insert', database, table: name, mode: 'insert', rows }).affected;
}

function dropDatabase(context: WriteContext, name: string, options: SchemaChangeOptions): SchemaChangeResult {
  const { catalog, connection } = context;
  const database = catalog.database(name);
  if (database === undefined) throw failure('ER_DB_DROP_EXISTS', name);
  const dropped = catalog.tables(name);
  dropTables(context, dropped, options);
  tables.removeDatabase(connection, database.name);
  return { tables: dropped, affected: dropped.length };
}

function dropTables(
  context: WriteContext,
  names: readonly TableName[],
  options: SchemaChangeOptions,
): SchemaChangeResult {
  const dropped = names.map((name) => existingTable(context.catalog, name));
  if (options.foreignKeyChecks) checkNoChildren(context.catalog, dropped);
  for (const table of dropped) {
    context.connection.exec(`DROP TABLE ${quotedTable(table)}`);
    dropListIndexes(context.connection, listIndexesOf(table));
    tables.removeTable(context.connection, storedName(table.database, table.name));
    context.autoIncrement.remove(table);
  }
  return { tables: dropped, affected: 0 };
}

/** Error 3730, unless the referencing tables are dropped too. */
function checkNoChildren(catalog: Catalog, dropped: readonly TableDefinition[]): void {
  for (const table of dropped) {
    const reference = referencesTo(catalog, table).find(({ child }) => !dropped.includes(child));
    if (reference) throw failure('ER_FK_CANNOT_DROP_PARENT', table.name, reference.key.name, reference.child.name);
  }
}

function truncateTable(context: WriteContext, name: TableName, options: SchemaChangeOptions): SchemaChangeResult {
  const table = existingTable(context.catalog, name);
  const reference = referencesTo(context.catalog, table).find(({ child }) => child !== table);
  if (reference && options.foreignKeyChecks) {
    throw failure('ER_FK_CANNOT_DROP_PARENT', table.name, reference.key.name, reference.child.name);
  }
  emptyListIndexes(context.connection, table, () => context.connection.exec(`DELETE FROM ${quotedTable(table)}`));
  context.autoIncrement.remove(table);
  return { tables: [table], affected: 0 };
}

/** One after the other, so that two tables can change places through a third name. */
function renameTables(
  context: WriteContext,
  renames: readonly { readonly from: TableName; readonly to: TableName }[],
): SchemaChangeResult {
  const touched: TableName[] = [];
  let { catalog } = context;
  for (const { from, to } of renames) {
    renameTable({ ...context, catalog }, existingTable(catalog, from), to);
    touched.push(from, to);
    catalog = tables.loadCatalog(context.connection);
  }
  return { tables: touched, affected: 0 };
}
