/**
 * One session's way to the source: which connection a statement gets, how that connection is brought into the session's state, and when it is free
 * for others again. A session has a connection of its own only while a transaction is open or something is kept there (pins.ts).
 */
import { failure, SluiceError, SourceError } from '../../errors.ts';
import type { SourceConnection } from '../../stores/mysql/connection.ts';
import type { ConnectionPool, WantedState } from '../../stores/mysql/pool.ts';
import type { ResultEnd, SourceAnswer, SourceResult } from '../../stores/mysql/result.ts';
import { textTable } from '../../stores/mysql/rows.ts';
import type { Source } from '../../stores/mysql/source.ts';
import type { Warning } from '../../stores/statement.ts';
import { SERVER_STATUS } from '../../util/mysql-packets/constants.ts';
import type { TransactionEnd } from '../protection/transaction-pool.ts';
import { droppedDatabase } from './dropped-database.ts';
import type { Interruption } from './interruption.ts';
import type { Job } from './job.ts';
import { Pins } from './pins.ts';
import { StatementRun } from './statement-run.ts';
import type { TokenFacts } from './token-facts.ts';
import type { TransactionTrace } from './transaction-trace.ts';

/** What of a session's state its statements depend on, or change. */
export interface LaneState {
  readonly wanted: WantedState;
  readonly workload: 'oltp' | 'olap';
  autocommit: boolean;
  lastInsertId: number | bigint;
  rowCount: number;
  foundRows: number;
  warnings: readonly Warning[];
  nextTransaction: string | null;
}

/** A connection that is in use, and whose it is. */
interface Place {
  readonly connection: SourceConnection;
  pool: ConnectionPool;
}

/** What the source says when it ends a connection while a statement runs: shutting down, killed, idle for too long. */
const CONNECTION_ENDED = new Set([1053, 1077, 1079, 1080, 1927, 4031]);
/** What a client is told whose connection broke. */
const BROKEN: ReadonlySet<SluiceError['code']> = new Set([
  'SLUICE_SOURCE_LOST',
  'SLUICE_SOURCE_OUTCOME_UNKNOWN',
  'SLUICE_TRANSACTION_LOST',
  'SLUICE_SESSION_STATE_LOST',
]);
const NO_WARNINGS: readonly Warning[] = [];

export class Lane {
  readonly pins = new Pins();
  /** Of the open transaction, or of the pins. */
  #held: Place | null = null;
  /** Called once, when the transaction that is open has ended, however. */
  onTransactionEnd: (() => void) | null = null;
  #inTransaction = false;
  #hasOnlyBegun = false;
  #transactionSince = 0;
  /** The connection on which LAST_INSERT_ID() is the session's. */
  #lastInsertIdAt: SourceConnection | null = null;
  #running: StatementRun | null = null;
  /** How the session was closed; null: it is not. */
  #closedBy: TransactionEnd | null = null;
  readonly #source: Source;
  readonly #state: LaneState;
  readonly #trace: TransactionTrace | null;

  /** `trace`: null for what begins no transactions. */
  constructor(source: Source, state: LaneState, trace: TransactionTrace | null = null) {
    this.#source = source;
    this.#state = state;
    this.#trace = trace;
  }

  get inTransaction(): boolean {
    return this.#inTransaction;
  }

  /** In a transaction in which nothing has run yet: it holds no locks. */
  get hasOnlyBegun(): boolean {
    return this.#inTransaction && this.#hasOnlyBegun;
  }

  get isHeld(): boolean {
    return this.#held !== null;
  }

  /** Epoch, ms; 0 without one. */
  get transactionSince(): number {
    return this.#transactionSince;
  }

  /** The source's number of the connection that the session holds. */
  get threadId(): number | null {
    return this.#held?.connection.threadId ?? null;
  }

  /**
   * Runs a statement. A read whose connection was lost is run once more on another; whatever could have changed something is not. Rejects with what
   * the source says, or what became of it.
   */
  run(job: Job): Promise<SourceAnswer> {
    return this.#runOnce(job, true);
  }

  /** Ends what runs, with that reason as its failure. */
  interrupt(reason: SluiceError): void {
    this.#running?.interrupt(reason);
  }

  /** Rolls back what is open, and forgets what the session keeps. */
  async reset(): Promise<void> {
    this.#drop('rollback');
  }

