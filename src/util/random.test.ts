import { describe, expect, it } from 'vitest';
import { SeededRandom } from './random.ts';

describe('SeededRandom', () => {
  it('gives the same numbers for the same seed, on every machine', () => {
    const random = new SeededRandom(1);
    expect([random.below(1000), random.below(1000), random.below(1000)]).toEqual([627, 2, 527]);
  });

  it('gives other numbers for another seed', () => {
    const first = new SeededRandom(1);
    const second = new SeededRandom(2);
    expect(Array.from({ length: 5 }, () => first.next())).not.toEqual(Array.from({ length: 5 }, () => second.next()));
  });

  it('spreads evenly over its range', () => {
    const random = new SeededRandom(42);
    const counts = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    for (let i = 0; i < 100_000; i++) counts[random.below(10)]! += 1;
    for (const count of counts) expect(count).toBeGreaterThan(9_000);
  });

  it('picks from a list, but not from an empty one', () => {
    const random = new SeededRandom(7);
    expect(['a', 'b', 'c']).toContain(random.pick(['a', 'b', 'c']));
    expect(() => random.pick([])).toThrow(RangeError);
  });
});
