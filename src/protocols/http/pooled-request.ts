/** A request that brings no session: run in a lent one, which goes back when the outcome is there. */
import type { ServerResponse } from 'node:http';
import type { Gate, Outcome, Request } from '../../gate/request.ts';
import type { Identity } from './authentication.ts';
import { sendError } from './respond.ts';
import type { SessionPool } from './session-pool.ts';

export type SendOutcome<Response = ServerResponse> = (response: Response, outcome: Outcome) => void;

/** What is done with a response whose answer comes later. */
export interface LaterAnswers<Response> {
  /** Calls `listener` when the client is gone; returns the way to stop. */
  onClose(response: Response, listener: () => void): () => void;
  fail(response: Response, thrown: unknown): void;
}

const NODE: LaterAnswers<ServerResponse> = {
  onClose(response, listener) {
    response.once('close', listener);
    return () => response.off('close', listener);
  },
  fail: sendError,
};

export class PooledRequests {
  readonly #gate: Gate;
  readonly #pool: SessionPool;

  constructor(gate: Gate, pool: SessionPool) {
    this.#gate = gate;
    this.#pool = pool;
  }

  /** Answers at once where the gate does. Throws what the gate throws at once; what it rejects with later is sent. */
  answer(request: Request, identity: Identity, response: ServerResponse, send: SendOutcome): void {
    this.answerOn(NODE, request, identity, response, send);
  }

  /** The same on whatever a response is to the caller. */
  answerOn<Response>(
    later: LaterAnswers<Response>,
    request: Request,
    identity: Identity,
    response: Response,
    send: SendOutcome<Response>,
  ): void {
    const session = this.#pool.take(identity);
    let outcome: Outcome | Promise<Outcome>;
    try {
      outcome = session.execute(request);
    } catch (error) {
      this.#pool.giveBack(session, identity);
      throw error;
    }
    if (outcome instanceof Promise) {
      // Nobody waits any more: what runs in a reader is ended.
      const stop = later.onClose(response, () => this.#gate.kill(session.id, 'query'));
      outcome
        .finally(() => {
          stop();
          this.#pool.giveBack(session, identity);
        })
        .then((settled) => send(response, settled))
        .catch((error: unknown) => later.fail(response, error));
      return;
    }
    this.#pool.giveBack(session, identity);
    send(response, outcome);
  }
}
