/** `GET/POST /?command=...`: TCSQL's protocol. The hot route. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { failure } from '../../errors.ts';
import type { Outcome } from '../../gate/request.ts';
import type { ListCommand } from '../../lists/command.ts';
import type { Authenticator } from './authentication.ts';
import type { PlainConnection } from './plain-connection.ts';
import type { PlainHead } from './plain-head.ts';
import type { LaterAnswers, PooledRequests } from './pooled-request.ts';
import { checkedUrl, parseForm, parseQuery, type QueryParameters } from './query-string.ts';
import { sendBinaryJson, sendError, sendJson } from './respond.ts';
import type { Router, Routes } from './router.ts';
import { utf8Text } from './utf8-text.ts';

const NO_BODY = Buffer.alloc(0);

export class ListRoute implements Routes {
  readonly #requests: PooledRequests;
  readonly #authenticator: Authenticator;

  constructor(requests: PooledRequests, authenticator: Authenticator) {
    this.#requests = requests;
    this.#authenticator = authenticator;
  }

  addTo(router: Router): void {
    router.add('GET', '/', (request, response) => this.handle(request, response));
    router.add('POST', '/', (request, response, body) => this.handle(request, response, body));
  }

  /** Answers at once where the gate does; never throws. */
  handle(request: IncomingMessage, response: ServerResponse, body: Buffer = NO_BODY): void {
    try {
      const identity = this.#authenticator.authenticate(request);
      const command = body.length === 0 ? new UrlCommand(checkedUrl(request)) : readCommand(request, body);
      this.#requests.answer({ kind: 'list', command }, identity, response, sendList);
    } catch (error) {
      sendError(response, error);
    }
  }

  /** The same for a request that was read by hand. */
  handlePlain({ url, authorization }: PlainHead, connection: PlainConnection): void {
    try {
      const identity = this.#authenticator.authenticate({ socket: connection.socket, headers: { authorization } });
      const command = new UrlCommand(checkedUrl({ url }));
      this.#requests.answerOn(PLAIN, { kind: 'list', command }, identity, connection, sendPlainList);
    } catch (error) {
      connection.sendError(error);
    }
  }
}

/** On a connection that is read here. */
const PLAIN: LaterAnswers<PlainConnection> = {
  onClose(connection, listener) {
    connection.onClose = listener;
    return () => {
      connection.onClose = null;
    };
  },
  fail: (connection, thrown) => connection.sendError(thrown),
};

/** A command that is all in its URL. Its parameters are read when they are asked for: mostly its plan is known (lists/cut-query.ts). */
class UrlCommand implements ListCommand {
  readonly query: string;
  readonly body = '';
  readonly formEncoded = false;
  readonly #url: string;
  #parameters: QueryParameters | null = null;

  constructor(url: string) {
    this.#url = url;
    this.query = url.slice(url.indexOf('?') + 1 || url.length);
  }

  get parameters(): QueryParameters {
    if (this.#parameters === null) {
      this.#parameters = parseQuery(this.#url);
      if (!namesCommand(this.#parameters)) throw withoutCommand();
    }
    return this.#parameters;
  }
}

function namesCommand(parameters: QueryParameters): boolean {
  return parameters.some(([name]) => name === 'command');
}

function withoutCommand(): Error {
  return failure('ER_BAD_PARAMETER', 'command is missing; try /?command=select&type=*&limit_max=10, or POST /v1/sql');
}

function sendList(response: ServerResponse, outcome: Outcome): void {
  if (outcome.kind !== 'list') throw new TypeError(`a list command's outcome is '${outcome.kind}'`);
  if (outcome.isBinary) sendBinaryJson(response, outcome.json);
  else sendJson(response, 200, outcome.json);
}

function sendPlainList(connection: PlainConnection, outcome: Outcome): void {
  if (outcome.kind !== 'list') throw new TypeError(`a list command's outcome is '${outcome.kind}'`);
  if (outcome.isBinary) connection.sendBinaryJson(outcome.json);
  else connection.sendJson(200, outcome.json);
}

function readCommand(request: IncomingMessage, body: Buffer): ListCommand {
  const parameters = parseQuery(checkedUrl(request));
  const formEncoded = isForm(request);
  if (namesCommand(parameters)) return { parameters, body: utf8Text(body, 'body'), formEncoded };
  // A long where may come as a form instead: POST with the parameters in the body.
  const form: QueryParameters = formEncoded ? parseForm(body.toString('latin1')) : [];
  if (namesCommand(form)) return { parameters: [...parameters, ...form], body: '', formEncoded: false };
  throw withoutCommand();
}

function isForm(request: IncomingMessage): boolean {
  return request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
}
