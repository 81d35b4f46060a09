import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadlines } from './deadlines.ts';

describe('deadlines', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function timed(inMs: number): { deadline: number; reached: number[]; onDeadline(): void } {
    const reached: number[] = [];
    return {
      deadline: performance.now() + inMs,
      reached,
      onDeadline: () => {
        reached.push(performance.now());
      },
    };
  }

  it('are told soon after they have passed, never before, and once', () => {
    const deadlines = new Deadlines();
    const all = [1, 7, 95, 100, 1_000].map(timed);
    for (const each of all) deadlines.add(each);
    vi.advanceTimersByTime(5_000);
    for (const { deadline, reached } of all) {
      expect(reached).toHaveLength(1);
      expect(reached[0]).toBeGreaterThanOrEqual(deadline);
      expect(reached[0]).toBeLessThanOrEqual(deadline + 10);
    }
  });

  it('are not told of what has ended', () => {
    const deadlines = new Deadlines();
    const [ended, runs] = [timed(50), timed(60)];
    deadlines.add(ended);
    deadlines.add(runs);
    vi.advanceTimersByTime(40);
    deadlines.delete(ended);
    vi.advanceTimersByTime(1_000);
    expect([ended.reached.length, runs.reached.length]).toEqual([0, 1]);
  });

  it('keep no timer while nothing runs', () => {
    const deadlines = new Deadlines();
    const first = timed(1_000);
    deadlines.add(first);
    deadlines.delete(first);
    vi.advanceTimersByTime(20);
    expect(vi.getTimerCount()).toBe(0);
    const second = timed(30);
    deadlines.add(second);
    vi.advanceTimersByTime(100);
    expect(second.reached).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});
