/** A table of the source as lists see it: which column a field names, and how the source's SQL speaks of its text and of its number. */
import { type Fields, fieldsOf } from '../../../lists/fields.ts';
import type { SourceColumn, SourceTable } from '../../../stores/mysql/schema.ts';
import { backquoted } from '../../../util/backquoted.ts';

export interface SourceListColumn {
  readonly definition: SourceColumn;
  /** In the order of the table's columns. */
  readonly position: number;
  /** The quoted name. */
  readonly sql: string;
  /**
   * What numbers it holds. integer, real, decimal: its own, which the source compares exactly. long-decimal: of more digits than the list protocol reads.
   * text: what its text reads as, by the list protocol's rule, which no SQL says.
   */
  readonly numbers: 'integer' | 'real' | 'decimal' | 'long-decimal' | 'text';
  /** Compares as that number. */
  readonly numberSql: string;
  /** The text that the source prints, as bytes of UTF-8; null: only a row tells it (floating-point numbers, base64 of bytes). */
  readonly bytesSql: string | null;
  /** Values of the column itself compare with a text as their own, by some collation: it comes before comparing bytes, so that an index can seek. */
  readonly seeksText: 'unicode' | 'ascii' | 'none';
  /** In the order of its values as texts when ordered by itself: dates, whose texts are all alike. */
  readonly sortsAsText: boolean;
  /** The table's only primary key column: no value of it occurs twice. */
  readonly isKey: boolean;
}

export interface SourceListTable extends Fields<SourceListColumn> {
  readonly definition: SourceTable;
  /** The quoted full name. */
  readonly sql: string;
  readonly columns: readonly SourceListColumn[];
  /** The single primary key's column, if there is one. */
  readonly key: SourceListColumn | undefined;
  /** All columns of the primary key; empty without one. */
  readonly keys: readonly SourceListColumn[];
}

const TABLES = new WeakMap<SourceTable, SourceListTable>();

/** Made once for each state of the schema. */
export function sourceListTable(definition: SourceTable): SourceListTable {
  let table = TABLES.get(definition);
  if (table === undefined) {
    table = made(definition);
    TABLES.set(definition, table);
  }
  return table;
}

function made(definition: SourceTable): SourceListTable {
  const { primaryKey } = definition;
  const columns = definition.columns.map((column, position) =>
    listColumn(column, position, primaryKey.length === 1 && primaryKey[0] === column.name),
  );
  const keys = primaryKey.flatMap(
    (name) => columns.find((column) => column.definition.name.toLowerCase() === name.toLowerCase()) ?? [],
  );
  const key = keys.length === 1 ? keys[0] : undefined;
  return {
    definition,
    sql: `${backquoted(definition.database)}.${backquoted(definition.name)}`,
    columns,
    keys,
    key,
    ...fieldsOf(columns, key),
  };
}

type Kind = Pick<SourceListColumn, 'numbers' | 'numberSql' | 'bytesSql' | 'seeksText' | 'sortsAsText'>;

const ROW_TELLS: Omit<Kind, 'numberSql'> = { numbers: 'text', bytesSql: null, seeksText: 'none', sortsAsText: false };
/** UTF-8, or a part of it: the bytes are there already. */
const UTF8 = new Set(['utf8mb4', 'utf8mb3', 'utf8', 'ascii']);

function listColumn(definition: SourceColumn, position: number, isKey: boolean): SourceListColumn {
  const sql = backquoted(definition.name);
  return { definition, position, sql, isKey, numberSql: sql, ...kindOf(definition, sql) };
}

function kindOf(definition: SourceColumn, sql: string): Omit<Kind, 'numberSql'> & Partial<Kind> {
  // Of a date and of most numbers, their texts.
  const bytesSql = `CAST(${sql} AS BINARY)`;
  const plain = { ...ROW_TELLS, bytesSql };
  switch (definition.type) {
    case 'tinyint':
    case 'smallint':
    case 'mediumint':
    case 'int':
    case 'bigint':
      // Zeros are printed before such numbers.
      return { ...plain, numbers: 'integer', ...(isZerofill(definition) && { bytesSql: null }) };
    case 'bit':
      return { ...plain, numbers: 'integer', bytesSql: `CAST(${sql} + 0 AS BINARY)` };
    case 'year':
      // By itself 1 would stand for 2001.
      return { ...plain, numbers: 'integer', numberSql: `(${sql} + 0)` };
    case 'decimal':
      return { ...plain, numbers: decimalKind(definition), ...(isZerofill(definition) && { bytesSql: null }) };
    case 'float':
    case 'double':
      return { ...ROW_TELLS, numbers: 'real' };
    case 'date':
    case 'datetime':
    case 'timestamp':
      return { ...plain, sortsAsText: true };
    case 'time':
      return plain;
    default:
      return definition.characterSet === null ? ROW_TELLS : { ...ROW_TELLS, ...textKind(definition, sql) };
  }
}

/** So many digits a double tells apart, and the list protocol reads. */
const DOUBLE_DIGITS = 15;

function decimalKind({ fullType }: SourceColumn): 'decimal' | 'long-decimal' {
  const [, precision] = /\((\d+)/.exec(fullType) ?? [];
  return Number(precision ?? DOUBLE_DIGITS + 1) <= DOUBLE_DIGITS ? 'decimal' : 'long-decimal';
}

function isZerofill({ fullType }: SourceColumn): boolean {
  return fullType.includes('zerofill');
}

function textKind({ type, characterSet }: SourceColumn, sql: string): Pick<Kind, 'bytesSql' | 'seeksText'> {
  const isUtf8 = UTF8.has(characterSet ?? '');
  return {
    bytesSql: isUtf8 ? `CAST(${sql} AS BINARY)` : `CAST(CONVERT(${sql} USING utf8mb4) AS BINARY)`,
    // Elements of ENUM and SET are found by their numbers, too.
    seeksText: type === 'enum' || type === 'set' ? 'none' : characterSet === 'utf8mb4' ? 'unicode' : 'ascii',
  };
}
