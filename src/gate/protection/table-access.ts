/**
 * Table access: who may read, write and define the tables of a group, beyond what roles say. Groups name tables or prefixes of them and may not overlap, so
 * one group at most speaks of a table; tables that no group names are as roles say. Dry run: what would be refused is counted and told, and goes on.
 */
import { failure } from '../../errors.ts';
import type { Access, StatementFacts, TableUse } from '../statement-facts.ts';
import { SettingsError, SettingsReader } from './settings-reader.ts';
import { TablePattern } from './table-pattern.ts';

interface Group {
  readonly name: string;
  readonly patterns: readonly TablePattern[];
  /** Who may do the one may do what is less. `*` is anyone. */
  readonly may: Readonly<Record<Access, ReadonlySet<string>>>;
  refused: number;
}

const KEYS = ['name', 'tables', 'readers', 'writers', 'admins'];
const VERB: Readonly<Record<Access, string>> = { read: 'SELECT', write: 'INSERT, UPDATE, DELETE', admin: 'ALTER' };

export type AccessFacts = Pick<StatementFacts, 'tables' | 'user' | 'host'>;

export class TableAccess {
  readonly #onDryRun: (group: string, facts: AccessFacts) => void;
  #groups: Group[] = [];
  dryRun = false;

  /** `onDryRun`: a statement goes on that would have been refused. */
  constructor(onDryRun: (group: string, facts: AccessFacts) => void) {
    this.#onDryRun = onDryRun;
  }

  get isEmpty(): boolean {
    return this.#groups.length === 0;
  }

  /** Throws SettingsError, and then nothing has changed. */
  replace(given: unknown): void {
    this.#groups = readGroups(given);
  }

  /** Throws 1142. */
  check(facts: AccessFacts): void {
    for (const use of facts.tables) this.#checkUse(use, facts);
  }

  statistics(): { name: string; tables: string[]; refused: number }[] {
    return this.#groups.map(({ name, patterns, refused }) => ({
      name,
      tables: patterns.map(({ text }) => text),
      refused,
    }));
  }

  #checkUse({ database, table, access }: TableUse, facts: AccessFacts): void {
    for (const group of this.#groups) {
      if (!group.patterns.some((pattern) => pattern.matches(database, table))) continue;
      if (group.may[access].has(facts.user) || group.may[access].has('*')) continue;
      group.refused++;
      if (!this.dryRun)
        throw failure('ER_TABLEACCESS_DENIED_ERROR', VERB[access], facts.user, facts.host, `${database}.${table}`);
      this.#onDryRun(group.name, facts);
    }
  }
}

/** Throws SettingsError. */
export function readGroups(given: unknown): Group[] {
  if (!Array.isArray(given))
    throw new SettingsError('table_access: write each group as a table of its own, [[table_access]]');
  const groups = given.map((values, i) => readGroup(values, i + 1));
  groups.forEach((group, i) => {
    for (const other of groups.slice(0, i)) refuseOverlap(other, group);
  });
  return groups;
}

function readGroup(values: unknown, number: number): Group {
  const given = (values as { name?: unknown } | null)?.name;
  const where =
    typeof given === 'string' && given !== ''
      ? `table_access ${JSON.stringify(given)}`
      : `table_access number ${number}`;
  const reader = new SettingsReader(values, where, KEYS);
  const name = reader.text('name');
  const tables = reader.texts('tables');
  if (name === undefined) throw reader.wrong('name', 'is missing');
  if (tables === undefined) throw reader.wrong('tables', 'is missing');
  const patterns = reader.made('tables', () => tables.map((text) => new TablePattern(text)));
  const admins = reader.texts('admins') ?? [];
  const writers = [...(reader.texts('writers') ?? []), ...admins];
  const readers = [...(reader.texts('readers') ?? []), ...writers];
  return {
    name,
    patterns,
    may: { read: new Set(readers), write: new Set(writers), admin: new Set(admins) },
    refused: 0,
  };
}

function refuseOverlap(group: Group, other: Group): void {
  if (group.name === other.name) throw new SettingsError(`table_access ${JSON.stringify(group.name)} is there twice`);
  for (const pattern of group.patterns)
    for (const second of other.patterns)
      if (pattern.overlaps(second))
        throw new SettingsError(
          `table_access ${JSON.stringify(other.name)}: ${second.text} overlaps ${pattern.text} of ${JSON.stringify(group.name)}`,
        );
}
