import { describe, expect, it } from 'vitest';
import { failure } from '../errors.ts';
import type { Outcome } from './request.ts';
import { whileStale } from './stale-reads.ts';

const DONE: Outcome = { kind: 'list', json: '[]', isBinary: false };

/** Fails as often as is said, at once or later, then gives its outcome. */
function failing(
  times: number,
  isAtOnce: boolean,
  error: Error,
): { run: () => Outcome | Promise<Outcome>; runs: number } {
  const reading = {
    runs: 0,
    run: (): Outcome | Promise<Outcome> => {
      if (++reading.runs > times) return DONE;
      if (isAtOnce) throw error;
      return Promise.reject(error);
    },
  };
  return reading;
}

describe.each([
  ['inline', true],
  ['in a reader', false],
])('a read %s', (_, isAtOnce) => {
  it('whose index is gone is planned again', async () => {
    const reading = failing(2, isAtOnce, failure('SLUICE_STALE_PLAN'));
    expect(await whileStale(reading.run)).toBe(DONE);
    expect(reading.runs).toBe(3);
  });

  it('that never meets the schema it was planned for is given up', async () => {
    const reading = failing(100, isAtOnce, failure('SLUICE_STALE_PLAN'));
    await expect(async () => whileStale(reading.run)).rejects.toMatchObject({ code: 'SLUICE_STALE_PLAN' });
    expect(reading.runs).toBe(8);
  });

  it('that fails otherwise is not repeated', async () => {
    const reading = failing(1, isAtOnce, failure('ER_QUERY_INTERRUPTED'));
    await expect(async () => whileStale(reading.run)).rejects.toMatchObject({ code: 'ER_QUERY_INTERRUPTED' });
    expect(reading.runs).toBe(1);
  });
});

it('what is there at once is given at once', () => {
  expect(whileStale(() => DONE)).toBe(DONE);
});
