/** A find: asked for when it is used, in the form in which it is used. */
import type { KeyFilter } from '../src/keys/filters.ts';
import type { FindOptions } from '../src/keys/find-options.ts';
import { KeyMap } from '../src/keys/key-map.ts';
import { connectionFailure, errorOf, isErrorBody } from './failure.ts';
import { type Entry, entryOf, filterText, operationJson } from './key-json.ts';
import { readLines } from './lines.ts';
import type { Transport } from './transport.ts';

export interface FoundPage {
  /** In the order asked for. */
  readonly entries: readonly Entry[];
  /** What the next page is asked for with (its option `cursor`); null: there is none. */
  readonly cursor: string | null;
}

export type RunOperation = <Result>(operation: string) => Promise<Result>;

export class KeyFind implements AsyncIterable<Entry> {
  readonly #run: RunOperation;
  readonly #transport: Transport | null;
  readonly #pattern: string;
  readonly #filter: KeyFilter | undefined;
  readonly #options: FindOptions;

  /** `transport`: for entries as they come; null inside of transactions, where they come at once. */
  constructor(
    run: RunOperation,
    transport: Transport | null,
    pattern: string,
    filter: KeyFilter | undefined,
    options: FindOptions,
  ) {
    this.#run = run;
    this.#transport = transport;
    this.#pattern = pattern;
    this.#filter = filter;
    this.#options = options;
  }

  /** Without a `limit` there may be 10,000 entries at most. */
  async page(): Promise<FoundPage> {
    const members = { pattern: this.#pattern, ...this.#options };
    const operation = operationJson('find', members, { filter: filterText(this.#filter) });
    const { entries, cursor } = await this.#run<FoundPage>(operation);
    return { entries: entries.map(entryOf), cursor };
  }

  async toArray(): Promise<Entry[]> {
    const entries: Entry[] = [];
    for await (const entry of this) entries.push(entry);
    return entries;
  }

  /** To work on further; in the order of its keys. */
  async toMap(): Promise<KeyMap> {
    return new KeyMap((await this.toArray()).map(({ key, value }) => [key, value] as const));
  }

  /** As they come: however many there are, they are never in memory at once. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Entry, void, undefined> {
    if (this.#transport === null) {
      yield* (await this.page()).entries;
      return;
    }
    const path = `/v1/keys?${this.#query()}`;
    const { body } = await this.#transport.send(path, { headers: { accept: 'application/x-ndjson' } });
    if (body === null) return;
    for await (const line of lines(path, body)) {
      if (isErrorBody(line)) throw errorOf(line.error, 200);
      if ('count' in (line as object)) return;
      yield entryOf(line as Entry);
    }
    throw connectionFailure(path, new Error('the answer ends before its last line'));
  }

  #query(): string {
    const { limit, cursor, reverse, orderBy, point } = this.#options;
    const filter = filterText(this.#filter);
    const parameters = { find: this.#pattern, filter, limit, cursor, reverse, order_by: orderBy, point };
    return Object.entries(parameters)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
      .join('&');
  }
}

async function* lines(path: string, body: ReadableStream<Uint8Array>): AsyncGenerator<unknown, void, undefined> {
  try {
    yield* readLines(body);
  } catch (error) {
    throw connectionFailure(path, error);
  }
}
