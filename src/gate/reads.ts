/** A session's reads: inline in the front where that cannot take long, in a reader process otherwise, in the writer inside a transaction that writes. */
import type { Footprint } from '../changes/condition.ts';
import { failure } from '../errors.ts';
import type { ListQuery } from '../lists/kept/list-query.ts';
import type { ExecutionContext } from '../sql/context.ts';
import { type QueryPlan, readStatement } from '../sql/planner/plan.ts';
import { fitsInline } from '../sql/planner/row-bound.ts';
import type { ProcedureCall, RunningCall } from '../stores/procedure.ts';
import type { ReadStatement, WorkOptions } from '../stores/statement.ts';
import type { RowStream } from '../stores/store.ts';
import type { StoreRow } from '../stores/values.ts';
import { consolidatedRead } from './consolidated-read.ts';
import { footprintsOf } from './footprint.ts';
import { whenAnswered } from './kept-answers.ts';
import { checkLimits, type ResultLimits, rowsOutcome, streamOutcome } from './outcomes.ts';
import type { GatePlan } from './plan-facts.ts';
import type { StatementHints } from './protection/hints.ts';
import type { Outcome, RowForm } from './request.ts';
import type { GateSession } from './session.ts';
import { formEncoder, type SqlList, sqlListOf, valuesEncoder } from './sql-lists.ts';
import type { PlanFacts } from './statement-facts.ts';
import type { RunOptions } from './statements.ts';
import type { Transaction } from './transaction.ts';
import { intoVariables } from './user-variables.ts';

/** What a request says of its answer. */
export interface AnswerOptions {
  readonly maxRows?: number;
  readonly form?: RowForm;
}

/** One query on its way. */
interface Reading {
  readonly planned: GatePlan;
  readonly plan: QueryPlan;
  readonly execution: ExecutionContext;
  readonly limits: ResultLimits;
  readonly hints: StatementHints;
}

