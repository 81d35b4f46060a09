/** A request that brings no session: run in a lent one, which goes back when the outcome is there. */
import type { ServerResponse } from 'node:http';
import type { Gate, Outcome, Request, Session } from '../../gate/request.ts';
import type { Identity } from './authentication.ts';
import { sendError } from './respond.ts';
import type { SessionPool } from './session-pool.ts';

export type SendOutcome = (response: ServerResponse, outcome: Outcome) => void;

export class PooledRequests {
  readonly #gate: Gate;
  readonly #pool: SessionPool;

  constructor(gate: Gate, pool: SessionPool) {
    this.#gate = gate;
    this.#pool = pool;
  }

  /** Answers at once where the gate does. Throws what the gate throws at once; what it rejects with later is sent. */
  answer(request: Request, identity: Identity, response: ServerResponse, send: SendOutcome): void {
    const session = this.#pool.take(identity);
    let outcome: Outcome | Promise<Outcome>;
    try {
      outcome = session.execute(request);
    } catch (error) {
      this.#pool.giveBack(session, identity);
      throw error;
    }
    if (outcome instanceof Promise) {
      this.#whenSettled(outcome, session, identity, response, send);
      return;
    }
    this.#pool.giveBack(session, identity);
    send(response, outcome);
  }

  #whenSettled(
    outcome: Promise<Outcome>,
    session: Session,
    identity: Identity,
    response: ServerResponse,
    send: SendOutcome,
  ): void {
    // Nobody waits any more: what runs in a reader is ended.
    const onClose = (): void => {
      this.#gate.kill(session.id, 'query');
    };
    response.once('close', onClose);
    outcome
      .finally(() => {
        response.off('close', onClose);
        this.#pool.giveBack(session, identity);
      })
      .then((settled) => send(response, settled))
      .catch((error: unknown) => sendError(response, error));
  }
}
