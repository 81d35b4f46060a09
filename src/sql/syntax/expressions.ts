/**
 * Expressions, from the loosest operator to the tightest, as MySQL's grammar nests them (sql_yacc.yy): expr (here), bool_pri and predicate
 * (predicates.ts), bit_expr (bit-expressions.ts), simple_expr (operands.ts). The levels of OR, XOR and AND are one function, and so are those
 * from `|` to `^`, to keep the stack low.
 *
 * `given`, where a function takes it, is an operand that has been read already: the caller had to read it to know what follows.
 */
import type { Expression } from '../ast.ts';
import { parseComparison } from './predicates.ts';
import { continuesQuery, parseNestedQuery, parseNestedQueryFrom, startsQuery } from './queries.ts';
import type { TokenStream } from './token-stream.ts';

/** An expression of any kind. */
export function parseExpression(tokens: TokenStream): Expression {
  return tokens.nested(parseLogic);
}

export function parseExpressionFrom(tokens: TokenStream, given: Expression): Expression {
  return tokens.nested(() => parseLogicFrom(tokens, OR_PRECEDENCE, given));
}

const OR_PRECEDENCE = 1;
const XOR_PRECEDENCE = 2;
const AND_PRECEDENCE = 3;
const NOT_PRECEDENCE = 4;

function parseLogic(tokens: TokenStream): Expression {
  return parseLogicFrom(tokens, OR_PRECEDENCE, undefined);
}

function parseLogicFrom(tokens: TokenStream, precedence: number, given: Expression | undefined): Expression {
  let left: Expression;
  if (given === undefined && tokens.isWord('NOT') && tokens.options.highNotPrecedence !== true) {
    tokens.advance();
    left = tokens.nested(() => ({
      kind: 'unary',
      op: 'not',
      operand: parseLogicFrom(tokens, NOT_PRECEDENCE, undefined),
    }));
  } else {
    left = parseComparison(tokens, given);
  }
  for (;;) {
    const op = logicOperator(tokens);
    if (op === undefined || LOGIC_PRECEDENCE[op] < precedence) return left;
    if (op === 'xor') {
      tokens.advance();
      const before = tokens.startOperand();
      const right = parseLogicFrom(tokens, AND_PRECEDENCE, undefined);
      tokens.endOperand(before);
      left = { kind: 'binary', op, left, right };
      tokens.grow();
    } else {
      left = parseChain(tokens, op, left);
    }
  }
}

const LOGIC_PRECEDENCE = { or: OR_PRECEDENCE, xor: XOR_PRECEDENCE, and: AND_PRECEDENCE } as const;

function logicOperator(tokens: TokenStream): 'or' | 'xor' | 'and' | undefined {
  switch (tokens.word) {
    case 'AND':
      return 'and';
    case 'OR':
      return 'or';
    case 'XOR':
      return 'xor';
    case '':
      break;
    default:
      return undefined;
  }
  switch (tokens.operator) {
    case '&&':
      return 'and';
    case '||':
      return tokens.options.pipesAsConcat === true ? undefined : 'or';
    default:
      return undefined;
  }
}

/** a AND b AND c ...: thousands of them are usual, so they become a balanced tree, which means the same. */
function parseChain(tokens: TokenStream, op: 'or' | 'and', first: Expression): Expression {
  const operands = [first];
  while (logicOperator(tokens) === op) {
    tokens.advance();
    const before = tokens.startOperand();
    operands.push(parseLogicFrom(tokens, LOGIC_PRECEDENCE[op] + 1, undefined));
    tokens.endOperand(before);
  }
  for (let levels = operands.length; levels > 1; levels = Math.ceil(levels / 2)) tokens.grow();
  return operands.length <= SHORT_CHAIN ? leftDeep(op, operands) : balanced(op, operands, 0, operands.length);
}

/** Chains up to here look as they would by the grammar. */
const SHORT_CHAIN = 8;

function leftDeep(op: 'or' | 'and', operands: readonly Expression[]): Expression {
  return operands.reduce((left, right) => ({ kind: 'binary', op, left, right }));
}

function balanced(op: 'or' | 'and', operands: readonly Expression[], from: number, to: number): Expression {
  if (to - from === 1) return operands[from]!;
  const middle = (from + to) >> 1;
  return { kind: 'binary', op, left: balanced(op, operands, from, middle), right: balanced(op, operands, middle, to) };
}

/**
 * What is inside parentheses: expressions with commas between, or one query. In `((SELECT 1) UNION (SELECT 2))` the first query looks like
 * an expression until UNION shows that it is the beginning of a query.
 */
export function parseExpressionList(tokens: TokenStream): Expression[] {
  if (startsQuery(tokens)) return [{ kind: 'subquery', query: parseNestedQuery(tokens) }];
  const items = [parseListItem(tokens)];
  const only = items[0]!;
  if (only.kind === 'subquery' && continuesQuery(tokens)) {
    return [{ kind: 'subquery', query: parseNestedQueryFrom(tokens, only.query) }];
  }
  while (tokens.acceptOperator(',')) items.push(parseListItem(tokens));
  return items;
}

const NULL: Expression = { kind: 'null' };

/** Long lists consist of literals and NULL: those are taken without the way through all levels. */
export function parseListItem(tokens: TokenStream): Expression {
  let item: Expression;
  if (tokens.isSlot()) item = tokens.slot();
  else if (tokens.acceptWord('NULL')) item = NULL;
  else return parseExpression(tokens);
  const { operator } = tokens;
  return operator === ',' || operator === ')' ? item : parseExpressionFrom(tokens, item);
}
