/** A table's keys in the order in which MySQL keeps and shows them. */
import type { IndexPart, TableDefinition } from '../../stores/schema.ts';

export interface TableKey {
  /** PRIMARY for the primary key. */
  readonly name: string;
  readonly primary: boolean;
  readonly unique: boolean;
  readonly parts: readonly IndexPart[];
  readonly comment?: string;
}

/** Primary key, unique keys without NULLs, other unique keys, the rest; each group in the order of its definition. */
export function tableKeys(table: TableDefinition): TableKey[] {
  const nullable = new Set(
    table.columns.filter((column) => column.nullable).map((column) => column.name.toLowerCase()),
  );
  const rank = (key: TableKey): number => {
    if (key.primary) return 0;
    if (!key.unique) return 3;
    return key.parts.some((part) => nullable.has(part.column.toLowerCase())) ? 2 : 1;
  };
  const primary: TableKey = {
    name: 'PRIMARY',
    primary: true,
    unique: true,
    parts: table.primaryKey.map((column) => ({ column })),
  };
  const others = table.indexes.map((index): TableKey => ({ ...index, primary: false }));
  return [...(table.primaryKey.length > 0 ? [primary] : []), ...others].sort((a, b) => rank(a) - rank(b));
}
