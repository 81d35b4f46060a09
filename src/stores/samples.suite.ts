/** Tables and statements for tests. */
import type { ColumnType } from './column-type.ts';
import type { ColumnDefinition, ForeignKeyDefinition, TableDefinition } from './schema.ts';
import type { SchemaChange } from './schema-change.ts';
import type { InsertStatement, ModifyStatement, ReadStatement, SchemaStatement, WriteOptions } from './statement.ts';
import type { Store } from './store.ts';
import type { StoreRow, StoreValue } from './values.ts';

export const INT: ColumnType = { name: 'int' };
export const BIGINT: ColumnType = { name: 'bigint' };
export const BIGINT_UNSIGNED: ColumnType = { name: 'bigint', unsigned: true };
export const VARCHAR: ColumnType = { name: 'varchar', length: 100 };
export const VARBINARY: ColumnType = { name: 'varbinary', length: 100 };
export const DOUBLE: ColumnType = { name: 'double' };

export function column(name: string, type: ColumnType = INT, more: Partial<ColumnDefinition> = {}): ColumnDefinition {
  return { name, type, nullable: true, ...more };
}

export function table(
  name: string,
  columns: readonly ColumnDefinition[],
  primaryKey: readonly string[] = [],
  more: Partial<TableDefinition> = {},
): TableDefinition {
  return {
    database: 'main',
    name,
    kind: 'table',
    columns,
    primaryKey,
    indexes: [],
    foreignKeys: [],
    checks: [],
    createdAt: '2024-01-01T00:00:00Z',
    ...more,
  };
}

export function foreignKey(
  name: string,
  from: string,
  to: string,
  more: Partial<ForeignKeyDefinition> = {},
): ForeignKeyDefinition {
  const [referencedTable = '', referencedColumn = ''] = to.split('.');
  return {
    name,
    columns: [from],
    referencedDatabase: 'main',
    referencedTable,
    referencedColumns: [referencedColumn],
    onDelete: 'no action',
    onUpdate: 'no action',
    ...more,
  };
}

/** id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(100) UNIQUE, likes INT */
export function people(name = 'people'): TableDefinition {
  return table(
    name,
    [column('id', INT, { autoIncrement: true, nullable: false }), column('name', VARCHAR), column('likes')],
    ['id'],
    { indexes: [{ name: 'by_name', unique: true, parts: [{ column: 'name' }] }] },
  );
}

export function insert(into: string, rows: StoreRow[], more: Partial<InsertStatement> = {}): InsertStatement {
  return { kind: 'insert', database: 'main', table: into, mode: 'insert', rows, ...more };
}

export function update(of: string, sql: string, params: StoreValue[] = []): ModifyStatement {
  return { kind: 'update', database: 'main', table: of, sql, params };
}

export function remove(from: string, sql: string, params: StoreValue[] = []): ModifyStatement {
  return { kind: 'delete', database: 'main', table: from, sql, params };
}

export function read(sql: string, params: StoreValue[] = []): ReadStatement {
  return { kind: 'read', sql, params };
}

export function schema(change: SchemaChange): SchemaStatement {
  return { kind: 'schema', change };
}

/** Options of a statement planned just now. */
export function planned(store: Pick<Store, 'catalog'>, foreignKeyChecks = true): WriteOptions {
  return { catalogVersion: store.catalog.version, foreignKeyChecks };
}

export async function collect(chunks: AsyncIterable<readonly StoreRow[]>): Promise<StoreRow[]> {
  const rows: StoreRow[] = [];
  for await (const chunk of chunks) rows.push(...chunk);
  return rows;
}
