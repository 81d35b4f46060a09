/** How many reads were answered by another one's run, by their texts without values. Texts without end cost no memory: beyond so many it begins anew. */

const STATEMENTS_COUNTED_MAX = 1_000;
const TOP_SHOWN = 20;

export class SavedReads {
  readonly #byStatement = new Map<string, number>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(statement: string): void {
    this.#count++;
    const before = this.#byStatement.get(statement);
    if (before === undefined && this.#byStatement.size >= STATEMENTS_COUNTED_MAX) this.#byStatement.clear();
    this.#byStatement.set(statement, (before ?? 0) + 1);
  }

  /** Those that were saved most, the most first. */
  top(): { readonly statement: string; readonly saved: number }[] {
    const top = [...this.#byStatement].sort(([, a], [, b]) => b - a).slice(0, TOP_SHOWN);
    return top.map(([statement, saved]) => ({ statement, saved }));
  }
}
