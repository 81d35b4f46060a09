/** What the readers of a statement's tables (query-tables.ts, statement-tables.ts) have found so far. */
import type { Access } from '../statement-facts.ts';

export interface TableName {
  /** null: the session's. */
  readonly database: string | null;
  readonly name: string;
}

export interface UsedTable extends TableName {
  readonly access: Access;
}

/** A table where it is named. */
export interface TableMention {
  readonly table: TableName;
  readonly access: Access;
  /** In a list of tables: its first token, the first one behind its name, the name that it has there besides. null: anywhere else. */
  readonly place: { readonly first: number; readonly next: number; readonly alias: string | null } | null;
}

const RANK: Readonly<Record<Access, number>> = { read: 1, write: 2, admin: 3 };

export class FoundTables {
  readonly #tables = new Map<string, UsedTable>();
  readonly mentions: TableMention[] = [];
  /** Functions that it calls, in capitals; those of a database with a dot before them. */
  readonly calls: string[] = [];
  #unsure: string | null = null;
  #privilege: string | null = null;
  #reason: string | null = null;

  get tables(): readonly UsedTable[] {
    return [...this.#tables.values()];
  }

  /** Why the statement may use tables that were not found; null: it does not. */
  get unsure(): string | null {
    return this.#unsure;
  }

  /** MySQL's privilege that it needs besides those on its tables, as it reaches beyond them. */
  get privilege(): string | null {
    return this.#privilege;
  }

  /** Why it needs that, and what would do instead; null: it is plain from the privilege. */
  get reason(): string | null {
    return this.#reason;
  }

  /** `name` is `*`: the database as a whole. Of several uses the greatest counts. */
  add({ database, name }: TableName, access: Access, place: TableMention['place'] = null): void {
    this.mentions.push({ table: { database, name }, access, place });
    const key = JSON.stringify([database, name]);
    const known = this.#tables.get(key);
    if (known === undefined || RANK[known.access] < RANK[access]) this.#tables.set(key, { database, name, access });
  }

  /** `why`: as in "(...) may use other tables". The first reason counts. */
  doubt(why: string): void {
    this.#unsure ??= why;
  }

  needs(privilege: string, reason: string | null = null): void {
    if (this.#privilege !== null) return;
    this.#privilege = privilege;
    this.#reason = reason;
  }
}
