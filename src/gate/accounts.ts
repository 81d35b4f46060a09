/** Users. Without any configured user, `root` with an empty password is let in from loopback only. */
import { createHash } from 'node:crypto';
import type { Accounts } from './request.ts';

export interface Account {
  readonly name: string;
  readonly password: string;
}

interface Hashes {
  readonly nativeHash: Uint8Array | null;
  readonly sha2Hash: Uint8Array | null;
}

const EMPTY: Hashes = { nativeHash: null, sha2Hash: null };

export class ConfiguredAccounts implements Accounts {
  readonly #accounts: ReadonlyMap<string, Hashes>;

  constructor(accounts: readonly Account[]) {
    this.#accounts = new Map(accounts.map(({ name, password }) => [name, password === '' ? EMPTY : hashes(password)]));
  }

  find(user: string, host: string): Hashes | null {
    const account = this.#accounts.size === 0 && user === 'root' ? EMPTY : this.#accounts.get(user);
    // A user without a password is let in from this machine only.
    return account === undefined || (account === EMPTY && !isLoopbackAddress(host)) ? null : account;
  }
}

/** Twice hashed, as both of MySQL's plugins compare them. */
function hashes(password: string): Hashes {
  const twice = (algorithm: string): Uint8Array => {
    const once = createHash(algorithm).update(password).digest();
    return createHash(algorithm).update(once).digest();
  };
  return { nativeHash: twice('sha1'), sha2Hash: twice('sha256') };
}

export function isLoopbackAddress(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^(::ffff:)?127\./.test(host);
}
