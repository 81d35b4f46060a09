/** Statements of MySQL that are recognised only to be refused by their name. */
import type { Statement } from '../ast.ts';
import type { TokenStream } from './token-stream.ts';

/** Statements that their first word names. */
export const UNSUPPORTED_STATEMENTS: ReadonlySet<string> = new Set([
  'BINLOG',
  'CALL',
  'CHANGE',
  'CLONE',
  'GET',
  'HANDLER',
  'HELP',
  'IMPORT',
  'INSTALL',
  'LOAD',
  'PURGE',
  'RESET',
  'RESIGNAL',
  'RESTART',
  'SHUTDOWN',
  'SIGNAL',
  'STOP',
  'UNINSTALL',
  'XA',
]);

/** What CREATE, ALTER and DROP may be followed by, besides what is supported. */
const OBJECTS: ReadonlySet<string> = new Set([
  'EVENT',
  'FUNCTION',
  'INSTANCE',
  'LOGFILE',
  'PROCEDURE',
  'RESOURCE',
  'ROLE',
  'SERVER',
  'SPATIAL',
  'TABLESPACE',
  'TRIGGER',
  'UNDO',
  'VIEW',
]);

/** Goes past the rest of the text: the body of a routine has semicolons of its own. */
export function unsupportedStatement(tokens: TokenStream, construct: string): Statement {
  while (!tokens.atEnd) tokens.advance();
  return { kind: 'unsupported', construct };
}

/** Behind CREATE, ALTER or DROP (`verb`): [OR REPLACE] [DEFINER = ...] [ALGORITHM = ...] [SQL SECURITY ...] object */
export function parseUnsupportedObject(tokens: TokenStream, verb: string): Statement {
  const mark = tokens.mark();
  for (;;) {
    if (OBJECTS.has(tokens.word)) return unsupportedStatement(tokens, `${verb} ${tokens.word}`);
    if (!parseObjectModifier(tokens)) break;
  }
  tokens.goBack(mark);
  throw tokens.unexpected();
}

function parseObjectModifier(tokens: TokenStream): boolean {
  if (tokens.acceptWords('OR', 'REPLACE') || tokens.acceptWord('AGGREGATE') || tokens.acceptWord('TEMPORARY'))
    return true;
  if (tokens.acceptWords('SQL', 'SECURITY')) return tokens.acceptAnyWord(['DEFINER', 'INVOKER']) !== undefined;
  if (tokens.acceptWord('ALGORITHM')) {
    return tokens.acceptOperator('=') && tokens.acceptAnyWord(['UNDEFINED', 'MERGE', 'TEMPTABLE']) !== undefined;
  }
  if (!tokens.acceptWord('DEFINER') || !tokens.acceptOperator('=')) return false;
  if (tokens.acceptWord('CURRENT_USER')) {
    if (tokens.acceptOperator('(')) tokens.expectOperator(')');
    return true;
  }
  tokens.identifierOrString();
  // 'user'@'host': the second half reads as a variable.
  if (tokens.isUserVariable()) tokens.userVariable();
  return true;
}
