/**
 * MySQL's lexical rules (its manual, "Language Structure"), one token at a time into the lexer's own fields: no object is made for a token,
 * because this runs over every byte of every statement, cached plan or not. The fingerprint and the parser use the
 * same lexer, so that they agree on which literal is which slot.
 *
 * Throws ER_PARSE_ERROR on what is no token: an open quote or comment, a lone backslash, a number beyond a double.
 */
import type { SlotValue } from '../slots.ts';
import * as characters from './characters.ts';
import { CHARACTER_CLASS, IDENTIFIER_PART, isDigit, isHexDigit, isIdentifierPart, isSpace } from './characters.ts';
import { blockCommentEnd, executableContent, lineCommentEnd } from './comments.ts';
import {
  bitLiteral,
  decimalLiteral,
  floatLiteral,
  hexLiteral,
  intLiteral,
  stringLiteral,
  unescapeString,
} from './literals.ts';
import type { SyntaxOptions } from './sql-mode.ts';
import { syntaxError } from './syntax-error.ts';
import * as token from './tokens.ts';

const HINTED_STATEMENTS = /^(?:select|insert|replace|update|delete)$/i;

const SPACE = 32;
const DOUBLE_QUOTE = 34;
const SINGLE_QUOTE = 39;
const ASTERISK = 42;
const PLUS = 43;
const SLASH = 47;
const BACKSLASH = 92;
const BACKTICK = 96;

/** A place to come back to. */
export interface LexerMark {
  readonly kind: number;
  readonly start: number;
  readonly end: number;
  readonly operator: string;
  readonly slot: number;
  readonly slotCount: number;
  readonly positionalCount: number;
  readonly executing: number;
  readonly contentStart: number;
  readonly contentEnd: number;
  readonly escaped: boolean;
  readonly joined: string | null;
  readonly asciiWord: boolean;
}

export class Lexer {
  sql = '';
  /** One of tokens.ts. */
  kind: number = token.TOKEN_END;
  start = 0;
  end = 0;
  /** For TOKEN_OPERATOR: its text (`!=` is `<>`). */
  operator = '';
  /** The slot's number, where the token is one. */
  slot = -1;
  /** Slots up to here. */
  slotCount = 0;
  /** Nesting of executable comments around the token. */
  executing = 0;
  /** A word without letters beyond ASCII: only such a word can be a keyword. */
  asciiWord = true;
  #length = 0;
  #ansiQuotes = false;
  #backslashes = true;
  #positionalCount = 0;
  /** What is inside quotes, behind the prefix (0x, _N, :), or the name behind @. */
  #contentStart = 0;
  #contentEnd = 0;
  #escaped = false;
  /** The value of several strings one behind the other. */
  #joined: string | null = null;

  /** Begins with a text; next() gives its first token. */
  reset(sql: string, options: SyntaxOptions): void {
    this.sql = sql;
    this.#length = sql.length;
    this.#ansiQuotes = options.ansiQuotes === true;
    this.#backslashes = options.noBackslashEscapes !== true;
    this.kind = token.TOKEN_END;
    this.start = 0;
    this.end = 0;
    this.operator = '';
    this.slot = -1;
    this.slotCount = 0;
    this.executing = 0;
    this.#positionalCount = 0;
    this.#joined = null;
  }

