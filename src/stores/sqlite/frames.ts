/**
 * Messages between the front and its child processes: a 32-bit little-endian length, then the message in V8's structured clone format
 * (which knows bigint and bytes, and takes half of JSON's time for statements).
 */
import { deserialize, serialize } from 'node:v8';

const HEADER_BYTES = 4;

export function encodeFrame(message: unknown): Buffer {
  const body = serialize(message);
  const frame = Buffer.allocUnsafe(HEADER_BYTES + body.length);
  frame.writeUInt32LE(body.length, 0);
  body.copy(frame, HEADER_BYTES);
  return frame;
}

/** Cuts a stream of bytes into messages. Not checked: the peer is our own process. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #bytes = 0;

  /** Takes what has arrived; next() gives what is complete. */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  /** The next complete message, or undefined. */
  next(): unknown {
    if (this.#bytes < HEADER_BYTES) return undefined;
    if (this.#chunks[0]!.length < HEADER_BYTES) this.#join();
    const length = HEADER_BYTES + this.#chunks[0]!.readUInt32LE(0);
    if (this.#bytes < length) return undefined;
    if (this.#chunks[0]!.length < length) this.#join();
    const first = this.#chunks[0]!;
    if (first.length === length) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(length);
    this.#bytes -= length;
    return deserialize(first.subarray(HEADER_BYTES, length));
  }

  #join(): void {
    this.#chunks = [Buffer.concat(this.#chunks, this.#bytes)];
  }
}
