import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../util/random.ts';
import { type KeyValue, UnsupportedKeyError } from './key-column.ts';
import { OrderedIndex } from './ordered-index.ts';

function compareKeys(a: readonly KeyValue[], b: readonly KeyValue[], length: number): number {
  for (let i = 0; i < length; i++) {
    if (a[i]! < b[i]!) return -1;
    if (a[i]! > b[i]!) return 1;
  }
  return 0;
}

/** What the index must be: an array, kept sorted the slow way. */
class Model {
  rows: KeyValue[][] = [];
  readonly #keys: number;

  constructor(keys: number) {
    this.#keys = keys;
  }

  insert(row: KeyValue[]): boolean {
    const at = this.rank(row.slice(0, this.#keys), false);
    const there = this.rows[at];
    if (there !== undefined && compareKeys(there, row, this.#keys) === 0) {
      this.rows[at] = row;
      return false;
    }
    this.rows.splice(at, 0, row);
    return true;
  }

  remove(key: KeyValue[]): boolean {
    const at = this.rank(key, false);
    const there = this.rows[at];
    if (there === undefined || compareKeys(there, key, this.#keys) !== 0) return false;
    this.rows.splice(at, 1);
    return true;
  }

  rank(prefix: KeyValue[], after: boolean): number {
    let low = 0;
    let high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const order = compareKeys(this.rows[middle]!, prefix, prefix.length);
      if (order < 0 || (after && order === 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function all(index: OrderedIndex, columns: number): KeyValue[][] {
  const rows: KeyValue[][] = [];
  const cursor = index.cursor(0);
  if (cursor === null) return rows;
  do rows.push(Array.from({ length: columns }, (_, c) => cursor.value(c)));
  while (cursor.next());
  return rows;
}

function allBackwards(index: OrderedIndex, columns: number): KeyValue[][] {
  const rows: KeyValue[][] = [];
  const cursor = index.cursor(index.size - 1);
  if (cursor === null) return rows;
  do rows.push(Array.from({ length: columns }, (_, c) => cursor.value(c)));
  while (cursor.previous());
  return rows.reverse();
}

const DOMAINS: Readonly<Record<string, (random: SeededRandom) => KeyValue>> = {
  'small integers': (random) => random.below(8),
  'signed integers': (random) => random.below(2000) - 1000,
  'integers of 32 bits': (random) => random.below(2 ** 32),
  'integers of 53 bits': (random) => random.below(2 ** 53) - 2 ** 52,
  fractions: (random) => (random.below(100) - 50) / 8,
  'integers of 64 bits': (random) => {
    const value = (BigInt(random.below(2 ** 32)) << 31n) - 2n ** 62n + BigInt(random.below(4));
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  },
};

describe('an ordered index', () => {
  for (const [name, draw] of Object.entries(DOMAINS)) {
    for (const keys of [1, 2, 3]) {
      it(`is what a sorted array is: ${keys} key columns of ${name}`, () => {
        const random = new SeededRandom(keys);
        const index = new OrderedIndex(keys, 1);
        const model = new Model(keys);
        const drawKey = (): KeyValue[] =>
          Array.from({ length: keys }, (_, i) => (i === 0 ? draw(random) : random.below(40)));
        for (let step = 0; step < 6000; step++) {
          const growing = Math.floor(step / 1500) % 2 === 0;
          const known =
            model.rows.length > 0 && random.chance(0.7) ? random.pick(model.rows).slice(0, keys) : drawKey();
          if (random.chance(growing ? 0.2 : 0.8)) expect(index.remove(known)).toBe(model.remove(known));
          else {
            const row = [...drawKey(), random.below(1000)];
            expect(index.insert(row)).toBe(model.insert(row));
          }
          expect(index.size).toBe(model.rows.length);
          const prefix = drawKey().slice(0, 1 + random.below(keys));
          expect(index.rank(prefix, false)).toBe(model.rank(prefix, false));
          expect(index.rank(prefix, true)).toBe(model.rank(prefix, true));
          expect(index.span(prefix)).toEqual({ from: model.rank(prefix, false), to: model.rank(prefix, true) });
          if (model.rows.length > 0) {
            const at = random.below(model.rows.length);
            expect(index.at(at)).toEqual(model.rows[at]);
          }
          if (step % 500 === 0) {
            expect(all(index, keys + 1)).toEqual(model.rows);
            expect(allBackwards(index, keys + 1)).toEqual(model.rows);
          }
        }
      });
    }
  }

  it('grows and shrinks over several branches', () => {
    const random = new SeededRandom(9);
    const index = new OrderedIndex(2);
    const keys = Array.from({ length: 150_000 }, (_, i) => [random.below(500), i]);
    for (const key of keys) index.insert(key);
    expect(index.size).toBe(keys.length);
    const sorted = [...keys].sort((a, b) => compareKeys(a, b, 2));
    for (let i = 0; i < sorted.length; i += 997) {
      expect(index.at(i)).toEqual(sorted[i]);
      expect(index.rank(sorted[i]!, false)).toBe(i);
    }
    for (const key of keys) if (key[1]! % 50 !== 0) expect(index.remove(key)).toBe(true);
    expect(all(index, 2)).toEqual(sorted.filter((key) => key[1]! % 50 === 0));
    for (const key of keys) index.remove(key);
    expect(index.size).toBe(0);
    expect(index.cursor(0)).toBeNull();
    index.insert([1, 1]);
    expect(all(index, 2)).toEqual([[1, 1]]);
  });

  it('fills its leaves when rows come in order, and keeps them well filled when they do not', () => {
    const sorted = new OrderedIndex(2);
    for (let i = 0; i < 100_000; i++) sorted.insert([i >> 3, i]);
    expect(sorted.bytes / sorted.size).toBeLessThan(9);
    const shuffled = new OrderedIndex(2);
    const random = new SeededRandom(4);
    for (let i = 0; i < 100_000; i++) shuffled.insert([random.below(1000), i]);
    expect(shuffled.bytes / shuffled.size).toBeLessThan(11.5);
  });

  it('places values that its columns cannot hold', () => {
    const index = new OrderedIndex(1);
    for (const value of [1, 2, 3]) index.insert([value]);
    expect(index.rank([2n ** 60n + 1n], false)).toBe(3);
    expect(index.rank([-(2n ** 60n) - 1n], true)).toBe(0);
    expect(index.remove([2n ** 60n + 1n])).toBe(false);
    for (const value of [2n ** 60n, 2n ** 60n + 2n]) index.insert([value]);
    expect(index.rank([2.5], true)).toBe(2);
    expect(index.rank([1e30], false)).toBe(5);
    expect(index.span([1e30])).toEqual({ from: 5, to: 5 });
    expect(index.span([2.5])).toEqual({ from: 2, to: 2 });
    expect(index.span([])).toEqual({ from: 0, to: 5 });
    expect(index.rank([Number.NEGATIVE_INFINITY], true)).toBe(0);
    expect(index.rank([2n ** 60n + 1n], false)).toBe(4);
    expect(() => index.insert([0.5])).toThrow(UnsupportedKeyError);
    expect(all(index, 1)).toEqual([[1], [2], [3], [2n ** 60n], [2n ** 60n + 2n]]);
  });

  it('tells which leaves can hold a payload', () => {
    const index = new OrderedIndex(1, 1);
    for (let i = 0; i < 10_000; i++) index.insert([i, i % 2 === 0 ? i : Number.NaN]);
    let leaves = 0;
    const cursor = index.cursor(0)!;
    do if (cursor.payloadMayLieIn(5000, 5010)) leaves++;
    while (cursor.nextLeaf());
    expect(leaves).toBe(1);
  });
});