  /** Reads the next token and returns its kind; TOKEN_END again and again at the end. */
  next(): number {
    const sql = this.sql;
    const length = this.#length;
    let position = this.end;
    let code = 0;
    let characterClass = 0;
    for (;;) {
      if (position >= length) return this.#endOfText(length);
      code = sql.charCodeAt(position);
      if (code === SPACE) {
        position++;
        continue;
      }
      characterClass = code < 128 ? CHARACTER_CLASS[code]! : characters.CLASS_LETTER;
      if (characterClass === characters.CLASS_SPACE) {
        position++;
        continue;
      }
      if (characterClass === characters.CLASS_COMMENT) {
        const behind = this.#skipComment(position, code);
        if (behind > position) {
          position = behind;
          continue;
        }
      }
      break;
    }
    const previousEnd = this.end;
    const previousKind = this.kind;
    this.start = position;
    switch (characterClass) {
      case characters.CLASS_LETTER:
        return this.#word(position, code);
      case characters.CLASS_DIGIT:
        // Behind `name.` even 1a and 5 are names.
        if (previousKind === token.TOKEN_OPERATOR && this.operator === '.' && previousEnd === position) {
          return this.#wordFrom(position);
        }
        return this.#number(position, code);
      case characters.CLASS_QUOTE:
        if (code === DOUBLE_QUOTE && this.#ansiQuotes) return this.#quotedIdentifier(position, code);
        return this.#string(position);
      case characters.CLASS_BACKTICK:
        return this.#quotedIdentifier(position, code);
      case characters.CLASS_DOT: {
        const behindName =
          previousEnd === position &&
          (previousKind === token.TOKEN_WORD || previousKind === token.TOKEN_QUOTED_IDENTIFIER);
        if (!behindName && isDigit(sql.charCodeAt(position + 1))) return this.#fraction(position + 1);
        return this.#operator('.', 1);
      }
      case characters.CLASS_AT:
        return this.#variable(position);
      case characters.CLASS_PARAMETER:
        this.end = position + 1;
        this.#contentStart = this.#contentEnd = this.end;
        this.#positionalCount++;
        return this.#slotToken(token.TOKEN_PARAMETER);
      case characters.CLASS_COLON:
        return this.#colon(position);
      case characters.CLASS_SINGLE:
        return this.#operator(characters.SINGLE_OPERATOR[code]!, 1);
      case characters.CLASS_COMMENT:
      case characters.CLASS_OPERATOR:
        return this.#longOperator(position, code);
      default:
        throw syntaxError(sql, position);
    }
  }

  /** The token as written. */
  text(): string {
    return this.sql.slice(this.start, this.end);
  }

  /** The name that a word, a quoted identifier or a user variable is. */
  name(): string {
    if (this.kind === token.TOKEN_WORD) return this.sql.slice(this.start, this.end);
    return this.#content(this.sql[this.#contentEnd] ?? '', this.kind === token.TOKEN_USER_VARIABLE);
  }

  /** A string's value. */
  string(): string {
    return this.#joined ?? this.#content(this.sql[this.#contentEnd]!, true);
  }

  /** Of several strings one behind the other: the first, which is what MySQL names a column after. */
  firstString(): string {
    return this.#content(this.sql[this.#contentEnd]!, true);
  }

  /** A literal's value. */
  literal(): SlotValue {
    const sql = this.sql;
    switch (this.kind) {
      case token.TOKEN_INT:
        return intLiteral(sql, this.start, this.end);
      case token.TOKEN_STRING:
        return stringLiteral(this.string());
      case token.TOKEN_DECIMAL:
        return decimalLiteral(this.text());
      case token.TOKEN_FLOAT:
        return floatLiteral(this.text());
      case token.TOKEN_HEX:
        return hexLiteral(sql.slice(this.#contentStart, this.#contentEnd));
      default:
        return bitLiteral(sql.slice(this.#contentStart, this.#contentEnd));
    }
  }

  /** A parameter: the number of the `?` from 0, or the name behind the colon. */
  parameter(): { readonly parameter: number | string; readonly list?: boolean } {
    if (this.#contentStart === this.#contentEnd) return { parameter: this.#positionalCount - 1 };
    const parameter = this.sql.slice(this.#contentStart, this.#contentEnd);
    return this.isListParameter() ? { parameter, list: true } : { parameter };
  }

  isListParameter(): boolean {
    return this.#contentStart - this.start === 2;
  }

  mark(): LexerMark {
    return {
      kind: this.kind,
      start: this.start,
      end: this.end,
      operator: this.operator,
      slot: this.slot,
      slotCount: this.slotCount,
      positionalCount: this.#positionalCount,
      executing: this.executing,
      contentStart: this.#contentStart,
      contentEnd: this.#contentEnd,
      escaped: this.#escaped,
      joined: this.#joined,
      asciiWord: this.asciiWord,
    };
  }

  goBack(mark: LexerMark): void {
    this.kind = mark.kind;
    this.start = mark.start;
    this.end = mark.end;
    this.operator = mark.operator;
    this.slot = mark.slot;
    this.slotCount = mark.slotCount;
    this.#positionalCount = mark.positionalCount;
    this.executing = mark.executing;
    this.#contentStart = mark.contentStart;
    this.#contentEnd = mark.contentEnd;
    this.#escaped = mark.escaped;
    this.#joined = mark.joined;
    this.asciiWord = mark.asciiWord;
  }

  #content(quote: string, backslashes: boolean): string {
    const inside = this.sql.slice(this.#contentStart, this.#contentEnd);
    return this.#escaped ? unescapeString(inside, quote, backslashes && this.#backslashes) : inside;
  }

  #endOfText(length: number): number {
    if (this.executing > 0) throw syntaxError(this.sql, length);
    this.start = this.end = length;
    this.kind = token.TOKEN_END;
    return token.TOKEN_END;
  }

  #operator(operator: string, length: number): number {
    this.operator = operator;
    this.end = this.start + length;
    this.kind = token.TOKEN_OPERATOR;
    return token.TOKEN_OPERATOR;
  }

  #slotToken(kind: number): number {
    this.slot = this.slotCount++;
    this.kind = kind;
    return kind;
  }

  #word(position: number, code: number): number {
    if (this.sql.charCodeAt(position + 1) === SINGLE_QUOTE) {
      // N'...' x'...' b'...'
      const prefix = code | 32;
      if (prefix === 110) return this.#string(position + 1);
      if (prefix === 120) return this.#quotedDigits(position, token.TOKEN_HEX);
      if (prefix === 98) return this.#quotedDigits(position, token.TOKEN_BITS);
    }
    return this.#wordFrom(position);
  }

  #wordFrom(position: number): number {
    const sql = this.sql;
    const length = this.#length;
    let ascii = true;
    while (position < length) {
      const code = sql.charCodeAt(position);
      if (code < 128) {
        if (IDENTIFIER_PART[code] === 0) break;
      } else {
        ascii = false;
      }
      position++;
    }
    this.asciiWord = ascii;
    this.end = position;
    this.kind = token.TOKEN_WORD;
    return token.TOKEN_WORD;
  }

  #number(position: number, code: number): number {
    const sql = this.sql;
    if (code === 48) {
      const prefix = sql.charCodeAt(position + 1);
      if (prefix === 120 || prefix === 98) {
        const kind = prefix === 120 ? token.TOKEN_HEX : token.TOKEN_BITS;
        const end = digitsEnd(this.sql, position + 2, kind);
        if (end > position + 2 && !isIdentifierPart(sql.charCodeAt(end))) {
          this.#contentStart = position + 2;
          this.#contentEnd = this.end = end;
          return this.#slotToken(kind);
        }
        return this.#wordFrom(position);
      }
    }
    let at = position + 1;
    let next = sql.charCodeAt(at);
    while (next >= 48 && next <= 57) next = sql.charCodeAt(++at);
    if (next === 46) return this.#fraction(at + 1);
    if ((next | 32) === 101) {
      const end = exponentEnd(sql, at);
      if (end > at) {
        return this.#float(end);
      }
    }
    if (isIdentifierPart(next)) return this.#wordFrom(position);
    this.end = at;
    return this.#slotToken(token.TOKEN_INT);
  }

  /** The number from the digit behind the point on. */
  #fraction(position: number): number {
    const sql = this.sql;
    let at = position;
    while (isDigit(sql.charCodeAt(at))) at++;
    const end = exponentEnd(sql, at);
    if (end > at) return this.#float(end);
    this.end = end;
    return this.#slotToken(token.TOKEN_DECIMAL);
  }

