/** Packets within a buffer, one behind the other. */
import { HEADER_BYTES } from './constants.ts';

/** Position behind the packet at `at`; beyond `end` when it is not whole. */
export function packetEnd(chunk: Buffer, at: number, end: number): number {
  if (at + HEADER_BYTES > end) return end + 1;
  return (
    at + HEADER_BYTES + ((chunk[at] as number) | ((chunk[at + 1] as number) << 8) | ((chunk[at + 2] as number) << 16))
  );
}
