/**
 * ALTER TABLE. Three ways, the cheapest that gives the same result:
 * indexes and what only the definition holds are changed in place; nullable or constant columns at the end are added in place; anything
 * else builds the table anew: a table under another name is filled from the old one, takes its place, and gets its indexes.
 * Renamed columns are renamed first, in place, so that SQLite takes the REFERENCES of other tables along.
 */
import { failure } from '../../errors.ts';
import { HIDDEN_KEY_COLUMN, storedName, type TableDefinition } from '../schema.ts';
import type { ColumnSource, SchemaChange } from '../schema-change.ts';
import type { StoreValue } from '../values.ts';
import * as tables from './catalog-tables.ts';
import { translateFailure } from './constraint-errors.ts';
import {
  affinity,
  columnSql,
  createIndexSql,
  createTableSql,
  quotedTable,
  quoteName,
  sameName,
  storedIndexName,
} from './ddl.ts';
import { checkForeignKeys, checkReferencesTo, checkRows, referencesTo } from './foreign-keys.ts';
import {
  attachListIndexes,
  createListIndexes,
  detachListIndexes,
  dropListIndexes,
  listIndexesOf,
  withNewListIndexes,
} from './list-indexes.ts';
import { renameTable } from './rename-table.ts';
import type { SchemaChangeOptions, SchemaChangeResult } from './schema-changes.ts';
import type { WriteContext } from './write-context.ts';

type AlterTable = Extract<SchemaChange, { kind: 'alter-table' }>;

/** No user table can have this name: '@' in theirs is encoded. */
const REBUILT_NAME = '@sluice.rebuilt';

/** Inside a schema change's transaction. Throws a SluiceError; the caller rolls back. */
export function alterTable(
  context: WriteContext,
  change: AlterTable,
  options: SchemaChangeOptions,
): SchemaChangeResult {
  const existing = context.catalog.table(change.table.database, change.table.name);
  if (existing === undefined) throw failure('ER_NO_SUCH_TABLE', change.table.database, change.table.name);
  const { definition, sources } = change;
  context.autoIncrement.settle(existing);
  const wanted: TableDefinition = { ...definition, database: existing.database, name: existing.name };
  const renames = columnRenames(existing, wanted, sources);
  const old = renameColumns(context, existing, renames);
  const catalog = tables.loadCatalog(context.connection);
  checkForeignKeys(catalog, wanted, options.foreignKeyChecks);
  checkReferencesTo(catalog, wanted);

  const { target, affected } = changeShape({ ...context, catalog }, old, wanted, sources, renames);
  const newKeys = JSON.stringify(old.foreignKeys) !== JSON.stringify(target.foreignKeys);
  if (options.foreignKeyChecks && (newKeys || affected > 0)) checkRows(context.connection, target);
  tables.saveTable(context.connection, storedName(target.database, target.name), target);
  if (change.autoIncrement !== undefined) context.autoIncrement.reset(target, BigInt(change.autoIncrement));
  return { tables: finishName(context, existing, target, definition), affected };
}

function finishName(
  context: WriteContext,
  existing: TableDefinition,
  target: TableDefinition,
  definition: TableDefinition,
): TableDefinition[] {
  if (definition.database === existing.database && definition.name === existing.name) return [definition];
  renameTable({ ...context, catalog: tables.loadCatalog(context.connection) }, target, definition);
  return [existing, definition];
}

interface Changed {
  /** The table as it is now. */
  readonly target: TableDefinition;
  /** Rows that were copied. */
  readonly affected: number;
}

function changeShape(
  context: WriteContext,
  old: TableDefinition,
  target: TableDefinition,
  sources: readonly ColumnSource[],
  renames: ReadonlyMap<string, string>,
): Changed {
  const kept = target.columns.slice(0, old.columns.length);
  const keepsColumns =
    kept.length === old.columns.length &&
    kept.every((column, i) => takesFrom(sources[i], column.name, renames)) &&
    createTableSql({ ...target, columns: kept }) === createTableSql(old);
  const added = target.columns
    .slice(old.columns.length)
    .map((column, i) => addColumnSql(target, column.name, sources[old.columns.length + i]));
  if (!keepsColumns || added.includes(null)) return rebuild(context, old, target, sources, renames);
  for (const sql of added) context.connection.exec(sql!);
  changeIndexes(context, old, target);
  if (renames.size > 0) attachListIndexes(context.connection, target);
  return { target, affected: 0 };
}

