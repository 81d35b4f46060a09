/** Reads what an operator wrote (TOML, JSON): each value is checked, and what is wrong is told with the place where it stands. */
import { didYouMean } from '../../config.ts';

/** A mistake in rules or table access, told so that it can be put right. Nothing has changed when it is thrown. */
export class SettingsError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SettingsError';
  }
}

export class SettingsReader {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #where: string;

  /** `where`: how messages name it. Throws SettingsError when it is no table, or has names that are not `known`. */
  constructor(values: unknown, where: string, known: readonly string[]) {
    if (typeof values !== 'object' || values === null || Array.isArray(values))
      throw new SettingsError(`${where}: write it as a table`);
    this.#values = values as Record<string, unknown>;
    this.#where = where;
    for (const key of Object.keys(values))
      if (!known.includes(key)) throw new SettingsError(`${where}: there is no ${key}${didYouMean(key, known)}`);
  }

  wrong(key: string, what: string): SettingsError {
    return new SettingsError(`${this.#where}: ${key} ${what}`);
  }

  raw(key: string): unknown {
    return this.#values[key];
  }

  text(key: string): string | undefined {
    const value = this.#values[key];
    if (value === undefined) return undefined;
    if (typeof value !== 'string' || value === '') throw this.wrong(key, 'must be a text');
    return value;
  }

  /** undefined: not given, which is not the same as an empty list. */
  texts(key: string): string[] | undefined {
    const value = this.#values[key];
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || value.length === 0 || value.some((item) => typeof item !== 'string' || item === ''))
      throw this.wrong(key, 'must be a list of texts, ["..."], with at least one');
    return value as string[];
  }

  oneOf<const T extends readonly string[]>(key: string, words: T): T[number] {
    const value = this.#values[key];
    const found = words.find((word) => word === value);
    if (found === undefined) throw this.wrong(key, `must be one of ${words.join(', ')}`);
    return found;
  }

  whole(key: string, min: number, max: number): number | undefined {
    const value = this.#values[key];
    if (value === undefined) return undefined;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max)
      throw this.wrong(key, `must be a whole number from ${min} to ${max}`);
    return value;
  }

  /** What a constructor of a value throws is told with its place. */
  made<T>(key: string, make: () => T): T {
    try {
      return make();
    } catch (error) {
      if (error instanceof SettingsError) throw error;
      throw this.wrong(key, error instanceof Error ? `: ${error.message}` : String(error));
    }
  }
}
