/**
 * One client's session in front of a MySQL server. Its statements go on in their own words; what the gate must know of them is in token-facts.ts,
 * on which connection they run is lane.ts' affair. What is about the session itself (SET, USE, KILL, SHOW PROCESSLIST) is in commands.ts.
 */
import { asFailure, failure, type SluiceError } from '../../errors.ts';
import type { ListCommand } from '../../lists/command.ts';
import type { SlotValue } from '../../sql/slots.ts';
import { bindText } from '../../sql/syntax/bind-text.ts';
import { hasSeveralStatements, splitStatements } from '../../sql/syntax/split-statements.ts';
import type { SyntaxOptions } from '../../sql/syntax/sql-mode.ts';
import { ADMINISTRATOR, NOBODY, type Privileges } from '../accounts/privileges.ts';
import { factsOfKeys } from '../admission.ts';
import { IDLE_CLOSED } from '../idle-clients.ts';
import { joinHints, type StatementHints } from '../protection/hints.ts';
import type {
  ClientInfo,
  LiveMessages,
  Outcome,
  PreparedStatement,
  Request,
  Session,
  SessionStatus,
} from '../request.ts';
import { countEnded, RunningStatement } from '../running-statement.ts';
import type { PlanCounters } from '../statistics/statistics.ts';
import { admit, admitKeys, delayed, type ReadableText, readableText } from './admission.ts';
import { outcomeOf } from './answer-outcome.ts';
import { withMysqlTypes } from './avenir-types.ts';
import { runLocally, useDatabase } from './commands.ts';
import type { SourceGate } from './gate.ts';
import { jobOf, type SentText, streams } from './job.ts';
import { Cancellation } from './keys/cancellation.ts';
import { Lane } from './lane.ts';
import { runSourceList, runSourcePage } from './lists/commands.ts';
import { answerFromMirror } from './mirror/mirror-read.ts';
import { subscribeToMirror } from './mirror/mirror-subscriptions.ts';
import type { SourcePlan } from './plan-cache.ts';
import { checkRights } from './rights.ts';
import { SessionState } from './session-state.ts';
import type { SourceGateLimits } from './source-options.ts';
import { type SqlRequest, statementValues } from './statement-values.ts';
import { streamOf } from './streams.ts';
import { TransactionTrace } from './transaction-trace.ts';

interface SourcePrepared extends PreparedStatement, SentText {
  readonly plan: SourcePlan;
  /** In which its text was read. */
  readonly syntax: SyntaxOptions;
  /** With whose rights its text was cut down; null: it is whole. */
  readonly cutDownFor: Privileges | null;
}

/** It ends when its rows have been read. */
type StreamOutcome = Extract<Outcome, { kind: 'stream' | 'packet-stream' | 'key-stream' }>;

/** All but lists, which are statements when they come here. */
type StatementRequest = Exclude<Request, { kind: 'list' | 'page' }>;

/** What SHOW PROCESSLIST shows. */
function textOf(request: StatementRequest): string {
  switch (request.kind) {
    case 'sql':
      return request.text;
    case 'prepared':
      return request.statement.text;
    case 'keys':
    case 'key-stream':
      return `keys: ${request.command.op}`;
  }
}

export class SourceSession implements Session {
  readonly id: number;
  readonly gate: SourceGate;
  onKill: ((reason: Error) => void) | null = null;
  client: ClientInfo;
  state: SessionState;
  lane: Lane;
  running: RunningStatement | null = null;
  /** Leaves the read that this session shares with others. */
  cancelShared: ((reason: Error) => void) | null = null;
  /** Ends its waiting for its turn to change a row. */
  cancelWait: ((reason: Error) => void) | null = null;
  lastActiveAt = Date.now();
  /** What runs: one, or several commands on keys, which Redis' clients send ahead. */
  readonly #open = new Set<RunningStatement>();
  /** Of the commands on keys. */
  readonly #cancellations = new Map<RunningStatement, Cancellation>();
  #trace: TransactionTrace;
  /** The newest statement of SQL, for the log. */
  #request: SqlRequest | null = null;
  /** Told by the next statement: the transaction in which it thinks it is has ended. */
  #lost: SluiceError | null = null;
  /** The last one that was counted. */
  #failure: Error | null = null;
  #isClosed = false;
  #privileges: Privileges = NOBODY;
  #privilegesVersion = -1;

