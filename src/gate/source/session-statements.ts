/** Statements about sessions and databases as far as users see them: what somebody who is no administrator is told of the server, and may do to it. */
import { failure } from '../../errors.ts';
import type { ProcessInfo } from '../../sql/context.ts';
import { matchesLike } from '../../sql/show/like.ts';
import { fingerprint } from '../../sql/syntax/fingerprint.ts';
import { showGrants } from '../accounts/account-statements.ts';
import { plainColumn, rowsOutcome } from '../outcomes.ts';
import type { Outcome } from '../request.ts';
import { seesDatabase } from './databases.ts';
import { requireAdmin } from './rights.ts';
import type { SourceSession } from './session.ts';
import type { Assignment } from './set-statement.ts';
import { mayAnyoneSet } from './settable-variables.ts';

/** Of other clients' sessions only an administrator is told. */
export function visibleProcesses({ gate, privileges, client }: SourceSession): ProcessInfo[] {
  const processes = gate.processes();
  return privileges.isAdmin ? processes : processes.filter(({ user }) => user === client.user);
}

/** Throws 1227. */
export function checkKill(session: SourceSession, id: number): void {
  const owner = session.gate.processes().find((process) => process.id === id)?.user;
  if (owner !== undefined && owner !== session.client.user) requireAdmin(session, 'CONNECTION_ADMIN');
}

/** Throws 1227. `assignments`: null where they are of a form that is an administrator's (SET PASSWORD, SET ROLE). */
export function checkSet(session: SourceSession, assignments: readonly Assignment[] | null): void {
  if (session.privileges.isAdmin) return;
  if (assignments === null) {
    requireAdmin(session, 'SUPER');
    return;
  }
  for (const { scope, name } of assignments) {
    const isOwn = scope === 'session' && (name.startsWith('sluice_') || name === 'workload');
    if (scope === 'global' || (scope === 'session' && !isOwn && !mayAnyoneSet(name)))
      requireAdmin(session, 'SUPER or SYSTEM_VARIABLES_ADMIN');
  }
}

const SHOW_DATABASES = /^show\s+(?:databases|schemas)(?:\s+like\s+\?)?$/i;
const SHOW_GRANTS = /^show\s+grants(?:\s+for\s+(.*))?$/i;

/** SHOW DATABASES for who does not see all, SHOW GRANTS of Sluice's users; null: it is for the source. */
export function showOwn(session: SourceSession, text: string): Outcome | null {
  if (/^\s*show\s+(?:databases|schemas)\b/i.test(text))
    return session.privileges.isAdmin ? null : showDatabases(session, text);
  if (/^\s*show\s+grants\b/i.test(text)) return ownGrants(session, text);
  return null;
}

function showDatabases({ gate, privileges, state }: SourceSession, text: string): Outcome {
  const { fingerprint: asked, slots } = fingerprint(text, state.syntax);
  if (!SHOW_DATABASES.test(asked))
    throw failure('ER_NOT_SUPPORTED_YET', 'SHOW DATABASES with WHERE for users other than administrators');
  const [slot] = slots;
  const pattern = slot === undefined || 'parameter' in slot ? null : String(slot.value);
  const names = [...gate.source.schema.databases]
    .filter((name) => seesDatabase(privileges, name) && (pattern === null || matchesLike(name, pattern)))
    .sort();
  const title = pattern === null ? 'Database' : `Database (${pattern})`;
  return rowsOutcome(
    [plainColumn(title, { name: 'varchar', length: 64 }, false)],
    names.map((name) => [name]),
  );
}

/** Of oneself, and of those whom Sluice knows; an administrator may ask for others, who are users of the source. */
function ownGrants(session: SourceSession, text: string): Outcome | null {
  const { client, privileges, gate } = session;
  const named = SHOW_GRANTS.exec(text.trim().replace(/\s*;\s*$/, ''))?.[1] ?? '';
  const name = named.trim().replace(/^(['"`])(.*)\1$/, '$2');
  const isOwn = name === '' || name === client.user || /^current_user(?:\s*\(\s*\))?$/i.test(name);
  if (!isOwn && privileges.isAdmin && gate.accounts.user(name) === undefined) return null;
  const reader = {
    user: client.user,
    privileges,
    gate,
    requireAdmin: (privilege: string) => requireAdmin(session, privilege),
  };
  return showGrants(reader, isOwn ? '' : named);
}
