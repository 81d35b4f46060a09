/**
 * The rows of a statement executed with CURSOR_TYPE_READ_ONLY, which the client fetches when it likes. While nothing else happens on the
 * session they are taken from the statement as it runs; before another statement the rest is read into memory, as a session runs one
 * statement at a time.
 */
import { failure } from '../../errors.ts';
import type { StoreRow, StoreValue } from '../../stores/values.ts';
import type { PacketWriter } from '../../util/mysql-packets/packet-writer.ts';

/** What a cursor may keep in memory; a rough count. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024;
const ROW_BYTES = 32;
const VALUE_BYTES = 16;

/** A row as a store gives it, or as the packets of a MySQL server. */
export type CursorRow = StoreRow | Buffer;
export type CursorWriter = (out: PacketWriter, row: CursorRow) => void;

export class Cursor {
  readonly write: CursorWriter;
  #rows: readonly CursorRow[];
  #at = 0;
  #source: AsyncIterator<readonly CursorRow[]> | null;
  #failure: unknown = null;

  constructor(write: CursorWriter, rows: readonly CursorRow[], source: AsyncIterable<readonly CursorRow[]> | null) {
    this.write = write;
    this.#rows = rows;
    this.#source = source === null ? null : source[Symbol.asyncIterator]();
  }

  /** Whether the statement is still running. */
  get isLive(): boolean {
    return this.#source !== null;
  }

  /** Up to `count` rows; none at the end. Rejects as the statement does. */
  async take(count: number): Promise<readonly CursorRow[]> {
    while (this.#at === this.#rows.length && this.#source !== null) {
      this.#rows = (await this.#pull(this.#source)) ?? [];
      this.#at = 0;
    }
    if (this.#at === this.#rows.length && this.#failure !== null) throw this.#failure;
    const taken = this.#rows.slice(this.#at, this.#at + count);
    this.#at += taken.length;
    return taken;
  }

  /** Reads the rest, so that the session is free. A failure is kept for the next take(). */
  async keepRest(): Promise<void> {
    if (this.#source === null) return;
    const kept: CursorRow[] = this.#rows.slice(this.#at);
    let bytes = sizeOf(kept);
    try {
      while (this.#source !== null) {
        const rows = await this.#pull(this.#source);
        if (rows === null) break;
        bytes += sizeOf(rows);
        for (const row of rows) kept.push(row);
        if (bytes > MAX_KEPT_BYTES) {
          await this.close();
          throw failure(
            'ER_NOT_SUPPORTED_YET',
            'a cursor with more than 64 MiB of rows left while another statement runs',
          );
        }
      }
    } catch (error) {
      this.#failure = error;
    }
    this.#rows = kept;
    this.#at = 0;
  }

  /** Ends the statement if it still runs. */
  async close(): Promise<void> {
    const source = this.#source;
    this.#source = null;
    this.#rows = [];
    this.#at = 0;
    await source?.return?.();
  }

  /** The next rows, null at the end. */
  async #pull(source: AsyncIterator<readonly CursorRow[]>): Promise<readonly CursorRow[] | null> {
    try {
      const next = await source.next();
      if (!next.done) return next.value;
    } catch (error) {
      this.#source = null;
      throw error;
    }
    this.#source = null;
    return null;
  }
}

function sizeOf(rows: readonly CursorRow[]): number {
  let bytes = 0;
  for (const row of rows) {
    bytes += ROW_BYTES;
    if (Buffer.isBuffer(row)) {
      bytes += row.length;
      continue;
    }
    for (const value of row) bytes += valueBytes(value);
  }
  return bytes;
}

function valueBytes(value: StoreValue): number {
  return typeof value === 'string' || value instanceof Uint8Array ? VALUE_BYTES + value.length : VALUE_BYTES;
}
