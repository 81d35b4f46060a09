/** Short forms in which the tables beside this file are written. */
import type { ColumnType } from '../../stores/column-type.ts';
import type { StoreRow, StoreValue } from '../../stores/values.ts';
import type { ExecutionContext } from '../context.ts';
import type { VirtualTable } from '../virtual-table.ts';

export type VirtualColumn = VirtualTable['columns'][number];

export const INFORMATION_SCHEMA = 'information_schema';

function column(name: string, type: ColumnType): VirtualColumn {
  return { name, type, nullable: false };
}

/** 64 characters are what an identifier may have. */
export function text(name: string, length = 64): VirtualColumn {
  return column(name, { name: 'varchar', length });
}

export function longText(name: string): VirtualColumn {
  return column(name, { name: 'longtext' });
}

export function int(name: string): VirtualColumn {
  return column(name, { name: 'int' });
}

export function bigint(name: string): VirtualColumn {
  return column(name, { name: 'bigint' });
}

export function bigintUnsigned(name: string): VirtualColumn {
  return column(name, { name: 'bigint', unsigned: true });
}

export function intUnsigned(name: string): VirtualColumn {
  return column(name, { name: 'int', unsigned: true });
}

export function datetime(name: string): VirtualColumn {
  return column(name, { name: 'datetime' });
}

export function timestamp(name: string): VirtualColumn {
  return column(name, { name: 'timestamp' });
}

export function nullable(column: VirtualColumn): VirtualColumn {
  return { ...column, nullable: true };
}

/** A row by its columns' names: what is not given is NULL. */
export type NamedRow = Readonly<Record<string, StoreValue>>;

/** A table of information_schema; `rows` may leave out what is NULL. */
export function table(
  name: string,
  columns: readonly VirtualColumn[],
  rows: (context: ExecutionContext) => Iterable<NamedRow>,
  database = INFORMATION_SCHEMA,
): VirtualTable {
  const inOrder = (row: NamedRow): StoreRow => columns.map((column) => row[column.name] ?? null);
  return { database, name, columns, rows: (context) => Array.from(rows(context), inOrder) };
}

/** A table of things that there are none of. */
export function emptyTable(name: string, columns: readonly VirtualColumn[]): VirtualTable {
  return table(name, columns, () => []);
}
