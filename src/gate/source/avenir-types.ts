/**
 * AvenirSQL's names of column types, written as the MySQL types that they stand for: a statement of its protocol goes to the source in its own words but for
 * these. What they are before the embedded store is in sql/syntax/column-types.ts.
 */
import { SluiceError } from '../../errors.ts';
import { Lexer } from '../../sql/syntax/lexer.ts';
import type { SyntaxOptions } from '../../sql/syntax/sql-mode.ts';
import * as token from '../../sql/syntax/tokens.ts';

const MYSQL_NAMES: Readonly<Record<string, string>> = {
  NUMBER: 'DOUBLE',
  BIGNUMBER: 'BIGINT',
  STRING: 'VARCHAR',
  BIGSTRING: 'LONGTEXT',
};
/** These need no length in AvenirSQL. */
const TEXTS = new Set(['STRING', 'VARCHAR']);
const TEXT_LENGTH = '(255)';

/** What stands where a column's name could: reserved words, all but PERIOD and PARTITION in MariaDB. */
const NO_COLUMNS = new Set(
  'CHECK CONSTRAINT FOREIGN FULLTEXT INDEX KEY LIKE PARTITION PERIOD PRIMARY SELECT SPATIAL UNIQUE'.split(' '),
);

interface Piece {
  /** In capitals; '' for a quoted name. null: no name. */
  readonly word: string | null;
  readonly operator: string;
  readonly start: number;
  readonly end: number;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The same text where there are none: it may be another statement, or one that the source will refuse. */
export function withMysqlTypes(text: string, syntax: SyntaxOptions): string {
  const pieces = piecesOf(text, syntax);
  if (pieces === null) return text;
  const edits = new ColumnTypes(pieces).edits();
  let out = '';
  let at = 0;
  for (const edit of edits) {
    out += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return out + text.slice(at);
}

function piecesOf(text: string, syntax: SyntaxOptions): Piece[] | null {
  const lexer = new Lexer();
  lexer.reset(text, syntax);
  const pieces: Piece[] = [];
  try {
    while (lexer.next() !== token.TOKEN_END) {
      const { kind, start, end } = lexer;
      const isWord = kind === token.TOKEN_WORD;
      const word = isWord ? lexer.text().toUpperCase() : kind === token.TOKEN_QUOTED_IDENTIFIER ? '' : null;
      pieces.push({ word, operator: kind === token.TOKEN_OPERATOR ? lexer.operator : '', start, end });
    }
  } catch (error) {
    if (error instanceof SluiceError) return null;
    throw error;
  }
  return pieces;
}

/** Walks over CREATE TABLE and ALTER TABLE as far as columns stand. */
class ColumnTypes {
  readonly #pieces: readonly Piece[];
  readonly #edits: Edit[] = [];
  #at = 0;

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces;
  }

  edits(): readonly Edit[] {
    if (this.#accept('CREATE')) {
      if (this.#accept('OR')) this.#accept('REPLACE');
      this.#accept('TEMPORARY');
      if (this.#accept('TABLE')) this.#create();
    } else if (this.#accept('ALTER')) {
      while (this.#accept('ONLINE') || this.#accept('IGNORE'));
      if (this.#accept('TABLE')) this.#alter();
    }
    return this.#edits;
  }

  #create(): void {
    this.#acceptIfExists();
    this.#tableName();
    if (this.#operator() === '(') this.#columnList();
  }

  #alter(): void {
    this.#acceptIfExists();
    this.#tableName();
    while (this.#at < this.#pieces.length) {
      this.#alteration();
      this.#skipItem();
      if (this.#operator() !== ',') return;
      this.#at++;
    }
  }

  #alteration(): void {
    const isChange = this.#accept('CHANGE');
    if (!isChange && !this.#accept('ADD') && !this.#accept('MODIFY')) return;
    this.#accept('COLUMN');
    this.#acceptIfExists();
    // The old name.
    if (isChange) this.#at++;
    if (this.#operator() === '(') this.#columnList();
    else this.#column();
  }

  /** From its parenthesis to behind the one that closes it. */
  #columnList(): void {
    do {
      this.#at++;
      this.#column();
      this.#skipItem();
    } while (this.#operator() === ',');
    this.#at++;
  }

  #column(): void {
    const word = this.#pieces[this.#at]?.word ?? null;
    if (word === null || NO_COLUMNS.has(word)) return;
    this.#at++;
    const type = this.#pieces[this.#at];
    const name = type?.word ?? null;
    if (type === undefined || name === null) return;
    const mysqlName = Object.hasOwn(MYSQL_NAMES, name) ? MYSQL_NAMES[name] : undefined;
    const needsLength = TEXTS.has(name) && this.#pieces[this.#at + 1]?.operator !== '(';
    if (mysqlName === undefined && !needsLength) return;
    this.#edits.push({
      start: type.start,
      end: type.end,
      text: `${mysqlName ?? name}${needsLength ? TEXT_LENGTH : ''}`,
    });
    this.#at++;
  }

  /** To the comma behind it, or the parenthesis that closes the list. */
  #skipItem(): void {
    for (let depth = 0; this.#at < this.#pieces.length; this.#at++) {
      const operator = this.#operator();
      if (depth === 0 && (operator === ',' || operator === ')')) return;
      if (operator === '(') depth++;
      if (operator === ')') depth--;
    }
  }

  #tableName(): void {
    this.#at++;
    if (this.#operator() === '.') this.#at += 2;
  }

  #acceptIfExists(): void {
    if (!this.#accept('IF')) return;
    this.#accept('NOT');
    this.#accept('EXISTS');
  }

  #accept(word: string): boolean {
    if (this.#pieces[this.#at]?.word !== word) return false;
    this.#at++;
    return true;
  }

  #operator(): string {
    return this.#pieces[this.#at]?.operator ?? '';
  }
}
