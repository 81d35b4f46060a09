/** A session's reads: inline in the front where that cannot take long, in a reader process otherwise, in the writer inside a transaction that writes. */
import type { Footprint } from '../changes/condition.ts';
import { failure } from '../errors.ts';
import type { ExecutionContext } from '../sql/context.ts';
import { type QueryPlan, readStatement } from '../sql/planner/plan.ts';
import { fitsInline } from '../sql/planner/row-bound.ts';
import type { ReadStatement } from '../stores/statement.ts';
import type { RowStream } from '../stores/store.ts';
import type { StoreRow } from '../stores/values.ts';
import { footprintsOf } from './footprint.ts';
import { rowsOutcome, streamOutcome } from './outcomes.ts';
import type { Outcome } from './request.ts';
import type { GateSession } from './session.ts';
import type { Transaction } from './transaction.ts';
import { intoVariables } from './user-variables.ts';

export class SessionReads {
  readonly #session: GateSession;
  #running: RowStream | null = null;

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

  query(plan: QueryPlan, execution: ExecutionContext, maxRows: number | undefined): Outcome | Promise<Outcome> {
    if (plan.calcFoundRows) throw failure('ER_NOT_SUPPORTED_YET', 'SQL_CALC_FOUND_ROWS');
    this.#session.warnings = [];
    const limit =
      maxRows ?? this.#session.gate.maxRows(this.#session.client.protocol, this.#session.variables.settings);
    const statement = readStatement(plan, execution);
    const outcome = plan.light
      ? this.#answer(plan, this.#session.gate.store.readInline(statement), limit)
      : this.#route(plan, statement, execution, limit);
    if (plan.into === null) return outcome;
    const names = plan.into;
    return outcome instanceof Promise
      ? outcome.then((given) => intoVariables(this.#session, names, given))
      : intoVariables(this.#session, names, outcome);
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
      if (inline) return this.#answer(plan, this.#session.gate.store.readInline(statement), limit);
      return this.#streamed(plan, this.#session.gate.store.read(statement), limit);
    }
    if (plan.lock !== null && !transaction.options.readOnly) {
      return transaction.readLocked(statement, plan.lock.nowait).then((rows) => this.#answer(plan, rows, limit));
    }
    if (transaction.holdsWriter)
      return transaction.readInWriter(statement).then((rows) => this.#answer(plan, rows, limit));
    const turn = transaction.takeTurn();
    const read = (): Outcome => {
      const footprints = () => footprintsOf(plan, execution);
      if (inline) return this.#answer(plan, transaction.readInline(statement, footprints), limit);
      return this.#streamed(plan, transaction.readStream(statement, footprints()), limit);
    };
    return turn === null ? read() : turn.then(read);
  }

  #answer(plan: QueryPlan, rows: readonly StoreRow[], limit: number): Outcome {
    if (limit > 0 && rows.length > limit) throw failure('SLUICE_ROW_LIMIT', limit);
    this.#session.foundRows = rows.length;
    this.#session.rowCount = -1;
    return rowsOutcome(plan.columns, rows);
  }

  #streamed(plan: QueryPlan, stream: RowStream, limit: number): Outcome {
    this.#running = stream;
    this.#limitTime(stream);
    this.#session.rowCount = -1;
    return streamOutcome(plan.columns, stream, limit, (rows) => {
      this.#session.foundRows = rows;
      if (this.#running === stream) this.#session.end();
    });
  }

  /** max_execution_time: the reader is ended, whatever it is doing. */
  #limitTime(stream: RowStream): void {
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
    if (transaction === null)
      return inline
        ? this.#session.gate.store.readInline(statement)
        : this.#chunks(this.#session.gate.store.read(statement));
    if (transaction.holdsWriter) return this.#inWriter(transaction, statement);
    return inline
      ? transaction.readInline(statement, footprints)
      : this.#chunks(transaction.readStream(statement, footprints()));
  }

  #chunks(stream: RowStream): AsyncIterable<readonly StoreRow[]> {
    this.#running = stream;
    return stream.chunks;
  }

  async *#inWriter(transaction: Transaction, statement: ReadStatement): AsyncGenerator<readonly StoreRow[]> {
    yield await transaction.readInWriter(statement);
  }
}