  /** Its time is over: rolls back, and tells nobody. What the session keeps besides stays. */
  async rollBack(): Promise<void> {
    if (this.#held === null || !this.#inTransaction) return;
    if (this.pins.isEmpty) {
      this.#drop('timeout');
      return;
    }
    const { connection } = this.#held;
    this.#inTransaction = false;
    this.#trace?.end('timeout');
    await connection.query('ROLLBACK').catch(() => this.#lose('lost'));
    this.#transactionEnded();
  }

  /** The client is gone, or was sent away. */
  close(reason: SluiceError, how: TransactionEnd = 'disconnect'): void {
    this.#closedBy = how;
    if (this.#running !== null) this.#running.interrupt(reason);
    else this.#drop(how);
  }

  /** Runs `work` on a connection in the session's state, as part of no statement. */
  async with<T>(facts: TokenFacts, work: (connection: SourceConnection) => Promise<T>): Promise<T> {
    const place = await this.#take(facts);
    try {
      await this.#bring(place.connection, facts);
      const result = await work(place.connection);
      this.#keepOrGiveBack(place);
      return result;
    } catch (error) {
      if (place.connection.isClosed) this.#lose('lost', place);
      else {
        if (this.#held !== place) place.connection.isTainted = true;
        this.#keepOrGiveBack(place);
      }
      throw error;
    }
  }

  /** After a statement within with(). */
  noteStatus(answer: SourceAnswer): void {
    const last = answer.results.at(-1);
    if (last !== undefined) this.#takeStatus(last.end.status, 'commit');
  }

  /** Hot path: of a read on a connection in the right state it waits for the answer alone. */
  async #runOnce(job: Job, mayRepeat: boolean): Promise<SourceAnswer> {
    const { facts } = job;
    const taken = this.#take(facts);
    const place = taken instanceof Promise ? await taken : taken;
    const wasInTransaction = this.#inTransaction;
    let sent = false;
    try {
      const bringing = this.#bring(place.connection, facts);
      if (bringing !== null) await bringing;
      if (this.#closedBy !== null) throw failure('ER_QUERY_INTERRUPTED');
      this.pins.addFor(facts);
      if (!this.pins.isEmpty) this.#hold(place);
      sent = true;
      const answer = await this.#answerOf(place, job);
      const after = this.#after(place, job, answer);
      if (after !== null) await after;
      return answer;
    } catch (error) {
      const lost = this.#isLost(place.connection, error);
      if (!lost) {
        await this.#afterFailure(place, facts, error);
        throw error;
      }
      const told = this.#lostError(error as SluiceError, place.connection, facts, { sent, wasInTransaction });
      const wasHeld = this.#held === place;
      this.#countLost(told);
      this.#lose(this.#closedBy ?? endOf(told), place);
      // Nothing has come of it that a second time could do twice.
      const isSafe = (facts.kind === 'select' || facts.kind === 'show') && !facts.locksRows;
      const isAccident = error instanceof SourceError || (error as SluiceError).code === 'SLUICE_SOURCE_LOST';
      const isRepeatable = isAccident && !wasHeld && job.sink === null && (isSafe || !sent);
      if (!isRepeatable || !mayRepeat || this.#closedBy !== null) throw told;
    }
    this.#source.counts.readsRepeated++;
    return this.#runOnce(job, false);
  }

  #countLost({ code }: SluiceError): void {
    const { counts } = this.#source;
    if (code === 'SLUICE_SOURCE_OUTCOME_UNKNOWN') counts.outcomesUnknown++;
    if (BROKEN.has(code)) counts.statementsBroken++;
  }

  // ---- Which connection

  #take(facts: TokenFacts): Place | Promise<Place> {
    if (this.#held !== null) {
      if (Pins.isNeeded(facts)) this.#moveToReserved(this.#held);
      return this.#held;
    }
    const pool = this.#poolFor(facts);
    const { wanted } = this.#state;
    const connection = pool.takeMatching(wanted);
    if (connection !== null) return { connection, pool };
    return pool.take(wanted).then((taken) => ({ connection: taken, pool }));
  }

  #poolFor(facts: TokenFacts): ConnectionPool {
    if (Pins.isNeeded(facts)) return this.#source.reserved;
    const reads = (facts.kind === 'select' && !facts.locksRows) || facts.kind === 'show' || facts.kind === 'set';
    if (!reads || (!this.#state.autocommit && facts.touchesTables)) return this.#source.transactions;
    return this.#state.workload === 'olap' || facts.isDump ? this.#source.streams : this.#source.reads;
  }

  /** A connection that will be kept beyond its transaction does not count as one of those any longer. */
  #moveToReserved(place: Place): void {
    const { reserved } = this.#source;
    if (place.pool === reserved) return;
    if (reserved.openCount >= this.#source.limits.reservedCap)
      throw failure('SLUICE_POOL_FULL', this.#source.limits.reservedCap, 'reserved', 0);
    if (!this.#source.total.mayMove(place.pool, reserved))
      throw failure('SLUICE_SOURCE_CONNECTIONS', this.#source.limits.sourceConnections, 0);
    place.pool.forget(place.connection);
    reserved.adopt(place.connection);
    place.pool = reserved;
  }

  #hold(place: Place): void {
    this.#held = place;
  }

  /** Brings a connection into the session's state. null: it is in it. */
  #bring(connection: SourceConnection, facts: TokenFacts): Promise<void> | null {
    const { database, settings } = this.#state.wanted;
    const isThere =
      connection.settings === settings.key &&
      (database === null || connection.database === database) &&
      this.#state.nextTransaction === null;
    if (isThere && (this.#lastInsertIdAt === connection || !needsLastInsertId(facts))) return null;
    const work: Promise<unknown>[] = [];
    if (connection.settings !== settings.key) {
      if (connection.settings !== null && this.#held?.connection !== connection) work.push(connection.reset());
      for (const statement of settings.statements) work.push(connection.query(statement));
      connection.settings = settings.key;
    }
    if (database !== null && connection.database !== database) {
      work.push(connection.useDatabase(database));
      connection.database = database;
    }
    if (this.#lastInsertIdAt !== connection && needsLastInsertId(facts)) {
      work.push(connection.query(`SET last_insert_id = ${this.#state.lastInsertId}`));
    }
    const { nextTransaction } = this.#state;
    if (nextTransaction !== null && !this.#inTransaction && startsTransaction(facts)) {
      this.#state.nextTransaction = null;
      work.push(connection.query(`SET ${nextTransaction}`));
    }
    if (work.length === 0) return null;
    // The statement itself must not run in another state than its client thinks.
    return Promise.all(work).then(
      () => undefined,
      (error: unknown) => {
        connection.isTainted = true;
        connection.settings = null;
        connection.database = null;
        throw error;
      },
    );
  }

  // ---- The statement

  async #answerOf(place: Place, job: Job): Promise<SourceAnswer> {
    const { connection } = place;
    const run = new StatementRun(this.#source, connection, job);
    this.#running = run;
    try {
      const sink = job.sink?.(connection) ?? null;
      if (job.bound === null) return await connection.query(job.text, run, sink);
      const known = connection.prepared(job.text);
      const statement = known instanceof Promise ? await known : known;
      return await connection.execute(statement, job.bound, run, sink);
    } catch (error) {
      throw run.interruption?.reason ?? error;
    } finally {
      this.#running = null;
      run.end();
      if (run.interruption !== null) await this.#afterInterruption(place, run.interruption);
    }
  }

  async #afterInterruption(place: Place, interruption: Interruption): Promise<void> {
    if (this.#held === place) {
      await interruption.settle();
      return;
    }
    await interruption.done();
    place.connection.destroy('its statement was killed');
  }

  // ---- What became of it

  /** null: all is done. The source is asked for what later statements may want to know of this one, as its connection may not be theirs. */
  #after(place: Place, { facts, text, bound }: Job, answer: SourceAnswer): Promise<void> | null {
    const last = answer.results.at(-1);
    const state = this.#state;
    const { connection } = place;
    if (last !== undefined) {
      this.#takeStatusOf(facts, last.end.status);
      this.#hasOnlyBegun = facts.kind === 'begin';
      state.rowCount = last.columnCount > 0 ? -1 : last.end.affectedRows;
      if (last.columnCount > 0) state.foundRows = last.rowCount;
    }
    if (leavesTraces(facts)) connection.isTainted = true;
    const isDone = facts.kind === 'ddl' && answer.failure === null;
    if (isDone && connection.database === droppedDatabase(text)) connection.database = null;
    if (!this.pins.isEmpty) this.pins.endedBy(facts, bound === null ? onlyValue(answer) : undefined);
    if (answer.failure !== null || last === undefined || leavesQuestions(facts, last.end))
      return this.#afterQuestions(place, facts, answer);
    state.warnings = NO_WARNINGS;
    this.#noteLastInsertIdAt(connection);
    this.#keepOrGiveBack(place);
    return null;
  }

  async #afterQuestions(place: Place, facts: TokenFacts, answer: SourceAnswer): Promise<void> {
    const { connection } = place;
    if (answer.failure !== null) await this.#refreshStatus(connection, facts);
    try {
      if (!connection.isClosed) await this.#askAfter(connection, facts, answer.results.at(-1));
    } catch (error) {
      // The statement has taken effect: its client must not be told anything else.
      if (!connection.isClosed) throw error;
    } finally {
      this.#keepOrGiveBack(place);
    }
  }

  async #askAfter(connection: SourceConnection, facts: TokenFacts, last: SourceResult | undefined): Promise<void> {
    const state = this.#state;
    if (facts.calculatesFoundRows) state.foundRows = Number(await ask(connection, 'SELECT FOUND_ROWS()'));
    if (last === undefined) return;
    const { insertId, warnings } = last.end;
    state.warnings = warnings > 0 ? await warningsOf(connection) : NO_WARNINGS;
    if (mayChangeLastInsertId(facts) && (insertId !== 0 || facts.kind === 'call')) {
      const asked = await ask(connection, 'SELECT LAST_INSERT_ID()');
      state.lastInsertId = BigInt(asked ?? 0);
    }
    this.#noteLastInsertIdAt(connection);
  }

  #noteLastInsertIdAt(connection: SourceConnection): void {
    this.#lastInsertIdAt = this.#held?.connection === connection || this.#inTransaction ? connection : null;
  }

  /** After a statement: one that ends a transaction and begins another (BEGIN in one, AND CHAIN) leaves the status as it was. */
  #takeStatusOf({ kind }: TokenFacts, status: number): void {
    const ends = kind === 'begin' || kind === 'commit' || kind === 'rollback';
    if (ends && this.#inTransaction) this.#ended(kind === 'rollback' ? 'rollback' : 'commit');
    this.#takeStatus(status, 'commit', ends ? 'begin' : 'statement');
  }

  #takeStatus(status: number, ended: TransactionEnd, begunBy: 'begin' | 'statement' = 'statement'): void {
    this.#state.autocommit = (status & SERVER_STATUS.AUTOCOMMIT) !== 0;
    const isOpen = (status & SERVER_STATUS.IN_TRANS) !== 0;
    if (isOpen === this.#inTransaction) return;
    if (!isOpen) {
      this.#ended(ended);
      return;
    }
    this.#inTransaction = true;
    this.#transactionSince = Date.now();
    this.#trace?.begin(begunBy);
  }

  #ended(how: TransactionEnd): void {
    this.#inTransaction = false;
    this.#transactionSince = 0;
    this.#trace?.end(how);
    this.#transactionEnded();
  }

  #transactionEnded(): void {
    const { onTransactionEnd } = this;
    this.onTransactionEnd = null;
    onTransactionEnd?.();
  }

  /** An error does not say whether it has ended the transaction. DDL that fails has committed before. */
  async #refreshStatus(connection: SourceConnection, { kind }: TokenFacts): Promise<void> {
    const { status } = await connection.ping();
    this.#takeStatus(status, kind === 'ddl' ? 'commit' : 'failed');
  }

