/** What is wrong with the inverted list indexes of a file: parts that are missing or left over, and terms that are not those of the rows. */
import type { Catalog } from '../stores/catalog.ts';
import { type ListIndexDefinition, storedName, type TableDefinition } from '../stores/schema.ts';
import type { Connection } from '../stores/sqlite/connection.ts';
import { quoteName } from '../stores/sqlite/ddl.ts';
import {
  allTermsSql,
  changedRowsTable,
  createTermsSql,
  indexedRowsSql,
  isInverted,
  keysTable,
  LIST_INDEX_PREFIX,
  nameColumns,
  rowNames,
  storedListIndex,
} from '../stores/sqlite/list-index-sql.ts';
import { listIndexesOf } from '../stores/sqlite/list-indexes.ts';

/** FTS5's own tables. */
const FTS5_TABLES = /_(?:data|idx|docsize|config)$/;

/** Tables of indexes that the catalog does not know. */
export function strayIndexTables(connection: Connection, catalog: Catalog): string[] {
  const tables = catalog.databases().flatMap((database) => catalog.tables(database.name));
  const known = new Set(tables.flatMap((table) => listIndexesOf(table).map((index) => storedListIndex(index))));
  const stored = connection.all("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE ?", [
    `${LIST_INDEX_PREFIX}%`,
  ]);
  return stored
    .map((row) => String(row[0]))
    .filter((name) => !known.has(name.replace(FTS5_TABLES, '').replace(/_(?:changed|keys)$/, '')))
    .map((name) => `the file has ${name}, a part of an index that the catalog does not know`);
}

/** Of a table that is itself as it should be, with all its parts. */
export function listIndexProblems(connection: Connection, table: TableDefinition): string[] {
  return listIndexesOf(table)
    .filter(({ kind }) => isInverted(kind))
    .flatMap((index) => {
      const problem = problemOf(connection, table, index);
      const name = `${storedName(table.database, table.name)}: the ${index.kind} index of ${index.column}`;
      return problem === null ? [] : [`${name} ${problem}`];
    });
}

function problemOf(connection: Connection, table: TableDefinition, index: ListIndexDefinition): string | null {
  const changed = quoteName(changedRowsTable(index));
  if (connection.get(`SELECT 1 FROM ${changed} LIMIT 1`) !== undefined) return 'lags behind its table';
  if (!rowNames(table).isRowid) {
    const keys = `SELECT ${nameColumns(table).join(', ')} FROM ${quoteName(keysTable(index))}`;
    if (differ(connection, keys, indexedRowsSql(table, index))) return 'does not have the keys of its table';
  }
  return hasOtherTerms(connection, table, index) ? 'does not have the terms of its table' : null;
}

function differ(connection: Connection, a: string, b: string): boolean {
  const isMore = (more: string, less: string): boolean =>
    connection.get(`SELECT 1 FROM (${more} EXCEPT ${less}) LIMIT 1`) !== undefined;
  return isMore(a, b) || isMore(b, a);
}

const MODEL = 'sluice_check';

/** Makes the index anew, and compares both term by term: in how many rows it is, and the sum of their numbers. */
function hasOtherTerms(connection: Connection, table: TableDefinition, index: ListIndexDefinition): boolean {
  connection.exec(createTermsSql(index.kind, `temp.${MODEL}`));
  try {
    connection.run(`INSERT INTO temp.${MODEL} (rowid, terms) ${allTermsSql(table, index)}`);
    const vocabulary = (name: string, schema: string, indexName: string): string => {
      connection.exec(`CREATE VIRTUAL TABLE temp.${name} USING fts5vocab('${schema}', '${indexName}', 'instance')`);
      return `SELECT term, count(*), total(doc) FROM temp.${name} GROUP BY term`;
    };
    return differ(
      connection,
      vocabulary(`${MODEL}_model`, 'temp', MODEL),
      vocabulary(`${MODEL}_stored`, 'main', storedListIndex(index)),
    );
  } finally {
    for (const name of [`${MODEL}_model`, `${MODEL}_stored`, MODEL])
      connection.exec(`DROP TABLE IF EXISTS temp.${name}`);
  }
}
