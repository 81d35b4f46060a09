/** Names of tables as rules and table access write them: `shop.orders`, `shop.log_*` (a prefix), `shop.*` (a database), `*` (all). Case does not count. */

export class TablePattern {
  readonly text: string;
  readonly #fixed: string;
  readonly #isPrefix: boolean;

  /** Throws an Error that says what is wrong. */
  constructor(text: string) {
    if (!/^(?:\*|[^.*\s]+\.(?:\*|[^.*\s]+\*?))$/.test(text))
      throw new Error(`${JSON.stringify(text)} is not db.table, db.prefix*, db.* or *`);
    this.text = text;
    this.#isPrefix = text.endsWith('*');
    this.#fixed = (this.#isPrefix ? text.slice(0, -1) : text).toLowerCase();
  }

  /** A table `*` stands for its whole database: it is matched when anything in it would be. A database `*` may be any. */
  matches(database: string, table: string): boolean {
    if (database === '*') return true;
    const name = `${database}.${table}`.toLowerCase();
    if (table === '*')
      return this.#fixed.startsWith(name.slice(0, -1)) || (this.#isPrefix && name.startsWith(this.#fixed));
    return this.#isPrefix ? name.startsWith(this.#fixed) : name === this.#fixed;
  }

  overlaps(other: TablePattern): boolean {
    if (!this.#isPrefix && !other.#isPrefix) return this.#fixed === other.#fixed;
    if (!this.#isPrefix) return this.#fixed.startsWith(other.#fixed);
    if (!other.#isPrefix) return other.#fixed.startsWith(this.#fixed);
    return this.#fixed.startsWith(other.#fixed) || other.#fixed.startsWith(this.#fixed);
  }
}
