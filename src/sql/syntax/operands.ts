/** Operands (simple_expr in MySQL's grammar): literals, names, variables, calls, what is in parentheses, and the operators in front of them. */
import type { ColumnReference, Expression } from '../ast.ts';
import { parseBitExpression, parseSuffixes } from './bit-expressions.ts';
import { parseCall } from './calls.ts';
import { isCharacterSet } from './character-sets.ts';
import { parseExpression, parseExpressionList } from './expressions.ts';
import { parseInterval } from './intervals.ts';
import { parseNestedQuery } from './queries.ts';
import type { TokenStream } from './token-stream.ts';
import {
  TOKEN_BITS,
  TOKEN_HEX,
  TOKEN_QUOTED_IDENTIFIER,
  TOKEN_STRING,
  TOKEN_SYSTEM_VARIABLE,
  TOKEN_WORD,
} from './tokens.ts';

/** An operand with the operators in front of it and COLLATE behind it. */
export function parseOperand(tokens: TokenStream): Expression {
  const operand = parseBareOperand(tokens);
  return tokens.word === 'COLLATE' ? parseSuffixes(tokens, operand) : operand;
}

/** An operand without COLLATE behind it: behind a column's default that belongs to the column. */
export function parseBareOperand(tokens: TokenStream): Expression {
  if (tokens.isSlot()) return tokens.slot();
  if (tokens.word !== '') return parseWord(tokens);
  switch (tokens.kind) {
    case TOKEN_WORD:
    case TOKEN_QUOTED_IDENTIFIER:
      return parseName(tokens);
    case TOKEN_SYSTEM_VARIABLE:
      return parseSystemVariable(tokens);
    default:
      break;
  }
  if (tokens.isUserVariable()) return parseUserVariable(tokens);
  switch (tokens.operator) {
    case '(':
      return parseParenthesised(tokens);
    case '-':
    case '+':
    case '~':
      return parseUnary(tokens, tokens.operator as '-' | '+' | '~');
    case '!':
      return parseUnary(tokens, 'not');
    case '{':
      return parseOdbcEscape(tokens);
    default:
      throw tokens.unexpected();
  }
}

function parseUnary(tokens: TokenStream, op: '-' | '+' | '~' | 'not' | 'binary'): Expression {
  tokens.advance();
  return tokens.nested(() => ({ kind: 'unary', op, operand: parseOperand(tokens) }));
}

function parseParenthesised(tokens: TokenStream): Expression {
  tokens.advance();
  const items = parseExpressionList(tokens);
  tokens.expectOperator(')');
  return items.length === 1 ? items[0]! : { kind: 'row', items };
}

function parseUserVariable(tokens: TokenStream): Expression {
  const name = tokens.userVariable();
  if (!tokens.acceptOperator(':=')) return { kind: 'user-variable', name };
  return { kind: 'assign-variable', name, value: parseExpression(tokens) };
}

/** @@name, @@session.name, @@global.name, @@cache.name */
function parseSystemVariable(tokens: TokenStream): Expression {
  tokens.advance();
  const scope = parseVariableScope(tokens);
  return { kind: 'system-variable', scope, name: parseVariableName(tokens) };
}

/** `global.` or `session.` (`local.`), if it is there. */
function parseVariableScope(tokens: TokenStream): 'global' | 'session' | undefined {
  const mark = tokens.mark();
  const scope = tokens.acceptAnyWord(['GLOBAL', 'SESSION', 'LOCAL']);
  if (scope === undefined) return undefined;
  if (tokens.acceptOperator('.')) return scope === 'GLOBAL' ? 'global' : 'session';
  tokens.goBack(mark);
  return undefined;
}

/** In lower case; `cache.key_buffer_size` with its point. */
export function parseVariableName(tokens: TokenStream): string {
  const name = tokens.identifierBehindPoint();
  return (tokens.acceptOperator('.') ? `${name}.${tokens.identifierBehindPoint()}` : name).toLowerCase();
}

/** {d '2020-01-01'}, {t '...'}, {ts '...'}, and {fn x}, which is x. */
function parseOdbcEscape(tokens: TokenStream): Expression {
  tokens.advance();
  const word = tokens.word;
  tokens.identifier();
  const type = ({ D: 'date', T: 'time', TS: 'datetime' } as const)[word];
  const expression: Expression =
    type !== undefined && tokens.isString()
      ? { kind: 'temporal-literal', type, operand: tokens.slot() }
      : parseExpression(tokens);
  tokens.expectOperator('}');
  return expression;
}

/** What begins with an unquoted word: an expression with a syntax of its own, or a name. */
function parseWord(tokens: TokenStream): Expression {
  switch (tokens.word) {
    case 'NULL':
      tokens.advance();
      return { kind: 'null' };
    case 'TRUE':
    case 'FALSE': {
      const value = tokens.isWord('TRUE');
      tokens.advance();
      return { kind: 'boolean', value };
    }
    case 'NOT':
      if (tokens.options.highNotPrecedence !== true) throw tokens.unexpected();
      return parseUnary(tokens, 'not');
    case 'BINARY':
      return parseUnary(tokens, 'binary');
    case 'CASE':
      return parseCase(tokens);
    case 'EXISTS':
      tokens.advance();
      return { kind: 'exists', query: tokens.parenthesised(parseNestedQuery) };
    case 'INTERVAL':
      return parseLeadingInterval(tokens);
    case 'MATCH':
      return parseMatch(tokens);
    case 'ROW':
      tokens.advance();
      return { kind: 'row', items: tokens.parenthesised(parseExpressionList) };
    case 'DEFAULT':
      tokens.advance();
      return { kind: 'default', column: tokens.parenthesised(parseColumn).name };
    case 'VALUES':
      tokens.advance();
      return { kind: 'inserted-value', column: tokens.parenthesised(parseColumn).name };
    default:
      return parseName(tokens);
  }
}

