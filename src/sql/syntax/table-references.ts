/** FROM: tables, derived tables, joins (MySQL manual, "JOIN Clause"). */
import { failure } from '../../errors.ts';
import type { IndexHint, Query, TableReference } from '../ast.ts';
import { parseExpression } from './expressions.ts';
import { parseTableName } from './names.ts';
import { continuesQuery, parseColumnNames, parseNamedQuery, parseQueryFrom, startsQuery } from './queries.ts';
import type { TokenStream } from './token-stream.ts';

type Join = Extract<TableReference, { kind: 'join' }>;

/** Behind FROM. undefined for DUAL. */
export function parseFrom(tokens: TokenStream): TableReference | undefined {
  if (tokens.acceptWord('DUAL')) return undefined;
  return parseTableReferences(tokens);
}

/** Table references with commas between, which bind looser than JOIN. */
export function parseTableReferences(tokens: TokenStream): TableReference {
  return parseCommas(tokens, parseJoins(tokens, parseTableFactor(tokens)));
}

function parseCommas(tokens: TokenStream, first: TableReference): TableReference {
  let left = first;
  while (tokens.acceptOperator(',')) {
    const right = parseJoins(tokens, parseTableFactor(tokens));
    left = { kind: 'join', type: 'cross', natural: false, left, right };
    tokens.grow();
  }
  return left;
}

function parseJoins(tokens: TokenStream, first: TableReference): TableReference {
  let left = first;
  for (;;) {
    const join = parseJoin(tokens, left);
    if (join === undefined) return left;
    left = join;
    tokens.grow();
  }
}

function parseJoin(tokens: TokenStream, left: TableReference): Join | undefined {
  switch (tokens.word) {
    case 'JOIN':
    case 'INNER':
    case 'CROSS': {
      const type = tokens.isWord('CROSS') ? 'cross' : 'inner';
      if (!tokens.isWord('JOIN')) tokens.advance();
      tokens.expectWord('JOIN');
      return parseInnerJoin(tokens, type, left);
    }
    case 'STRAIGHT_JOIN':
      tokens.advance();
      return parseInnerJoin(tokens, 'straight', left);
    case 'LEFT':
    case 'RIGHT':
      return parseOuterJoin(tokens, left);
    case 'NATURAL':
      return parseNaturalJoin(tokens, left);
    default:
      return undefined;
  }
}

function parseInnerJoin(tokens: TokenStream, type: Join['type'], left: TableReference): Join {
  const right = parseTableFactor(tokens);
  return { kind: 'join', type, natural: false, left, right, ...parseJoinCondition(tokens) };
}

function parseSide(tokens: TokenStream): 'left' | 'right' {
  const type = tokens.isWord('LEFT') ? 'left' : 'right';
  tokens.advance();
  tokens.acceptWord('OUTER');
  tokens.expectWord('JOIN');
  return type;
}

/** Must have a condition: where another JOIN comes first, it belongs to the right side, as in a LEFT JOIN b JOIN c ON .. ON .. */
function parseOuterJoin(tokens: TokenStream, left: TableReference): Join {
  const type = parseSide(tokens);
  let right = parseTableFactor(tokens);
  for (;;) {
    const condition = parseJoinCondition(tokens);
    if (condition !== undefined) return { kind: 'join', type, natural: false, left, right, ...condition };
    const before = right;
    const join = tokens.descend(() => parseJoin(tokens, before));
    if (join === undefined) throw tokens.unexpected();
    right = join;
    tokens.grow();
  }
}

function parseNaturalJoin(tokens: TokenStream, left: TableReference): Join {
  tokens.expectWord('NATURAL');
  let type: Join['type'] = 'inner';
  if (tokens.isWord('LEFT') || tokens.isWord('RIGHT')) {
    type = parseSide(tokens);
  } else {
    tokens.acceptWord('INNER');
    tokens.expectWord('JOIN');
  }
  return { kind: 'join', type, natural: true, left, right: parseTableFactor(tokens) };
}

