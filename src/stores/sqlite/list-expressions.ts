/**
 * What the list protocol's operators look at in a column, as SQLite's text. Lists ask by these expressions and list indexes are on them: SQLite
 * uses an index for the very expression that it was made with. The functions that they call are registered on every connection.
 */
import type { ColumnType } from '../column-type.ts';
import type { ColumnDefinition } from '../schema.ts';
import { affinity, columnCollation, quoteName } from './ddl.ts';

export interface ListExpressions {
  /** The value as text; its collation may be the column's. */
  readonly text: string;
  /** The same compared by bytes. */
  readonly bytes: string;
  /** Compares as the number does that the value is or reads as. */
  readonly number: string;
  /** integer: the column itself, exact integers. real: the column itself. text: what sluice_num() gives. */
  readonly numbers: 'integer' | 'real' | 'text';
}

/** `isRowid`: the column is the table's rowid, whose integers are never stored as text. */
export function listExpressions(column: ColumnDefinition, isRowid: boolean): ListExpressions {
  const sql = quoteName(column.name);
  const text = textExpression(sql, column.type, isRowid);
  const numbers = numberKind(column.type);
  return {
    text,
    bytes: columnCollation(column.type) === 'NOCASE' ? `${text} COLLATE BINARY` : text,
    number: numbers === 'text' ? `sluice_num(${text})` : sql,
    numbers,
  };
}

/** A text as a function's argument: the driver hands texts over up to their first NUL character, bytes whole. */
export function wholeText(text: string): string {
  return `iif(instr(${text}, char(0)), CAST(${text} AS BLOB), ${text})`;
}

function numberKind(type: ColumnType): ListExpressions['numbers'] {
  switch (type.name) {
    case 'tinyint':
    case 'smallint':
    case 'mediumint':
    case 'int':
    case 'bigint':
    case 'year':
    case 'bit':
      return 'integer';
    case 'float':
    case 'double':
      return 'real';
    default:
      return 'text';
  }
}

function textExpression(sql: string, type: ColumnType, isRowid: boolean): string {
  switch (type.name) {
    case 'tinyint':
    case 'smallint':
    case 'mediumint':
    case 'int':
    case 'bit':
      return `CAST(${sql} AS TEXT)`;
    case 'bigint':
      // Beyond 2^63-1 it is text already, with a leading zero below 10^19.
      return type.unsigned && !isRowid
        ? `ltrim(CAST(${sql} AS TEXT), CASE typeof(${sql}) WHEN 'text' THEN '0' ELSE '' END)`
        : `CAST(${sql} AS TEXT)`;
    default:
      return affinity(type) === 'TEXT' ? sql : `sluice_list_text(${sql}, ${quoteText(JSON.stringify(type))})`;
  }
}

function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
