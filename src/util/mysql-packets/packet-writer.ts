/**
 * Packets on their way out, gathered in one buffer until the connection flushes them. A packet is begun, filled and ended; ending it
 * writes its header, and splits it where it reaches 16 MiB. Between flushes the writer holds no buffer, so that an idle connection costs
 * none.
 */
import { HEADER_BYTES, MAX_PAYLOAD_BYTES } from './constants.ts';
import { NO_BUFFER, PayloadWriter } from './payload-writer.ts';

export class PacketWriter extends PayloadWriter {
  /** Of the next packet. */
  sequence = 0;
  #packetStart = 0;
  #isOpen = false;

  /** Bytes waiting, headers included. */
  get length(): number {
    return this.at;
  }

  begin(): void {
    this.reserve(HEADER_BYTES);
    this.#packetStart = this.at;
    this.at += HEADER_BYTES;
    this.#isOpen = true;
  }

  end(): void {
    this.#isOpen = false;
    const start = this.#packetStart;
    const length = this.at - start - HEADER_BYTES;
    if (length >= MAX_PAYLOAD_BYTES) {
      this.#endInPieces(start, length);
      return;
    }
    const buffer = this.buffer;
    buffer[start] = length;
    buffer[start + 1] = length >>> 8;
    buffer[start + 2] = length >>> 16;
    buffer[start + 3] = this.sequence;
    this.sequence = (this.sequence + 1) & 0xff;
  }

  /** Forgets a packet that was begun and not ended. */
  abandon(): void {
    if (this.#isOpen) this.at = this.#packetStart;
    this.#isOpen = false;
  }

  /** Opens room for the headers that fall within a payload of 16 MiB or more; a payload of an exact multiple ends in an empty packet. */
  #endInPieces(start: number, length: number): void {
    const pieces = Math.floor(length / MAX_PAYLOAD_BYTES) + 1;
    this.reserve((pieces - 1) * HEADER_BYTES);
    this.at += (pieces - 1) * HEADER_BYTES;
    const buffer = this.buffer;
    for (let piece = pieces - 1; piece >= 0; piece--) {
      const from = start + HEADER_BYTES + piece * MAX_PAYLOAD_BYTES;
      const header = start + piece * (MAX_PAYLOAD_BYTES + HEADER_BYTES);
      const size = piece === pieces - 1 ? length - piece * MAX_PAYLOAD_BYTES : MAX_PAYLOAD_BYTES;
      buffer.copyWithin(header + HEADER_BYTES, from, from + size);
      buffer.writeUIntLE(size, header, 3);
      buffer[header + 3] = this.sequence + piece;
    }
    this.sequence = (this.sequence + pieces) & 0xff;
  }

  /**
   * Takes whole packets made elsewhere with sequence ids from 1 on, and numbers them anew if the turn is another. `starts` are the offsets
   * of their headers.
   */
  packets(bytes: Uint8Array, starts: readonly number[]): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.at);
    if (this.sequence !== 1) {
      let sequence = this.sequence;
      for (const start of starts) this.buffer[this.at + start + 3] = sequence++;
    }
    this.at += bytes.length;
    this.sequence = (this.sequence + starts.length) & 0xff;
  }

  /** Takes whole packets made elsewhere, whatever their sequence ids are: they are numbered anew. */
  relay(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    const { buffer } = this;
    let header = this.at;
    buffer.set(bytes, header);
    const end = header + bytes.length;
    let { sequence } = this;
    while (header < end) {
      buffer[header + 3] = sequence;
      sequence = (sequence + 1) & 0xff;
      header +=
        HEADER_BYTES +
        ((buffer[header] as number) | ((buffer[header + 1] as number) << 8) | ((buffer[header + 2] as number) << 16));
    }
    this.at = end;
    this.sequence = sequence;
  }

  /** Hands everything that waits to the caller, who gives the buffer back by release() once nothing reads it any more. */
  take(): Buffer {
    const bytes = this.buffer.subarray(0, this.at);
    this.at = 0;
    return bytes;
  }

  /** Copies out everything that waits: cheaper than take() for little, as the buffer can be used again at once. */
  copy(): Buffer {
    const bytes = Buffer.allocUnsafe(this.at);
    this.buffer.copy(bytes, 0, 0, this.at);
    this.release(true);
    return bytes;
  }

  /** After take(): back to the pool, or, while the socket still reads it, left to the garbage collector. */
  release(reusable: boolean): void {
    if (reusable) this.pool.give(this.buffer);
    this.buffer = NO_BUFFER;
    this.at = 0;
    this.#isOpen = false;
  }
}
