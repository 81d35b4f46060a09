/**
 * How new the tables are: for each table the number of the last write that was acknowledged to it. Two reads of the same tables with the same number
 * between them may share an answer. Whoever acknowledges writes tells it before the client is answered.
 */
import type { Commit } from '../stores/store.ts';

export class TableClock {
  readonly #tables = new Map<string, number>();
  /** The last change that may have touched any table. */
  #everything = 0;
  #now = 0;

  /** `name`: `database.table`. */
  touch(names: Iterable<string>): void {
    this.#now++;
    for (const name of names) this.#tables.set(name.toLowerCase(), this.#now);
  }

  /** A change of the schema, or one whose tables are not known. */
  touchAll(): void {
    this.#everything = ++this.#now;
    this.#tables.clear();
  }

  /** What a commit has touched. */
  apply({ changes, schemaChanged }: Pick<Commit, 'changes' | 'schemaChanged'>): void {
    if (schemaChanged) this.touchAll();
    else this.touch(changes.map(({ database, table }) => `${database}.${table}`));
  }

  /** Of all tables. */
  get newest(): number {
    return this.#now;
  }

  versionOf(names: Iterable<string>): number {
    let version = this.#everything;
    for (const name of names) version = Math.max(version, this.#tables.get(name.toLowerCase()) ?? 0);
    return version;
  }
}
