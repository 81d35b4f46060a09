/**
 * A statement's text without its literals: the key under which its plan is kept. Runs for every statement that a client sends, so it copies
 * whole stretches of the text between literals and makes no tokens (3 million
 * short statements a second on one core).
 */
import type { FingerprintedText } from '../slots.ts';
import { Lexer } from './lexer.ts';
import type { SyntaxOptions } from './sql-mode.ts';
import { DEFAULT_SYNTAX } from './sql-mode.ts';
import { TOKEN_END, TOKEN_FIRST_SLOT, TOKEN_OPERATOR, TOKEN_PARAMETER } from './tokens.ts';

/** Never used by two at once: fingerprint() does not wait for anything. */
const lexer = new Lexer();

type Slot = FingerprintedText['slots'][number];

/**
 * Comments are dropped, each run of white space becomes one space, literals and parameters become `?` (`::?` for a list). Keywords and
 * identifiers stay as written; so do minus signs, introducers (_binary), optimizer hints, and the content of executable comments.
 * A semicolon at the end is dropped. Slot i here is slot i of parse() on the same text under the same options.
 *
 * Throws ER_PARSE_ERROR for an open quote or comment or an impossible character.
 */
export function fingerprint(sql: string, options: SyntaxOptions = DEFAULT_SYNTAX): FingerprintedText {
  const slots: Slot[] = [];
  lexer.reset(sql, options);
  let text = '';
  let kind = lexer.next();
  // The stretch [from, end) of the text is still to be copied.
  let from = lexer.start;
  let end = from;
  let semicolon = false;
  let hasLists = false;
  while (kind !== TOKEN_END) {
    const start = lexer.start;
    if (semicolon) {
      text += ';';
      semicolon = false;
    }
    // Between tokens nothing or one space: the stretch goes on. Anything else is rewritten to one space.
    const gap = start - end;
    if (gap > 1 || (gap === 1 && sql.charCodeAt(end) !== 32)) {
      text += `${sql.slice(from, end)} `;
      from = start;
    }
    end = lexer.end;
    if (kind >= TOKEN_FIRST_SLOT) {
      const isList = kind === TOKEN_PARAMETER && lexer.isListParameter();
      hasLists ||= isList;
      text += sql.slice(from, start) + (isList ? '::?' : '?');
      from = end;
      slots.push(kind === TOKEN_PARAMETER ? lexer.parameter() : lexer.literal());
    } else if (kind === TOKEN_OPERATOR && lexer.operator === ';') {
      text += sql.slice(from, start);
      from = end;
      semicolon = true;
    }
    kind = lexer.next();
  }
  text += sql.slice(from, end);
  return { fingerprint: semicolon ? text.trimEnd() : text, slots, hasLists };
}

/** The text with its comments and surplus white space gone, its literals kept: how a column without an alias is named. */
export function squeeze(sql: string, options: SyntaxOptions): string {
  const squeezing = new Lexer();
  squeezing.reset(sql, options);
  let text = '';
  let end = -1;
  while (squeezing.next() !== TOKEN_END) {
    if (end >= 0 && squeezing.start > end) text += ' ';
    text += squeezing.text();
    end = squeezing.end;
  }
  return text;
}
