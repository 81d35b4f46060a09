/** CREATE USER, ALTER USER, DROP USER, GRANT, REVOKE, SHOW GRANTS: MySQL's privileges as the roles that they come to. */
import { failure } from '../../errors.ts';
import type { AccountName, AccountSpec, Statement } from '../../sql/ast.ts';
import { OK, plainColumn, rowsOutcome } from '../outcomes.ts';
import type { Outcome } from '../request.ts';
import type { GateSession } from '../session.ts';
import { Privileges, type Role } from './privileges.ts';
import {
  type PasswordDigests,
  parsePasswordHash,
  passwordDigests,
  type User,
  type UserAccounts,
} from './user-accounts.ts';

type Of<K extends Statement['kind']> = Extract<Statement, { kind: K }>;
type AccountStatement = Of<'create-user' | 'alter-user' | 'drop-user' | 'grant'>;

const READING = ['SELECT'];
const WRITING = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];
/** They come with a role anyway, or are of what is not here: they neither make nor break one. */
const BESIDE = new Set([
  'USAGE',
  'SHOW VIEW',
  'SHOW DATABASES',
  'LOCK TABLES',
  'CREATE TEMPORARY TABLES',
  'EXECUTE',
  'REFERENCES',
]);
const DEFINING = ['CREATE', 'ALTER', 'DROP', 'INDEX'];
const RANK: Readonly<Record<Role, number>> = { reader: 1, writer: 2, admin: 3 };

export async function runAccountStatement(session: GateSession, statement: AccountStatement): Promise<Outcome> {
  session.requireAdmin('CREATE USER');
  await session.transactions.end('commit');
  switch (statement.kind) {
    case 'create-user':
      for (const spec of statement.users) await createUser(session, spec, statement.ifNotExists);
      return OK;
    case 'alter-user':
      for (const spec of statement.users) await alterUser(session, spec, statement.ifExists);
      return OK;
    case 'drop-user':
      for (const name of statement.users) await dropUser(session, name, statement.ifExists);
      return OK;
    case 'grant':
      for (const name of statement.users) await grant(session, name, statement);
      return OK;
  }
}

/** Who asks for somebody's grants. */
export interface GrantsReader {
  readonly user: string;
  readonly privileges: Privileges;
  readonly gate: { readonly accounts: UserAccounts };
  /** Throws 1227. */
  requireAdmin(privilege: string): void;
}

