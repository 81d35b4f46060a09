/**
 * A child process's end of the pipe to the front. It reads and writes blocking: a child has nothing else to do while it waits, and without
 * the event loop a round trip takes 60 us instead of the 95 us of Node's own IPC channel.
 */
import { readSync, writeSync } from 'node:fs';
import { encodeFrame, FrameReader } from './frames.ts';

/** Where the front put the pipe: see child-process.ts. */
export const CHANNEL_FD = 3;
const READ_BYTES = 256 * 1024;
/** Pieces of work between two turns of the event loop. */
const PIECES_PER_TURN = 100;

export class ChildChannel {
  readonly #frames = new FrameReader();
  #pieces = 0;

  /** Waits for the next message; undefined when the front is gone. */
  receive(): unknown {
    for (;;) {
      const message = this.#frames.next();
      if (message !== undefined) return message;
      const bytes = read();
      if (bytes.length === 0) return undefined;
      this.#frames.push(bytes);
    }
  }

  /** Waits for at least one message and takes every other that has come meanwhile; none when the front is gone. */
  receiveAll(): unknown[] {
    const first = this.receive();
    if (first === undefined) return [];
    const messages = [first];
    for (let next = this.#frames.next(); next !== undefined; next = this.#frames.next()) messages.push(next);
    return messages;
  }

  /** Waits until the front's end has taken the messages. Ends the process when the front is gone. */
  send(...messages: unknown[]): void {
    const bytes = messages.length === 1 ? encodeFrame(messages[0]) : Buffer.concat(messages.map(encodeFrame));
    let sent = 0;
    try {
      while (sent < bytes.length) sent += writeSync(CHANNEL_FD, bytes, sent);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(0);
      throw error;
    }
  }

  /** To be awaited after each piece of work: now and then gives the event loop a turn, for finalizers and signals. */
  async turn(): Promise<void> {
    if (++this.#pieces % PIECES_PER_TURN === 0) await new Promise(setImmediate);
  }
}

const buffer = Buffer.allocUnsafe(READ_BYTES);

/** Waits for bytes; none when the front is gone. */
function read(): Buffer {
  try {
    const bytes = readSync(CHANNEL_FD, buffer, 0, READ_BYTES, null);
    return Buffer.from(buffer.subarray(0, bytes));
  } catch (error) {
    // The front was killed with an answer unread.
    if ((error as NodeJS.ErrnoException).code === 'ECONNRESET') return Buffer.alloc(0);
    throw error;
  }
}

/** A signal to the whole process group (Ctrl-C in a terminal) is the front's to handle: a child ends when its channel does. */
export function leaveSignalsToFront(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
}