function takesFrom(source: ColumnSource | undefined, name: string, renames: ReadonlyMap<string, string>): boolean {
  return source?.kind === 'column' && newName(renames, source.name) === name;
}

/** null when SQLite cannot add the column in place. */
function addColumnSql(table: TableDefinition, name: string, source: ColumnSource | undefined): string | null {
  const column = table.columns.find((candidate) => candidate.name === name)!;
  if (source?.kind !== 'value' || column.autoIncrement || table.primaryKey.some((key) => sameName(key, name)))
    return null;
  const value = literalSql(source.value, affinity(column.type) === 'REAL');
  if (value === null || (value === 'NULL' && !column.nullable)) return null;
  return `ALTER TABLE ${quotedTable(table)} ADD COLUMN ${columnSql(table, column)} DEFAULT ${value}`;
}

/** A value as SQLite's text; null when it has none that is exact. */
function literalSql(value: StoreValue, real: boolean): string | null {
  if (value === null) return 'NULL';
  if (value instanceof Uint8Array) return `X'${Buffer.from(value).toString('hex')}'`;
  if (typeof value === 'string') return value.includes('\0') ? null : `'${value.replaceAll("'", "''")}'`;
  if (typeof value === 'bigint') return value.toString();
  if (!Number.isFinite(value)) return null;
  return Number.isInteger(value) && !real ? BigInt(value).toString() : value.toString();
}

function changeIndexes(context: WriteContext, old: TableDefinition, target: TableDefinition): void {
  const wanted = new Set(target.indexes.map((index) => createIndexSql(target, index)));
  const present = new Set<string>();
  for (const index of old.indexes) {
    const sql = createIndexSql(old, index);
    if (wanted.has(sql)) present.add(sql);
    else context.connection.exec(`DROP INDEX ${quoteName(storedIndexName(old, index.name))}`);
  }
  createIndexes(context, target, present);
}

function createIndexes(context: WriteContext, table: TableDefinition, present: ReadonlySet<string>): void {
  const { connection, catalog } = context;
  for (const index of table.indexes) {
    const sql = createIndexSql(table, index);
    if (present.has(sql)) continue;
    try {
      connection.exec(sql);
    } catch (error) {
      throw translateFailure(error, {
        connection,
        catalog,
        table,
        kind: 'insert',
        source: { sql: quotedTable(table), params: [] },
      });
    }
  }
}

function rebuild(
  context: WriteContext,
  old: TableDefinition,
  wanted: TableDefinition,
  sources: readonly ColumnSource[],
  renames: ReadonlyMap<string, string>,
): Changed {
  const { connection, catalog } = context;
  const target = withNewListIndexes(catalog, wanted);
  connection.exec(createTableSql(target, REBUILT_NAME));
  const query = copyQuery(old, target, sources, renames);
  const keepsHiddenKey = old.primaryKey.length === 0 && target.primaryKey.length === 0;
  const columns = [...(keepsHiddenKey ? [HIDDEN_KEY_COLUMN] : []), ...target.columns.map((column) => column.name)];
  let copied: number;
  try {
    copied = connection.run(
      `INSERT INTO ${quoteName(REBUILT_NAME)} (${columns.map(quoteName).join(', ')}) ${query.sql}`,
      query.params,
    );
  } catch (error) {
    const source = { sql: `(${query.sql})`, params: query.params };
    throw translateFailure(error, { connection, catalog, table: target, kind: 'insert', source });
  }
  connection.exec(`DROP TABLE ${quotedTable(old)}`);
  dropListIndexes(connection, listIndexesOf(old));
  connection.exec(`ALTER TABLE ${quoteName(REBUILT_NAME)} RENAME TO ${quotedTable(target)}`);
  createIndexes(context, target, new Set());
  createListIndexes(connection, target);
  return { target, affected: copied };
}

