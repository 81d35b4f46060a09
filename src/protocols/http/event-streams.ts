/** All event streams of the server: how many there may be, their sessions, and their end when the server stops. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { failure } from '../../errors.ts';
import type { Gate, Session } from '../../gate/request.ts';
import { MAX_SUBSCRIPTIONS } from '../../limits.ts';
import type { Identity } from './authentication.ts';
import { type EventMessages, EventStream } from './event-stream.ts';
import { HttpFailure } from './failures.ts';
import type { QueryParameters } from './query-string.ts';
import { sendError } from './respond.ts';

export interface EventStreamsOptions {
  readonly heartbeatMs?: number;
  readonly maxSubscriptions?: number;
}

/** A stream whose messages are waited for. */
interface Announced {
  readonly session: Session;
  readonly response: ServerResponse;
}

const HEARTBEAT_MS = 15_000;

export class EventStreams {
  readonly #gate: Gate;
  readonly #heartbeatMs: number;
  readonly #maxSubscriptions: number;
  readonly #streams = new Set<EventStream>();
  readonly #announced = new Set<Announced>();
  #closing = false;

  constructor(gate: Gate, options: EventStreamsOptions) {
    this.#gate = gate;
    this.#heartbeatMs = options.heartbeatMs ?? HEARTBEAT_MS;
    this.#maxSubscriptions = options.maxSubscriptions ?? MAX_SUBSCRIPTIONS;
  }

  /**
   * A stream has a session of its own, so that SHOW PROCESSLIST tells of it and KILL ends it. Throws what `subscribe` throws; what it rejects with later is sent.
   */
  open(
    request: IncomingMessage,
    response: ServerResponse,
    { user, host }: Identity,
    subscribe: (session: Session) => EventMessages | Promise<EventMessages>,
  ): void {
    if (this.#closing) throw failure('ER_SERVER_SHUTDOWN');
    if (this.#streams.size + this.#announced.size >= this.#maxSubscriptions) {
      const message = `${this.#maxSubscriptions} event streams are open already`;
      throw new HttpFailure(503, 'HTTP_TOO_MANY_SUBSCRIPTIONS', message);
    }
    const session = this.#gate.openSession({ user, host, protocol: 'http' });
    try {
      const messages = subscribe(session);
      if (messages instanceof Promise) this.#announce(request, response, session, messages);
      else this.#start(request, response, session, messages);
    } catch (error) {
      session.close();
      throw error;
    }
  }

  /** Its messages are still to come. Never throws. */
  #announce(
    request: IncomingMessage,
    response: ServerResponse,
    session: Session,
    coming: Promise<EventMessages>,
  ): void {
    const announced: Announced = { session, response };
    this.#announced.add(announced);
    const leave = (): void => session.close();
    session.onKill = (reason) => this.#refuse(announced, reason);
    response.once('close', leave);
    coming
      .then((messages) => {
        response.off('close', leave);
        if (this.#announced.delete(announced) && !response.destroyed) this.#start(request, response, session, messages);
        else {
          messages.close();
          session.close();
        }
      })
      .catch((error: unknown) => this.#refuse(announced, error));
  }

  /** Safe to call twice. */
  #refuse(announced: Announced, error: unknown): void {
    if (!this.#announced.delete(announced)) return;
    const { session, response } = announced;
    session.close();
    if (!response.destroyed) sendError(response, error);
  }

  #start(request: IncomingMessage, response: ServerResponse, session: Session, messages: EventMessages): void {
    const stream = new EventStream(response, messages, {
      heartbeatMs: this.#heartbeatMs,
      onClose: () => {
        this.#streams.delete(stream);
        session.close();
      },
    });
    this.#streams.add(stream);
    session.onKill = (reason) => stream.end(reason.message);
    stream.start();
    if (request.method === 'HEAD') stream.end('HEAD');
  }

  /** Ends all streams: their clients come back to whoever listens then. */
  close(): void {
    this.#closing = true;
    for (const announced of [...this.#announced]) this.#refuse(announced, failure('ER_SERVER_SHUTDOWN'));
    for (const stream of [...this.#streams]) stream.end('the server stops');
  }
}

/** What a client that cannot set headers says instead of `Last-Event-ID`. */
const LAST_EVENT_ID = 'last_event_id';

/** The header wins: browsers keep it current when they connect again to the same URL. Empty is none. Gives the other parameters, too. */
export function takeLastEventId(
  request: IncomingMessage,
  parameters: QueryParameters,
): { readonly lastEventId: string | null; readonly others: QueryParameters } {
  const given = parameters.filter(([name]) => name === LAST_EVENT_ID);
  if (given.length > 1) throw failure('ER_BAD_PARAMETER', `${LAST_EVENT_ID} is given twice`);
  const header = request.headers['last-event-id'];
  const lastEventId = (typeof header === 'string' && header) || given[0]?.[1] || null;
  return { lastEventId, others: parameters.filter(([name]) => name !== LAST_EVENT_ID) };
}
