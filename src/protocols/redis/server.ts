/**
 * Speaks Redis' protocol (RESP2 and RESP3) to stock clients, and nothing else: what commands do to the tree is keys/redis/'s affair, and goes through the gate.
 *
 * A socket is a Connection (connection.ts: order, pipelines, back pressure), whose commands are found in the table (commands/table.ts) and either answered here, with
 * what its Client (client.ts) and the server know, or asked of the tree. Promises that no input ends the server, that every session it opens is closed once,
 * and that a client that does not read costs no memory beyond its socket's buffer and one reply.
 *
 * Source of the formats and texts: Redis' protocol specification, and what redis-server 7.0 answers.
 */
import { randomBytes } from 'node:crypto';
import type { Server, Socket } from 'node:net';
import { failure } from '../../errors.ts';
import type { Gate } from '../../gate/request.ts';
import { MAX_SESSIONS } from '../../limits.ts';
import { listenOn, socketServer, type TlsKeys } from '../../util/socket-server.ts';
import type { Client } from './client.ts';
import { logInWithoutPassword } from './commands/connection-commands.ts';
import { Connection } from './connection.ts';
import { PubSub } from './pub-sub.ts';
import { errorText } from './redis-error.ts';
import { ScanCursors } from './scan-cursors.ts';
import type { ServerContext } from './server-context.ts';

const DRAIN_TIMEOUT_MS = 10_000;
/** A peer that has vanished without a word is noticed some minutes after this, and its session ended. */
const KEEP_ALIVE_MS = 60_000;
/** Bytes of a run's id, of which INFO shows 40 digits. */
const RUN_ID_BYTES = 20;

export interface RedisServerOptions {
  /** As `0.1.0`. */
  readonly serverVersion: string;
  readonly maxConnections?: number;
  /** Absent: plain connections. */
  readonly tls?: TlsKeys;
  /** How long close() waits for what runs. */
  readonly drainTimeoutMs?: number;
  readonly onUnexpectedError?: (error: unknown) => void;
}

export class RedisServer {
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  readonly #context: ServerContext;
  readonly #settings = new Map<string, string>();
  readonly #maxConnections: number;
  readonly #drainTimeoutMs: number;
  #closing: Promise<void> | null = null;
  #wakeEmpty: (() => void) | null = null;

  constructor(gate: Gate, options: RedisServerOptions) {
    this.#maxConnections = options.maxConnections ?? MAX_SESSIONS;
    this.#drainTimeoutMs = options.drainTimeoutMs ?? DRAIN_TIMEOUT_MS;
    const connections = this.#connections;
    this.#context = {
      gate,
      pubSub: new PubSub(),
      cursors: new ScanCursors(),
      settings: this.#settings,
      serverVersion: options.serverVersion,
      startedAt: Date.now(),
      runId: randomBytes(RUN_ID_BYTES).toString('hex'),
      counters: { connections: 0, commands: 0, refused: 0 },
      keyCount: null,
      *clients(): Generator<Client> {
        for (const { client } of connections) yield client;
      },
      onUnexpectedError: options.onUnexpectedError ?? (() => undefined),
    };
    this.#server = socketServer(
      { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS, allowHalfOpen: true },
      options.tls,
      (socket) => this.#accept(socket),
    );
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Resolves with the port: the one given, or, for 0, the one that the system chose. Rejects when it cannot be had. */
  async listen(port: number, host: string): Promise<number> {
    const bound = await listenOn(this.#server, port, host, (error) => this.#context.onUnexpectedError(error));
    this.#describe(bound, host);
    return bound;
  }

  /** What CONFIG GET shows: as the server is, in Redis' names. */
  #describe(port: number, host: string): void {
    const settings = {
      port,
      bind: host,
      databases: 1,
      maxclients: this.#maxConnections,
      timeout: 0,
      'tcp-keepalive': KEEP_ALIVE_MS / 1000,
      maxmemory: 0,
      'maxmemory-policy': 'noeviction',
      save: '',
      appendonly: 'yes',
      appendfsync: 'always',
      'notify-keyspace-events': '',
    };
    for (const [name, value] of Object.entries(settings)) this.#settings.set(name, String(value));
  }

  /** Takes no more connections, ends the others when what they asked for has been answered (after drainTimeoutMs at the latest). May be called again. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#connections) connection.end();
    const timer = setTimeout(() => {
      for (const connection of this.#connections) connection.destroy();
    }, this.#drainTimeoutMs);
    while (this.#connections.size > 0) {
      await new Promise<void>((resolve) => {
        this.#wakeEmpty = resolve;
      });
    }
    clearTimeout(timer);
    await closed;
  }

  #accept(socket: Socket): void {
    const { counters } = this.#context;
    counters.connections++;
    if (this.#closing !== null || this.#connections.size >= this.#maxConnections) {
      this.#refuse(socket, failure(this.#closing !== null ? 'ER_SERVER_SHUTDOWN' : 'ER_CON_COUNT_ERROR'));
      return;
    }
    const connection = new Connection(socket, this.#context, this.#forget);
    this.#connections.add(connection);
    try {
      logInWithoutPassword(connection.client);
    } catch (error) {
      this.#connections.delete(connection);
      this.#refuse(socket, error);
    }
  }

  #refuse(socket: Socket, error: unknown): void {
    this.#context.counters.refused++;
    socket.on('error', () => socket.destroy());
    socket.end(`-${errorText(error, this.#context.onUnexpectedError)}\r\n`, () => socket.destroy());
  }

  readonly #forget = (connection: Connection): void => {
    this.#connections.delete(connection);
    if (this.#connections.size > 0) return;
    this.#wakeEmpty?.();
    this.#wakeEmpty = null;
  };
}
