/** Binary operators from `|` to `^` (bit_expr in MySQL's grammar), by climbing precedences. */
import type { BinaryOperator, Expression } from '../ast.ts';
import { parseInterval } from './intervals.ts';
import { parseCollationName } from './names.ts';
import { parseOperand } from './operands.ts';
import type { TokenStream } from './token-stream.ts';

const BIT_OPERATORS: Readonly<Record<string, { readonly op: BinaryOperator; readonly precedence: number }>> = {
  '|': { op: '|', precedence: 1 },
  '&': { op: '&', precedence: 2 },
  '<<': { op: '<<', precedence: 3 },
  '>>': { op: '>>', precedence: 3 },
  '+': { op: '+', precedence: 4 },
  '-': { op: '-', precedence: 4 },
  '*': { op: '*', precedence: 5 },
  '/': { op: '/', precedence: 5 },
  '%': { op: 'mod', precedence: 5 },
  DIV: { op: 'div', precedence: 5 },
  MOD: { op: 'mod', precedence: 5 },
  '^': { op: '^', precedence: 6 },
};

/** An expression without comparison, AND, OR: what may stand between BETWEEN and AND. */
export function parseBitExpression(tokens: TokenStream, given?: Expression): Expression {
  return parseBits(tokens, 1, given);
}

function parseBits(tokens: TokenStream, precedence: number, given: Expression | undefined): Expression {
  let left =
    given === undefined ? parseConcatenation(tokens) : parseConcatenationFrom(tokens, parseSuffixes(tokens, given));
  for (;;) {
    const operator = BIT_OPERATORS[tokens.operator || tokens.word];
    if (operator === undefined || operator.precedence < precedence) return left;
    tokens.advance();
    const { op } = operator;
    const before = tokens.startOperand();
    const right =
      (op === '+' || op === '-') && tokens.isWord('INTERVAL')
        ? parseIntervalOperand(tokens)
        : parseBits(tokens, operator.precedence + 1, undefined);
    tokens.endOperand(before);
    left = { kind: 'binary', op, left, right };
    tokens.grow();
  }
}

/** The right side of d + INTERVAL 1 DAY, or what INTERVAL(...) gives as a function. */
function parseIntervalOperand(tokens: TokenStream): Expression {
  const interval = parseInterval(tokens);
  return interval.kind === 'interval' ? interval : parseBits(tokens, 5, interval);
}

/** An operand, or under PIPES_AS_CONCAT several of them. */
export function parseConcatenation(tokens: TokenStream): Expression {
  const operand = parseOperand(tokens);
  return tokens.isOperator('||') ? parseConcatenationFrom(tokens, operand) : operand;
}

/** `||` under PIPES_AS_CONCAT binds tighter than `^`. */
function parseConcatenationFrom(tokens: TokenStream, first: Expression): Expression {
  if (tokens.options.pipesAsConcat !== true || !tokens.isOperator('||')) return first;
  const args = [first];
  while (tokens.acceptOperator('||')) {
    const before = tokens.startOperand();
    args.push(parseOperand(tokens));
    tokens.endOperand(before);
  }
  tokens.grow();
  return { kind: 'call', name: 'CONCAT', args };
}

/** COLLATE behind an operand, as often as it stands there. */
export function parseSuffixes(tokens: TokenStream, given: Expression): Expression {
  let operand = given;
  while (tokens.word === 'COLLATE') {
    tokens.advance();
    operand = { kind: 'collate', operand, collation: parseCollationName(tokens) };
    tokens.grow();
  }
  return operand;
}
