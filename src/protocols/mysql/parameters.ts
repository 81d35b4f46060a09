/**
 * Values bound to a prepared statement ("Binary Protocol Value", "COM_STMT_EXECUTE"), as slots.
 *
 * JavaScript drivers send every number as DOUBLE: one that is integral and exact is taken for the integer it stands for, so that it finds
 * an index on an integer column. Text is text by its bytes, not by the type that was sent: drivers differ in whether a string goes as
 * VAR_STRING or as BLOB, and only bytes that are not valid UTF-8 can be nothing but binary.
 */
import { isUtf8 } from 'node:buffer';
import { failure } from '../../errors.ts';
import type { SlotType, SlotValue } from '../../sql/slots.ts';
import { FIELD_TYPE } from '../../util/mysql-packets/constants.ts';
import type { Payload } from '../../util/mysql-packets/payload.ts';
import { MALFORMED_PACKET, ProtocolError } from '../../util/mysql-packets/protocol-error.ts';

const UNSIGNED_FLAG = 0x80;
const MAX_EXACT_INTEGER = 2 ** 53;

const INT: SlotType = { kind: 'int', unsigned: false };
const UNSIGNED: SlotType = { kind: 'int', unsigned: true };
const DOUBLE: SlotType = { kind: 'double' };
const STRING: SlotType = { kind: 'string' };
const BYTES: SlotType = { kind: 'bytes' };
const DATE: SlotType = { kind: 'date' };
const DATETIME: SlotType = { kind: 'datetime' };
const TIME: SlotType = { kind: 'time' };
const NULL_SLOT: SlotValue = { type: { kind: 'null' }, value: null };

/** As bound by a client: reads one value of its type. */
export type ParameterReader = (payload: Payload) => SlotValue;

/** For a parameter's type as sent: type code in the low byte, flags in the high one. Throws ER_WRONG_ARGUMENTS for one that does not exist. */
export function parameterReader(code: number, flags: number): ParameterReader {
  const unsigned = (flags & UNSIGNED_FLAG) !== 0;
  switch (code) {
    case FIELD_TYPE.TINY:
      return unsigned ? (payload) => integer(payload.u8(), UNSIGNED) : (payload) => integer(payload.i8(), INT);
    case FIELD_TYPE.SHORT:
    case FIELD_TYPE.YEAR:
      return unsigned ? (payload) => integer(payload.u16(), UNSIGNED) : (payload) => integer(payload.i16(), INT);
    case FIELD_TYPE.INT24:
    case FIELD_TYPE.LONG:
      return unsigned ? (payload) => integer(payload.u32(), UNSIGNED) : (payload) => integer(payload.i32(), INT);
    case FIELD_TYPE.LONGLONG:
      return unsigned ? (payload) => integer(payload.u64(), UNSIGNED) : (payload) => integer(payload.i64(), INT);
    case FIELD_TYPE.FLOAT:
      return (payload) => double(payload.f32());
    case FIELD_TYPE.DOUBLE:
      return (payload) => double(payload.f64());
    case FIELD_TYPE.NULL:
      return () => NULL_SLOT;
    case FIELD_TYPE.DATE:
    case FIELD_TYPE.NEWDATE:
      return readDate;
    case FIELD_TYPE.DATETIME:
    case FIELD_TYPE.TIMESTAMP:
      return readDateTime;
    case FIELD_TYPE.TIME:
      return readTime;
    case FIELD_TYPE.DECIMAL:
    case FIELD_TYPE.NEWDECIMAL:
      return (payload) => decimal(payload.lenencText());
    case FIELD_TYPE.BIT:
      return (payload) => ({ type: BYTES, value: Buffer.from(payload.lenencBytes()) });
    case FIELD_TYPE.VARCHAR:
    case FIELD_TYPE.VAR_STRING:
    case FIELD_TYPE.STRING:
    case FIELD_TYPE.ENUM:
    case FIELD_TYPE.SET:
    case FIELD_TYPE.JSON:
    case FIELD_TYPE.TINY_BLOB:
    case FIELD_TYPE.MEDIUM_BLOB:
    case FIELD_TYPE.LONG_BLOB:
    case FIELD_TYPE.BLOB:
    case FIELD_TYPE.GEOMETRY:
      return (payload) => textOrBytes(payload.lenencBytes());
    default:
      throw failure('ER_WRONG_ARGUMENTS', 'mysqld_stmt_execute');
  }
}

/**
 * The values of a COM_STMT_EXECUTE, from its NULL bitmap on. `bound` are the readers of the last execution, which a client need not send
 * again. `longData` holds what came ahead through COM_STMT_SEND_LONG_DATA. Returns the readers to keep, and the values.
 */
