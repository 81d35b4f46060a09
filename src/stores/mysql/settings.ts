/**
 * What a session has set, as statements that bring a connection into the same state. A later setting of the same name takes the place of the earlier
 * one; their order is kept.
 */

/** Two of the same key are the same settings: a connection that has them needs nothing. */
export interface SettingsText {
  readonly key: string;
  readonly statements: readonly string[];
}

/** `SET NAMES` gives values to all of these. */
const NAMES_COVERS = [
  'character_set_client',
  'character_set_results',
  'character_set_connection',
  'collation_connection',
];
export const NAMES = 'names';

export class Settings {
  /** Name to what stands behind SET. */
  readonly #assignments = new Map<string, string>();
  #text: SettingsText | null = null;

  /** `assignment`: as `sql_mode = 'ANSI'` or `NAMES utf8mb4`. */
  set(name: string, assignment: string): void {
    if (name === NAMES) for (const covered of NAMES_COVERS) this.#assignments.delete(covered);
    this.#assignments.delete(name);
    this.#assignments.set(name, assignment);
    this.#text = null;
  }

  get size(): number {
    return this.#assignments.size;
  }

  /** What stands behind SET. */
  get(name: string): string | undefined {
    return this.#assignments.get(name);
  }

  delete(name: string): void {
    this.#assignments.delete(name);
    this.#text = null;
  }

  get text(): SettingsText {
    if (this.#text === null) {
      const statement = this.#assignments.size === 0 ? '' : `SET ${[...this.#assignments.values()].join(', ')}`;
      this.#text = { key: statement, statements: statement === '' ? [] : [statement] };
    }
    return this.#text;
  }
}
