/** What MariaDB has compressed (`log_bin_compress=ON`): a byte that tells how, the length in one to four bytes, the highest first, and zlib's stream. */
import { inflateSync } from 'node:zlib';
import { unreadable } from './binlog-error.ts';

const LENGTH_MAX = 0x4000_0000;

export function uncompress(buffer: Buffer, at: number, end: number): Buffer {
  const head = buffer[at] as number;
  const lengthBytes = head & 7;
  if ((head & 0xf0) !== 0x80 || lengthBytes < 1 || lengthBytes > 4 || at + 1 + lengthBytes > end)
    throw unreadable('an event is compressed in a way that is not known');
  const length = buffer.readUIntBE(at + 1, lengthBytes);
  if (length > LENGTH_MAX) throw unreadable(`a compressed event of ${length} bytes`);
  const bytes = inflateSync(buffer.subarray(at + 1 + lengthBytes, end), { maxOutputLength: Math.max(length, 1) });
  if (bytes.length !== length) throw unreadable('a compressed event has another length than it says');
  return bytes;
}
