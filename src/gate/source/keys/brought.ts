/** Which rows of the source a scratch has: single keys, ranges with all their keys, pieces of bit sets. What was brought since a mark can be taken back. */
import { compareKeys, type KeyRange, onlyKey } from '../../../keys/paths.ts';

interface Mark {
  readonly keys: number;
  readonly ranges: number;
  readonly pieces: number;
  readonly firsts: number;
}

export class Brought {
  readonly #keys = new OrderedSet();
  readonly #pieces = new OrderedSet();
  readonly #ranges: KeyRange[] = [];
  readonly #firsts: (KeyRange & { readonly rows: number })[] = [];
  readonly #marks: Mark[] = [];

  hasRange(range: KeyRange): boolean {
    if (isOne(range) && this.#keys.has(range.from)) return true;
    return this.#ranges.some(
      ({ from, to }) =>
        compareKeys(from, range.from) <= 0 && (to === null || (range.to !== null && compareKeys(range.to, to) <= 0)),
    );
  }

  addKey(key: string): void {
    this.#keys.add(key);
  }

  addRange(range: KeyRange): void {
    this.#ranges.push(range);
  }

  /** false: they have been brought. */
  addPieces(name: string): boolean {
    return this.#pieces.add(name);
  }

  /** The source's first rows of a range: at least so many, or all. */
  hasFirst(range: KeyRange, rows: number): boolean {
    return this.#firsts.some((each) => each.rows >= rows && each.from === range.from && each.to === range.to);
  }

  addFirst({ from, to }: KeyRange, rows: number): void {
    this.#firsts.push({ from, to, rows });
  }

  mark(): void {
    this.#marks.push({
      keys: this.#keys.size,
      ranges: this.#ranges.length,
      pieces: this.#pieces.size,
      firsts: this.#firsts.length,
    });
  }

  /** To the last mark, which stays. */
  back(): void {
    const mark = this.#marks.at(-1);
    if (mark === undefined) return;
    this.#keys.cut(mark.keys);
    this.#pieces.cut(mark.pieces);
    this.#ranges.length = mark.ranges;
    this.#firsts.length = mark.firsts;
  }

  release(): void {
    this.#marks.pop();
  }
}

export function isOne({ from, to }: KeyRange): boolean {
  return to === onlyKey(from).to;
}

class OrderedSet {
  readonly #set = new Set<string>();
  readonly #order: string[] = [];

  get size(): number {
    return this.#order.length;
  }

  has(text: string): boolean {
    return this.#set.has(text);
  }

  /** false: it was there. */
  add(text: string): boolean {
    if (this.#set.has(text)) return false;
    this.#set.add(text);
    this.#order.push(text);
    return true;
  }

  cut(size: number): void {
    for (const text of this.#order.splice(size)) this.#set.delete(text);
  }
}
