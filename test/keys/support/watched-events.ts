/** A watch of keys as a program without the client library has it: its events, one after the other. */
import { readEvents, type ServerEvent } from '../../../client/event-stream.ts';

export class WatchedEvents {
  readonly #abort = new AbortController();
  readonly #items: AsyncGenerator<ServerEvent, void, undefined>;

  private constructor(response: Response, abort: AbortController) {
    this.#abort = abort;
    this.#items = eventsOf(response);
  }

  /** Rejects when the server refuses. `pattern` and what stands behind it are part of the URL. */
  static async open(httpUrl: string, query: string, lastEventId?: string): Promise<WatchedEvents> {
    const abort = new AbortController();
    const headers: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    const response = await fetch(`${httpUrl}/v1/keys/watch?${query}`, { headers, signal: abort.signal });
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    return new WatchedEvents(response, abort);
  }

  /** The next one; undefined: the server ended the stream. */
  async next(): Promise<{ event: string; id: string; data: unknown } | undefined> {
    const { value } = await this.#items.next();
    return value === undefined ? undefined : { event: value.event, id: value.id, data: JSON.parse(value.data) };
  }

  close(): void {
    this.#abort.abort();
  }
}

async function* eventsOf(response: Response): AsyncGenerator<ServerEvent, void, undefined> {
  if (response.body === null) return;
  for await (const item of readEvents(response.body)) if (item.kind === 'event') yield item;
}
