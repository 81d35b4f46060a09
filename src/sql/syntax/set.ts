/** SET in all its forms (MySQL manual, "SET Syntax for Variable Assignment", "SET NAMES", "SET TRANSACTION"). */
import type { Expression, Statement, VariableTarget } from '../ast.ts';
import { acceptCharacterSet } from './column-types.ts';
import { parseExpression } from './expressions.ts';
import { parseCharacterSet, parseCollationName } from './names.ts';
import { parseVariableName } from './operands.ts';
import type { TokenStream } from './token-stream.ts';
import { TOKEN_SYSTEM_VARIABLE } from './tokens.ts';
import { parseSetTransaction } from './transactions.ts';

type SetAst = Extract<Statement, { kind: 'set' }>;
type SetAssignment = SetAst['assignments'][number];
type Scope = 'session' | 'global' | 'persist';

/** Behind SET. */
export function parseSet(tokens: TokenStream): Statement {
  refuseOtherForms(tokens);
  const transaction = parseSetTransaction(tokens);
  if (transaction !== undefined) return transaction;
  const names = parseNames(tokens);
  if (names !== undefined && !tokens.isOperator(',')) return names;
  const assignments = names === undefined ? parseAssignments(tokens) : namesAsAssignments(names);
  while (tokens.acceptOperator(',')) {
    const more = parseNames(tokens);
    assignments.push(...(more === undefined ? parseAssignments(tokens) : namesAsAssignments(more)));
  }
  return { kind: 'set', assignments };
}

function refuseOtherForms(tokens: TokenStream): void {
  if (tokens.isWord('PASSWORD') || tokens.isWord('ROLE')) throw tokens.unsupported(`SET ${tokens.word}`);
  if (tokens.areWords('DEFAULT', 'ROLE')) throw tokens.unsupported('SET DEFAULT ROLE');
  if (tokens.areWords('RESOURCE', 'GROUP')) throw tokens.unsupported('SET RESOURCE GROUP');
}

type SetNames = Extract<Statement, { kind: 'set-names' }>;

/** NAMES x [COLLATE y], if it is there; x is DEFAULT where that is written. */
function parseNames(tokens: TokenStream): SetNames | undefined {
  if (!tokens.isWord('NAMES')) return undefined;
  const mark = tokens.mark();
  tokens.advance();
  if (tokens.isOperator('=') || tokens.isOperator(':=')) {
    tokens.goBack(mark);
    return undefined;
  }
  if (tokens.acceptWord('DEFAULT')) return { kind: 'set-names', charset: 'default' };
  const charset = parseCharacterSet(tokens);
  const collation = tokens.acceptWord('COLLATE') ? parseCollationName(tokens) : undefined;
  return { kind: 'set-names', charset, collation };
}

/** SET NAMES among other assignments: the variables that it stands for. */
function namesAsAssignments(names: SetNames): SetAssignment[] {
  const charset: SetAssignment['value'] =
    names.charset === 'default' ? { kind: 'default' } : { kind: 'column', name: names.charset };
  const assignments = [
    sessionVariable('character_set_client', charset),
    sessionVariable('character_set_results', charset),
    sessionVariable('character_set_connection', charset),
  ];
  if (names.collation !== undefined) {
    assignments.push(sessionVariable('collation_connection', { kind: 'column', name: names.collation }));
  }
  return assignments;
}

function sessionVariable(name: string, value: SetAssignment['value']): SetAssignment {
  return { target: { kind: 'system', scope: 'session', name }, value };
}

/** One assignment as it is written; CHARACTER SET x is three (MySQL manual, "SET CHARACTER SET Statement"). */
function parseAssignments(tokens: TokenStream): SetAssignment[] {
  if (tokens.areWords('CHARACTER', 'SET') || tokens.areWords('CHAR', 'SET') || isCharset(tokens)) {
    acceptCharacterSet(tokens);
    const charset: SetAssignment['value'] = tokens.acceptWord('DEFAULT')
      ? { kind: 'default' }
      : { kind: 'column', name: parseCharacterSet(tokens) };
    return [
      sessionVariable('character_set_client', charset),
      sessionVariable('character_set_results', charset),
      sessionVariable('collation_connection', { kind: 'system-variable', name: 'collation_database' }),
    ];
  }
  const target = parseTarget(tokens);
  if (!tokens.acceptOperator('=')) tokens.expectOperator(':=');
  return [{ target, value: parseValue(tokens) }];
}

/** CHARSET x, but not CHARSET = x. */
function isCharset(tokens: TokenStream): boolean {
  if (!tokens.isWord('CHARSET')) return false;
  const mark = tokens.mark();
  tokens.advance();
  const value = tokens.isIdentifierOrString() || tokens.isWord('BINARY') || tokens.isWord('DEFAULT');
  tokens.goBack(mark);
  return value;
}

/** @a, x, SESSION x, GLOBAL x, PERSIST x, @@x, @@session.x, @@global.x */
function parseTarget(tokens: TokenStream): VariableTarget {
  if (tokens.isUserVariable()) return { kind: 'user', name: tokens.userVariable() };
  if (tokens.kind === TOKEN_SYSTEM_VARIABLE) {
    tokens.advance();
    return { kind: 'system', scope: parseScope(tokens, true) ?? 'session', name: parseVariableName(tokens) };
  }
  const scope = parseScope(tokens, false) ?? 'session';
  if (!tokens.isIdentifier()) throw tokens.unexpected();
  return { kind: 'system', scope, name: parseVariableName(tokens) };
}

const SCOPES = { GLOBAL: 'global', SESSION: 'session', LOCAL: 'session', PERSIST: 'persist' } as const;

/** The scope with the point behind it (`point`), or as a word before a name. */
function parseScope(tokens: TokenStream, point: boolean): Scope | undefined {
  if (tokens.isWord('PERSIST_ONLY')) throw tokens.unsupported('SET PERSIST_ONLY');
  const mark = tokens.mark();
  const word = tokens.acceptAnyWord(['GLOBAL', 'SESSION', 'LOCAL', 'PERSIST'] as const);
  if (word === undefined) return undefined;
  if (point ? tokens.acceptOperator('.') : tokens.isIdentifier()) return SCOPES[word];
  tokens.goBack(mark);
  return undefined;
}

/** ON, ALL, BINARY and ROW are words that variables take, reserved or not; other words are expressions anyway. */
function parseValue(tokens: TokenStream): Expression | { readonly kind: 'default' } {
  if (tokens.acceptWord('DEFAULT')) return { kind: 'default' };
  if (['ON', 'ALL', 'BINARY', 'ROW', 'SYSTEM'].includes(tokens.word)) {
    const mark = tokens.mark();
    const name = tokens.takeName();
    if (tokens.atStatementEnd || tokens.isOperator(',')) return { kind: 'column', name };
    tokens.goBack(mark);
  }
  return parseExpression(tokens);
}
