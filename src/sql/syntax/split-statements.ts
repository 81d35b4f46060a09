/** Several statements in one text, as clients with CLIENT_MULTI_STATEMENTS send them. */
import { SluiceError } from '../../errors.ts';
import { isSpace } from './characters.ts';
import { Lexer } from './lexer.ts';
import type { SyntaxOptions } from './sql-mode.ts';
import { DEFAULT_SYNTAX } from './sql-mode.ts';
import { TOKEN_END, TOKEN_OPERATOR, TOKEN_WORD } from './tokens.ts';

const SEMICOLON = 59;
/** The body of a stored program has semicolons of its own: the rest of the text is one piece. */
const STORED_PROGRAM = /^(?:PROCEDURE|FUNCTION|TRIGGER|EVENT)$/i;

/**
 * The statements between semicolons, without these and in their order; pieces without a token (white space, comments) are dropped. What is behind
 * an open quote or comment stays one piece, whose parse will tell the error.
 */
export function splitStatements(sql: string, options: SyntaxOptions = DEFAULT_SYNTAX): string[] {
  const lexer = new Lexer();
  lexer.reset(sql, options);
  const pieces: string[] = [];
  // Comments before a statement belong to it, but alone they are none.
  let from = 0;
  let words = 0;
  let firstWord = '';
  let storedProgram = false;
  let empty = true;
  const cut = (end: number) => {
    if (!empty) pieces.push(sql.slice(from, end).trim());
  };
  try {
    while (lexer.next() !== TOKEN_END) {
      const isSemicolon = lexer.kind === TOKEN_OPERATOR && lexer.operator === ';';
      if (isSemicolon && lexer.executing === 0 && !storedProgram) {
        cut(lexer.start);
        from = lexer.end;
        words = 0;
        empty = true;
        continue;
      }
      empty = false;
      if (lexer.kind !== TOKEN_WORD || words > DEFINITION_WORDS_MAX) continue;
      const word = lexer.text();
      if (words++ === 0) firstWord = word.toUpperCase();
      else if (firstWord === 'CREATE' && STORED_PROGRAM.test(word)) storedProgram = true;
    }
  } catch (thrown) {
    if (!(thrown instanceof SluiceError)) throw thrown;
    empty = false;
  }
  cut(sql.length);
  return pieces;
}

/** CREATE DEFINER = a SQL SECURITY INVOKER PROCEDURE: the kind of object is among the first words. */
const DEFINITION_WORDS_MAX = 8;

/** Is there anything but white space behind a semicolon that is no part of a string or comment? */
export function hasSeveralStatements(sql: string, options: SyntaxOptions = DEFAULT_SYNTAX): boolean {
  const first = sql.indexOf(';');
  if (first < 0) return false;
  let last = sql.length - 1;
  while (last > first && (sql.charCodeAt(last) === SEMICOLON || isSpace(sql.charCodeAt(last)))) last--;
  return last > first && splitStatements(sql, options).length > 1;
}
