/** A session's reads: inline in the front where that cannot take long, in a reader process otherwise, in the writer inside a transaction that writes. */
import type { Footprint } from '../changes/condition.ts';
import { failure } from '../errors.ts';
import type { ListQuery } from '../lists/kept/list-query.ts';
import type { ExecutionContext } from '../sql/context.ts';
import { type QueryPlan, readStatement } from '../sql/planner/plan.ts';
import { fitsInline } from '../sql/planner/row-bound.ts';
import type { ProcedureCall, RunningCall } from '../stores/procedure.ts';
import type { ReadStatement } from '../stores/statement.ts';
import type { RowStream } from '../stores/store.ts';
import type { StoreRow } from '../stores/values.ts';
import { footprintsOf } from './footprint.ts';
import { whenAnswered } from './kept-answers.ts';
import { rowsOutcome, streamOutcome } from './outcomes.ts';
import type { Outcome, RowForm } from './request.ts';
import type { GateSession } from './session.ts';
import { formEncoder, type SqlList, sqlListOf, valuesEncoder } from './sql-lists.ts';
import type { Transaction } from './transaction.ts';
import { intoVariables } from './user-variables.ts';

/** What a request says of its answer. */
export interface AnswerOptions {
  readonly maxRows?: number;
  readonly form?: RowForm;
}

