/**
 * One socket with a client behind it, from the greeting to the end. Commands are served in order; a command that must wait suspends its
 * connection, not the server. The answers to all commands that came together leave in one write.
 */
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { asFailure, failure, SluiceError } from '../../errors.ts';
import { OVERSIZE, type PacketReader } from '../../util/mysql-packets/packet-reader.ts';
import type { Payload } from '../../util/mysql-packets/payload.ts';
import { ProtocolError } from '../../util/mysql-packets/protocol-error.ts';
import { Channel, type ChannelOptions } from './channel.ts';
import { Client, type ClientContext } from './client.ts';
import { COMMANDS } from './commands.ts';
import { type LoggedIn, type LoginDialog, login } from './login.ts';
import { writeError } from './responses.ts';
import { PIECE_BYTES } from './results.ts';

/** Before the login nobody may send more than names and attributes. */
const MAX_LOGIN_PACKET_BYTES = 128 * 1024;
/** Commands served for one connection before others get their turn. */
const COMMANDS_PER_TURN = 128;

/** What connections need of their server. */
export interface ConnectionContext extends ClientContext, Omit<ChannelOptions, 'maxPayloadBytes'> {
  readonly handshakeTimeoutMs: number;
  /** An error that is no expected failure: the client gets its message, the operator should get its stack. */
  onUnexpectedError(error: unknown): void;
  /** One more command is served. */
  countCommand(): void;
}

/** The peer went away while its packet was waited for. */
class PeerGone extends Error {}

export class Connection {
  readonly id: number;
  readonly #context: ConnectionContext;
  readonly #channel: Channel;
  readonly #reader: PacketReader;
  readonly #onEnd: (connection: Connection) => void;
  readonly #handshakeTimer: NodeJS.Timeout;
  #client: Client | null = null;
  /** A command is being served, or the login. */
  #isBusy = true;
  /** No more commands are taken. */
  #isEnding = false;
  #killReason: Error | null = null;
  #wakeReader: (() => void) | null = null;

  /** `onEnd` is called once, when the socket is closed and the session with it. */
  constructor(socket: Socket, id: number, context: ConnectionContext, onEnd: (connection: Connection) => void) {
    this.id = id;
    this.#context = context;
    this.#onEnd = onEnd;
    this.#channel = new Channel(
      socket,
      { onInput: () => this.#onInput(), onClosed: () => this.#onClosed() },
      { pool: context.pool, maxPayloadBytes: MAX_LOGIN_PACKET_BYTES, writeTimeoutMs: context.writeTimeoutMs },
    );
    this.#reader = this.#channel.reader;
    this.#handshakeTimer = setTimeout(() => this.destroy(), context.handshakeTimeoutMs);
    this.#login().catch(this.#breakDown);
  }

