/** Texts as small integers, for equality only. A text that no row has any more gives its number back. */
import type { Collation } from '../../changes/condition.ts';
import { textBytes } from './kept-row.ts';
import { equalityClass } from './number-form.ts';

/** A map entry, the text's header, and its number of uses. */
const ENTRY_BYTES = 100;
/** A map that grows moves all its entries at once: 80 ms for a million. Several small ones grow one after the other. */
const SHARDS = 64;

export class Dictionary {
  readonly #collation: Collation;
  readonly #shards = Array.from({ length: SHARDS }, () => new Map<string, number>());
  readonly #uses: number[] = [];
  #free: number[] = [];
  #textBytes = 0;

  constructor(collation: Collation) {
    this.#collation = collation;
  }

  get size(): number {
    return this.#uses.length - this.#free.length;
  }

  get bytes(): number {
    return this.size * ENTRY_BYTES + this.#textBytes;
  }

  /** Of a text that some row has. */
  find(text: string): number | undefined {
    const folded = this.#class(text);
    return this.#shards[shardOf(folded)]!.get(folded);
  }

  /** One more row has the text. */
  take(text: string): number {
    const folded = this.#class(text);
    const numbers = this.#shards[shardOf(folded)]!;
    let number = numbers.get(folded);
    if (number === undefined) {
      number = this.#free.pop() ?? this.#uses.length;
      numbers.set(folded, number);
      this.#uses[number] = 0;
      this.#textBytes += textBytes(folded);
    }
    this.#uses[number]!++;
    return number;
  }

  /** One row less has it. */
  release(text: string): void {
    const folded = this.#class(text);
    const numbers = this.#shards[shardOf(folded)]!;
    const number = numbers.get(folded);
    if (number === undefined || --this.#uses[number]! > 0) return;
    numbers.delete(folded);
    this.#free.push(number);
    this.#textBytes -= textBytes(folded);
  }

  #class(text: string): string {
    return equalityClass(text, this.#collation) as string;
  }
}

function shardOf(text: string): number {
  const { length } = text;
  if (length < 2) return length;
  return (text.charCodeAt(length - 1) + 7 * text.charCodeAt(length - 2) + 31 * length) & (SHARDS - 1);
}
