import type { Limit, OrderItem } from '../ast.ts';
import { parseExpression } from './expressions.ts';
import type { TokenStream } from './token-stream.ts';

export function parseOrderItem(tokens: TokenStream): OrderItem {
  const expression = parseExpression(tokens);
  return { expression, descending: parseDirection(tokens) };
}

/** ASC, DESC or nothing: true for DESC. */
export function parseDirection(tokens: TokenStream): boolean {
  return tokens.acceptAnyWord(['ASC', 'DESC']) === 'DESC';
}

/** ORDER BY, if it is there. */
export function parseOrderBy(tokens: TokenStream): OrderItem[] {
  if (!tokens.acceptWord('ORDER')) return [];
  tokens.expectWord('BY');
  return tokens.list(parseOrderItem);
}

/** LIMIT n, LIMIT offset, n, LIMIT n OFFSET offset, if it is there. */
export function parseLimit(tokens: TokenStream): Limit | undefined {
  if (!tokens.acceptWord('LIMIT')) return undefined;
  const first = parseLimitNumber(tokens);
  if (tokens.acceptOperator(',')) return { count: parseLimitNumber(tokens), offset: first };
  if (tokens.acceptWord('OFFSET')) return { count: first, offset: parseLimitNumber(tokens) };
  return { count: first };
}

/** LIMIT n, without an offset, as UPDATE and DELETE have it. */
export function parsePlainLimit(tokens: TokenStream): Limit | undefined {
  return tokens.acceptWord('LIMIT') ? { count: parseLimitNumber(tokens) } : undefined;
}

function parseLimitNumber(tokens: TokenStream): Limit['count'] {
  if (!tokens.isLimitNumber()) throw tokens.unexpected();
  return tokens.slot();
}
