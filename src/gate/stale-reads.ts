/** Reads that were planned for a list index which is gone when they come to the store: planned again, with nothing sent yet. */
import type { Outcome } from './request.ts';

const MAX_ATTEMPTS = 8;
/** The reader saw the new schema; its report, which takes a millisecond, may still be on the way. */
const PAUSE_MS = 2;

/** `run` is given the number of the attempt, from 1. */
export function whileStale(
  run: (attempt: number) => Outcome | Promise<Outcome>,
  attempt = 1,
): Outcome | Promise<Outcome> {
  const again = async (error: unknown): Promise<Outcome> => {
    if (attempt >= MAX_ATTEMPTS || !isStale(error)) throw error;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * attempt));
    return whileStale(run, attempt + 1);
  };
  let outcome: Outcome | Promise<Outcome>;
  try {
    outcome = run(attempt);
  } catch (error) {
    // A short read is done here, at once, and the index may be gone from the file before that has been reported.
    if (!isStale(error)) throw error;
    return again(error);
  }
  return outcome instanceof Promise ? outcome.catch(again) : outcome;
}

export function isStale(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'SLUICE_STALE_PLAN';
}
