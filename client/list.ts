/** A list: a page of a table's rows, once or live. */
import { LiveList } from './live-list.ts';
import type { Page } from './page.ts';
import type { ReconnectingOptions } from './reconnecting-events.ts';
import type { Transport } from './transport.ts';
import { type Condition, whereText } from './where.ts';

export type Sort = 'STRASC' | 'STRDESC' | 'NUMASC' | 'NUMDESC';

type FieldOf<Row> = keyof Row & string;

export interface ListOptions<Row> {
  /** All of them hold. */
  readonly where?: readonly Condition<FieldOf<Row>>[];
  /** By primary key without it. A field alone is ordered as text, ascending. */
  readonly orderBy?: FieldOf<Row> | readonly [field: FieldOf<Row>, sort: Sort];
  /** Rows on a page. */
  readonly limit?: number;
  /** Rows before the page. */
  readonly skip?: number;
  /** Also tell how many rows there are on all pages, exactly. */
  readonly count?: boolean;
}

export class List<Row> {
  readonly #transport: Transport;
  readonly #path: string;

  constructor(transport: Transport, table: string, options: ListOptions<Row>) {
    this.#transport = transport;
    this.#path = listPath(table, options);
  }

  /** The page as it is now. */
  async get(options: { readonly signal?: AbortSignal } = {}): Promise<Page<Row>> {
    const { rows, count, seq } = await this.#transport.json<PageBody<Row>>(this.#path, options);
    return { rows, count: count ?? null, seq: seq ?? 0 };
  }

  /** The page as it is now, and from now on. Needs a `limit`. */
  subscribe(options: ReconnectingOptions = {}): LiveList<Row> {
    return new LiveList<Row>(this.#transport, this.#path, options);
  }
}

interface PageBody<Row> extends Omit<Page<Row>, 'count' | 'seq'> {
  readonly count?: number;
  readonly seq: number | null;
}

function listPath<Row>(table: string, { where, orderBy, limit, skip, count }: ListOptions<Row>): string {
  const parameters: [name: string, value: string][] = [];
  if (where !== undefined && where.length > 0) parameters.push(['where', whereText(where)]);
  if (orderBy !== undefined) {
    const [field, sort] = typeof orderBy === 'string' ? [orderBy, 'STRASC'] : orderBy;
    parameters.push(['order_by', field], ['order_sort', sort]);
  }
  if (skip !== undefined) parameters.push(['limit_skip', wholeNumber('skip', skip)]);
  if (limit !== undefined) parameters.push(['limit_max', wholeNumber('limit', limit)]);
  if (count === true) parameters.push(['count', 'true']);
  const query = parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  return `/v1/lists/${encodeURIComponent(table)}${query === '' ? '' : `?${query}`}`;
}

function wholeNumber(name: string, value: number): string {
  if (Number.isSafeInteger(value) && value >= 0) return String(value);
  throw new RangeError(`${name} is ${value}, which is no whole number from 0`);
}
