/** KEY_COLUMN_USAGE, TABLE_CONSTRAINTS, REFERENTIAL_CONSTRAINTS and CHECK_CONSTRAINTS. */
import type { Catalog } from '../../stores/catalog.ts';
import type { ForeignKeyDefinition, TableDefinition } from '../../stores/schema.ts';
import type { VirtualTable } from '../virtual-table.ts';
import { intUnsigned, longText, type NamedRow, nullable, table, text } from './define.ts';
import { baseTables } from './schema-objects.ts';
import { tableKeys } from './table-keys.ts';

const CONSTRAINT = [text('CONSTRAINT_CATALOG'), text('CONSTRAINT_SCHEMA'), text('CONSTRAINT_NAME')];

export function keyColumnUsageTable(): VirtualTable {
  const columns = [
    ...CONSTRAINT,
    text('TABLE_CATALOG'),
    text('TABLE_SCHEMA'),
    text('TABLE_NAME'),
    text('COLUMN_NAME'),
    intUnsigned('ORDINAL_POSITION'),
    nullable(intUnsigned('POSITION_IN_UNIQUE_CONSTRAINT')),
    nullable(text('REFERENCED_TABLE_SCHEMA')),
    nullable(text('REFERENCED_TABLE_NAME')),
    nullable(text('REFERENCED_COLUMN_NAME')),
  ];
  return table('KEY_COLUMN_USAGE', columns, function* ({ catalog }) {
    for (const definition of baseTables(catalog)) {
      yield* keyColumns(definition);
      yield* foreignKeyColumns(definition);
    }
  });
}

function* keyColumns(definition: TableDefinition): Generator<NamedRow> {
  for (const key of tableKeys(definition).filter((candidate) => candidate.unique)) {
    for (const [index, part] of key.parts.entries()) {
      yield { ...placeOf(definition, key.name), COLUMN_NAME: part.column, ORDINAL_POSITION: index + 1 };
    }
  }
}

function* foreignKeyColumns(definition: TableDefinition): Generator<NamedRow> {
  for (const key of definition.foreignKeys) {
    for (const [index, column] of key.columns.entries()) {
      yield {
        ...placeOf(definition, key.name),
        COLUMN_NAME: column,
        ORDINAL_POSITION: index + 1,
        POSITION_IN_UNIQUE_CONSTRAINT: index + 1,
        REFERENCED_TABLE_SCHEMA: key.referencedDatabase,
        REFERENCED_TABLE_NAME: key.referencedTable,
        REFERENCED_COLUMN_NAME: key.referencedColumns[index] ?? null,
      };
    }
  }
}

export function tableConstraintsTable(): VirtualTable {
  const columns = [
    ...CONSTRAINT,
    text('TABLE_SCHEMA'),
    text('TABLE_NAME'),
    text('CONSTRAINT_TYPE', 11),
    text('ENFORCED', 3),
  ];
  return table('TABLE_CONSTRAINTS', columns, function* ({ catalog }) {
    for (const definition of baseTables(catalog)) {
      const of = (name: string, type: string): NamedRow => ({
        ...placeOf(definition, name),
        CONSTRAINT_TYPE: type,
        ENFORCED: 'YES',
      });
      for (const key of tableKeys(definition)) {
        if (key.unique) yield of(key.name, key.primary ? 'PRIMARY KEY' : 'UNIQUE');
      }
      for (const key of definition.foreignKeys) yield of(key.name, 'FOREIGN KEY');
      for (const check of definition.checks) yield of(check.name, 'CHECK');
    }
  });
}

export function referentialConstraintsTable(): VirtualTable {
  const columns = [
    ...CONSTRAINT,
    text('UNIQUE_CONSTRAINT_CATALOG'),
    text('UNIQUE_CONSTRAINT_SCHEMA'),
    nullable(text('UNIQUE_CONSTRAINT_NAME')),
    text('MATCH_OPTION', 7),
    text('UPDATE_RULE', 11),
    text('DELETE_RULE', 11),
    text('TABLE_NAME'),
    text('REFERENCED_TABLE_NAME'),
  ];
  return table('REFERENTIAL_CONSTRAINTS', columns, function* ({ catalog }) {
    for (const definition of baseTables(catalog)) {
      for (const key of definition.foreignKeys) {
        yield {
          ...placeOf(definition, key.name),
          UNIQUE_CONSTRAINT_CATALOG: 'def',
          UNIQUE_CONSTRAINT_SCHEMA: key.referencedDatabase,
          UNIQUE_CONSTRAINT_NAME: referencedKeyName(catalog, key),
          MATCH_OPTION: 'NONE',
          UPDATE_RULE: key.onUpdate.toUpperCase(),
          DELETE_RULE: key.onDelete.toUpperCase(),
          REFERENCED_TABLE_NAME: key.referencedTable,
        };
      }
    }
  });
}

/** The unique key that holds exactly the referenced columns. */
function referencedKeyName(catalog: Catalog, key: ForeignKeyDefinition): string | null {
  const parent = catalog.table(key.referencedDatabase, key.referencedTable);
  if (parent === undefined) return null;
  const wanted = key.referencedColumns.map((column) => column.toLowerCase()).sort();
  const found = tableKeys(parent).find((candidate) => {
    const columns = candidate.parts.map((part) => part.column.toLowerCase()).sort();
    return candidate.unique && columns.length === wanted.length && columns.every((column, i) => column === wanted[i]);
  });
  return found?.name ?? null;
}

export function checkConstraintsTable(): VirtualTable {
  return table('CHECK_CONSTRAINTS', [...CONSTRAINT, longText('CHECK_CLAUSE')], function* ({ catalog }) {
    for (const definition of baseTables(catalog)) {
      for (const check of definition.checks) {
        yield { ...placeOf(definition, check.name), CHECK_CLAUSE: check.text };
      }
    }
  });
}

function placeOf(definition: TableDefinition, constraint: string): NamedRow {
  return {
    CONSTRAINT_CATALOG: 'def',
    CONSTRAINT_SCHEMA: definition.database,
    CONSTRAINT_NAME: constraint,
    TABLE_CATALOG: 'def',
    TABLE_SCHEMA: definition.database,
    TABLE_NAME: definition.name,
  };
}
