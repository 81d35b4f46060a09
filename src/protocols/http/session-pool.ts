/**
 * Sessions for requests that bring none: each is lent to one request at a time and kept for the next one of the same user, host and database.
 * What a statement left behind in a session never reaches the next request: see `giveBack`.
 */
import type { Gate, Session } from '../../gate/request.ts';
import type { Identity } from './authentication.ts';

const IDLE_PER_KEY_MAX = 128;
const IDLE_MAX = 1024;

export class SessionPool {
  readonly #gate: Gate;
  readonly #idle = new Map<string, Session[]>();
  #idleCount = 0;
  #lastIdentity: Identity | null = null;
  #lastIdle: Session[] = [];
  #closed = false;

  constructor(gate: Gate) {
    this.#gate = gate;
  }

  /** Throws 1040 when there are too many sessions, 1049 for an unknown database. */
  take(identity: Identity, database?: string): Session {
    const session = this.#idleOf(identity, database).pop();
    if (session !== undefined) {
      this.#idleCount--;
      return session;
    }
    const { user, host } = identity;
    const opened = this.#gate.openSession({
      user,
      host,
      protocol: 'http',
      ...(database === undefined ? {} : { database }),
    });
    opened.onKill = () => this.#forget(opened);
    return opened;
  }

  /** After a list command or a plain statement. */
  giveBack(session: Session, identity: Identity, database?: string): void {
    const idle = this.#idleOf(identity, database);
    const { status } = session;
    const isClean = status.autocommit && !status.inTransaction && (status.database ?? undefined) === database;
    const isFull = idle.length >= IDLE_PER_KEY_MAX || this.#idleCount >= IDLE_MAX;
    if (this.#closed || !isClean || isFull || this.#killed.delete(session)) {
      session.close();
      return;
    }
    idle.push(session);
    this.#idleCount++;
  }

  /** Mostly one identity without a database asks again and again: its sessions are found without a look at its names. */
  #idleOf(identity: Identity, database: string | undefined): Session[] {
    if (identity === this.#lastIdentity && database === undefined) return this.#lastIdle;
    const key = keyOf(identity, database);
    let idle = this.#idle.get(key);
    if (idle === undefined) {
      idle = [];
      this.#idle.set(key, idle);
    }
    if (database === undefined) {
      this.#lastIdentity = identity;
      this.#lastIdle = idle;
    }
    return idle;
  }

  close(): void {
    this.#closed = true;
    for (const sessions of this.#idle.values()) for (const session of sessions) session.close();
    this.#idle.clear();
    this.#idleCount = 0;
  }

  /** Killed while lent. */
  readonly #killed = new WeakSet<Session>();

  #forget(session: Session): void {
    this.#killed.add(session);
    for (const sessions of this.#idle.values()) {
      const at = sessions.indexOf(session);
      if (at < 0) continue;
      sessions.splice(at, 1);
      this.#idleCount--;
    }
  }
}

function keyOf(identity: Identity, database: string | undefined): string {
  return `${identity.user}\u0000${identity.host}\u0000${database ?? ''}`;
}
