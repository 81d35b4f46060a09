/**
 * One client's session, and the way of every request: text -> fingerprint -> plan (cached or made) -> route -> outcome. The routes: inline in the
 * front what cannot take long, a reader process for the rest of the reads, the writer process for writes. What SET, SHOW, BEGIN and their like do is
 * in commands.ts; explicit transactions in transaction.ts.
 */

import { asFailure, failure, type SluiceError } from '../errors.ts';
import { KEY_DATABASE, KEY_TABLE } from '../keys/key-table.ts';
import type { ListCommand } from '../lists/command.ts';
import type { ServerView, SessionView } from '../sql/context.ts';
import { isVirtualDatabase } from '../sql/information-schema/virtual-tables.ts';
import type { SlotValue } from '../sql/slots.ts';
import { fingerprint } from '../sql/syntax/fingerprint.ts';
import { parse } from '../sql/syntax/parser.ts';
import { hasSeveralStatements, splitStatements } from '../sql/syntax/split-statements.ts';
import { SessionVariables } from '../sql/variables/session-variables.ts';
import type { VariableScope, VariableValue } from '../sql/variables/variable.ts';
import type { Catalog } from '../stores/catalog.ts';
import type { Warning, WorkOptions, WriteOptions, WriteResult, WriteStatement } from '../stores/statement.ts';
import { ADMINISTRATOR, NOBODY, type Privileges } from './accounts/privileges.ts';
import type { LocalGate } from './gate.ts';
import { IDLE_CLOSED } from './idle-clients.ts';
import { streamKeys } from './key-stream.ts';
import { runKeys } from './keys.ts';
import { runList } from './list-commands.ts';
import { runPage } from './list-pages.ts';
import { subscribe } from './live-lists.ts';
import { namedTables } from './named-tables.ts';
import { SessionReads } from './reads.ts';
import type {
  ClientInfo,
  KeyMessages,
  LiveMessages,
  Outcome,
  PreparedStatement,
  Request,
  Session,
  SessionStatus,
} from './request.ts';
import { countEnded, RunningStatement } from './running-statement.ts';
import { SessionPlans } from './session-plans.ts';
import { SessionTransaction } from './session-transaction.ts';
import { executeStatement } from './statements.ts';
import type { Transaction } from './transaction.ts';

/** A statement prepared by the protocol (COM_STMT_PREPARE). */
interface GatePrepared extends PreparedStatement {
  readonly fingerprinted: ReturnType<typeof fingerprint>;
}

/** It ends when its rows have been read. */
function isStream(outcome: Outcome): outcome is Extract<Outcome, { kind: 'stream' | 'key-stream' }> {
  return outcome.kind === 'stream' || outcome.kind === 'key-stream';
}

/** What SHOW PROCESSLIST shows. */
function textOf(request: Request): string {
  switch (request.kind) {
    case 'sql':
      return request.text;
    case 'prepared':
      return request.statement.text;
    case 'keys':
    case 'key-stream':
      return `keys: ${request.command.op}`;
    default:
      return 'list';
  }
}

export class GateSession implements Session, SessionView {
  readonly id: number;
  readonly gate: LocalGate;
  onKill: ((reason: Error) => void) | null = null;
  client: ClientInfo;
  variables: SessionVariables;
  readonly userVariables = new Map<string, SlotValue>();
  readonly reads = new SessionReads(this);
  readonly plans = new SessionPlans(this);
  readonly transactions = new SessionTransaction(this);
  readonly namedStatements = new Map<string, string>();
  database: string | null;
  lastInsertId: number | bigint = 0;
  rowCount = 0;
  foundRows = 0;
  warnings: Warning[] = [];
  nowMicros = 0;
  running: RunningStatement | null = null;
  lastActiveAt = Date.now();
  #killed: SluiceError | null = null;
  #closed = false;
  #privileges: Privileges = NOBODY;
  #privilegesVersion = -1;
  /** Of the last work in the writer: what it is cancelled by. */
  #writing: WorkOptions | null = null;

