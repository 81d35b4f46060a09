/**
 * One client's session, and the way of every request: text -> fingerprint -> plan (cached or made) -> route -> outcome. The routes: inline in the
 * front what cannot take long, a reader process for the rest of the reads, the writer process for writes. What SET, SHOW, BEGIN and their like do is
 * in commands.ts; explicit transactions in transaction.ts.
 */

import { asFailure, failure, type SluiceError } from '../errors.ts';
import type { ListCommand } from '../lists/command.ts';
import type { ExecutionContext, SessionView } from '../sql/context.ts';
import type { CommandPlan, Plan } from '../sql/planner/plan.ts';
import type { PlannedStatement } from '../sql/planner/planner.ts';
import { planStatement } from '../sql/planner/planner.ts';
import type { SlotValue } from '../sql/slots.ts';
import { fingerprint } from '../sql/syntax/fingerprint.ts';
import { parse } from '../sql/syntax/parser.ts';
import { hasSeveralStatements, splitStatements } from '../sql/syntax/split-statements.ts';
import { SessionVariables } from '../sql/variables/session-variables.ts';
import type { VariableScope, VariableValue } from '../sql/variables/variable.ts';
import type { Warning, WriteOptions, WriteResult, WriteStatement } from '../stores/statement.ts';
import { runCommand } from './commands.ts';
import type { LocalGate } from './gate.ts';
import { streamKeys } from './key-stream.ts';
import { runKeys } from './keys.ts';
import { runList } from './list-commands.ts';
import { runPage } from './list-pages.ts';
import { expandLists } from './list-parameters.ts';
import { subscribe } from './live-lists.ts';
import { type PlanEnvironment, planEnvironment } from './plan-settings.ts';
import { type AnswerOptions, SessionReads } from './reads.ts';
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
import { isStale } from './stale-reads.ts';
import { fillSlots, NO_PARAMETERS, type StatementSlots } from './statement-text.ts';
import { Transaction } from './transaction.ts';
import { runSchema, runWrite } from './writes.ts';

/** A statement prepared by the protocol (COM_STMT_PREPARE). */
interface GatePrepared extends PreparedStatement {
  readonly fingerprinted: ReturnType<typeof fingerprint>;
}

/** What is running, for SHOW PROCESSLIST and KILL. */
export interface Running {
  readonly text: string;
  readonly since: number;
}