/** SHOW GRANTS [FOR user]. `rest`: the user, as written. */
export function showGrants(session: GrantsReader, rest: string | undefined): Outcome {
  const asked = (rest ?? '')
    .trim()
    .replace(/@.*$/, '')
    .replace(/^(['"`])(.*)\1$/, '$2');
  const name = asked === '' || /^current_user(?:\s*\(\s*\))?$/i.test(asked) ? session.user : asked;
  if (name !== session.user) session.requireAdmin('SELECT');
  const { accounts } = session.gate;
  if (name !== session.user && accounts.user(name) === undefined) throw noSuchGrant(name);
  const privileges = name === session.user ? session.privileges : accounts.privilegesOf(name);
  const to = `TO \`${name}\`@\`%\``;
  const { everywhere, databases } = privileges;
  const lines = [
    everywhere === null
      ? `GRANT USAGE ON *.* ${to}`
      : `GRANT ${words(everywhere)} ON *.* ${to}${everywhere === 'admin' ? ' WITH GRANT OPTION' : ''}`,
    ...[...databases].map(([database, role]) => `GRANT ${words(role)} ON \`${database}\`.* ${to}`),
  ];
  const column = plainColumn(`Grants for ${name}@%`, { name: 'varchar', length: 1024 }, false);
  return rowsOutcome(
    [column],
    lines.map((line) => [line]),
  );
}

function words(role: Role): string {
  return role === 'admin' ? 'ALL PRIVILEGES' : (role === 'writer' ? WRITING : READING).join(', ');
}

async function createUser(session: GateSession, spec: AccountSpec, ifNotExists: boolean): Promise<void> {
  const { accounts, users } = session.gate;
  checkName(session, spec);
  if (accounts.user(spec.name) !== undefined) {
    if (ifNotExists) return;
    throw failure('ER_CANNOT_USER', 'CREATE USER', `'${spec.name}'@'%'`);
  }
  // As MySQL's own root: it may do everything.
  const privileges = new Privileges(spec.name === 'root' ? 'admin' : null);
  await users.save({ name: spec.name, digests: digestsOf(spec), privileges });
}

async function alterUser(session: GateSession, spec: AccountSpec, ifExists: boolean): Promise<void> {
  const user = existing(session, spec, 'ALTER USER', ifExists);
  if (user === null) return;
  if (spec.password === undefined && spec.passwordHash === undefined) return;
  await session.gate.users.save({ ...user, digests: digestsOf(spec) });
}

async function dropUser(session: GateSession, name: AccountName, ifExists: boolean): Promise<void> {
  const user = existing(session, name, 'DROP USER', ifExists);
  if (user !== null) await session.gate.users.remove(user.name);
}

async function grant(session: GateSession, name: AccountName, statement: Of<'grant'>): Promise<void> {
  const user = existing(session, name, statement.revoke ? 'REVOKE' : 'GRANT', false);
  if (user === null) return;
  const { everywhere, databases } = user.privileges;
  const before = statement.database === null ? everywhere : roleIn(databases, statement.database);
  const role = statement.revoke ? afterRevoke(before, statement) : afterGrant(before, statement);
  if (statement.database === null) {
    await session.gate.users.save({ ...user, privileges: new Privileges(role, databases) });
    return;
  }
  const { database } = statement;
  if (!statement.revoke && session.gate.findDatabase(database) === undefined)
    throw failure('ER_BAD_DB_ERROR', database);
  const roles = new Map([...databases].filter(([of]) => of.toLowerCase() !== database.toLowerCase()));
  if (role !== null) roles.set(database, role);
  await session.gate.users.save({ ...user, privileges: new Privileges(everywhere, roles) });
}

function roleIn(databases: ReadonlyMap<string, Role>, name: string): Role | null {
  for (const [database, role] of databases) if (database.toLowerCase() === name.toLowerCase()) return role;
  return null;
}

/** The greater of what there was and what is granted. */
function afterGrant(before: Role | null, { privileges }: Of<'grant'>): Role | null {
  const granted = roleOf(privileges);
  if (granted === null) return before;
  return before !== null && RANK[before] > RANK[granted] ? before : granted;
}

function afterRevoke(before: Role | null, { privileges }: Of<'grant'>): Role | null {
  if (before === null) return null;
  const wanted = new Set(privileges);
  if (wanted.has('ALL') || wanted.has('ALL PRIVILEGES') || wanted.has('SELECT')) return null;
  if (WRITING.slice(1).every((word) => wanted.has(word))) return 'reader';
  if (DEFINING.every((word) => wanted.has(word))) return RANK[before] > RANK.writer ? 'writer' : before;
  throw unmappable(privileges, 'REVOKE');
}

/** null: nothing but what comes with every role. Throws 1235 for what is between two roles. */
function roleOf(privileges: readonly string[]): Role | null {
  const wanted = new Set(privileges);
  if (wanted.has('ALL') || wanted.has('ALL PRIVILEGES')) return 'admin';
  for (const word of BESIDE) wanted.delete(word);
  if (wanted.size === 0) return null;
  const has = (words: readonly string[]): boolean => words.every((word) => wanted.has(word));
  const exactly = (words: readonly string[]): boolean => has(words) && wanted.size === words.length;
  if (exactly(READING)) return 'reader';
  if (exactly(WRITING)) return 'writer';
  if (exactly([...WRITING, ...DEFINING])) return 'admin';
  throw unmappable(privileges, 'GRANT');
}

function unmappable(privileges: readonly string[], verb: string): Error {
  return failure(
    'ER_NOT_SUPPORTED_YET',
    `${verb} ${privileges.join(', ')}; roles are SELECT (reader), SELECT, INSERT, UPDATE, DELETE (writer), and ALL (admin)`,
  );
}

function digestsOf({ password, passwordHash }: AccountSpec): PasswordDigests {
  if (passwordHash === undefined) return passwordDigests(password ?? '');
  const digests = parsePasswordHash(passwordHash);
  if (digests === null)
    throw failure('ER_BAD_PARAMETER', 'the hash behind AS must be * and 40 hexadecimal digits, or 64 of them');
  return digests;
}

/** null: it is not there, and need not be. Users of the configuration are changed there. */
function existing(session: GateSession, name: AccountName, statement: string, ifExists: boolean): User | null {
  checkName(session, name);
  const user = session.gate.accounts.user(name.name);
  if (user !== undefined) return user;
  if (ifExists) return null;
  throw statement === 'GRANT' || statement === 'REVOKE'
    ? noSuchGrant(name.name)
    : failure('ER_CANNOT_USER', statement, `'${name.name}'@'%'`);
}

function checkName({ gate }: GateSession, { name, host }: AccountName): void {
  if (host !== '%')
    throw failure('ER_NOT_SUPPORTED_YET', `users of one host ('${name}'@'${host}'); rules go by address`);
  if (name === '' || name.length > 32) throw failure('ER_BAD_PARAMETER', 'a user name has 1 to 32 characters');
  if (!gate.users.isKept) throw failure('ER_NOT_SUPPORTED_YET', 'users made by statements on this store');
  if (gate.accounts.isConfigured(name))
    throw failure('ER_BAD_PARAMETER', `user '${name}' stands in the file of options: change it there, and reload`);
}

function noSuchGrant(name: string): Error {
  return failure('ER_NONEXISTING_GRANT', name, '%');
}
