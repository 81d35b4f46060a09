import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyDifference, DesyncError, type Difference, differenceOf } from './page.ts';

interface Row {
  readonly id: number;
  readonly text: string;
}

function rows(...ids: number[]): Row[] {
  return ids.map((id) => ({ id, text: '' }));
}

const NOTHING: Difference<Row> = { insert: [], update: [], remove: [] };

describe('a difference', () => {
  it('takes away, replaces, then puts in, in this order', () => {
    const [one, , three] = rows(1, 2, 3);
    const updated = { id: 3, text: 'new' };
    const after = applyDifference(
      rows(1, 2, 3),
      {
        remove: [2],
        update: [updated],
        insert: [
          { row: { id: 4, text: '' }, at: 0 },
          { row: { id: 2, text: 'moved' }, at: 3 },
        ],
      },
      'id',
    );
    expect(after).toEqual([{ id: 4, text: '' }, one, updated, { id: 2, text: 'moved' }]);
    expect(three).toEqual({ id: 3, text: '' });
  });

  it('leaves the page before as it was, and rows that stay as the same objects', () => {
    const before = rows(1, 2);
    const frozen = Object.freeze([...before]);
    const after = applyDifference(frozen, { ...NOTHING, insert: [{ row: { id: 3, text: '' }, at: 1 }] }, 'id');
    expect(frozen).toEqual(before);
    expect(after[0]).toBe(before[0]);
    expect(after[2]).toBe(before[1]);
  });

  it.each<[string, Difference<Row>]>([
    ['removes a row that is not there', { ...NOTHING, remove: [9] }],
    ['updates one that is not there', { ...NOTHING, update: rows(9) }],
    ['puts one in behind the end', { ...NOTHING, insert: [{ row: { id: 9, text: '' }, at: 3 }] }],
    ['puts one in at no place', { ...NOTHING, insert: [{ row: { id: 9, text: '' }, at: -1 }] }],
    ['has a row without a key', { ...NOTHING, update: [{ text: '' } as Row] }],
  ])('that %s is refused', (_, difference) => {
    expect(() => applyDifference(rows(1, 2), difference, 'id')).toThrow(DesyncError);
  });

  it('between any two pages makes the one out of the other', () => {
    const page = fc.uniqueArray(fc.record({ id: fc.nat(15), text: fc.constantFrom('a', 'b') }), {
      selector: (row) => row.id,
      maxLength: 12,
    });
    fc.assert(
      fc.property(page, page, (before, after) => {
        const difference = differenceOf(before, after, 'id');
        expect(applyDifference(before, difference, 'id')).toEqual(after);
        const stayed = after.filter((row) => before.some((old) => old.id === row.id && old.text === row.text));
        expect(difference.update.some((row) => stayed.includes(row))).toBe(false);
      }),
      { numRuns: 5000 },
    );
  });

  it('between a page and itself is nothing', () => {
    expect(differenceOf(rows(1, 2, 3), rows(1, 2, 3), 'id')).toEqual(NOTHING);
  });

  it('of a window over random writes is followed exactly', () => {
    // The table as a sorted list, the window its first rows: what the server does, in small.
    const write = fc.record({ id: fc.nat(30), order: fc.nat(20), gone: fc.boolean() });
    fc.assert(
      fc.property(fc.array(write, { maxLength: 60 }), fc.integer({ min: 1, max: 8 }), (writes, max) => {
        const table = new Map<number, { id: number; order: number }>();
        const window = () => [...table.values()].sort((a, b) => b.order - a.order || a.id - b.id).slice(0, max);
        let page: readonly { id: number; order: number }[] = [];
        for (const { id, order, gone } of writes) {
          const before = window();
          if (gone) table.delete(id);
          else table.set(id, { id, order });
          page = applyDifference(page, differenceOf(before, window(), 'id'), 'id');
          expect(page).toEqual(window());
        }
      }),
      { numRuns: 500 },
    );
  });
});
