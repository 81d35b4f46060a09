/**
 * Column definitions as MySQL 8 sends them ("Protocol::ColumnDefinition41"): type codes, flags, lengths in bytes. Checked against what
 * MariaDB and MySQL answer for a column of each type.
 */
import type { ResultColumn } from '../../sql/result-column.ts';
import type { ColumnType, TypeName } from '../../stores/column-type.ts';
import { BINARY_COLLATION, FIELD_FLAG, FIELD_TYPE, UTF8MB4_0900_AI_CI } from '../../util/mysql-packets/constants.ts';
import type { PacketWriter } from '../../util/mysql-packets/packet-writer.ts';

const MAX_LENGTH = 0xffff_ffff;
const UTF8MB4_BYTES = 4;
/** "No fixed number of decimals." */
const NOT_FIXED = 31;
/** Bytes of the fixed fields at a definition's end. */
const FIXED_BYTES = 0x0c;

type Kind = 'number' | 'text' | 'bytes' | 'temporal';

interface WireType {
  readonly code: number;
  readonly kind: Kind;
  /** Bytes, where it does not depend on the column. */
  readonly length?: number;
  readonly flags?: number;
}

const WIRE_TYPES: Readonly<Record<TypeName, WireType>> = {
  tinyint: { code: FIELD_TYPE.TINY, kind: 'number' },
  smallint: { code: FIELD_TYPE.SHORT, kind: 'number' },
  mediumint: { code: FIELD_TYPE.INT24, kind: 'number' },
  int: { code: FIELD_TYPE.LONG, kind: 'number' },
  bigint: { code: FIELD_TYPE.LONGLONG, kind: 'number' },
  year: { code: FIELD_TYPE.YEAR, kind: 'number', length: 4, flags: FIELD_FLAG.UNSIGNED | FIELD_FLAG.ZEROFILL },
  bit: { code: FIELD_TYPE.BIT, kind: 'number', flags: FIELD_FLAG.UNSIGNED },
  decimal: { code: FIELD_TYPE.NEWDECIMAL, kind: 'number' },
  float: { code: FIELD_TYPE.FLOAT, kind: 'number' },
  double: { code: FIELD_TYPE.DOUBLE, kind: 'number' },
  char: { code: FIELD_TYPE.STRING, kind: 'text' },
  varchar: { code: FIELD_TYPE.VAR_STRING, kind: 'text' },
  tinytext: { code: FIELD_TYPE.BLOB, kind: 'text', length: 255 * UTF8MB4_BYTES, flags: FIELD_FLAG.BLOB },
  text: { code: FIELD_TYPE.BLOB, kind: 'text', length: 0xffff * UTF8MB4_BYTES, flags: FIELD_FLAG.BLOB },
  mediumtext: { code: FIELD_TYPE.BLOB, kind: 'text', length: 0xff_ffff * UTF8MB4_BYTES, flags: FIELD_FLAG.BLOB },
  longtext: { code: FIELD_TYPE.BLOB, kind: 'text', length: MAX_LENGTH, flags: FIELD_FLAG.BLOB },
  binary: { code: FIELD_TYPE.STRING, kind: 'bytes' },
  varbinary: { code: FIELD_TYPE.VAR_STRING, kind: 'bytes' },
  tinyblob: { code: FIELD_TYPE.BLOB, kind: 'bytes', length: 255, flags: FIELD_FLAG.BLOB },
  blob: { code: FIELD_TYPE.BLOB, kind: 'bytes', length: 0xffff, flags: FIELD_FLAG.BLOB },
  mediumblob: { code: FIELD_TYPE.BLOB, kind: 'bytes', length: 0xff_ffff, flags: FIELD_FLAG.BLOB },
  longblob: { code: FIELD_TYPE.BLOB, kind: 'bytes', length: MAX_LENGTH, flags: FIELD_FLAG.BLOB },
  date: { code: FIELD_TYPE.DATE, kind: 'temporal' },
  time: { code: FIELD_TYPE.TIME, kind: 'temporal' },
  datetime: { code: FIELD_TYPE.DATETIME, kind: 'temporal' },
  timestamp: { code: FIELD_TYPE.TIMESTAMP, kind: 'temporal' },
  enum: { code: FIELD_TYPE.STRING, kind: 'text', flags: FIELD_FLAG.ENUM },
  set: { code: FIELD_TYPE.STRING, kind: 'text', flags: FIELD_FLAG.SET },
  // Sent as binary although it is UTF-8, as MySQL does.
  json: { code: FIELD_TYPE.JSON, kind: 'bytes', length: MAX_LENGTH, flags: FIELD_FLAG.BLOB },
  null: { code: FIELD_TYPE.NULL, kind: 'number', length: 0 },
};

