/** `GET /v1/lists/{table}`: a page of a list as typed JSON, or, as an event stream, what changes in it. `GET /v1/status/lists`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { failure } from '../../errors.ts';
import type { Gate, Outcome } from '../../gate/request.ts';
import { MAX_SUBSCRIPTIONS } from '../../limits.ts';
import type { ListCommand } from '../../lists/command.ts';
import type { Authenticator } from './authentication.ts';
import { EventStream } from './event-stream.ts';
import { HttpFailure } from './failures.ts';
import type { PooledRequests } from './pooled-request.ts';
import { type QueryParameters, readQuery } from './query-string.ts';
import { sendBinaryJson, sendError, sendJson } from './respond.ts';

export interface PageRouteOptions {
  readonly heartbeatMs?: number;
  readonly maxSubscriptions?: number;
}

const EVENT_STREAM = 'text/event-stream';
const HEARTBEAT_MS = 15_000;
/** What a client that cannot set headers says instead of `Last-Event-ID`. */
const LAST_EVENT_ID = 'last_event_id';

export class PageRoutes {
  readonly #gate: Gate;
  readonly #requests: PooledRequests;
  readonly #authenticator: Authenticator;
  readonly #heartbeatMs: number;
  readonly #maxSubscriptions: number;
  readonly #streams = new Set<EventStream>();
  #closing = false;

  constructor(gate: Gate, requests: PooledRequests, authenticator: Authenticator, options: PageRouteOptions) {
    this.#gate = gate;
    this.#requests = requests;
    this.#authenticator = authenticator;
    this.#heartbeatMs = options.heartbeatMs ?? HEARTBEAT_MS;
    this.#maxSubscriptions = options.maxSubscriptions ?? MAX_SUBSCRIPTIONS;
  }

  /** Never throws. */
  list(request: IncomingMessage, response: ServerResponse, table: string): void {
    try {
      const identity = this.#authenticator.authenticate(request);
      const parameters = readQuery(request);
      if (wantsEvents(request)) this.#subscribe(request, response, identity, table, parameters);
      else
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

  /** Ends all streams: their clients come back to whoever listens then. */
  close(): void {
    this.#closing = true;
    for (const stream of [...this.#streams]) stream.end('the server stops');
  }

  /** A stream has a session of its own, so that SHOW PROCESSLIST tells of it and KILL ends it. */
  #subscribe(
    request: IncomingMessage,
    response: ServerResponse,
    { user, host }: ReturnType<Authenticator['authenticate']>,
    table: string,
    parameters: QueryParameters,
  ): void {
    if (this.#closing) throw failure('ER_SERVER_SHUTDOWN');
    if (this.#streams.size >= this.#maxSubscriptions) {
      const message = `${this.#maxSubscriptions} lists are subscribed to already`;
      throw new HttpFailure(503, 'HTTP_TOO_MANY_SUBSCRIPTIONS', message);
    }
    const others = parameters.filter(([name]) => name !== LAST_EVENT_ID);
    const after = lastEventId(request, parameters);
    const session = this.#gate.openSession({ user, host, protocol: 'http' });
    try {
      const messages = session.subscribe(pageCommand(table, others), after);
      const stream = new EventStream(response, messages, {
        heartbeatMs: this.#heartbeatMs,
        onClose: () => {
          this.#streams.delete(stream);
          session.close();
        },
      });
      this.#streams.add(stream);
      session.onKill = (reason) => stream.end(reason.message);
      stream.start();
      if (request.method === 'HEAD') stream.end('HEAD');
    } catch (error) {
      session.close();
      throw error;
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

/** The header wins: browsers keep it current when they connect again to the same URL. Empty is none. */
function lastEventId(request: IncomingMessage, parameters: QueryParameters): string | null {
  const given = parameters.filter(([name]) => name === LAST_EVENT_ID);
  if (given.length > 1) throw failure('ER_BAD_PARAMETER', `${LAST_EVENT_ID} is given twice`);
  const header = request.headers['last-event-id'];
  return (typeof header === 'string' && header) || given[0]?.[1] || null;
}

function sendPage(response: ServerResponse, outcome: Outcome): void {
  if (outcome.kind !== 'page') throw new TypeError(`a page's outcome is '${outcome.kind}'`);
  const count = outcome.count === null ? '' : `"count":${outcome.count},`;
  sendBinaryJson(response, `{"rows":${outcome.rowsJson},${count}"seq":${outcome.sequence}}`);
}
