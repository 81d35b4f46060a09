/** A connection that speaks RESP and nothing else: what is sent and what comes back, for tests that compare or count bytes. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/**
 * Text as it came, with its type in front: `+OK`, `-ERR ...`, `:1`, `$text` (bytes as Latin-1), `_` for null, `,1.5`, `#t`, `(123`, `=txt:...`. Arrays, sets and pushes are arrays that begin
 * with `*`, `~` and `>`, maps with `%` and their pairs flat.
 */
export type Reply = string | readonly Reply[];

export type Word = string | Uint8Array;

export function encodeCommand(words: readonly Word[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from(`*${words.length}\r\n`)];
  for (const word of words) {
    const bytes = Buffer.from(word as string);
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'));
  }
  return Buffer.concat(parts);
}

export class RedisConnection {
  readonly socket: Socket;
  readonly #replies: Reply[] = [];
  #received: Buffer = Buffer.alloc(0);
  #isClosed = false;
  #wake: (() => void) | null = null;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#parse();
      this.#wake?.();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#isClosed = true;
      this.#wake?.();
    });
  }

  static async open(port: number): Promise<RedisConnection> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new RedisConnection(socket);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Sends commands as one pipeline and gives a reply for each. Rejects when the connection is closed before. */
  ask(...commands: readonly (readonly Word[])[]): Promise<Reply[]> {
    this.socket.write(Buffer.concat(commands.map(encodeCommand)));
    return this.take(commands.length);
  }

  send(bytes: Word): void {
    this.socket.write(bytes);
  }

  async take(count: number): Promise<Reply[]> {
    while (this.#replies.length < count) {
      if (this.#isClosed) throw new Error(`closed after ${JSON.stringify(this.#replies)}`);
      await this.#changed();
    }
    return this.#replies.splice(0, count);
  }

  /** All that comes until the server closes. */
  async takeAll(): Promise<Reply[]> {
    while (!this.#isClosed) await this.#changed();
    return this.#replies.splice(0);
  }

  close(): void {
    this.socket.destroy();
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #parse(): void {
    for (let at = 0; ; ) {
      const read = readReply(this.#received, at);
      if (read === null) {
        this.#received = this.#received.subarray(at);
        return;
      }
      this.#replies.push(read.reply);
      at = read.end;
    }
  }
}

/** null: not whole yet. */
function readReply(bytes: Buffer, start: number): { reply: Reply; end: number } | null {
  const cr = bytes.indexOf('\r\n', start);
  if (cr < 0) return null;
  const line = bytes.toString('latin1', start, cr);
  const type = line[0]!;
  const end = cr + 2;
  if ('$='.includes(type)) {
    const length = Number(line.slice(1));
    if (length < 0) return { reply: '_', end };
    if (bytes.length < end + length + 2) return null;
    return { reply: type + bytes.toString('latin1', end, end + length), end: end + length + 2 };
  }
  if (!'*~>%'.includes(type)) return { reply: line, end };
  const count = Number(line.slice(1)) * (type === '%' ? 2 : 1);
  if (count < 0) return { reply: '_', end };
  const replies: Reply[] = [type];
  let at = end;
  for (let i = 0; i < count; i++) {
    const read = readReply(bytes, at);
    if (read === null) return null;
    replies.push(read.reply);
    at = read.end;
  }
  return { reply: replies, end: at };
}
