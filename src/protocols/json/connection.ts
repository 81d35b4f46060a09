/**
 * One client: its documents, answered one after the other in their order. A client that does not read its answers is not read from; one that leaves a
 * document unfinished, or an answer untaken, is sent away after a while.
 */
import type { Socket } from 'node:net';
import { failure } from '../../errors.ts';
import type { Gate } from '../../gate/request.ts';
import { failureAnswer, outcomeAnswer, successAnswer } from './answer.ts';
import { DocumentReader, type Piece } from './document-reader.ts';
import { type JsonRequest, readRequest } from './request.ts';
import type { Signs } from './signs.ts';

export interface JsonTimeouts {
  /** From a document's first byte to its last; and for clients that nobody has logged in yet, between documents. */
  readonly documentMs: number;
  /** Between documents. */
  readonly idleMs: number;
  /** How long a client may take nothing of an answer. */
  readonly writeMs: number;
}

export interface ConnectionContext {
  readonly gate: Gate;
  readonly signs: Signs;
  readonly keepAlive: () => boolean;
  readonly timeouts: JsonTimeouts;
  readonly maxDocumentBytes: number;
  /** Takes `bytes` more (or fewer) of what all clients' unfinished documents may take; false when there is no more. */
  reserve(bytes: number): boolean;
}

/** Bytes of further documents that are taken in while one is being answered. */
const READ_AHEAD_BYTES = 256 * 1024;
const FAILED_LOGINS_MAX = 3;