  constructor(gate: SourceGate, id: number, client: ClientInfo) {
    this.gate = gate;
    this.id = id;
    this.client = client;
    this.#trace = this.#newTrace();
    this.state = this.#freshState();
    this.lane = new Lane(gate.source, this.state, this.#trace);
  }

  #newTrace(): TransactionTrace {
    const { user, host } = this.client;
    return new TransactionTrace(this.gate.transactions, { session: this.id, user, host });
  }

  #freshState(): SessionState {
    const { schema, sqlMode } = this.gate.source;
    const state = new SessionState(schema, sqlMode, this.client.collation);
    // Whether it exists is seen when it is used.
    state.database = this.client.database === undefined || this.client.database === '' ? null : this.client.database;
    return state;
  }

  /** What the user may do now: a configuration that was read again holds for open sessions too. */
  get privileges(): Privileges {
    if (this.client.protocol === 'embedded') return ADMINISTRATOR;
    const { accounts } = this.gate;
    if (accounts.version !== this.#privilegesVersion) {
      this.#privileges = accounts.privilegesOf(this.client.user);
      this.#privilegesVersion = accounts.version;
    }
    return this.#privileges;
  }

  get limits(): SourceGateLimits {
    const { limits } = this.state;
    return limits === null ? this.gate.limits : { ...this.gate.limits, ...limits };
  }

  get database(): string | null {
    return this.state.database;
  }

  get status(): SessionStatus {
    return {
      autocommit: this.state.autocommit,
      inTransaction: this.lane.inTransaction,
      database: this.state.database,
      noBackslashEscapes: this.state.syntax.noBackslashEscapes === true,
    };
  }

  execute(request: Request): Outcome | Promise<Outcome> {
    if (this.#isClosed) throw failure('ER_SERVER_SHUTDOWN');
    if (request.kind === 'list' || request.kind === 'page') return this.#executeList(request);
    return this.#run(request, this.client.protocol === 'mysql');
  }

  /** `asPackets`: rows of statements as the source sends them. Hot path: of promises it adds one. */
  #run(request: StatementRequest, asPackets: boolean): Promise<Outcome> {
    const text = textOf(request);
    const running = this.#begin(text);
    const fail = (error: unknown): never => {
      throw this.#failed(error, running);
    };
    try {
      this.#tellLost(text);
      const outcome = this.#dispatch(request, running, asPackets);
      if (outcome instanceof Promise) return outcome.then((settled) => this.#answered(settled, running), fail);
      return Promise.resolve(this.#answered(outcome, running));
    } catch (error) {
      return Promise.reject(this.#failed(error, running));
    }
  }

  #answered(outcome: Outcome, running: RunningStatement): Outcome {
    switch (outcome.kind) {
      case 'packet-stream':
        return { ...outcome, rows: this.#busyWhile(outcome.rows, running) };
      case 'stream':
        return { ...outcome, chunks: this.#busyWhile(outcome.chunks, running) };
      case 'key-stream':
        return { ...outcome, chunks: this.#busyWhile(outcome.chunks, running) };
      default:
        running.rows = rowsOf(outcome);
        if (outcome.kind === 'packets' && outcome.answer.failure !== null) this.#failure = outcome.answer.failure;
        this.#ended(running, outcome.kind === 'packets' ? outcome.answer.failure : null);
        return outcome;
    }
  }

  /** A list command: from the mirror, if its table is mirrored and the mirror may answer. At once where it can. */
  #executeList(request: Extract<Request, { kind: 'list' | 'page' }>): Outcome | Promise<Outcome> {
    const { command } = request;
    const running = this.#begin(`list: ${command.query ?? command.parameters.map((pair) => pair.join('=')).join('&')}`);
    const { mirror } = this.gate;
    try {
      this.#tellLost('');
      const answer = mirror === null ? null : answerFromMirror(this, mirror, request, running);
      if (answer === null) return this.#askForList(request, running);
      if (!(answer instanceof Promise)) {
        this.#ended(running, null);
        return answer;
      }
      return this.#mirrored(answer, request, running);
    } catch (error) {
      throw this.#failed(error, running);
    }
  }

  async #mirrored(
    answer: ReturnType<typeof answerFromMirror>,
    request: Extract<Request, { kind: 'list' | 'page' }>,
    running: RunningStatement,
  ): Promise<Outcome> {
    let outcome: Awaited<typeof answer>;
    try {
      outcome = await answer;
    } catch (error) {
      throw this.#failed(error, running);
    }
    if (outcome === null) return this.#askForList(request, running);
    this.#ended(running, null);
    return outcome;
  }

  /** From the source, which is asked with statements of its own (lists/commands.ts). They are counted; what is wrong with the command itself is, too. */
  async #askForList(
    { kind, command }: Extract<Request, { kind: 'list' | 'page' }>,
    running: RunningStatement,
  ): Promise<Outcome> {
    try {
      this.#learnMode();
      return await (kind === 'list' ? runSourceList(this, command) : runSourcePage(this, command));
    } catch (error) {
      throw error === this.#failure ? error : this.#failed(error, running);
    } finally {
      this.#leave(running);
    }
  }

  /**
   * A statement that Sluice makes for this client, in the way of the client's own. `params`: texts for each `?`. It answers with packets, whatever the
   * client speaks: with `maxRows` 0 as they come.
   */
  ask(text: string, params: readonly string[], maxRows?: number): Promise<Outcome> {
    const parameters = params.map((value) => ({ type: { kind: 'string' as const }, value }));
    const limit = maxRows === undefined ? {} : { maxRows };
    return this.#run({ kind: 'sql', text, parameters, ...limit }, true);
  }

  #dispatch(request: StatementRequest, running: RunningStatement, asPackets: boolean): Outcome | Promise<Outcome> {
    switch (request.kind) {
      case 'sql':
      case 'prepared':
        return this.#execute(request, running, asPackets);
      case 'keys':
      case 'key-stream':
        return this.#executeKeys(request, running);
    }
  }

  async #executeKeys(
    request: Extract<Request, { kind: 'keys' | 'key-stream' }>,
    running: RunningStatement,
  ): Promise<Outcome> {
    const { keys, protection } = this.gate;
    this.#count(running, protection.countersOf(request.command.op, factsOfKeys));
    const cancellation = new Cancellation();
    this.#cancellations.set(running, cancellation);
    const waits = admitKeys(this, request.command);
    if (waits !== null) await waits;
    if (request.kind === 'key-stream')
      return { kind: 'key-stream', chunks: keys.stream(this, request.command, cancellation) };
    return { kind: 'keys', result: await this.#timed(cancellation, keys.run(this, request.command, cancellation)) };
  }

  async #timed<T>(cancellation: Cancellation, result: Promise<T>): Promise<T> {
    const { queryTimeoutMs } = this.limits;
    if (queryTimeoutMs === 0) return result;
    const timer = setTimeout(() => cancellation.cancel(failure('ER_QUERY_TIMEOUT')), queryTimeoutMs);
    try {
      return await result;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Until its rows have been read, or left. */
  async *#busyWhile<T>(chunks: AsyncIterable<T>, running: RunningStatement): AsyncGenerator<T, void, undefined> {
    try {
      yield* chunks;
    } catch (error) {
      throw this.#failed(error, running);
    } finally {
      this.#ended(running, null);
    }
  }

  // ---- What runs, and how it is counted

  #begin(text: string): RunningStatement {
    const running = new RunningStatement(text, Date.now());
    this.running = running;
    this.#open.add(running);
    this.#request = null;
    return running;
  }

  #count(running: RunningStatement, counters: PlanCounters): void {
    if (running.counters !== null) return;
    running.counters = counters;
    this.#trace.note(counters.facts.fingerprint);
  }

  /** It has been answered, or has failed. Safe to call twice: the first one counts. */
  #ended(running: RunningStatement, error: SluiceError | null): void {
    if (!this.#leave(running)) return;
    const { protection, limits } = this.gate;
    countEnded(this, protection, limits.slowQueryMs, running, error);
  }

  /** false: it has ended before. */
  #leave(running: RunningStatement): boolean {
    if (!this.#open.delete(running)) return false;
    this.#cancellations.delete(running);
    if (this.#open.size === 0) this.running = null;
    this.lastActiveAt = Date.now();
    return true;
  }

  /** For the log. */
  valuesOf({ text }: RunningStatement): readonly SlotValue[] {
    if (this.#request === null) return [];
    try {
      return statementValues(this.#request, text, this.state.syntax);
    } catch {
      // What is no statement has no values either.
      return [];
    }
  }

  /** A transaction that ended by itself is told once; nothing is silently done outside of it. */
  #tellLost(text: string): void {
    const lost = this.#lost;
    this.#lost = null;
    if (lost !== null && !/^\s*rollback\s*;?\s*$/i.test(text)) throw lost;
  }

  #failed(error: unknown, running: RunningStatement): Error {
    const known = asFailure(error);
    this.#failure = known;
    this.#ended(running, known);
    if (known.code === 'ER_UNKNOWN_ERROR') this.gate.log.error({ err: error }, 'unexpected failure of a statement');
    this.gate.noticeFailure(known);
    this.state.rowCount = -1;
    this.state.warnings = [{ level: 'Error', errno: known.errno, message: known.message }];
    return known;
  }

  #execute(request: SqlRequest, running: RunningStatement, asPackets: boolean): Outcome | Promise<Outcome> {
    this.#learnMode();
    const { syntax } = this.state;
    const { text: asked, meant, isCutDown } = this.#readable(request, running.text);
    this.#request = request;
    const plan = request.kind === 'sql' ? this.gate.plans.find(asked, syntax) : this.#planOf(request.statement);
    this.#count(running, this.gate.plans.countersOf(plan, this.state.database, this.gate.source.schema));
    const verdict = admit(this, plan, asked, () => statementValues(request, meant, syntax), isCutDown);
    if (verdict === null) return this.#goOn(request, plan, asked, plan.facts.hints, asPackets);
    const hints = joinHints(plan.facts.hints, verdict.hints);
    return delayed(this, verdict).then(() => this.#goOn(request, plan, asked, hints, asPackets));
  }

  /** What nothing has refused. */
  #goOn(
    request: SqlRequest,
    plan: SourcePlan,
    asked: string,
    hints: StatementHints,
    asPackets: boolean,
  ): Outcome | Promise<Outcome> {
    const { syntax } = this.state;
    const given =
      request.kind === 'sql' && request.parameters !== undefined ? bindText(asked, syntax, request.parameters) : asked;
    const isAvenir = this.client.protocol === 'json' && plan.facts.kind === 'ddl';
    const text = isAvenir ? withMysqlTypes(given, syntax) : given;
    const bound = request.kind === 'prepared' ? (request.bound ?? null) : null;
    const local = runLocally(this, plan.facts, text, bound);
    if (local !== null) return local;
    const statement = request.kind === 'prepared' ? (request.statement as SourcePrepared) : null;
    const prepared = statement?.plan === plan ? statement : null;
    const job = jobOf(this, plan.facts, { text, bound, maxRows: request.maxRows, hints, prepared });
    if (streams(job, request)) return streamOf(this, job, asPackets);
    return this.gate.run(this, plan, job).then((answer) => outcomeOf(answer, this.client, asPackets));
  }

  /** A prepared statement was made readable then, for who its user was and with the rights of then. */
  #readable(request: SqlRequest, text: string): ReadableText {
    if (request.kind === 'sql') return readableText(this, text);
    const { cutDownFor } = request.statement as SourcePrepared;
    return { text, meant: text, isCutDown: cutDownFor !== null && cutDownFor === this.privileges };
  }

  /** Sessions may have begun before the source was reached. */
  #learnMode(): void {
    const { sqlMode } = this.gate.source;
    if (!this.state.hasBegun && sqlMode !== null) this.state.begin(sqlMode);
  }

  /** A text that is prepared anew on another connection means what it does in the session's mode of now. */
  #planOf(statement: PreparedStatement): SourcePlan {
    const { plan, syntax, text } = statement as SourcePrepared;
    return sameSyntax(syntax, this.state.syntax) ? plan : this.gate.plans.find(text, this.state.syntax);
  }

  async prepare(given: string): Promise<PreparedStatement> {
    if (this.#isClosed) throw failure('ER_SERVER_SHUTDOWN');
    const running = this.#begin(given);
    try {
      this.#learnMode();
      const { syntax } = this.state;
      const { text, isCutDown } = readableText(this, given);
      const plan = this.gate.plans.find(text, syntax);
      // The source tells which columns its tables have.
      checkRights(this, plan.facts, plan.placed.in(this.state.database, this.gate.source.schema), isCutDown);
      const job = jobOf(this, plan.facts, { text, bound: null, hints: plan.facts.hints, prepared: null });
      const prepared = await this.lane.with(plan.facts, async (connection) => connection.prepared(job.text));
      const statement: SourcePrepared = {
        text,
        plan,
        syntax,
        parameterCount: prepared.parameterCount,
        columns: [],
        packets: prepared,
        sent: null,
        cutDownFor: isCutDown ? this.privileges : null,
      };
      // It is counted when it is executed.
      this.#leave(running);
      return statement;
    } catch (error) {
      throw this.#failed(error, running);
    }
  }

  subscribe(command: ListCommand, after: string | null): Promise<LiveMessages> {
    return subscribeToMirror(this, this.gate.mirror, command, after);
  }

  watchKeys(): never {
    throw failure('ER_NOT_SUPPORTED_YET', 'watching keys in front of a MySQL server');
  }

  split(text: string): string[] {
    const { syntax } = this.state;
    return hasSeveralStatements(text, syntax) ? splitStatements(text, syntax) : [text];
  }

  useDatabase(name: string): Promise<void> {
    return useDatabase(this, name);
  }

  async reset(): Promise<void> {
    const { database } = this.state;
    await this.lane.reset();
    // Streams that nobody has begun to read never say that they have ended.
    this.#open.clear();
    this.running = null;
    this.#trace = this.#newTrace();
    this.state = this.#freshState();
    this.state.database = database;
    this.lane = new Lane(this.gate.source, this.state, this.#trace);
    this.#lost = null;
  }

  async changeUser(client: ClientInfo): Promise<void> {
    this.client = client;
    await this.reset();
    this.#privilegesVersion = -1;
    this.state.database = null;
    if (client.database !== undefined && client.database !== '') await this.useDatabase(client.database);
  }

  close(how: 'kill' | 'disconnect' = 'disconnect'): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.gate.forget(this);
    const reason = failure('ER_QUERY_INTERRUPTED');
    this.#cancel(reason);
    this.lane.close(reason, how);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  kill(what: 'query' | 'connection'): void {
    const reason = failure('ER_QUERY_INTERRUPTED');
    this.#cancel(reason);
    this.lane.interrupt(reason);
    if (what === 'connection') {
      this.onKill?.(reason);
      this.close('kill');
    }
  }

  #cancel(reason: SluiceError): void {
    this.cancelShared?.(reason);
    this.cancelWait?.(reason);
    for (const cancellation of this.#cancellations.values()) cancellation.cancel(reason);
  }

  /** Closes the connection of a client that has said nothing for too long. */
  checkIdle(now: number): void {
    const { clientIdleTimeoutMs } = this.gate.limits;
    if (clientIdleTimeoutMs === 0 || this.running !== null || !IDLE_CLOSED.has(this.client.protocol)) return;
    if (now - this.lastActiveAt >= clientIdleTimeoutMs) this.kill('connection');
  }

  /** Ends a transaction that is too old or too long idle; never in the middle of a statement. */
  checkTransactionAge(now: number): void {
    const { transactionTimeoutMs } = this.limits;
    if (!this.lane.inTransaction || this.running !== null || transactionTimeoutMs === 0) return;
    const since = Math.min(this.lane.transactionSince, this.lastActiveAt);
    if (now - since < transactionTimeoutMs) return;
    this.#lost = failure(
      'SLUICE_TRANSACTION_LOST',
      `it was open for longer than ${transactionTimeoutMs} ms (transaction_timeout)`,
    );
    // Until it is rolled back, nothing else may run.
    const rollback = this.lane.rollBack();
    rollback.catch((error: unknown) => this.gate.log.warn({ err: error }, 'a transaction could not be rolled back'));
  }
}

function sameSyntax(a: SyntaxOptions, b: SyntaxOptions): boolean {
  return a === b || (a.ansiQuotes === b.ansiQuotes && a.noBackslashEscapes === b.noBackslashEscapes);
}

/** Given, or changed. */
function rowsOf(outcome: Exclude<Outcome, StreamOutcome>): number {
  switch (outcome.kind) {
    case 'ok':
      return outcome.affectedRows;
    case 'rows':
    case 'ready':
      return outcome.rows.length;
    case 'packets': {
      const last = outcome.answer.results.at(-1);
      return last === undefined ? 0 : last.columnCount > 0 ? last.rowCount : last.end.affectedRows;
    }
    default:
      return 0;
  }
}
