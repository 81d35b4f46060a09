/** Comparisons, IS, IN, BETWEEN, LIKE, REGEXP (bool_pri and predicate in MySQL's grammar). */
import type { BinaryOperator, Expression } from '../ast.ts';
import { parseBitExpression, parseConcatenation } from './bit-expressions.ts';
import { parseExpression, parseExpressionList } from './expressions.ts';
import { parseNestedQuery } from './queries.ts';
import type { TokenStream } from './token-stream.ts';

const COMPARISONS: Readonly<Record<string, BinaryOperator>> = {
  '=': '=',
  '<=>': '<=>',
  '<>': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

/** bool_pri: comparisons and IS, from left to right. */
export function parseComparison(tokens: TokenStream, given: Expression | undefined): Expression {
  let left = parsePredicate(tokens, given);
  for (;;) {
    const op = COMPARISONS[tokens.operator];
    if (op !== undefined) {
      tokens.advance();
      const before = tokens.startOperand();
      left = parseCompared(tokens, op, left);
      tokens.endOperand(before);
    } else if (tokens.acceptWord('IS')) {
      left = parseIs(tokens, left);
    } else {
      return left;
    }
    tokens.grow();
  }
}

function parseCompared(tokens: TokenStream, op: BinaryOperator, left: Expression): Expression {
  const quantifier = tokens.acceptAnyWord(['ANY', 'ALL', 'SOME']);
  if (quantifier === undefined) return { kind: 'binary', op, left, right: parsePredicate(tokens, undefined) };
  const query = tokens.parenthesised(parseNestedQuery);
  return { kind: 'quantified', op, left, quantifier: quantifier === 'ALL' ? 'all' : 'any', query };
}

const IS_TESTS = { NULL: 'null', TRUE: 'true', FALSE: 'false', UNKNOWN: 'unknown' } as const;

function parseIs(tokens: TokenStream, operand: Expression): Expression {
  const negated = tokens.acceptWord('NOT');
  const test = tokens.acceptAnyWord(['NULL', 'TRUE', 'FALSE', 'UNKNOWN'] as const);
  if (test === undefined) throw tokens.unexpected();
  return { kind: 'is', operand, test: IS_TESTS[test], negated };
}

/** predicate: IN, BETWEEN, LIKE, REGEXP; one of them at most. */
function parsePredicate(tokens: TokenStream, given: Expression | undefined): Expression {
  const operand = parseBitExpression(tokens, given);
  const word = tokens.word;
  if (word === '') return operand;
  if (word === 'NOT') return parseNegatedPredicate(tokens, operand);
  return parsePredicateTail(tokens, operand, false) ?? operand;
}

function parseNegatedPredicate(tokens: TokenStream, operand: Expression): Expression {
  // NOT may also begin what follows a default value: DEFAULT (1) NOT NULL.
  const mark = tokens.mark();
  tokens.advance();
  const predicate = parsePredicateTail(tokens, operand, true);
  if (predicate !== undefined) return predicate;
  tokens.goBack(mark);
  return operand;
}

function parsePredicateTail(tokens: TokenStream, operand: Expression, negated: boolean): Expression | undefined {
  switch (tokens.word) {
    case 'IN':
      tokens.advance();
      return parseIn(tokens, operand, negated);
    case 'BETWEEN': {
      tokens.advance();
      const low = parseBitExpression(tokens);
      tokens.expectWord('AND');
      const high = tokens.nested(() => parsePredicate(tokens, undefined));
      return { kind: 'between', operand, low, high, negated };
    }
    case 'LIKE': {
      tokens.advance();
      const pattern = parseConcatenation(tokens);
      if (!tokens.acceptWord('ESCAPE')) return { kind: 'like', operand, pattern, negated };
      return { kind: 'like', operand, pattern, escape: parseConcatenation(tokens), negated };
    }
    case 'REGEXP':
    case 'RLIKE':
      tokens.advance();
      return { kind: 'regexp', operand, pattern: parseBitExpression(tokens), negated };
    case 'SOUNDS': {
      if (negated || !tokens.acceptWords('SOUNDS', 'LIKE')) return undefined;
      const right = parseBitExpression(tokens);
      return { kind: 'binary', op: '=', left: soundex(operand), right: soundex(right) };
    }
    case 'MEMBER': {
      if (negated) return undefined;
      const mark = tokens.mark();
      tokens.advance();
      tokens.acceptWord('OF');
      if (!tokens.isOperator('(')) {
        tokens.goBack(mark);
        return undefined;
      }
      return { kind: 'call', name: 'MEMBER OF', args: [operand, tokens.parenthesised(parseExpression)] };
    }
    default:
      return undefined;
  }
}

function soundex(operand: Expression): Expression {
  return { kind: 'call', name: 'SOUNDEX', args: [operand] };
}

function parseIn(tokens: TokenStream, operand: Expression, negated: boolean): Expression {
  // IN ::ids, as Vitess writes it
  if (tokens.isSlot()) {
    const list = tokens.slot();
    if (list.list !== true) throw tokens.unexpected();
    return { kind: 'in-list', operand, items: [list], negated };
  }
  tokens.expectOperator('(');
  const items = parseExpressionList(tokens);
  tokens.expectOperator(')');
  const only = items.length === 1 ? items[0]! : undefined;
  if (only?.kind === 'subquery') return { kind: 'in-query', operand, query: only.query, negated };
  return { kind: 'in-list', operand, items, negated };
}
