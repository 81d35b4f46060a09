/** One client as commands see it: who it is, what it has begun (MULTI, WATCH, SUBSCRIBE), and what it may do to its connection. No bytes here. */
import type { Session } from '../../gate/request.ts';
import { SessionKeys } from '../../gate/session-keys.ts';
import type { Arguments } from './arguments.ts';
import type { Command } from './command.ts';
import type { PubSub, Subscriber } from './pub-sub.ts';
import type { ServerContext } from './server-context.ts';

export interface QueuedCommand {
  readonly command: Command;
  readonly args: Arguments;
}

/** MULTI: what is queued until EXEC. */
export interface Multi {
  readonly queued: QueuedCommand[];
  /** A command could not be queued: EXEC will do nothing. */
  isSpoilt: boolean;
}

/** What of its connection a client's commands may use. */
export interface ClientConnection {
  readonly address: string;
  readonly localAddress: string;
  readonly host: string;
  /** Bytes received and not yet served; sent and not yet taken. */
  readonly unreadBytes: number;
  readonly unsentBytes: number;
  /** Before the password only small commands are taken. */
  isAuthenticated: boolean;
  /** Replies are as of RESP2 or RESP3. */
  version: 2 | 3;
  /** After what is to be sent has been. */
  end(): void;
  destroy(): void;
}

/** What a user that has no name of its own in Redis is called: AUTH with a password alone, HELLO, CLIENT LIST. */
export const DEFAULT_USER = 'default';

export class Client {
  readonly server: ServerContext;
  readonly connection: ClientConnection;
  readonly connectedAt = Date.now();
  readonly subscriber: Subscriber;
  /** Channels by their bytes as Latin-1. */
  readonly channels = new Set<string>();
  readonly patterns = new Set<string>();
  /** null: the password has not been given yet. */
  session: Session | null = null;
  #keys: SessionKeys | null = null;
  user: string | null = null;
  name = '';
  libraryName = '';
  libraryVersion = '';
  multi: Multi | null = null;
  /** WATCH: signatures of keys when they were first watched. */
  watched = new Map<string, string>();
  lastCommand = '';
  lastCommandAt = this.connectedAt;

  constructor(server: ServerContext, connection: ClientConnection, subscriber: Subscriber) {
    this.server = server;
    this.connection = connection;
    this.subscriber = subscriber;
  }

  get id(): number {
    return this.session?.id ?? 0;
  }

  get pubSub(): PubSub {
    return this.server.pubSub;
  }

  get subscriptions(): number {
    return this.channels.size + this.patterns.size;
  }

  /** Throws ER_CON_COUNT_ERROR. The session of the user before is closed. */
  logIn(user: string): void {
    const session = this.server.gate.openSession({ user, host: this.connection.host, protocol: 'redis' });
    session.onKill = () => this.connection.destroy();
    this.logOut();
    this.session = session;
    this.#keys = new SessionKeys(session);
    this.connection.isAuthenticated = true;
    this.user = user;
  }

  /** The tree. */
  get keys(): SessionKeys {
    if (this.#keys === null) throw new TypeError('a client without a session asked for keys');
    return this.#keys;
  }

  logOut(): void {
    this.session?.close();
    this.session = null;
    this.#keys = null;
    this.connection.isAuthenticated = false;
    this.user = null;
  }

  unsubscribeAll(): void {
    for (const channel of this.channels) this.pubSub.unsubscribe(channel, this.subscriber);
    for (const pattern of this.patterns) this.pubSub.unsubscribePattern(pattern, this.subscriber);
    this.channels.clear();
    this.patterns.clear();
  }

  /** As CLIENT LIST and CLIENT INFO show it. */
  describe(): string {
    const now = Date.now();
    const { connection, multi } = this;
    const seconds = (since: number): number => Math.floor((now - since) / 1000);
    const flags = this.subscriptions > 0 ? 'P' : multi !== null ? 'x' : 'N';
    const fields = {
      id: this.id,
      addr: connection.address,
      laddr: connection.localAddress,
      fd: -1,
      name: this.name,
      age: seconds(this.connectedAt),
      idle: seconds(this.lastCommandAt),
      flags,
      db: 0,
      sub: this.channels.size,
      psub: this.patterns.size,
      multi: multi?.queued.length ?? -1,
      qbuf: connection.unreadBytes,
      obl: connection.unsentBytes,
      cmd: this.lastCommand || 'NULL',
      user: this.user ?? DEFAULT_USER,
      resp: connection.version,
      'lib-name': this.libraryName,
      'lib-ver': this.libraryVersion,
    };
    return Object.entries(fields)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ');
  }
}
