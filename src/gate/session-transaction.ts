/**
 * A session's transaction: how it begins (by BEGIN, or by the first statement while autocommit is off), what it is told when its time is over, and its slot in
 * the pool of transactions, which is held as long as it is open.
 */
import { asFailure, failure, type SluiceError } from '../errors.ts';
import type { TransactionEnd, TransactionSlot } from './protection/transaction-pool.ts';
import type { GateSession } from './session.ts';
import { Transaction } from './transaction.ts';

export class SessionTransaction {
  readonly #session: GateSession;
  #open: Transaction | null = null;
  #slot: TransactionSlot | null = null;
  #likelyWrites = false;
  /** SET TRANSACTION without scope: for the next transaction only. */
  next: { isolation?: string; readOnly?: boolean } = {};

  constructor(session: GateSession) {
    this.#session = session;
  }

  get open(): Transaction | null {
    return this.#open;
  }

  /** This client's next transaction tends to write. */
  expectWrites(): void {
    this.#likelyWrites = true;
  }

  /** The open transaction; begins one when autocommit is off. */
  current(): Transaction | null {
    if (this.#open === null && !this.#session.variables.settings.autocommit) this.begin({});
    return this.#open;
  }

  /** A slot for the transaction that is to begin; null: there is one at once. Rejects with SLUICE_TX_POOL_FULL. */
  reserve(): Promise<void> | null {
    if (this.#slot !== null) return null;
    const { id, user, host, gate } = this.#session;
    const slot = gate.transactions.enter({ session: id, user, host });
    if (!(slot instanceof Promise)) {
      this.#slot = slot;
      return null;
    }
    return slot.then((given) => {
      // Meanwhile the client has gone.
      if (this.#session.isClosed) given.end('disconnect');
      else this.#slot = given;
    });
  }

  /** A slot must have been reserved. */
  begin(asked: { readOnly?: boolean; snapshot?: boolean }): void {
    const { gate, variables } = this.#session;
    const { settings } = variables;
    const isolation = this.next.isolation ?? settings.isolation;
    const readOnly = asked.readOnly ?? this.next.readOnly ?? settings.readOnly;
    this.next = {};
    this.#slot?.begin();
    this.#open = new Transaction(gate.store, gate.feed, gate.turns, {
      readOnly,
      readsNewest: isolation === 'READ-COMMITTED' || isolation === 'READ-UNCOMMITTED',
      foreignKeyChecks: settings.foreignKeyChecks,
      lockWaitTimeoutMs: settings.lockWaitTimeoutMs,
      likelyWrites: this.#likelyWrites && !readOnly,
    });
    if (asked.snapshot) this.#open.openSnapshot();
  }

  async end(how: 'commit' | 'rollback'): Promise<void> {
    const transaction = this.#open;
    if (transaction === null) return;
    this.#open = null;
    this.#likelyWrites = transaction.wrote || this.#likelyWrites;
    try {
      await transaction[how]();
      this.#leave(how);
    } catch (error) {
      this.#leave('failed');
      throw error;
    }
  }

  /** The next statement has come: what the transaction has failed with by itself, which its client is told once. */
  arrive(): Error | null {
    const transaction = this.#open;
    if (transaction === null) return null;
    transaction.touch();
    const { failed } = transaction;
    if (failed !== null) {
      this.#open = null;
      this.#leave('failed');
    }
    return failed;
  }

  /** For the log: what is about to run in it. */
  note(statement: string): void {
    this.#slot?.statement(statement);
  }

  /**
   * A statement has been answered, or has failed with `error`: a slot that no transaction took is given back, and so is that of one that failed with it. One
   * that failed in another way is kept for its client to be told at the next statement.
   */
  settle(error: SluiceError | null): void {
    const failed = this.#open?.failed ?? null;
    if (failed !== null && asFailure(failed).code === error?.code) {
      this.#open = null;
      this.#leave('failed');
    } else if (this.#open === null && this.#slot !== null) {
      this.#leave('rollback');
    }
  }

  /** The session ends. */
  abandon(how: 'kill' | 'disconnect', reason: Error): void {
    const transaction = this.#open;
    this.#open = null;
    transaction?.fail(reason);
    this.#leave(how);
  }

  /** Ends it when it is too old or too long idle; never in the middle of a statement. */
  checkAge(now: number): void {
    const { transactionTimeoutMs } = this.#session.variables.settings;
    if (this.#open === null || this.#session.running !== null || transactionTimeoutMs === 0) return;
    if (this.#open.failed !== null) return;
    const idle = now - this.#session.lastActiveAt;
    const age = now - this.#open.startedAt;
    if (idle < transactionTimeoutMs && age < transactionTimeoutMs) return;
    this.#open.fail(
      failure(
        'ER_LOCK_DEADLOCK',
        `The transaction was open for longer than ${transactionTimeoutMs} ms (transaction_timeout) and was rolled back`,
      ),
    );
    this.#leave('timeout');
  }

  #leave(how: TransactionEnd): void {
    this.#slot?.end(how);
    this.#slot = null;
  }
}
