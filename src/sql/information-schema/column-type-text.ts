/** A column's type as MySQL 8 writes it: COLUMN_TYPE, SHOW COLUMNS, SHOW CREATE TABLE. */
import type { ColumnType } from '../../stores/column-type.ts';

/** `int unsigned`, `varchar(20)`, `decimal(10,2)`, `datetime(6)`, `enum('a','b')`, `tinyint(1)`. */
export function columnTypeText(type: ColumnType): string {
  return `${type.name}${argumentsText(type)}${type.unsigned === true ? ' unsigned' : ''}`;
}

function argumentsText(type: ColumnType): string {
  switch (type.name) {
    case 'tinyint':
      // The one display width that MySQL 8 still prints: drivers read it as BOOLEAN.
      return type.length === 1 && type.unsigned !== true ? '(1)' : '';
    case 'bit':
    case 'char':
    case 'binary':
      return `(${type.length ?? 1})`;
    case 'varchar':
    case 'varbinary':
      return `(${type.length ?? 0})`;
    case 'decimal':
      return `(${type.precision ?? DECIMAL_DIGITS},${type.scale ?? 0})`;
    case 'float':
    case 'double':
      return floatArguments(type);
    case 'time':
    case 'datetime':
    case 'timestamp':
      return type.scale === undefined || type.scale === 0 ? '' : `(${type.scale})`;
    case 'enum':
    case 'set':
      return `(${(type.values ?? []).map(quotedValue).join(',')})`;
    default:
      return '';
  }
}

/** DECIMAL without arguments. */
const DECIMAL_DIGITS = 10;

function floatArguments(type: ColumnType): string {
  const digits = type.precision ?? type.length;
  return type.scale === undefined || digits === undefined ? '' : `(${digits},${type.scale})`;
}

function quotedValue(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
