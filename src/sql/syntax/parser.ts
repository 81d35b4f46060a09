/**
 * MySQL's dialect, from text to the tree of ast.ts: this folder's way in is parse(), and fingerprint() (fingerprint.ts) for the text without its
 * literals. A recursive descent, one file per family of statements; every function takes the TokenStream and leaves it behind what it read.
 *
 * - lexer.ts cuts the text into tokens, token-stream.ts answers the parser's questions about the current one.
 * - expressions.ts > operands.ts > calls.ts, windows.ts; queries.ts > select.ts > table-references.ts; the others by their names.
 *
 * It knows no catalog and checks no meaning: that is the binder's. What it promises: any text gives a tree or a SluiceError (ER_PARSE_ERROR,
 * ER_NOT_SUPPORTED_YET, ER_EMPTY_QUERY, ER_TOO_LONG_IDENT, ER_UNKNOWN_CHARACTER_SET, ER_DERIVED_MUST_HAVE_ALIAS), in time linear in its length;
 * no tree is higher than a few times MAX_EXPRESSION_DEPTH.
 */
import { failure } from '../../errors.ts';
import { MAX_EXPRESSION_DEPTH } from '../../limits.ts';
import type { Expression, ParsedStatement, Statement } from '../ast.ts';
import { parseAlterUser, parseCreateUser, parseDropUser, parseGrant } from './accounts.ts';
import {
  parseDeallocate,
  parseDo,
  parseExecute,
  parseExplain,
  parseFlush,
  parseKill,
  parsePrepare,
  parseTableMaintenance,
} from './administration.ts';
import { parseAlterTable } from './alter.ts';
import { parseAlterDatabase, parseCreateDatabase, parseDropDatabase, parseUse } from './databases.ts';
import { parseExpression as parseExpressionAt } from './expressions.ts';
import { parseCreateIndex, parseDropIndex } from './indexes.ts';
import { parseInsert } from './insert.ts';
import { parseQuery, parseQueryWith, parseWith } from './queries.ts';
import { parseSet } from './set.ts';
import { parseShow } from './show.ts';
import type { SyntaxOptions } from './sql-mode.ts';
import { DEFAULT_SYNTAX } from './sql-mode.ts';
import { parseCreateTable, parseDropTable, parseRenameTable, parseTruncate } from './table-definitions.ts';
import { TokenStream } from './token-stream.ts';
import {
  parseBegin,
  parseLockTables,
  parseReleaseSavepoint,
  parseSavepoint,
  parseStartTransaction,
  parseTransactionEnd,
  parseUnlockTables,
} from './transactions.ts';
import { parseUnsupportedObject, UNSUPPORTED_STATEMENTS, unsupportedStatement } from './unsupported.ts';
import { parseDelete, parseUpdate } from './update-delete.ts';

/** Parses the one statement that `sql` is; a semicolon may stand at its end. For what it throws see above. */
export function parse(sql: string, options: SyntaxOptions = DEFAULT_SYNTAX): ParsedStatement {
  return withinStack(() => {
    const tokens = new TokenStream(sql, options);
    if (tokens.atEnd) throw failure('ER_EMPTY_QUERY');
    const statement = parseStatement(tokens);
    tokens.acceptOperator(';');
    if (!tokens.atEnd) throw tokens.unexpected();
    return { statement, slotCount: tokens.slotCount, pinnedSlots: tokens.pinnedSlots };
  });
}

/** Parses a text that is one expression, such as a column's default that the catalog holds. Its slots are numbered from 0. */
export function parseExpression(sql: string, options: SyntaxOptions = DEFAULT_SYNTAX): Expression {
  return withinStack(() => {
    const tokens = new TokenStream(sql, options);
    const expression = parseExpressionAt(tokens);
    if (!tokens.atEnd) throw tokens.unexpected();
    return expression;
  });
}

function withinStack<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (thrown) {
    // The depth is bounded, but how much of the stack the caller has used is not known.
    if (!(thrown instanceof RangeError)) throw thrown;
    throw failure('ER_NOT_SUPPORTED_YET', `expressions nested nearly ${MAX_EXPRESSION_DEPTH} deep`);
  }
}

/** One statement, without the semicolon behind it. */
export function parseStatement(tokens: TokenStream): Statement {
  const { word } = tokens;
  switch (word) {
    case 'SELECT':
    case 'VALUES':
    case 'TABLE':
      return parseQuery(tokens);
    case 'INSERT':
    case 'REPLACE':
      return parseInsert(tokens);
    case 'UPDATE':
      return parseUpdate(tokens, []);
    case 'DELETE':
      return parseDelete(tokens, []);
    case 'WITH':
      return parseStatementWith(tokens);
    case '':
      if (tokens.isOperator('(')) return parseQuery(tokens);
      throw tokens.unexpected();
    default:
      break;
  }
  tokens.advance();
  const statement = DEFINITIONS[word] ?? SESSION[word] ?? ADMINISTRATION[word];
  if (statement !== undefined) return statement(tokens);
  if (UNSUPPORTED_STATEMENTS.has(word)) return unsupportedStatement(tokens, nameOf(tokens, word));
  throw tokens.unexpectedPrevious();
}

type StatementParser = (tokens: TokenStream) => Statement;

/** By the first word, which has been passed. */
const DEFINITIONS: Readonly<Record<string, StatementParser>> = {
  CREATE: parseCreate,
  ALTER: parseAlter,
  DROP: parseDrop,
  RENAME: parseRename,
  TRUNCATE: parseTruncate,
};