  async #afterFailure(place: Place, facts: TokenFacts, error: unknown): Promise<void> {
    const known = error instanceof SluiceError ? error : null;
    this.#hasOnlyBegun = false;
    this.#state.rowCount = -1;
    this.#state.warnings = known === null ? [] : [{ level: 'Error', errno: known.errno, message: known.message }];
    if (leavesTraces(facts)) place.connection.isTainted = true;
    try {
      if (this.#held === place) await this.#refreshStatus(place.connection, facts);
    } catch {
      this.#lose('lost', place);
      return;
    }
    this.#keepOrGiveBack(place);
  }

  #keepOrGiveBack(place: Place): void {
    if (this.#closedBy !== null) {
      this.#held = place;
      this.#drop(this.#closedBy);
      return;
    }
    if (this.#inTransaction || !this.pins.isEmpty) {
      this.#hold(place);
      return;
    }
    this.#held = null;
    this.#lastInsertIdAt = null;
    place.pool.giveBack(place.connection);
  }

  /** Gives up what the session holds: the connection is reset, which rolls back, before anybody else gets it. */
  #drop(how: TransactionEnd): void {
    const place = this.#held;
    this.#forget(how);
    if (place === null) return;
    place.connection.isTainted = true;
    place.pool.giveBack(place.connection);
  }

  /** The connection is broken. */
  #lose(how: TransactionEnd, place: Place | null = this.#held): void {
    if (place === null) return;
    if (this.#held === place) this.#forget(how);
    if (!place.connection.isClosed) place.connection.destroy('it is broken');
    place.pool.forget(place.connection);
  }

  #forget(how: TransactionEnd): void {
    this.#held = null;
    this.#ended(how);
    this.#lastInsertIdAt = null;
    this.pins.clear();
  }

  #isLost(connection: SourceConnection, error: unknown): boolean {
    if (error instanceof SourceError && CONNECTION_ENDED.has(error.errno)) return true;
    return connection.isClosed;
  }

  #lostError(
    error: SluiceError,
    { closedWhy }: SourceConnection,
    facts: TokenFacts,
    { sent, wasInTransaction }: { readonly sent: boolean; readonly wasInTransaction: boolean },
  ): SluiceError {
    // What the connection says of itself would contradict what became of the statement.
    const why = error.code === 'SLUICE_SOURCE_LOST' ? closedWhy : error.message;
    const wasAsked = error.code === 'ER_QUERY_TIMEOUT' || error.code === 'ER_QUERY_INTERRUPTED';
    if (wasInTransaction) {
      if (facts.kind === 'commit' && sent) return failure('SLUICE_SOURCE_OUTCOME_UNKNOWN', why);
      return wasAsked ? error : failure('SLUICE_TRANSACTION_LOST', why);
    }
    if (!this.pins.isEmpty && this.#held !== null) return failure('SLUICE_SESSION_STATE_LOST', this.pins.reasons);
    const isRead = facts.kind === 'select' || facts.kind === 'show' || facts.kind === 'set' || facts.kind === 'begin';
    if (wasAsked && isRead) return error;
    if (error.code === 'SLUICE_ROW_LIMIT' || error.code === 'SLUICE_BYTE_LIMIT') return error;
    return isRead || !sent ? failure('SLUICE_SOURCE_LOST', why) : failure('SLUICE_SOURCE_OUTCOME_UNKNOWN', why);
  }
}

