/** `GET/POST /?command=...`: TCSQL's protocol. The hot route. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { failure } from '../../errors.ts';
import type { Outcome } from '../../gate/request.ts';
import type { ListCommand } from '../../lists/command.ts';
import type { Authenticator } from './authentication.ts';
import type { PooledRequests } from './pooled-request.ts';
import { parseForm, type QueryParameters, readQuery } from './query-string.ts';
import { sendBinaryJson, sendError, sendJson } from './respond.ts';
import { utf8Text } from './utf8-text.ts';

const NO_BODY = Buffer.alloc(0);

export class ListRoute {
  readonly #requests: PooledRequests;
  readonly #authenticator: Authenticator;

  constructor(requests: PooledRequests, authenticator: Authenticator) {
    this.#requests = requests;
    this.#authenticator = authenticator;
  }

  /** Answers at once where the gate does; never throws. */
  handle(request: IncomingMessage, response: ServerResponse, body: Buffer = NO_BODY): void {
    try {
      const identity = this.#authenticator.authenticate(request);
      this.#requests.answer({ kind: 'list', command: readCommand(request, body) }, identity, response, sendList);
    } catch (error) {
      sendError(response, error);
    }
  }
}

function sendList(response: ServerResponse, outcome: Outcome): void {
  if (outcome.kind !== 'list') throw new TypeError(`a list command's outcome is '${outcome.kind}'`);
  if (outcome.isBinary) sendBinaryJson(response, outcome.json);
  else sendJson(response, 200, outcome.json);
}

function readCommand(request: IncomingMessage, body: Buffer): ListCommand {
  const parameters = readQuery(request);
  const formEncoded = isForm(request);
  if (parameters.some(([name]) => name === 'command')) {
    return { parameters, body: body.length === 0 ? '' : utf8Text(body, 'body'), formEncoded };
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
