/** `GET/POST /?command=...`: TCSQL's protocol. The hot route. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { failure } from '../../errors.ts';
import type { Gate, Outcome, Session } from '../../gate/request.ts';
import { MAX_URL_BYTES } from '../../limits.ts';
import type { ListCommand } from '../../lists/command.ts';
import type { Authenticator, Identity } from './authentication.ts';
import { HttpFailure } from './failures.ts';
import { parseForm, parseQuery, type QueryParameters } from './query-string.ts';
import { sendError, sendJson } from './respond.ts';
import type { SessionPool } from './session-pool.ts';

const NO_BODY = Buffer.alloc(0);

export class ListRoute {
  readonly #gate: Gate;
  readonly #pool: SessionPool;
  readonly #authenticator: Authenticator;

  constructor(gate: Gate, pool: SessionPool, authenticator: Authenticator) {
    this.#gate = gate;
    this.#pool = pool;
    this.#authenticator = authenticator;
  }

  /** Answers at once where the gate does; never throws. */
  handle(request: IncomingMessage, response: ServerResponse, body: Buffer = NO_BODY): void {
    try {
      const identity = this.#authenticator.authenticate(request);
      const command = readCommand(request, body);
      const session = this.#pool.take(identity);
      let outcome: Outcome | Promise<Outcome>;
      try {
        outcome = session.execute({ kind: 'list', command });
      } catch (error) {
        this.#pool.giveBack(session, identity);
        throw error;
      }
      if (outcome instanceof Promise) {
        this.#whenSettled(outcome, session, identity, response);
        return;
      }
      this.#pool.giveBack(session, identity);
      sendJson(response, 200, listJson(outcome));
    } catch (error) {
      sendError(response, error);
    }
  }

  #whenSettled(outcome: Promise<Outcome>, session: Session, identity: Identity, response: ServerResponse): void {
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
      .then((settled) => sendJson(response, 200, listJson(settled)))
      .catch((error: unknown) => sendError(response, error));
  }
}

function listJson(outcome: Outcome): string {
  if (outcome.kind !== 'list') throw new TypeError(`a list command's outcome is '${outcome.kind}'`);
  return outcome.json;
}

function readCommand(request: IncomingMessage, body: Buffer): ListCommand {
  const url = request.url ?? '/';
  if (url.length > MAX_URL_BYTES)
    throw new HttpFailure(414, 'HTTP_URL_TOO_LONG', `the URL is longer than ${MAX_URL_BYTES} bytes`);
  const parameters = parseQuery(url);
  const formEncoded = isForm(request);
  if (parameters.some(([name]) => name === 'command')) {
    return { parameters, body: body.length === 0 ? '' : body.toString('utf8'), formEncoded };
  }
  // A long where may come as a form instead: POST with the parameters in the body.
  const form: QueryParameters = formEncoded && body.length > 0 ? parseForm(body.toString('latin1')) : [];
  if (form.some(([name]) => name === 'command'))
    return { parameters: [...parameters, ...form], body: '', formEncoded: false };
  throw failure('ER_BAD_PARAMETER', 'command is missing; try /?command=select&type=*&limit_max=10, or POST /v1/sql');
}

function isForm(request: IncomingMessage): boolean {
  return request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
}