/** What becomes of a transaction whose statement failed with its connection. */
function endOf({ code }: SluiceError): TransactionEnd {
  if (code === 'SLUICE_SOURCE_OUTCOME_UNKNOWN') return 'unknown';
  if (code === 'ER_QUERY_TIMEOUT') return 'timeout';
  return code === 'ER_QUERY_INTERRUPTED' ? 'kill' : 'lost';
}

function needsLastInsertId(facts: TokenFacts): boolean {
  return facts.sessionFunctions.has('LAST_INSERT_ID') || facts.kind === 'call';
}

function mayChangeLastInsertId(facts: TokenFacts): boolean {
  return facts.kind === 'write' || facts.kind === 'call' || facts.sessionFunctions.has('LAST_INSERT_ID');
}

/** After these the source has more to say than the answer did. */
function leavesQuestions(facts: TokenFacts, { insertId, warnings }: ResultEnd): boolean {
  if (warnings > 0 || facts.calculatesFoundRows) return true;
  return mayChangeLastInsertId(facts) && (insertId !== 0 || facts.kind === 'call');
}

function startsTransaction({ kind }: TokenFacts): boolean {
  return kind === 'begin' || kind === 'write';
}

/** After these nobody can say in which state the connection is. */
function leavesTraces(facts: TokenFacts): boolean {
  return (
    Pins.isNeeded(facts) ||
    facts.kind === 'drop' ||
    facts.kind === 'other' ||
    facts.lockFunctions.size > 0 ||
    facts.callsUnknown
  );
}

/** The value of a result that is one value; undefined: it is another. */
function onlyValue({ results }: SourceAnswer): string | null | undefined {
  const [result] = results;
  if (results.length !== 1 || result === undefined || result.columnCount !== 1 || result.rowCount !== 1)
    return undefined;
  return textTable(result)[0]?.[0];
}

async function ask(connection: SourceConnection, text: string): Promise<string | null> {
  const { results } = await connection.query(text);
  return results[0] === undefined ? null : (textTable(results[0])[0]?.[0] ?? null);
}

async function warningsOf(connection: SourceConnection): Promise<Warning[]> {
  const { results } = await connection.query('SHOW WARNINGS');
  const rows = results[0] === undefined ? [] : textTable(results[0]);
  return rows.map(([level, code, message]) => ({
    level: level === 'Note' || level === 'Error' ? level : 'Warning',
    errno: Number(code),
    message: message ?? '',
  }));
}
