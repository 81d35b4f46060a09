import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../util/random.ts';
import { IntervalIndex } from './interval-index.ts';

const byNumber = (a: number, b: number): number => a - b;

function found(index: IntervalIndex<number, number>, value: number): number[] {
  const items: number[] = [];
  index.visit(value, (item) => items.push(item));
  return items.sort(byNumber);
}

describe('an interval index', () => {
  it('finds what trying all intervals finds, while they come and go', () => {
    const random = new SeededRandom(1);
    const index = new IntervalIndex<number, number>(byNumber);
    const all = new Map<number, { low: number | null; high: number | null }>();
    const end = (): number | null => (random.chance(0.2) ? null : random.below(40));
    for (let item = 0; item < 3000; item++) {
      const interval = { low: end(), high: end() };
      all.set(item, interval);
      index.add(interval.low, interval.high, item);
      for (const other of random.chance(0.9) ? [random.below(item + 1)] : [...all.keys()]) {
        const gone = all.get(other);
        if (gone === undefined) continue;
        all.delete(other);
        index.remove(gone.low, gone.high, other);
      }
      const value = random.below(42) - 1;
      const expected = [...all].filter(([, { low, high }]) => (low ?? value) <= value && value <= (high ?? value));
      expect(found(index, value)).toEqual(expected.map(([other]) => other));
    }
    for (const [item, { low, high }] of all) index.remove(low, high, item);
    expect(index.isEmpty).toBe(true);
  });

  it('compares little more than it finds', () => {
    let compared = 0;
    const index = new IntervalIndex<number, number>((a, b) => {
      compared++;
      return a - b;
    });
    for (let i = 0; i < 100_000; i++) index.add(i * 10, i * 10 + 15, i);
    compared = 0;
    for (let i = 0; i < 100; i++) expect(found(index, i * 1000 + 2)).toHaveLength(i === 0 ? 1 : 2);
    expect(compared / 100).toBeLessThan(200);
  });
});
