/** A table's layout, from the source. */
import type { SourceConnection } from '../../stores/mysql/connection.ts';
import { askRows, quotedText } from '../ask-source.ts';
import { type DescribedColumn, type TableLayout, tableLayout } from './column-layout.ts';
import { learnCharacterSets } from './learned-character-set.ts';

/** In the table's order; empty where there is no such table. The connection must have run TEXT_ROWS_SETTINGS. */
export async function describedColumns(
  connection: SourceConnection,
  database: string,
  table: string,
): Promise<DescribedColumn[]> {
  const rows = await askRows(
    connection,
    `SELECT column_name, column_type, character_set_name, collation_name, is_nullable, extra
      FROM information_schema.columns
      WHERE table_schema = ${quotedText(database)} AND table_name = ${quotedText(table)} ORDER BY ordinal_position`,
  );
  return rows.map(([name, columnType, characterSet = null, collation = null, nullable, extra]) => ({
    name: name ?? '',
    columnType: columnType ?? '',
    characterSet,
    collation,
    isNullable: nullable === 'YES',
    extra: extra ?? '',
  }));
}

/** Throws UnmirroredColumn. Asks the source for the character sets that are not known yet. */
export async function readLayout(
  connection: SourceConnection,
  columns: readonly DescribedColumn[],
): Promise<TableLayout> {
  await learnCharacterSets(
    connection,
    columns.flatMap(({ characterSet }) => characterSet ?? []),
  );
  return tableLayout(columns);
}
