/**
 * Users that statements make: kept in the table `sluice.users` of the store, so they are as durable as any row, and seen by every session as soon as the commit is reported.
 * Of passwords it has the two digests that MySQL's plugins compare. (A salted hash beside them would protect nothing: who has the file has these.)
 */
import type { TableDefinition } from '../../stores/schema.ts';
import type { Commit, Store } from '../../stores/store.ts';
import type { StoreRow, StoreValue } from '../../stores/values.ts';
import { Privileges, type Role, USERS_DATABASE, USERS_TABLE } from './privileges.ts';
import type { PasswordDigests, User, UserAccounts } from './user-accounts.ts';

const ROLES: readonly Role[] = ['reader', 'writer', 'admin'];

export function usersTable(createdAt: string): TableDefinition {
  return {
    database: USERS_DATABASE,
    name: USERS_TABLE,
    kind: 'table',
    columns: [
      { name: 'name', type: { name: 'varchar', length: 32, collation: 'utf8mb4_bin' }, nullable: false },
      { name: 'native_hash', type: { name: 'longblob' }, nullable: true },
      { name: 'sha2_hash', type: { name: 'longblob' }, nullable: true },
      { name: 'role', type: { name: 'varchar', length: 8, collation: 'utf8mb4_bin' }, nullable: true },
      {
        name: 'databases',
        type: { name: 'longtext', collation: 'utf8mb4_bin' },
        nullable: false,
        comment: 'roles by name, as JSON',
      },
    ],
    primaryKey: ['name'],
    indexes: [],
    foreignKeys: [],
    checks: [],
    collation: 'utf8mb4_bin',
    createdAt,
    system: 'readable',
  };
}

const STORED = `"${USERS_DATABASE}.${USERS_TABLE}"`;

export class StoredUsers {
  readonly #store: Store;
  readonly #accounts: UserAccounts;

  constructor(store: Store, accounts: UserAccounts) {
    this.#store = store;
    this.#accounts = accounts;
    this.#load();
  }

  /** Whether the store has a table for them. */
  get isKept(): boolean {
    return this.#store.catalog.table(USERS_DATABASE, USERS_TABLE) !== undefined;
  }

  apply(commit: Commit): void {
    const touched = commit.changes.some(({ database, table }) => database === USERS_DATABASE && table === USERS_TABLE);
    if (touched || commit.schemaChanged) this.#load();
  }

  async save(user: User): Promise<void> {
    const { name, digests, privileges } = user;
    const databases = JSON.stringify(Object.fromEntries(privileges.databases));
    const row: StoreRow = [name, digests.nativeHash, digests.sha2Hash, privileges.everywhere, databases];
    await this.#store.write(
      { kind: 'insert', database: USERS_DATABASE, table: USERS_TABLE, mode: 'replace', rows: [row] },
      this.#options(),
    );
  }

  async remove(name: string): Promise<void> {
    const sql = `DELETE FROM ${STORED} WHERE name = ?1`;
    await this.#store.write(
      { kind: 'delete', database: USERS_DATABASE, table: USERS_TABLE, sql, params: [name] },
      this.#options(),
    );
  }

  #options() {
    return { catalogVersion: this.#store.catalog.version, foreignKeyChecks: true };
  }

  #load(): void {
    if (!this.isKept) return;
    const sql = `SELECT name, native_hash, sha2_hash, role, databases FROM ${STORED}`;
    this.#accounts.replaceStored(this.#store.readInline({ kind: 'read', sql, params: [] }).map(userOf));
  }
}

function userOf([name = null, native = null, sha2 = null, role = null, databases = null]: StoreRow): User {
  const digests: PasswordDigests = { nativeHash: bytes(native), sha2Hash: bytes(sha2) };
  const named = Object.entries(JSON.parse(String(databases)) as Record<string, unknown>);
  const roles = named.filter((entry): entry is [string, Role] => isRole(entry[1]));
  return { name: String(name), digests, privileges: new Privileges(isRole(role) ? role : null, new Map(roles)) };
}

function bytes(value: StoreValue): Uint8Array | null {
  return value instanceof Uint8Array ? Buffer.from(value) : null;
}

function isRole(value: unknown): value is Role {
  return ROLES.includes(value as Role);
}
