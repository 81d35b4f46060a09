/** The source's columns and rows in the form that other protocols than MySQL's take. */
import type { ResultColumn } from '../../sql/result-column.ts';
import type { ColumnType } from '../../stores/column-type.ts';
import type { SourceAnswer } from '../../stores/mysql/result.ts';
import { type ColumnDefinition, columnDefinitions, textRows } from '../../stores/mysql/rows.ts';
import type { StoreRow, StoreValue } from '../../stores/values.ts';
import { BINARY_COLLATION, FIELD_FLAG, FIELD_TYPE } from '../../util/mysql-packets/constants.ts';

/** Text that Sluice gets has this many bytes a character at most. */
const UTF8MB4_BYTES = 4;
const NOT_FIXED = 31;
const MAX_VARCHAR_BYTES = 65_535;

export function resultColumn(definition: ColumnDefinition): ResultColumn {
  const { flags } = definition;
  return {
    name: definition.name,
    type: columnType(definition),
    nullable: (flags & FIELD_FLAG.NOT_NULL) === 0,
    database: definition.database,
    table: definition.table,
    originalTable: definition.originalTable,
    originalName: definition.originalName,
    primaryKey: (flags & FIELD_FLAG.PRI_KEY) !== 0,
    uniqueKey: (flags & FIELD_FLAG.UNIQUE_KEY) !== 0,
    multipleKey: (flags & FIELD_FLAG.MULTIPLE_KEY) !== 0,
    autoIncrement: (flags & FIELD_FLAG.AUTO_INCREMENT) !== 0,
  };
}

/** The columns of an answer's first result. */
export function answerColumns({ results: [result] }: SourceAnswer): ResultColumn[] {
  return result === undefined ? [] : columnDefinitions(result).map(resultColumn);
}

function columnType(definition: ColumnDefinition): ColumnType {
  const { type, flags, length, decimals } = definition;
  const unsigned = (flags & FIELD_FLAG.UNSIGNED) !== 0 ? { unsigned: true } : {};
  const fraction = decimals > 0 && decimals < NOT_FIXED ? { scale: decimals } : {};
  switch (type) {
    case FIELD_TYPE.TINY:
      return { name: 'tinyint', ...unsigned, ...(length === 1 && { length: 1 }) };
    case FIELD_TYPE.SHORT:
      return { name: 'smallint', ...unsigned };
    case FIELD_TYPE.INT24:
      return { name: 'mediumint', ...unsigned };
    case FIELD_TYPE.LONG:
      return { name: 'int', ...unsigned };
    case FIELD_TYPE.LONGLONG:
      return { name: 'bigint', ...unsigned };
    case FIELD_TYPE.YEAR:
      return { name: 'year' };
    case FIELD_TYPE.FLOAT:
      return { name: 'float' };
    case FIELD_TYPE.DOUBLE:
      return { name: 'double' };
    case FIELD_TYPE.DECIMAL:
    case FIELD_TYPE.NEWDECIMAL:
      return {
        name: 'decimal',
        precision: length - (decimals > 0 ? 1 : 0) - ('unsigned' in unsigned ? 0 : 1),
        scale: decimals,
        ...unsigned,
      };
    case FIELD_TYPE.BIT:
      return { name: 'bit', length };
    case FIELD_TYPE.DATE:
    case FIELD_TYPE.NEWDATE:
      return { name: 'date' };
    case FIELD_TYPE.TIME:
      return { name: 'time', ...fraction };
    case FIELD_TYPE.DATETIME:
      return { name: 'datetime', ...fraction };
    case FIELD_TYPE.TIMESTAMP:
      return { name: 'timestamp', ...fraction };
    case FIELD_TYPE.JSON:
      return { name: 'json' };
    case FIELD_TYPE.NULL:
      return { name: 'null' };
    default:
      return textType(definition);
  }
}

function textType({ type, collation, length, flags }: ColumnDefinition): ColumnType {
  const isBinary = collation === BINARY_COLLATION;
  const isLong = (flags & FIELD_FLAG.BLOB) !== 0 || length > MAX_VARCHAR_BYTES;
  if (isBinary) {
    if (isLong) return { name: 'blob' };
    return { name: type === FIELD_TYPE.STRING ? 'binary' : 'varbinary', length };
  }
  if (isLong) return { name: 'text' };
  return { name: type === FIELD_TYPE.STRING ? 'char' : 'varchar', length: Math.floor(length / UTF8MB4_BYTES) };
}

/** Makes rows of the text protocol's packets. */
export function rowReader(columns: readonly ResultColumn[]): (packets: readonly Buffer[]) => StoreRow[] {
  const readers = columns.map((column) => valueReader(column.type));
  return (packets) =>
    Array.from(textRows(packets, columns.length), (row) =>
      row.map((value, i) => (value === null ? null : (readers[i]?.(value) ?? null))),
    );
}

export function valueReader({ name }: ColumnType): (value: Buffer) => StoreValue {
  switch (name) {
    case 'tinyint':
    case 'smallint':
    case 'mediumint':
    case 'int':
    case 'bigint':
    case 'year':
      return (value) => integer(value.toString('latin1'));
    case 'float':
    case 'double':
      return (value) => Number(value.toString('latin1'));
    case 'bit':
      return (value) => integer(`0x${value.toString('hex')}`);
    case 'binary':
    case 'varbinary':
    case 'blob':
      return (value) => value;
    default:
      return (value) => value.toString('utf8');
  }
}

function integer(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}
