import { describe, expect, it } from 'vitest';
import { HotRows } from './hot-rows.ts';

const ROW = { key: 'a', table: 't' };
const never = (): void => undefined;

describe('HotRows', () => {
  it('lets one in at a time, in the order they came', async () => {
    const rows = new HotRows();
    const leave = await rows.enter(ROW, 5, never);
    const order: number[] = [];
    const others = [1, 2, 3].map(async (n) => {
      const leaveAgain = await rows.enter(ROW, 5, never);
      order.push(n);
      leaveAgain();
      leaveAgain();
    });
    await Promise.resolve();
    expect(order).toEqual([]);
    expect(rows.statistics).toEqual({ rows: 1, waiting: 3, waited: 3, refused: 0 });
    leave();
    await Promise.all(others);
    expect(order).toEqual([1, 2, 3]);
    expect(rows.statistics).toEqual({ rows: 0, waiting: 0, waited: 3, refused: 0 });
  });

  it('refuses who comes when the line is full, and lets others by', async () => {
    const rows = new HotRows();
    await rows.enter(ROW, 1, never);
    const second = rows.enter(ROW, 1, never);
    await expect(rows.enter(ROW, 1, never)).rejects.toMatchObject({ errno: 1205 });
    await rows.enter({ key: 'b', table: 't' }, 1, never);
    expect(rows.statistics).toEqual({ rows: 2, waiting: 1, waited: 1, refused: 1 });
    second.catch(never);
  });

  it('who stops waiting is passed over', async () => {
    const rows = new HotRows();
    const leave = await rows.enter(ROW, 5, never);
    let cancel: (reason: Error) => void = never;
    const second = rows.enter(ROW, 5, (given) => {
      cancel = given;
    });
    const third = rows.enter(ROW, 5, never);
    cancel(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    leave();
    const leaveThird = await third;
    // It is not waiting any more.
    cancel(new Error('again'));
    leaveThird();
    expect(rows.statistics.rows).toBe(0);
  });
});
