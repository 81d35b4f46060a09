/**
 * A client's connection as long as it asks nothing but list commands by GET (plain-head.ts): read and answered on the socket itself. The first request that
 * is anything else goes, with all that follows it, to Node's HTTP server, which has the connection from then on.
 */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { binaryText } from '../../util/binary-text.ts';
import { writeAtTurnEnd } from '../../util/turn-writes.ts';
import { errorAnswer } from './failures.ts';
import { httpDate } from './http-date.ts';
import { type KnownHeaders, type PlainHead, readPlainHead } from './plain-head.ts';
import { JSON_TYPE } from './respond.ts';

export interface PlainHost {
  /** Answers by the connection's send functions, at once or later, exactly once. Never throws. `isFirst`: it has asked nothing before. */
  answer(head: PlainHead, connection: PlainConnection, isFirst: boolean): void;
  /** The connection is Node's from now on. */
  handOver(socket: Socket): void;
  /** It has been closed, or handed over. */
  forget(connection: PlainConnection): void;
  /** As Node tells it clients. */
  readonly keepAliveSeconds: number;
  /** A clock, as exact as sweeping needs it. */
  readonly now: number;
}

const HEAD_OK = `HTTP/1.1 200 OK\r\ncontent-type: ${JSON_TYPE}\r\ncontent-length: `;
const CHALLENGE = '\r\nwww-authenticate: Basic realm="sluice", charset="UTF-8"';
/** A client that does not read is not read from either. */
const UNSENT_BYTES_MAX = 256 * 1024;
/** Of requests that came behind one that is being answered. */
const REST_CHARS_MAX = 64 * 1024;

export class PlainConnection {
  readonly socket: Socket;
  readonly #host: PlainHost;
  #headers: KnownHeaders | null = null;
  /** Requests that came behind the one that is being answered. */
  #rest = '';
  #awaiting = false;
  /** Answers of this turn, which go out together. */
  #out = '';
  #isTaking = false;
  #ends = false;
  #onClose: (() => void) | null = null;
  #quietSince: number;

  constructor(socket: Socket, host: PlainHost) {
    this.socket = socket;
    this.#host = host;
    this.#quietSince = host.now;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('error', this.#onError);
    socket.on('close', this.#onSocketClose);
  }

  /** Whether an answer is still to come. */
  get isBusy(): boolean {
    return this.#awaiting;
  }

  /** Whether it has asked anything yet. */
  get hasAsked(): boolean {
    return this.#headers !== null;
  }

  /** Since when nothing has come from it, in the host's clock. */
  get quietSince(): number {
    return this.#quietSince;
  }

  /** Closes it when what it has asked is answered. */
  end(): void {
    this.#ends = true;
    if (!this.#awaiting) this.socket.destroySoon();
  }

  // ---- Answers

  sendJson(status: number, json: string): void {
    this.#send(status, binaryText(json), '');
  }

  /** JSON as binary text. */
  sendBinaryJson(json: string): void {
    this.#send(200, json, '');
  }

  sendError(thrown: unknown): void {
    const { status, json } = errorAnswer(thrown);
    this.#send(status, binaryText(json), status === 401 ? CHALLENGE : '');
  }

  /** The client is gone before its answer. One listener at a time; null: none. */
  set onClose(listener: (() => void) | null) {
    this.#onClose = listener;
  }

  #send(status: number, body: string, more: string): void {
    const keepsAlive = !this.#ends;
    const start =
      status === 200
        ? HEAD_OK
        : `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: ${JSON_TYPE}\r\ncontent-length: `;
    const connection = keepsAlive
      ? `\r\nConnection: keep-alive\r\nKeep-Alive: timeout=${this.#host.keepAliveSeconds}\r\n\r\n`
      : '\r\nConnection: close\r\n\r\n';
    this.#out += `${start}${body.length}${more}\r\nDate: ${httpDate()}${connection}`;
    this.#out += body;
    this.#awaiting = false;
    if (!this.#isTaking) this.#goOn();
  }

  // ---- Requests

  readonly #onData = (chunk: Buffer): void => {
    this.#quietSince = this.#host.now;
    const text = chunk.toString('latin1');
    if (!this.#awaiting) this.#take(text);
    else {
      // Reading goes on while an answer is awaited: a client that leaves would not be noticed otherwise.
      this.#rest += text;
      if (this.#rest.length > REST_CHARS_MAX) this.socket.pause();
    }
  };

  #take(text: string): void {
    this.#isTaking = true;
    let at = 0;
    while (at < text.length) {
      const head = readPlainHead(text, at, this.#headers);
      if (head === null) {
        this.#isTaking = false;
        this.#flush();
        this.#handOver(text.slice(at));
        return;
      }
      const isFirst = this.#headers === null;
      this.#headers = head;
      at = head.end;
      this.#awaiting = true;
      this.#host.answer(head, this, isFirst);
      if (this.#awaiting || this.#out.length > UNSENT_BYTES_MAX) break;
    }
    this.#isTaking = false;
    this.#rest = at < text.length ? text.slice(at) : '';
    this.#flush();
    if (!this.#awaiting && (this.#isFull || this.#rest !== '')) this.#wait();
  }

  #flush(): void {
    if (this.#out === '') return;
    const out = this.#out;
    this.#out = '';
    writeAtTurnEnd(this.socket);
    this.socket.write(out, 'latin1');
  }

  get #isFull(): boolean {
    return this.socket.writableLength > UNSENT_BYTES_MAX;
  }

  /** For a client that does not take what it has asked for. */
  #wait(): void {
    this.socket.pause();
    if (this.#isFull) this.socket.once('drain', () => this.#goOn());
    else setImmediate(() => this.#goOn());
  }

  /** What was awaited is there. */
  #goOn(): void {
    this.#flush();
    if (this.#ends) {
      this.socket.destroySoon();
      return;
    }
    if (this.socket.destroyed || this.#awaiting) return;
    if (this.#isFull) {
      this.#wait();
      return;
    }
    const rest = this.#rest;
    this.#rest = '';
    this.socket.resume();
    if (rest !== '') this.#take(rest);
  }

  #handOver(rest: string): void {
    const { socket } = this;
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.off('error', this.#onError);
    socket.off('close', this.#onSocketClose);
    this.#host.forget(this);
    if (socket.destroyed) return;
    socket.unshift(Buffer.from(rest, 'latin1'));
    this.#host.handOver(socket);
  }

  // ---- The end

  /** As Node does: who has said all does not wait for an answer. */
  readonly #onEnd = (): void => {
    this.#ends = true;
    this.socket.end();
  };

  readonly #onError = (): void => {
    this.socket.destroy();
  };

  readonly #onSocketClose = (): void => {
    this.#host.forget(this);
    this.#onClose?.();
  };
}
