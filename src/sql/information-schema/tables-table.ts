import { DEFAULT_COLLATION } from '../variables/character-sets.ts';
import type { VirtualTable } from '../virtual-table.ts';
import {
  bigint,
  bigintUnsigned,
  datetime,
  int,
  longText,
  type NamedRow,
  nullable,
  table,
  text,
  timestamp,
} from './define.ts';
import { type SchemaObject, schemaObjects } from './schema-objects.ts';

/** `all` gives every virtual table, this one included. */
export function tablesTable(all: () => readonly VirtualTable[]): VirtualTable {
  const columns = [
    text('TABLE_CATALOG'),
    text('TABLE_SCHEMA'),
    text('TABLE_NAME'),
    text('TABLE_TYPE'),
    nullable(text('ENGINE')),
    nullable(int('VERSION')),
    nullable(text('ROW_FORMAT', 10)),
    nullable(bigintUnsigned('TABLE_ROWS')),
    nullable(bigintUnsigned('AVG_ROW_LENGTH')),
    nullable(bigintUnsigned('DATA_LENGTH')),
    nullable(bigintUnsigned('MAX_DATA_LENGTH')),
    nullable(bigintUnsigned('INDEX_LENGTH')),
    nullable(bigintUnsigned('DATA_FREE')),
    nullable(bigintUnsigned('AUTO_INCREMENT')),
    timestamp('CREATE_TIME'),
    nullable(datetime('UPDATE_TIME')),
    nullable(datetime('CHECK_TIME')),
    nullable(text('TABLE_COLLATION')),
    nullable(bigint('CHECKSUM')),
    nullable(text('CREATE_OPTIONS', 256)),
    nullable(longText('TABLE_COMMENT')),
  ];
  return table('TABLES', columns, function* ({ catalog }) {
    for (const object of schemaObjects(catalog, all())) yield tableRow(object);
  });
}

/** Also what SHOW TABLE STATUS is made of. */
export function tableRow({ definition, type }: SchemaObject): NamedRow {
  const names = {
    TABLE_CATALOG: 'def',
    TABLE_SCHEMA: definition.database,
    TABLE_NAME: definition.name,
    TABLE_TYPE: type,
    VERSION: 10,
    AVG_ROW_LENGTH: 0,
    DATA_LENGTH: 0,
    MAX_DATA_LENGTH: 0,
    INDEX_LENGTH: 0,
    DATA_FREE: 0,
    CREATE_OPTIONS: '',
    TABLE_COMMENT: definition.comment ?? '',
  };
  // How many rows there are is not known without reading them all: NULL makes tools count when they need to.
  if (type === 'SYSTEM VIEW') return { ...names, TABLE_ROWS: 0 };
  return {
    ...names,
    ENGINE: 'InnoDB',
    ROW_FORMAT: 'Dynamic',
    CREATE_TIME: storedTimestamp(definition.createdAt),
    TABLE_COLLATION: definition.collation ?? DEFAULT_COLLATION,
  };
}

/** ISO 8601 as a TIMESTAMP is stored. */
function storedTimestamp(iso: string): string | null {
  return iso === '' ? null : iso.slice(0, 'YYYY-MM-DD HH:MM:SS'.length).replace('T', ' ');
}
