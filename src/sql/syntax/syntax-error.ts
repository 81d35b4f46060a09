import type { SluiceError } from '../../errors.ts';
import { failure } from '../../errors.ts';

/** MySQL shows this much of the text that it could not read. */
const NEAR_CHARS_MAX = 80;

/** Makes (does not throw) error 1064 for the text from `position` on, worded as MySQL words it. */
export function syntaxError(sql: string, position: number): SluiceError {
  let line = 1;
  for (let at = sql.indexOf('\n'); at >= 0 && at < position; at = sql.indexOf('\n', at + 1)) line++;
  return failure('ER_PARSE_ERROR', sql.slice(position, position + NEAR_CHARS_MAX), line);
}
