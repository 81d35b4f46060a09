/** Names of errors as this protocol's clients know them. Codes are MySQL's errnos, 0 is success (errors.ts has the rest). */
import type { FailureCode } from '../../errors.ts';

/** What AvenirSQL named otherwise; the other errors have their names from errors.ts. */
export const AVENIR_NAMES: Readonly<Partial<Record<FailureCode, string>>> = {
  ER_PARSE_ERROR: 'SQL_PARSE_ERROR',
  ER_UNKNOWN_ERROR: 'UNKNOWN',
};

export function errorName(code: FailureCode): string {
  return AVENIR_NAMES[code] ?? code;
}
