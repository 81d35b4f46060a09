import type { TableDefinition } from '../../stores/schema.ts';
import type { VirtualTable } from '../virtual-table.ts';
import { bigint, int, intUnsigned, longText, type NamedRow, nullable, table, text } from './define.ts';
import { baseTables } from './schema-objects.ts';
import { tableKeys } from './table-keys.ts';

export function statisticsTable(): VirtualTable {
  const columns = [
    text('TABLE_CATALOG'),
    text('TABLE_SCHEMA'),
    text('TABLE_NAME'),
    int('NON_UNIQUE'),
    text('INDEX_SCHEMA'),
    nullable(text('INDEX_NAME')),
    intUnsigned('SEQ_IN_INDEX'),
    nullable(text('COLUMN_NAME')),
    nullable(text('COLLATION', 1)),
    nullable(bigint('CARDINALITY')),
    nullable(bigint('SUB_PART')),
    nullable(text('PACKED', 10)),
    text('NULLABLE', 3),
    text('INDEX_TYPE', 11),
    text('COMMENT', 8),
    text('INDEX_COMMENT', 2048),
    text('IS_VISIBLE', 3),
    nullable(longText('EXPRESSION')),
  ];
  return table('STATISTICS', columns, function* ({ catalog }) {
    for (const definition of baseTables(catalog)) yield* keyPartRows(definition);
  });
}

/** One row for each part of each key; also what SHOW INDEX is made of. CARDINALITY is not known without reading the table. */
export function* keyPartRows(definition: TableDefinition): Generator<NamedRow> {
  const columns = new Map(definition.columns.map((column) => [column.name.toLowerCase(), column]));
  for (const key of tableKeys(definition)) {
    for (const [index, part] of key.parts.entries()) {
      const column = columns.get(part.column.toLowerCase());
      yield {
        TABLE_CATALOG: 'def',
        TABLE_SCHEMA: definition.database,
        TABLE_NAME: definition.name,
        NON_UNIQUE: key.unique ? 0 : 1,
        INDEX_SCHEMA: definition.database,
        INDEX_NAME: key.name,
        SEQ_IN_INDEX: index + 1,
        COLUMN_NAME: column?.name ?? part.column,
        COLLATION: part.descending === true ? 'D' : 'A',
        SUB_PART: part.length ?? null,
        NULLABLE: column?.nullable === true ? 'YES' : '',
        INDEX_TYPE: 'BTREE',
        COMMENT: '',
        INDEX_COMMENT: key.comment ?? '',
        IS_VISIBLE: 'YES',
      };
    }
  }
}