function parseJoinCondition(tokens: TokenStream): Pick<Join, 'on' | 'using'> | undefined {
  // INSERT ... SELECT ... FROM a JOIN b ON DUPLICATE KEY UPDATE ...
  if (tokens.isWord('ON') && !tokens.areWords('ON', 'DUPLICATE')) {
    tokens.advance();
    return { on: parseExpression(tokens) };
  }
  if (!tokens.acceptWord('USING')) return undefined;
  const using = parseColumnNames(tokens);
  if (using === undefined) throw tokens.unexpected();
  return { using };
}

function parseTableFactor(tokens: TokenStream): TableReference {
  if (tokens.isOperator('(')) {
    const inside = parseParenthesised(tokens);
    return inside.kind === 'query' ? parseDerivedTail(tokens, inside, false) : inside;
  }
  if (tokens.acceptWord('LATERAL')) {
    return parseDerivedTail(tokens, tokens.parenthesised(parseNamedQuery), true);
  }
  if (tokens.isWord('JSON_TABLE')) throw tokens.unsupported('JSON_TABLE');
  if (tokens.acceptOperator('{')) {
    // ODBC: { OJ a LEFT OUTER JOIN b ON ... }
    tokens.identifier();
    const reference = tokens.descend(parseTableReferences);
    tokens.expectOperator('}');
    return reference;
  }
  return parseTable(tokens);
}

/** What is in parentheses: a query (of a derived table), or tables. Both may begin with any number of parentheses. */
function parseParenthesised(tokens: TokenStream): Query | TableReference {
  tokens.expectOperator('(');
  const inside = tokens.descend(parseInside);
  tokens.expectOperator(')');
  return inside;
}

function parseInside(tokens: TokenStream): Query | TableReference {
  if (startsQuery(tokens)) return parseNamedQuery(tokens);
  if (!tokens.isOperator('(')) return parseTableReferences(tokens);
  const first = parseParenthesised(tokens);
  if (first.kind !== 'query') return parseCommas(tokens, parseJoins(tokens, first));
  if (tokens.isOperator(')')) return first;
  if (continuesQuery(tokens)) return tokens.nestedQuery(true, () => parseQueryFrom(tokens, first));
  return parseCommas(tokens, parseJoins(tokens, parseDerivedTail(tokens, first, false)));
}

function parseDerivedTail(tokens: TokenStream, query: Query, lateral: boolean): TableReference {
  const as = tokens.acceptWord('AS');
  if (!tokens.isIdentifier()) throw as ? tokens.unexpected() : failure('ER_DERIVED_MUST_HAVE_ALIAS');
  const alias = tokens.identifier();
  return { kind: 'derived', query, alias, columns: parseColumnNames(tokens), lateral };
}

function parseTable(tokens: TokenStream): TableReference {
  const name = parseTableName(tokens);
  if (tokens.isWord('PARTITION')) throw tokens.unsupported('PARTITION');
  const alias = parseTableAlias(tokens);
  return { kind: 'table', name, alias, hints: parseIndexHints(tokens) };
}

export function parseTableAlias(tokens: TokenStream): string | undefined {
  if (tokens.acceptWord('AS')) return tokens.identifier();
  return tokens.isIdentifier() ? tokens.identifier() : undefined;
}

const HINT_ACTIONS = { USE: 'use', FORCE: 'force', IGNORE: 'ignore' } as const;

/** USE INDEX (a, b), IGNORE KEY FOR ORDER BY (PRIMARY) ... */
function parseIndexHints(tokens: TokenStream): IndexHint[] {
  const hints: IndexHint[] = [];
  for (;;) {
    const action = HINT_ACTIONS[tokens.word as keyof typeof HINT_ACTIONS];
    if (action === undefined) return hints;
    tokens.advance();
    if (tokens.acceptAnyWord(['INDEX', 'KEY']) === undefined) throw tokens.unexpected();
    if (tokens.acceptWord('FOR') && !tokens.acceptWord('JOIN')) {
      if (tokens.acceptAnyWord(['ORDER', 'GROUP']) === undefined) throw tokens.unexpected();
      tokens.expectWord('BY');
    }
    tokens.expectOperator('(');
    const names = tokens.isOperator(')') ? [] : tokens.list(parseIndexName);
    tokens.expectOperator(')');
    hints.push({ action, names });
  }
}

/** An index's name; PRIMARY although it is reserved. */
export function parseIndexName(tokens: TokenStream): string {
  return tokens.isWord('PRIMARY') ? tokens.takeName() : tokens.identifier();
}
