/**
 * The list indexes of a file: made, dropped, carried through schema changes, and kept up to date by the writing engine. What they are, and why they
 * can be trusted: list-index-sql.ts.
 */
import { failure } from '../../errors.ts';
import type { Catalog } from '../catalog.ts';
import { type ListIndexDefinition, storedName, type TableDefinition } from '../schema.ts';
import type { SchemaChange } from '../schema-change.ts';
import * as tables from './catalog-tables.ts';
import type { Connection } from './connection.ts';
import { quoteName, sameName } from './ddl.ts';
import {
  catchUpSql,
  changedRowsTable,
  createListIndexSql,
  createTriggersSql,
  dropListIndexSql,
  dropTriggersSql,
  emptySql,
  fillSql,
  isInverted,
  LIST_INDEX_PREFIX,
  optimiseSql,
} from './list-index-sql.ts';
import type { WriteContext } from './write-context.ts';

export function listIndexesOf(table: TableDefinition): readonly ListIndexDefinition[] {
  return table.listIndexes ?? [];
}

/** MAX_COLUMNS_PER_TABLE, and a column has one. */
const IDS_PER_CATALOG_VERSION = 1000;

/** The definition with list indexes that the file does not have yet, on columns that the table has. A catalog's version never comes again. */
export function withNewListIndexes(
  catalog: Catalog,
  table: TableDefinition,
  wanted: readonly Pick<ListIndexDefinition, 'column' | 'kind'>[] = listIndexesOf(table),
): TableDefinition {
  const { listIndexes: _, ...plain } = table;
  const listIndexes = wanted
    .filter(({ column }) => table.columns.some((candidate) => sameName(candidate.name, column)))
    .map(({ column, kind }, i) => ({ column, kind, id: catalog.version * IDS_PER_CATALOG_VERSION + i }));
  return listIndexes.length === 0 ? plain : { ...plain, listIndexes };
}

/** Makes and fills the indexes of a table that has none of them. */
export function createListIndexes(connection: Connection, table: TableDefinition): void {
  for (const index of listIndexesOf(table)) createListIndex(connection, table, index);
}

function createListIndex(connection: Connection, table: TableDefinition, index: ListIndexDefinition): void {
  for (const sql of createListIndexSql(table, index)) connection.exec(sql);
  if (isInverted(index.kind)) for (const sql of fillSql(table, index)) connection.run(sql);
  for (const sql of createTriggersSql(table, index)) connection.exec(sql);
}

/** Also when the table is gone. */
export function dropListIndexes(connection: Connection, indexes: readonly ListIndexDefinition[]): void {
  for (const index of indexes) for (const sql of dropListIndexSql(index)) connection.exec(sql);
}

/** Takes away what names the table or its columns, before either is renamed; attachListIndexes() brings it back. */
export function detachListIndexes(connection: Connection, table: TableDefinition): void {
  for (const index of listIndexesOf(table)) {
    const statements = isInverted(index.kind) ? dropTriggersSql(index) : dropListIndexSql(index);
    for (const sql of statements) connection.exec(sql);
  }
}

export function attachListIndexes(connection: Connection, table: TableDefinition): void {
  for (const index of listIndexesOf(table)) {
    const statements = isInverted(index.kind) ? createTriggersSql(table, index) : createListIndexSql(table, index);
    for (const sql of statements) connection.exec(sql);
  }
}

/** Around the deletion of all rows: each of them would be noted. */
export function emptyListIndexes(connection: Connection, table: TableDefinition, deleteRows: () => void): void {
  const inverted = listIndexesOf(table).filter(({ kind }) => isInverted(kind));
  for (const index of inverted) for (const sql of dropTriggersSql(index)) connection.exec(sql);
  deleteRows();
  for (const index of inverted) {
    for (const sql of emptySql(table, index)) connection.run(sql);
    for (const sql of createTriggersSql(table, index)) connection.exec(sql);
  }
}

/** `setindex`. Throws 1054 for a column, and 1210 for an index, that is not there. */
export function changeListIndex(
  context: WriteContext,
  table: TableDefinition,
  change: Extract<SchemaChange, { kind: 'list-index' }>,
): void {
  const { connection, catalog } = context;
  const column = table.columns.find(({ name }) => sameName(name, change.column));
  if (column === undefined) throw failure('ER_BAD_FIELD_ERROR', change.column, 'field');
  const present = listIndexesOf(table).filter((index) => sameName(index.column, column.name));
  const { action } = change;
  if (present.length === 0 && (action === 'optimise' || action === 'drop'))
    throw failure('ER_BAD_PARAMETER', `field: '${column.name}' has no index`);
  if (action === 'optimise') {
    for (const index of present) connection.run(optimiseSql(index));
    return;
  }
  dropListIndexes(connection, present);
  const others = listIndexesOf(table).filter((index) => !present.includes(index));
  const made =
    action === 'drop' ? [] : listIndexesOf(withNewListIndexes(catalog, table, [{ column: column.name, kind: action }]));
  const { listIndexes: _, ...plain } = table;
  const listIndexes = [...others, ...made];
  const changed: TableDefinition = listIndexes.length === 0 ? plain : { ...plain, listIndexes };
  for (const index of made) createListIndex(connection, changed, index);
  tables.saveTable(connection, storedName(table.database, table.name), changed);
}

interface Inverted {
  readonly table: TableDefinition;
  readonly index: ListIndexDefinition;
}

/** Brings inverted indexes up to date in the writing engine's transactions. Costs nothing where there are none. */
export class ListIndexUpkeep {
  readonly #connection: Connection;
  #inverted: readonly Inverted[] = [];

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** A new catalog. */
  use(catalog: Catalog): void {
    const all = catalog.databases().flatMap((database) => catalog.tables(database.name));
    this.#inverted = all.flatMap((table) =>
      listIndexesOf(table)
        .filter(({ kind }) => isInverted(kind))
        .map((index) => ({ table, index })),
    );
  }

  /** Before a statement: it must find what the transaction wrote before it. */
  before(sql: string): void {
    if (this.#inverted.length > 0 && sql.includes(LIST_INDEX_PREFIX)) this.catchUp();
  }

  /** Takes in every row that was changed since. */
  catchUp(): void {
    for (const { table, index } of this.#inverted) {
      if (this.#connection.get(`SELECT 1 FROM ${quoteName(changedRowsTable(index))} LIMIT 1`) === undefined) continue;
      for (const sql of catchUpSql(table, index)) this.#connection.run(sql);
    }
  }
}
