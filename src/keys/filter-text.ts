/**
 * Filters as text, for protocols that have nothing else:
 *
 *     ge 18 and lt 65
 *     contains 'li' or startsWith "Wang"
 *     not (between 1 5) and ne 7
 *     during 2026-01-01 2026-02-01T12:00:00Z
 *
 * `or` binds less than `and`, and that less than `not`; brackets group. A test is its name and its operands: a number (`18`, `-1.5`, `1e3`, `123n` for one beyond
 * 2^53), text in single or double quotes (within them `\` takes the next character as it is), a date (ISO 8601; without a time: midnight UTC). `= != > >= < <=`
 * are `eq ne gt ge lt le`. What each test means is in filters.ts. Errors name the place, counted in characters from 1.
 */
import { failure, type SluiceError } from '../errors.ts';
import type { KeyFilter } from './filters.ts';

const SYMBOLS: Readonly<Record<string, string>> = {
  '=': 'eq',
  '!=': 'ne',
  '>': 'gt',
  '>=': 'ge',
  '<': 'lt',
  '<=': 'le',
};
const TOKEN = /\s*(?:([()])|(!=|>=|<=|=|>|<)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|([^\s()'"=!<>]+))/suy;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const BIG = /^[+-]?\d+n$/;
const DATE = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})?)?$/;

/** Tests by their names, and how many operands each has. */
const OPERANDS: ReadonlyMap<string, number> = new Map([
  ...['eq', 'ne', 'gt', 'ge', 'lt', 'le'].map((name) => [name, 1] as const),
  ...['earlier', 'later', 'same', 'notSame'].map((name) => [name, 1] as const),
  ...['startsWith', 'endsWith', 'contains', 'containedIn', 'matches'].map((name) => [name, 1] as const),
  ...['between', 'betweenInclusive', 'during', 'duringInclusive'].map((name) => [name, 2] as const),
]);

interface Token {
  readonly kind: 'bracket' | 'symbol' | 'text' | 'word' | 'end';
  readonly text: string;
  /** From 1. */
  readonly place: number;
}

/** Throws ER_BAD_PARAMETER, which names the place. */
export function readFilter(text: string): KeyFilter {
  return new FilterReader(tokensOf(text)).read();
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (/\S/u.test(text.slice(at))) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    const start = at + (/^\s*/u.exec(text.slice(at))?.[0].length ?? 0);
    if (found === null)
      throw wrong(start + 1, `'${text.slice(start, start + 20)}' is not understood: text has a quote at each end`);
    const [, bracket, symbol, quoted, word] = found;
    if (bracket !== undefined) tokens.push({ kind: 'bracket', text: bracket, place: start + 1 });
    else if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol, place: start + 1 });
    else if (quoted !== undefined) tokens.push({ kind: 'text', text: unquoted(quoted), place: start + 1 });
    else tokens.push({ kind: 'word', text: word!, place: start + 1 });
    at = TOKEN.lastIndex;
  }
  tokens.push({ kind: 'end', text: '', place: text.length + 1 });
  return tokens;
}

function unquoted(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(.)/gsu, '$1');
}

class FilterReader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  read(): KeyFilter {
    const filter = this.#readAny();
    const { kind, place, text } = this.#token;
    if (kind !== 'end') throw wrong(place, `'and', 'or' or the end was expected, not '${text}'`);
    return filter;
  }

  get #token(): Token {
    return this.#tokens[this.#at]!;
  }

  #take(kind: Token['kind'], text: string): boolean {
    const isThere = this.#token.kind === kind && this.#token.text.toLowerCase() === text;
    if (isThere) this.#at++;
    return isThere;
  }

  #readAny(): KeyFilter {
    const filters = [this.#readAll()];
    while (this.#take('word', 'or')) filters.push(this.#readAll());
    return filters.length === 1 ? filters[0]! : { test: 'or', filters };
  }

  #readAll(): KeyFilter {
    const filters = [this.#readOne()];
    while (this.#take('word', 'and')) filters.push(this.#readOne());
    return filters.length === 1 ? filters[0]! : { test: 'and', filters };
  }

  #readOne(): KeyFilter {
    let isNegated = false;
    while (this.#take('word', 'not')) isNegated = !isNegated;
    const filter = this.#take('bracket', '(') ? this.#readGroup() : this.#readTest();
    return isNegated ? { test: 'not', filter } : filter;
  }

  #readGroup(): KeyFilter {
    const filter = this.#readAny();
    if (!this.#take('bracket', ')')) throw wrong(this.#token.place, "')' is missing");
    return filter;
  }

  #readTest(): KeyFilter {
    const { kind, text, place } = this.#token;
    const name = kind === 'symbol' ? SYMBOLS[text]! : text;
    const count = kind === 'symbol' || kind === 'word' ? OPERANDS.get(name) : undefined;
    if (count === undefined)
      throw wrong(place, `a test was expected (${[...OPERANDS.keys()].join(', ')}), not ${shownToken(this.#token)}`);
    this.#at++;
    const isDate = /^(?:earlier|later|same|notSame|during)/.test(name);
    const operands = Array.from({ length: count }, () => this.#readOperand(name, isDate));
    return { test: name, operands } as KeyFilter;
  }

  #readOperand(name: string, isDate: boolean): string | number | bigint | Date {
    const { kind, text, place } = this.#token;
    const expected = isDate ? 'a date' : 'a number, or text in quotes,';
    const refused = wrong(place, `${expected} was expected after '${name}', not ${shownToken(this.#token)}`);
    this.#at++;
    if (isDate) {
      const date = new Date(DATE.test(text) ? text : Number.NaN);
      if ((kind !== 'word' && kind !== 'text') || Number.isNaN(date.getTime())) throw refused;
      return date;
    }
    if (kind === 'text') return text;
    if (kind !== 'word') throw refused;
    if (BIG.test(text)) return BigInt(text.slice(0, -1));
    if (!NUMBER.test(text)) throw refused;
    return Number(text);
  }
}

function shownToken({ kind, text }: Token): string {
  return kind === 'end' ? 'the end' : `'${text.slice(0, 40)}'`;
}

function wrong(place: number, reason: string): SluiceError {
  return failure('ER_BAD_PARAMETER', `filter, character ${place}: ${reason}`);
}
