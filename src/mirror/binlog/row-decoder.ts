/**
 * Values of a row in the binlog to their stored form (the table of column-type.ts): one decoder a column, made once for a table map and called for
 * every row.
 */
import type { TypeName } from '../../stores/column-type.ts';
import type { StoreRow, StoreValue } from '../../stores/values.ts';
import { FIELD_TYPE } from '../../util/mysql-packets/constants.ts';
import { characterSet as knownCharacterSet, type TextDecode } from './character-set.ts';
import type { ColumnLayout, TableLayout } from './column-layout.ts';
import { decimalDecoder } from './decimal-values.ts';
import { BINLOG_TYPE } from './event-type.ts';
import * as integers from './integer-values.ts';
import type { RowCursor } from './row-cursor.ts';
import type { MappedColumn } from './table-map.ts';
import * as temporal from './temporal-values.ts';

/** Reads the value at `cursor.at` and moves that behind it. */
export type ColumnDecoder = (cursor: RowCursor) => StoreValue;

/** Up to here a loop that looks for characters beyond ASCII is faster than a call into C++. */
const SHORT_TEXT_BYTES = 64;

export class RowDecoder {
  readonly columnCount: number;
  readonly #decoders: readonly ColumnDecoder[];
  readonly #nullBytes: number;

  constructor(decoders: readonly ColumnDecoder[]) {
    this.#decoders = decoders;
    this.columnCount = decoders.length;
    this.#nullBytes = (decoders.length + 7) >> 3;
  }

  /** The row at the cursor, all columns of it. Throws RangeError where a length leads out of the event. */
  row(cursor: RowCursor): StoreRow {
    const { buffer } = cursor;
    const decoders = this.#decoders;
    const count = decoders.length;
    const row: StoreRow = new Array(count);
    const nulls = cursor.at;
    cursor.at = nulls + this.#nullBytes;
    for (let i = 0; i < count; i++) {
      row[i] =
        ((buffer[nulls + (i >> 3)] as number) & (1 << (i & 7))) !== 0 ? null : (decoders[i] as ColumnDecoder)(cursor);
    }
    if (!(cursor.at <= cursor.end)) throw new RangeError('a row goes beyond its event');
    return row;
  }
}

/** The decoder of a table with that layout, or why the columns that the binlog maps are not those of the layout. */
export function rowDecoder(layout: TableLayout, mapped: readonly MappedColumn[]): RowDecoder | string {
  const { columns } = layout;
  if (columns.length !== mapped.length) return `it has ${mapped.length} columns there, not ${columns.length}`;
  const decoders: ColumnDecoder[] = [];
  for (const [i, column] of columns.entries()) {
    const found = mapped[i] as MappedColumn;
    const decoder = columnDecoder(column, found);
    if (decoder === null) {
      const { type, meta } = found;
      return `column ${column.name} is no ${column.type.name} there (type ${type}, ${meta})`;
    }
    decoders.push(decoder);
  }
  return new RowDecoder(decoders);
}

function fixed(bytes: number, read: (cursor: RowCursor) => StoreValue): ColumnDecoder {
  return (cursor) => {
    const value = read(cursor);
    cursor.at += bytes;
    return value;
  };
}

const INTEGERS: Partial<Readonly<Record<TypeName, { type: number; signed: ColumnDecoder; unsigned: ColumnDecoder }>>> =
  {
    tinyint: {
      type: FIELD_TYPE.TINY,
      signed: fixed(1, integers.tinyint),
      unsigned: fixed(1, integers.tinyintUnsigned),
    },
    smallint: {
      type: FIELD_TYPE.SHORT,
      signed: fixed(2, integers.smallint),
      unsigned: fixed(2, integers.smallintUnsigned),
    },
    mediumint: {
      type: FIELD_TYPE.INT24,
      signed: fixed(3, integers.mediumint),
      unsigned: fixed(3, integers.mediumintUnsigned),
    },
    int: { type: FIELD_TYPE.LONG, signed: fixed(4, integers.int), unsigned: fixed(4, integers.intUnsigned) },
    bigint: {
      type: FIELD_TYPE.LONGLONG,
      signed: fixed(8, integers.bigint),
      unsigned: fixed(8, integers.bigintUnsigned),
    },
  };

const FLOAT = fixed(4, ({ buffer, at }) => buffer.readFloatLE(at));
const DOUBLE = fixed(8, ({ buffer, at }) => buffer.readDoubleLE(at));

/** null where the column is of another type there. */
function columnDecoder(column: ColumnLayout, { type, meta }: MappedColumn): ColumnDecoder | null {
  const { name, unsigned, scale, precision, length } = column.type;
  const digits = scale ?? 0;
  const when = (fits: boolean, decoder: () => ColumnDecoder | null): ColumnDecoder | null => (fits ? decoder() : null);
  switch (name) {
    case 'tinyint':
    case 'smallint':
    case 'mediumint':
    case 'int':
    case 'bigint': {
      const integer = INTEGERS[name];
      return integer?.type === type ? (unsigned === true ? integer.unsigned : integer.signed) : null;
    }
    case 'float':
      return when(type === FIELD_TYPE.FLOAT, () => FLOAT);
    case 'double':
      return when(type === FIELD_TYPE.DOUBLE, () => DOUBLE);
    case 'year':
      return when(type === FIELD_TYPE.YEAR, () => temporal.year);
    case 'bit':
      return when(type === FIELD_TYPE.BIT && (meta >> 8) * 8 + (meta & 0xff) === (length ?? 1), () =>
        bitDecoder(((length ?? 1) + 7) >> 3),
      );
    case 'decimal':
      return when(type === FIELD_TYPE.NEWDECIMAL && meta === ((precision ?? 10) | (digits << 8)), () =>
        decimalDecoder(precision ?? 10, digits),
      );
    case 'date':
      return when(type === FIELD_TYPE.DATE || type === FIELD_TYPE.NEWDATE, () => temporal.date);
    case 'datetime':
      if (type === FIELD_TYPE.DATETIME) return temporal.oldDatetimeDecoder(digits);
      return when(type === BINLOG_TYPE.DATETIME2 && meta === digits, () => temporal.datetimeDecoder(digits));
    case 'timestamp':
      if (type === FIELD_TYPE.TIMESTAMP) return temporal.oldTimestampDecoder(digits);
      return when(type === BINLOG_TYPE.TIMESTAMP2 && meta === digits, () => temporal.timestampDecoder(digits));
    case 'time':
      if (type === FIELD_TYPE.TIME) return temporal.oldTimeDecoder(digits);
      return when(type === BINLOG_TYPE.TIME2 && meta === digits, () => temporal.timeDecoder(digits));
    default:
      return stringDecoder(column, type, meta);
  }
}

