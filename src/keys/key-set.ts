/** A set of keys in their order, and its algebra. Sets do not change: every operation makes a new one. */
import { failure } from '../errors.ts';
import { compareKeys, superKey } from './paths.ts';

export class KeySet implements Iterable<string> {
  readonly #keys: ReadonlySet<string>;

  /** `isSorted`: the keys come in their order, each once. */
  constructor(keys: Iterable<string> = [], isSorted = false) {
    this.#keys = new Set(isSorted ? keys : [...keys].sort(compareKeys));
  }

  get size(): number {
    return this.#keys.size;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#keys.values();
  }

  and(other: KeySet): KeySet {
    return new KeySet(
      [...this].filter((key) => other.has(key)),
      true,
    );
  }

  or(other: KeySet): KeySet {
    return new KeySet([...this, ...other]);
  }

  except(other: KeySet): KeySet {
    return new KeySet(
      [...this].filter((key) => !other.has(key)),
      true,
    );
  }

  /** The keys' first `depth` segments. Keys with fewer have none. */
  superKeys(depth: number): KeySet {
    checkDepth(depth);
    return new KeySet([...this].flatMap((key) => superKey(key, depth) ?? []));
  }
}

export function checkDepth(depth: unknown): asserts depth is number {
  if (!Number.isSafeInteger(depth) || (depth as number) < 1)
    throw failure('ER_BAD_PARAMETER', `superKeys: '${String(depth)}' is no number of segments`);
}