  #float(end: number): number {
    if (!Number.isFinite(Number(this.sql.slice(this.start, end)))) throw syntaxError(this.sql, this.start);
    this.end = end;
    return this.#slotToken(token.TOKEN_FLOAT);
  }

  /** x'...' and b'...' */
  #quotedDigits(position: number, kind: number): number {
    const end = digitsEnd(this.sql, position + 2, kind);
    const odd = kind === token.TOKEN_HEX && (end - position) % 2 === 1;
    if (odd || this.sql.charCodeAt(end) !== SINGLE_QUOTE) throw syntaxError(this.sql, position);
    this.#contentStart = position + 2;
    this.#contentEnd = end;
    this.end = end + 1;
    return this.#slotToken(kind);
  }

  /** The string whose opening quote is at `position`, with those that follow it at once. */
  #string(position: number): number {
    this.end = this.#quoted(position, this.#backslashes);
    this.#joined = null;
    const code = this.sql.charCodeAt(this.end);
    // Most strings are followed by a comma or a parenthesis: then there is nothing to look for.
    if (code !== 44 && code !== 41) this.#join();
    return this.#slotToken(token.TOKEN_STRING);
  }

  /** 'a' 'b' is 'ab' (MySQL manual, "String Literals"). The token's content stays that of the first. */
  #join(): void {
    let executing = this.executing;
    for (;;) {
      const position = this.#skipSpace(this.end);
      const code = this.sql.charCodeAt(position);
      if (code !== SINGLE_QUOTE && (code !== DOUBLE_QUOTE || this.#ansiQuotes)) break;
      const value = this.string();
      const contentStart = this.#contentStart;
      const contentEnd = this.#contentEnd;
      const escaped = this.#escaped;
      this.end = this.#quoted(position, this.#backslashes);
      this.#joined = value + this.firstString();
      this.#contentStart = contentStart;
      this.#contentEnd = contentEnd;
      this.#escaped = escaped;
      executing = this.executing;
    }
    // What was skipped while looking is skipped again by next().
    this.executing = executing;
  }

  #skipSpace(position: number): number {
    const sql = this.sql;
    for (;;) {
      const code = sql.charCodeAt(position);
      if (isSpace(code)) {
        position++;
        continue;
      }
      if (code < 128 && CHARACTER_CLASS[code] === characters.CLASS_COMMENT) {
        const behind = this.#skipComment(position, code);
        if (behind > position) {
          position = behind;
          continue;
        }
      }
      return position;
    }
  }

  /** Finds the end of what is quoted from `position` on and returns the position behind the closing quote. */
  #quoted(position: number, backslashes: boolean): number {
    const sql = this.sql;
    const length = this.#length;
    const quote = sql.charCodeAt(position);
    let escaped = false;
    let at = position + 1;
    for (; at < length; at++) {
      const code = sql.charCodeAt(at);
      if (code === quote) {
        if (sql.charCodeAt(at + 1) !== quote) break;
        escaped = true;
        at++;
      } else if (code === BACKSLASH && backslashes) {
        escaped = true;
        at++;
      }
    }
    if (at >= length) throw syntaxError(sql, position);
    this.#contentStart = position + 1;
    this.#contentEnd = at;
    this.#escaped = escaped;
    return at + 1;
  }

  #quotedIdentifier(position: number, quote: number): number {
    this.end = this.#quoted(position, false);
    this.kind = token.TOKEN_QUOTED_IDENTIFIER;
    // `` is no name, and a zero is in none; "" is neither under ANSI_QUOTES.
    if (this.#contentStart === this.#contentEnd && quote === BACKTICK) throw syntaxError(this.sql, position);
    return token.TOKEN_QUOTED_IDENTIFIER;
  }

  #variable(position: number): number {
    const sql = this.sql;
    const code = sql.charCodeAt(position + 1);
    if (code === 64) {
      this.end = position + 2;
      this.kind = token.TOKEN_SYSTEM_VARIABLE;
      return token.TOKEN_SYSTEM_VARIABLE;
    }
    if (code === SINGLE_QUOTE || code === DOUBLE_QUOTE || code === BACKTICK) {
      this.end = this.#quoted(position + 1, code !== BACKTICK && this.#backslashes);
    } else {
      let at = position + 1;
      while (at < this.#length && (isIdentifierPart(sql.charCodeAt(at)) || sql.charCodeAt(at) === 46)) at++;
      this.#contentStart = position + 1;
      this.#contentEnd = this.end = at;
      this.#escaped = false;
    }
    this.kind = token.TOKEN_USER_VARIABLE;
    return token.TOKEN_USER_VARIABLE;
  }

  /** `:=`, `:name` or `::list`. */
  #colon(position: number): number {
    const sql = this.sql;
    const code = sql.charCodeAt(position + 1);
    if (code === 61) return this.#operator(':=', 2);
    const nameStart = code === 58 ? position + 2 : position + 1;
    let at = nameStart;
    while (at < this.#length && isIdentifierPart(sql.charCodeAt(at))) at++;
    if (at === nameStart) throw syntaxError(sql, position);
    this.#contentStart = nameStart;
    this.#contentEnd = this.end = at;
    return this.#slotToken(token.TOKEN_PARAMETER);
  }

  #longOperator(position: number, code: number): number {
    const sql = this.sql;
    const next = sql.charCodeAt(position + 1);
    switch (code) {
      case 60: // <
        if (next === 61)
          return sql.charCodeAt(position + 2) === 62 ? this.#operator('<=>', 3) : this.#operator('<=', 2);
        if (next === 62) return this.#operator('<>', 2);
        return next === 60 ? this.#operator('<<', 2) : this.#operator('<', 1);
      case 62: // >
        if (next === 61) return this.#operator('>=', 2);
        return next === 62 ? this.#operator('>>', 2) : this.#operator('>', 1);
      case 61:
        return this.#operator('=', 1);
      case 33:
        return next === 61 ? this.#operator('<>', 2) : this.#operator('!', 1);
      case 124:
        return next === 124 ? this.#operator('||', 2) : this.#operator('|', 1);
      case 38:
        return next === 38 ? this.#operator('&&', 2) : this.#operator('&', 1);
      case 45: // -
        if (next === 62)
          return sql.charCodeAt(position + 2) === 62 ? this.#operator('->>', 3) : this.#operator('->', 2);
        return this.#operator('-', 1);
      case SLASH:
        return next === ASTERISK ? this.#hint(position) : this.#operator('/', 1);
      default:
        return this.#operator('*', 1);
    }
  }

  #hint(position: number): number {
    const close = this.sql.indexOf('*/', position + 3);
    if (close < 0) throw syntaxError(this.sql, position);
    this.#contentStart = position + 3;
    this.#contentEnd = close;
    this.#escaped = false;
    this.end = close + 2;
    this.kind = token.TOKEN_HINT;
    return token.TOKEN_HINT;
  }

  /** The position behind a comment (or behind the mark that opens or closes an executable one); `position` where there is none. */
  #skipComment(position: number, code: number): number {
    const sql = this.sql;
    const next = sql.charCodeAt(position + 1);
    switch (code) {
      case 45: {
        if (next !== 45) return position;
        const behind = sql.charCodeAt(position + 2);
        // `--` needs white space behind it, so that 5--3 is 8.
        return behind <= SPACE || Number.isNaN(behind) ? lineCommentEnd(this.sql, position) : position;
      }
      case 35:
        return lineCommentEnd(this.sql, position);
      case SLASH:
        return next === ASTERISK ? this.#skipBlockComment(position) : position;
      default:
        if (next !== SLASH || this.executing === 0) return position;
        this.executing--;
        return position + 2;
    }
  }

  #skipBlockComment(position: number): number {
    const { sql } = this;
    if (sql.charCodeAt(position + 2) === PLUS && this.#expectsHint()) return position;
    const content = executableContent(sql, position);
    if (content >= 0) {
      this.executing++;
      return content;
    }
    const end = blockCommentEnd(sql, position);
    if (end < 0) throw syntaxError(sql, position);
    return end;
  }

  #expectsHint(): boolean {
    return this.kind === token.TOKEN_WORD && this.end - this.start <= 7 && HINTED_STATEMENTS.test(this.text());
  }
}

/** Behind the exponent at `at`; `at` itself where there is none. */
function exponentEnd(sql: string, at: number): number {
  if ((sql.charCodeAt(at) | 32) !== 101) return at;
  let end = at + 1;
  const sign = sql.charCodeAt(end);
  if (sign === 43 || sign === 45) end++;
  if (!isDigit(sql.charCodeAt(end))) return at;
  while (isDigit(sql.charCodeAt(end))) end++;
  return end;
}

/** Behind the hexadecimal or binary digits from `position` on. */
function digitsEnd(sql: string, position: number, kind: number): number {
  let at = position;
  if (kind === token.TOKEN_HEX) {
    while (isHexDigit(sql.charCodeAt(at))) at++;
  } else {
    while ((sql.charCodeAt(at) | 1) === 49) at++;
  }
  return at;
}
