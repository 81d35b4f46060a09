import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TURN_PAUSE_MS } from '../limits.ts';
import { WriterTurns } from './writer-turns.ts';

describe('turns of transactions that will probably write', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }));
  afterEach(() => vi.useRealTimers());

  it('come one after the other', async () => {
    const turns = new WriterTurns();
    const first = turns.take();
    const second = turns.take();
    const third = turns.take();
    expect(first.ready).toBeNull();
    const order: number[] = [];
    second.ready?.then(() => order.push(2));
    third.ready?.then(() => order.push(3));
    first.end();
    await second.ready;
    expect(order).toEqual([2]);
    second.end();
    await third.ready;
    third.end();
    expect(turns.take().ready).toBeNull();
  });

  it('pass on when a client pauses, and not while it is at work', async () => {
    const turns = new WriterTurns();
    const first = turns.take();
    const second = turns.take();
    let started = false;
    second.ready?.then(() => {
      started = true;
    });
    for (let i = 0; i < 10; i++) {
      first.touch();
      await vi.advanceTimersByTimeAsync(TURN_PAUSE_MS / 2);
    }
    expect(started).toBe(false);
    await vi.advanceTimersByTimeAsync(TURN_PAUSE_MS * 2);
    expect(started).toBe(true);
    // The one that paused ends later: that takes nothing from the other.
    first.end();
    expect(turns.take().ready).not.toBeNull();
  });

  it('are given up by those who end while they wait', async () => {
    const turns = new WriterTurns();
    const first = turns.take();
    const second = turns.take();
    const third = turns.take();
    second.end();
    first.end();
    await third.ready;
    third.end();
  });
});
