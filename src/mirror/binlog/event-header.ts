/** The 19 bytes with which each event begins, and the checksum with which it may end. */
import * as zlib from 'node:zlib';
import { unreadable } from './binlog-error.ts';

export const EVENT_HEADER_BYTES = 19;
export const CHECKSUM_BYTES = 4;

export interface EventHeader {
  readonly type: number;
  /** Where the event ends in its file, modulo 2^32; 0 for what is in no file. */
  readonly endPosition: number;
  /** EVENT_FLAG */
  readonly flags: number;
}

/** Throws BinlogError where the packet is not of the event's length. */
export function readHeader(buffer: Buffer, start: number, end: number): EventHeader {
  if (end - start < EVENT_HEADER_BYTES) throw unreadable(`an event of ${end - start} bytes`);
  const size = buffer.readUInt32LE(start + 9);
  if (size !== end - start) throw unreadable(`an event of ${end - start} bytes says it has ${size}`);
  return {
    type: buffer[start + 4] as number,
    endPosition: buffer.readUInt32LE(start + 13),
    flags: buffer.readUInt16LE(start + 17),
  };
}

/** Node has it since 20.15; before, checksums are passed over. */
const crc32 = zlib.crc32 as typeof zlib.crc32 | undefined;

/** CRC32 of everything before it. Throws BinlogError. */
export function verifyChecksum(buffer: Buffer, start: number, end: number): void {
  if (crc32 === undefined || end - start < EVENT_HEADER_BYTES + CHECKSUM_BYTES) return;
  const at = end - CHECKSUM_BYTES;
  if (crc32(buffer.subarray(start, at)) !== buffer.readUInt32LE(at))
    throw unreadable('the checksum of an event is wrong');
}
