/** A transaction on keys and SQL, step by step. It lives in a session of the server, which ends with it, or when nothing was asked of it for a minute. */
import { SluiceError } from './failure.ts';
import { KeyOperations } from './key-operations.ts';
import { type Parameters, type Result, statementJson } from './statements.ts';
import type { Transport } from './transport.ts';

const PATH = '/v1/keys/transaction';
/** MySQL's number for a transaction that is no more: others changed what it has read, or it was open for too long. */
const LOST = 1213;

export class KeyTransaction extends KeyOperations {
  readonly #transport: Transport;
  readonly #session: string;
  /** Why nothing more can be asked of it. */
  #over: Error | null = null;

  private constructor(transport: Transport, session: string) {
    super((operation) => this.#step(operation), null);
    this.#transport = transport;
    this.#session = session;
  }

  static async begin(transport: Transport): Promise<KeyTransaction> {
    const { session } = await transport.json<{ session: string }>(PATH, post('{"session":true}'));
    return new KeyTransaction(transport, session);
  }

  /** One statement, in the same transaction. */
  sql<Row extends object = Readonly<Record<string, unknown>>>(
    sql: string,
    params?: Parameters,
    options: { readonly database?: string } = {},
  ): Promise<Result<Row>> {
    const body = statementJson(params === undefined ? sql : { sql, params }, options.database, this.#session);
    return this.#ask('/v1/sql', body);
  }

  /** Rejects with a retryable error (1213) when others changed what it has read: nothing was done then. */
  async commit(): Promise<void> {
    await this.#end('commit');
  }

  /** Safe to call on one that is over. */
  async rollback(): Promise<void> {
    const isGone = this.#over !== null && !isLost(this.#over);
    if (!isGone) await this.#end('rollback');
  }

  async #step<Value>(operation: string): Promise<Value> {
    const body = `{"session":${JSON.stringify(this.#session)},"operations":[${operation}]}`;
    const { results } = await this.#ask<{ results: [{ result: Value }] }>(PATH, body);
    return results[0].result;
  }

  async #end(end: 'commit' | 'rollback'): Promise<void> {
    const body = JSON.stringify({ session: this.#session, end });
    if (end === 'rollback') this.#over = null;
    try {
      await this.#ask(PATH, body);
    } finally {
      this.#over ??= new Error(`the transaction has ended: ${end}`);
    }
  }

  async #ask<Body>(path: string, body: string): Promise<Body> {
    // What follows its loss would be done by itself, outside of any transaction.
    if (this.#over !== null) throw this.#over;
    try {
      return await this.#transport.json<Body>(path, post(body));
    } catch (error) {
      if (isLost(error)) this.#over = error;
      throw error;
    }
  }
}

export function isLost(error: unknown): error is SluiceError {
  return error instanceof SluiceError && error.errno === LOST;
}

function post(body: string) {
  return { method: 'POST' as const, body };
}