const SESSION: Readonly<Record<string, StatementParser>> = {
  BEGIN: parseBegin,
  START: parseStart,
  COMMIT: (tokens) => parseTransactionEnd(tokens, 'commit'),
  ROLLBACK: (tokens) => parseTransactionEnd(tokens, 'rollback'),
  SAVEPOINT: parseSavepoint,
  RELEASE: parseReleaseSavepoint,
  LOCK: parseLockTables,
  UNLOCK: parseUnlockTables,
  SET: parseSet,
  USE: parseUse,
  PREPARE: parsePrepare,
  EXECUTE: parseExecute,
  DEALLOCATE: parseDeallocate,
  DO: parseDo,
};

const ADMINISTRATION: Readonly<Record<string, StatementParser>> = {
  SHOW: parseShow,
  DESCRIBE: parseExplain,
  DESC: parseExplain,
  EXPLAIN: parseExplain,
  ANALYZE: (tokens) => parseTableMaintenance(tokens, 'analyze'),
  CHECK: (tokens) => parseTableMaintenance(tokens, 'check'),
  OPTIMIZE: (tokens) => parseTableMaintenance(tokens, 'optimize'),
  REPAIR: (tokens) => parseTableMaintenance(tokens, 'repair'),
  CHECKSUM: (tokens) => parseTableMaintenance(tokens, 'checksum'),
  KILL: parseKill,
  FLUSH: parseFlush,
  GRANT: (tokens) => parseGrant(tokens, false),
  REVOKE: (tokens) => parseGrant(tokens, true),
  CACHE: (tokens) => unsupportedStatement(tokens, 'CACHE INDEX'),
};

/** WITH may begin a query, an UPDATE or a DELETE. */
function parseStatementWith(tokens: TokenStream): Statement {
  const commonTables = parseWith(tokens);
  if (tokens.isWord('UPDATE')) {
    if (commonTables.recursive) throw tokens.unsupported('WITH RECURSIVE ... UPDATE');
    return parseUpdate(tokens, commonTables.tables);
  }
  if (tokens.isWord('DELETE')) {
    if (commonTables.recursive) throw tokens.unsupported('WITH RECURSIVE ... DELETE');
    return parseDelete(tokens, commonTables.tables);
  }
  return parseQueryWith(tokens, commonTables);
}

function parseCreate(tokens: TokenStream): Statement {
  if (tokens.acceptWord('TABLE')) return parseCreateTable(tokens, false);
  if (tokens.acceptWords('TEMPORARY', 'TABLE')) return parseCreateTable(tokens, true);
  if (tokens.acceptAnyWord(['DATABASE', 'SCHEMA']) !== undefined) return parseCreateDatabase(tokens);
  if (['INDEX', 'UNIQUE', 'FULLTEXT'].includes(tokens.word) || tokens.areWords('SPATIAL', 'INDEX')) {
    return parseCreateIndex(tokens);
  }
  if (tokens.acceptWord('USER')) return parseCreateUser(tokens);
  return parseUnsupportedObject(tokens, 'CREATE');
}

function parseAlter(tokens: TokenStream): Statement {
  if (tokens.acceptWord('TABLE')) return parseAlterTable(tokens);
  if (tokens.acceptAnyWord(['DATABASE', 'SCHEMA']) !== undefined) return parseAlterDatabase(tokens);
  if (tokens.acceptWord('USER')) return parseAlterUser(tokens);
  return parseUnsupportedObject(tokens, 'ALTER');
}

function parseDrop(tokens: TokenStream): Statement {
  if (tokens.acceptAnyWord(['TABLE', 'TABLES']) !== undefined) return parseDropTable(tokens, false);
  if (tokens.acceptWords('TEMPORARY', 'TABLE')) return parseDropTable(tokens, true);
  if (tokens.acceptAnyWord(['DATABASE', 'SCHEMA']) !== undefined) return parseDropDatabase(tokens);
  if (tokens.acceptWord('INDEX')) return parseDropIndex(tokens);
  if (tokens.isWord('PREPARE')) return parseDeallocate(tokens);
  if (tokens.acceptWord('USER')) return parseDropUser(tokens);
  return parseUnsupportedObject(tokens, 'DROP');
}

function parseRename(tokens: TokenStream): Statement {
  if (tokens.isWord('USER')) return unsupportedStatement(tokens, 'RENAME USER');
  if (tokens.acceptAnyWord(['TABLE', 'TABLES']) === undefined) throw tokens.unexpected();
  return parseRenameTable(tokens);
}

function parseStart(tokens: TokenStream): Statement {
  if (tokens.acceptWord('TRANSACTION')) return parseStartTransaction(tokens);
  return unsupportedStatement(tokens, nameOf(tokens, 'START'));
}

/** First words that say little without the second: LOAD DATA, CHANGE MASTER. */
const TWO_WORD_STATEMENTS: ReadonlySet<string> = new Set([
  'CHANGE',
  'GET',
  'IMPORT',
  'INSTALL',
  'LOAD',
  'PURGE',
  'RESET',
  'START',
  'STOP',
  'UNINSTALL',
  'XA',
]);

/** How an unsupported statement is called; its first word has been passed. */
function nameOf(tokens: TokenStream, word: string): string {
  return TWO_WORD_STATEMENTS.has(word) && tokens.word !== '' ? `${word} ${tokens.word}` : word;
}