export class SessionReads {
  readonly #session: GateSession;
  #running: Pick<RowStream, 'cancel'> | null = null;

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
  }

  query(plan: QueryPlan, execution: ExecutionContext, asked: AnswerOptions): Outcome | Promise<Outcome> {
    if (plan.calcFoundRows) throw failure('ER_NOT_SUPPORTED_YET', 'SQL_CALC_FOUND_ROWS');
    this.#session.warnings = [];
    const { gate } = this.#session;
    const limit = asked.maxRows ?? gate.maxRows(this.#session.client.protocol, this.#session.variables.settings);
    if (plan.into !== null) {
      const outcome = this.#answered(plan, execution, limit);
      const names = plan.into;
      return outcome instanceof Promise
        ? outcome.then((given) => intoVariables(this.#session, names, given))
        : intoVariables(this.#session, names, outcome);
    }
    const list = plan.light || this.#session.currentTransaction() !== null ? null : sqlListOf(plan);
    return list === null
      ? this.#answered(plan, execution, limit)
      : this.#fromKept(plan, list, execution, limit, asked.form ?? null);
  }

  #answered(plan: QueryPlan, execution: ExecutionContext, limit: number): Outcome | Promise<Outcome> {
    const statement = readStatement(plan, execution);
    return plan.light
      ? this.#answer(plan, this.#session.gate.store.readInline(statement), limit)
      : this.#route(plan, statement, execution, limit);
  }

  /** From the kept lists if they know, otherwise from the store, which tells them what that took. */
  #fromKept(
    plan: QueryPlan,
    list: SqlList,
    execution: ExecutionContext,
    limit: number,
    form: RowForm | null,
  ): Outcome | Promise<Outcome> {
    const query = list.query(execution);
    const { kept } = this.#session.gate;
    const fromStore = (): Outcome | Promise<Outcome> =>
      this.#timed(query, () => this.#answered(plan, execution, limit));
    if (form === null || list.counts) {
      return whenAnswered(
        kept.ask(query, valuesEncoder(list)),
        ({ rows, count }) => this.#answer(plan, rows ?? [[count ?? 0]], limit),
        fromStore,
      );
    }
    return whenAnswered(
      kept.ask(query, formEncoder(list, form)),
      ({ rows }) => {
        this.#countRows(rows?.length ?? 0, limit);
        return { kind: 'ready', columns: plan.columns, rows: rows ?? [] };
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

  #route(
    plan: QueryPlan,
    statement: ReadStatement,
    execution: ExecutionContext,
    limit: number,
  ): Outcome | Promise<Outcome> {
    const transaction = this.#session.currentTransaction();
    const inline = plan.rowsBound !== null && fitsInline(plan.rowsBound(execution));
    if (transaction === null) {
      if (inline) return this.#answer(plan, this.#inline(statement), limit);
      return this.#streamed(plan, this.#seen(this.#session.gate.store.read(statement)), limit);
    }
    if (plan.lock !== null && !transaction.options.readOnly) {
      return transaction.readLocked(statement, plan.lock.nowait).then((rows) => this.#answer(plan, rows, limit));
    }
    if (transaction.holdsWriter)
      return transaction.readInWriter(statement).then((rows) => this.#answer(plan, rows, limit));
    const turn = transaction.takeTurn();
    const read = (): Outcome => {
      const footprints = () => footprintsOf(plan, execution);
      this.#session.gate.kept.storeWasRead();
      if (inline) return this.#answer(plan, transaction.readInline(statement, footprints), limit);
      return this.#streamed(plan, this.#seen(transaction.readStream(statement, footprints())), limit);
    };
    return turn === null ? read() : turn.then(read);
  }

  #answer(plan: QueryPlan, rows: readonly StoreRow[], limit: number): Outcome {
    this.#countRows(rows.length, limit);
    return rowsOutcome(plan.columns, rows);
  }

  #countRows(rows: number, limit: number): void {
    if (limit > 0 && rows > limit) throw failure('SLUICE_ROW_LIMIT', limit);
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

  #streamed(plan: QueryPlan, stream: RowStream, limit: number): Outcome {
    this.#running = stream;
    this.#limitTime(stream);
    this.#session.rowCount = -1;
    return streamOutcome(plan.columns, stream, limit, (rows) => {
      this.#session.foundRows = rows;
      // null: it was cancelled.
      if (this.#running === stream || this.#running === null) this.#session.end();
    });
  }

  /** max_execution_time: the reader is ended, whatever it is doing. */
  #limitTime(stream: Pick<RowStream, 'cancel'>): void {
    const { maxExecutionTimeMs } = this.#session.variables.settings;
    if (maxExecutionTimeMs === 0) return;
    const timer = setTimeout(() => {
      if (this.#running === stream) stream.cancel(failure('ER_QUERY_TIMEOUT'));
    }, maxExecutionTimeMs);
    timer.unref();
  }

  /** Rows of a statement that is not a plan of SQL's (lists), by the same routes: all at once where it runs inline, otherwise in chunks. */
  rows(
    statement: ReadStatement,
    inline: boolean,
    footprints: () => readonly Footprint[],
  ): StoreRow[] | AsyncIterable<readonly StoreRow[]> {
    const transaction = this.#session.currentTransaction();
    if (transaction === null) return this.autocommitRows(statement, inline);
    if (transaction.holdsWriter) return this.#inWriter(transaction, statement);
    this.#session.gate.kept.storeWasRead();
    return inline
      ? transaction.readInline(statement, footprints)
      : this.#chunks(this.#seen(transaction.readStream(statement, footprints())));
  }

  /** The same outside of transactions. */
  autocommitRows(statement: ReadStatement, inline: boolean): StoreRow[] | AsyncIterable<readonly StoreRow[]> {
    return inline ? this.#inline(statement) : this.#chunks(this.#seen(this.#session.gate.store.read(statement)));
  }

  /** What runs in readers for this session: KILL, timeouts and the end of the session end it. */
  track(running: Pick<RowStream, 'cancel'>): void {
    this.#running = running;
    this.#limitTime(running);
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
    return stream.chunks;
  }

  async *#inWriter(transaction: Transaction, statement: ReadStatement): AsyncGenerator<readonly StoreRow[]> {
    yield await transaction.readInWriter(statement);
  }
}

async function* toldAtEnd(
  chunks: AsyncIterable<readonly StoreRow[]>,
  tell: () => void,
): AsyncGenerator<readonly StoreRow[]> {
  yield* chunks;
  tell();
}
