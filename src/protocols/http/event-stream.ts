/**
 * A subscription's messages as Server-Sent Events (the event stream of HTML's specification, 9.2). Nothing is queued here: while the client reads
 * more slowly than messages come, none is taken, and the subscription gives a snapshot instead of what was missed, or says that something was.
 */
import type { ServerResponse } from 'node:http';

/** One object is sent as the same bytes to all who get it. */
export interface EventMessage {
  readonly event: string;
  readonly id: string;
  /** JSON: it has no line breaks of its own. */
  readonly data: string;
}

/** What a subscriber has still to get: see LiveMessages and KeyMessages (gate/request.ts). */
export interface EventMessages {
  take(): EventMessage | null;
  onMessage: (() => void) | null;
  onEnd: ((reason: Error) => void) | null;
  close(): void;
}

export interface EventStreamOptions {
  /** A comment is sent when nothing else was for so long: proxies close what seems idle, and a client that is gone without a word is noticed. */
  readonly heartbeatMs: number;
  readonly onClose: () => void;
}

/** What a client that lost its connection waits before it comes back. */
const RETRY_MS = 1000;
const HEARTBEAT = ':\n\n';

const HEAD = [
  'content-type',
  'text/event-stream; charset=utf-8',
  'cache-control',
  'no-store',
  // For nginx, which would gather the events otherwise.
  'x-accel-buffering',
  'no',
];

export class EventStream {
  readonly #response: ServerResponse;
  readonly #messages: EventMessages;
  readonly #options: EventStreamOptions;
  #heartbeat: NodeJS.Timeout | undefined;
  #isFull = false;
  #closed = false;

  constructor(response: ServerResponse, messages: EventMessages, options: EventStreamOptions) {
    this.#response = response;
    this.#messages = messages;
    this.#options = options;
  }

  /** Sends the head, and what there is to take. Ends by itself when the client leaves or the subscription ends. */
  start(): void {
    const response = this.#response;
    if (response.destroyed) {
      this.#close();
      return;
    }
    this.#heartbeat = setInterval(() => this.#beat(), this.#options.heartbeatMs);
    response.once('close', () => this.#close());
    response.on('drain', () => {
      this.#isFull = false;
      this.#send();
    });
    this.#messages.onMessage = () => this.#send();
    this.#messages.onEnd = (reason) => this.end(reason.message);
    response.writeHead(200, HEAD);
    this.#write(`retry: ${RETRY_MS}\n\n`);
    this.#send();
  }

  /** Ends the stream cleanly; the client will connect again. `why` is for people who look at it. */
  end(why: string): void {
    if (this.#closed) return;
    this.#close();
    this.#response.end(`: ended: ${why.replace(/[\r\n]+/g, ' ')}\n\n`);
  }

  #send(): void {
    while (!this.#closed && !this.#isFull) {
      const message = this.#messages.take();
      if (message === null) return;
      this.#write(eventBytes(message));
      this.#heartbeat?.refresh();
    }
  }

  #beat(): void {
    if (!this.#isFull) this.#write(HEARTBEAT);
  }

  #write(bytes: string | Buffer): void {
    this.#isFull = !this.#response.write(bytes);
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#heartbeat);
    this.#messages.onMessage = null;
    this.#messages.onEnd = null;
    this.#messages.close();
    this.#options.onClose();
  }
}

/** All subscribers of a list get the same message: its bytes are made once. */
const rendered = new WeakMap<EventMessage, Buffer>();

function eventBytes(message: EventMessage): Buffer {
  let bytes = rendered.get(message);
  if (bytes === undefined) {
    // JSON has no line breaks of its own, so one data line holds it.
    bytes = Buffer.from(`event: ${message.event}\nid: ${message.id}\ndata: ${message.data}\n\n`);
    rendered.set(message, bytes);
  }
  return bytes;
}