export class JsonConnection {
  readonly #socket: Socket;
  readonly #context: ConnectionContext;
  readonly #host: string;
  readonly #reader: DocumentReader;
  readonly #onClosed: (connection: JsonConnection) => void;
  #reserved = 0;
  #failedLogins = 0;
  /** It has had a sign. */
  #isKnown = false;
  /** When the unfinished document began; null: there is none. */
  #begunAt: number | null = null;
  #serving = false;
  /** The peer has said all that it will. */
  #ended = false;
  /** No more answers. */
  #finished = false;
  /** The id of the session whose statement runs. */
  #running: number | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(socket: Socket, context: ConnectionContext, onClosed: (connection: JsonConnection) => void) {
    this.#socket = socket;
    this.#context = context;
    this.#host = hostOf(socket);
    this.#onClosed = onClosed;
    this.#reader = new DocumentReader(context.maxDocumentBytes);
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    socket.on('end', () => {
      this.#ended = true;
      this.#serve();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#close());
    this.#wait(context.timeouts.documentMs);
  }

  /** Answers what runs, and then no more. */
  finish(): void {
    if (this.#serving) this.#finished = true;
    else this.#end(failureAnswer(failure('ER_SERVER_SHUTDOWN')));
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    if (this.#finished) return;
    this.#reader.push(bytes);
    if (this.#serving && this.#reader.unreadBytes > READ_AHEAD_BYTES) this.#socket.pause();
    this.#serve();
  }

  #serve(): void {
    if (this.#serving) return;
    this.#serving = true;
    this.#stopWaiting();
    // Whatever goes wrong with an answer has become one; what is left is a broken invariant, which ends this client alone.
    this.#serveAll().catch((error: unknown) => this.#end(failureAnswer(error)));
  }

  async #serveAll(): Promise<void> {
    for (let piece = this.#next(); piece !== null && !this.#finished; piece = this.#next()) {
      await this.#write(await this.#answer(piece));
      if (!this.#context.keepAlive()) this.#finished = true;
    }
    this.#serving = false;
    if (this.#socket.destroyed) return;
    if (this.#finished || this.#ended) {
      this.#end();
      return;
    }
    this.#socket.resume();
    this.#wait(this.#patienceMs());
  }

  #patienceMs(): number {
    const { documentMs, idleMs } = this.#context.timeouts;
    if (this.#reader.unfinishedBytes === 0) return this.#isKnown ? idleMs : documentMs;
    const now = performance.now();
    this.#begunAt ??= now;
    return Math.max(0, this.#begunAt + documentMs - now);
  }

  #next(): Piece | null {
    const piece = this.#reader.next() ?? (this.#ended ? this.#reader.end() : null);
    const { unfinishedBytes } = this.#reader;
    if (!this.#context.reserve(unfinishedBytes - this.#reserved)) {
      return { kind: 'broken', failure: failure('ER_CON_COUNT_ERROR'), isFatal: true };
    }
    this.#reserved = unfinishedBytes;
    if (piece !== null || unfinishedBytes === 0) this.#begunAt = null;
    return piece;
  }

  async #answer(piece: Piece): Promise<string> {
    if (piece.kind === 'broken') {
      if (piece.isFatal) this.#finished = true;
      return failureAnswer(piece.failure);
    }
    try {
      const request = readRequest(piece.bytes);
      return request.type === 'login' ? this.#login(request) : await this.#sql(request);
    } catch (error) {
      return failureAnswer(error);
    }
  }

  #login({ user, password, database }: Extract<JsonRequest, { type: 'login' }>): string {
    try {
      const sign = this.#context.signs.login(user, password, this.#host, database);
      this.#isKnown = true;
      return successAnswer(`"${sign}"`);
    } catch (error) {
      // Whoever tries passwords shall have to connect again and again.
      if (++this.#failedLogins >= FAILED_LOGINS_MAX) this.#finished = true;
      throw error;
    }
  }

  async #sql({ sign, text }: Extract<JsonRequest, { type: 'sql' }>): Promise<string> {
    const { session, release } = await this.#context.signs.lease(sign, this.#host);
    this.#isKnown = true;
    try {
      if (this.#socket.destroyed) return '';
      this.#running = session.id;
      return await outcomeAnswer(await session.execute({ kind: 'sql', text }));
    } finally {
      this.#running = null;
      release();
    }
  }

  /** Waits until the client has taken enough of it. */
  async #write(text: string): Promise<void> {
    const socket = this.#socket;
    if (socket.destroyed || socket.write(text)) return;
    await new Promise<void>((resolve) => {
      // A client that takes some now and then makes progress; one that takes nothing is gone, or means harm.
      let left = socket.writableLength;
      const looking = setInterval(() => {
        if (socket.writableLength < left) left = socket.writableLength;
        else socket.destroy();
      }, this.#context.timeouts.writeMs);
      const done = (): void => {
        clearInterval(looking);
        socket.off('drain', done);
        socket.off('close', done);
        resolve();
      };
      socket.on('drain', done);
      socket.on('close', done);
    });
  }

  #end(last = ''): void {
    this.#finished = true;
    this.#stopWaiting();
    if (this.#socket.destroyed) return;
    this.#socket.end(last);
    // What still comes is thrown away: otherwise the peer's end would never be seen.
    this.#socket.resume();
    this.#wait(this.#context.timeouts.writeMs);
  }

  #wait(milliseconds: number): void {
    this.#stopWaiting();
    this.#timer = setTimeout(() => this.#timeOut(), milliseconds);
    this.#timer.unref();
  }

  #stopWaiting(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #timeOut(): void {
    if (this.#finished) this.#socket.destroy();
    else if (this.#reader.unfinishedBytes === 0) this.#end();
    else this.#end(failureAnswer(failure('SLUICE_JSON_DOCUMENT', 'it was not finished in time')));
  }

  #close(): void {
    this.#finished = true;
    this.#stopWaiting();
    this.#context.reserve(-this.#reserved);
    this.#reserved = 0;
    if (this.#running !== null) this.#context.gate.kill(this.#running, 'query');
    this.#onClosed(this);
  }
}

/** IPv4 in its own form also where the socket is IPv6. */
function hostOf(socket: Socket): string {
  const address = socket.remoteAddress ?? '';
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}
