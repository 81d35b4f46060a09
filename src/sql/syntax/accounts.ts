/** CREATE USER, ALTER USER, DROP USER, GRANT, REVOKE. What of MySQL's grammar has no meaning here is refused by its name. */
import type { AccountName, AccountSpec, Statement } from '../ast.ts';
import type { TokenStream } from './token-stream.ts';

/** Behind CREATE USER. */
export function parseCreateUser(tokens: TokenStream): Statement {
  const ifNotExists = tokens.acceptWords('IF', 'NOT', 'EXISTS');
  const users = tokens.list(parseSpec);
  refuseRest(tokens, 'CREATE USER');
  return { kind: 'create-user', users, ifNotExists };
}

/** Behind ALTER USER. */
export function parseAlterUser(tokens: TokenStream): Statement {
  const ifExists = tokens.acceptWords('IF', 'EXISTS');
  const users = tokens.list(parseSpec);
  refuseRest(tokens, 'ALTER USER');
  return { kind: 'alter-user', users, ifExists };
}

/** Behind DROP USER. */
export function parseDropUser(tokens: TokenStream): Statement {
  const ifExists = tokens.acceptWords('IF', 'EXISTS');
  return { kind: 'drop-user', users: tokens.list(parseAccountName), ifExists };
}

/** Behind GRANT or REVOKE. */
export function parseGrant(tokens: TokenStream, revoke: boolean): Statement {
  const verb = revoke ? 'REVOKE' : 'GRANT';
  const privileges = tokens.list(parsePrivilege);
  if (!tokens.acceptWord('ON')) throw tokens.unsupported(`${verb} of roles`);
  tokens.acceptWord('TABLE');
  const database = parseScope(tokens, verb);
  tokens.expectWord(revoke ? 'FROM' : 'TO');
  const users = tokens.list(parseAccountName);
  const grantOption = !revoke && tokens.acceptWords('WITH', 'GRANT', 'OPTION');
  refuseRest(tokens, verb);
  return { kind: 'grant', revoke, privileges, database, users, grantOption };
}

/** name, 'name', 'name'@'host'. */
function parseAccountName(tokens: TokenStream): AccountName {
  const name = tokens.identifierOrString();
  // The second half reads as a variable.
  return { name, host: tokens.isUserVariable() ? tokens.userVariable() : '%' };
}

function parseSpec(tokens: TokenStream): AccountSpec {
  const account = parseAccountName(tokens);
  if (!tokens.acceptWord('IDENTIFIED')) return account;
  if (tokens.acceptWord('WITH')) tokens.identifierOrString();
  if (tokens.acceptWord('BY')) {
    if (tokens.isWord('RANDOM')) throw tokens.unsupported('IDENTIFIED BY RANDOM PASSWORD');
    return { ...account, password: tokens.stringValue() };
  }
  if (tokens.acceptWord('AS')) return { ...account, passwordHash: tokens.stringValue() };
  throw tokens.unexpected();
}

/** One or more words: ALL PRIVILEGES, CREATE TEMPORARY TABLES. In upper case. */
function parsePrivilege(tokens: TokenStream): string {
  const words: string[] = [];
  while (tokens.word !== '' && tokens.word !== 'ON' && tokens.word !== 'TO' && tokens.word !== 'FROM') {
    words.push(tokens.word);
    tokens.advance();
  }
  if (tokens.isOperator('(')) throw tokens.unsupported('privileges on columns');
  if (words.length === 0) throw tokens.unexpected();
  return words.join(' ');
}

/** `*.*` gives null, `db.*` the database. */
function parseScope(tokens: TokenStream, verb: string): string | null {
  if (tokens.acceptOperator('*')) {
    if (!tokens.acceptOperator('.')) throw tokens.unsupported(`${verb} ... ON *`);
    tokens.expectOperator('*');
    return null;
  }
  const database = tokens.identifier();
  if (!tokens.acceptOperator('.') || !tokens.acceptOperator('*'))
    throw tokens.unsupported(`${verb} on single tables; table access (docs/gate.md) has groups of them`);
  return database;
}

/** REQUIRE, WITH MAX_..., PASSWORD EXPIRE, ACCOUNT LOCK, DEFAULT ROLE ... */
function refuseRest(tokens: TokenStream, statement: string): void {
  if (!tokens.atStatementEnd) throw tokens.unsupported(`${statement} ... ${tokens.word}`);
}