/** The old table's rows as the new one's. */
function copyQuery(
  old: TableDefinition,
  target: TableDefinition,
  sources: readonly ColumnSource[],
  renames: ReadonlyMap<string, string>,
): { sql: string; params: StoreValue[] } {
  const params: StoreValue[] = [];
  const order = (old.primaryKey.length === 0 ? [HIDDEN_KEY_COLUMN] : old.primaryKey)
    .map((name) => `o.${quoteName(name)}`)
    .join(', ');
  const values = target.columns.map((column, i) => {
    const source = sources[i];
    const as = `AS ${quoteName(column.name)}`;
    switch (source?.kind) {
      case 'column':
        return `o.${quoteName(newName(renames, source.name))} ${as}`;
      case 'expression':
        return `(${source.sql}) ${as}`;
      case 'value':
        params.push(
          typeof source.value === 'number' && Number.isInteger(source.value) ? BigInt(source.value) : source.value,
        );
        return `? ${as}`;
      case 'sequence':
        return `row_number() OVER (ORDER BY ${order}) ${as}`;
      default:
        throw new TypeError(`column ${column.name} of the altered table has no source`);
    }
  });
  if (old.primaryKey.length === 0 && target.primaryKey.length === 0)
    values.unshift(`o.${quoteName(HIDDEN_KEY_COLUMN)}`);
  // In the order of the old table, not of an index that happens to hold all its columns.
  return { sql: `SELECT ${values.join(', ')} FROM ${oldRows(old, renames)} ORDER BY ${order}`, params };
}

/** Expressions are written over the names that columns had before the change: renamed ones answer to both names. */
function oldRows(old: TableDefinition, renames: ReadonlyMap<string, string>): string {
  if (renames.size === 0) return `${quotedTable(old)} AS o`;
  const former = [...renames].map(([from, to]) => `${quoteName(to)} AS ${quoteName(from)}`).join(', ');
  const hidden = old.primaryKey.length === 0 ? `${quoteName(HIDDEN_KEY_COLUMN)}, ` : '';
  const columns = old.columns.map((column) => quoteName(column.name)).join(', ');
  return `(SELECT ${hidden}${columns}, ${former} FROM ${quotedTable(old)}) AS o`;
}

/** From old to new name. A new name that is still taken by another column is left to the rebuild. */
function columnRenames(
  old: TableDefinition,
  target: TableDefinition,
  sources: readonly ColumnSource[],
): Map<string, string> {
  const renames = new Map<string, string>();
  target.columns.forEach((column, i) => {
    const source = sources[i];
    if (source?.kind !== 'column' || source.name === column.name) return;
    const from = old.columns.find((candidate) => sameName(candidate.name, source.name));
    const taken = old.columns.find((candidate) => sameName(candidate.name, column.name));
    if (from === undefined || from.name === column.name || (taken !== undefined && taken !== from)) return;
    if (!sources.some((other, j) => j !== i && other.kind === 'column' && sameName(other.name, from.name)))
      renames.set(from.name, column.name);
  });
  return renames;
}

/** Renames columns in the file and in the catalog, here and where other tables reference them; returns the definition with the new names. */
function renameColumns(
  context: WriteContext,
  table: TableDefinition,
  renames: ReadonlyMap<string, string>,
): TableDefinition {
  if (renames.size === 0) return table;
  const { connection, catalog } = context;
  detachListIndexes(connection, table);
  for (const [from, to] of renames) {
    connection.exec(`ALTER TABLE ${quotedTable(table)} RENAME COLUMN ${quoteName(from)} TO ${quoteName(to)}`);
  }
  const rename = (name: string) => newName(renames, name);
  const follow = (child: TableDefinition): TableDefinition => ({
    ...child,
    foreignKeys: child.foreignKeys.map((key) =>
      sameName(key.referencedDatabase, table.database) && sameName(key.referencedTable, table.name)
        ? { ...key, referencedColumns: key.referencedColumns.map(rename) }
        : key,
    ),
  });
  for (const { child } of referencesTo(catalog, table)) {
    if (child !== table) tables.saveTable(connection, storedName(child.database, child.name), follow(child));
  }
  const itself = follow(table);
  const renamed = {
    ...itself,
    columns: itself.columns.map((column) => ({ ...column, name: rename(column.name) })),
    primaryKey: itself.primaryKey.map(rename),
    indexes: itself.indexes.map((index) => ({
      ...index,
      parts: index.parts.map((part) => ({ ...part, column: rename(part.column) })),
    })),
    foreignKeys: itself.foreignKeys.map((key) => ({ ...key, columns: key.columns.map(rename) })),
    ...(itself.listIndexes !== undefined && {
      listIndexes: itself.listIndexes.map((index) => ({ ...index, column: rename(index.column) })),
    }),
  };
  tables.saveTable(connection, storedName(table.database, table.name), renamed);
  return renamed;
}

function newName(renames: ReadonlyMap<string, string>, name: string): string {
  for (const [from, to] of renames) if (sameName(from, name)) return to;
  return name;
}
