import { failure } from '../errors.ts';

/** Throws ER_BAD_PARAMETER. */
export function checkLimit(limit: unknown): void {
  if (limit === undefined || (Number.isSafeInteger(limit) && (limit as number) >= 1)) return;
  throw failure('ER_BAD_PARAMETER', `limit: '${String(limit)}' is no number of entries`);
}
