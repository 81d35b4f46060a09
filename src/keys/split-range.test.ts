import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareKeys, isInRange, type KeyRange } from './paths.ts';
import { anyKey } from './samples.suite.ts';
import { splitRange } from './split-range.ts';

function endsAmong(keys: readonly string[]) {
  return (range: KeyRange) => {
    const inside = keys.filter((key) => isInRange(key, range)).sort(compareKeys);
    return inside.length === 0 ? null : { first: inside[0]!, last: inside.at(-1)! };
  };
}

it('every key of the range is in one part, and the parts are in order', () => {
  fc.assert(
    fc.property(fc.uniqueArray(anyKey, { maxLength: 30 }), fc.integer({ min: 1, max: 20 }), (keys, parts) => {
      const ranges = splitRange({ from: '', to: null }, parts, endsAmong(keys));
      expect(ranges.length).toBeLessThanOrEqual(parts);
      expect([ranges[0]!.from, ranges.at(-1)!.to]).toEqual(['', null]);
      for (const key of keys) expect(ranges.filter((range) => isInRange(key, range))).toHaveLength(1);
      for (const [i, range] of ranges.entries()) {
        const next = ranges[i + 1];
        if (next !== undefined) expect(range.to).toBe(next.from);
      }
    }),
    { seed: 1 },
  );
});

it('numbered keys are cut into parts of about the same size', () => {
  const keys = Array.from({ length: 10_000 }, (_, i) => `user.${String(i).padStart(6, '0')}.name`);
  const ranges = splitRange({ from: 'user.', to: 'user/' }, 8, endsAmong(keys));
  const sizes = ranges.map((range) => keys.filter((key) => isInRange(key, range)).length);
  expect(sizes).toHaveLength(8);
  expect(Math.max(...sizes)).toBeLessThan(2_600);
});
