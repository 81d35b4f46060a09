/** A URL's parameters, taken one by one by who knows them; one that is left is an error. */
import { failure } from '../../errors.ts';
import type { QueryParameters } from './query-string.ts';

export class UrlParameters {
  readonly #given = new Map<string, string>();
  readonly #known: string[] = [];

  /** Throws when one is given twice. */
  constructor(parameters: QueryParameters) {
    for (const [name, value] of parameters) {
      if (this.#given.has(name)) throw failure('ER_BAD_PARAMETER', `${name.slice(0, 100)} is given twice`);
      this.#given.set(name, value);
    }
  }

  text(name: string): string | undefined {
    this.#known.push(name);
    return this.#given.get(name);
  }

  flag(name: string): boolean | undefined {
    const text = this.text(name);
    if (text !== undefined && text !== 'true' && text !== 'false')
      throw failure('ER_BAD_PARAMETER', `${name} is neither true nor false`);
    return text === undefined ? undefined : text === 'true';
  }

  /** What it may be is not checked here. */
  number(name: string): number | undefined {
    const text = this.text(name);
    if (text !== undefined && !/^-?\d{1,16}$/.test(text))
      throw failure('ER_BAD_PARAMETER', `${name}: '${text.slice(0, 100)}' is no whole number`);
    return text === undefined ? undefined : Number(text);
  }

  end(): void {
    for (const name of this.#given.keys()) {
      if (this.#known.includes(name)) continue;
      const known = this.#known.length === 0 ? 'there are none' : `there are ${this.#known.join(', ')}`;
      throw failure('ER_BAD_PARAMETER', `unknown parameter '${name.slice(0, 100)}'; ${known}`);
    }
  }
}