export function readParameters(
  payload: Payload,
  count: number,
  bound: readonly ParameterReader[] | null,
  longData: ReadonlyMap<number, Buffer> | null,
): { readonly readers: readonly ParameterReader[]; readonly values: SlotValue[] } {
  const bitmap = payload.bytes((count + 7) >> 3);
  const readers = payload.u8() === 1 ? readTypes(payload, count) : bound;
  if (readers === null) throw failure('ER_WRONG_ARGUMENTS', 'mysqld_stmt_execute');
  const values: SlotValue[] = new Array(count);
  for (let i = 0; i < count; i++) {
    const long = longData?.get(i);
    if (long !== undefined) values[i] = textOrBytes(long);
    else if (((bitmap[i >> 3] as number) >> (i & 7)) & 1) values[i] = NULL_SLOT;
    else values[i] = (readers[i] as ParameterReader)(payload);
  }
  return { readers, values };
}

function readTypes(payload: Payload, count: number): ParameterReader[] {
  const readers: ParameterReader[] = new Array(count);
  for (let i = 0; i < count; i++) readers[i] = parameterReader(payload.u8(), payload.u8());
  return readers;
}

function integer(value: number | bigint, type: SlotType): SlotValue {
  return { type, value };
}

function double(value: number): SlotValue {
  if (Number.isInteger(value) && value <= MAX_EXACT_INTEGER && value >= -MAX_EXACT_INTEGER) {
    // Adding zero makes 0 of -0.
    return { type: INT, value: Number.isSafeInteger(value) ? value + 0 : BigInt(value) };
  }
  if (!Number.isFinite(value)) throw failure('ER_WRONG_ARGUMENTS', 'mysqld_stmt_execute');
  return { type: DOUBLE, value };
}

/** `bytes` is copied. */
function textOrBytes(bytes: Buffer): SlotValue {
  if (isUtf8(bytes)) return { type: STRING, value: bytes.toString('utf8') };
  return { type: BYTES, value: Buffer.from(bytes) };
}

const DECIMAL_TEXT = /^[+-]?(\d*)(?:\.(\d*))?$/;

function decimal(text: string): SlotValue {
  const match = DECIMAL_TEXT.exec(text);
  const whole = match?.[1] ?? '';
  const fraction = match?.[2] ?? '';
  if (whole.length + fraction.length === 0) return { type: STRING, value: text };
  const digits = whole.replace(/^0+/, '').length;
  return {
    type: { kind: 'decimal', precision: Math.max(1, digits + fraction.length), scale: fraction.length },
    value: text,
  };
}

function readDate(payload: Payload): SlotValue {
  const text = dateTimeText(payload);
  return { type: DATE, value: text.slice(0, 10) };
}

function readDateTime(payload: Payload): SlotValue {
  return { type: DATETIME, value: dateTimeText(payload) };
}

/** Whether such a day exists is judged where the value is used, as for a literal. */
function dateTimeText(payload: Payload): string {
  const length = payload.u8();
  if (length !== 0 && length !== 4 && length !== 7 && length !== 11) throw new ProtocolError(MALFORMED_PACKET);
  const year = length >= 4 ? payload.u16() : 0;
  const month = length >= 4 ? payload.u8() : 0;
  const day = length >= 4 ? payload.u8() : 0;
  const hour = length >= 7 ? payload.u8() : 0;
  const minute = length >= 7 ? payload.u8() : 0;
  const second = length >= 7 ? payload.u8() : 0;
  const micros = length >= 11 ? payload.u32() : 0;
  if (year > 9999 || month > 12 || day > 31 || hour > 23 || minute > 59 || second > 59 || micros > 999_999) {
    throw failure('ER_WRONG_ARGUMENTS', 'mysqld_stmt_execute');
  }
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)} ${clockText(hour, minute, second, micros)}`;
}

function readTime(payload: Payload): SlotValue {
  const length = payload.u8();
  if (length !== 0 && length !== 8 && length !== 12) throw new ProtocolError(MALFORMED_PACKET);
  if (length === 0) return { type: TIME, value: '00:00:00' };
  const negative = payload.u8() !== 0;
  const days = payload.u32();
  const hours = payload.u8();
  const minutes = payload.u8();
  const seconds = payload.u8();
  const micros = length === 12 ? payload.u32() : 0;
  if (days > 34 || hours > 23 || minutes > 59 || seconds > 59 || micros > 999_999) {
    throw failure('ER_WRONG_ARGUMENTS', 'mysqld_stmt_execute');
  }
  return { type: TIME, value: `${negative ? '-' : ''}${clockText(days * 24 + hours, minutes, seconds, micros)}` };
}

function clockText(hours: number, minutes: number, seconds: number, micros: number): string {
  const clock = `${pad(hours, 2)}:${pad(minutes, 2)}:${pad(seconds, 2)}`;
  return micros === 0 ? clock : `${clock}.${pad(micros, 6)}`;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
