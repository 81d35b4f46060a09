/** An event stream that connects again by itself, going on after the last event that was taken. */
import { readEvents, type ServerEvent } from './event-stream.ts';
import { connectionFailure, SluiceError } from './failure.ts';
import type { Transport } from './transport.ts';
import { Watchdog } from './watchdog.ts';

export interface ReconnectingOptions {
  /** When nothing at all was heard for so long, not even a heartbeat, the connection counts as lost. */
  readonly silenceMs?: number;
  /** The longest pause between two attempts to connect. */
  readonly retryMaxMs?: number;
}

/** Where to begin: the id of the last event that is known; '' for none. */
interface Beginning {
  readonly lastId?: string;
}

export interface EventHandlers {
  /** What it throws loses the connection, and the place: the next one begins anew. */
  onEvent(event: ServerEvent): void;
  onConnected(): void;
  /** The connection was lost, or could not be made; the next attempt follows. null: the server ended it. */
  onLost(reason: Error | null): void;
  /** Trying again is of no use. */
  onRefused(reason: SluiceError): void;
}

/** Three heartbeats. */
const SILENCE_MS = 45_000;
const RETRY_MS = 1000;
const RETRY_MAX_MS = 30_000;

export class ReconnectingEvents {
  readonly #transport: Transport;
  readonly #path: string;
  readonly #handlers: EventHandlers;
  readonly #silenceMs: number;
  readonly #retryMaxMs: number;
  /** Of the connection, or of the pause before the next one. */
  #current = new AbortController();
  #lastId = '';
  #retryMs = RETRY_MS;
  #failures = 0;
  #closed = false;

  constructor(transport: Transport, path: string, options: ReconnectingOptions & Beginning, handlers: EventHandlers) {
    this.#transport = transport;
    this.#path = path;
    this.#handlers = handlers;
    this.#lastId = options.lastId ?? '';
    this.#silenceMs = options.silenceMs ?? SILENCE_MS;
    this.#retryMaxMs = options.retryMaxMs ?? RETRY_MAX_MS;
  }

  /** Runs until close(), or until it is refused. Never rejects. */
  async run(): Promise<void> {
    while (!this.#closed) {
      const reason = await this.#listen();
      if (this.#closed) return;
      if (reason instanceof SluiceError && !reason.retryable) {
        this.#handlers.onRefused(reason);
        return;
      }
      this.#handlers.onLost(reason);
      await this.#pause();
    }
  }

  close(): void {
    this.#closed = true;
    this.#current.abort();
  }

  /** One connection, to its end: gives why it ended. */
  async #listen(): Promise<Error | null> {
    this.#current = new AbortController();
    const { signal } = this.#current;
    const watchdog = new Watchdog(this.#silenceMs, this.#current);
    try {
      const headers: Record<string, string> = { accept: 'text/event-stream' };
      if (this.#lastId !== '') headers['last-event-id'] = this.#lastId;
      const body = eventsBody(await this.#transport.send(this.#path, { headers, signal }));
      this.#failures = 0;
      this.#handlers.onConnected();
      for await (const item of readEvents(body)) {
        if (this.#closed) return null;
        watchdog.calm();
        if (item.kind === 'retry') this.#retryMs = item.milliseconds;
        else if (item.kind === 'event') this.#take(item);
      }
      return null;
    } catch (error) {
      if (signal.aborted && signal.reason instanceof SluiceError) return signal.reason;
      return error instanceof SluiceError || error instanceof TakingError
        ? error
        : connectionFailure(this.#path, error);
    } finally {
      watchdog.stop();
    }
  }

  #take(event: ServerEvent): void {
    try {
      this.#handlers.onEvent(event);
      this.#lastId = event.id;
    } catch (error) {
      this.#lastId = '';
      throw new TakingError('an event could not be taken', { cause: error });
    }
  }

  /** Longer from failure to failure, and never the same for all clients: a server that comes back is not stormed. */
  async #pause(): Promise<void> {
    if (this.#closed) return;
    const longest = Math.min(this.#retryMaxMs, this.#retryMs * 2 ** this.#failures);
    this.#failures++;
    this.#current = new AbortController();
    const { signal } = this.#current;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, longest * (0.5 + Math.random() / 2));
      const stop = (): void => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener('abort', stop, { once: true });
    });
  }
}

class TakingError extends Error {
  override readonly name = 'TakingError';
}

function eventsBody(response: Response): ReadableStream<Uint8Array> {
  const isEvents = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  if (isEvents && response.body !== null) return response.body;
  const details = { code: 'UNEXPECTED_ANSWER', status: response.status, retryable: false };
  throw new SluiceError('the server answered with something else than an event stream', details);
}
