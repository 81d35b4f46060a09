/**
 * Rows of the text protocol in the same stored form as those of the binlog: for a table's first copy. What the text protocol does not tell exactly
 * (the number of an ENUM's value, all digits of a FLOAT) is asked for by the expressions of columnList(), so the two go together.
 */
import type { StoreRow, StoreValue } from '../../stores/values.ts';
import type { ColumnLayout } from './column-layout.ts';
import { storedSigned, storedUnsigned } from './integer-values.ts';

/** A connection must have run these before it reads rows for textRowReader(). */
export const TEXT_ROWS_SETTINGS: readonly string[] = ["SET NAMES utf8mb4, time_zone = '+00:00', sql_mode = ''"];

/** What stands behind SELECT: the columns in order. */
export function columnList(columns: readonly ColumnLayout[]): string {
  return columns.map(expression).join(', ');
}

function expression({ name, type }: ColumnLayout): string {
  const quoted = `\`${name.replaceAll('`', '``')}\``;
  switch (type.name) {
    case 'enum':
    case 'set':
    case 'bit':
      return `${quoted} + 0`;
    case 'float':
    case 'double':
      return `CAST(${quoted} AS DOUBLE)`;
    default:
      return quoted;
  }
}

type TextReader = (bytes: Buffer) => StoreValue;

/** Reads rows of `SELECT <columnList>`. The bytes are copied where they are kept. */
export function textRowReader(columns: readonly ColumnLayout[]): (values: readonly (Uint8Array | null)[]) => StoreRow {
  const readers = columns.map(textReader);
  return (values) => {
    const row: StoreRow = new Array(readers.length);
    for (let i = 0; i < readers.length; i++) {
      const value = values[i] as Uint8Array | null;
      row[i] = value === null ? null : (readers[i] as TextReader)(asBuffer(value));
    }
    return row;
  };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function textReader({ type }: ColumnLayout): TextReader {
  switch (type.name) {
    case 'tinyint':
    case 'smallint':
    case 'mediumint':
    case 'int':
    case 'year':
    case 'enum':
    case 'float':
    case 'double':
      return (bytes) => Number(bytes.toString('latin1'));
    case 'bigint':
    case 'bit':
      return integer;
    case 'set':
      // Of 64 values the number is told as a signed one.
      return (bytes) => storedUnsigned(BigInt.asUintN(64, BigInt(bytes.toString('latin1'))));
    case 'decimal':
      // All digits behind the point are there, so that without it this is the value times 10^scale.
      return (bytes) => integerOfText(bytes.toString('latin1').replace('.', ''));
    case 'time':
      return micros;
    case 'binary':
    case 'varbinary':
    case 'tinyblob':
    case 'blob':
    case 'mediumblob':
    case 'longblob':
      return (bytes) => Buffer.from(bytes);
    default:
      return (bytes) => bytes.toString('utf8');
  }
}

function integer(bytes: Buffer): StoreValue {
  return integerOfText(bytes.toString('latin1'));
}

function integerOfText(text: string): StoreValue {
  const number = Number(text);
  // No -0: an integer has none.
  if (Number.isSafeInteger(number)) return number + 0;
  const exact = BigInt(text);
  return exact < 0n ? storedSigned(exact) : storedUnsigned(exact);
}

/** `-838:59:59.000000` in microseconds. */
function micros(bytes: Buffer): StoreValue {
  const [, sign = '', hours = '', minutes = '', seconds = '', fraction = ''] =
    /^(-?)(\d+):(\d\d):(\d\d)(?:\.(\d+))?$/.exec(bytes.toString('latin1')) ?? [];
  const value =
    (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1_000_000 + Number(fraction.padEnd(6, '0'));
  return sign === '-' && value > 0 ? -value : value;
}
