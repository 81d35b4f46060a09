/** For tests of the HTTP protocol: a gate that answers from a script and notes what it was asked. */
import type { Accounts, ClientInfo, Gate, Outcome, Request, Session, SessionStatus } from '../../gate/request.ts';

export type Answer = (request: Request, session: FakeSession) => Outcome | Promise<Outcome>;

export class FakeSession implements Session {
  readonly id: number;
  readonly client: ClientInfo;
  readonly executed: Request[] = [];
  status: SessionStatus;
  onKill: ((reason: Error) => void) | null = null;
  resets = 0;
  closed = false;
  readonly #answer: Answer;

  constructor(id: number, client: ClientInfo, answer: Answer) {
    this.id = id;
    this.client = client;
    this.#answer = answer;
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
  readonly accounts: Accounts;
  readonly #answer: Answer;

  constructor(answer: Answer, accounts: Accounts = { find: () => ({ nativeHash: null, sha2Hash: null }) }) {
    this.#answer = answer;
    this.accounts = accounts;
  }

  openSession(client: ClientInfo): FakeSession {
    const session = new FakeSession(this.sessions.length + 1, client, this.#answer);
    this.sessions.push(session);
    return session;
  }

  kill(id: number): boolean {
    this.killed.push(id);
    return true;
  }
}
