/** Members of a JSON object, taken one by one: what is left at the end is an error, so that nothing is accepted and then ignored. */
import { failure, type SluiceError } from '../../errors.ts';

export class JsonMembers {
  readonly #members: Record<string, unknown>;
  readonly #place: string;
  readonly #known: string[] = [];

  /** `place`: where the object stands, for messages: 'operations[3]: '. */
  constructor(value: unknown, place: string) {
    this.#place = place;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw this.wrong('not an object');
    this.#members = value as Record<string, unknown>;
  }

  names(): string[] {
    return Object.keys(this.#members);
  }

  /** null counts as a value. */
  has(name: string): boolean {
    return Object.hasOwn(this.#members, name);
  }

  any(name: string): unknown {
    this.#known.push(name);
    return this.has(name) ? this.#members[name] : undefined;
  }

  /** Throws where it is missing, as all the following without `maybe` do. */
  required(name: string, what: string): unknown {
    const value = this.any(name);
    if (value === undefined) throw this.wrong(`${name} is missing: ${what}`);
    return value;
  }

  text(name: string, what: string): string {
    const value = this.required(name, what);
    if (typeof value !== 'string') throw this.wrong(`${name} is no text: ${what}`);
    return value;
  }

  texts(name: string, what: string): string[] {
    const value = this.required(name, what);
    if (!Array.isArray(value) || !value.every((each) => typeof each === 'string'))
      throw this.wrong(`${name} is no array of texts: ${what}`);
    return value;
  }

  array(name: string, what: string): unknown[] {
    const value = this.required(name, what);
    if (!Array.isArray(value)) throw this.wrong(`${name} is no array: ${what}`);
    return value;
  }

  number(name: string, what: string): number {
    const value = this.maybeNumber(name, what);
    if (value === undefined) throw this.wrong(`${name} is missing: ${what}`);
    return value;
  }

  maybeNumber(name: string, what: string): number | undefined {
    const value = this.any(name);
    if (value !== undefined && typeof value !== 'number') throw this.wrong(`${name} is no number: ${what}`);
    return value;
  }

  maybeText(name: string, what: string): string | undefined {
    return this.has(name) ? this.text(name, what) : (this.any(name) as undefined);
  }

  maybeFlag(name: string): boolean | undefined {
    const value = this.any(name);
    if (value !== undefined && typeof value !== 'boolean') throw this.wrong(`${name} is neither true nor false`);
    return value;
  }

  /** Throws when there are others than those asked for. */
  end(): void {
    for (const name of Object.keys(this.#members)) {
      if (!this.#known.includes(name))
        throw this.wrong(`unknown member '${name.slice(0, 100)}'; there are ${this.#known.join(', ')}`);
    }
  }

  wrong(reason: string): SluiceError {
    return failure('ER_BAD_PARAMETER', `${this.#place}${reason}`);
  }
}

/** Without members that are undefined: to the rest of the program those are not there. */
export function given<T extends object>(options: T): { [Name in keyof T]: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}
