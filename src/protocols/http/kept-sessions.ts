/** Sessions that a client keeps over requests: opened with `"session": true`, named by a token, rolled back when idle for too long. */
import { randomBytes } from 'node:crypto';
import type { Gate, Session } from '../../gate/request.ts';
import type { Identity } from './authentication.ts';
import { HttpFailure } from './failures.ts';

const TOKEN_BYTES = 18;

interface KeptSession {
  readonly token: string;
  readonly session: Session;
  readonly identity: Identity;
  /** Ends when the requests before have ended: a session does one thing at a time. */
  turn: Promise<void>;
  waiting: number;
  idleTimer: NodeJS.Timeout | null;
}

export interface Lease {
  readonly token: string;
  readonly session: Session;
  release(): void;
}

export class KeptSessions {
  readonly #gate: Gate;
  readonly #idleMs: number;
  readonly #kept = new Map<string, KeptSession>();

  constructor(gate: Gate, idleMs: number) {
    this.#gate = gate;
    this.#idleMs = idleMs;
  }

  open(identity: Identity): string {
    const { user, host } = identity;
    const session = this.#gate.openSession({ user, host, protocol: 'http' });
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const kept: KeptSession = { token, session, identity, turn: Promise.resolve(), waiting: 0, idleTimer: null };
    session.onKill = () => this.#drop(kept);
    this.#kept.set(token, kept);
    this.#startIdling(kept);
    return token;
  }

  /** Waits for its turn. Throws when there is no such session, or it is somebody else's. */
  async lease(token: string, identity: Identity): Promise<Lease> {
    const kept = this.#find(token, identity);
    const before = kept.turn;
    let release = (): void => {};
    kept.turn = new Promise((resolve) => {
      release = resolve;
    });
    kept.waiting++;
    this.#stopIdling(kept);
    await before;
    const lease = {
      token,
      session: kept.session,
      release: () => {
        kept.waiting--;
        if (kept.waiting === 0 && this.#kept.has(token)) this.#startIdling(kept);
        release();
      },
    };
    if (this.#kept.has(token)) return lease;
    lease.release();
    throw unknownSession(token);
  }

  /** Rolls back and forgets. */
  end(token: string, identity: Identity): void {
    this.#drop(this.#find(token, identity));
  }

  /** The same for one that may be gone already. */
  discard(token: string): void {
    const kept = this.#kept.get(token);
    if (kept !== undefined) this.#drop(kept);
  }

  close(): void {
    for (const kept of [...this.#kept.values()]) this.#drop(kept);
  }

  #find(token: string, identity: Identity): KeptSession {
    const kept = this.#kept.get(token);
    if (kept === undefined || kept.identity.user !== identity.user) throw unknownSession(token);
    return kept;
  }

  #drop(kept: KeptSession): void {
    this.#stopIdling(kept);
    if (this.#kept.delete(kept.token)) kept.session.close();
  }

  #startIdling(kept: KeptSession): void {
    kept.idleTimer = setTimeout(() => this.#drop(kept), this.#idleMs);
    kept.idleTimer.unref();
  }

  #stopIdling(kept: KeptSession): void {
    if (kept.idleTimer !== null) clearTimeout(kept.idleTimer);
    kept.idleTimer = null;
  }
}

function unknownSession(token: string): HttpFailure {
  const message = `session '${token.slice(0, 64)}' is not open: it was ended, or idle for too long; anything uncommitted was rolled back`;
  return new HttpFailure(404, 'HTTP_UNKNOWN_SESSION', message);
}
