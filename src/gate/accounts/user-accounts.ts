/**
 * Users: those that the configuration names, and those that CREATE USER made (stored-users.ts). While the configuration names nobody, and nobody has made a user
 * `root`, `root` with an empty password is let in from loopback only. Passwords are known by the digests that MySQL's two plugins compare; every protocol asks here.
 */
import { createHash } from 'node:crypto';
import type { UserConfig } from '../../user-options.ts';
import type { Accounts } from '../request.ts';
import { ADMINISTRATOR, NOBODY, Privileges, type Role } from './privileges.ts';

/** As the configuration names a user. */
export type Account = UserConfig;

export interface PasswordDigests {
  /** mysql_native_password: SHA1(SHA1(password)). null: there is none of this kind. */
  readonly nativeHash: Uint8Array | null;
  /** caching_sha2_password: SHA256(SHA256(password)). Both null: no password. */
  readonly sha2Hash: Uint8Array | null;
}

export interface User {
  readonly name: string;
  readonly digests: PasswordDigests;
  readonly privileges: Privileges;
}

const NO_PASSWORD: PasswordDigests = { nativeHash: null, sha2Hash: null };

export class UserAccounts implements Accounts {
  #configured: ReadonlyMap<string, User>;
  #stored: ReadonlyMap<string, User> = new Map();
  #version = 0;

  constructor(configured: readonly Account[]) {
    this.#configured = usersOf(configured);
  }

  /** Grows when anybody's rights may have changed. */
  get version(): number {
    return this.#version;
  }

  /** Whom the configuration names: a statement cannot change them. */
  isConfigured(name: string): boolean {
    return this.#configured.has(name);
  }

  find(name: string, host: string): PasswordDigests | null {
    const digests = this.#rootIsFree && name === 'root' ? NO_PASSWORD : this.user(name)?.digests;
    if (digests === undefined) return null;
    const hasNone = digests.nativeHash === null && digests.sha2Hash === null;
    // A user without a password is let in from this machine only.
    return hasNone && !isLoopbackAddress(host) ? null : digests;
  }

  user(name: string): User | undefined {
    return this.#configured.get(name) ?? this.#stored.get(name);
  }

  privilegesOf(name: string): Privileges {
    if (this.#rootIsFree && name === 'root') return ADMINISTRATOR;
    return this.user(name)?.privileges ?? NOBODY;
  }

  /** In the order of their names. */
  users(): User[] {
    const all = new Map([...this.#stored, ...this.#configured]);
    return [...all.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The configuration was read again. */
  replaceConfigured(accounts: readonly Account[]): void {
    this.#configured = usersOf(accounts);
    this.#version++;
  }

  /** All that CREATE USER has made. */
  replaceStored(users: readonly User[]): void {
    this.#stored = new Map(users.map((user) => [user.name, user]));
    this.#version++;
  }

  /** The configuration names nobody, and no statement has made a root with a password. */
  get #rootIsFree(): boolean {
    return this.#configured.size === 0 && !this.#stored.has('root');
  }
}

function usersOf(accounts: readonly Account[]): ReadonlyMap<string, User> {
  return new Map(accounts.map((account) => [account.name, userOf(account)]));
}

function userOf({ name, password = '', passwordHash, role = 'admin', databases }: Account): User {
  const digests = passwordHash === undefined ? passwordDigests(password) : parsePasswordHash(passwordHash);
  if (digests === null) throw new Error(`the password hash of ${name} is none`);
  return { name, digests, privileges: privilegesOf(role, databases) };
}

function privilegesOf(role: Role, databases: Account['databases']): Privileges {
  if (databases === undefined) return role === 'admin' ? ADMINISTRATOR : new Privileges(role);
  const named = Array.isArray(databases)
    ? databases.map((name): [string, Role] => [name, role])
    : (Object.entries(databases) as [string, Role][]);
  return new Privileges(null, new Map(named));
}

/** Twice hashed, as both of MySQL's plugins compare them. */
export function passwordDigests(password: string): PasswordDigests {
  if (password === '') return NO_PASSWORD;
  const twice = (algorithm: string): Uint8Array => {
    const once = createHash(algorithm).update(password).digest();
    return createHash(algorithm).update(once).digest();
  };
  return { nativeHash: twice('sha1'), sha2Hash: twice('sha256') };
}

/** null: it is of neither form (see Account.passwordHash). */
export function parsePasswordHash(text: string): PasswordDigests | null {
  if (/^\*[0-9a-f]{40}$/i.test(text)) return { nativeHash: Buffer.from(text.slice(1), 'hex'), sha2Hash: null };
  return /^[0-9a-f]{64}$/i.test(text) ? { nativeHash: null, sha2Hash: Buffer.from(text, 'hex') } : null;
}

export function isLoopbackAddress(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^(::ffff:)?127\./.test(host);
}
