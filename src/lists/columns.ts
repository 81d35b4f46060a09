/** A table as lists see it: which column a field names, and how SQLite's text speaks of it. */
import {
  type ColumnDefinition,
  HIDDEN_KEY_COLUMN,
  type ListIndexDefinition,
  type TableDefinition,
} from '../stores/schema.ts';
import { affinity, columnCollation, quotedTable, quoteName, rowidColumn, sameName } from '../stores/sqlite/ddl.ts';
import { listExpressions } from '../stores/sqlite/list-expressions.ts';
import { type Fields, fieldsOf } from './fields.ts';
import { type ListText, listText, type ValueForms } from './value-forms.ts';

export interface ListColumn {
  readonly definition: ColumnDefinition;
  /** In the order of the table's columns. */
  readonly position: number;
  /** The quoted name. */
  readonly sql: string;
  /** An expression of the value as text; its collation may be the column's. */
  readonly textSql: string;
  /** The same compared by bytes: what a LEXICAL index is on. */
  readonly bytesSql: string;
  /** An expression that compares, with values of operators/stored-number.ts, as the number does. */
  readonly numberSql: string;
  /**
   * How an operand must be bound for comparing with `numberSql`, and whether an index on the column serves it:
   * integer: the column itself, exact integers. real: the column itself. text: what sluice_num() gives.
   */
  readonly numbers: 'integer' | 'real' | 'text';
  /** The column holds the text itself and compares it without ASCII case, so byte equality needs a second look. */
  readonly nocase: boolean;
  /** Its list index: see set-index.ts. */
  readonly listIndex: ListIndexDefinition | undefined;
  /** `textSql` calls no function of ours. */
  readonly isNativeText: boolean;
  /** The column holds the text itself: an index on it serves STREQ, STRBW and STROREQ. */
  readonly isText: boolean;
  /** The table's only primary key column, an SQLite rowid: reading by it, and in its order, costs the rows read. */
  readonly isRowid: boolean;
  /** The table's only primary key column: no value of it occurs twice. */
  readonly isKey: boolean;
  readonly text: ListText;
}

export interface ListTable extends Fields<ListColumn> {
  readonly definition: TableDefinition;
  /** The quoted stored name. */
  readonly sql: string;
  readonly columns: readonly ListColumn[];
  /** What makes a row: quoted names of the primary key's columns, or of the hidden key. */
  readonly keySql: readonly string[];
  /** The single primary key's column, if there is one. */
  readonly key: ListColumn | undefined;
}

export function listTable(definition: TableDefinition, formatter: ValueForms['textFormatter']): ListTable {
  const rowid = rowidColumn(definition);
  const { primaryKey } = definition;
  const keyName = primaryKey.length === 1 ? primaryKey[0]!.toLowerCase() : undefined;
  const columns = definition.columns.map((column, position) => {
    const isKey = column.name.toLowerCase() === keyName;
    const listIndex = definition.listIndexes?.find((index) => sameName(index.column, column.name));
    return listColumn(column, { position, isKey, isRowid: column.name === rowid, listIndex }, formatter);
  });
  const key = columns.find((column) => column.isKey);
  return {
    definition,
    sql: quotedTable(definition),
    columns,
    keySql: (primaryKey.length === 0 ? [HIDDEN_KEY_COLUMN] : primaryKey).map(quoteName),
    key,
    ...fieldsOf(columns, key),
  };
}

function listColumn(
  definition: ColumnDefinition,
  place: Pick<ListColumn, 'position' | 'isKey' | 'isRowid' | 'listIndex'>,
  formatter: ValueForms['textFormatter'],
): ListColumn {
  const { text, bytes, number, numbers } = listExpressions(definition, place.isRowid);
  return {
    ...place,
    definition,
    sql: quoteName(definition.name),
    textSql: text,
    bytesSql: bytes,
    numberSql: number,
    numbers,
    nocase: columnCollation(definition.type) === 'NOCASE',
    isNativeText: !text.startsWith('sluice_'),
    isText: affinity(definition.type) === 'TEXT',
    text: listText(definition.type, formatter),
  };
}
