/** Conditions on keys that did not hold: 412, as HTTP has it (RFC 9110, 15.5.13). */
import type { KeyEntry } from '../../keys/entries.ts';
import { HttpFailure } from './failures.ts';

export function conditionFailed(key: string, entry: KeyEntry | null): HttpFailure {
  const is = entry === null ? 'there is no such key' : `it has the version ${entry.version}`;
  return new HttpFailure(
    412,
    'HTTP_CONDITION_FAILED',
    `the condition on key '${key}' does not hold: ${is}; nothing was done`,
  );
}

export function versionsDiffer(): HttpFailure {
  return new HttpFailure(412, 'HTTP_CONDITION_FAILED', 'a key has another version than expected; nothing was done');
}