function bitDecoder(bytes: number): ColumnDecoder {
  return (cursor) => {
    const value = integers.bits(cursor.buffer, cursor.at, bytes);
    cursor.at += bytes;
    return value;
  };
}

/** ENUM, SET, and everything of variable length. */
function stringDecoder(
  { type: { name, length, values }, characterSet }: ColumnLayout,
  type: number,
  meta: number,
): ColumnDecoder | null {
  const isString = type === FIELD_TYPE.STRING;
  // A STRING's metadata has the type that it really is in its first byte, in which two bits of a long CHAR's length are hidden.
  const real = isString ? (meta & 0xff) | 0x30 : type;
  const bytes = meta >> 8;
  switch (name) {
    case 'enum':
      return isString && real === FIELD_TYPE.ENUM && bytes === ((values?.length ?? 0) < 256 ? 1 : 2)
        ? setDecoder(bytes)
        : null;
    case 'set':
      return isString && real === FIELD_TYPE.SET && bytes >= 1 && bytes <= 8 ? setDecoder(bytes) : null;
    case 'char':
    case 'binary': {
      if (!isString || real !== FIELD_TYPE.STRING) return null;
      const lengthBytes = ((((meta & 0x30) ^ 0x30) << 4) | bytes) > 255 ? 2 : 1;
      return name === 'binary' ? binaryDecoder(lengthBytes, length ?? 1) : charactersDecoder(lengthBytes, characterSet);
    }
    case 'varchar':
    case 'varbinary': {
      if (type !== FIELD_TYPE.VARCHAR && type !== FIELD_TYPE.VAR_STRING) return null;
      const lengthBytes = meta > 255 ? 2 : 1;
      return name === 'varbinary' ? binaryDecoder(lengthBytes, 0) : charactersDecoder(lengthBytes, characterSet);
    }
    default: {
      if (type !== FIELD_TYPE.BLOB || meta !== BLOB_LENGTH_BYTES[name]) return null;
      return name.endsWith('blob') ? binaryDecoder(meta, 0) : charactersDecoder(meta, characterSet);
    }
  }
}

const BLOB_LENGTH_BYTES: Partial<Readonly<Record<TypeName, number>>> = {
  tinytext: 1,
  tinyblob: 1,
  text: 2,
  blob: 2,
  mediumtext: 3,
  mediumblob: 3,
  longtext: 4,
  longblob: 4,
  json: 4,
};

function setDecoder(bytes: number): ColumnDecoder {
  return (cursor) => {
    const value = integers.setBits(cursor.buffer, cursor.at, bytes);
    cursor.at += bytes;
    return value;
  };
}

/** Moves the cursor behind a length of so many bytes. */
function readLength(cursor: RowCursor, lengthBytes: number): number {
  const { buffer, at } = cursor;
  cursor.at = at + lengthBytes;
  let length = buffer[at] as number;
  if (lengthBytes > 1) length |= (buffer[at + 1] as number) << 8;
  if (lengthBytes > 2) length |= (buffer[at + 2] as number) << 16;
  if (lengthBytes > 3) length += (buffer[at + 3] as number) * 0x100_0000;
  if (!(length <= cursor.end - cursor.at)) throw new RangeError('a value goes beyond its event');
  return length;
}

/** `padTo`: BINARY(n) is n bytes, of which the binlog leaves out zeros at the end. */
function binaryDecoder(lengthBytes: number, padTo: number): ColumnDecoder {
  return (cursor) => {
    const length = readLength(cursor, lengthBytes);
    const bytes = Buffer.alloc(Math.max(length, padTo));
    cursor.buffer.copy(bytes, 0, cursor.at, cursor.at + length);
    cursor.at += length;
    return bytes;
  };
}

function charactersDecoder(lengthBytes: number, characterSet: string | null): ColumnDecoder | null {
  const set = knownCharacterSet(characterSet ?? 'utf8mb4');
  if (set === undefined) return null;
  const { decode } = set;
  if (!set.extendsAscii) {
    return (cursor) => {
      const length = readLength(cursor, lengthBytes);
      const { at } = cursor;
      cursor.at = at + length;
      return decode(cursor.buffer, at, at + length);
    };
  }
  return (cursor) => {
    const length = readLength(cursor, lengthBytes);
    const { at } = cursor;
    cursor.at = at + length;
    return asciiOr(decode, cursor, at, at + length);
  };
}

/** Hot path. */
function asciiOr(decode: TextDecode, cursor: RowCursor, from: number, to: number): string {
  if (to - from > SHORT_TEXT_BYTES) return decode(cursor.buffer, from, to);
  const { buffer } = cursor;
  for (let i = from; i < to; i++) if ((buffer[i] as number) > 127) return decode(buffer, from, to);
  return cursor.ascii(from, to);
}