function parseCase(tokens: TokenStream): Expression {
  tokens.advance();
  const operand = tokens.isWord('WHEN') ? undefined : parseExpression(tokens);
  const branches: { when: Expression; result: Expression }[] = [];
  while (tokens.acceptWord('WHEN')) {
    const when = parseExpression(tokens);
    tokens.expectWord('THEN');
    branches.push({ when, result: parseExpression(tokens) });
  }
  if (branches.length === 0) throw tokens.unexpected();
  const otherwise = tokens.acceptWord('ELSE') ? parseExpression(tokens) : undefined;
  tokens.expectWord('END');
  return { kind: 'case', operand, branches, otherwise };
}

/** INTERVAL 1 DAY + d, or the function INTERVAL(). */
function parseLeadingInterval(tokens: TokenStream): Expression {
  const interval = parseInterval(tokens);
  if (interval.kind !== 'interval') return interval;
  tokens.expectOperator('+');
  return tokens.nested(() => ({ kind: 'binary', op: '+', left: interval, right: parseOperand(tokens) }));
}

function parseMatch(tokens: TokenStream): Expression {
  tokens.advance();
  const columns = tokens.isOperator('(')
    ? tokens.parenthesised(() => tokens.list(parseColumn))
    : tokens.list(parseColumn);
  tokens.expectWord('AGAINST');
  tokens.expectOperator('(');
  const against = parseBitExpression(tokens);
  const mode = parseMatchMode(tokens);
  tokens.expectOperator(')');
  return { kind: 'match', columns, against, mode };
}

function parseMatchMode(tokens: TokenStream): 'natural' | 'boolean' | 'expansion' {
  if (tokens.acceptWord('IN')) {
    if (tokens.acceptWords('BOOLEAN', 'MODE')) return 'boolean';
    if (!tokens.acceptWords('NATURAL', 'LANGUAGE', 'MODE')) throw tokens.unexpected();
  }
  return tokens.acceptWords('WITH', 'QUERY', 'EXPANSION') ? 'expansion' : 'natural';
}

/** A column's name, with its table's and database's. */
export function parseColumn(tokens: TokenStream): ColumnReference {
  tokens.acceptOperator('.');
  return parseColumnFrom(tokens, tokens.identifier());
}

function parseColumnFrom(tokens: TokenStream, first: string): ColumnReference {
  if (!tokens.acceptOperator('.')) return { kind: 'column', name: first };
  const second = tokens.identifierBehindPoint();
  if (!tokens.acceptOperator('.')) return { kind: 'column', table: first, name: second };
  return { kind: 'column', database: first, table: second, name: tokens.identifierBehindPoint() };
}

const TEMPORAL_LITERALS = { DATE: 'date', TIME: 'time', TIMESTAMP: 'datetime' } as const;

/** A column, a call, a literal with its type in front, or a string with its character set in front. */
function parseName(tokens: TokenStream): Expression {
  const { word } = tokens;
  const isName = tokens.isIdentifier();
  const start = tokens.mark();
  const name = tokens.takeName();
  if (word !== '') {
    if (tokens.kind === TOKEN_STRING && (word === 'DATE' || word === 'TIME' || word === 'TIMESTAMP')) {
      return { kind: 'temporal-literal', type: TEMPORAL_LITERALS[word], operand: tokens.slot() };
    }
    if (word.charCodeAt(0) === 95 && isCharacterSet(name.slice(1)) && isIntroducible(tokens)) {
      return { kind: 'introducer', charset: name.slice(1).toLowerCase(), operand: tokens.slot() };
    }
    const call = parseCall(tokens, word, isName);
    if (call !== undefined) return call;
  }
  if (!isName) {
    // The word itself was wrong, not what follows it.
    tokens.goBack(start);
    throw tokens.unexpected();
  }
  const column = parseColumnFrom(tokens, name);
  if (tokens.isOperator('(')) throw tokens.unsupported(`stored function ${column.table ?? ''}.${column.name}`);
  return parseJsonPath(tokens, column);
}

function isIntroducible(tokens: TokenStream): boolean {
  return tokens.kind === TOKEN_STRING || tokens.kind === TOKEN_HEX || tokens.kind === TOKEN_BITS;
}

/** column->'$.path' and column->>'$.path' */
function parseJsonPath(tokens: TokenStream, column: ColumnReference): Expression {
  const { operator } = tokens;
  if (operator !== '->' && operator !== '->>') return column;
  tokens.advance();
  if (!tokens.isString()) throw tokens.unexpected();
  return { kind: 'binary', op: operator, left: column, right: tokens.slot() };
}
