/** What information_schema.COLUMNS, SHOW COLUMNS and SHOW CREATE TABLE alike tell of a column, beside its type. */
import type { ColumnDefinition, DefaultValue, TableDefinition } from '../../stores/schema.ts';
import { DEFAULT_COLLATION } from '../variables/character-sets.ts';
import { tableKeys } from './table-keys.ts';

/** The types that have a character set. */
const CHARACTER_TYPES: ReadonlySet<string> = new Set([
  'char',
  'varchar',
  'tinytext',
  'text',
  'mediumtext',
  'longtext',
  'enum',
  'set',
]);

/** null for types without one. */
export function columnCollation(column: ColumnDefinition): string | null {
  return CHARACTER_TYPES.has(column.type.name) ? (column.type.collation ?? DEFAULT_COLLATION) : null;
}

export type ColumnKey = 'PRI' | 'UNI' | 'MUL' | '';

/** A function from a column's name to its key flag; the primary key comes before a unique one, a unique one before any other. */
export function columnKeys(table: TableDefinition): (column: string) => ColumnKey {
  const flags = new Map<string, ColumnKey>();
  const keys = tableKeys(table);
  for (const key of [...keys].reverse()) {
    const first = key.parts[0]?.column.toLowerCase();
    if (first !== undefined) flags.set(first, key.unique && key.parts.length === 1 ? 'UNI' : 'MUL');
  }
  // Without a primary key MySQL shows the first unique key without NULLs in its place.
  const nullable = new Set(
    table.columns.filter((column) => column.nullable).map((column) => column.name.toLowerCase()),
  );
  const primary =
    keys.find((key) => key.primary) ??
    keys.find((key) => key.unique && key.parts.every((part) => !nullable.has(part.column.toLowerCase())));
  for (const part of primary?.parts ?? []) flags.set(part.column.toLowerCase(), 'PRI');
  return (column) => flags.get(column.toLowerCase()) ?? '';
}

/** Null when there is no default, or it is NULL. */
export function defaultText(column: ColumnDefinition): string | null {
  if (column.default === undefined) return null;
  switch (column.default.kind) {
    case 'literal':
      return literalText(column, column.default);
    case 'now':
      return currentTimestamp(column.default.fsp);
    case 'expression':
      return column.default.text;
  }
}

function literalText(column: ColumnDefinition, value: Extract<DefaultValue, { kind: 'literal' }>): string | null {
  if (column.type.name !== 'bit' || value.value === null || value.value instanceof Uint8Array) return value.text;
  return `b'${BigInt(value.value).toString(2)}'`;
}

export function columnExtra(column: ColumnDefinition): string {
  const generated = column.default !== undefined && column.default.kind !== 'literal';
  const words = [
    column.autoIncrement === true ? 'auto_increment' : '',
    generated ? 'DEFAULT_GENERATED' : '',
    column.onUpdateNow === undefined ? '' : `on update ${currentTimestamp(column.onUpdateNow.fsp)}`,
  ];
  return words.filter((word) => word !== '').join(' ');
}

export function currentTimestamp(fsp: number): string {
  return fsp === 0 ? 'CURRENT_TIMESTAMP' : `CURRENT_TIMESTAMP(${fsp})`;
}

export const COLUMN_PRIVILEGES = 'select,insert,update,references';
