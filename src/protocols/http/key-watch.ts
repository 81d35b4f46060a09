/**
 * `GET /v1/keys/watch?find=pattern`: what commits do to the keys of a pattern, as Server-Sent Events. An event's id is the commit's number, from which
 * `Last-Event-ID` goes on. The first event (`start`) tells the number that the watch begins after.
 */
import type { IncomingMessage } from 'node:http';
import { failure } from '../../errors.ts';
import type { KeyMessage, KeyMessages, Session } from '../../gate/request.ts';
import type { KeyChange } from '../../keys/key-changes.ts';
import { jsonString } from '../../util/json-text.ts';
import type { EventMessage, EventMessages } from './event-stream.ts';
import { takeLastEventId } from './event-streams.ts';
import { entryJson } from './key-json.ts';
import type { QueryParameters } from './query-string.ts';
import { UrlParameters } from './url-parameters.ts';

export function isWatch(parameters: QueryParameters): boolean {
  return parameters.some(([name]) => name === 'find');
}

/** Reads the request. What is given subscribes. */
export function readWatch(
  request: IncomingMessage,
  parameters: QueryParameters,
): (session: Pick<Session, 'watchKeys'>) => EventMessages {
  const { lastEventId, others } = takeLastEventId(request, parameters);
  const url = new UrlParameters(others);
  const pattern = url.text('find') ?? '';
  url.end();
  if (lastEventId !== null && !/^\d{1,15}$/.test(lastEventId))
    throw failure('ER_BAD_PARAMETER', `Last-Event-ID: '${lastEventId.slice(0, 100)}' is no number of a commit`);
  const from = lastEventId === null ? null : Number(lastEventId);
  return (session) => new WatchMessages(session.watchKeys(pattern, from));
}

class WatchMessages implements EventMessages {
  readonly #messages: KeyMessages;
  #started = false;

  constructor(messages: KeyMessages) {
    this.#messages = messages;
  }

  take(): EventMessage | null {
    if (!this.#started) {
      this.#started = true;
      const { sequence } = this.#messages;
      return { event: 'start', id: String(sequence), data: `{"seq":${sequence}}` };
    }
    const message = this.#messages.take();
    return message === null ? null : eventOf(message);
  }

  get onMessage(): (() => void) | null {
    return this.#messages.onMessage;
  }

  set onMessage(listener: (() => void) | null) {
    this.#messages.onMessage = listener;
  }

  get onEnd(): ((reason: Error) => void) | null {
    return this.#messages.onEnd;
  }

  set onEnd(listener: ((reason: Error) => void) | null) {
    this.#messages.onEnd = listener;
  }

  close(): void {
    this.#messages.close();
  }
}

/** Watches of one pattern share their messages, and with them their events. */
const events = new WeakMap<KeyMessage, EventMessage>();

function eventOf(message: KeyMessage): EventMessage {
  let event = events.get(message);
  if (event === undefined) {
    const { sequence } = message;
    const changes = message.event === 'change' ? `,"changes":[${message.changes.map(changeJson).join(',')}]` : '';
    event = { event: message.event, id: String(sequence), data: `{"seq":${sequence}${changes}}` };
    events.set(message, event);
  }
  return event;
}

function changeJson({ key, previous, entry }: KeyChange): string {
  return `{"key":${jsonString(key)},"previous":${entryJson(previous)},"entry":${entryJson(entry)}}`;
}