  constructor(gate: LocalGate, id: number, client: ClientInfo) {
    this.gate = gate;
    this.id = id;
    this.client = client;
    this.database = null;
    this.variables = new SessionVariables(gate.variables, this.#facts());
    if (client.database !== undefined && client.database !== '') this.useDatabase(client.database);
  }

  #facts() {
    const session = this;
    return {
      connectionId: this.id,
      get lastInsertId(): number | bigint {
        return session.lastInsertId;
      },
      set lastInsertId(value: number | bigint) {
        session.lastInsertId = value;
      },
      get warnings(): readonly Warning[] {
        return session.warnings;
      },
      get nowMicros(): number {
        return session.nowMicros;
      },
    };
  }

  // ---- SessionView

  get connectionId(): number {
    return this.id;
  }

  get user(): string {
    return this.client.user;
  }

  get host(): string {
    return this.client.host;
  }

  /** Of other clients' sessions only an administrator is told. */
  get server(): ServerView {
    const { gate, user } = this;
    if (this.privileges.isAdmin) return gate;
    return {
      processes: () => gate.processes().filter((process) => process.user === user),
      statusCounters: () => gate.statusCounters(),
    };
  }

  /** What the user may do now: GRANT and REVOKE hold for open sessions too. */
  get privileges(): Privileges {
    if (this.client.protocol === 'embedded') return ADMINISTRATOR;
    const { accounts } = this.gate;
    if (accounts.version !== this.#privilegesVersion) {
      this.#privileges = accounts.privilegesOf(this.client.user);
      this.#privilegesVersion = accounts.version;
    }
    return this.#privileges;
  }

  /** Throws 1044 and 1142. For what a statement reads besides its plan's tables. */
  checkReads(tables: readonly { readonly database: string; readonly name: string }[]): void {
    const { protection } = this.gate;
    if (tables.length === 0 || protection.isOpen(this.privileges)) return;
    const uses = tables.map(({ database, name }) => ({ database, table: name, access: 'read' }) as const);
    protection.checkAccess({ tables: uses }, this, this.privileges);
  }

  /** Throws 1044 and 1142. For a part of a statement that could not be planned. */
  checkNamed(tree: object): void {
    const { protection } = this.gate;
    if (protection.isOpen(this.privileges)) return;
    protection.checkAccess({ tables: namedTables(tree, this.database) }, this, this.privileges);
  }

  /** Throws 1227 unless the user administers the server. */
  requireAdmin(privilege: string): void {
    if (!this.privileges.isAdmin) throw failure('ER_SPECIFIC_ACCESS_DENIED_ERROR', privilege);
  }

  /** The databases that the user may see. */
  visibleCatalog(): Catalog {
    const { privileges, gate } = this;
    return privileges.isAdmin ? gate.store.catalog : gate.visibleTo(privileges);
  }

  variable(name: string, scope?: VariableScope): VariableValue {
    return this.variables.get(name, scope);
  }

  userVariable(name: string): SlotValue | undefined {
    return this.userVariables.get(name.toLowerCase());
  }

  // ---- Session

  get status(): SessionStatus {
    const { autocommit, sqlMode } = this.variables.settings;
    return {
      autocommit,
      inTransaction: this.transaction !== null,
      database: this.database,
      noBackslashEscapes: sqlMode.noBackslashEscapes,
    };
  }

  execute(request: Request): Outcome | Promise<Outcome> {
    if (this.#closed) throw failure('ER_SERVER_SHUTDOWN');
    this.#begin(request);
    let outcome: Outcome | Promise<Outcome>;
    try {
      const slot = this.variables.settings.autocommit || this.transaction !== null ? null : this.transactions.reserve();
      outcome = slot === null ? this.#dispatch(request) : slot.then(() => this.#dispatch(request));
    } catch (error) {
      throw this.#failed(error);
    }
    if (!(outcome instanceof Promise)) {
      if (!isStream(outcome)) this.#answered(outcome);
      return outcome;
    }
    return outcome.then(
      (result) => {
        if (!isStream(result)) this.#answered(result);
        return result;
      },
      (error: unknown) => {
        throw this.#failed(error);
      },
    );
  }

  #begin(request: Request): void {
    const now = Date.now();
    this.nowMicros = this.variables.settings.fixedNowMicros ?? now * 1000;
    this.lastActiveAt = now;
    this.#killed = null;
    this.running = new RunningStatement(textOf(request), now);
    this.gate.countQuestion();
    const lost = this.transactions.arrive();
    if (lost !== null) {
      this.running = null;
      // A transaction that ended by itself is told once; nothing is silently done outside of it.
      if (!(request.kind === 'sql' && /^\s*rollback\b/i.test(request.text))) throw lost;
    }
  }

