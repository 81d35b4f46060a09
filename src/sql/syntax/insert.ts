/** INSERT and REPLACE (MySQL manual, "INSERT Statement"). */
import type { Assignment, Expression, InsertAst, Query } from '../ast.ts';
import { parseExpression, parseListItem } from './expressions.ts';
import { parseTableName } from './names.ts';
import { parseColumn } from './operands.ts';
import { parseColumnNames, parseQuery, startsQuery } from './queries.ts';
import type { TokenStream } from './token-stream.ts';

/** From INSERT or REPLACE, which is the current word, on. */
export function parseInsert(tokens: TokenStream): InsertAst {
  const replace = tokens.isWord('REPLACE');
  const hint = tokens.advanceWithHint();
  tokens.acceptAnyWord(['LOW_PRIORITY', 'DELAYED', 'HIGH_PRIORITY']);
  const ignore = tokens.acceptWord('IGNORE');
  tokens.acceptWord('INTO');
  const table = parseTableName(tokens);
  if (tokens.isWord('PARTITION')) throw tokens.unsupported('PARTITION');
  const { columns, source } = tokens.acceptWord('SET') ? parseSet(tokens) : parseColumnsAndSource(tokens);
  const rowAlias = source.kind === 'rows' ? parseRowAlias(tokens) : undefined;
  const onDuplicate = replace ? undefined : parseOnDuplicate(tokens);
  return { kind: 'insert', replace, ignore, table, columns, source, rowAlias, onDuplicate, hint };
}

type Target = Pick<InsertAst, 'columns' | 'source'>;

function parseSet(tokens: TokenStream): Target {
  const assignments = tokens.list(parseAssignment);
  return {
    columns: assignments.map((assignment) => assignment.column.name),
    source: { kind: 'rows', rows: [assignments.map((assignment) => assignment.value)] },
  };
}

function parseColumnsAndSource(tokens: TokenStream): Target {
  const columns = startsParenthesisedQuery(tokens) ? undefined : parseTargetColumns(tokens);
  if (tokens.isWord('VALUE') || (tokens.isWord('VALUES') && !startsQuery(tokens))) {
    tokens.advance();
    return { columns, source: { kind: 'rows', rows: tokens.list(parseValueRow) } };
  }
  return { columns, source: { kind: 'query', query: parseSourceQuery(tokens) } };
}

/** The names of the columns of INSERT ... SELECT reach no one. */
function parseSourceQuery(tokens: TokenStream): Query {
  tokens.columnNamesMatter = false;
  return parseQuery(tokens);
}

/** INSERT INTO t (SELECT ...), with any number of parentheses. */
function startsParenthesisedQuery(tokens: TokenStream): boolean {
  if (!tokens.isOperator('(')) return false;
  const mark = tokens.mark();
  while (tokens.acceptOperator('('));
  const query = startsQuery(tokens);
  tokens.goBack(mark);
  return query;
}

/** (a, t.b, c) or (); undefined where there are no parentheses. */
function parseTargetColumns(tokens: TokenStream): string[] | undefined {
  if (!tokens.acceptOperator('(')) return undefined;
  const columns = tokens.isOperator(')') ? [] : tokens.list((inside) => parseColumn(inside).name);
  tokens.expectOperator(')');
  return columns;
}

/** (1, 'a', DEFAULT), with its parentheses. A bulk insert has millions of these values: see parseListItem(). */
export function parseValueRow(tokens: TokenStream): Expression[] {
  tokens.expectOperator('(');
  if (tokens.acceptOperator(')')) return [];
  const row = [parseValue(tokens)];
  while (tokens.acceptOperator(',')) row.push(parseValue(tokens));
  tokens.expectOperator(')');
  return row;
}

function parseValue(tokens: TokenStream): Expression {
  return tokens.word === 'DEFAULT' ? parseValueOrDefault(tokens) : parseListItem(tokens);
}

/** An expression, or DEFAULT alone. */
export function parseValueOrDefault(tokens: TokenStream): Expression {
  if (!tokens.isWord('DEFAULT')) return parseExpression(tokens);
  const mark = tokens.mark();
  tokens.advance();
  if (!tokens.isOperator('(')) return { kind: 'default' };
  tokens.goBack(mark);
  return parseExpression(tokens);
}

/** column = value, as in UPDATE's SET. */
export function parseAssignment(tokens: TokenStream): Assignment {
  const column = parseColumn(tokens);
  if (!tokens.acceptOperator('=')) tokens.expectOperator(':=');
  return { column, value: parseValueOrDefault(tokens) };
}

/** VALUES (...) AS new(a, b) */
function parseRowAlias(tokens: TokenStream): InsertAst['rowAlias'] {
  if (!tokens.acceptWord('AS')) return undefined;
  return { name: tokens.identifier(), columns: parseColumnNames(tokens) };
}

function parseOnDuplicate(tokens: TokenStream): Assignment[] | undefined {
  if (!tokens.acceptWord('ON')) return undefined;
  tokens.expectWord('DUPLICATE');
  tokens.expectWord('KEY');
  tokens.expectWord('UPDATE');
  return tokens.list(parseAssignment);
}
