/** What is neither data nor structure nor session: DESCRIBE, EXPLAIN, table maintenance, KILL, DO, PREPARE, FLUSH. */
import type { Expression, Statement, TableName } from '../ast.ts';
import { parseExpression } from './expressions.ts';
import { parseTableName } from './names.ts';
import { parseStatement } from './parser.ts';
import type { TokenStream } from './token-stream.ts';

const EXPLAINABLE: ReadonlySet<string> = new Set([
  'SELECT',
  'TABLE',
  'WITH',
  'VALUES',
  'INSERT',
  'REPLACE',
  'UPDATE',
  'DELETE',
]);

/** Behind EXPLAIN, DESCRIBE or DESC, which are the same word. */
export function parseExplain(tokens: TokenStream): Statement {
  const analyze = tokens.acceptWord('ANALYZE');
  tokens.acceptAnyWord(['EXTENDED', 'PARTITIONS']);
  const format = parseFormat(tokens);
  if (tokens.areWords('FOR', 'CONNECTION')) throw tokens.unsupported('EXPLAIN FOR CONNECTION');
  if (EXPLAINABLE.has(tokens.word) || tokens.isOperator('(')) {
    return { kind: 'explain', format, analyze, statement: parseStatement(tokens) };
  }
  if (analyze || format !== undefined) throw tokens.unexpected();
  const table = parseTableName(tokens);
  // A column, or a pattern of columns as a string.
  const column = tokens.isIdentifierOrString() ? tokens.identifierOrString() : undefined;
  return { kind: 'describe', table, column };
}

/** In lower case. */
function parseFormat(tokens: TokenStream): string | undefined {
  const mark = tokens.mark();
  if (!tokens.acceptWord('FORMAT')) return undefined;
  if (tokens.acceptOperator('=')) return tokens.identifierOrString().toLowerCase();
  tokens.goBack(mark);
  return undefined;
}

type Maintenance = Extract<Statement, { kind: 'table-maintenance' }>['action'];

/** Behind ANALYZE, CHECK, OPTIMIZE, REPAIR or CHECKSUM, which is `action`. */
export function parseTableMaintenance(tokens: TokenStream, action: Maintenance): Statement {
  tokens.acceptAnyWord(['LOCAL', 'NO_WRITE_TO_BINLOG']);
  if (tokens.acceptAnyWord(['TABLE', 'TABLES']) === undefined) throw tokens.unexpected();
  const tables: TableName[] = tokens.list(parseTableName);
  if (action === 'analyze') {
    if (tokens.areWords('UPDATE', 'HISTOGRAM') || tokens.areWords('DROP', 'HISTOGRAM')) {
      throw tokens.unsupported('ANALYZE TABLE ... HISTOGRAM');
    }
  } else if (tokens.acceptWord('FOR')) {
    tokens.expectWord('UPGRADE');
  }
  // How thorough it is.
  while (tokens.acceptAnyWord(['QUICK', 'FAST', 'MEDIUM', 'EXTENDED', 'CHANGED', 'USE_FRM']) !== undefined);
  return { kind: 'table-maintenance', action, tables };
}

/** Behind KILL. */
export function parseKill(tokens: TokenStream): Statement {
  const what = tokens.acceptAnyWord(['CONNECTION', 'QUERY'] as const);
  return { kind: 'kill', what: what === 'QUERY' ? 'query' : 'connection', id: parseExpression(tokens) };
}

/** Behind DO. */
export function parseDo(tokens: TokenStream): Statement {
  const expressions = tokens.list((inside): Expression => {
    const expression = parseExpression(inside);
    if (inside.acceptWord('AS')) inside.identifierOrString();
    return expression;
  });
  return { kind: 'do', expressions };
}

/** Behind PREPARE: name FROM 'text', name FROM @variable. */
export function parsePrepare(tokens: TokenStream): Statement {
  const name = tokens.identifier();
  tokens.expectWord('FROM');
  if (tokens.isUserVariable()) {
    return { kind: 'prepare', name, source: { kind: 'user-variable', name: tokens.userVariable() } };
  }
  if (!tokens.isString()) throw tokens.unexpected();
  return { kind: 'prepare', name, source: tokens.slot() };
}

/** Behind EXECUTE. */
export function parseExecute(tokens: TokenStream): Statement {
  const name = tokens.identifier();
  const using = tokens.acceptWord('USING') ? tokens.list((inside) => inside.userVariable()) : [];
  return { kind: 'execute', name, using };
}

/** Behind DEALLOCATE or DROP. */
export function parseDeallocate(tokens: TokenStream): Statement {
  tokens.expectWord('PREPARE');
  return { kind: 'deallocate', name: tokens.identifier() };
}

/** Behind FLUSH: what is flushed, in lower case, as written. */
export function parseFlush(tokens: TokenStream): Statement {
  tokens.acceptAnyWord(['LOCAL', 'NO_WRITE_TO_BINLOG']);
  if (tokens.atStatementEnd) throw tokens.unexpected();
  const { start } = tokens;
  tokens.skipStatement();
  return { kind: 'flush', what: tokens.textFrom(start).toLowerCase() };
}
