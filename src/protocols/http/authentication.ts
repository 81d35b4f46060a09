/** Who a request is from: HTTP Basic, or nobody's name, which is `root` with an empty password (allowed from loopback only). */
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { failure } from '../../errors.ts';
import { type AccountHashes, hasEmptyPassword, isPassword, sameAccount } from '../../gate/passwords.ts';
import type { Accounts } from '../../gate/request.ts';

export interface Identity {
  readonly user: string;
  readonly host: string;
}

/** What of a request tells who it is from. */
export interface Sender {
  readonly socket: Pick<Socket, 'remoteAddress'>;
  readonly headers: { readonly authorization?: string | undefined };
}

const PROVEN_MAX = 1000;

export class Authenticator {
  readonly #accounts: Accounts;
  /** Passwords that were right, by a digest of the header, with the account as it was: hashing is too dear to do for every request. */
  readonly #proven = new Map<string, { account: AccountHashes; user: string }>();

  /** The last one without a name: one object, as most requests are from one host. */
  #anonymous: Identity = { user: 'root', host: '' };

  constructor(accounts: Accounts) {
    this.#accounts = accounts;
  }

  /** Throws ER_ACCESS_DENIED_ERROR. */
  authenticate(request: Sender): Identity {
    const host = peerHost(request);
    const { authorization } = request.headers;
    if (authorization !== undefined) return { user: this.#userOf(authorization, host), host };
    const account = this.#accounts.find('root', host);
    if (account === null || !hasEmptyPassword(account)) throw failure('ER_ACCESS_DENIED_ERROR', 'root', host, 'NO');
    if (this.#anonymous.host !== host) this.#anonymous = { user: 'root', host };
    return this.#anonymous;
  }

  #userOf(authorization: string, host: string): string {
    const key = createHash('sha256').update(authorization).digest('base64');
    const proven = this.#proven.get(key);
    if (proven !== undefined && sameAccount(proven.account, this.#accounts.find(proven.user, host))) return proven.user;
    const { user, password } = basicCredentials(authorization);
    const account = this.#accounts.find(user, host);
    if (account === null || !isPassword(account, password)) {
      throw failure('ER_ACCESS_DENIED_ERROR', user, host, password === '' ? 'NO' : 'YES');
    }
    if (this.#proven.size >= PROVEN_MAX) this.#proven.clear();
    this.#proven.set(key, { account, user });
    return user;
  }
}

/** IPv4 in its own form also where the socket is IPv6. */
export function peerHost(request: Pick<Sender, 'socket'>): string {
  const address = request.socket.remoteAddress ?? '';
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}

function basicCredentials(authorization: string): { user: string; password: string } {
  const encoded = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization)?.[1];
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? { user: text, password: '' } : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