/** It ends when its rows have been read. */
function isStream({ kind }: Outcome): boolean {
  return kind === 'stream' || kind === 'key-stream';
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

/** How often a statement is planned again when the schema changes under it. */
const MAX_REPLANS = 5;

export class GateSession implements Session, SessionView {
  readonly id: number;
  readonly gate: LocalGate;
  onKill: ((reason: Error) => void) | null = null;
  client: ClientInfo;
  variables: SessionVariables;
  readonly userVariables = new Map<string, SlotValue>();
  readonly reads = new SessionReads(this);
  readonly namedStatements = new Map<string, string>();
  database: string | null;
  transaction: Transaction | null = null;
  lastInsertId: number | bigint = 0;
  rowCount = 0;
  foundRows = 0;
  warnings: Warning[] = [];
  nowMicros = 0;
  running: Running | null = null;
  lastActiveAt = Date.now();
  /** SET TRANSACTION without scope: for the next transaction only. */
  nextTransaction: { isolation?: string; readOnly?: boolean } = {};
  #likelyWrites = false;
  #environment: PlanEnvironment | null = null;
  #environmentOffset = 0;
  #killed: SluiceError | null = null;
  #closed = false;

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

  get server(): LocalGate {
    return this.gate;
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
      outcome = this.#dispatch(request);
    } catch (error) {
      throw this.#failed(error);
    }
    if (!(outcome instanceof Promise)) {
      if (!isStream(outcome)) this.end();
      return outcome;
    }
    return outcome.then(
      (result) => {
        if (!isStream(result)) this.end();
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
    this.running = {
      text: textOf(request),
      since: now,
    };
    this.gate.countQuestion();
    this.transaction?.touch();
    const lost = this.transaction?.failed;
    if (lost !== undefined && lost !== null) {
      this.transaction = null;
      this.running = null;
      // A transaction that ended by itself is told once; nothing is silently done outside of it.
      if (!(request.kind === 'sql' && /^\s*rollback\b/i.test(request.text))) throw lost;
    }
  }

  /** The statement has been answered. */
  end(): void {
    this.running = null;
    this.reads.forget();
    this.lastActiveAt = Date.now();
  }

  #failed(error: unknown): Error {
    this.end();
    if (this.transaction?.failed != null) this.transaction = null;
    this.rowCount = -1;
    const known = this.#killed ?? asFailure(error);
    this.#killed = null;
    if (known.code === 'ER_UNKNOWN_ERROR') this.gate.log.error({ err: error }, 'unexpected failure of a statement');
    this.warnings = [{ level: 'Error', errno: known.errno, message: known.message }];
    return known;
  }

  #dispatch(request: Request): Outcome | Promise<Outcome> {
    switch (request.kind) {
      case 'sql':
        return this.#executeText(
          request.text,
          fingerprint(request.text, this.environment().syntax),
          request.parameters,
          request,
        );
      case 'prepared':
        return this.#executeText(
          request.statement.text,
          (request.statement as GatePrepared).fingerprinted,
          request.parameters,
          request,
        );
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
    const { syntax } = this.environment();
    const fingerprinted = fingerprint(text, syntax);
    if (fingerprinted.hasLists)
      throw failure('ER_NOT_SUPPORTED_YET', 'list parameters (::name) in a prepared statement');
    const parameterCount = fingerprinted.slots.filter((slot) => 'parameter' in slot).length;
    const unknown: SlotValue = { type: { kind: 'string' }, value: '' };
    const slots = fingerprinted.slots.map((slot) => ('parameter' in slot ? unknown : slot));
    const { statement } = parse(text, syntax);
    const plan = this.#plan(statement, {
      slots,
      literals: fingerprinted.slots.map((slot) => !('parameter' in slot)),
    }).plan;
    if (plan.kind === 'write') this.#likelyWrites = true;
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
    return this.gate.keyWatches.open(pattern, from);
  }

  split(text: string): string[] {
    const { syntax } = this.environment();
    return hasSeveralStatements(text, syntax) ? splitStatements(text, syntax) : [text];
  }

  useDatabase(name: string): void {
    const database = this.gate.findDatabase(name);
    if (database === undefined) throw failure('ER_BAD_DB_ERROR', name);
    this.database = database;
    this.settingsChanged();
  }

  async reset(): Promise<void> {
    await this.endTransaction('rollback');
    this.userVariables.clear();
    this.namedStatements.clear();
    this.variables = this.variables.forkForReset();
    this.lastInsertId = 0;
    this.warnings = [];
    this.nextTransaction = {};
    this.settingsChanged();
  }

  async changeUser(client: ClientInfo): Promise<void> {
    await this.reset();
    this.client = client;
    this.database = null;
    this.settingsChanged();
    if (client.database !== undefined && client.database !== '') this.useDatabase(client.database);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.gate.forget(this);
    const reason = failure('ER_QUERY_INTERRUPTED');
    this.reads.cancel(reason);
    const transaction = this.transaction;
    this.transaction = null;
    transaction?.fail(reason);
  }

  // ---- KILL and timeouts

  kill(what: 'query' | 'connection'): void {
    const reason = failure('ER_QUERY_INTERRUPTED');
    if (this.running !== null) this.#killed = reason;
    this.reads.cancel(reason);
    if (what === 'connection') {
      this.onKill?.(reason);
      this.close();
    }
  }

  /** Ends a transaction that is too old or too long idle; never in the middle of a statement. */
  checkTransactionAge(now: number): void {
    const { transactionTimeoutMs } = this.variables.settings;
    if (this.transaction === null || this.running !== null || transactionTimeoutMs === 0) return;
    const idle = now - this.lastActiveAt;
    const age = now - this.transaction.startedAt;
    if (idle < transactionTimeoutMs && age < transactionTimeoutMs) return;
    this.transaction.fail(
      failure(
        'ER_LOCK_DEADLOCK',
        `The transaction was open for longer than ${transactionTimeoutMs} ms (transaction_timeout) and was rolled back`,
      ),
    );
  }

  // ---- Plans

  /** Drops what was derived from the settings. */
  settingsChanged(): void {
    this.#environment = null;
  }

  environment(): PlanEnvironment {
    const { settings } = this.variables;
    const offset = settings.timeZone.offsetMinutes ?? settings.timeZone.offsetMinutesAt(this.nowMicros);
    if (this.#environment === null || offset !== this.#environmentOffset) {
      this.#environment = planEnvironment(settings, this.database, offset, this.client.protocol);
      this.#environmentOffset = offset;
    }
    return this.#environment;
  }

  #plan(statement: Parameters<typeof planStatement>[0], { slots, literals }: StatementSlots): PlannedStatement {
    return planStatement(statement, {
      catalog: this.gate.store.catalog,
      settings: this.environment().settings,
      slots,
      literals,
      variable: (name, scope) => this.variable(name, scope),
    });
  }

  executionOf(slots: readonly SlotValue[]): ExecutionContext {
    return { slots, session: this, catalog: this.gate.store.catalog, nowMicros: this.nowMicros };
  }

  #executeText(
    text: string,
    fingerprinted: ReturnType<typeof fingerprint>,
    parameters: Parameters<typeof fillSlots>[1],
    asked: AnswerOptions,
  ): Outcome | Promise<Outcome> {
    if (fingerprinted.hasLists) {
      const { syntax } = this.environment();
      const expanded = expandLists(text, fingerprinted, parameters ?? NO_PARAMETERS, syntax);
      return this.#executeFilled(expanded.text, expanded.fingerprinted.fingerprint, expanded.filled, asked);
    }
    return this.#executeFilled(text, fingerprinted.fingerprint, fillSlots(fingerprinted, parameters), asked);
  }

  #executeFilled(
    text: string,
    key: string,
    filled: StatementSlots,
    asked: AnswerOptions,
    attemptsBefore = 0,
  ): Outcome | Promise<Outcome> {
    for (let attempt = attemptsBefore + 1; ; attempt++) {
      const plan = this.planFor(text, key, filled);
      try {
        const outcome = this.runPlan(plan, filled, asked);
        if (!(outcome instanceof Promise)) return outcome;
        return outcome.catch((error: unknown) => {
          if (attempt > MAX_REPLANS || !isStale(error)) throw error;
          return this.#executeFilled(text, key, filled, asked, attempt);
        });
      } catch (error) {
        if (attempt > MAX_REPLANS || !isStale(error)) throw error;
      }
    }
  }

  planFor(text: string, key: string, filled: StatementSlots): Plan {
    const { plans, store } = this.gate;
    const { version } = store.catalog;
    const environment = this.environment();
    const known = plans.find(version, environment.key, key, filled);
    if (known !== null) return known;
    const { statement, pinnedSlots } = parse(text, environment.syntax);
    const { plan, pins } = this.#plan(statement, filled);
    // Some literals are in the tree itself (CAST(x AS CHAR(5))): the plan holds for them only.
    const pinned = new Map(pins);
    for (const index of pinnedSlots) pinned.set(index, filled.slots[index] as SlotValue);
    plans.keep(version, environment.key, key, filled, plan, pinned);
    return plan;
  }

  runPlan(plan: Plan, filled: StatementSlots, asked: AnswerOptions = {}): Outcome | Promise<Outcome> {
    const execution = this.executionOf(filled.slots);
    switch (plan.kind) {
      case 'query':
        return this.reads.query(plan, execution, asked);
      case 'write':
        return runWrite(this, plan, execution);
      case 'schema':
        return runSchema(this, plan);
      case 'command':
        return this.#runCommand(plan, filled);
    }
  }

  #runCommand(plan: CommandPlan, filled: StatementSlots): Outcome | Promise<Outcome> {
    const keepsWarnings = plan.statement.kind === 'show';
    if (!keepsWarnings) this.warnings = [];
    return runCommand(this, plan.statement, filled);
  }

  // ---- Writes

  writeOptions(): WriteOptions {
    const { foreignKeyChecks, lockWaitTimeoutMs } = this.variables.settings;
    return { catalogVersion: this.gate.store.catalog.version, foreignKeyChecks, lockWaitTimeoutMs };
  }

  /** In the open transaction, or by itself. */
  write(statement: WriteStatement): Promise<WriteResult> {
    const transaction = this.currentTransaction();
    const options = this.writeOptions();
    return transaction === null ? this.gate.store.write(statement, options) : transaction.write(statement, options);
  }

  // ---- Transactions

  /** The open transaction; begins one when autocommit is off. */
  currentTransaction(): Transaction | null {
    if (this.transaction === null && !this.variables.settings.autocommit) this.beginTransaction({});
    return this.transaction;
  }

  beginTransaction(asked: { readOnly?: boolean; snapshot?: boolean }): void {
    const { settings } = this.variables;
    const isolation = this.nextTransaction.isolation ?? settings.isolation;
    const readOnly = asked.readOnly ?? this.nextTransaction.readOnly ?? settings.readOnly;
    this.nextTransaction = {};
    this.transaction = new Transaction(this.gate.store, this.gate.feed, this.gate.turns, {
      readOnly,
      readsNewest: isolation === 'READ-COMMITTED' || isolation === 'READ-UNCOMMITTED',
      foreignKeyChecks: settings.foreignKeyChecks,
      lockWaitTimeoutMs: settings.lockWaitTimeoutMs,
      likelyWrites: this.#likelyWrites && !readOnly,
    });
    if (asked.snapshot) this.transaction.openSnapshot();
  }

  async endTransaction(how: 'commit' | 'rollback'): Promise<void> {
    const transaction = this.transaction;
    if (transaction === null) return;
    this.transaction = null;
    this.#likelyWrites = transaction.wrote || this.#likelyWrites;
    await transaction[how]();
  }
}
