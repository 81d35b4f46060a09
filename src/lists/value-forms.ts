/**
 * What lists must know of SQL's values and may not look up themselves (the rooms sql/ and lists/ do not know each other): the gate hands
 * it in. For schemaless tables none of it is needed: there everything is text.
 */
import type { ColumnType } from '../stores/column-type.ts';
import type { ColumnDefinition } from '../stores/schema.ts';
import type { StoreValue } from '../stores/values.ts';

export interface ValueForms {
  /** A stored value as MySQL prints it: sql/values/format.ts. */
  textFormatter(type: ColumnType): (value: StoreValue) => string | Uint8Array | null;
  /** A stored value as typed JSON text: numbers as numbers where JavaScript's can hold them. */
  jsonFormatter(type: ColumnType): (value: StoreValue) => string;
  /** A text on its way into a column, by the strict rules of assignment: sql/values/convert.ts. `row` counts from 1, for messages. */
  toStored(column: ColumnDefinition, text: string, row: number): StoreValue;
  /** CURRENT_TIMESTAMP(fsp) as `column` stores it, for ON UPDATE CURRENT_TIMESTAMP. */
  currentTimestamp(column: ColumnDefinition, fsp: number): StoreValue;
}

/** A stored value as lists show it, always text: what MySQL prints, but BIT as a number and bytes in base64. Null is a missing field. */
export type ListText = (value: StoreValue) => string | null;

export function listText(type: ColumnType, formatter: ValueForms['textFormatter']): ListText {
  switch (type.name) {
    case 'tinyint':
    case 'smallint':
    case 'mediumint':
    case 'int':
    case 'bigint':
    case 'bit':
      return integerText;
    case 'char':
    case 'varchar':
    case 'tinytext':
    case 'text':
    case 'mediumtext':
    case 'longtext':
      return (value) => (value === null || typeof value === 'string' ? value : String(value));
    default: {
      const format = formatter(type);
      return (value) => {
        // No column holds it, but SQLite computes with it where a condition says that a column is equal to it.
        if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) return String(value);
        const text = format(value);
        return text === null || typeof text === 'string' ? text : Buffer.from(text).toString('base64');
      };
    }
  }
}

/** BIGINT UNSIGNED beyond 2^63-1 is stored as 20 digits with leading zeros. */
function integerText(value: StoreValue): string | null {
  return value === null ? null : typeof value === 'string' ? value.replace(/^0+/, '') : String(value);
}
