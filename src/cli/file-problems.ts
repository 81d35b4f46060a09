/**
 * What is wrong with a data directory's file: pages, indexes that disagree with their tables, values in columns that cannot hold them (SQLite's
 * integrity_check), a catalog that tells of other tables than there are, and rows that break a CHECK.
 */
import { STORE_FUNCTIONS } from '../processes/store-functions.ts';
import { SYSTEM_TABLES } from '../processes/system-tables.ts';
import type { Catalog } from '../stores/catalog.ts';
import { storedName, type TableDefinition } from '../stores/schema.ts';
import { loadCatalog } from '../stores/sqlite/catalog-tables.ts';
import { Connection } from '../stores/sqlite/connection.ts';
import { createIndexesSql, createTableSql, quotedTable } from '../stores/sqlite/ddl.ts';
import { createListIndexSql, createTriggersSql, storedListIndex } from '../stores/sqlite/list-index-sql.ts';
import { listIndexesOf } from '../stores/sqlite/list-indexes.ts';
import { listIndexProblems, strayIndexTables } from './list-index-problems.ts';

/** One sentence for each problem; none when all is well. Everything is looked at as of one commit. */
export function problemsOf(connection: Connection): string[] {
  connection.exec('BEGIN');
  try {
    const damage = connection.all('PRAGMA integrity_check').map((row) => String(row[0]));
    if (damage.length !== 1 || damage[0] !== 'ok') return damage;
    return catalogProblems(connection, loadCatalog(connection));
  } finally {
    connection.exec('ROLLBACK');
  }
}

function catalogProblems(connection: Connection, catalog: Catalog): string[] {
  const tables = catalog.databases().flatMap((database) => catalog.tables(database.name));
  const known = new Set(tables.map((table) => storedName(table.database, table.name).toLowerCase()));
  // User tables have a dot in their names: see stores/schema.ts.
  const stored = connection.all("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE '%.%'");
  const unknown = stored.map((row) => String(row[0])).filter((name) => !known.has(name.toLowerCase()));
  const told = Number(connection.get('SELECT count(*) FROM sluice_tables')?.[0]);
  return [
    ...unknown.map((name) => `the file has a table ${name} that the catalog does not know`),
    ...strayIndexTables(connection, catalog),
    ...(told === tables.length ? [] : ['the catalog has tables of databases that it does not know']),
    ...tables.flatMap((table) => tableProblems(connection, table)),
  ];
}

/** Makes the table anew in memory, and compares what SQLite says of both. */
function tableProblems(connection: Connection, table: TableDefinition): string[] {
  const name = storedName(table.database, table.name);
  const model = new Connection(':memory:', {
    readOnly: false,
    functions: STORE_FUNCTIONS,
    cacheKibibytes: 1024,
    busyTimeoutMs: 0,
  });
  try {
    model.exec(createTableSql({ ...table, checks: [] }));
    for (const sql of createIndexesSql(table)) model.exec(sql);
    for (const sql of systemStatements(table)) model.exec(sql);
    for (const index of listIndexesOf(table))
      for (const sql of [...createListIndexSql(table, index), ...createTriggersSql(table, index)]) model.exec(sql);
    const expected = factsOf(model, table);
    const found = factsOf(connection, table);
    const missing = expected.filter((fact) => !found.includes(fact));
    const surplus = found.filter((fact) => !expected.includes(fact));
    return [
      ...missing.map((fact) => `${name}: the catalog tells of ${fact}, which the file does not have`),
      ...surplus.map((fact) => `${name}: the file has ${fact}, which the catalog does not tell of`),
      // Only of a table that is as it should be: a constraint may name a column that is not there.
      ...(missing.length + surplus.length === 0
        ? [...brokenChecks(connection, table), ...listIndexProblems(connection, table)]
        : []),
    ];
  } finally {
    model.close();
  }
}

/** What a system table has beside its definition. */
function systemStatements({ database, name }: TableDefinition): readonly string[] {
  const found = SYSTEM_TABLES.find(({ definition }) => definition.database === database && definition.name === name);
  return found?.statements ?? [];
}

/** integrity_check looks at these too, but not on a connection that only reads. */
function brokenChecks(connection: Connection, table: TableDefinition): string[] {
  const name = storedName(table.database, table.name);
  return table.checks
    .filter(
      (check) =>
        connection.get(`SELECT 1 FROM ${quotedTable(table)} WHERE NOT (${check.storeSql}) LIMIT 1`) !== undefined,
    )
    .map((check) => `${name}: there are rows that break the constraint ${check.name}`);
}

/** A table's columns, foreign keys, indexes and triggers, and the parts of its list indexes, one text for each. */
function factsOf(connection: Connection, table: TableDefinition): string[] {
  const name = storedName(table.database, table.name);
  const texts = (sql: string, parameter = name): string[] =>
    connection.all(sql, [parameter]).map((row) => row.map(String).join(' '));
  return [
    ...texts(
      `SELECT 'column ' || cid || ' ' || name, type, iif("notnull", 'NOT NULL', 'NULL'), 'key part ' || pk FROM pragma_table_info(?)`,
    ),
    ...texts(
      `SELECT 'foreign key to ' || "table", group_concat("from" || ' = ' || "to", ', ' ORDER BY seq), on_delete, on_update
       FROM pragma_foreign_key_list(?) GROUP BY id`,
    ),
    ...texts(
      `SELECT 'index ' || l.name, iif(l."unique", 'unique', ''),
         (SELECT group_concat(ifnull(x.name, '(expression)') || ' ' || x.coll || iif(x.desc, ' DESC', ''), ', ' ORDER BY x.seqno)
          FROM pragma_index_xinfo(l.name) AS x WHERE x.key)
       FROM pragma_index_list(?) AS l WHERE l.origin <> 'pk'`,
    ),
    ...texts("SELECT 'trigger ' || name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?"),
    ...listIndexesOf(table).flatMap((index) =>
      texts(
        "SELECT 'list index part ' || name, sql FROM sqlite_schema WHERE name = ?1 OR name GLOB ?1 || '_*'",
        storedListIndex(index),
      ),
    ),
  ];
}
