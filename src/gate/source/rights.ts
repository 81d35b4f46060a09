/**
 * What a user of Sluice may do on the source: by roles, as before the embedded store (../accounts/privileges.ts), and by the tables that are found in the
 * statement (statement-tables.ts). To the source all clients are the user of its URL, so what is not surely within somebody's rights is refused here: whose
 * tables are not known, whatever reaches beyond tables, and functions of which nobody knows what they read. Administrators are asked nothing.
 */
import { failure } from '../../errors.ts';
import type { Privileges } from '../accounts/privileges.ts';
import type { PlanFacts, TableUse } from '../statement-facts.ts';
import { isOwnDatabase, seesDatabase } from './databases.ts';
import { INFORMATION_SCHEMA, isFiltered } from './information-schema.ts';
import type { SourceSession } from './session.ts';
import type { TokenFacts } from './token-facts.ts';

/** Of information_schema: the same for everybody. */
const OF_THE_SERVER = new Set([
  'applicable_roles',
  'character_sets',
  'collations',
  'collation_character_set_applicability',
  'enabled_roles',
  'engines',
  'global_status',
  'global_variables',
  'keywords',
  'session_status',
  'session_variables',
  'sql_functions',
]);
/** What it has of all tables: for those who may read all. */
const OF_ALL_TABLES = new Set([
  'check_constraints',
  'columns',
  'column_statistics',
  'geometry_columns',
  'key_column_usage',
  'partitions',
  'referential_constraints',
  'schemata',
  'sequences',
  'st_geometry_columns',
  'statistics',
  'table_constraints',
  'tables',
  'views',
]);
/** Of plans, by who was found to be allowed to run them. */
const ALLOWED = new WeakMap<PlanFacts, WeakSet<Privileges>>();

/** Throws 1044. */
export function checkDatabase({ privileges, client }: SourceSession, name: string): void {
  if (!seesDatabase(privileges, name)) throw failure('ER_DBACCESS_DENIED_ERROR', client.user, client.host, name);
}

/** Throws 1227 unless the user administers the server. */
export function requireAdmin({ privileges }: SourceSession, privilege: string): void {
  if (!privileges.isAdmin) throw failure('ER_SPECIFIC_ACCESS_DENIED_ERROR', privilege);
}

/** Throws 1044, 1046, 1142, 1227, 1370. `isCutDown`: what the statement reads of information_schema was cut down to what the user may see. */
export function checkRights(session: SourceSession, facts: TokenFacts, plan: PlanFacts, isCutDown: boolean): void {
  const { privileges, state, client } = session;
  if (privileges.isAdmin) return;
  if (!state.isModeKnown) throw failure('SLUICE_SOURCE_UNAVAILABLE', 'how it reads statements is not known');
  // In these the text may not mean what is read here.
  if (facts.hasWideWords && !state.readsUtf8)
    throw failure('SLUICE_TABLES_UNKNOWN', 'names with letters beyond ASCII; quote them');
  if (state.isOracle) throw failure('SLUICE_TABLES_UNKNOWN', "sql_mode = 'ORACLE'");
  let allowed = ALLOWED.get(plan);
  if (allowed?.has(privileges) === true) return;
  const { privilege, privilegeReason } = facts;
  if (privilege !== null) {
    if (privilegeReason === null) throw failure('ER_SPECIFIC_ACCESS_DENIED_ERROR', privilege);
    throw failure('SLUICE_NOT_SEEN_THROUGH', privilege, privilegeReason);
  }
  if (facts.unsure !== null) throw failure('SLUICE_TABLES_UNKNOWN', facts.unsure);
  for (const use of plan.tables) {
    if (use.database === '') throw failure('ER_NO_DB_ERROR');
    checkUse(privileges, use, client.user, client.host, isCutDown);
  }
  const [unknown] = facts.unknownCalls;
  if (unknown !== undefined)
    throw failure('ER_PROCACCESS_DENIED_ERROR', 'EXECUTE', client.user, client.host, unknown.replace(/^\./, ''));
  // Another user's text may have the same words, and other databases in it.
  if (isCutDown) return;
  if (allowed === undefined) {
    allowed = new WeakSet();
    ALLOWED.set(plan, allowed);
  }
  allowed.add(privileges);
}

function checkUse(privileges: Privileges, use: TableUse, user: string, host: string, isCutDown: boolean): void {
  const database = use.database.toLowerCase();
  if (database === INFORMATION_SCHEMA) {
    const table = use.table.toLowerCase();
    // Its own tables are the same for all.
    const isOpen =
      table === '*' ||
      OF_THE_SERVER.has(table) ||
      (privileges.everywhere !== null && OF_ALL_TABLES.has(table)) ||
      (isCutDown && isFiltered(table));
    if (!isOpen || use.access !== 'read') throw failure('ER_DBACCESS_DENIED_ERROR', user, host, use.database);
    return;
  }
  if (isOwnDatabase(database) && !seesDatabase(privileges, database))
    throw failure('ER_DBACCESS_DENIED_ERROR', user, host, use.database);
  privileges.check([use], user, host);
}
