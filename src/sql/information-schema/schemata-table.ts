import type { DatabaseDefinition } from '../../stores/schema.ts';
import { characterSetOf, DEFAULT_COLLATION } from '../variables/character-sets.ts';
import type { VirtualTable } from '../virtual-table.ts';
import { nullable, table, text } from './define.ts';
import { visibleDatabases } from './schema-objects.ts';

const SYSTEM_COLLATION = 'utf8mb3_general_ci';

export function schemataTable(virtualNames: readonly string[]): VirtualTable {
  const columns = [
    text('CATALOG_NAME'),
    text('SCHEMA_NAME'),
    text('DEFAULT_CHARACTER_SET_NAME'),
    text('DEFAULT_COLLATION_NAME'),
    nullable(text('SQL_PATH', 1)),
    text('DEFAULT_ENCRYPTION', 3),
  ];
  return table('SCHEMATA', columns, ({ catalog }) =>
    visibleDatabases(catalog, virtualNames).map((database) => {
      const isVirtual = catalog.database(database.name) === undefined;
      const collation =
        isVirtual && database.name !== 'performance_schema' ? SYSTEM_COLLATION : databaseCollation(database);
      return {
        CATALOG_NAME: 'def',
        SCHEMA_NAME: database.name,
        DEFAULT_CHARACTER_SET_NAME: characterSetOf(collation),
        DEFAULT_COLLATION_NAME: collation,
        DEFAULT_ENCRYPTION: 'NO',
      };
    }),
  );
}

export function databaseCollation(database: DatabaseDefinition): string {
  return database.collation ?? DEFAULT_COLLATION;
}
