/**
 * HTTP: TCSQL's list protocol at `/`, SQL, typed and live lists at `/v1/`, probes. Bytes to requests and back, nothing else: every request goes through a session of
 * the gate. Fastify routes, reads bodies and limits; answers are written to the raw response (respond.ts), because the hot route must
 * stay close to a bare node:http server.
 */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerOptions,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { Gate, Operations } from '../../gate/request.ts';
import { MAX_HTTP_BODY_BYTES, MAX_URL_BYTES } from '../../limits.ts';
import { Authenticator } from './authentication.ts';
import { EventStreams } from './event-streams.ts';
import { errorAnswer, HttpFailure } from './failures.ts';
import { refuseForeignPages } from './foreign-pages.ts';
import { KeyRoutes } from './key-routes.ts';
import { ListRoute } from './list-route.ts';
import { OperationRoutes } from './operation-routes.ts';
import { PageRoutes } from './page-routes.ts';
import { PlainConnections } from './plain-connections.ts';
import { PooledRequests } from './pooled-request.ts';
import { ProbeRoutes } from './probe-routes.ts';
import { PsdbRoutes } from './psdb-routes.ts';
import { type ParserFailure, rawResponse, readRawRequest } from './raw-url.ts';
import { sendError } from './respond.ts';
import { Router, type Routes } from './router.ts';
import { SqlRoutes } from './sql-routes.ts';
import { StatementSessions } from './statement-sessions.ts';

export interface HttpServerOptions {
  /** A kept session that is idle for so long is rolled back and forgotten. */
  readonly sessionIdleMs?: number;
  readonly maxBodyBytes?: number;
  /** A subscriber hears at least a comment this often. */
  readonly heartbeatMs?: number;
  readonly maxSubscriptions?: number;
  /** How long close() waits for running requests. */
  readonly drainMs?: number;
  /** PEM; absent: plain HTTP. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** What operators see and change; absent: nothing. */
  readonly operations?: Operations;
  /** What /readyz says; ready as soon as it listens unless given. */
  readonly isReady?: () => boolean;
}

const SESSION_IDLE_MS = 60_000;
/** Browsers and proxies keep theirs for about a minute; the server's must not be the shorter one. */
const KEEP_ALIVE_MS = 72_000;
/** A client that sends its head, or its body, more slowly than this is sent away. */
const HEADERS_TIMEOUT_MS = 20_000;
const REQUEST_TIMEOUT_MS = 300_000;
/** Other headers than the URL. */
const HEADERS_BYTES = 32 * 1024;
const HTTP_OPTIONS: ServerOptions = {
  keepAliveTimeout: KEEP_ALIVE_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  headersTimeout: HEADERS_TIMEOUT_MS,
  maxHeaderSize: MAX_URL_BYTES + HEADERS_BYTES,
};
/** Connections that the kernel may hold until they are accepted: ten thousand clients come at once. */
const BACKLOG = 8192;
const DRAIN_MS = 10_000;
const IDLE_SWEEP_MS = 20;

export class HttpServer {
  readonly #fastify: FastifyInstance;
  readonly #lists: ListRoute;
  readonly #streams: EventStreams;
  readonly #sessions: StatementSessions;
  readonly #router: Router;
  readonly #drainMs: number;
  /** null: over TLS Node's own server reads every request. */
  readonly #plain: PlainConnections | null;
  #closing = false;

