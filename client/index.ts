/**
 * The client of Sluice for browsers and Node: fetch, and nothing native.
 *
 * ```ts
 * import { connect } from 'sluice/client';
 *
 * const db = connect('http://127.0.0.1:3888');
 * const hot = db.list<Story>('main.feed', { where: [['hot', 'NUMGE', 3]], orderBy: ['dateline', 'NUMDESC'], limit: 20, count: true });
 * const live = hot.subscribe();
 * live.onChange(({ insert, update, remove, page }) => render(page.rows, page.count));
 * for await (const { rows, count } of live) ...
 *
 * await db.keys.put('user.001.age', 20);
 * const adults = await db.keys.find('user.*.age', { test: 'gt', operands: [18] }).toMap();
 * ```
 */
import { SluiceError } from './failure.ts';
import { Keys } from './keys.ts';
import { List, type ListOptions } from './list.ts';
import { batchJson, batchResults, type Parameters, type Result, type Statement, statementJson } from './statements.ts';
import { type ConnectOptions, Transport } from './transport.ts';

export type { ExpectedType, ValueByType } from '../src/keys/expected-type.ts';
export type { KeyFilter } from '../src/keys/filters.ts';
export type { FindOptions } from '../src/keys/find-options.ts';
export { KeyMap, type KeyMapFindOptions } from '../src/keys/key-map.ts';
export { KeySet } from '../src/keys/key-set.ts';
export { KeyBits, type KeyData, KeyPointer, type KeyType, type KeyValue } from '../src/keys/values.ts';
export type { SluiceErrorDetails } from './failure.ts';
export type { FoundPage, KeyFind } from './key-find.ts';
export type { Entry, KeySetQuery } from './key-json.ts';
export type { ExpiryOptions, KeyPage, PutOptions } from './key-operations.ts';
export type { KeyTransaction } from './key-transaction.ts';
export type { KeyWatch, WatchEvent, WatchedChange, WatchOptions } from './key-watch.ts';
export type { Keys, TransactionOptions } from './keys.ts';
export type { List, ListOptions, Sort } from './list.ts';
export type { Change, LiveList, Status } from './live-list.ts';
export { applyDifference, type Difference, type Key, type Page } from './page.ts';
export type { ReconnectingOptions } from './reconnecting-events.ts';
export type { Field, ParameterValue } from './statements.ts';
export type { Condition, Operator } from './where.ts';
export type { ConnectOptions, Parameters, Result, Statement };
export { SluiceError };

/** A row without a type of its own. */
export type AnyRow = Readonly<Record<string, unknown>>;

export interface SqlOptions {
  /** Of names without one. */
  readonly database?: string;
  readonly signal?: AbortSignal;
}

export interface BatchOptions extends SqlOptions {
  /** All in one transaction, or none. */
  readonly atomic?: boolean;
}

/** A server's address and a user. Nothing is kept open by it. */
export class Client {
  /** The tree of keys. */
  readonly keys: Keys;
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
    this.keys = new Keys(transport);
  }

  /** A list of `db.t`. Nothing is asked before `get()` or `subscribe()`. */
  list<Row extends object = AnyRow>(table: string, options: ListOptions<NoInfer<Row>> = {}): List<Row> {
    return new List<Row>(this.#transport, table, options);
  }

  /** One statement. Rejects with SluiceError. */
  async sql<Row extends object = AnyRow>(
    sql: string,
    params?: Parameters,
    options: SqlOptions = {},
  ): Promise<Result<Row>> {
    const body = statementJson(params === undefined ? sql : { sql, params }, options.database);
    return await this.#transport.json<Result<Row>>('/v1/sql', post(body, options));
  }

  /** Many statements in one request. Without `atomic` one that fails has its error in its place; with it the first failure rejects, and undoes all. */
  async batch(statements: readonly Statement[], options: BatchOptions = {}): Promise<(Result<AnyRow> | SluiceError)[]> {
    const body = batchJson(statements, options.atomic ?? false, options.database);
    return batchResults(await this.#transport.json('/v1/batch', post(body, options)));
  }
}

function post(body: string, { signal }: SqlOptions) {
  return { method: 'POST' as const, body, ...(signal === undefined ? {} : { signal }) };
}

/** `url`: where `/v1` is, `http://127.0.0.1:3888`, or `''` for the page's own origin. */
export function connect(url: string, options: ConnectOptions = {}): Client {
  return new Client(new Transport(url, options));
}
