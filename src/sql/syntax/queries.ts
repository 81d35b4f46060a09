/**
 * Query expressions: WITH, set operations, ORDER BY, LIMIT, locks, INTO; the SELECT itself is in select.ts. INTERSECT binds tighter than
 * UNION and EXCEPT (MySQL manual, "Set Operations with UNION, INTERSECT, and EXCEPT").
 */
import type { CommonTable, Limit, Query, QueryBody, SetOperation, ValuesQuery } from '../ast.ts';
import { parseValueRow } from './insert.ts';
import { parseTableName } from './names.ts';
import { parseLimit, parseOrderBy } from './ordering.ts';
import { parseSelect } from './select.ts';
import type { TokenStream } from './token-stream.ts';

/** Does a query begin here, without parentheses? VALUES only before ROW: VALUES(column) is an expression. */
export function startsQuery(tokens: TokenStream): boolean {
  switch (tokens.word) {
    case 'SELECT':
    case 'WITH':
    case 'TABLE':
      return true;
    case 'VALUES': {
      const mark = tokens.mark();
      tokens.advance();
      const row = tokens.isWord('ROW');
      tokens.goBack(mark);
      return row;
    }
    default:
      return false;
  }
}

/** Behind a query in parentheses: does the query go on? */
export function continuesQuery(tokens: TokenStream): boolean {
  switch (tokens.word) {
    case 'UNION':
    case 'INTERSECT':
    case 'EXCEPT':
    case 'ORDER':
    case 'LIMIT':
      return true;
    default:
      return false;
  }
}

/** A query whose columns' names reach no one: a subquery within an expression. */
export function parseNestedQuery(tokens: TokenStream): Query {
  return tokens.nestedQuery(false, parseQuery);
}

/** The same where its first part, in parentheses, has been read. */
export function parseNestedQueryFrom(tokens: TokenStream, first: Query): Query {
  return tokens.nestedQuery(false, () => parseQueryFrom(tokens, first));
}

/** A query whose columns can be named from outside: a derived table, a common table. */
export function parseNamedQuery(tokens: TokenStream): Query {
  return tokens.nestedQuery(true, parseQuery);
}

/** A whole query expression. */
export function parseQuery(tokens: TokenStream): Query {
  return parseQueryWith(tokens, tokens.isWord('WITH') ? parseWith(tokens) : NO_COMMON_TABLES);
}

/** A query behind its common tables. */
export function parseQueryWith(tokens: TokenStream, commonTables: WithClause): Query {
  const body = parseSetOperations(tokens, parseIntersections(tokens, parseQueryPrimary(tokens)));
  return parseQueryTail(tokens, body, commonTables);
}

/** A query whose first part, in parentheses, has been read. */
export function parseQueryFrom(tokens: TokenStream, first: Query): Query {
  return parseQueryTail(tokens, parseSetOperations(tokens, parseIntersections(tokens, first)), NO_COMMON_TABLES);
}

export interface WithClause {
  readonly recursive: boolean;
  readonly tables: readonly CommonTable[];
}

const NO_COMMON_TABLES: WithClause = { recursive: false, tables: [] };

/** WITH, which is the current word, and its common tables. */
export function parseWith(tokens: TokenStream): WithClause {
  tokens.expectWord('WITH');
  const recursive = tokens.acceptWord('RECURSIVE');
  return { recursive, tables: tokens.list(parseCommonTable) };
}

function parseCommonTable(tokens: TokenStream): CommonTable {
  const name = tokens.identifier();
  const columns = parseColumnNames(tokens);
  tokens.expectWord('AS');
  return { name, columns, query: tokens.parenthesised(parseNamedQuery) };
}

/** (a, b, c), if it is there. */
export function parseColumnNames(tokens: TokenStream): string[] | undefined {
  if (!tokens.isOperator('(')) return undefined;
  return tokens.parenthesised(() => tokens.list((inside) => inside.identifier()));
}

function parseSetOperations(tokens: TokenStream, first: QueryBody): QueryBody {
  let left = first;
  for (;;) {
    const op = ({ UNION: 'union', EXCEPT: 'except' } as const)[tokens.word];
    if (op === undefined) return left;
    tokens.advance();
    const all = parseAll(tokens);
    const before = tokens.startOperand();
    const right = parseIntersections(tokens, parseQueryPrimary(tokens));
    tokens.endOperand(before);
    left = setOperation(tokens, op, all, left, right);
  }
}

