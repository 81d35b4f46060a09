/** The tokens of one statement, with the questions that everybody asks of them. */
import { Lexer } from '../../sql/syntax/lexer.ts';
import type { SyntaxOptions } from '../../sql/syntax/sql-mode.ts';
import * as token from '../../sql/syntax/tokens.ts';

export interface SeenToken {
  readonly kind: number;
  /** In capitals for words, the name for names, the operator. */
  readonly text: string;
  /** Names as they are meant, anything else as it is written; '' for literals. */
  readonly raw: string;
  /** Parentheses around it. */
  readonly depth: number;
  /** Its place in the text. */
  readonly start: number;
  readonly end: number;
}

export class StatementTokens {
  readonly all: readonly SeenToken[];
  /** A word that is not quoted has letters beyond ASCII: whether they are letters depends on the character set. */
  readonly hasWideWords: boolean;
  /** By the position of an opening parenthesis: that of its closing one. */
  readonly #closing = new Map<number, number>();
  readonly isBalanced: boolean;

  /** Throws what the lexer does where the text has no tokens. */
  constructor(text: string, syntax: SyntaxOptions) {
    const lexer = new Lexer();
    lexer.reset(text, syntax);
    const all: SeenToken[] = [];
    const open: number[] = [];
    let isBalanced = true;
    let hasWideWords = false;
    while (lexer.next() !== token.TOKEN_END) {
      const { kind } = lexer;
      const operator = kind === token.TOKEN_OPERATOR ? lexer.operator : '';
      if (operator === ')') {
        const opening = open.pop();
        if (opening === undefined) isBalanced = false;
        else this.#closing.set(opening, all.length);
      }
      if (kind === token.TOKEN_WORD && !lexer.asciiWord) hasWideWords = true;
      const depth = open.length;
      if (operator === '(') open.push(all.length);
      const { start, end } = lexer;
      all.push({
        kind,
        text: textOf(lexer),
        raw: kind < token.TOKEN_FIRST_SLOT ? rawOf(lexer) : '',
        depth,
        start,
        end,
      });
    }
    if (all.at(-1)?.text === ';' && all.at(-1)?.kind === token.TOKEN_OPERATOR) all.pop();
    this.all = all;
    this.hasWideWords = hasWideWords;
    this.isBalanced = isBalanced && open.length === 0;
  }

  get length(): number {
    return this.all.length;
  }

  at(index: number): SeenToken | undefined {
    return this.all[index];
  }

  isWord(index: number, ...words: readonly string[]): boolean {
    const seen = this.all[index];
    return seen?.kind === token.TOKEN_WORD && words.includes(seen.text);
  }

  isWordOf(index: number, words: ReadonlySet<string>): boolean {
    const seen = this.all[index];
    return seen?.kind === token.TOKEN_WORD && words.has(seen.text);
  }

  isOperator(index: number, operator: string): boolean {
    const seen = this.all[index];
    return seen?.kind === token.TOKEN_OPERATOR && seen.text === operator;
  }

  isName(index: number): boolean {
    const kind = this.all[index]?.kind;
    return kind === token.TOKEN_WORD || kind === token.TOKEN_QUOTED_IDENTIFIER;
  }

  isUserVariable(index: number): boolean {
    return this.all[index]?.kind === token.TOKEN_USER_VARIABLE;
  }

  hasWord(word: string): boolean {
    return this.all.some(({ kind, text }) => kind === token.TOKEN_WORD && text === word);
  }

  /** Of the parenthesis that opens at `index`; the end where none closes it. */
  closingOf(index: number): number {
    return this.#closing.get(index) ?? this.all.length;
  }
}

function textOf(lexer: Lexer): string {
  switch (lexer.kind) {
    case token.TOKEN_WORD:
      return lexer.text().toUpperCase();
    case token.TOKEN_QUOTED_IDENTIFIER:
    case token.TOKEN_USER_VARIABLE:
      return lexer.name();
    case token.TOKEN_OPERATOR:
      return lexer.operator;
    default:
      return '';
  }
}

function rawOf(lexer: Lexer): string {
  return lexer.kind === token.TOKEN_QUOTED_IDENTIFIER ? lexer.name() : lexer.text();
}
