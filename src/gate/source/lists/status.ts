/** The commands `tables` and `stat` in front of a MySQL server. */
import type { ListStatistics } from '../../../lists/kept/table-lists.ts';
import { shownKept } from '../../../lists/status.ts';
import type { SourceSession } from '../session.ts';
import { findRows } from './find-rows.ts';
import type { SourceListTable } from './list-table.ts';
import { rawRows } from './raw-rows.ts';

/** Those that the user may read, in the order of their names. */
export function describeSourceTables({ gate, privileges }: SourceSession): string {
  const tables = [...gate.source.schema.tables]
    .filter(({ database, name }) => privileges.allows({ database, table: name, access: 'read' }))
    .map(({ database, name, primaryKey, columns }) => ({
      table: `${database}.${name}`,
      kind: 'table',
      pkey: primaryKey.join(','),
      fields: String(columns.length),
    }));
  return JSON.stringify(tables.sort((a, b) => (a.table < b.table ? -1 : 1)));
}

/** Rows (counted), fields and indexes of one table. */
export async function statOfTable(session: SourceSession, table: SourceListTable): Promise<string> {
  const selection = { where: [], order: [], skip: 0, max: null };
  const { count } = await findRows(session, {
    ...{ table, selection, columns: null, locks: false },
    ...{ rows: false, count: true, maxRows: 1 },
  });
  const { database, name, columns } = table.definition;
  return JSON.stringify({
    table: `${database}.${name}`,
    kind: 'table',
    rows: String(count),
    fields: columns.map((column) => column.name),
    indexes: await indexesOf(session, table),
    kept: shownKept(keptOf(session, `${database}.${name}`)),
  });
}

/** Lists that the mirror keeps of a table. */
function keptOf({ gate }: SourceSession, table: string): readonly ListStatistics[] {
  return gate.mirror?.kept.statistics().lists.filter((list) => list.table === table) ?? [];
}

async function indexesOf(session: SourceSession, { sql }: SourceListTable): Promise<object[]> {
  const { columns, rows } = rawRows(await session.ask(`SHOW INDEX FROM ${sql}`, []));
  const at = (wanted: string): number => columns.findIndex(({ name }) => name.toLowerCase() === wanted);
  const [nameAt, columnAt] = [at('key_name'), at('column_name')];
  const indexes = new Map<string, (string | null)[]>();
  for await (const row of rows) {
    const index = row[nameAt]?.toString('utf8') ?? '';
    if (index === 'PRIMARY') continue;
    // An expression has no name.
    const column = row[columnAt]?.toString('utf8') ?? null;
    indexes.set(index, [...(indexes.get(index) ?? []), column]);
  }
  return Array.from(indexes, ([index, fields]) => ({ name: index, fields }));
}
