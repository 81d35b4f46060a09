/** Texts as small integers, for equality only. A text that no row has any more gives its number back. */
import type { Collation } from '../../changes/condition.ts';
import { equalityClass } from './number-form.ts';

/** A map entry, the text's header, and its number of uses. */
const ENTRY_BYTES = 100;

export class Dictionary {
  readonly #collation: Collation;
  readonly #numbers = new Map<string, number>();
  readonly #uses: number[] = [];
  #free: number[] = [];
  #chars = 0;

  constructor(collation: Collation) {
    this.#collation = collation;
  }

  get size(): number {
    return this.#numbers.size;
  }

  get bytes(): number {
    return this.#numbers.size * ENTRY_BYTES + this.#chars * 2;
  }

  /** Of a text that some row has. */
  find(text: string): number | undefined {
    return this.#numbers.get(this.#class(text));
  }

  /** One more row has the text. */
  take(text: string): number {
    const folded = this.#class(text);
    let number = this.#numbers.get(folded);
    if (number === undefined) {
      number = this.#free.pop() ?? this.#uses.length;
      this.#numbers.set(folded, number);
      this.#uses[number] = 0;
      this.#chars += folded.length;
    }
    this.#uses[number]!++;
    return number;
  }

  /** One row less has it. */
  release(text: string): void {
    const folded = this.#class(text);
    const number = this.#numbers.get(folded);
    if (number === undefined || --this.#uses[number]! > 0) return;
    this.#numbers.delete(folded);
    this.#free.push(number);
    this.#chars -= folded.length;
  }

  #class(text: string): string {
    return equalityClass(text, this.#collation) as string;
  }
}