  #answered(outcome: Exclude<Outcome, { kind: 'stream' | 'key-stream' }>): void {
    this.end(
      outcome.kind === 'ok'
        ? outcome.affectedRows
        : outcome.kind === 'rows' || outcome.kind === 'ready'
          ? outcome.rows.length
          : 0,
      null,
    );
  }

  /** The statement has been answered, or has failed: `rows` were given or changed. */
  end(rows: number, error: SluiceError | null): void {
    const { running } = this;
    if (running !== null) {
      running.rows = rows;
      countEnded(this, this.gate.protection, this.gate.settings.slowQueryMs, running, error);
      this.running = null;
    }
    this.reads.forget();
    this.transactions.settle(error);
    this.lastActiveAt = Date.now();
  }

  #failed(error: unknown): Error {
    const known = this.failedWith(error);
    this.end(0, known);
    this.rowCount = -1;
    if (known.code === 'ER_UNKNOWN_ERROR') this.gate.log.error({ err: error }, 'unexpected failure of a statement');
    this.warnings = [{ level: 'Error', errno: known.errno, message: known.message }];
    return known;
  }

  valuesOf({ values }: RunningStatement): readonly SlotValue[] {
    return values;
  }

  /** What a failure is told as: a statement that was killed is told so, however it ended. */
  failedWith(error: unknown): SluiceError {
    const known = this.#killed ?? asFailure(error);
    this.#killed = null;
    return known;
  }

  #dispatch(request: Request): Outcome | Promise<Outcome> {
    switch (request.kind) {
      case 'sql': {
        const { text, parameters } = request;
        const fingerprinted = fingerprint(text, this.plans.environment().syntax);
        return executeStatement(this, { text, fingerprinted }, parameters, request);
      }
      case 'prepared':
        return executeStatement(this, request.statement as GatePrepared, request.parameters, request);
      case 'list':
        return runList(this, request.command);
      case 'page':
        return runPage(this, request.command);
      case 'keys':
        return runKeys(this, request.command);
      case 'key-stream':
        return streamKeys(this, request.command);
    }
  }

  prepare(text: string): PreparedStatement {
    const { syntax } = this.plans.environment();
    const fingerprinted = fingerprint(text, syntax);
    if (fingerprinted.hasLists)
      throw failure('ER_NOT_SUPPORTED_YET', 'list parameters (::name) in a prepared statement');
    const parameterCount = fingerprinted.slots.filter((slot) => 'parameter' in slot).length;
    const unknown: SlotValue = { type: { kind: 'string' }, value: '' };
    const slots = fingerprinted.slots.map((slot) => ('parameter' in slot ? unknown : slot));
    const { statement } = parse(text, syntax);
    const plan = this.plans.make(statement, {
      slots,
      literals: fingerprinted.slots.map((slot) => !('parameter' in slot)),
    }).plan;
    // The client is told of their columns. What else it may do to them is asked when it runs.
    this.checkReads(plan.tables);
    if (plan.kind === 'write') this.transactions.expectWrites();
    const prepared: GatePrepared = {
      text,
      fingerprinted,
      parameterCount,
      columns: plan.kind === 'query' && plan.into === null ? plan.columns : [],
    };
    return prepared;
  }

  subscribe(command: ListCommand, after: string | null): LiveMessages {
    return subscribe(this, command, after);
  }

  watchKeys(pattern: string, from: number | null): KeyMessages {
    this.checkReads([{ database: KEY_DATABASE, name: KEY_TABLE }]);
    return this.gate.keyWatches.open(pattern, from);
  }

  split(text: string): string[] {
    const { syntax } = this.plans.environment();
    return hasSeveralStatements(text, syntax) ? splitStatements(text, syntax) : [text];
  }

  useDatabase(name: string): void {
    const database = this.gate.findDatabase(name);
    if (!this.privileges.sees(database ?? name) && !isVirtualDatabase(database ?? name))
      throw failure('ER_DBACCESS_DENIED_ERROR', this.user, this.host, database ?? name);
    if (database === undefined) throw failure('ER_BAD_DB_ERROR', name);
    this.database = database;
    this.settingsChanged();
  }

  async reset(): Promise<void> {
    await this.transactions.end('rollback');
    this.userVariables.clear();
    this.namedStatements.clear();
    this.variables = this.variables.forkForReset();
    this.lastInsertId = 0;
    this.warnings = [];
    this.transactions.next = {};
    this.settingsChanged();
  }

  async changeUser(client: ClientInfo): Promise<void> {
    await this.reset();
    this.client = client;
    this.#privilegesVersion = -1;
    this.database = null;
    this.settingsChanged();
    if (client.database !== undefined && client.database !== '') this.useDatabase(client.database);
  }

  close(how: 'kill' | 'disconnect' = 'disconnect'): void {
    if (this.#closed) return;
    this.#closed = true;
    this.gate.forget(this);
    const reason = failure('ER_QUERY_INTERRUPTED');
    this.reads.cancel(reason);
    this.transactions.abandon(how, reason);
  }

  // ---- KILL and timeouts

  kill(what: 'query' | 'connection'): void {
    const reason = failure('ER_QUERY_INTERRUPTED');
    if (this.running !== null) this.#killed = reason;
    this.reads.cancel(reason);
    this.#cancelWrite(reason);
    if (what === 'connection') {
      this.onKill?.(reason);
      this.close('kill');
    }
  }

  #cancelWrite(reason: Error): void {
    if (this.running === null || this.#writing === null) return;
    this.gate.store.cancelWrite?.(this.#writing, reason);
  }

  /** Closes the connection of a client that has said nothing for too long. */
  checkIdle(now: number): void {
    const { clientIdleTimeoutMs } = this.gate.settings;
    const { waitTimeoutMs } = this.variables.settings;
    if (this.running !== null || !IDLE_CLOSED.has(this.client.protocol)) return;
    const most =
      this.client.protocol === 'mysql'
        ? Math.min(waitTimeoutMs, clientIdleTimeoutMs || waitTimeoutMs)
        : clientIdleTimeoutMs;
    if (most > 0 && now - this.lastActiveAt >= most) this.kill('connection');
  }

  /** What runs now has been killed, and has not been told yet. */
  get isInterrupted(): boolean {
    return this.#killed !== null || this.#closed;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  settingsChanged(): void {
    this.plans.settingsChanged();
  }

  // ---- Writes

  /** For the next write: KILL ends it by them. `timeLimitMs`: null for the session's, 0 for none. */
  writeOptions(timeLimitMs: number | null = null): WriteOptions {
    const { foreignKeyChecks, lockWaitTimeoutMs, maxDmlRows } = this.variables.settings;
    const options = {
      catalogVersion: this.gate.store.catalog.version,
      foreignKeyChecks,
      lockWaitTimeoutMs,
      timeLimitMs: timeLimitMs ?? this.queryTimeoutMs,
    };
    const isLimited = maxDmlRows > 0 && this.client.protocol !== 'embedded';
    return this.inWriter(isLimited ? { ...options, maxRows: maxDmlRows } : options);
  }

  /** The session's next work in the writer: KILL ends it by these options. */
  inWriter<Options extends WorkOptions>(options: Options): Options {
    this.#writing = options;
    return options;
  }

  /** query_timeout, for those who do not embed this. As in MySQL, max_execution_time is of SELECT alone. */
  get queryTimeoutMs(): number {
    return this.client.protocol === 'embedded' ? 0 : this.variables.settings.queryTimeoutMs;
  }

  /** Throws when too many are in line for the writer already. */
  checkWriteQueue(): void {
    const { settings, store } = this.gate;
    const waiting = store.waitingForWriter ?? 0;
    if (settings.writeQueue > 0 && waiting >= settings.writeQueue) throw failure('SLUICE_WRITE_QUEUE_FULL', waiting);
  }

  /** In the open transaction, or by itself. `timeLimitMs`: as in writeOptions(). */
  write(statement: WriteStatement, timeLimitMs: number | null = null): Promise<WriteResult> {
    const transaction = this.currentTransaction();
    const options = this.writeOptions(timeLimitMs);
    if (transaction?.holdsWriter !== true) this.checkWriteQueue();
    return transaction === null ? this.gate.store.write(statement, options) : transaction.write(statement, options);
  }

  // ---- Transactions

  get transaction(): Transaction | null {
    return this.transactions.open;
  }

  /** The open transaction; begins one when autocommit is off. */
  currentTransaction(): Transaction | null {
    return this.transactions.current();
  }
}
