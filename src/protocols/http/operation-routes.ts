/** `/v1/status/*`, `/metrics`, `/v1/config`, KILL: for administrators of the whole server, but for /metrics, which any user may scrape. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { failure } from '../../errors.ts';
import type { Operations } from '../../gate/request.ts';
import { JsonScanner, JsonSyntaxError } from '../../util/json-scanner.ts';
import { JsonNumber, type JsonValue, readJsonValue } from '../../util/json-value.ts';
import type { Authenticator } from './authentication.ts';
import { HttpFailure } from './failures.ts';
import { readQuery } from './query-string.ts';
import { sendError, sendJson } from './respond.ts';
import type { Router, Routes } from './router.ts';
import { UrlParameters } from './url-parameters.ts';
import { utf8Text } from './utf8-text.ts';

const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export class OperationRoutes implements Routes {
  readonly #operations: Operations | null;
  readonly #authenticator: Authenticator;

  /** `operations`: null where nobody operates (a server within tests): then there is no such route. */
  constructor(operations: Operations | null, authenticator: Authenticator) {
    this.#operations = operations;
    this.#authenticator = authenticator;
  }

  addTo(router: Router): void {
    router.add('GET', '/v1/status', (request, response) => this.index(request, response));
    router.add('GET', '/v1/status/{page}', (request, response, _body, page) => this.page(request, response, page));
    router.add('POST', '/v1/status/queries/{id}/kill', (request, response, _body, id) =>
      this.kill(request, response, id),
    );
    router.add('GET', '/v1/config', (request, response) => this.config(request, response));
    router.add('PATCH', '/v1/config', (request, response, body) => this.configure(request, response, body));
    router.add('POST', '/v1/config/reload', (request, response) => this.reload(request, response));
    router.add('GET', '/metrics', (request, response) => this.metrics(request, response));
  }

  /** Which pages there are. */
  index(request: IncomingMessage, response: ServerResponse): void {
    this.#answer(request, response, ({ pages }) => ({ pages: [...pages, 'lists'].sort() }));
  }

  page(request: IncomingMessage, response: ServerResponse, page: string): void {
    this.#answer(request, response, (operations) => {
      const status = operations.status(page);
      if (status !== undefined) return status;
      const pages = [...operations.pages, 'lists'].sort().join(', ');
      throw new HttpFailure(404, 'HTTP_NOT_FOUND', `there is no status ${page}; there are ${pages}`);
    });
  }

  /** Ends the statement of a session, or with `?connection=true` the session. */
  kill(request: IncomingMessage, response: ServerResponse, id: string): void {
    const read = (given: UrlParameters): boolean => given.flag('connection') === true;
    this.#answerAsked(request, response, read, (operations, connection) => {
      const what = connection ? 'connection' : 'query';
      if (!/^\d{1,15}$/.test(id) || !operations.kill(Number(id), what)) throw failure('ER_NO_SUCH_THREAD', id);
      return { killed: Number(id), what };
    });
  }

  config(request: IncomingMessage, response: ServerResponse): void {
    this.#answer(request, response, (operations) => operations.config());
  }

  /** `{"max_result_rows": 500, "sluice_plan_cache": null}`: all or none; null is the default. */
  configure(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    this.#answer(request, response, (operations) => {
      operations.configure(readSettings(body));
      return operations.config();
    });
  }

  reload(request: IncomingMessage, response: ServerResponse): void {
    try {
      const operations = this.#operationsFor(request);
      parametersOf(request, () => null);
      operations
        .reload()
        .then(() => sendJson(response, 200, '{"reloaded":true}'))
        .catch((error: unknown) => {
          const message = error instanceof Error ? error.message : String(error);
          sendError(response, new HttpFailure(422, 'HTTP_BAD_CONFIG', `nothing has changed: ${message}`));
        });
    } catch (error) {
      sendError(response, error);
    }
  }

  metrics(request: IncomingMessage, response: ServerResponse): void {
    try {
      this.#authenticator.authenticate(request);
      if (this.#operations === null) throw new HttpFailure(404, 'HTTP_NOT_FOUND', 'there are no metrics here');
      const text = this.#operations.metrics();
      response.writeHead(200, ['content-type', PROMETHEUS_TYPE, 'content-length', String(Buffer.byteLength(text))]);
      response.end(text);
    } catch (error) {
      sendError(response, error);
    }
  }

  /** Takes no parameters. */
  #answer(request: IncomingMessage, response: ServerResponse, make: (operations: Operations) => unknown): void {
    this.#answerAsked(request, response, () => null, make);
  }

  /** `read` takes what it knows of the URL's parameters; any other is an error. */
  #answerAsked<Asked>(
    request: IncomingMessage,
    response: ServerResponse,
    read: (given: UrlParameters) => Asked,
    make: (operations: Operations, asked: Asked) => unknown,
  ): void {
    try {
      const operations = this.#operationsFor(request);
      sendJson(response, 200, JSON.stringify(make(operations, parametersOf(request, read))));
    } catch (error) {
      sendError(response, error);
    }
  }

  #operationsFor(request: IncomingMessage): Operations {
    const { user } = this.#authenticator.authenticate(request);
    if (this.#operations === null) throw new HttpFailure(404, 'HTTP_NOT_FOUND', 'this server has no such route');
    if (!this.#operations.mayOperate(user)) throw failure('ER_SPECIFIC_ACCESS_DENIED_ERROR', 'SUPER');
    return this.#operations;
  }
}

function parametersOf<Asked>(request: IncomingMessage, read: (given: UrlParameters) => Asked): Asked {
  const given = new UrlParameters(readQuery(request));
  const asked = read(given);
  given.end();
  return asked;
}

function readSettings(body: Buffer): Map<string, string | number | null> {
  const scanner = new JsonScanner(utf8Text(body, 'body'));
  let value: JsonValue;
  try {
    value = readJsonValue(scanner);
    scanner.end();
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw new HttpFailure(400, 'HTTP_BAD_JSON', `the body is no JSON: ${error.message}`);
  }
  if (!(value instanceof Map)) throw new HttpFailure(400, 'HTTP_BAD_JSON', 'the body is not a JSON object');
  const settings = new Map<string, string | number | null>();
  for (const [name, given] of value) {
    if (given === null || typeof given === 'string') settings.set(name, given);
    else if (typeof given === 'boolean') settings.set(name, given ? 1 : 0);
    else if (given instanceof JsonNumber && Number.isInteger(Number(given.text)))
      settings.set(name, Number(given.text));
    else throw failure('ER_WRONG_TYPE_FOR_VAR', name);
  }
  return settings;
}
