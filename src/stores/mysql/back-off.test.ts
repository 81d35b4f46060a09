import { expect, it } from 'vitest';
import { BackOff } from './back-off.ts';

it('waits one second, then twice as long each time, 32 at most, and begins anew after a success', () => {
  let now = 0;
  const backOff = new BackOff(() => now);
  const delays: number[] = [];
  expect(backOff.refusal()).toBeNull();
  for (let i = 0; i < 8; i++) {
    backOff.failed(new Error('refused'));
    // One that was on its way as well counts no more.
    backOff.failed(new Error('refused'));
    delays.push(backOff.remainingMs);
    expect(backOff.refusal()).toMatchObject({ code: 'SLUICE_SOURCE_UNAVAILABLE', retryable: true });
    now += backOff.remainingMs;
    expect(backOff.refusal()).toBeNull();
  }
  expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 32_000, 32_000]);
  backOff.succeeded();
  backOff.failed(new Error('refused'));
  expect(backOff.remainingMs).toBe(1000);
});
