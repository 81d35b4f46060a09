/**
 * A socket of a Redis client: bytes to commands, commands to replies, in their order.
 *
 * - A pipeline's commands are carried out as they come; their replies go out in one write. What is answered inline is answered at once.
 * - Writes of a pipeline are sent to the writer one after the other without waiting, so that they share a commit. The writer takes them in their order. Whatever
 *   else follows waits until they are done: it must see what they did.
 * - Back pressure: a client that does not take its replies is not read from, and no further command of it is carried out, until it does.
 * - An error of the protocol is told, and closes the connection; nothing else does.
 */
import type { Socket } from 'node:net';
import { MORE } from '../../keys/redis/node.ts';
import { writeAtTurnEnd } from '../../util/turn-writes.ts';
import type { Arguments } from './arguments.ts';
import { Client, type ClientConnection } from './client.ts';
import type { Asked, Command } from './command.ts';
import { findCommand } from './commands/table.ts';
import { dispatch } from './dispatch.ts';
import { errorText } from './redis-error.ts';
import { ReplyWriter } from './reply-writer.ts';
import { RequestParser } from './request-parser.ts';
import type { ServerContext } from './server-context.ts';

/** Replies are sent when so much has collected, also in the middle of a pipeline. */
const SEND_BYTES = 128 * 1024;
/** Small replies become one buffer; larger ones are given to the socket as they are. */
const JOIN_BYTES = 64 * 1024;
/** Commands received while others are being carried out; beyond it the socket is not read. */
const UNREAD_BYTES_MAX = 64 * 1024;
/** Writes of one client that are on their way at once. */
const WRITES_AHEAD_MAX = 1_000;
const WRITES_AHEAD_BYTES_MAX = 1024 * 1024;
/** A subscriber that takes its messages slower than they come is cut off. */
const SUBSCRIBER_BACKLOG_BYTES_MAX = 32 * 1024 * 1024;

/** A command that has been asked of the tree and has no answer yet, or one that waits for those before it. */
interface Pending {
  readonly reply: Asked['reply'];
  readonly bytes: number;
  /** Set when it is answered. */
  answer: { readonly result: unknown } | { readonly error: unknown } | null;
}

export class Connection implements ClientConnection {
  readonly client: Client;
  readonly address: string;
  readonly localAddress: string;
  readonly host: string;
  readonly #socket: Socket;
  readonly #server: ServerContext;
  readonly #onClosed: (connection: Connection) => void;
  readonly #parser = new RequestParser();
  readonly #out = new ReplyWriter();
  readonly #pending: Pending[] = [];
  #pendingBytes = 0;
  /** Something that is no write is on its way: nothing else may be. */
  #isReading = false;
  /** Received, but to be carried out only when nothing is on its way. */
  #held: Arguments | null = null;
  #isSendingSoon = false;
  #hasEnded = false;
  #isEnding = false;
  #isClosed = false;

