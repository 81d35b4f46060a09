/**
 * The statements that are prepared on one connection. A statement means what it did when it was prepared (its tables are those of the database of that
 * moment), so it is known by its text and the connection's state.
 */
import type { PreparedOnSource } from './replies.ts';

/** Of one connection; the one that was not used for longest goes. */
const MAX_PREPARED = 256;

interface PreparedIn {
  readonly database: string | null;
  readonly settings: string | null;
}

interface Entry extends PreparedIn {
  readonly statement: PreparedOnSource;
  usedAt: number;
}

export class PreparedStatements {
  readonly #byText = new Map<string, Entry[]>();
  #count = 0;
  #uses = 0;

  find(text: string, { database, settings }: PreparedIn): PreparedOnSource | null {
    const entry = this.#byText.get(text)?.find((each) => each.database === database && each.settings === settings);
    if (entry === undefined) return null;
    entry.usedAt = ++this.#uses;
    return entry.statement;
  }

  /** Gives the one that has to go for it, if one has. */
  add(text: string, { database, settings }: PreparedIn, statement: PreparedOnSource): PreparedOnSource | null {
    const entry = { database, settings, statement, usedAt: ++this.#uses };
    const entries = this.#byText.get(text);
    if (entries === undefined) this.#byText.set(text, [entry]);
    else entries.push(entry);
    return ++this.#count > MAX_PREPARED ? this.#takeOldest() : null;
  }

  clear(): void {
    this.#byText.clear();
    this.#count = 0;
  }

  #takeOldest(): PreparedOnSource | null {
    let oldest: { readonly text: string; readonly entry: Entry } | null = null;
    for (const [text, entries] of this.#byText)
      for (const entry of entries) if (oldest === null || entry.usedAt < oldest.entry.usedAt) oldest = { text, entry };
    if (oldest === null) return null;
    const { text, entry } = oldest;
    const others = (this.#byText.get(text) ?? []).filter((each) => each !== entry);
    if (others.length === 0) this.#byText.delete(text);
    else this.#byText.set(text, others);
    this.#count--;
    return entry.statement;
  }
}
