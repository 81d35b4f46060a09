/** A find of an embedded program: asked for when it is used, in the form in which it is used. */
import type { KeyCommand } from '../keys/command.ts';
import type { KeyEntry } from '../keys/entries.ts';
import { KeyMap } from '../keys/key-map.ts';
import { type Entry, entryOf, type KeysHost } from './embedded-entry.ts';
import { SessionKeys } from './session-keys.ts';

type FindCommand = Extract<KeyCommand, { op: 'find' }>;

export class KeyFind implements AsyncIterable<Entry> {
  readonly #host: KeysHost;
  readonly #command: FindCommand;

  constructor(host: KeysHost, command: FindCommand) {
    this.#host = host;
    this.#command = command;
  }

  /** In the order asked for. `cursor`: what the next page is asked for with (its option `cursor`); null: there is none. */
  async page(): Promise<{ readonly entries: readonly Entry[]; readonly cursor: string | null }> {
    const { entries, cursor } = await this.#page();
    return { entries: entries.map(entryOf), cursor };
  }

  async toArray(): Promise<Entry[]> {
    return (await this.#page()).entries.map(entryOf);
  }

  /** To work on further; in the order of its keys. */
  async toMap(): Promise<KeyMap> {
    const { entries } = await this.#page();
    return KeyMap.fromStored(entries.map((entry) => [entry.key, { type: entry.type, value: entry.value }] as const));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Entry, void, undefined> {
    for (const entry of (await this.#page()).entries) yield entryOf(entry);
  }

  #page(): Promise<{ entries: readonly KeyEntry[]; cursor: string | null }> {
    return this.#host.run(() => new SessionKeys(this.#host.session).run(this.#command));
  }
}
