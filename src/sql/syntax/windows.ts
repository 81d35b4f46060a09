/** OVER and WINDOW (MySQL manual, "Window Function Concepts and Syntax"). */
import type { Expression, OrderItem, WindowBound, WindowFrame, WindowSpecification } from '../ast.ts';
import { parseExpression } from './expressions.ts';
import { parseInterval } from './intervals.ts';
import { parseOrderBy } from './ordering.ts';
import type { TokenStream } from './token-stream.ts';

/** OVER name or OVER (...), if it is there behind a call of `name`, with what may stand before it. */
export function parseOver(tokens: TokenStream, name: string): WindowSpecification | string | undefined {
  if (name === 'NTH_VALUE') {
    if (tokens.acceptWords('FROM', 'LAST')) throw tokens.unsupported('FROM LAST');
    // This is what happens anyway; so is RESPECT NULLS.
    tokens.acceptWords('FROM', 'FIRST');
  }
  if (tokens.acceptWords('IGNORE', 'NULLS')) throw tokens.unsupported('IGNORE NULLS');
  tokens.acceptWords('RESPECT', 'NULLS');
  if (!tokens.acceptWord('OVER')) return undefined;
  return tokens.isOperator('(') ? parseWindow(tokens) : tokens.identifier();
}

/** What is between the parentheses of a window, with them. */
export function parseWindow(tokens: TokenStream): WindowSpecification {
  tokens.expectOperator('(');
  const base = tokens.isIdentifier() ? tokens.identifier() : undefined;
  const partitionBy: Expression[] = tokens.acceptWords('PARTITION', 'BY') ? tokens.list(parseExpression) : [];
  const orderBy: OrderItem[] = parseOrderBy(tokens);
  const frame = parseFrame(tokens);
  tokens.expectOperator(')');
  return { base, partitionBy, orderBy, frame };
}

const FRAME_UNITS = { ROWS: 'rows', RANGE: 'range', GROUPS: 'groups' } as const;

function parseFrame(tokens: TokenStream): WindowFrame | undefined {
  const unit = tokens.acceptAnyWord(['ROWS', 'RANGE', 'GROUPS'] as const);
  if (unit === undefined) return undefined;
  if (!tokens.acceptWord('BETWEEN')) return { unit: FRAME_UNITS[unit], start: parseBound(tokens) };
  const start = parseBound(tokens);
  tokens.expectWord('AND');
  return { unit: FRAME_UNITS[unit], start, end: parseBound(tokens) };
}

function parseBound(tokens: TokenStream): WindowBound {
  if (tokens.acceptWords('CURRENT', 'ROW')) return { kind: 'current-row' };
  if (tokens.acceptWord('UNBOUNDED')) {
    return { kind: parseSide(tokens) === 'PRECEDING' ? 'unbounded-preceding' : 'unbounded-following' };
  }
  let value: Expression;
  if (tokens.isWord('INTERVAL')) value = parseInterval(tokens);
  else if (tokens.isSlot()) value = tokens.slot();
  else throw tokens.unexpected();
  return { kind: parseSide(tokens) === 'PRECEDING' ? 'preceding' : 'following', value };
}

function parseSide(tokens: TokenStream): 'PRECEDING' | 'FOLLOWING' {
  const side = tokens.acceptAnyWord(['PRECEDING', 'FOLLOWING'] as const);
  if (side === undefined) throw tokens.unexpected();
  return side;
}
