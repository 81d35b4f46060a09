/** Failures in Redis' own words: a kind (`ERR`, `WRONGTYPE`), then what is wrong. Clients look at both. */
import { asFailure, type FailureCode } from '../../errors.ts';

/** What a command's own arguments have wrong. */
export class RedisError extends Error {
  constructor(text: string) {
    super(text);
    this.name = 'RedisError';
  }
}

export const SYNTAX = 'ERR syntax error';
export const NOT_AN_INTEGER = 'ERR value is not an integer or out of range';

/** Failures that Redis has too. The others are `ERR` and their own text. */
const TEXTS: { readonly [Code in FailureCode]?: string } = {
  SLUICE_KEY_TYPE: 'WRONGTYPE Operation against a key holding the wrong kind of value',
  SLUICE_NO_SUCH_KEY: 'ERR no such key',
  ER_CON_COUNT_ERROR: 'ERR max number of clients reached',
  ER_ACCESS_DENIED_ERROR: 'WRONGPASS invalid username-password pair or user is disabled.',
};

const KINDS: { readonly [Code in FailureCode]?: string } = {
  ER_DISK_FULL: 'MISCONF',
  ER_SPECIFIC_ACCESS_DENIED_ERROR: 'NOPERM',
  ER_DBACCESS_DENIED_ERROR: 'NOPERM',
  ER_OPTION_PREVENTS_STATEMENT: 'READONLY',
  ER_LOCK_WAIT_TIMEOUT: 'TRYAGAIN',
  SLUICE_POINTER_LOOP: 'LOOP',
};

/** A failure's line, without its minus. Unexpected ones are told to `onUnexpected`. */
export function errorText(error: unknown, onUnexpected: (error: unknown) => void): string {
  if (error instanceof RedisError) return error.message;
  const known = asFailure(error);
  if (known.code === 'ER_UNKNOWN_ERROR') onUnexpected(error);
  return TEXTS[known.code] ?? `${KINDS[known.code] ?? 'ERR'} ${known.message}`;
}

export function unknownSubcommand(command: string, given: Buffer): RedisError {
  return new RedisError(`ERR unknown subcommand '${shown(given)}'. Try ${command} HELP.`);
}

/** What a client sent, as an error shows it: 128 bytes at most. */
export function shown(given: Buffer): string {
  return given.toString('utf8', 0, 128);
}
