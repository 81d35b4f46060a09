/** Which databases of the source a user has to do with. */
import type { Privileges } from '../accounts/privileges.ts';

/** The server's own: a role for all databases is none for these. */
const OWN_DATABASES = new Set(['mysql', 'performance_schema', 'sys', 'ndbinfo', '#innodb_redo']);

/** Whether the user has anything to do with that database. */
export function seesDatabase(privileges: Privileges, name: string): boolean {
  const database = name.toLowerCase();
  if (privileges.isAdmin || database === 'information_schema') return true;
  return OWN_DATABASES.has(database) ? isNamed(privileges, database) : privileges.sees(name);
}

export function isOwnDatabase(name: string): boolean {
  return OWN_DATABASES.has(name.toLowerCase());
}

function isNamed({ databases }: Privileges, database: string): boolean {
  return [...databases.keys()].some((name) => name.toLowerCase() === database);
}