  /** The server stops: at once when idle, after the running command otherwise. */
  shutDown(reason: Error): void {
    if (this.#client === null) this.destroy();
    else this.#kill(reason);
  }

  destroy(): void {
    this.#channel.destroy();
  }

  async #login(): Promise<void> {
    const dialog = this.#dialog();
    let loggedIn: LoggedIn;
    try {
      loggedIn = await login(dialog, this.id, this.#context);
    } catch (error) {
      this.#answerError(error);
      this.#end();
      return;
    } finally {
      clearTimeout(this.#handshakeTimer);
    }
    const { session, capabilities } = loggedIn;
    if (this.#channel.isClosed) {
      session.close();
      return;
    }
    this.#client = new Client(session, capabilities, this.#channel, dialog, this.#context);
    session.onKill = (reason) => this.#kill(reason);
    this.#channel.readShared();
    this.#reader.maxPayloadBytes = this.#context.maxAllowedPacketBytes;
    this.#reader.expectedSequence = 0;
    this.#client.sendOk();
    this.#goOn();
  }

  #dialog(): LoginDialog {
    const channel = this.#channel;
    return {
      out: channel.out,
      host: channel.host,
      get isSecure() {
        return channel.isSecure;
      },
      startTls: (context) => channel.startTls(context),
      read: () => this.#readPacket(),
      ask: () => {
        this.#reader.expectedSequence = channel.out.sequence;
        channel.flush();
        return this.#readPacket();
      },
    };
  }

  /** The next packet of a dialog. Rejects with PeerGone, ProtocolError, ER_NET_PACKET_TOO_LARGE. */
  async #readPacket(): Promise<Payload> {
    for (;;) {
      if (this.#channel.isClosed) throw new PeerGone();
      const packet = this.#channel.next();
      if (packet === OVERSIZE) throw failure('ER_NET_PACKET_TOO_LARGE');
      if (packet !== null) return packet;
      this.#channel.resumeInput();
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
  }

  #wake(): void {
    const wake = this.#wakeReader;
    this.#wakeReader = null;
    wake?.();
  }

  #onInput(): void {
    if (this.#wakeReader !== null) this.#wake();
    else if (!this.#isBusy && !this.#isEnding) this.#resume();
    else this.#channel.holdInput();
  }

  /** After what was waited for. */
  readonly #goOn = (): void => {
    if (this.#channel.isClosed) return;
    this.#channel.resumeInput();
    this.#resume();
  };

  #resume(): void {
    try {
      this.#isBusy = true;
      const waitsFor = this.#serve();
      this.#isBusy = waitsFor !== null;
      if (waitsFor !== null) waitsFor.then(this.#goOn, this.#breakDown);
      else if (this.#isEnding || this.#killReason !== null) this.#end();
    } catch (error) {
      this.#breakDown(error);
    }
  }

  /** Serves the commands that have come in whole, and sends their answers. Returns what must be waited for before going on. */
  #serve(): Promise<void> | null {
    const channel = this.#channel;
    const client = this.#client as Client;
    for (let served = 0; !this.#isEnding && this.#killReason === null; served++) {
      const packet = this.#nextCommand();
      if (packet === null) break;
      const pending = this.#serveCommand(client, packet);
      if (pending !== undefined) {
        channel.flush();
        return pending;
      }
      this.#endCommand(client);
      if (channel.out.length >= PIECE_BYTES && !channel.flush()) return channel.drained();
      if (served === COMMANDS_PER_TURN) {
        channel.flush();
        return nextTurn();
      }
    }
    // What comes in meanwhile is served when the client has taken what it was sent.
    return channel.flush() ? null : channel.drained();
  }

  #nextCommand(): Payload | typeof OVERSIZE | null {
    try {
      return this.#channel.next();
    } catch (error) {
      // The borders of packets are lost.
      this.#isEnding = true;
      this.#answerError(error);
      return null;
    }
  }

  /** Undefined when the command is done. The promise never rejects. */
  #serveCommand(client: Client, packet: Payload | typeof OVERSIZE): Promise<void> | undefined {
    this.#context.countCommand();
    try {
      if (packet === OVERSIZE) throw failure('ER_NET_PACKET_TOO_LARGE');
      const command = COMMANDS[packet.u8()];
      if (command === undefined) throw failure('ER_UNKNOWN_COM_ERROR');
      const pending = command(client, packet);
      if (pending === undefined) return undefined;
      return pending.then(
        () => this.#endCommand(client),
        (error: unknown) => {
          this.#answerError(error);
          this.#endCommand(client);
        },
      );
    } catch (error) {
      this.#answerError(error);
      return undefined;
    }
  }

  #endCommand(client: Client): void {
    this.#reader.expectedSequence = 0;
    if (client.isEnding) this.#isEnding = true;
  }

  #answerError(error: unknown): void {
    if (error instanceof PeerGone) return;
    if (!(error instanceof SluiceError || error instanceof ProtocolError)) this.#context.onUnexpectedError(error);
    const { out } = this.#channel;
    out.abandon();
    writeError(out, error);
  }

  #kill(reason: Error): void {
    if (this.#killReason !== null || this.#isEnding) return;
    this.#killReason = reason;
    // A running command ends by itself, its session being closed or the server waiting for it; the connection ends after it.
    if (this.#isBusy) return;
    this.#channel.out.sequence = 0;
    writeError(this.#channel.out, asFailure(reason));
    this.#end();
  }

  #end(): void {
    this.#isEnding = true;
    this.#channel.end();
  }

  /** A mistake of ours outside any command: it costs this connection, not the server. */
  readonly #breakDown = (error: unknown): void => {
    this.#context.onUnexpectedError(error);
    this.destroy();
  };

  #onClosed(): void {
    this.#isEnding = true;
    clearTimeout(this.#handshakeTimer);
    this.#wake();
    // Failures of what is thereby cut off have nobody to be told to.
    this.#client?.closeStatements().catch(() => undefined);
    try {
      this.#client?.session.close();
    } catch (error) {
      this.#context.onUnexpectedError(error);
    }
    this.#onEnd(this);
  }
}
