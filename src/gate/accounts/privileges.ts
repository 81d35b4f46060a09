/** What a user may do: a role for all databases, roles for single ones. The greater of both holds. */
import { failure } from '../../errors.ts';
import type { UserRole } from '../../user-options.ts';
import type { Access, TableUse } from '../statement-facts.ts';

/** reader: reads. writer: changes rows too. admin: tables and indexes too; of all databases: users, settings and other clients' sessions as well. */
export type Role = UserRole;

const RANK: Readonly<Record<Role | Access, number>> = { reader: 1, read: 1, writer: 2, write: 2, admin: 3 };
const VERB: Readonly<Record<Access, string>> = { read: 'SELECT', write: 'INSERT, UPDATE, DELETE', admin: 'ALTER' };

/** Kept there: who may log in. An administrator's own. */
export const USERS_DATABASE = 'sluice';
export const USERS_TABLE = 'users';

export class Privileges {
  /** Of all databases; null: none. */
  readonly everywhere: Role | null;
  /** By name, as it was written. */
  readonly databases: ReadonlyMap<string, Role>;
  readonly #ranks = new Map<string, number>();
  readonly #rank: number;

  constructor(everywhere: Role | null, databases: ReadonlyMap<string, Role> = new Map()) {
    this.everywhere = everywhere;
    this.databases = databases;
    this.#rank = everywhere === null ? 0 : RANK[everywhere];
    for (const [name, role] of databases) this.#ranks.set(name.toLowerCase(), RANK[role]);
  }

  /** Nothing is refused. */
  get isAdmin(): boolean {
    return this.everywhere === 'admin';
  }

  /** Has some role in it. */
  sees(database: string): boolean {
    return this.#rankIn(database) > 0;
  }

  allows({ database, table, access }: TableUse): boolean {
    if (this.isAdmin) return true;
    if (isUsersTable(database, table)) return false;
    return this.#rankIn(database) >= RANK[access];
  }

  /** Throws 1044 or 1142. */
  check(tables: readonly TableUse[], user: string, host: string): void {
    if (this.isAdmin) return;
    for (const use of tables) {
      if (this.allows(use)) continue;
      if (!this.sees(use.database) || use.table === '*')
        throw failure('ER_DBACCESS_DENIED_ERROR', user, host, use.database);
      throw failure('ER_TABLEACCESS_DENIED_ERROR', VERB[use.access], user, host, `${use.database}.${use.table}`);
    }
  }

  #rankIn(database: string): number {
    return Math.max(this.#rank, this.#ranks.get(database.toLowerCase()) ?? 0);
  }
}

function isUsersTable(database: string, table: string): boolean {
  return database.toLowerCase() === USERS_DATABASE && table.toLowerCase() === USERS_TABLE;
}

export const ADMINISTRATOR = new Privileges('admin');
export const NOBODY = new Privileges(null);
