/** A table's definition at the source as the mirror's store gets it: columns exactly, the primary key, and plain indexes where the source has indexes. */
import type { SourceConnection } from '../stores/mysql/connection.ts';
import type { ColumnDefinition, IndexDefinition, TableDefinition } from '../stores/schema.ts';
import { askRow, askRows, quotedText } from './ask-source.ts';
import { type DescribedColumn, type TableLayout, UnmirroredColumn } from './binlog/column-layout.ts';
import { describedColumns, readLayout } from './binlog/read-layout.ts';
import type { MirroredName } from './protocol.ts';

export type SourceDefinition =
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly why: string }
  | {
      readonly kind: 'definition';
      readonly definition: TableDefinition;
      readonly layout: TableLayout;
      /** Equal for definitions whose rows are the same in the binlog and in the mirror. Indexes are no part of it. */
      readonly signature: string;
    };

/** Where a row is never half written, and a snapshot is one. */
const ENGINES = ['INNODB', 'ROCKSDB'];

/** The connection must have run TEXT_ROWS_SETTINGS. */
export async function readDefinition(
  connection: SourceConnection,
  { database, table }: MirroredName,
): Promise<SourceDefinition> {
  const where = `table_schema = ${quotedText(database)} AND table_name = ${quotedText(table)}`;
  const [type, engine, collation, inDatabase, named] = await askRow(
    connection,
    `SELECT table_type, engine, table_collation, table_schema, table_name FROM information_schema.tables WHERE ${where}`,
  );
  // The binlog names it as it is written there.
  if (type === undefined || inDatabase !== database || named !== table) return { kind: 'absent' };
  if (type !== 'BASE TABLE') return failed(`it is a ${String(type).toLowerCase()}`);
  if (!ENGINES.includes(engine?.toUpperCase() ?? ''))
    return failed(`its engine is ${engine}, whose tables have no consistent snapshots: InnoDB's have`);
  const cascade = await cascadingKey(connection, { database, table });
  if (cascade !== null)
    return failed(`its foreign key ${cascade} has InnoDB change rows by itself, which the binlog does not tell`);
  const columns = await readColumns(connection, { database, table });
  if ('why' in columns) return failed(columns.why);
  const keys = await readIndexes(connection, where);
  if ('why' in keys) return failed(keys.why);
  const { primaryKey, indexes } = keys;
  const definition: TableDefinition = {
    database,
    name: table,
    kind: 'table',
    columns: columns.columns,
    primaryKey,
    indexes,
    foreignKeys: [],
    checks: [],
    ...(collation === null || collation === undefined ? {} : { collation }),
    createdAt: new Date().toISOString(),
  };
  const signature = JSON.stringify([columns.described, primaryKey]);
  return { kind: 'definition', definition, layout: columns.layout, signature };
}

function failed(why: string): SourceDefinition {
  return { kind: 'failed', why };
}

/** The name of a foreign key by which other rows' changes change this table's. */
async function cascadingKey(connection: SourceConnection, { database, table }: MirroredName): Promise<string | null> {
  const [name = null] = await askRow(
    connection,
    `SELECT constraint_name FROM information_schema.referential_constraints
      WHERE constraint_schema = ${quotedText(database)} AND table_name = ${quotedText(table)}
        AND (delete_rule NOT IN ('RESTRICT', 'NO ACTION') OR update_rule NOT IN ('RESTRICT', 'NO ACTION')) LIMIT 1`,
  );
  return name;
}

interface Columns {
  readonly columns: readonly ColumnDefinition[];
  readonly layout: TableLayout;
  /** What the source says of each. */
  readonly described: readonly DescribedColumn[];
}

async function readColumns(
  connection: SourceConnection,
  { database, table }: MirroredName,
): Promise<Columns | { readonly why: string }> {
  const described = await describedColumns(connection, database, table);
  const odd = described.map(oddity).find((why) => why !== null);
  if (odd !== undefined) return { why: odd };
  const layout = await layoutOf(connection, described);
  if (!('columns' in layout)) return layout;
  const columns = layout.columns.map(
    ({ name, type }, i): ColumnDefinition => ({
      name,
      type,
      nullable: described[i]!.isNullable,
      ...(/auto_increment/i.test(described[i]!.extra) ? { autoIncrement: true } : {}),
    }),
  );
  return { columns, layout, described };
}

async function layoutOf(
  connection: SourceConnection,
  described: readonly DescribedColumn[],
): Promise<TableLayout | { readonly why: string }> {
  try {
    return await readLayout(connection, described);
  } catch (error) {
    if (error instanceof UnmirroredColumn) return { why: error.message };
    throw error;
  }
}

/** What its values would not show in lists as the source shows it. */
function oddity({ name, columnType, extra }: DescribedColumn): string | null {
  if (/invisible/i.test(extra)) return `column ${name}: it is INVISIBLE`;
  return /zerofill/i.test(columnType) ? `column ${name}: it is ZEROFILL` : null;
}

/** Of a unique key only its order is taken over: within a transaction rows may pass through values that are there twice. */
async function readIndexes(
  connection: SourceConnection,
  where: string,
): Promise<
  { readonly primaryKey: readonly string[]; readonly indexes: readonly IndexDefinition[] } | { readonly why: string }
> {
  const rows = await askRows(
    connection,
    `SELECT index_name, column_name, collation, index_type FROM information_schema.statistics
      WHERE ${where} ORDER BY index_name, seq_in_index`,
  );
  const primaryKey: string[] = [];
  const indexes = new Map<string, { column: string; descending?: boolean }[]>();
  for (const [index, column, order, type] of rows) {
    if (index === 'PRIMARY') primaryKey.push(column ?? '');
    else if (type === 'HASH') return { why: `its key ${index} has a hidden column of hashes` };
    else if (type === 'BTREE') {
      const parts = indexes.get(index ?? '') ?? [];
      parts.push({ column: column ?? '', ...(order === 'D' ? { descending: true } : {}) });
      indexes.set(index ?? '', parts);
    }
  }
  return { primaryKey, indexes: Array.from(indexes, ([name, parts]) => ({ name, unique: false, parts })) };
}
