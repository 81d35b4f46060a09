/** One SELECT, from its first word to WINDOW. ORDER BY, LIMIT and what else may follow is the query's: queries.ts. */
import type { OrderItem, SelectItem, SelectQuery } from '../ast.ts';
import { parseExpression } from './expressions.ts';
import { squeeze } from './fingerprint.ts';
import { parseOrderItem } from './ordering.ts';
import { parseInto } from './queries.ts';
import { parseFrom } from './table-references.ts';
import type { TokenStream } from './token-stream.ts';
import { parseWindow } from './windows.ts';

export function parseSelect(tokens: TokenStream): SelectQuery {
  const hint = tokens.advanceWithHint();
  const { distinct, calcFoundRows } = parseModifiers(tokens);
  const items = tokens.list(parseSelectItem);
  let into = parseInto(tokens);
  const from = tokens.acceptWord('FROM') ? parseFrom(tokens) : undefined;
  const where = tokens.acceptWord('WHERE') ? parseExpression(tokens) : undefined;
  const groupBy: OrderItem[] = tokens.acceptWords('GROUP', 'BY') ? tokens.list(parseOrderItem) : [];
  const rollup = groupBy.length > 0 && tokens.acceptWords('WITH', 'ROLLUP');
  const having = tokens.acceptWord('HAVING') ? parseExpression(tokens) : undefined;
  const windows = tokens.acceptWord('WINDOW') ? tokens.list(parseNamedWindow) : [];
  into ??= parseInto(tokens);
  tokens.leaveSelectInto(into);
  return { kind: 'select', distinct, calcFoundRows, hint, items, from, where, groupBy, rollup, having, windows };
}

/** Words that may stand behind SELECT and cannot change a result. */
const IDLE_MODIFIERS = [
  'HIGH_PRIORITY',
  'STRAIGHT_JOIN',
  'SQL_SMALL_RESULT',
  'SQL_BIG_RESULT',
  'SQL_BUFFER_RESULT',
  'SQL_NO_CACHE',
  'SQL_CACHE',
] as const;

function parseModifiers(tokens: TokenStream): { distinct: boolean; calcFoundRows: boolean } {
  let distinct = false;
  let calcFoundRows = false;
  for (;;) {
    if (tokens.acceptAnyWord(['DISTINCT', 'DISTINCTROW']) !== undefined) distinct = true;
    else if (tokens.acceptWord('SQL_CALC_FOUND_ROWS')) calcFoundRows = true;
    else if (!tokens.acceptWord('ALL') && tokens.acceptAnyWord(IDLE_MODIFIERS) === undefined) break;
  }
  return { distinct, calcFoundRows };
}

function parseSelectItem(tokens: TokenStream): SelectItem {
  if (tokens.acceptOperator('*')) return { expression: { kind: 'star' }, text: '*' };
  const star = parseQualifiedStar(tokens);
  if (star !== undefined) return star;
  const { start, nextSlot } = tokens;
  const string = tokens.isString() ? tokens.firstString() : undefined;
  const expression = parseExpression(tokens);
  // A string alone gives the column its value as its name.
  const written = string !== undefined && expression.kind === 'slot' ? string : columnText(tokens, start);
  const alias = parseColumnAlias(tokens);
  if (alias === undefined && tokens.columnNamesMatter) tokens.pinBetween(nextSlot, tokens.nextSlot);
  return { expression, alias, text: written };
}

/** t.* and db.t.* */
function parseQualifiedStar(tokens: TokenStream): SelectItem | undefined {
  if (!tokens.isIdentifier()) return undefined;
  const { start } = tokens;
  const mark = tokens.mark();
  const first = tokens.takeName();
  if (tokens.acceptOperator('.')) {
    if (tokens.acceptOperator('*')) return { expression: { kind: 'star', table: first }, text: tokens.textFrom(start) };
    const second = tokens.identifierBehindPoint();
    if (tokens.acceptOperator('.') && tokens.acceptOperator('*')) {
      return { expression: { kind: 'star', database: first, table: second }, text: tokens.textFrom(start) };
    }
  }
  tokens.goBack(mark);
  return undefined;
}

/** What squeeze() would change, or may. */
const LOOSE_TEXT = /[\t\n\v\f\r]| {2}|\/\*|--|#/;

/** The item as written, white space squeezed as in the fingerprint: texts of one fingerprint name their columns alike. */
function columnText(tokens: TokenStream, start: number): string {
  const text = tokens.textFrom(start);
  return LOOSE_TEXT.test(text) ? squeeze(text, tokens.options) : text;
}

function parseColumnAlias(tokens: TokenStream): string | undefined {
  if (tokens.acceptWord('AS')) return tokens.identifierOrString();
  return tokens.isIdentifierOrString() ? tokens.identifierOrString() : undefined;
}

function parseNamedWindow(tokens: TokenStream): SelectQuery['windows'][number] {
  const name = tokens.identifier();
  tokens.expectWord('AS');
  return { name, window: parseWindow(tokens) };
}
