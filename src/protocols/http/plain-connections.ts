/** All connections that are read here rather than by Node's HTTP server, and the time that they may be quiet. */
import assert from 'node:assert';
import type { Server, Socket } from 'node:net';
import { AnswerTurns } from './answer-turns.ts';
import { PlainConnection, type PlainHost } from './plain-connection.ts';
import type { PlainHead } from './plain-head.ts';

export interface PlainConnectionsOptions {
  /** Answers by the connection's send functions, at once or later, exactly once. Never throws. */
  answer(head: PlainHead, connection: PlainConnection): void;
  /** Between two requests. */
  readonly keepAliveMs: number;
  /** Before the first one. */
  readonly firstRequestMs: number;
}

const SWEEP_MS = 1_000;

export class PlainConnections {
  readonly #options: PlainConnectionsOptions;
  readonly #connections = new Set<PlainConnection>();
  readonly #sweeping: NodeJS.Timeout;
  #now = Date.now();
  #closing = false;

  /** `server`: an HTTP server to whose connections nobody but Node listens yet. */
  constructor(server: Server, options: PlainConnectionsOptions) {
    this.#options = options;
    const [takeOver, ...others] = server.listeners('connection') as ((socket: Socket) => void)[];
    assert.ok(takeOver !== undefined && others.length === 0, "connections of an HTTP server are Node's alone");
    server.removeListener('connection', takeOver);
    const connections = this;
    const turns = new AnswerTurns(options.answer);
    const host: PlainHost = {
      answer: turns.take,
      handOver: (socket) => takeOver.call(server, socket),
      forget: (connection) => this.#connections.delete(connection),
      keepAliveSeconds: Math.floor(options.keepAliveMs / 1_000),
      get now() {
        return connections.#now;
      },
    };
    server.on('connection', (socket: Socket) => {
      if (this.#closing) socket.destroy();
      else {
        turns.accepted();
        this.#connections.add(new PlainConnection(socket, host));
      }
    });
    this.#sweeping = setInterval(() => this.#sweep(), SWEEP_MS);
    this.#sweeping.unref();
  }

  #sweep(): void {
    this.#now = Date.now();
    const { keepAliveMs, firstRequestMs } = this.#options;
    for (const connection of this.#connections) {
      const quietMs = this.#now - connection.quietSince;
      if (!connection.isBusy && quietMs > (connection.hasAsked ? keepAliveMs : firstRequestMs)) connection.end();
    }
  }

  /** Those that wait for an answer get it first. */
  close(): void {
    this.#closing = true;
    clearInterval(this.#sweeping);
    for (const connection of this.#connections) connection.end();
  }

  /** Without waiting any longer. */
  destroy(): void {
    for (const { socket } of this.#connections) socket.destroy();
  }
}
