/**
 * AvenirSQL's protocol: JSON documents over TCP, and nothing else; what a statement means is the gate's affair.
 *
 *     {"user":"root","password":"","type":"login"}             ->  {"code":0,"message":"success","data":"<sign>"}
 *     {"sign":"<sign>","type":"sql","data":"select ..."}       ->  {"code":0,"message":"success","data":[{"id":"1", ...}]}
 *
 * document-reader.ts finds documents in the bytes, request.ts reads them, signs.ts knows who is logged in, answer.ts writes. It promises that no input
 * ends the server, that each document gets one answer in its order, and that clients which do not read, do not finish or log in without end cost no
 * more than the limits say.
 */
import type { Server, Socket } from 'node:net';
import { failure } from '../../errors.ts';
import type { Gate } from '../../gate/request.ts';
import { MAX_JSON_CONNECTIONS, MAX_JSON_DOCUMENT_BYTES, MAX_JSON_UNFINISHED_BYTES } from '../../limits.ts';
import { listenOn, socketServer, type TlsKeys } from '../../util/socket-server.ts';
import { failureAnswer } from './answer.ts';
import { type ConnectionContext, JsonConnection, type JsonTimeouts } from './connection.ts';
import { Signs } from './signs.ts';

export interface JsonServerOptions {
  /** Absent: plain connections. */
  readonly tls?: TlsKeys;
  /** Asked after each answer; false: the connection is closed. */
  readonly keepAlive?: () => boolean;
  /** Seconds after which an unused sign expires. */
  readonly signTimeoutSeconds?: () => number;
  readonly timeouts?: Partial<JsonTimeouts>;
  readonly maxDocumentBytes?: number;
  readonly maxUnfinishedBytes?: number;
  readonly maxConnections?: number;
  /** How long close() waits for running statements. */
  readonly drainMs?: number;
  readonly onUnexpectedError?: (error: unknown) => void;
}

const TIMEOUTS: JsonTimeouts = { documentMs: 30_000, idleMs: 8 * 60 * 60_000, writeMs: 60_000 };
const SIGN_TIMEOUT_SECONDS = 3600;
const DRAIN_MS = 10_000;
const KEEP_ALIVE_MS = 60_000;

export class JsonServer {
  readonly #server: Server;
  readonly #signs: Signs;
  readonly #context: ConnectionContext;
  readonly #connections = new Set<JsonConnection>();
  readonly #maxConnections: number;
  readonly #drainMs: number;
  readonly #onUnexpectedError: (error: unknown) => void;
  #unfinishedBytes = 0;
  #closing: Promise<void> | null = null;
  #onEmpty: (() => void) | null = null;

  constructor(gate: Gate, options: JsonServerOptions = {}) {
    this.#signs = new Signs(gate, options.signTimeoutSeconds ?? (() => SIGN_TIMEOUT_SECONDS));
    this.#maxConnections = options.maxConnections ?? MAX_JSON_CONNECTIONS;
    this.#drainMs = options.drainMs ?? DRAIN_MS;
    this.#onUnexpectedError = options.onUnexpectedError ?? (() => undefined);
    const unfinishedMax = options.maxUnfinishedBytes ?? MAX_JSON_UNFINISHED_BYTES;
    this.#context = {
      gate,
      signs: this.#signs,
      keepAlive: options.keepAlive ?? (() => true),
      timeouts: { ...TIMEOUTS, ...options.timeouts },
      maxDocumentBytes: options.maxDocumentBytes ?? MAX_JSON_DOCUMENT_BYTES,
      reserve: (bytes) => {
        if (bytes > 0 && this.#unfinishedBytes + bytes > unfinishedMax) return false;
        this.#unfinishedBytes += bytes;
        return true;
      },
    };
    // A client may end its half of the connection behind its request: it still gets the answer.
    const socketOptions = {
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
    };
    this.#server = socketServer(socketOptions, options.tls, (socket) => this.#accept(socket));
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  get signCount(): number {
    return this.#signs.size;
  }

  /** Resolves with the port: the one given, or, for 0, the one that the system chose. Rejects when it cannot be had. */
  listen(port: number, host: string): Promise<number> {
    return listenOn(this.#server, port, host, this.#onUnexpectedError);
  }

  /** Takes no more connections and documents, waits for what runs (at most drainMs), ends the rest. May be called again. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#connections) connection.finish();
    const timer = setTimeout(() => {
      for (const connection of this.#connections) connection.destroy();
    }, this.#drainMs);
    if (this.#connections.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
      });
    }
    clearTimeout(timer);
    this.#signs.close();
    await closed;
  }

  #accept(socket: Socket): void {
    if (this.#closing !== null || this.#connections.size >= this.#maxConnections) {
      const reason = failure(this.#closing !== null ? 'ER_SERVER_SHUTDOWN' : 'ER_CON_COUNT_ERROR');
      socket.on('error', () => socket.destroy());
      socket.end(failureAnswer(reason), () => socket.destroy());
      return;
    }
    this.#connections.add(new JsonConnection(socket, this.#context, (connection) => this.#forget(connection)));
  }

  #forget(connection: JsonConnection): void {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#onEmpty?.();
  }
}
