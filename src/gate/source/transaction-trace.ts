/** One session's transactions on the source, for their log: what the source says of its state begins and ends them, the session tells what runs. */
import type {
  TransactionEnd,
  TransactionOwner,
  TransactionPool,
  TransactionSlot,
} from '../protection/transaction-pool.ts';

export class TransactionTrace {
  readonly #pool: TransactionPool;
  readonly #owner: TransactionOwner;
  #slot: TransactionSlot | null = null;
  #statement = '';

  /** `pool`: one without a cap, which the source's pool of connections has. */
  constructor(pool: TransactionPool, owner: TransactionOwner) {
    this.#pool = pool;
    this.#owner = owner;
  }

  /** A statement is about to run; its text without literals. */
  note(statement: string): void {
    this.#statement = statement;
    this.#slot?.statement(statement);
  }

  /** `by`: BEGIN, which is no part of it, or the statement that is its first. */
  begin(by: 'begin' | 'statement'): void {
    const slot = this.#pool.enter(this.#owner);
    if (slot instanceof Promise) throw new TypeError('the log of transactions has nobody wait');
    slot.begin();
    if (by === 'statement') slot.statement(this.#statement);
    this.#slot = slot;
  }

  /** Safe to call without one. */
  end(how: TransactionEnd): void {
    this.#slot?.end(how);
    this.#slot = null;
  }
}
