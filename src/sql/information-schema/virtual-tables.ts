/**
 * The tables that are computed when asked: information_schema and a part of performance_schema, with MySQL 8's columns. They are made
 * from the catalog and the session alone, never from the rows of tables, so a query of them cannot take long; what only a
 * scan could tell (how many rows a table has) is NULL. SHOW (in ../show) is made of the same parts.
 */
import type { Catalog } from '../../stores/catalog.ts';
import type { DatabaseDefinition } from '../../stores/schema.ts';
import type { VirtualTable } from '../virtual-table.ts';
import { columnsTable } from './columns-table.ts';
import {
  checkConstraintsTable,
  keyColumnUsageTable,
  referentialConstraintsTable,
  tableConstraintsTable,
} from './constraint-tables.ts';
import { INFORMATION_SCHEMA } from './define.ts';
import {
  columnStatisticsTable,
  eventsTable,
  filesTable,
  parametersTable,
  routinesTable,
  triggersTable,
  viewsTable,
} from './empty-tables.ts';
import { partitionsTable } from './partitions-table.ts';
import {
  columnPrivilegesTable,
  schemaPrivilegesTable,
  tablePrivilegesTable,
  userPrivilegesTable,
} from './privilege-tables.ts';
import { visibleDatabases } from './schema-objects.ts';
import { schemataTable } from './schemata-table.ts';
import {
  characterSetsTable,
  collationApplicabilityTable,
  collationsTable,
  enginesTable,
  pluginsTable,
} from './server-tables.ts';
import { processlistTable, statusTable, variablesTable } from './session-tables.ts';
import { statisticsTable } from './statistics-table.ts';
import { tablesTable } from './tables-table.ts';

const PERFORMANCE_SCHEMA = 'performance_schema';

const LISTED_DATABASES: readonly string[] = [INFORMATION_SCHEMA, PERFORMANCE_SCHEMA];

/**
 * Databases that are always there. `mysql` has no tables, since accounts are not kept in tables; it is not listed, because mysqldump takes it
 * for certain that a listed one has its logs.
 */
const VIRTUAL_DATABASES: readonly string[] = [...LISTED_DATABASES, 'mysql'];

/** In the order of database and name. */
export const VIRTUAL_TABLES: readonly VirtualTable[] = [
  characterSetsTable(),
  checkConstraintsTable(),
  collationApplicabilityTable(),
  collationsTable(),
  columnPrivilegesTable(),
  columnStatisticsTable(),
  columnsTable(() => VIRTUAL_TABLES),
  enginesTable(),
  eventsTable(),
  filesTable(),
  keyColumnUsageTable(),
  parametersTable(),
  partitionsTable(),
  pluginsTable(),
  processlistTable(),
  referentialConstraintsTable(),
  routinesTable(),
  schemaPrivilegesTable(),
  schemataTable(LISTED_DATABASES),
  statisticsTable(),
  tableConstraintsTable(),
  tablePrivilegesTable(),
  tablesTable(() => VIRTUAL_TABLES),
  triggersTable(),
  userPrivilegesTable(),
  viewsTable(),
  // Up to MySQL 5.7 these were here, and tools still ask.
  statusTable('GLOBAL_STATUS'),
  variablesTable('GLOBAL_VARIABLES', 'global'),
  statusTable('SESSION_STATUS'),
  variablesTable('SESSION_VARIABLES', 'session'),
  statusTable('global_status', PERFORMANCE_SCHEMA),
  variablesTable('global_variables', 'global', PERFORMANCE_SCHEMA),
  processlistTable(PERFORMANCE_SCHEMA),
  statusTable('session_status', PERFORMANCE_SCHEMA),
  variablesTable('session_variables', 'session', PERFORMANCE_SCHEMA),
].sort((a, b) => (placeOf(a.database, a.name) < placeOf(b.database, b.name) ? -1 : 1));

const byPlace = new Map(VIRTUAL_TABLES.map((table) => [placeOf(table.database, table.name), table]));

function placeOf(database: string, name: string): string {
  return `${database}.${name}`.toLowerCase();
}

/** In any case. Undefined when there is no such table; the database may exist all the same: isVirtualDatabase. */
export function findVirtualTable(database: string, name: string): VirtualTable | undefined {
  return byPlace.get(placeOf(database, name));
}

/** Nothing can be created, changed or dropped in these: 1044. */
export function isVirtualDatabase(name: string): boolean {
  return VIRTUAL_DATABASES.includes(name.toLowerCase());
}

/** As SHOW DATABASES lists them. */
export function databasesOf(catalog: Catalog): DatabaseDefinition[] {
  return visibleDatabases(catalog, LISTED_DATABASES);
}
