/** BEGIN, COMMIT, ROLLBACK, savepoints, SET TRANSACTION, LOCK TABLES. */
import type { Statement } from '../ast.ts';
import { parseTableName } from './names.ts';
import { parseTableAlias } from './table-references.ts';
import type { TokenStream } from './token-stream.ts';

/** Behind BEGIN. */
export function parseBegin(tokens: TokenStream): Statement {
  tokens.acceptWord('WORK');
  return { kind: 'begin', consistentSnapshot: false };
}

/** Behind START TRANSACTION. */
export function parseStartTransaction(tokens: TokenStream): Statement {
  let readOnly: boolean | undefined;
  let consistentSnapshot = false;
  if (!tokens.atStatementEnd) {
    do {
      if (tokens.acceptWords('WITH', 'CONSISTENT', 'SNAPSHOT')) consistentSnapshot = true;
      else if (tokens.acceptWords('READ', 'ONLY')) readOnly = true;
      else if (tokens.acceptWords('READ', 'WRITE')) readOnly = false;
      else throw tokens.unexpected();
    } while (tokens.acceptOperator(','));
  }
  return { kind: 'begin', readOnly, consistentSnapshot };
}

/** Behind COMMIT or ROLLBACK, which is `kind`: [WORK] [AND [NO] CHAIN] [[NO] RELEASE], or TO a savepoint. */
export function parseTransactionEnd(tokens: TokenStream, kind: 'commit' | 'rollback'): Statement {
  tokens.acceptWord('WORK');
  if (kind === 'rollback' && tokens.acceptWord('TO')) {
    tokens.acceptWord('SAVEPOINT');
    return { kind: 'rollback-to', name: tokens.identifier() };
  }
  let chain = false;
  if (tokens.acceptWord('AND')) {
    chain = !tokens.acceptWord('NO');
    tokens.expectWord('CHAIN');
  }
  const no = tokens.acceptWord('NO');
  const release = tokens.acceptWord('RELEASE');
  if (no && !release) throw tokens.unexpected();
  return { kind, chain, release: release && !no };
}

/** Behind SAVEPOINT. */
export function parseSavepoint(tokens: TokenStream): Statement {
  return { kind: 'savepoint', name: tokens.identifier() };
}

/** Behind RELEASE. */
export function parseReleaseSavepoint(tokens: TokenStream): Statement {
  tokens.expectWord('SAVEPOINT');
  return { kind: 'release-savepoint', name: tokens.identifier() };
}

/** Behind SET: [GLOBAL | SESSION] TRANSACTION ..., if that is what stands there. */
export function parseSetTransaction(tokens: TokenStream): Statement | undefined {
  const mark = tokens.mark();
  const word = tokens.acceptAnyWord(['GLOBAL', 'SESSION', 'LOCAL'] as const);
  // TRANSACTION is no reserved word: what follows tells whether it is a variable.
  if (!tokens.acceptWord('TRANSACTION') || tokens.isOperator('=') || tokens.isOperator(':=')) {
    tokens.goBack(mark);
    return undefined;
  }
  let isolation: string | undefined;
  let readOnly: boolean | undefined;
  do {
    if (tokens.acceptWords('READ', 'ONLY')) readOnly = true;
    else if (tokens.acceptWords('READ', 'WRITE')) readOnly = false;
    else {
      tokens.expectWord('ISOLATION');
      tokens.expectWord('LEVEL');
      isolation = parseIsolation(tokens);
    }
  } while (tokens.acceptOperator(','));
  const scope = word === undefined ? 'next' : word === 'GLOBAL' ? 'global' : 'session';
  return { kind: 'set-transaction', scope, isolation, readOnly };
}

/** As the variable transaction_isolation spells it: READ-COMMITTED. */
function parseIsolation(tokens: TokenStream): string {
  if (tokens.acceptWord('SERIALIZABLE')) return 'SERIALIZABLE';
  if (tokens.acceptWords('REPEATABLE', 'READ')) return 'REPEATABLE-READ';
  if (tokens.acceptWords('READ', 'COMMITTED')) return 'READ-COMMITTED';
  if (tokens.acceptWords('READ', 'UNCOMMITTED')) return 'READ-UNCOMMITTED';
  throw tokens.unexpected();
}

type TableLock = Extract<Statement, { kind: 'lock-tables' }>['tables'][number];

/** Behind LOCK. */
export function parseLockTables(tokens: TokenStream): Statement {
  if (tokens.isWord('INSTANCE')) throw tokens.unsupported('LOCK INSTANCE');
  if (tokens.acceptAnyWord(['TABLES', 'TABLE']) === undefined) throw tokens.unexpected();
  return { kind: 'lock-tables', tables: tokens.list(parseTableLock) };
}

function parseTableLock(tokens: TokenStream): TableLock {
  const table = parseTableName(tokens);
  const alias = parseTableAlias(tokens);
  if (tokens.acceptWord('READ')) {
    tokens.acceptWord('LOCAL');
    return { table, alias, mode: 'read' };
  }
  tokens.acceptWord('LOW_PRIORITY');
  tokens.expectWord('WRITE');
  return { table, alias, mode: 'write' };
}

/** Behind UNLOCK. */
export function parseUnlockTables(tokens: TokenStream): Statement {
  if (tokens.isWord('INSTANCE')) throw tokens.unsupported('UNLOCK INSTANCE');
  if (tokens.acceptAnyWord(['TABLES', 'TABLE']) === undefined) throw tokens.unexpected();
  return { kind: 'unlock-tables' };
}
