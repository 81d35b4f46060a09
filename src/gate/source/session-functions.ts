/**
 * LAST_INSERT_ID() and the like speak of what the same session did before, which mostly ran on another connection. Their values are put into the text;
 * a select item keeps the name that it would have had.
 */
import { Lexer } from '../../sql/syntax/lexer.ts';
import type { SyntaxOptions } from '../../sql/syntax/sql-mode.ts';
import * as token from '../../sql/syntax/tokens.ts';

export interface SessionFacts {
  readonly rowCount: number;
  readonly foundRows: number;
  readonly connectionId: number;
}

const VALUES: Readonly<Record<string, (session: SessionFacts) => number>> = {
  ROW_COUNT: (session) => session.rowCount,
  FOUND_ROWS: (session) => session.foundRows,
  CONNECTION_ID: (session) => session.connectionId,
};

export function isReplaced(name: string): boolean {
  return Object.hasOwn(VALUES, name);
}

interface Seen {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly isWord: boolean;
}

/** The text with their values in the places of ROW_COUNT(), FOUND_ROWS() and CONNECTION_ID(). */
export function withSessionValues(text: string, syntax: SyntaxOptions, session: SessionFacts): string {
  const seen = tokensOf(text, syntax);
  let out = '';
  let from = 0;
  for (let i = 0; i + 2 < seen.length; i++) {
    const [name, open, close] = [seen[i] as Seen, seen[i + 1] as Seen, seen[i + 2] as Seen];
    const upper = name.text.toUpperCase();
    if (!name.isWord || !isReplaced(upper) || open.text !== '(' || close.text !== ')' || seen[i - 1]?.text === '.')
      continue;
    const value = (VALUES[upper] as (session: SessionFacts) => number)(session);
    const alias = isWholeItem(seen[i - 1], seen[i + 3]) ? ` AS \`${text.slice(name.start, close.end)}\`` : '';
    out += text.slice(from, name.start) + (value < 0 ? `(${value})` : String(value)) + alias;
    from = close.end;
  }
  return out + text.slice(from);
}

/** SELECT ROW_COUNT(), ... : a column whose name is its text. */
function isWholeItem(before: Seen | undefined, behind: Seen | undefined): boolean {
  if (before === undefined || !(before.text.toUpperCase() === 'SELECT' || before.text === ',')) return false;
  return (
    behind === undefined ||
    behind.text === ',' ||
    behind.text === ';' ||
    /^(?:FROM|LIMIT|WHERE|UNION|ORDER)$/i.test(behind.text)
  );
}

function tokensOf(text: string, syntax: SyntaxOptions): Seen[] {
  const lexer = new Lexer();
  lexer.reset(text, syntax);
  const seen: Seen[] = [];
  while (lexer.next() !== token.TOKEN_END)
    seen.push({ text: lexer.text(), start: lexer.start, end: lexer.end, isWord: lexer.kind === token.TOKEN_WORD });
  return seen;
}
