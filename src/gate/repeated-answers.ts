/**
 * Whole answers of list commands that are asked in the very same words again: good until a commit touches their table. Kept lists would find the same rows; this
 * spares putting them together. Small: what it holds is what many clients look at just now.
 */
import type { Commit } from '../stores/store.ts';
import type { ListOutcome } from './request.ts';

const ANSWERS_MAX = 256;
const ANSWER_CHARS_MAX = 64 * 1024;
/** Queries that were asked once: the second time their answer is kept. */
const SEEN_MAX = 1_000;

/** The newest commit that touched a table, for as long as the server runs. */
interface TableVersion {
  sequence: number;
}

interface Answer {
  readonly outcome: ListOutcome;
  readonly table: TableVersion;
  /** The table's version that it shows. */
  readonly sequence: number;
}

interface Named {
  readonly database: string;
  readonly name: string;
}

export class RepeatedAnswers {
  readonly #answers = new Map<string, Answer>();
  readonly #seen = new Set<string>();
  readonly #tables = new Map<string, TableVersion>();

  find(query: string): ListOutcome | undefined {
    const answer = this.#answers.get(query);
    if (answer === undefined) return undefined;
    if (answer.table.sequence === answer.sequence) return answer.outcome;
    this.#answers.delete(query);
    return undefined;
  }

  /** An answer as of a commit. */
  given(query: string, { database, name }: Named, sequence: number, outcome: ListOutcome): void {
    if (!this.#seen.has(query)) {
      if (this.#seen.size >= SEEN_MAX) this.#seen.clear();
      this.#seen.add(query);
      return;
    }
    if (outcome.json.length > ANSWER_CHARS_MAX) return;
    const table = this.#tableOf(database, name);
    if (table.sequence > sequence) return;
    if (this.#answers.size >= ANSWERS_MAX) this.#answers.clear();
    this.#answers.set(query, { outcome, table, sequence: table.sequence });
  }

  clear(): void {
    this.#answers.clear();
  }

  apply(commit: Commit): void {
    for (const { database, table } of commit.changes) {
      const version = this.#tables.get(`${database}\0${table}`);
      if (version !== undefined) version.sequence = commit.sequence;
    }
    if (commit.schemaChanged) this.#answers.clear();
  }

  #tableOf(database: string, name: string): TableVersion {
    const key = `${database}\0${name}`;
    let version = this.#tables.get(key);
    if (version === undefined) {
      version = { sequence: 0 };
      this.#tables.set(key, version);
    }
    return version;
  }
}
