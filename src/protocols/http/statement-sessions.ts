/** The session in which a request's statements run: a kept one by its token, or a lent one that is clean before and after. */
import type { ServerResponse } from 'node:http';
import type { Gate, Session } from '../../gate/request.ts';
import type { Identity } from './authentication.ts';
import { KeptSessions } from './kept-sessions.ts';
import type { Place } from './requests.ts';
import { SessionPool } from './session-pool.ts';

export interface StatementSession {
  readonly session: Session;
  /** null without a kept session. */
  readonly token: string | null;
  /** Ends a session that this request opened: its client will not be told the token. */
  abandon(): void;
  /** `texts`: what was executed, which tells whether a lent session may have kept something of it. */
  release(texts: readonly string[]): Promise<void>;
}

export class StatementSessions {
  readonly pool: SessionPool;
  readonly kept: KeptSessions;
  readonly #gate: Gate;

  constructor(gate: Gate, idleMs: number) {
    this.#gate = gate;
    this.pool = new SessionPool(gate);
    this.kept = new KeptSessions(gate, idleMs);
  }

  async enter(place: Place, identity: Identity): Promise<StatementSession> {
    if (place.session === undefined) return this.#lend(place.database, identity);
    const token = place.session === true ? this.kept.open(identity) : place.session;
    const lease = await this.kept.lease(token, identity);
    const abandon = (): void => {
      if (place.session === true) this.kept.discard(token);
    };
    try {
      if (place.database !== undefined) await lease.session.useDatabase(place.database);
    } catch (error) {
      lease.release();
      abandon();
      throw error;
    }
    return {
      session: lease.session,
      token,
      abandon,
      release: async () => lease.release(),
    };
  }

  /** Runs `work`; kills what it runs when the client goes away; gives the session back in any case. `texts`: see release(). */
  async within(
    entered: StatementSession,
    response: ServerResponse,
    texts: readonly string[],
    work: () => Promise<void>,
  ): Promise<void> {
    const onClose = (): void => {
      this.#gate.kill(entered.session.id, 'query');
    };
    response.once('close', onClose);
    try {
      await work();
    } catch (error) {
      entered.abandon();
      throw error;
    } finally {
      response.off('close', onClose);
      await entered.release(texts);
    }
  }

  close(): void {
    this.pool.close();
    this.kept.close();
  }

  #lend(database: string | undefined, identity: Identity): StatementSession {
    const session = this.pool.take(identity, database);
    return {
      session,
      token: null,
      abandon: () => undefined,
      release: async (texts) => {
        if (!texts.every(leavesNothing)) await session.reset();
        this.pool.giveBack(session, identity, database);
      },
    };
  }
}

/**
 * Statements of these kinds leave nothing in a session, unless they speak of variables, locks or what the statement before did. Any other
 * statement costs its session a reset.
 */
export function leavesNothing(text: string): boolean {
  return (
    /^\s*(?:select|insert|update|delete|replace|with|values|table|show|explain|describe|desc)\b/i.test(text) &&
    !/@|get_lock|last_insert_id|found_rows|row_count|show\s+(?:warnings|errors|count)|temporary/i.test(text)
  );
}
