/** Server-Sent Events read from a stream of bytes, as HTML's specification says (9.2.6), by any runtime that has fetch. */

export interface ServerEvent {
  readonly kind: 'event';
  readonly event: string;
  readonly data: string;
  /** The last id given, by this event or an earlier one; '' for none. */
  readonly id: string;
}

/** The server is there, and said nothing else. */
export interface Sign {
  readonly kind: 'comment';
}

/** How long to wait before connecting again. */
export interface Retry {
  readonly kind: 'retry';
  readonly milliseconds: number;
}

export type StreamItem = ServerEvent | Sign | Retry;

/** Takes text in any pieces. */
export class EventStreamParser {
  /** What has come of a line whose end has not. */
  #rest = '';
  /** A line feed that comes next belongs to the carriage return before it. */
  #afterReturn = false;
  #first = true;
  #event = '';
  #data: string[] = [];
  #id = '';

  /** What is complete now. */
  push(text: string): StreamItem[] {
    const items: StreamItem[] = [];
    let from = 0;
    if (this.#first && text !== '') {
      this.#first = false;
      if (text.startsWith('\ufeff')) from = 1;
    }
    if (this.#afterReturn && from < text.length) {
      if (text[from] === '\n') from++;
      this.#afterReturn = false;
    }
    const lineEnd = /\r\n|\r|\n/g;
    lineEnd.lastIndex = from;
    for (let match = lineEnd.exec(text); match !== null; match = lineEnd.exec(text)) {
      const item = this.#line(this.#rest + text.slice(from, match.index));
      if (item !== null) items.push(item);
      this.#rest = '';
      from = lineEnd.lastIndex;
      this.#afterReturn = match[0] === '\r' && from === text.length;
    }
    this.#rest += text.slice(from);
    return items;
  }

  #line(line: string): StreamItem | null {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return { kind: 'comment' };
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    switch (field) {
      case 'event':
        this.#event = value;
        return null;
      case 'data':
        this.#data.push(value);
        return null;
      case 'id':
        if (!value.includes('\0')) this.#id = value;
        return null;
      case 'retry':
        return /^[0-9]+$/.test(value) ? { kind: 'retry', milliseconds: Number(value) } : null;
      default:
        return null;
    }
  }

  #dispatch(): ServerEvent | null {
    const event = this.#event;
    const data = this.#data;
    this.#event = '';
    this.#data = [];
    if (data.length === 0) return null;
    return { kind: 'event', event: event === '' ? 'message' : event, data: data.join('\n'), id: this.#id };
  }
}

/** The items of an answer's body, until it ends. Rejects when the connection breaks. Leaving the loop ends the request. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamItem, void, undefined> {
  const parser = new EventStreamParser();
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    // It may have failed already, and has then nothing more to say.
    reader.cancel().catch(() => undefined);
  }
}
