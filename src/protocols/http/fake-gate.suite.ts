/** For tests of the HTTP protocol: a gate that answers from a script and notes what it was asked. */
import type {
  Accounts,
  ClientInfo,
  Gate,
  LiveMessage,
  LiveMessages,
  Outcome,
  Request,
  Session,
  SessionStatus,
} from '../../gate/request.ts';
import type { ListCommand } from '../../lists/command.ts';

type Subscribe = (command: ListCommand, after: string | null) => FakeMessages | Promise<FakeMessages>;
export type Answer = (request: Request, session: FakeSession) => Outcome | Promise<Outcome>;

/** A subscription whose messages the test gives. */
export class FakeMessages implements LiveMessages {
  readonly command: ListCommand;
  readonly after: string | null;
  onMessage: (() => void) | null = null;
  onEnd: ((reason: Error) => void) | null = null;
  taken = 0;
  closed = false;
  readonly #queue: LiveMessage[] = [];

  constructor(command: ListCommand, after: string | null) {
    this.command = command;
    this.after = after;
  }

  push(...messages: LiveMessage[]): void {
    this.#queue.push(...messages);
    this.onMessage?.();
  }

  take(): LiveMessage | null {
    const message = this.#queue.shift() ?? null;
    if (message !== null) this.taken++;
    return message;
  }

  close(): void {
    this.closed = true;
  }
}

export class FakeSession implements Session {
  readonly id: number;
  readonly client: ClientInfo;
  readonly executed: Request[] = [];
  status: SessionStatus;
  onKill: ((reason: Error) => void) | null = null;
  resets = 0;
  closed = false;
  readonly #answer: Answer;
  readonly #subscribe: Subscribe;

  constructor(id: number, client: ClientInfo, answer: Answer, subscribe: Subscribe) {
    this.id = id;
    this.client = client;
    this.#answer = answer;
    this.#subscribe = subscribe;
    this.status = {
      autocommit: true,
      inTransaction: false,
      database: client.database ?? null,
      noBackslashEscapes: false,
    };
  }

  execute(request: Request): Outcome | Promise<Outcome> {
    this.executed.push(request);
    if (request.kind === 'sql') {
      if (/^(?:begin|start transaction)/i.test(request.text)) this.status = { ...this.status, inTransaction: true };
      if (/^(?:commit|rollback)/i.test(request.text)) this.status = { ...this.status, inTransaction: false };
    }
    return this.#answer(request, this);
  }

  prepare(): never {
    throw new TypeError('HTTP prepares nothing');
  }

  subscribe(command: ListCommand, after: string | null): FakeMessages | Promise<FakeMessages> {
    return this.#subscribe(command, after);
  }

  watchKeys(): never {
    throw new TypeError('no keys here');
  }

  split(text: string): string[] {
    return [text];
  }

  useDatabase(name: string): void {
    this.status = { ...this.status, database: name };
  }

  async reset(): Promise<void> {
    this.resets++;
    this.status = { ...this.status, inTransaction: false };
  }

  async changeUser(): Promise<void> {
    throw new TypeError('HTTP changes no user');
  }

  close(): void {
    this.closed = true;
  }
}

export class FakeGate implements Gate {
  readonly sessions: FakeSession[] = [];
  readonly killed: number[] = [];
  readonly subscriptions: FakeMessages[] = [];
  /** Throws what a subscription is to fail with. */
  checkSubscription: (command: ListCommand) => void = () => undefined;
  /** What a subscription waits for; null: it is there at once. */
  subscriptionsWait: Promise<void> | null = null;
  statistics: unknown = {};
  readonly accounts: Accounts;
  readonly #answer: Answer;

  constructor(answer: Answer, accounts: Accounts = { find: () => ({ nativeHash: null, sha2Hash: null }) }) {
    this.#answer = answer;
    this.accounts = accounts;
  }

  openSession(client: ClientInfo): FakeSession {
    const session = new FakeSession(this.sessions.length + 1, client, this.#answer, (command, after) => {
      this.checkSubscription(command);
      const messages = new FakeMessages(command, after);
      const begin = (): FakeMessages => {
        this.subscriptions.push(messages);
        return messages;
      };
      return this.subscriptionsWait?.then(begin) ?? begin();
    });
    this.sessions.push(session);
    return session;
  }

  listStatistics(): unknown {
    return this.statistics;
  }

  kill(id: number): boolean {
    this.killed.push(id);
    return true;
  }
}
