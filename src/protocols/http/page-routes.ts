/** `GET /v1/lists/{table}`: a page of a list as typed JSON, or, as an event stream, what changes in it. `GET /v1/status/lists`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { failure } from '../../errors.ts';
import type { Gate, Outcome } from '../../gate/request.ts';
import type { ListCommand } from '../../lists/command.ts';
import type { Authenticator } from './authentication.ts';
import { type EventStreams, takeLastEventId } from './event-streams.ts';
import type { PooledRequests } from './pooled-request.ts';
import { type QueryParameters, readQuery } from './query-string.ts';
import { sendBinaryJson, sendError, sendJson } from './respond.ts';
import type { Router, Routes } from './router.ts';

const EVENT_STREAM = 'text/event-stream';

export class PageRoutes implements Routes {
  readonly #gate: Gate;
  readonly #requests: PooledRequests;
  readonly #authenticator: Authenticator;
  readonly #streams: EventStreams;

  constructor(gate: Gate, requests: PooledRequests, authenticator: Authenticator, streams: EventStreams) {
    this.#gate = gate;
    this.#requests = requests;
    this.#authenticator = authenticator;
    this.#streams = streams;
  }

  addTo(router: Router): void {
    router.add('GET', '/v1/lists/{table}', (request, response, _body, table) => this.list(request, response, table));
    router.add('GET', '/v1/status/lists', (request, response) => this.statistics(request, response));
  }

  /** Never throws. */
  list(request: IncomingMessage, response: ServerResponse, table: string): void {
    try {
      const identity = this.#authenticator.authenticate(request);
      const parameters = readQuery(request);
      if (wantsEvents(request)) {
        const { lastEventId, others } = takeLastEventId(request, parameters);
        const command = pageCommand(table, others);
        this.#streams.open(request, response, identity, (session) => session.subscribe(command, lastEventId));
      } else
        this.#requests.answer({ kind: 'page', command: pageCommand(table, parameters) }, identity, response, sendPage);
    } catch (error) {
      sendError(response, error);
    }
  }

  /** Never throws. */
  statistics(request: IncomingMessage, response: ServerResponse): void {
    try {
      this.#authenticator.authenticate(request);
      sendJson(response, 200, JSON.stringify(this.#gate.listStatistics()));
    } catch (error) {
      sendError(response, error);
    }
  }
}

function wantsEvents(request: IncomingMessage): boolean {
  return request.headers.accept?.includes(EVENT_STREAM) === true;
}

/** What the gate checks, with the table from the path. */
function pageCommand(table: string, parameters: QueryParameters): ListCommand {
  if (table === '') throw failure('ER_BAD_PARAMETER', 'table: the path ends where its name is expected');
  if (parameters.some(([name]) => name === 'table')) throw failure('ER_BAD_PARAMETER', 'table: it is in the path');
  return { parameters: [['table', table], ...parameters], body: '', formEncoded: false };
}

function sendPage(response: ServerResponse, outcome: Outcome): void {
  if (outcome.kind !== 'page') throw new TypeError(`a page's outcome is '${outcome.kind}'`);
  const count = outcome.count === null ? '' : `"count":${outcome.count},`;
  sendBinaryJson(response, `{"rows":${outcome.rowsJson},${count}"seq":${outcome.sequence}}`);
}
