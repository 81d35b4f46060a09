/**
 * A strict JSON reader (RFC 8259) that keeps what JSON.parse loses: the text of numbers ("3.50", integers beyond 2^53), the order of an
 * object's names, repeated names. Pull style: the caller asks for what it expects at the cursor, so that it can keep a nested value as
 * its text without building it.
 */

export class JsonSyntaxError extends Error {
  /** In UTF-16 units from the start of the text. */
  readonly position: number;

  constructor(message: string, position: number) {
    super(`${message} at position ${position}`);
    this.name = 'JsonSyntaxError';
    this.position = position;
  }
}

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'true' | 'false' | 'null';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these inside strings.
const CONTROL_OR_BACKSLASH = /[\u0000-\u001f\\]/;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const MAX_DEPTH = 256;

export class JsonScanner {
  readonly text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.text = text;
  }

  get position(): number {
    return this.#at;
  }

  /** What the next value is. The cursor stays. */
  peek(): JsonKind {
    this.#skipWhite();
    const c = this.text[this.#at];
    switch (c) {
      case '{':
        return 'object';
      case '[':
        return 'array';
      case '"':
        return 'string';
      case 't':
        return 'true';
      case 'f':
        return 'false';
      case 'n':
        return 'null';
      default:
        if (c === '-' || (c !== undefined && c >= '0' && c <= '9')) return 'number';
        throw this.#unexpected();
    }
  }

  /** Reads an object, calling `member` with the cursor before each value; `member` must read that value. */
  readObject(member: (name: string) => void): void {
    this.#open('{');
    if (this.#close('}')) return;
    do {
      this.#skipWhite();
      if (this.text[this.#at] !== '"') throw this.#unexpected();
      const name = this.readString();
      this.#expect(':');
      member(name);
    } while (this.#nextOrClose('}'));
  }

  /** Reads an array, calling `element` with the cursor before each value; `element` must read that value. */
  readArray(element: (index: number) => void): void {
    this.#open('[');
    if (this.#close(']')) return;
    let index = 0;
    do {
      element(index++);
    } while (this.#nextOrClose(']'));
  }

  /** Lone surrogates, which UTF-8 cannot hold, become U+FFFD. */
  readString(): string {
    this.#skipWhite();
    const start = this.#at;
    if (this.text.charCodeAt(start) !== QUOTE) throw this.#unexpected();
    let end = this.text.indexOf('"', start + 1);
    // A quote after an odd number of backslashes belongs to the string.
    while (end > 0 && this.text.charCodeAt(end - 1) === BACKSLASH && this.#isEscaped(end, start)) {
      end = this.text.indexOf('"', end + 1);
    }
    if (end < 0) throw new JsonSyntaxError('unterminated string', start);
    this.#at = end + 1;
    const raw = this.text.slice(start + 1, end);
    return CONTROL_OR_BACKSLASH.test(raw) ? this.#unescape(raw, start + 1) : raw;
  }

  /** The number as it is written. */
  readNumber(): string {
    this.#skipWhite();
    NUMBER.lastIndex = this.#at;
    const match = NUMBER.exec(this.text);
    if (match === null) throw this.#unexpected();
    this.#at = NUMBER.lastIndex;
    const next = this.text[this.#at];
    if (next !== undefined && /[0-9A-Za-z.+-]/.test(next)) throw this.#unexpected();
    return match[0];
  }

  readWord(word: 'true' | 'false' | 'null'): void {
    this.#skipWhite();
    if (!this.text.startsWith(word, this.#at)) throw this.#unexpected();
    this.#at += word.length;
  }

  /** Reads any value and gives its text. */
  readRaw(): string {
    this.#skipWhite();
    const start = this.#at;
    this.#skipValue();
    return this.text.slice(start, this.#at);
  }

  /** Nothing but white space may be left. */
  end(): void {
    this.#skipWhite();
    if (this.#at < this.text.length) throw this.#unexpected();
  }

  #skipValue(): void {
    const kind = this.peek();
    switch (kind) {
      case 'object':
        this.readObject(() => this.#skipValue());
        return;
      case 'array':
        this.readArray(() => this.#skipValue());
        return;
      case 'string':
        this.readString();
        return;
      case 'number':
        this.readNumber();
        return;
      default:
        this.readWord(kind);
    }
  }

  #isEscaped(quote: number, start: number): boolean {
    let backslashes = 0;
    for (let i = quote - 1; i > start && this.text.charCodeAt(i) === BACKSLASH; i--) backslashes++;
    return backslashes % 2 === 1;
  }

  #unescape(raw: string, offset: number): string {
    let out = '';
    let from = 0;
    for (let i = 0; i < raw.length; i++) {
      const code = raw.charCodeAt(i);
      if (code < 0x20) throw new JsonSyntaxError('control character in a string', offset + i);
      if (code !== BACKSLASH) continue;
      out += raw.slice(from, i);
      const letter = raw[++i] ?? '';
      if (letter === 'u') {
        const hex = raw.slice(i + 1, i + 5);
        if (!/^[0-9a-fA-F]{4}$/.test(hex)) throw new JsonSyntaxError('wrong \\u escape', offset + i - 1);
        out += String.fromCharCode(Number.parseInt(hex, 16));
        i += 4;
      } else {
        const plain = ESCAPES[letter];
        if (plain === undefined) throw new JsonSyntaxError('unknown escape', offset + i - 1);
        out += plain;
      }
      from = i + 1;
    }
    return (out + raw.slice(from)).replace(LONE_SURROGATE, '\ufffd');
  }

  #open(bracket: string): void {
    this.#expect(bracket);
    if (++this.#depth > MAX_DEPTH) throw new JsonSyntaxError(`more than ${MAX_DEPTH} levels`, this.#at);
  }

  #close(bracket: string): boolean {
    this.#skipWhite();
    if (this.text[this.#at] !== bracket) return false;
    this.#at++;
    this.#depth--;
    return true;
  }

  #nextOrClose(bracket: string): boolean {
    if (this.#close(bracket)) return false;
    this.#expect(',');
    return true;
  }

  #expect(char: string): void {
    this.#skipWhite();
    if (this.text[this.#at] !== char) throw this.#unexpected();
    this.#at++;
  }

  #skipWhite(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at++;
    }
  }

  #unexpected(): JsonSyntaxError {
    const char = this.text[this.#at];
    return new JsonSyntaxError(char === undefined ? 'unexpected end' : `unexpected ${JSON.stringify(char)}`, this.#at);
  }
}