function parseIntersections(tokens: TokenStream, first: QueryBody): QueryBody {
  let left = first;
  while (tokens.acceptWord('INTERSECT')) {
    const all = parseAll(tokens);
    const before = tokens.startOperand();
    const right = parseQueryPrimary(tokens);
    tokens.endOperand(before);
    left = setOperation(tokens, 'intersect', all, left, right);
  }
  return left;
}

function setOperation(
  tokens: TokenStream,
  op: SetOperation['op'],
  all: boolean,
  left: QueryBody,
  right: QueryBody,
): SetOperation {
  tokens.grow();
  return { kind: 'set-operation', op, all, left, right };
}

function parseAll(tokens: TokenStream): boolean {
  return tokens.acceptAnyWord(['ALL', 'DISTINCT']) === 'ALL';
}

function parseQueryPrimary(tokens: TokenStream): QueryBody {
  switch (tokens.word) {
    case 'SELECT':
      return parseSelect(tokens);
    case 'TABLE':
      return parseTableQuery(tokens);
    case 'VALUES':
      return parseValuesQuery(tokens);
    case '':
      break;
    default:
      throw tokens.unexpected();
  }
  tokens.expectOperator('(');
  const query = tokens.descend(parseQuery);
  tokens.expectOperator(')');
  return query;
}

/** TABLE t is SELECT * FROM t. */
function parseTableQuery(tokens: TokenStream): QueryBody {
  tokens.advance();
  return {
    kind: 'select',
    distinct: false,
    calcFoundRows: false,
    items: [{ expression: { kind: 'star' }, text: '*' }],
    from: { kind: 'table', name: parseTableName(tokens), hints: [] },
    groupBy: [],
    rollup: false,
    windows: [],
  };
}

/** VALUES ROW(1, 2), ROW(3, 4) */
function parseValuesQuery(tokens: TokenStream): ValuesQuery {
  tokens.advance();
  const rows = tokens.list((inside) => {
    inside.expectWord('ROW');
    return parseValueRow(inside);
  });
  return { kind: 'values', rows };
}

/** What a query may end with. A body in parentheses alone, with nothing behind it, is the query itself. */
function parseQueryTail(tokens: TokenStream, body: QueryBody, { tables, recursive }: WithClause): Query {
  const orderBy = parseOrderBy(tokens);
  const limit: Limit | undefined = parseLimit(tokens);
  let into = parseInto(tokens);
  const lock = parseLocks(tokens);
  into ??= parseInto(tokens);
  into ??= tokens.takeSelectInto();
  const bare = orderBy.length === 0 && limit === undefined && into === undefined && lock === undefined;
  if (body.kind === 'query' && bare && tables.length === 0) return body;
  return { kind: 'query', with: tables, recursive, body, orderBy, limit, lock, into };
}

/** INTO @a, @b, if it is there. */
export function parseInto(tokens: TokenStream): string[] | undefined {
  if (!tokens.acceptWord('INTO')) return undefined;
  if (tokens.isWord('OUTFILE') || tokens.isWord('DUMPFILE')) throw tokens.unsupported(`SELECT ... INTO ${tokens.word}`);
  return tokens.list((inside) => inside.userVariable());
}

/** FOR UPDATE, FOR SHARE, LOCK IN SHARE MODE. OF t narrows what is locked; locking more than that is right as well. */
function parseLocks(tokens: TokenStream): Query['lock'] {
  let lock: Query['lock'];
  for (;;) {
    if (tokens.acceptWords('LOCK', 'IN', 'SHARE')) {
      tokens.expectWord('MODE');
      lock ??= { mode: 'share' };
      continue;
    }
    if (!tokens.isWord('FOR')) return lock;
    tokens.advance();
    const word = tokens.acceptAnyWord(['UPDATE', 'SHARE'] as const);
    if (word === undefined) throw tokens.unexpected();
    if (tokens.acceptWord('OF')) tokens.list(parseTableName);
    const wait = parseWait(tokens);
    const mode = word === 'UPDATE' || lock?.mode === 'update' ? 'update' : 'share';
    lock = { mode, wait: wait ?? lock?.wait };
  }
}

function parseWait(tokens: TokenStream): 'nowait' | 'skip-locked' | undefined {
  if (tokens.acceptWord('NOWAIT')) return 'nowait';
  return tokens.acceptWords('SKIP', 'LOCKED') ? 'skip-locked' : undefined;
}
