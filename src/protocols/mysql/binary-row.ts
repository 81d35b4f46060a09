/** Values of the binary protocol ("Binary Protocol Resultset Row"): numbers and times in machine form, all else as in the text protocol. */
import { failure } from '../../errors.ts';
import { MICROS_PER_SECOND, parseTime } from '../../sql/values/temporal.ts';
import type { ColumnType } from '../../stores/column-type.ts';
import type { PacketWriter } from '../../util/mysql-packets/packet-writer.ts';
import { type PresentValue, textValueWriter, type ValueWriter } from './text-row.ts';

export function binaryValueWriter(type: ColumnType): ValueWriter {
  const unsigned = type.unsigned === true;
  switch (type.name) {
    case 'tinyint':
      return integerWriter(8, unsigned, (out, value) => out.u8(value));
    case 'smallint':
      return integerWriter(16, unsigned, (out, value) => out.u16(value));
    case 'year':
      return integerWriter(16, true, (out, value) => out.u16(value));
    // Sent in four bytes, but of 24 bits.
    case 'mediumint':
      return integerWriter(24, unsigned, (out, value) => out.u32(value));
    case 'int':
      return integerWriter(32, unsigned, (out, value) => out.u32(value));
    case 'bigint':
      return writeBigint;
    case 'float':
      return (out, value) => out.f32(finite(value));
    case 'double':
      return (out, value) => out.f64(finite(value));
    case 'date':
    case 'datetime':
    case 'timestamp':
      return writeDateTime;
    case 'time':
      return writeTime;
    default:
      return textValueWriter(type);
  }
}

function integerWriter(
  bits: number,
  unsigned: boolean,
  write: (out: PacketWriter, value: number) => void,
): ValueWriter {
  const lowest = unsigned ? 0 : -(2 ** (bits - 1));
  const highest = 2 ** (unsigned ? bits : bits - 1) - 1;
  return (out, value) => {
    const number = typeof value === 'number' ? value : Number(value);
    // A planner's mistake about a type must not reach the client as another number.
    if (!(number >= lowest && number <= highest && Number.isInteger(number)))
      throw failure('ER_DATA_OUT_OF_RANGE', 'INTEGER', String(value));
    write(out, number);
  };
}

function writeBigint(out: PacketWriter, value: PresentValue): void {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw failure('ER_DATA_OUT_OF_RANGE', 'BIGINT', String(value));
    out.u64(value);
  } else {
    out.u64(typeof value === 'bigint' ? value : BigInt(String(value)));
  }
}

function finite(value: PresentValue): number {
  const number = Number(value);
  if (!Number.isFinite(number)) throw failure('ER_DATA_OUT_OF_RANGE', 'DOUBLE', String(value));
  return number;
}

const DATE_CHARS = 10;

/** From the stored text, YYYY-MM-DD[ HH:MM:SS[.ffffff]]. Parts that are zero at the end are left out. */
function writeDateTime(out: PacketWriter, value: PresentValue): void {
  if (typeof value !== 'string' || value.length < DATE_CHARS)
    throw failure('ER_DATA_OUT_OF_RANGE', 'DATETIME', String(value));
  const year = digits(value, 0, 4);
  const month = digits(value, 5, 7);
  const day = digits(value, 8, 10);
  const hasTime = value.length >= 19;
  const hour = hasTime ? digits(value, 11, 13) : 0;
  const minute = hasTime ? digits(value, 14, 16) : 0;
  const second = hasTime ? digits(value, 17, 19) : 0;
  const micros =
    value.length > 20 ? digits(value, 20, Math.min(value.length, 26)) * 10 ** Math.max(0, 26 - value.length) : 0;
  const timed = hour + minute + second > 0;
  const length = micros > 0 ? 11 : timed ? 7 : year + month + day > 0 ? 4 : 0;
  out.u8(length);
  if (length === 0) return;
  out.u16(year);
  out.u8(month);
  out.u8(day);
  if (length === 4) return;
  out.u8(hour);
  out.u8(minute);
  out.u8(second);
  if (length === 11) out.u32(micros);
}

function digits(text: string, from: number, to: number): number {
  let number = 0;
  for (let i = from; i < to; i++) number = number * 10 + (text.charCodeAt(i) - 48);
  return number;
}

/** From microseconds, or the text that an expression gave. */
function writeTime(out: PacketWriter, value: PresentValue): void {
  const micros = typeof value === 'string' ? (parseTime(value) ?? Number.NaN) : Number(value);
  if (!Number.isSafeInteger(micros)) throw failure('ER_DATA_OUT_OF_RANGE', 'TIME', String(value));
  const total = Math.abs(micros);
  const fraction = total % MICROS_PER_SECOND;
  const seconds = (total - fraction) / MICROS_PER_SECOND;
  out.u8(total === 0 ? 0 : fraction > 0 ? 12 : 8);
  if (total === 0) return;
  out.u8(micros < 0 ? 1 : 0);
  out.u32(Math.floor(seconds / 86_400));
  out.u8(Math.floor(seconds / 3600) % 24);
  out.u8(Math.floor(seconds / 60) % 60);
  out.u8(seconds % 60);
  if (fraction > 0) out.u32(fraction);
}
