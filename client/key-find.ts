/** A find: asked for when it is used, in the form in which it is used. */
import type { KeyFilter } from '../src/keys/filters.ts';
import { KeyMap } from '../src/keys/key-map.ts';
import { type Entry, entryOf, filterText, operationJson } from './key-json.ts';

export interface FindOptions {
  readonly limit?: number;
  /** Goes on after the page that gave it. */
  readonly cursor?: string;
  readonly reverse?: boolean;
  readonly orderBy?: 'key' | 'value';
  /** Pointers stand for what they lead to; a dangling one is left out. */
  readonly point?: boolean;
}

export interface FoundPage {
  /** In the order asked for. */
  readonly entries: readonly Entry[];
  /** What the next page is asked for with (its option `cursor`); null: there is none. */
  readonly cursor: string | null;
}

export type RunOperation = <Result>(operation: string) => Promise<Result>;

export class KeyFind implements AsyncIterable<Entry> {
  readonly #run: RunOperation;
  readonly #pattern: string;
  readonly #filter: KeyFilter | undefined;
  readonly #options: FindOptions;

  constructor(run: RunOperation, pattern: string, filter: KeyFilter | undefined, options: FindOptions) {
    this.#run = run;
    this.#pattern = pattern;
    this.#filter = filter;
    this.#options = options;
  }

  async page(): Promise<FoundPage> {
    const members = { pattern: this.#pattern, ...this.#options };
    const { entries, cursor } = await this.#run<FoundPage>(
      operationJson('find', members, { filter: filterText(this.#filter) }),
    );
    return { entries: entries.map(entryOf), cursor };
  }

  async toArray(): Promise<Entry[]> {
    return [...(await this.page()).entries];
  }

  /** To work on further; in the order of its keys. */
  async toMap(): Promise<KeyMap> {
    const { entries } = await this.page();
    return new KeyMap(entries.map(({ key, value }) => [key, value] as const));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Entry, void, undefined> {
    yield* (await this.page()).entries;
  }
}
