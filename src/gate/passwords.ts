/** Passwords that arrive as they are (HTTP Basic, JSON), against what an account knows of its own: two digests, each hashed twice. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Accounts } from './request.ts';

export type AccountHashes = NonNullable<ReturnType<Accounts['find']>>;

export function hasEmptyPassword(account: AccountHashes): boolean {
  return account.nativeHash === null && account.sha2Hash === null;
}

export function isPassword(account: AccountHashes, password: string): boolean {
  if (hasEmptyPassword(account)) return password === '';
  if (account.sha2Hash !== null) return sameBytes(account.sha2Hash, twice('sha256', password));
  return account.nativeHash !== null && sameBytes(account.nativeHash, twice('sha1', password));
}

/** Whether a login that was right still is: null, the account is gone. */
export function sameAccount(before: AccountHashes, now: AccountHashes | null): boolean {
  return now !== null && sameHash(before.nativeHash, now.nativeHash) && sameHash(before.sha2Hash, now.sha2Hash);
}

function twice(algorithm: string, password: string): Uint8Array {
  return createHash(algorithm).update(createHash(algorithm).update(password, 'utf8').digest()).digest();
}

function sameHash(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === b || (a !== null && b !== null && sameBytes(a, b));
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
