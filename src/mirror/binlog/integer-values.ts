/** Integers in the binlog, little endian but for BIT, in the stored form of column-type.ts. */
import type { StoreValue } from '../../stores/values.ts';
import type { RowCursor } from './row-cursor.ts';

const TWO_32 = 0x1_0000_0000;
const MAX_INT64 = 0x7fff_ffff_ffff_ffffn;

export function tinyint({ buffer, at }: RowCursor): number {
  return ((buffer[at] as number) << 24) >> 24;
}

export function tinyintUnsigned({ buffer, at }: RowCursor): number {
  return buffer[at] as number;
}

export function smallint({ buffer, at }: RowCursor): number {
  return (((buffer[at] as number) | ((buffer[at + 1] as number) << 8)) << 16) >> 16;
}

export function smallintUnsigned({ buffer, at }: RowCursor): number {
  return (buffer[at] as number) | ((buffer[at + 1] as number) << 8);
}

export function mediumint(cursor: RowCursor): number {
  return (mediumintUnsigned(cursor) << 8) >> 8;
}

export function mediumintUnsigned({ buffer, at }: RowCursor): number {
  return (buffer[at] as number) | ((buffer[at + 1] as number) << 8) | ((buffer[at + 2] as number) << 16);
}

export function int({ buffer, at }: RowCursor): number {
  return int32(buffer, at);
}

export function intUnsigned({ buffer, at }: RowCursor): number {
  return int32(buffer, at) >>> 0;
}

export function bigint({ buffer, at }: RowCursor): number | bigint {
  const number = int32(buffer, at + 4) * TWO_32 + (int32(buffer, at) >>> 0);
  return Number.isSafeInteger(number) ? number : buffer.readBigInt64LE(at);
}

export function bigintUnsigned({ buffer, at }: RowCursor): StoreValue {
  const high = int32(buffer, at + 4) >>> 0;
  if (high < 0x20_0000) return high * TWO_32 + (int32(buffer, at) >>> 0);
  return storedUnsigned(buffer.readBigUInt64LE(at));
}

/** Up to 6 bytes, the highest first. */
export function bigEndian(buffer: Buffer, at: number, bytes: number): number {
  let value = 0;
  for (let i = 0; i < bytes; i++) value = value * 256 + (buffer[at + i] as number);
  return value;
}

/** Up to 8 bytes, as BIT has them. */
export function bits(buffer: Buffer, at: number, bytes: number): StoreValue {
  if (bytes <= 6) return bigEndian(buffer, at, bytes);
  let value = 0n;
  for (let i = 0; i < bytes; i++) value = (value << 8n) | BigInt(buffer[at + i] ?? 0);
  return storedUnsigned(value);
}

/** Up to 8 bytes, as SET has them. */
export function setBits(buffer: Buffer, at: number, bytes: number): StoreValue {
  if (bytes <= 6) return buffer.readUIntLE(at, bytes);
  let value = 0n;
  for (let i = bytes - 1; i >= 0; i--) value = (value << 8n) | BigInt(buffer[at + i] ?? 0);
  return storedUnsigned(value);
}

/** Beyond 2^63-1 as text of 20 digits, beyond 2^53 as a bigint. */
export function storedUnsigned(value: bigint): StoreValue {
  if (value > MAX_INT64) return value.toString().padStart(20, '0');
  return storedSigned(value);
}

export function storedSigned(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function int32(buffer: Buffer, at: number): number {
  return (
    (buffer[at] as number) |
    ((buffer[at + 1] as number) << 8) |
    ((buffer[at + 2] as number) << 16) |
    ((buffer[at + 3] as number) << 24)
  );
}
