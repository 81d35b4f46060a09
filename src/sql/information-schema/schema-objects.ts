/** All databases and tables as clients see them: the catalog's, and the virtual ones as if they were in it. */
import type { Catalog } from '../../stores/catalog.ts';
import type { DatabaseDefinition, TableDefinition } from '../../stores/schema.ts';
import type { VirtualTable } from '../virtual-table.ts';

export interface SchemaObject {
  readonly definition: TableDefinition;
  /** Base tables only are InnoDB's. */
  readonly type: 'BASE TABLE' | 'SYSTEM VIEW';
}

/** In the order of their names. */
export function visibleDatabases(catalog: Catalog, virtualNames: readonly string[]): DatabaseDefinition[] {
  const virtual = virtualNames.filter((name) => catalog.database(name) === undefined).map((name) => ({ name }));
  return [...catalog.databases(), ...virtual].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** In the order of database and name. */
export function* schemaObjects(catalog: Catalog, virtualTables: readonly VirtualTable[]): Generator<SchemaObject> {
  const virtualNames = [...new Set(virtualTables.map((table) => table.database))];
  for (const database of visibleDatabases(catalog, virtualNames)) {
    for (const definition of catalog.tables(database.name)) yield { definition, type: 'BASE TABLE' };
    for (const table of virtualTables) {
      if (table.database === database.name) yield { definition: asDefinition(table), type: 'SYSTEM VIEW' };
    }
  }
}

/** Base tables only. */
export function* baseTables(catalog: Catalog): Generator<TableDefinition> {
  for (const database of catalog.databases()) yield* catalog.tables(database.name);
}

const definitions = new WeakMap<VirtualTable, TableDefinition>();

/** A virtual table as the catalog would describe it. */
export function asDefinition(table: VirtualTable): TableDefinition {
  let definition = definitions.get(table);
  if (definition === undefined) {
    definition = {
      database: table.database,
      name: table.name,
      kind: 'table',
      columns: table.columns,
      primaryKey: [],
      indexes: [],
      foreignKeys: [],
      checks: [],
      createdAt: '',
    };
    definitions.set(table, definition);
  }
  return definition;
}
