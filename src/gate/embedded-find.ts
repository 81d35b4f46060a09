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

  /** As they come: however many there are, they are never in memory at once. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Entry, void, undefined> {
    // The loop may use the keys meanwhile: what it reads is asked for in a session of its own, but within a transaction.
    if (this.#host.session.status.inTransaction) {
      for (const entry of (await this.#page()).entries) yield entryOf(entry);
      return;
    }
    const session = this.#host.connect();
    try {
      const outcome = await session.execute({ kind: 'key-stream', command: this.#command });
      if (outcome.kind !== 'key-stream') throw new TypeError(`a find gave '${outcome.kind}'`);
      for await (const chunk of outcome.chunks) for (const entry of chunk) yield entryOf(entry);
    } finally {
      session.close();
    }
  }

  #page(): Promise<{ entries: readonly KeyEntry[]; cursor: string | null }> {
    return this.#host.run(() => new SessionKeys(this.#host.session).run(this.#command));
  }
}
