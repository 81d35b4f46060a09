/** A gate for the tests of the protocol: sessions whose answers are scripted, and a count of what is open. */
import { failure } from '../../errors.ts';
import type {
  ClientInfo,
  Gate,
  OkOutcome,
  Outcome,
  PreparedStatement,
  Request,
  RowsOutcome,
  Session,
} from '../../gate/request.ts';
import type { ResultColumn } from '../../sql/result-column.ts';
import type { ColumnType } from '../../stores/column-type.ts';
import type { StoreRow } from '../../stores/values.ts';
import { nativeHash, sha2Hash } from './authentication.ts';

export function column(name: string, type: ColumnType, more: Partial<ResultColumn> = {}): ResultColumn {
  return {
    name,
    type,
    nullable: true,
    database: 'shop',
    table: 't',
    originalTable: 't',
    originalName: name,
    primaryKey: false,
    uniqueKey: false,
    multipleKey: false,
    autoIncrement: false,
    ...more,
  };
}

export function ok(more: Partial<OkOutcome> = {}): OkOutcome {
  return { kind: 'ok', affectedRows: 0, insertId: 0, warningCount: 0, info: '', ...more };
}

export function rows(columns: readonly ResultColumn[], ...values: StoreRow[]): RowsOutcome {
  return { kind: 'rows', columns, rows: values, warningCount: 0 };
}

export type Answer = (request: Request, session: FakeSession) => Outcome | Promise<Outcome>;

export class FakeSession implements Session {
  readonly id: number;
  readonly status = {
    autocommit: true,
    inTransaction: false,
    database: null as string | null,
    noBackslashEscapes: false,
  };
  onKill: ((reason: Error) => void) | null = null;
  client: ClientInfo;
  closes = 0;
  resets = 0;
  readonly requests: Request[] = [];
  readonly #gate: FakeGate;
  readonly #onClose: (() => void)[] = [];

  constructor(gate: FakeGate, id: number, client: ClientInfo) {
    this.#gate = gate;
    this.id = id;
    this.client = client;
    this.status.database = client.database ?? null;
  }

  execute(request: Request): Outcome | Promise<Outcome> {
    this.requests.push(request);
    return this.#gate.answer(request, this);
  }

  prepare(text: string): PreparedStatement {
    if (text.includes('fail')) throw failure('ER_PARSE_ERROR', text, 1);
    return { text, parameterCount: text.split('?').length - 1, columns: this.#gate.preparedColumns(text) };
  }

  subscribe(): never {
    throw new TypeError("MySQL's protocol has no subscriptions");
  }

  watchKeys(): never {
    throw new TypeError("MySQL's protocol has no watches");
  }

  split(text: string): string[] {
    return text
      .split(';')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  }

  useDatabase(name: string): void {
    if (name === 'missing') throw failure('ER_BAD_DB_ERROR', name);
    this.status.database = name;
  }

  async reset(): Promise<void> {
    this.resets++;
  }

  async changeUser(client: ClientInfo): Promise<void> {
    this.client = client;
    this.status.database = client.database ?? null;
  }

  /** Rejects when the session is closed, as a running statement would. */
  closed(): Promise<never> {
    return new Promise((_, reject) => this.#onClose.push(() => reject(failure('ER_QUERY_INTERRUPTED'))));
  }

  close(): void {
    this.closes++;
    this.#gate.open.delete(this);
    for (const listener of this.#onClose) listener();
  }
}

export class FakeGate implements Gate {
  readonly open = new Set<FakeSession>();
  readonly sessions: FakeSession[] = [];
  answer: Answer;
  preparedColumns: (text: string) => readonly ResultColumn[] = () => [];
  readonly #passwords: ReadonlyMap<string, string>;

  constructor(answer: Answer, passwords: Record<string, string> = { root: '' }) {
    this.answer = answer;
    this.#passwords = new Map(Object.entries(passwords));
  }

  listStatistics(): never {
    throw new TypeError("MySQL's protocol does not ask for it");
  }

  readonly accounts = {
    find: (user: string) => {
      const password = this.#passwords.get(user);
      if (password === undefined) return null;
      if (password === '') return { nativeHash: null, sha2Hash: null };
      const bytes = Buffer.from(password);
      return {
        nativeHash: user.includes('sha2only') ? null : nativeHash(bytes),
        sha2Hash: user.includes('nativeonly') ? null : sha2Hash(bytes),
      };
    },
  };

  openSession(client: ClientInfo): Session {
    if (client.database === 'missing') throw failure('ER_BAD_DB_ERROR', client.database);
    const session = new FakeSession(this, client.connectionId ?? this.sessions.length + 1, client);
    this.sessions.push(session);
    this.open.add(session);
    return session;
  }

  kill(id: number): boolean {
    const session = this.sessions.find((candidate) => candidate.id === id);
    session?.onKill?.(failure('ER_QUERY_INTERRUPTED'));
    return session !== undefined;
  }
}
