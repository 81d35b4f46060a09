/**
 * The way along pointers. A pointer's target, and the next sub-key appended to it, is the key to read next; so it goes on while pointers are met. A way
 * that comes back to where it was with no sub-keys left is SLUICE_POINTER_LOOP, which shows the circle. Who reads the keys is the caller's business: all
 * of one way must be read from one snapshot.
 */
import { failure } from '../errors.ts';
import { MAX_POINTER_HOPS } from '../limits.ts';
import { badKey, checkKey, keyFault } from './paths.ts';
import type { StoredValue } from './values.ts';

export interface PointerEnd {
  /** The last key of the way: the value's, or the one that is not there. */
  readonly key: string;
  /** null: nothing is there, the last pointer dangles. */
  readonly value: StoredValue | null;
  readonly hops: number;
}

export class PointerWay {
  readonly #start: string;
  readonly #subKeys: readonly string[];
  /** Keys since the sub-keys ran out, in their order. */
  readonly #visited = new Set<string>();
  #hops = 0;
  #at: string;

  constructor(start: string, subKeys: readonly string[] = []) {
    checkKey(start);
    for (const subKey of subKeys) if (typeof subKey !== 'string') throw badKey(start, 'a sub-key is a string');
    this.#start = start;
    this.#subKeys = subKeys;
    this.#at = start;
  }

  /** The key to read now. */
  get key(): string {
    return this.#at;
  }

  /** Takes what is at `key` (null: nothing). Returns the end, or null: read on. */
  take(value: StoredValue | null): PointerEnd | null {
    if (value === null) return { key: this.#at, value, hops: this.#hops };
    if (value.type !== 'pointer') {
      if (this.#hops >= this.#subKeys.length) return { key: this.#at, value, hops: this.#hops };
      const left = this.#subKeys.length - this.#hops;
      throw badKey(this.#start, `the way ends at '${this.#at}', which is no pointer, with ${left} sub-key(s) left`);
    }
    this.#follow(value.value as string);
    return null;
  }

  #follow(target: string): void {
    if (this.#hops >= this.#subKeys.length) {
      if (this.#visited.has(this.#at)) throw failure('SLUICE_POINTER_LOOP', this.#circle());
      this.#visited.add(this.#at);
    }
    if (this.#hops >= MAX_POINTER_HOPS)
      throw badKey(this.#start, `more than ${MAX_POINTER_HOPS} pointers, one after the other`);
    const next = joined(target, this.#subKeys[this.#hops++]);
    const fault = keyFault(next);
    if (fault !== null) throw badKey(next, `${fault} ('${this.#at}' leads there)`);
    this.#at = next;
  }

  #circle(): string {
    const keys = [...this.#visited];
    return [...keys.slice(keys.indexOf(this.#at)), this.#at].join(' -> ');
  }
}

/** `user.001` and `.name`, `user.` and `name`: the dot between them may be on either side, or on both. */
function joined(target: string, subKey: string | undefined): string {
  if (subKey === undefined) return target.endsWith('.') ? target.slice(0, -1) : target;
  return target.endsWith('.') && subKey.startsWith('.') ? target + subKey.slice(1) : target + subKey;
}
