/** Output buffers that are free at the moment, shared by all connections of a server: only one or two are in use at any time. */
export const BUFFER_BYTES = 64 * 1024 + 4096;
const BUFFERS_KEPT = 8;

export class BufferPool {
  readonly #free: Buffer[] = [];

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
  }

  /** Only for a buffer that nothing reads any more. Those that grew for a large value are left to the garbage collector. */
  give(buffer: Buffer): void {
    if (buffer.length === BUFFER_BYTES && this.#free.length < BUFFERS_KEPT) this.#free.push(buffer);
  }
}
