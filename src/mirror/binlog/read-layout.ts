/** A table's layout, from the source. */
import type { SourceConnection } from '../../stores/mysql/connection.ts';
import { textTable } from '../../stores/mysql/rows.ts';
import { type TableLayout, tableLayout } from './column-layout.ts';
import { learnCharacterSets } from './learned-character-set.ts';

/** null where there is no such table. Throws UnmirroredColumn. The connection must have run TEXT_ROWS_SETTINGS. */
export async function readLayout(
  connection: SourceConnection,
  database: string,
  table: string,
): Promise<TableLayout | null> {
  const [result] = (
    await connection.query(
      `SELECT column_name, column_type, character_set_name, collation_name, extra FROM information_schema.columns
        WHERE table_schema = ${quoted(database)} AND table_name = ${quoted(table)} ORDER BY ordinal_position`,
    )
  ).results;
  const rows = result === undefined ? [] : textTable(result);
  if (rows.length === 0) return null;
  await learnCharacterSets(
    connection,
    rows.flatMap(([, , set]) => set ?? []),
  );
  return tableLayout(
    rows.map(([name, columnType, characterSet = null, collation = null, extra]) => ({
      name: name ?? '',
      columnType: columnType ?? '',
      characterSet,
      collation,
      extra: extra ?? '',
    })),
  );
}

/** In hexadecimal, whatever the mode says of backslashes. */
function quoted(text: string): string {
  return text === '' ? "''" : `CONVERT(x'${Buffer.from(text, 'utf8').toString('hex')}' USING utf8mb4)`;
}
