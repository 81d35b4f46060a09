/** The catalog: an immutable picture of all databases and tables at one version. A change makes a new picture. */
import { type DatabaseDefinition, storedName, type TableDefinition } from './schema.ts';

export class Catalog {
  /** Grows by one with every schema change; plans remember the version they were made under. */
  readonly version: number;
  readonly #databases = new Map<string, DatabaseDefinition>();
  readonly #tables = new Map<string, Map<string, TableDefinition>>();
  readonly #byStoredName = new Map<string, TableDefinition>();

  constructor(version: number, databases: Iterable<DatabaseDefinition>, tables: Iterable<TableDefinition>) {
    this.version = version;
    for (const database of databases) {
      this.#databases.set(key(database.name), database);
      this.#tables.set(key(database.name), new Map());
    }
    for (const table of tables) {
      this.#tables.get(key(table.database))?.set(key(table.name), table);
      this.#byStoredName.set(key(storedName(table.database, table.name)), table);
    }
  }

  /** Names are kept as written and compared without case (MySQL's lower_case_table_names = 2). */
  database(name: string): DatabaseDefinition | undefined {
    return this.#databases.get(key(name));
  }

  table(database: string, name: string): TableDefinition | undefined {
    return this.#tables.get(key(database))?.get(key(name));
  }

  /** By the name under which the store keeps it: see storedName(). */
  tableByStoredName(name: string): TableDefinition | undefined {
    return this.#byStoredName.get(key(name));
  }

  /** In the order of their names. */
  databases(): DatabaseDefinition[] {
    return [...this.#databases.values()].sort(byName);
  }

  /** In the order of their names. */
  tables(database: string): TableDefinition[] {
    return [...(this.#tables.get(key(database))?.values() ?? [])].sort(byName);
  }
}

function key(name: string): string {
  return name.toLowerCase();
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