export class SessionReads {
  readonly #session: GateSession;
  #running: Pick<RowStream, 'cancel'> | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(session: GateSession) {
    this.#session = session;
  }

  /** Ends what runs in a reader. */
  cancel(reason: Error): void {
    this.#running?.cancel(reason);
    this.#running = null;
  }

  /** What ran has been answered. */
  forget(): void {
    this.#running = null;
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  query(
    planned: GatePlan,
    plan: QueryPlan,
    execution: ExecutionContext,
    { asked, hints }: RunOptions,
  ): Outcome | Promise<Outcome> {
    if (plan.calcFoundRows) throw failure('ER_NOT_SUPPORTED_YET', 'SQL_CALC_FOUND_ROWS');
    this.#session.warnings = [];
    const reading: Reading = { planned, plan, execution, limits: this.#limits(asked, hints), hints };
    if (plan.into !== null) {
      const outcome = this.#answered(reading);
      const names = plan.into;
      return outcome instanceof Promise
        ? outcome.then((given) => intoVariables(this.#session, names, given))
        : intoVariables(this.#session, names, outcome);
    }
    const list = plan.light || this.#session.currentTransaction() !== null ? null : sqlListOf(plan);
    return list === null ? this.#answered(reading) : this.#fromKept(reading, list, asked.form ?? null);
  }

  /** What the statement's text says wins over what the request says, and that over the session and the protocol. */
  #limits(asked: AnswerOptions, hints: StatementHints): ResultLimits {
    const { gate, client, variables } = this.#session;
    const { settings } = variables;
    const rows = hints.maxRows ?? asked.maxRows ?? (settings.isOlap ? 0 : gate.maxRows(client.protocol, settings));
    return { rows, bytes: rows === 0 || client.protocol === 'embedded' ? 0 : gate.settings.maxResultBytes };
  }

  #answered(reading: Reading): Outcome | Promise<Outcome> {
    const { plan, execution } = reading;
    const statement = readStatement(plan, execution);
    return plan.light
      ? this.#answer(reading, this.#session.gate.store.readInline(statement))
      : this.#route(reading, statement);
  }

  /** From the kept lists if they know, otherwise from the store, which tells them what that took. */
  #fromKept(reading: Reading, list: SqlList, form: RowForm | null): Outcome | Promise<Outcome> {
    const query = list.query(reading.execution);
    const { kept } = this.#session.gate;
    const fromStore = (): Outcome | Promise<Outcome> => this.#timed(query, () => this.#answered(reading));
    if (form === null || list.counts) {
      return whenAnswered(
        kept.ask(query, valuesEncoder(list)),
        ({ rows, count }) => this.#answer(reading, rows ?? [[count ?? 0]]),
        fromStore,
      );
    }
    return whenAnswered(
      kept.ask(query, formEncoder(list, form)),
      ({ rows }) => {
        this.#checkReady(rows ?? [], reading.limits);
        return { kind: 'ready', columns: reading.plan.columns, rows: rows ?? [] };
      },
      fromStore,
    );
  }

  #timed(query: ListQuery, read: () => Outcome | Promise<Outcome>): Outcome | Promise<Outcome> {
    const began = performance.now();
    const tell = (): void => this.#session.gate.kept.answered(query, performance.now() - began);
    const outcome = read();
    if (outcome instanceof Promise) return outcome.finally(tell);
    if (outcome.kind === 'stream') return { ...outcome, chunks: toldAtEnd(outcome.chunks, tell) };
    tell();
    return outcome;
  }

  #route(reading: Reading, statement: ReadStatement): Outcome | Promise<Outcome> {
    const { plan, execution } = reading;
    const transaction = this.#session.currentTransaction();
    const inline = plan.rowsBound !== null && fitsInline(plan.rowsBound(execution));
    if (transaction === null) {
      if (inline) return this.#answer(reading, this.#inline(statement));
      return this.#streamed(reading, this.#seen(this.#consolidated(reading, statement)));
    }
    if (plan.lock !== null && !transaction.options.readOnly) {
      const { nowait } = plan.lock;
      return transaction
        .readLocked(statement, nowait, this.#inWriter(this.#givenTimeMs(reading)))
        .then((rows) => this.#answer(reading, rows));
    }
    if (transaction.holdsWriter)
      return transaction
        .readInWriter(statement, this.#inWriter(this.#givenTimeMs(reading)))
        .then((rows) => this.#answer(reading, rows));
    const turn = transaction.takeTurn();
    const read = (): Outcome => {
      const footprints = () => footprintsOf(plan, execution);
      this.#session.gate.kept.storeWasRead();
      if (inline) return this.#answer(reading, transaction.readInline(statement, footprints));
      return this.#streamed(reading, this.#seen(transaction.readStream(statement, footprints())));
    };
    return turn === null ? read() : turn.then(read);
  }

  /** In a reader, or from the run of an identical read that is in one already. */
  #consolidated({ planned, hints, limits }: Reading, statement: ReadStatement): RowStream {
    const { gate } = this.#session;
    const start = (): RowStream => gate.store.read(statement);
    const mayShare = hints.consolidate ?? (planned.repeatable && limits.rows > 0);
    if (!mayShare) return start();
    return this.#shared(statement, planned.facts, start);
  }

  /** What is read depends on the text, the values and the tables alone: rights were looked at before. */
  #shared(
    statement: ReadStatement,
    facts: Pick<PlanFacts, 'tables' | 'fingerprint'>,
    start: () => RowStream,
  ): RowStream {
    const { gate } = this.#session;
    return gate.settings.consolidates ? consolidatedRead(gate, statement, facts, start) : start();
  }

  #answer({ plan, limits }: Reading, rows: readonly StoreRow[]): Outcome {
    checkLimits(rows, limits);
    this.#found(rows.length);
    return rowsOutcome(plan.columns, rows);
  }

  #checkReady(rows: readonly string[], limits: ResultLimits): void {
    if (limits.rows > 0 && rows.length > limits.rows) throw failure('SLUICE_ROW_LIMIT', limits.rows);
    let bytes = 0;
    if (limits.bytes > 0) for (const row of rows) bytes += row.length;
    if (bytes > limits.bytes) throw failure('SLUICE_BYTE_LIMIT', limits.bytes);
    this.#found(rows.length);
  }

  #found(rows: number): void {
    this.#session.foundRows = rows;
    this.#session.rowCount = -1;
  }

  // Reads of the store, as it is now: it may be ahead of its reports, and with it whoever sees the rows.

  #inline(statement: ReadStatement): StoreRow[] {
    this.#session.gate.kept.storeWasRead();
    return this.#session.gate.store.readInline(statement);
  }

  #seen(stream: RowStream): RowStream {
    return { chunks: this.#seenChunks(stream.chunks), cancel: (reason) => stream.cancel(reason) };
  }

  async *#seenChunks(chunks: RowStream['chunks']): AsyncGenerator<readonly StoreRow[]> {
    for await (const chunk of chunks) {
      this.#session.gate.kept.storeWasRead();
      yield chunk;
    }
  }

  #streamed(reading: Reading, stream: RowStream): Outcome {
    const { plan, limits } = reading;
    this.#running = stream;
    this.#limitTime(stream, this.#givenTimeMs(reading));
    this.#session.rowCount = -1;
    return streamOutcome(plan.columns, stream, limits, (rows, failed) => {
      const session = this.#session;
      session.foundRows = rows;
      if (this.#running !== stream && session.running === null) return null;
      const error = failed === null ? null : session.failedWith(failed.error);
      session.end(rows, error);
      return error;
    });
  }

  /** What streams without a limit of rows takes its time: a dump, NDJSON, workload = olap. null: the session's. */
  #givenTimeMs({ hints, limits }: Reading): number | null {
    return hints.maxExecutionTimeMs ?? (limits.rows === 0 ? this.#maxExecutionTimeMs() : null);
  }

  /** A read that the writer does is ended with it, as writes are. */
  #inWriter(given: number | null): WorkOptions {
    return this.#session.inWriter({ timeLimitMs: this.#timeLimitMs(given) });
  }

  #maxExecutionTimeMs(): number {
    return this.#session.variables.settings.maxExecutionTimeMs;
  }

  /** max_execution_time, or query_timeout. `given`: null for the session's. 0: no limit. */
  #timeLimitMs(given: number | null): number {
    return given ?? (this.#maxExecutionTimeMs() || this.#session.queryTimeoutMs);
  }

  /** Ends the reader, whatever it is doing. `given`: as above. */
  #limitTime(stream: Pick<RowStream, 'cancel'>, given: number | null): void {
    const most = this.#timeLimitMs(given);
    if (most === 0) return;
    this.#timer = setTimeout(() => {
      if (this.#running === stream) stream.cancel(failure('ER_QUERY_TIMEOUT'));
    }, most);
    this.#timer.unref();
  }

  /** Rows of a statement that is not a plan of SQL's (lists), by the same routes: all at once where it runs inline, otherwise in chunks. */
  rows(
    statement: ReadStatement,
    inline: boolean,
    footprints: () => readonly Footprint[],
  ): StoreRow[] | AsyncIterable<readonly StoreRow[]> {
    const transaction = this.#session.currentTransaction();
    if (transaction === null) return this.autocommitRows(statement, inline);
    if (transaction.holdsWriter) return this.#rowsInWriter(transaction, statement);
    this.#session.gate.kept.storeWasRead();
    return inline
      ? transaction.readInline(statement, footprints)
      : this.#chunks(this.#seen(transaction.readStream(statement, footprints())));
  }

  /** The same outside of transactions. */
  autocommitRows(statement: ReadStatement, inline: boolean): StoreRow[] | AsyncIterable<readonly StoreRow[]> {
    if (inline) return this.#inline(statement);
    const start = (): RowStream => this.#session.gate.store.read(statement);
    const { counters } = this.#session.running ?? { counters: null };
    return this.#chunks(this.#seen(counters === null ? start() : this.#shared(statement, counters.facts, start)));
  }

  /** What runs in readers for this session: KILL, timeouts and the end of the session end it. */
  track(running: Pick<RowStream, 'cancel'>): void {
    this.#running = running;
    this.#limitTime(running, null);
  }

  /** A procedure that reads, by itself. */
  call(call: ProcedureCall): Promise<unknown> {
    const { procedures } = this.#session.gate.store;
    if (procedures === undefined) throw failure('ER_NOT_SUPPORTED_YET', 'keys on this store');
    return this.#called(procedures.read(call));
  }

  /** The same inside a transaction that does not write yet. */
  callIn(transaction: Transaction, call: ProcedureCall, footprints: readonly Footprint[]): Promise<unknown> {
    return this.#called(transaction.callReading(call, footprints));
  }

  async #called(running: RunningCall): Promise<unknown> {
    this.track(running);
    const result = await running.result;
    this.#session.gate.kept.storeWasRead();
    return result;
  }

  #chunks(stream: RowStream): AsyncIterable<readonly StoreRow[]> {
    this.#running = stream;
    this.#limitTime(stream, null);
    return stream.chunks;
  }

  async *#rowsInWriter(transaction: Transaction, statement: ReadStatement): AsyncGenerator<readonly StoreRow[]> {
    yield await transaction.readInWriter(statement, this.#inWriter(null));
  }
}

async function* toldAtEnd(
  chunks: AsyncIterable<readonly StoreRow[]>,
  tell: () => void,
): AsyncGenerator<readonly StoreRow[]> {
  yield* chunks;
  tell();
}
