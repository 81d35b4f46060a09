import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { MAX_KEY_BITS } from '../limits.ts';
import { type BitOperator, countBits, PIECE_BITS } from './bit-pieces.ts';
import { planBitCount, planBitOp, planGetBit, planGetBytes, planSetBit } from './bit-plans.ts';
import { KeyStore, putManyPlan, putPlan } from './key-store.suite.ts';
import { BITS_SQL } from './key-table.ts';
import { planGetEntry } from './read-plans.ts';
import { planExpire, planRemove, planRemoveAll } from './write-plans.ts';

const store = new KeyStore();
afterAll(() => store.close());
const NOW = 1_000;

const pieces = () => store.read(`SELECT count(*) FROM ${BITS_SQL}`)[0]?.[0];

it('counts the bits of a range', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), fc.nat(100), fc.nat(100), (bytes, from, to) => {
      const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
      expect(countBits(bytes, from, to)).toBe(bits.slice(from, Math.max(from, to)).replaceAll('0', '').length);
    }),
    { numRuns: 1000 },
  );
});

describe('a bit set', () => {
  it('is up to 100,000,000 bits, and one bit writes one piece', () => {
    expect(store.run(planSetBit('big', MAX_KEY_BITS - 1, 1, NOW))).toBe(0);
    expect(store.run(planSetBit('big', 0, 1, NOW))).toBe(0);
    expect(store.run(planSetBit('big', 0, 1, NOW))).toBe(1);
    expect(pieces()).toBe(2);
    expect(store.run(planBitCount('big', NOW))).toBe(2);
    expect(store.run(planGetEntry('big', NOW))).toMatchObject({ type: 'bits', value: 12_500_000 });
    for (const bit of [-1, 0.5, MAX_KEY_BITS, NaN])
      expect(() => planSetBit('big', bit, 1, NOW)).toThrow('is not from 0 to 99999999');
    expect(() => planSetBit('big', 1, 2 as never, NOW)).toThrow("'2' is no bit");
  });

  it('goes with its key, however that goes', () => {
    const ways = [
      () => store.run(planRemove('big', NOW)),
      () => store.run(planRemoveAll('*', NOW)),
      () => store.run(putPlan('big', 1, {}, NOW)),
      () => store.run(putManyPlan([['big', 1]], {}, NOW)),
      () => store.run(putPlan('big', new Uint8Array(1), {}, NOW)),
    ];
    for (const way of ways) {
      store.run(planRemove('big', NOW));
      store.run(planSetBit('big', 70_000, 1, NOW));
      expect(pieces()).toBe(1);
      way();
      expect(pieces()).toBe(0);
    }
    // Expired, and set anew: nothing of the old set is seen.
    store.run(planRemove('big', NOW));
    store.run(planSetBit('big', 70_000, 1, NOW));
    store.run(planExpire('big', NOW + 1, NOW));
    store.run(planSetBit('big', 1, 1, NOW + 1));
    expect(store.run(planBitCount('big', NOW + 1))).toBe(1);
    expect(store.run(planGetEntry('big', NOW + 1))).toMatchObject({ value: 1, expiresAt: null });
  });

  it('may begin as a string or as bytes; nothing else has bits', () => {
    store.run(putPlan('text', 'foobar', { ttl: 50 }, NOW));
    expect(store.run(planBitCount('text', NOW))).toBe(26);
    expect(store.run(planGetBit('text', 1, NOW))).toBe(1);
    expect(store.run(planSetBit('text', 7, 1, NOW))).toBe(0);
    expect(Buffer.from(store.run(planGetBytes('text', NOW))!).toString()).toBe('goobar');
    expect(store.run(planGetEntry('text', NOW))?.expiresAt).toBe(NOW + 50);
    store.run(putPlan('n', 1, {}, NOW));
    for (const plan of [
      planSetBit('n', 1, 1, NOW),
      planGetBit('n', 1, NOW),
      planBitCount('n', NOW),
      planGetBytes('n', NOW),
    ])
      expect(() => store.run(plan as never)).toThrow("Key 'n' holds a value of type integer, not bits");
    expect(store.run(planGetBytes('nothing', NOW))).toBe(null);
    expect([store.run(planGetBit('nothing', 5, NOW)), store.run(planBitCount('nothing', NOW))]).toEqual([0, 0]);
  });

  it('does what a set of numbers does', () => {
    const bit = fc.oneof(
      fc.nat(40),
      fc.constantFrom(PIECE_BITS - 1, PIECE_BITS, PIECE_BITS + 1, 3 * PIECE_BITS),
      fc.nat(5 * PIECE_BITS),
    );
    const operation = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({
          what: fc.constant('set'),
          key: fc.constantFrom('a', 'b', 'c'),
          bit,
          value: fc.constantFrom(0, 1),
        }),
      },
      fc.record({
        what: fc.constantFrom('and', 'or', 'xor', 'andnot'),
        key: fc.constantFrom('a', 'b', 'c'),
        bit,
        value: fc.constant(0),
      }),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 25 }), fc.tuple(bit, bit), (operations, [from, to]) => {
        store.run(planRemoveAll('*', NOW));
        const sets = new Map(['a', 'b', 'c'].map((key) => [key, { bits: new Set<number>(), bytes: 0 }]));
        for (const { what, key, bit: at, value } of operations) {
          const set = sets.get(key)!;
          if (what === 'set') {
            expect(store.run(planSetBit(key, at, value as 0 | 1, NOW))).toBe(set.bits.has(at) ? 1 : 0);
            if (value === 1) set.bits.add(at);
            else set.bits.delete(at);
            set.bytes = Math.max(set.bytes, (at >> 3) + 1);
          } else {
            const [a, b] = [sets.get('a')!, sets.get('b')!];
            const bytes = Math.max(a.bytes, b.bytes);
            expect(store.run(planBitOp(what as BitOperator, key, ['a', 'b'], NOW))).toBe(bytes);
            const all = [...new Set([...a.bits, ...b.bits])];
            const kept = all.filter((each) => holds(what as BitOperator, a.bits.has(each), b.bits.has(each)));
            sets.set(key, { bits: new Set(kept), bytes });
          }
        }
        for (const [key, { bits, bytes }] of sets) {
          expect(store.run(planBitCount(key, NOW))).toBe(bits.size);
          expect(store.run(planBitCount(key, NOW, from, to))).toBe(
            [...bits].filter((each) => each >= from && each < to).length,
          );
          expect(store.run(planGetBit(key, from, NOW))).toBe(bits.has(from) ? 1 : 0);
          const read = store.run(planGetBytes(key, NOW));
          expect(read?.length ?? 0).toBe(bytes);
          expect(countBits(read ?? new Uint8Array(), 0, MAX_KEY_BITS)).toBe(bits.size);
        }
      }),
      { numRuns: 60 },
    );
  });
});

function holds(operator: BitOperator, a: boolean, b: boolean): boolean {
  return { and: a && b, or: a || b, xor: a !== b, andnot: a && !b }[operator];
}