/** Display widths: signed, unsigned. */
const INTEGER_LENGTHS: Partial<Record<TypeName, readonly [number, number]>> = {
  tinyint: [4, 3],
  smallint: [6, 5],
  mediumint: [9, 8],
  int: [11, 10],
  bigint: [20, 20],
};

export function writeColumnDefinition(out: PacketWriter, column: ResultColumn): void {
  out.begin();
  writeDefinition(out, column);
  out.end();
}

/** The form that COM_FIELD_LIST wants: with the column's default value, which is left unknown. */
export function writeFieldListEntry(out: PacketWriter, column: ResultColumn): void {
  out.begin();
  writeDefinition(out, column);
  out.lenencNull();
  out.end();
}

/** What a prepared statement tells of a parameter: as MySQL does, next to nothing. */
export function writeParameterDefinition(out: PacketWriter): void {
  out.begin();
  out.lenencText('def');
  out.zeros(3);
  out.lenencText('?');
  out.u8(0);
  writeFixed(out, BINARY_COLLATION, 0, FIELD_TYPE.VAR_STRING, FIELD_FLAG.BINARY, 0);
  out.end();
}

function writeDefinition(out: PacketWriter, column: ResultColumn): void {
  const wire = WIRE_TYPES[column.type.name];
  out.lenencText('def');
  out.lenencText(column.database);
  out.lenencText(column.table);
  out.lenencText(column.originalTable);
  out.lenencText(column.name);
  out.lenencText(column.originalName);
  const collation = wire.kind === 'text' ? UTF8MB4_0900_AI_CI : BINARY_COLLATION;
  const length = Math.min(wire.length ?? lengthBytes(column.type), MAX_LENGTH);
  writeFixed(out, collation, length, wire.code, flagsOf(column, wire), decimalsOf(column, wire.kind));
}

function writeFixed(
  out: PacketWriter,
  collation: number,
  length: number,
  code: number,
  flags: number,
  decimals: number,
): void {
  out.lenencInteger(FIXED_BYTES);
  out.u16(collation);
  out.u32(length);
  out.u8(code);
  out.u16(flags);
  out.u8(decimals);
  out.u16(0);
}

function isExpression(column: ResultColumn): boolean {
  return column.originalName === '';
}

function flagsOf(column: ResultColumn, wire: WireType): number {
  let flags = wire.flags ?? 0;
  if (!column.nullable) flags |= FIELD_FLAG.NOT_NULL;
  if (column.type.unsigned) flags |= FIELD_FLAG.UNSIGNED;
  if (column.primaryKey) flags |= FIELD_FLAG.PRI_KEY;
  if (column.uniqueKey) flags |= FIELD_FLAG.UNIQUE_KEY;
  if (column.multipleKey) flags |= FIELD_FLAG.MULTIPLE_KEY;
  if (column.primaryKey || column.uniqueKey || column.multipleKey) flags |= FIELD_FLAG.PART_KEY;
  if (column.autoIncrement) flags |= FIELD_FLAG.AUTO_INCREMENT;
  // Columns of numbers are the one kind of binary data that does not say so.
  if (wire.kind === 'text' ? column.type.collation?.endsWith('_bin') : wire.kind !== 'number' || isExpression(column)) {
    flags |= FIELD_FLAG.BINARY;
  }
  return flags;
}

function decimalsOf(column: ResultColumn, kind: Kind): number {
  const { name, scale } = column.type;
  if (name === 'float' || name === 'double') return scale ?? NOT_FIXED;
  if (kind === 'text' && isExpression(column)) return NOT_FIXED;
  return scale ?? 0;
}

function lengthBytes(type: ColumnType): number {
  const integer = INTEGER_LENGTHS[type.name];
  if (integer !== undefined) {
    // The one display width that means something: drivers take it for BOOL.
    if (type.name === 'tinyint' && type.length === 1) return 1;
    return integer[type.unsigned ? 1 : 0];
  }
  const scale = type.scale ?? 0;
  const fraction = scale > 0 ? scale + 1 : 0;
  switch (type.name) {
    case 'bit':
      return type.length ?? 1;
    case 'decimal':
      return (type.precision ?? 10) + (scale > 0 ? 1 : 0) + (type.unsigned ? 0 : 1);
    case 'float':
      return type.precision ?? 12;
    case 'double':
      return type.precision ?? 22;
    case 'char':
    case 'varchar':
      return (type.length ?? 1) * UTF8MB4_BYTES;
    case 'date':
      return 10;
    case 'time':
      return 10 + fraction;
    case 'datetime':
    case 'timestamp':
      return 19 + fraction;
    case 'enum':
      return Math.max(0, ...characterCounts(type)) * UTF8MB4_BYTES;
    case 'set':
      return characterCounts(type).reduce((sum, count) => sum + count + 1, -1) * UTF8MB4_BYTES;
    default:
      return type.length ?? 1;
  }
}

function characterCounts(type: ColumnType): number[] {
  return (type.values ?? []).map((value) => [...value].length);
}
