import type { VirtualTable } from '../virtual-table.ts';
import { bigintUnsigned, datetime, intUnsigned, longText, nullable, table, text, timestamp } from './define.ts';
import { schemaObjects } from './schema-objects.ts';
import { tableRow } from './tables-table.ts';

/** One row for each table: none is partitioned. */
export function partitionsTable(): VirtualTable {
  const columns = [
    text('TABLE_CATALOG'),
    text('TABLE_SCHEMA'),
    text('TABLE_NAME'),
    nullable(text('PARTITION_NAME')),
    nullable(text('SUBPARTITION_NAME')),
    nullable(intUnsigned('PARTITION_ORDINAL_POSITION')),
    nullable(intUnsigned('SUBPARTITION_ORDINAL_POSITION')),
    nullable(text('PARTITION_METHOD', 13)),
    nullable(text('SUBPARTITION_METHOD', 13)),
    nullable(text('PARTITION_EXPRESSION', 2048)),
    nullable(text('SUBPARTITION_EXPRESSION', 2048)),
    nullable(longText('PARTITION_DESCRIPTION')),
    nullable(bigintUnsigned('TABLE_ROWS')),
    nullable(bigintUnsigned('AVG_ROW_LENGTH')),
    nullable(bigintUnsigned('DATA_LENGTH')),
    nullable(bigintUnsigned('MAX_DATA_LENGTH')),
    nullable(bigintUnsigned('INDEX_LENGTH')),
    nullable(bigintUnsigned('DATA_FREE')),
    timestamp('CREATE_TIME'),
    nullable(datetime('UPDATE_TIME')),
    nullable(datetime('CHECK_TIME')),
    nullable(bigintUnsigned('CHECKSUM')),
    longText('PARTITION_COMMENT'),
    nullable(text('NODEGROUP', 256)),
    nullable(text('TABLESPACE_NAME', 268)),
  ];
  return table('PARTITIONS', columns, function* ({ catalog }) {
    for (const object of schemaObjects(catalog, [])) yield { ...tableRow(object), PARTITION_COMMENT: '' };
  });
}
