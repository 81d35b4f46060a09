/** A statement's text with other text in the places of its parameters; what looks like one inside a string, a name or a comment stays as it is. */
import { Lexer } from './lexer.ts';
import type { SyntaxOptions } from './sql-mode.ts';
import { syntaxError } from './syntax-error.ts';
import { TOKEN_END, TOKEN_PARAMETER, TOKEN_STRING, TOKEN_WORD } from './tokens.ts';

export interface ParameterPlace {
  /** The number of the `?` from 0, or the name behind `:` or `::`. */
  readonly parameter: number | string;
  /** Written `::name`; stands behind IN then. */
  readonly list: boolean;
  /** A quoted string comes next: two quoted strings beside each other would be one. */
  readonly beforeString: boolean;
}

const WORD_CHARACTER = /[\w$@.\u0080-\uffff]/;

/** Throws ER_PARSE_ERROR as the lexer does, or for a list that is not behind IN, and what `replacement` throws. */
export function replaceParameters(
  sql: string,
  options: SyntaxOptions,
  replacement: (place: ParameterPlace) => string,
): string {
  const lexer = new Lexer();
  lexer.reset(sql, options);
  let text = '';
  let from = 0;
  let kind = lexer.next();
  let isBehindIn = false;
  while (kind !== TOKEN_END) {
    if (kind !== TOKEN_PARAMETER) {
      isBehindIn = kind === TOKEN_WORD && lexer.text().toUpperCase() === 'IN';
      kind = lexer.next();
      continue;
    }
    const { start, end } = lexer;
    const { parameter, list = false } = lexer.parameter();
    if (list && !isBehindIn) throw syntaxError(sql, start);
    isBehindIn = false;
    kind = lexer.next();
    text += sql.slice(from, start);
    // `SELECT:a` and `?AND` are two tokens, and must stay two.
    const before = start > 0 && WORD_CHARACTER.test(sql[start - 1] as string) ? ' ' : '';
    const after = end < sql.length && WORD_CHARACTER.test(sql[end] as string) ? ' ' : '';
    text += before + replacement({ parameter, list, beforeString: kind === TOKEN_STRING }) + after;
    from = end;
  }
  return text + sql.slice(from);
}
