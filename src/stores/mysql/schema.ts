/** What the gate knows of the source's tables: their names, primary keys, and the columns in them. From information_schema. */
import type { SourceConnection } from './connection.ts';
import type { SourceResult } from './result.ts';
import { textTable } from './rows.ts';

export interface SourceColumn {
  readonly name: string;
  /** As `int`, `varchar`. */
  readonly type: string;
  /** As `int(10) unsigned`, `decimal(10,2)`. */
  readonly fullType: string;
  /** Of text; null for other types. */
  readonly characterSet: string | null;
  readonly collation: string | null;
  readonly nullable: boolean;
  readonly autoIncrement: boolean;
  /** There is a value where an INSERT names none: NULL counts as one. */
  readonly hasDefault: boolean;
}

export interface SourceTable {
  readonly database: string;
  readonly name: string;
  readonly columns: readonly SourceColumn[];
  /** Names of its columns in order; empty without one. */
  readonly primaryKey: readonly string[];
  /** It has a unique key besides. */
  readonly hasOtherUnique: boolean;
  /** Names of the columns of those, where they are of whole columns. */
  readonly uniqueKeys: readonly (readonly string[])[];
  /** No view, and no trigger or foreign key makes others change with it. */
  readonly standsAlone: boolean;
}

const SCHEMATA = 'SELECT schema_name FROM information_schema.schemata';
const COLUMNS = `SELECT table_schema, table_name, column_name, data_type, extra, column_default, is_nullable,
    column_type, character_set_name, collation_name
  FROM information_schema.columns
  WHERE table_schema NOT IN ('information_schema', 'performance_schema', 'mysql', 'sys')
  ORDER BY table_schema, table_name, ordinal_position`;
const KEYS = `SELECT table_schema, table_name, column_name FROM information_schema.statistics
  WHERE index_name = 'PRIMARY' AND table_schema NOT IN ('information_schema', 'performance_schema', 'mysql', 'sys')
  ORDER BY table_schema, table_name, seq_in_index`;
const UNIQUE_KEYS = `SELECT table_schema, table_name, index_name, column_name, sub_part FROM information_schema.statistics
  WHERE non_unique = 0 AND index_name <> 'PRIMARY' ORDER BY table_schema, table_name, index_name, seq_in_index`;
/** Views, tables with triggers, and those of foreign keys on either side. */
const ENTANGLED = `SELECT table_schema, table_name FROM information_schema.tables WHERE table_type <> 'BASE TABLE'
  UNION SELECT event_object_schema, event_object_table FROM information_schema.triggers
  UNION SELECT unique_constraint_schema, referenced_table_name FROM information_schema.referential_constraints
  UNION SELECT constraint_schema, table_name FROM information_schema.referential_constraints`;
const COLLATIONS =
  'SELECT id, character_set_name, collation_name FROM information_schema.collations WHERE id IS NOT NULL';

/** One state of the source's schema; a reload makes a new one. */
export class SourceSchema {
  /** Epoch, ms. */
  readonly loadedAt = Date.now();
  readonly #databases: ReadonlySet<string>;
  readonly #tables: ReadonlyMap<string, SourceTable>;
  readonly #collations: ReadonlyMap<number, { readonly characterSet: string; readonly collation: string }>;

  constructor(
    databases: readonly string[],
    tables: readonly SourceTable[],
    collations: ReadonlyMap<number, { characterSet: string; collation: string }>,
  ) {
    this.#databases = new Set(databases);
    this.#tables = new Map(tables.map((table) => [keyOf(table.database, table.name), table]));
    this.#collations = collations;
  }

  get tables(): Iterable<SourceTable> {
    return this.#tables.values();
  }

  get databases(): Iterable<string> {
    return this.#databases;
  }

  hasDatabase(name: string): boolean {
    return this.#databases.has(name);
  }

  /** The very name first, for sources that tell `T` from `t`. */
  table(database: string, name: string): SourceTable | undefined {
    return this.#tables.get(keyOf(database, name));
  }

  /** What a client's number for its character set and collation stands for. */
  collation(id: number): { readonly characterSet: string; readonly collation: string } | undefined {
    return this.#collations.get(id);
  }
}

function keyOf(database: string, table: string): string {
  return `${database}\u0000${table}`;
}

export async function loadSchema(connection: SourceConnection): Promise<SourceSchema> {
  // Names are to come as UTF-8, whatever this connection was used for before.
  await connection.query('SET NAMES utf8mb4');
  const [schemata, columns, keys, collations, unique, entangled] = await Promise.all(
    [SCHEMATA, COLUMNS, KEYS, COLLATIONS, UNIQUE_KEYS, ENTANGLED].map(async (text) =>
      rowsOf((await connection.query(text)).results[0]),
    ),
  );
  const uniqueKeys = uniqueKeysOf(unique ?? []);
  const isEntangled = new Set((entangled ?? []).map(([database, name]) => keyOf(database ?? '', name ?? '')));
  const tables = new Map<string, { table: SourceTable; columns: SourceColumn[]; key: string[] }>();
  for (const [
    database = '',
    name = '',
    column,
    type,
    extra,
    fallback,
    nullable,
    fullType,
    characterSet,
    collation,
  ] of columns ?? []) {
    const key = keyOf(database ?? '', name ?? '');
    let entry = tables.get(key);
    if (entry === undefined) {
      const of = { columns: [] as SourceColumn[], key: [] as string[] };
      entry = {
        table: {
          database: database ?? '',
          name: name ?? '',
          columns: of.columns,
          primaryKey: of.key,
          hasOtherUnique: uniqueKeys.has(key),
          uniqueKeys: uniqueKeys.get(key) ?? [],
          standsAlone: !isEntangled.has(key),
        },
        ...of,
      };
      tables.set(key, entry);
    }
    entry.columns.push({
      name: column ?? '',
      type: (type ?? '').toLowerCase(),
      fullType: (fullType ?? '').toLowerCase(),
      characterSet: characterSet ?? null,
      collation: collation ?? null,
      nullable: nullable === 'YES',
      autoIncrement: /auto_increment/i.test(extra ?? ''),
      hasDefault: fallback !== null || nullable === 'YES',
    });
  }
  for (const [database, name, column] of keys ?? []) {
    tables.get(keyOf(database ?? '', name ?? ''))?.key.push(column ?? '');
  }
  return new SourceSchema(
    (schemata ?? []).map(([name]) => name ?? ''),
    Array.from(tables.values(), ({ table }) => table),
    new Map(
      (collations ?? []).map(([id, characterSet, collation]) => [
        Number(id),
        { characterSet: characterSet ?? '', collation: collation ?? '' },
      ]),
    ),
  );
}

/** By table; of a key with a part that is no whole column nothing but that the table has one. */
function uniqueKeysOf(rows: readonly (readonly (string | null)[])[]): Map<string, string[][]> {
  const indexes = new Map<string, { table: string; columns: (string | null)[] }>();
  for (const [database, name, index, column = null, length = null] of rows) {
    const table = keyOf(database ?? '', name ?? '');
    const known = indexes.get(keyOf(table, index ?? '')) ?? { table, columns: [] };
    known.columns.push(length === null ? column : null);
    indexes.set(keyOf(table, index ?? ''), known);
  }
  const keys = new Map<string, string[][]>();
  for (const { table, columns } of indexes.values()) {
    const whole = columns.filter((column) => column !== null);
    const known = keys.get(table) ?? [];
    keys.set(table, whole.length === columns.length ? [...known, whole] : known);
  }
  return keys;
}

function rowsOf(result: SourceResult | undefined): (string | null)[][] {
  return result === undefined ? [] : textTable(result);
}
