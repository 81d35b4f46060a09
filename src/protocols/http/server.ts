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
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
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
import { PsdbRoutes } from './psdb-routes.ts';
import { type ParserFailure, rawResponse, readRawRequest } from './raw-url.ts';
import { sendError, sendJson } from './respond.ts';
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
const NO_BODY = Buffer.alloc(0);

export class HttpServer {
  readonly #fastify: FastifyInstance;
  readonly #lists: ListRoute;
  readonly #pages: PageRoutes;
  readonly #streams: EventStreams;
  readonly #sql: SqlRoutes;
  readonly #psdb: PsdbRoutes;
  readonly #keys: KeyRoutes;
  readonly #operations: OperationRoutes;
  readonly #sessions: StatementSessions;
  readonly #isReady: () => boolean;
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
    this.#pages = new PageRoutes(gate, requests, authenticator, this.#streams);
    this.#sql = new SqlRoutes(this.#sessions, authenticator);
    this.#psdb = new PsdbRoutes(this.#sessions, authenticator);
    this.#keys = new KeyRoutes(requests, this.#sessions, authenticator, this.#streams);
    this.#operations = new OperationRoutes(options.operations ?? null, authenticator);
    this.#isReady = options.isReady ?? (() => true);
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
    this.#addRoutes();
  }

  #plainConnections(): PlainConnections {
    return new PlainConnections(this.#fastify.server, {
      answer: (head, connection) => this.#lists.handlePlain(head, connection),
      keepAliveMs: KEEP_ALIVE_MS,
      firstRequestMs: HEADERS_TIMEOUT_MS,
    });
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

  #addRoutes(): void {
    const fastify = this.#fastify;
    // Every body is taken as bytes: what it is, the route knows.
    fastify.removeAllContentTypeParsers();
    fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    fastify.setErrorHandler((error, _request, reply) => replyError(reply, error));
    fastify.setNotFoundHandler((request, reply) => {
      replyError(reply, new HttpFailure(404, 'HTTP_NOT_FOUND', `there is no ${request.method} ${pathOf(request.raw)}`));
    });
    fastify.get(
      '/',
      raw((request, response) => this.#lists.handle(request, response)),
    );
    fastify.post(
      '/',
      raw((request, response, body) => this.#lists.handle(request, response, body)),
    );
    fastify.get<{ Params: { table: string } }>('/v1/lists/:table', (request, reply) => {
      reply.hijack();
      this.#pages.list(request.raw, reply.raw, request.params.table);
    });
    fastify.get(
      '/v1/status/lists',
      raw((request, response) => this.#pages.statistics(request, response)),
    );
    fastify.post(
      '/v1/sql',
      raw((request, response, body) => void this.#sql.sql(request, response, body)),
    );
    fastify.post(
      '/v1/batch',
      raw((request, response, body) => void this.#sql.batch(request, response, body)),
    );
    fastify.delete<{ Params: { token: string } }>('/v1/sessions/:token', (request, reply) => {
      reply.hijack();
      this.#sql.endSession(request.raw, reply.raw, request.params.token);
    });
    this.#addKeyRoutes();
    fastify.post(
      '/psdb.v1alpha1.Database/Execute',
      raw((request, response, body) => void this.#psdb.execute(request, response, body)),
    );
    fastify.post(
      '/psdb.v1alpha1.Database/CreateSession',
      raw((request, response) => this.#psdb.createSession(request, response)),
    );
    this.#addOperationRoutes();
    fastify.get(
      '/healthz',
      raw((_request, response) => sendJson(response, 200, '{"status":"ok"}')),
    );
    fastify.get(
      '/readyz',
      raw((_request, response) => this.#sendReadiness(response)),
    );
  }

  #addKeyRoutes(): void {
    const fastify = this.#fastify;
    fastify.get(
      '/v1/keys',
      raw((request, response) => this.#keys.find(request, response)),
    );
    fastify.post(
      '/v1/keys',
      raw((request, response, body) => this.#keys.operation(request, response, body)),
    );
    fastify.post(
      '/v1/keys/batch',
      raw((request, response, body) => this.#keys.batch(request, response, body)),
    );
    fastify.post(
      '/v1/keys/transaction',
      raw((request, response, body) => this.#keys.transaction(request, response, body)),
    );
    fastify.get(
      '/v1/keys/watch',
      raw((request, response) => this.#keys.watch(request, response)),
    );
    fastify.get<{ Params: { path: string } }>('/v1/keys/:path', (request, reply) => {
      reply.hijack();
      this.#keys.get(request.raw, reply.raw, request.params.path);
    });
    fastify.put<{ Params: { path: string } }>('/v1/keys/:path', (request, reply) => {
      reply.hijack();
      this.#keys.put(request.raw, reply.raw, request.params.path, bodyOf(request));
    });
    fastify.delete<{ Params: { path: string } }>('/v1/keys/:path', (request, reply) => {
      reply.hijack();
      this.#keys.remove(request.raw, reply.raw, request.params.path);
    });
  }

  #addOperationRoutes(): void {
    const fastify = this.#fastify;
    const operations = this.#operations;
    fastify.get(
      '/v1/status',
      raw((request, response) => operations.index(request, response)),
    );
    fastify.get<{ Params: { page: string } }>('/v1/status/:page', (request, reply) => {
      reply.hijack();
      operations.page(request.raw, reply.raw, request.params.page);
    });
    fastify.post<{ Params: { id: string } }>('/v1/status/queries/:id/kill', (request, reply) => {
      reply.hijack();
      operations.kill(request.raw, reply.raw, request.params.id);
    });
    fastify.get(
      '/v1/config',
      raw((request, response) => operations.config(request, response)),
    );
    fastify.patch(
      '/v1/config',
      raw((request, response, body) => operations.configure(request, response, body)),
    );
    fastify.post(
      '/v1/config/reload',
      raw((request, response) => operations.reload(request, response)),
    );
    fastify.get(
      '/metrics',
      raw((request, response) => operations.metrics(request, response)),
    );
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

  #sendReadiness(response: ServerResponse): void {
    const ready = this.#isReady() && !this.#closing;
    if (ready) sendJson(response, 200, '{"status":"ready"}');
    else sendError(response, new HttpFailure(503, 'HTTP_NOT_READY', 'the server is starting or stopping'));
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

function bodyOf({ body }: FastifyRequest): Buffer {
  return Buffer.isBuffer(body) ? body : NO_BODY;
}

type RawHandler = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;

/** A route that answers by itself. */
function raw(handler: RawHandler): (request: FastifyRequest, reply: FastifyReply) => void {
  return (request, reply) => {
    reply.hijack();
    handler(request.raw, reply.raw, bodyOf(request));
  };
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
