/**
 * One socket as a pair of packet streams: what has come in (reader), what goes out (writer), and how much the peer has taken. Nothing here
 * knows what a packet means.
 *
 * Back pressure: flush() tells whether more may be written; whoever writes much waits for drained() when it may not. A peer that takes
 * nothing for `writeTimeoutMs` while somebody waits is cut off, so that it cannot hold a statement for ever; a slow one is not.
 */
import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import type { BufferPool } from '../../util/mysql-packets/buffer-pool.ts';
import { type OVERSIZE, PacketReader } from '../../util/mysql-packets/packet-reader.ts';
import { PacketWriter } from '../../util/mysql-packets/packet-writer.ts';
import type { Payload } from '../../util/mysql-packets/payload.ts';
import { readShared } from '../../util/shared-input.ts';
import { writeAtTurnEnd } from '../../util/turn-writes.ts';

/** Answers up to this size are copied out of the writer's buffer; longer ones leave with the buffer. */
const COPY_BYTES = 4096;
/** Input received while an answer is being worked out; beyond it the socket is not read. */
const MAX_BUFFERED_BYTES = 64 * 1024;

export interface ChannelListener {
  /** Something has arrived. */
  onInput(): void;
  /** The socket is closed, for whatever reason; called once. */
  onClosed(): void;
}

export interface ChannelOptions {
  readonly pool: BufferPool;
  readonly maxPayloadBytes: number;
  readonly writeTimeoutMs: number;
}

export class Channel {
  readonly out: PacketWriter;
  readonly reader: PacketReader;
  /** Address of the peer, IPv4 where it is one. */
  readonly host: string;
  readonly #listener: ChannelListener;
  readonly #writeTimeoutMs: number;
  #socket: Socket;
  #isClosed = false;
  #isEnding = false;
  #isSecure = false;
  #wakeDrained: (() => void) | null = null;

  readonly #onData = (piece: Buffer): void => {
    this.reader.push(piece);
    this.#listener.onInput();
  };

  /** The bytes are others' as soon as this returns. */
  readonly #onShared = (bytes: Buffer): void => {
    this.reader.push(bytes);
    this.#listener.onInput();
    if (this.reader.buffered > 0) this.reader.keep();
  };

  constructor(socket: Socket, listener: ChannelListener, options: ChannelOptions) {
    this.#socket = socket;
    this.#listener = listener;
    this.#writeTimeoutMs = options.writeTimeoutMs;
    this.out = new PacketWriter(options.pool);
    this.reader = new PacketReader(options.maxPayloadBytes);
    this.host = plainAddress(socket.remoteAddress ?? '');
    this.#listen(socket);
  }

  /** Nothing that is written from now on reaches the peer. */
  get isClosed(): boolean {
    return this.#isClosed || this.#isEnding;
  }

  get isSecure(): boolean {
    return this.#isSecure;
  }

  /** The next packet, null while there is none. The answer's sequence ids go on from it. Throws ProtocolError. */
  next(): Payload | typeof OVERSIZE | null {
    const packet = this.reader.next();
    if (packet !== null) this.out.sequence = this.reader.expectedSequence;
    return packet;
  }

  /** Sends what the writer holds, in one write. False when the peer is behind: wait for drained() before writing more. */
  flush(): boolean {
    const { out } = this;
    const socket = this.#socket;
    if (out.length === 0) return !this.isBehind;
    if (this.isClosed || !socket.writable) {
      out.release(true);
      return true;
    }
    if (out.length <= COPY_BYTES) {
      writeAtTurnEnd(socket);
      socket.write(out.copy());
    } else {
      socket.write(out.take());
      // Nothing is pending when the kernel has taken it all at once, which is the rule without TLS.
      out.release(socket.writableLength === 0);
    }
    return !this.isBehind;
  }

  /** The peer has not taken what was sent, and there is enough of it. */
  get isBehind(): boolean {
    return this.#socket.writableNeedDrain && this.#socket.writableLength > 0;
  }

  /** Resolves when more may be written, and when the socket is closed: look at isClosed. */
  drained(): Promise<void> {
    if (this.isClosed || !this.isBehind) return Promise.resolve();
    return new Promise((resolve) => {
      // The socket's own timer counts a write that makes progress as activity.
      this.#socket.setTimeout(this.#writeTimeoutMs);
      this.#wakeDrained = () => {
        this.#wakeDrained = null;
        if (!this.isClosed) this.#socket.setTimeout(0);
        resolve();
      };
    });
  }

  /** Called while input cannot be served: a peer that goes on sending is made to wait. */
  holdInput(): void {
    if (this.reader.buffered > MAX_BUFFERED_BYTES) this.#socket.pause();
  }

  resumeInput(): void {
    if (this.#socket.isPaused()) this.#socket.resume();
  }

  /** After the login, which may have gone on within TLS: from now on requests come, mostly small ones and whole. */
  readShared(): void {
    if (!this.#isSecure && readShared(this.#socket, this.#onShared)) this.#socket.off('data', this.#onData);
  }

  /** Goes on within TLS. What the client has already sent after its request belongs to TLS, never to us. */
  startTls(secureContext: SecureContext): void {
    const plain = this.#socket;
    plain.off('data', this.#onData);
    plain.off('end', this.#onEnd);
    plain.pause();
    const received = this.reader.takeRest();
    if (received.length > 0) plain.unshift(received);
    const secure = new TLSSocket(plain, { isServer: true, secureContext });
    this.#socket = secure;
    this.#isSecure = true;
    this.#listen(secure);
  }

  /** Sends what is left and closes. */
  end(): void {
    if (this.isClosed) return;
    this.flush();
    this.#isEnding = true;
    this.#socket.end();
    // A peer that does not close in turn would keep the socket half open.
    this.#socket.setTimeout(this.#writeTimeoutMs);
    this.#wakeDrained?.();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** The peer has closed its side: nothing that is still worked out for it can be of use. */
  readonly #onEnd = (): void => {
    if (this.#socket.writableLength === 0) this.destroy();
    else this.end();
  };

  readonly #onClose = (): void => {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.out.release(true);
    this.#wakeDrained?.();
    this.#listener.onClosed();
  };

  #listen(socket: Socket): void {
    socket.on('data', this.#onData);
    socket.on('drain', () => this.#wakeDrained?.());
    socket.on('end', this.#onEnd);
    socket.on('timeout', () => socket.destroy());
    // 'close' follows every error.
    socket.on('error', () => socket.destroy());
    socket.on('close', this.#onClose);
  }
}

function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}
