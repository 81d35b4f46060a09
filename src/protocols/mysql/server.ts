/**
 * Speaks MySQL's client/server protocol to stock clients and drivers, and nothing else: what a statement means is the gate's affair.
 *
 * A socket is a Channel (packets in, packets out, back pressure); a Channel with a client behind it is a Connection, which logs in
 * (login.ts) and then serves commands by the table in commands.ts. Results are encoded by results.ts. It relies on the gate for everything
 * but bytes, and promises that no input ends the server, that every session it opens is closed once, and that a client that does not read
 * costs no memory beyond its socket's buffer.
 *
 * Source of the formats: the MySQL Source Code Documentation, "Client/Server Protocol".
 */
import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import { failure } from '../../errors.ts';
import type { Gate } from '../../gate/request.ts';
import { MAX_ALLOWED_PACKET_BYTES, MAX_SESSIONS } from '../../limits.ts';
import { BufferPool } from '../../util/mysql-packets/buffer-pool.ts';
import { PacketWriter } from '../../util/mysql-packets/packet-writer.ts';
import { listenOn } from '../../util/socket-server.ts';
import { type AuthPlugin, NATIVE_PASSWORD } from './authentication.ts';
import { Connection, type ConnectionContext } from './connection.ts';
import { writeError } from './responses.ts';
import { LazyRsaKeys } from './rsa-keys.ts';

const HANDSHAKE_TIMEOUT_MS = 10_000;
const WRITE_TIMEOUT_MS = 60_000;
const DRAIN_TIMEOUT_MS = 10_000;
/** A peer that has vanished without a word is noticed some minutes after this, and its session ended. */
const KEEP_ALIVE_MS = 60_000;

export interface MysqlServerOptions {
  /** As `8.0.42-Sluice-0.1.0`: drivers read the leading number. */
  readonly serverVersion: string;
  /** PEM texts. Without them the server does not offer TLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly maxAllowedPacketBytes?: number;
  /** Sockets accepted at once, those before their login included. */
  readonly maxConnections?: number;
  /** The plugin that the greeting proposes. Clients may use the other one. */
  readonly authPlugin?: AuthPlugin;
  /** From the connect to the login's end. */
  readonly handshakeTimeoutMs?: number;
  /** How long a client may take nothing of an answer that waits for it. */
  readonly writeTimeoutMs?: number;
  /** How long close() waits for running statements. */
  readonly drainTimeoutMs?: number;
  /** The ids that greetings tell, which clients use for KILL: those that the gate will give the sessions. Default: 1, 2, 3... */
  readonly nextConnectionId?: () => number;
  readonly onUnexpectedError?: (error: unknown) => void;
}

export class MysqlServer {
  readonly #server: Server;
  readonly #context: ConnectionContext;
  readonly #connections = new Set<Connection>();
  readonly #maxConnections: number;
  readonly #drainTimeoutMs: number;
  readonly #nextConnectionId: () => number;
  readonly #startedAt = performance.now();
  #lastConnectionId = 0;
  #commands = 0;
  #closing: Promise<void> | null = null;
  #wakeEmpty: (() => void) | null = null;

  constructor(gate: Gate, options: MysqlServerOptions) {
    this.#maxConnections = options.maxConnections ?? MAX_SESSIONS;
    this.#drainTimeoutMs = options.drainTimeoutMs ?? DRAIN_TIMEOUT_MS;
    this.#nextConnectionId = options.nextConnectionId ?? (() => ++this.#lastConnectionId);
    this.#context = {
      gate,
      serverVersion: options.serverVersion,
      authPlugin: options.authPlugin ?? NATIVE_PASSWORD,
      secureContext: options.tls === undefined ? null : createSecureContext(options.tls),
      keys: new LazyRsaKeys(),
      pool: new BufferPool(),
      maxAllowedPacketBytes: options.maxAllowedPacketBytes ?? MAX_ALLOWED_PACKET_BYTES,
      handshakeTimeoutMs: options.handshakeTimeoutMs ?? HANDSHAKE_TIMEOUT_MS,
      writeTimeoutMs: options.writeTimeoutMs ?? WRITE_TIMEOUT_MS,
      statistics: () => this.#statistics(),
      onUnexpectedError: options.onUnexpectedError ?? (() => undefined),
      countCommand: () => {
        this.#commands++;
      },
    };
    this.#server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS }, (socket) =>
      this.#accept(socket),
    );
  }

  /** Open connections, those before their login included. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Resolves with the port: the one given, or, for 0, the one that the system chose. Rejects when it cannot be had. */
  listen(port: number, host: string): Promise<number> {
    return listenOn(this.#server, port, host, this.#context.onUnexpectedError);
  }

  /**
   * Takes no more connections, closes the idle ones with ER_SERVER_SHUTDOWN, waits for what runs (at most drainTimeoutMs), and ends the
   * rest. Afterwards no connection and no session is left. May be called again.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#connections) connection.shutDown(failure('ER_SERVER_SHUTDOWN'));
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
    if (this.#closing !== null || this.#connections.size >= this.#maxConnections) {
      this.#refuse(socket);
      return;
    }
    const connection = new Connection(socket, this.#nextConnectionId(), this.#context, this.#forget);
    this.#connections.add(connection);
  }

  #refuse(socket: Socket): void {
    const out = new PacketWriter(this.#context.pool);
    writeError(out, failure(this.#closing !== null ? 'ER_SERVER_SHUTDOWN' : 'ER_CON_COUNT_ERROR'));
    socket.on('error', () => socket.destroy());
    socket.end(out.copy(), () => socket.destroy());
  }

  readonly #forget = (connection: Connection): void => {
    this.#connections.delete(connection);
    if (this.#connections.size > 0) return;
    this.#wakeEmpty?.();
    this.#wakeEmpty = null;
  };

  #statistics(): string {
    const seconds = Math.floor((performance.now() - this.#startedAt) / 1000);
    const perSecond = (this.#commands / Math.max(1, seconds)).toFixed(3);
    return `Uptime: ${seconds}  Threads: ${this.#connections.size}  Questions: ${this.#commands}  Slow queries: 0  Opens: 0  Flush tables: 0  Open tables: 0  Queries per second avg: ${perSecond}`;
  }
}
