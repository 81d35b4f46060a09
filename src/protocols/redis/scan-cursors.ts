/**
 * Cursors of SCAN and HSCAN. Clients take them for numbers, so they cannot hold the key after which to go on: it is kept here under a number that says nothing. The
 * oldest are forgotten. A cursor may be used again, and by another connection; it does not survive the server.
 */
import { RedisError } from './redis-error.ts';

const CURSORS_MAX = 10_000;

export class ScanCursors {
  readonly #places = new Map<number, string>();
  #last: number;

  /** `first`: so that a cursor of a server before is not taken for one of this. */
  constructor(first = 1 + Math.floor(Math.random() * 2 ** 40)) {
    this.#last = first;
  }

  /** 0: that was all. */
  write(after: string | null): string {
    if (after === null) return '0';
    if (this.#places.size >= CURSORS_MAX) {
      const [oldest] = this.#places.keys();
      this.#places.delete(oldest!);
    }
    this.#places.set(++this.#last, after);
    return String(this.#last);
  }

  /** null: from the start. Throws Redis' `ERR invalid cursor`. */
  read(cursor: string): string | null {
    if (cursor === '0') return null;
    const place = /^[1-9]\d{0,15}$/.test(cursor) ? this.#places.get(Number(cursor)) : undefined;
    if (place === undefined) throw new RedisError('ERR invalid cursor');
    return place;
  }
}
