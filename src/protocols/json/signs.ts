/**
 * Signs: what a login gives, and what names its user in every request after it, over any connection from the same host. Each has a session of its own,
 * opened with its first statement, so that USE, variables and transactions outlive short connections. A sign that is idle for too long, or whose user is
 * gone or has another password, is forgotten, and what it has not committed is rolled back.
 */
import { randomBytes } from 'node:crypto';
import { failure } from '../../errors.ts';
import { type AccountHashes, isPassword, sameAccount } from '../../gate/passwords.ts';
import type { Gate, Session } from '../../gate/request.ts';
import { MAX_JSON_SIGNS_PER_USER } from '../../limits.ts';

/** 96 hexadecimal digits, as the original's. */
const SIGN_BYTES = 48;
const SWEEP_MS = 1000;

interface Sign {
  readonly text: string;
  readonly user: string;
  readonly host: string;
  readonly database: string;
  readonly account: AccountHashes;
  session: Session | null;
  /** Ends when the requests before have ended: a session does one thing at a time. */
  turn: Promise<void>;
  waiting: number;
  usedAt: number;
}

/** What of the gate this needs. */
type SignGate = Pick<Gate, 'openSession' | 'accounts'>;

export interface SignLease {
  readonly session: Session;
  release(): void;
}

export class Signs {
  readonly #gate: SignGate;
  readonly #idleSeconds: () => number;
  readonly #now: () => number;
  readonly #signs = new Map<string, Sign>();
  /** Of each user, the one that was used longest ago first. */
  readonly #ofUser = new Map<string, Set<Sign>>();
  readonly #sweeping: NodeJS.Timeout;

  /** `idleSeconds`: after which an unused sign expires. `now`: milliseconds. */
  constructor(gate: SignGate, idleSeconds: () => number, now: () => number = () => performance.now()) {
    this.#gate = gate;
    this.#idleSeconds = idleSeconds;
    this.#now = now;
    this.#sweeping = setInterval(() => this.sweep(), SWEEP_MS);
    this.#sweeping.unref();
  }

  get size(): number {
    return this.#signs.size;
  }

  /** Throws ER_ACCESS_DENIED_ERROR; ER_CON_COUNT_ERROR when all signs that the user may have are busy. */
  login(user: string, password: string, host: string, database: string): string {
    const account = this.#gate.accounts.find(user, host);
    if (account === null || !isPassword(account, password))
      throw failure('ER_ACCESS_DENIED_ERROR', user.slice(0, 100), host, password === '' ? 'NO' : 'YES');
    const ofUser = this.#ofUser.get(user) ?? new Set();
    if (ofUser.size >= MAX_JSON_SIGNS_PER_USER) this.#dropIdle(ofUser);
    const text = randomBytes(SIGN_BYTES).toString('hex');
    const sign: Sign = {
      text,
      user,
      host,
      database,
      account,
      session: null,
      turn: Promise.resolve(),
      waiting: 0,
      usedAt: this.#now(),
    };
    this.#signs.set(text, sign);
    this.#ofUser.set(user, ofUser.add(sign));
    return text;
  }

  /** Waits for its turn. Throws SLUICE_UNKNOWN_SIGN; ER_BAD_DB_ERROR, ER_CON_COUNT_ERROR when its session cannot be opened. */
  async lease(text: string, host: string): Promise<SignLease> {
    const sign = this.#find(text, host);
    const before = sign.turn;
    let end = (): void => {};
    sign.turn = new Promise((resolve) => {
      end = resolve;
    });
    sign.waiting++;
    const release = (): void => {
      sign.waiting--;
      sign.usedAt = this.#now();
      end();
    };
    await before;
    try {
      // Another request's KILL, or the server's end, may have ended it meanwhile.
      if (!this.#signs.has(text)) throw failure('SLUICE_UNKNOWN_SIGN');
      sign.session ??= this.#open(sign);
      return { session: sign.session, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Forgets what has been idle for too long. */
  sweep(): void {
    const oldest = this.#now() - this.#idleSeconds() * 1000;
    for (const sign of this.#signs.values()) if (sign.waiting === 0 && sign.usedAt < oldest) this.#drop(sign);
  }

  close(): void {
    clearInterval(this.#sweeping);
    for (const sign of [...this.#signs.values()]) this.#drop(sign);
  }

  #find(text: string, host: string): Sign {
    const sign = this.#signs.get(text);
    if (sign === undefined || sign.host !== host) throw failure('SLUICE_UNKNOWN_SIGN');
    const { user, account } = sign;
    const isIdle = sign.waiting === 0 && this.#now() - sign.usedAt > this.#idleSeconds() * 1000;
    if (isIdle || !sameAccount(account, this.#gate.accounts.find(user, host))) {
      this.#drop(sign);
      throw failure('SLUICE_UNKNOWN_SIGN');
    }
    // To the end of the order.
    const ofUser = this.#ofUser.get(user);
    ofUser?.delete(sign);
    ofUser?.add(sign);
    return sign;
  }

  #open(sign: Sign): Session {
    const { user, host, database } = sign;
    const session = this.#gate.openSession({ user, host, protocol: 'json', database });
    session.onKill = () => this.#drop(sign);
    return session;
  }

  /** A login beyond the number takes the place of the sign that was used longest ago, so that a flood of logins costs its own user alone. */
  #dropIdle(ofUser: ReadonlySet<Sign>): void {
    for (const sign of ofUser) {
      if (sign.waiting > 0 || sign.session?.status.inTransaction === true) continue;
      this.#drop(sign);
      return;
    }
    throw failure('ER_CON_COUNT_ERROR');
  }

  #drop(sign: Sign): void {
    if (!this.#signs.delete(sign.text)) return;
    const ofUser = this.#ofUser.get(sign.user);
    ofUser?.delete(sign);
    if (ofUser?.size === 0) this.#ofUser.delete(sign.user);
    sign.session?.close();
  }
}
