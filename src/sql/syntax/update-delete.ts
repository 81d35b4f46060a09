/** UPDATE and DELETE, of one table and of several. */
import type { CommonTable, DeleteAst, TableName, TableReference, UpdateAst } from '../ast.ts';
import { parseExpression } from './expressions.ts';
import { parseAssignment } from './insert.ts';
import { parseOrderBy, parsePlainLimit } from './ordering.ts';
import { parseTableAlias, parseTableReferences } from './table-references.ts';
import type { TokenStream } from './token-stream.ts';

/** From UPDATE, which is the current word, on; `commonTables`: of the WITH before it. */
export function parseUpdate(tokens: TokenStream, commonTables: readonly CommonTable[]): UpdateAst {
  const hint = tokens.advanceWithHint();
  tokens.acceptWord('LOW_PRIORITY');
  const ignore = tokens.acceptWord('IGNORE');
  const from = parseTableReferences(tokens);
  tokens.expectWord('SET');
  const assignments = tokens.list(parseAssignment);
  const where = tokens.acceptWord('WHERE') ? parseExpression(tokens) : undefined;
  const orderBy = parseOrderBy(tokens);
  const limit = parsePlainLimit(tokens);
  return { kind: 'update', hint, ignore, with: commonTables, from, assignments, where, orderBy, limit };
}

/** From DELETE, which is the current word, on. */
export function parseDelete(tokens: TokenStream, commonTables: readonly CommonTable[]): DeleteAst {
  const hint = tokens.advanceWithHint();
  const modifiers = new Set<string>();
  for (;;) {
    const modifier = tokens.acceptAnyWord(['LOW_PRIORITY', 'QUICK', 'IGNORE']);
    if (modifier === undefined) break;
    modifiers.add(modifier);
  }
  const { targets, multiTable, from } = parseTargets(tokens);
  const where = tokens.acceptWord('WHERE') ? parseExpression(tokens) : undefined;
  const orderBy = multiTable ? [] : parseOrderBy(tokens);
  const limit = multiTable ? undefined : parsePlainLimit(tokens);
  const ignore = modifiers.has('IGNORE');
  return { kind: 'delete', hint, ignore, with: commonTables, targets, multiTable, from, where, orderBy, limit };
}

type Targets = Pick<DeleteAst, 'targets' | 'multiTable' | 'from'>;

/** DELETE FROM t, DELETE a, b FROM a JOIN b, DELETE FROM a, b USING a JOIN b */
function parseTargets(tokens: TokenStream): Targets {
  if (!tokens.acceptWord('FROM')) {
    const targets = tokens.list(parseTarget);
    tokens.expectWord('FROM');
    return { targets, multiTable: true, from: parseTableReferences(tokens) };
  }
  const first = parseTarget(tokens);
  if (tokens.isOperator(',') || tokens.isWord('USING')) {
    const targets = [first];
    while (tokens.acceptOperator(',')) targets.push(parseTarget(tokens));
    tokens.expectWord('USING');
    return { targets, multiTable: true, from: parseTableReferences(tokens) };
  }
  if (tokens.isWord('PARTITION')) throw tokens.unsupported('PARTITION');
  const from: TableReference = { kind: 'table', name: first, alias: parseTableAlias(tokens), hints: [] };
  return { targets: [first], multiTable: false, from };
}

/** t, db.t, t.*, db.t.* */
function parseTarget(tokens: TokenStream): TableName {
  const first = tokens.identifier();
  if (!tokens.acceptOperator('.') || tokens.acceptOperator('*')) return { name: first };
  const name = tokens.identifierBehindPoint();
  if (tokens.acceptOperator('.')) tokens.expectOperator('*');
  return { database: first, name };
}