  constructor(gate: Gate, options: HttpServerOptions = {}) {
    const { tls } = options;
    const authenticator = new Authenticator(gate.accounts);
    this.#sessions = new StatementSessions(gate, options.sessionIdleMs ?? SESSION_IDLE_MS);
    const requests = new PooledRequests(gate, this.#sessions.pool);
    this.#lists = new ListRoute(requests, authenticator);
    this.#streams = new EventStreams(gate, options);
    this.#drainMs = options.drainMs ?? DRAIN_MS;
    this.#fastify = Fastify({
      bodyLimit: options.maxBodyBytes ?? MAX_HTTP_BODY_BYTES,
      // The query is read by query-string.ts, where it is needed.
      routerOptions: { querystringParser: () => ({}), maxParamLength: MAX_URL_BYTES },
      forceCloseConnections: 'idle',
      clientErrorHandler: (error, socket) => this.#answerClientError(error, socket),
      frameworkErrors: (error, _request, reply) => void replyError(reply, error),
      serverFactory: (handler) => {
        const route: RequestListener = (request, response) => this.#route(request, response, handler);
        return tls === undefined
          ? createServer(HTTP_OPTIONS, route)
          : createTlsServer({ ...HTTP_OPTIONS, ...tls }, route);
      },
    });
    this.#plain = tls === undefined ? this.#plainConnections() : null;
    this.#takeOver();
    this.#router = new Router(this.#fastify);
    const isReady = options.isReady ?? (() => true);
    const families: readonly Routes[] = [
      this.#lists,
      new PageRoutes(gate, requests, authenticator, this.#streams),
      new SqlRoutes(this.#sessions, authenticator),
      new KeyRoutes(requests, this.#sessions, authenticator, this.#streams),
      new PsdbRoutes(this.#sessions, authenticator),
      new OperationRoutes(options.operations ?? null, authenticator),
      new ProbeRoutes(() => isReady() && !this.#closing),
    ];
    for (const family of families) family.addTo(this.#router);
  }

  #plainConnections(): PlainConnections {
    return new PlainConnections(this.#fastify.server, {
      answer: (head, connection) => this.#lists.handlePlain(head, connection),
      keepAliveMs: KEEP_ALIVE_MS,
      firstRequestMs: HEADERS_TIMEOUT_MS,
    });
  }

  /** As `GET /v1/keys/{path}`. */
  get routes(): readonly string[] {
    return this.#router.registered;
  }

  /** Accepts connections; gives the port, which matters for port 0. */
  async listen(port: number, host: string): Promise<number> {
    await this.#fastify.listen({ port, host, backlog: BACKLOG });
    const address = this.#fastify.server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  /** Ends subscriptions, lets running requests end, for at most `drainMs`, then ends their sessions. */
  async close(): Promise<void> {
    this.#closing = true;
    const { server } = this.#fastify;
    // Connections that were busy when the closing began become idle later.
    const sweeping = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
    this.#plain?.close();
    this.#streams.close();
    const drained = setTimeout(() => {
      this.#plain?.destroy();
      server.closeAllConnections();
    }, this.#drainMs);
    try {
      await this.#fastify.close();
    } finally {
      clearInterval(sweeping);
      clearTimeout(drained);
      this.#sessions.close();
    }
  }

  /** The hot route goes by Fastify's side: what Fastify does for it takes as long as finding the answer. */
  #route(request: IncomingMessage, response: ServerResponse, fastify: RequestListener): void {
    const { headers } = request;
    if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined) {
      try {
        refuseForeignPages(request);
      } catch (error) {
        sendError(response, error);
        return;
      }
    }
    if (request.method === 'GET' && request.url?.startsWith('/?') === true && !hasBody(request))
      this.#lists.handle(request, response);
    else fastify(request, response);
  }

  /** Bodies and failures are the routes' own affair. */
  #takeOver(): void {
    const fastify = this.#fastify;
    // Every body is taken as bytes: what it is, the route knows.
    fastify.removeAllContentTypeParsers();
    fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    fastify.setErrorHandler((error, _request, reply) => replyError(reply, error));
    fastify.setNotFoundHandler((request, reply) => {
      replyError(reply, new HttpFailure(404, 'HTTP_NOT_FOUND', `there is no ${request.method} ${pathOf(request.raw)}`));
    });
  }

  /** What Node's parser refuses has no response yet: the answer is written to the socket. */
  #answerClientError(error: ParserFailure, socket: Socket): void {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const request = readRawRequest(error, socket);
    if (request !== null && pathOf(request) === '/') {
      this.#lists.handle(request, rawResponse(request, socket));
      return;
    }
    const { status, json } = errorAnswer(clientFailure(error));
    const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/json; charset=utf-8`;
    socket.end(`${head}\r\ncontent-length: ${Buffer.byteLength(json)}\r\nconnection: close\r\n\r\n${json}`);
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

function replyError(reply: FastifyReply, error: unknown): void {
  reply.hijack();
  sendError(reply.raw, error);
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0]?.slice(0, 200) ?? '/';
}

function clientFailure(error: ParserFailure): HttpFailure {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return new HttpFailure(
        431,
        'HTTP_HEADERS_TOO_LARGE',
        `the URL and headers exceed ${MAX_URL_BYTES + HEADERS_BYTES} bytes`,
      );
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new HttpFailure(408, 'HTTP_REQUEST_TIMEOUT', 'the request did not arrive in time');
    case 'HPE_INVALID_URL':
      return new HttpFailure(400, 'HTTP_BAD_REQUEST', 'the URL holds bytes that must be percent-encoded');
    default:
      return new HttpFailure(400, 'HTTP_BAD_REQUEST', `no HTTP request: ${error.message}`);
  }
}