  constructor(socket: Socket, server: ServerContext, onClosed: (connection: Connection) => void) {
    this.#socket = socket;
    this.#server = server;
    this.#onClosed = onClosed;
    this.host = plainAddress(socket.remoteAddress ?? '');
    this.address = `${this.host}:${socket.remotePort ?? 0}`;
    this.localAddress = `${plainAddress(socket.localAddress ?? '')}:${socket.localPort ?? 0}`;
    this.client = new Client(server, this, this);
    this.#parser.isAuthenticated = false;
    socket.on('data', this.#onData);
    socket.on('drain', () => this.#serve());
    socket.on('end', () => this.#onEnd());
    // 'close' follows every error.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#close());
  }

  set isAuthenticated(isAuthenticated: boolean) {
    this.#parser.isAuthenticated = isAuthenticated;
  }

  get version(): 2 | 3 {
    return this.#out.version;
  }

  set version(version: 2 | 3) {
    this.#out.version = version;
  }

  get unreadBytes(): number {
    return this.#parser.unreadBytes;
  }

  get unsentBytes(): number {
    return this.#out.byteLength + this.#socket.writableLength;
  }

  /** Ends the connection when what is on its way has been answered. */
  end(): void {
    this.#isEnding = true;
    this.#sendSoon();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#parser.push(chunk);
    this.#serve();
  };

  /** The client sends no more; it may still read what it is owed. */
  #onEnd(): void {
    this.#hasEnded = true;
    this.#serve();
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#held = null;
    this.client.unsubscribeAll();
    this.client.logOut();
    this.#onClosed(this);
  }

  // ---- Commands

  /** Carries out what has arrived, as far as order and back pressure let it, and sends the replies. */
  #serve(): void {
    try {
      while (!this.#isClosed && !this.#isEnding && !this.#isBehind) {
        const args = this.#held ?? this.#parser.next();
        if (args === null) break;
        this.#held = null;
        if (!this.#carryOut(args)) {
          this.#held = args;
          break;
        }
        if (this.#out.byteLength >= SEND_BYTES) this.#send();
      }
    } catch (error) {
      this.#refuse(error);
    }
    this.#send();
    this.#balanceInput();
    this.#endIfDone();
  }

  /** false: not yet, something before it is on its way. */
  #carryOut(args: Arguments): boolean {
    const command = findCommand(args[0]!);
    if (this.#pending.length > 0 && !this.#mayGoAhead(command)) return false;
    const { client } = this;
    this.#server.counters.commands++;
    try {
      const asked = dispatch(client, command, args, this.#out);
      if (asked !== null) this.#ask(asked, command?.isWrite === true ? lengthOf(args) : null);
    } catch (error) {
      this.#fail(error);
    }
    return true;
  }

  #mayGoAhead(command: Command | undefined): boolean {
    return (
      command?.isWrite === true &&
      !this.#isReading &&
      this.client.multi === null &&
      this.client.subscriptions === 0 &&
      this.#pending.length < WRITES_AHEAD_MAX &&
      this.#pendingBytes < WRITES_AHEAD_BYTES_MAX
    );
  }

  /** `bytes`: of a write, which others may follow; null: of anything else. */
  #ask(asked: Asked, bytes: number | null): void {
    const { keys } = this.client;
    let result = keys.run(asked.command) as unknown;
    if (result === MORE) result = keys.run({ ...asked.command, reach: 'far' } as typeof asked.command);
    if (!(result instanceof Promise)) {
      asked.reply(this.#out, result as never);
      return;
    }
    const pending: Pending = { reply: asked.reply, bytes: bytes ?? 0, answer: null };
    this.#pending.push(pending);
    this.#pendingBytes += pending.bytes;
    if (bytes === null) this.#isReading = true;
    result.then(
      (value: unknown) => this.#answered(pending, { result: value }),
      (error: unknown) => this.#answered(pending, { error }),
    );
  }

  #answered(pending: Pending, answer: NonNullable<Pending['answer']>): void {
    pending.answer = answer;
    if (this.#isClosed || this.#pending[0] !== pending) return;
    while (this.#pending[0] !== undefined && this.#pending[0].answer !== null) this.#reply(this.#pending.shift()!);
    this.#sendSoon();
  }

  #reply({ reply, bytes, answer }: Pending): void {
    this.#isReading = false;
    this.#pendingBytes -= bytes;
    try {
      if (answer !== null && 'error' in answer) throw answer.error;
      reply(this.#out, answer?.result as never);
    } catch (error) {
      this.#out.error(errorText(error, this.#server.onUnexpectedError));
    }
  }

  /** An error's turn comes after the replies to what was before. */
  #fail(error: unknown): void {
    if (this.#pending.length > 0) this.#pending.push({ reply: () => undefined, bytes: 0, answer: { error } });
    else this.#out.error(errorText(error, this.#server.onUnexpectedError));
  }

  /** What cannot be understood: nothing that follows it can be either. */
  #refuse(error: unknown): void {
    this.#fail(error);
    this.#isEnding = true;
  }

  // ---- Messages of channels

  message(channel: Buffer, message: Buffer): void {
    this.#out.push(3);
    this.#out.bulk('message');
    this.#out.bulk(channel);
    this.#out.bulk(message);
    this.#tell();
  }

  patternMessage(pattern: Buffer, channel: Buffer, message: Buffer): void {
    this.#out.push(4);
    this.#out.bulk('pmessage');
    this.#out.bulk(pattern);
    this.#out.bulk(channel);
    this.#out.bulk(message);
    this.#tell();
  }

  #tell(): void {
    if (this.unsentBytes > SUBSCRIBER_BACKLOG_BYTES_MAX) this.destroy();
    else this.#sendSoon();
  }

  // ---- Bytes

  /** The client has not taken what was sent. */
  get #isBehind(): boolean {
    return this.#socket.writableNeedDrain;
  }

  /** After all that is answered in this turn of the event loop, so that it goes out together. */
  #sendSoon(): void {
    if (this.#isSendingSoon) return;
    this.#isSendingSoon = true;
    process.nextTick(() => {
      this.#isSendingSoon = false;
      this.#serve();
    });
  }

  #send(): void {
    const { byteLength } = this.#out;
    if (byteLength === 0) return;
    const chunks = this.#out.take();
    const socket = this.#socket;
    if (!socket.writable) return;
    writeAtTurnEnd(socket);
    if (chunks.length === 1) socket.write(chunks[0]!);
    else if (byteLength <= JOIN_BYTES) socket.write(Buffer.concat(chunks, byteLength));
    else {
      socket.cork();
      for (const chunk of chunks) socket.write(chunk);
      socket.uncork();
    }
  }

  #balanceInput(): void {
    const isFull = this.#parser.unreadBytes > UNREAD_BYTES_MAX && (this.#held !== null || this.#isBehind);
    if (isFull !== this.#socket.isPaused()) {
      if (isFull) this.#socket.pause();
      else this.#socket.resume();
    }
  }

  #endIfDone(): void {
    if (this.#isClosed || this.#pending.length > 0 || !(this.#isEnding || this.#hasEnded) || this.#isBehind) return;
    if (this.#socket.writable) this.#socket.end(() => this.#socket.destroy());
  }
}

function lengthOf(args: Arguments): number {
  let bytes = 0;
  for (const argument of args) bytes += argument.length;
  return bytes;
}

function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}
