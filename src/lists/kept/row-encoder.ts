/** How a protocol writes a row. */
import type { TableDefinition } from '../../stores/schema.ts';
import { quoteName } from '../../stores/sqlite/ddl.ts';
import type { StoreRow } from '../../stores/values.ts';

/**
 * One object for each form that a table's rows are sent in, made once for a definition of the table: what it makes is kept by it. The store's text and
 * `encode` must make the same of a row; never undefined.
 */
export interface RowEncoder<E> {
  /**
   * Expressions that give a row in this form when it is read by SQL: `json_object(...)`, or plain columns. One or more. Every name in them is a column
   * of the table, unqualified.
   */
  readonly select: readonly string[];
  /** What `select` gave. */
  decode(values: StoreRow): E;
  /** The same from a whole row in stored form, in the order of the table's columns. */
  encode(row: StoreRow): E;
  /** For the memory: a string whose characters are all below U+0100 has a byte each, others two. */
  bytesOf(encoded: E): number;
}

/** All columns, as they are stored. */
export function columnsSelect(table: TableDefinition): string[] {
  return table.columns.map((column) => quoteName(column.name));
}
