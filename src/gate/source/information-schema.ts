/**
 * information_schema for users who may not see all of it. To the source all clients are one user, so it would show them everything; here each of its tables in a
 * list of tables becomes a derived table of the rows that the user may see, under the same name: `FROM information_schema.tables t` is sent as
 * `FROM (SELECT * FROM information_schema.TABLES WHERE TABLE_SCHEMA IN (X'...')) t`. As everywhere in front of a source, what is not sure is left as it is, and
 * refused then (rights.ts): statements that do more than read, tables that are named anywhere but in a list of tables, tables of which it is not known whose rows are whose.
 */
import type { SyntaxOptions } from '../../sql/syntax/sql-mode.ts';
import type { SourceSchema } from '../../stores/mysql/schema.ts';
import type { Privileges } from '../accounts/privileges.ts';
import { seesDatabase } from './databases.ts';
import { hasExecutableComments } from './executable-comments.ts';
import type { TableMention } from './found-tables.ts';
import { tablesOf } from './statement-tables.ts';
import { StatementTokens } from './statement-tokens.ts';

export const INFORMATION_SCHEMA = 'information_schema';

/** Of a table: the column that says whose rows they are, and for whom of that database. */
interface Filter {
  readonly column: string;
  readonly shows: 'to all' | 'to administrators';
}

const toAll = (column: string): Filter => ({ column, shows: 'to all' });
const toAdministrators = (column: string): Filter => ({ column, shows: 'to administrators' });

/** In capitals. What SHOW TRIGGERS and its like show is of who administers the database, so it is here. */
const FILTERS: ReadonlyMap<string, Filter> = new Map([
  ['CHECK_CONSTRAINTS', toAll('CONSTRAINT_SCHEMA')],
  ['COLUMNS', toAll('TABLE_SCHEMA')],
  ['EVENTS', toAdministrators('EVENT_SCHEMA')],
  ['KEY_COLUMN_USAGE', toAll('TABLE_SCHEMA')],
  ['PARAMETERS', toAdministrators('SPECIFIC_SCHEMA')],
  ['PARTITIONS', toAll('TABLE_SCHEMA')],
  ['REFERENTIAL_CONSTRAINTS', toAll('CONSTRAINT_SCHEMA')],
  ['ROUTINES', toAdministrators('ROUTINE_SCHEMA')],
  ['SCHEMATA', toAll('SCHEMA_NAME')],
  ['STATISTICS', toAll('TABLE_SCHEMA')],
  ['TABLES', toAll('TABLE_SCHEMA')],
  ['TABLE_CONSTRAINTS', toAll('TABLE_SCHEMA')],
  ['TRIGGERS', toAdministrators('TRIGGER_SCHEMA')],
  ['VIEWS', toAll('TABLE_SCHEMA')],
]);
const ALL_ROWS = '18446744073709551615';
const QUERIES = ['SELECT', 'WITH'];

/** Its rows are shown as far as they are the user's. */
export function isFiltered(table: string): boolean {
  return FILTERS.has(table.toUpperCase());
}

/** What a user may see of a source, and what decides how that is asked. */
export interface View {
  readonly privileges: Privileges;
  readonly schema: SourceSchema;
  /** As the source says it. */
  readonly serverVersion: string;
}

/**
 * The text with each table of information_schema cut down to what the user may see; null: there is none, or not surely only such as can be.
 * `database`: the session's.
 */
export function filteredText(text: string, syntax: SyntaxOptions, database: string | null, view: View): string | null {
  const mayMean = isInformationSchema(database) || text.toLowerCase().includes(INFORMATION_SCHEMA);
  if (!mayMean || hasExecutableComments(text)) return null;
  const tokens = new StatementTokens(text, syntax);
  if (!tokens.isOperator(0, '(') && !tokens.isWord(0, ...QUERIES)) return null;
  const found = tablesOf(tokens);
  const isMeant = ({ table }: TableMention): boolean => isInformationSchema(table.database ?? database);
  const meant = found.mentions.filter((mention) => isMeant(mention) && FILTERS.has(mention.table.name.toUpperCase()));
  const isSure =
    found.unsure === null &&
    found.privilege === null &&
    found.mentions.every(({ access }) => access === 'read') &&
    meant.every(({ place }) => place !== null);
  if (!isSure || meant.length === 0) return null;
  const changes = meant.map((mention) => derived(mention, tokens, text, view));
  return withChanges(text, [...changes, ...longNames(tokens)]);
}

interface Change {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

function derived({ table, place }: TableMention, tokens: StatementTokens, text: string, view: View): Change {
  const name = table.name.toUpperCase();
  const filter = FILTERS.get(name) as Filter;
  const { first, next, alias } = place as NonNullable<TableMention['place']>;
  const from = tokens.at(first)?.start ?? 0;
  const last = tokens.at(next - 1);
  const to = last?.end ?? 0;
  // As bytes: no mode and no character set changes what they mean.
  const shown = databasesOf(filter, view).map((database) => `X'${Buffer.from(database).toString('hex')}'`);
  const query = `(SELECT * FROM ${INFORMATION_SCHEMA}.${name} WHERE ${filter.column} IN (${shown.join(', ')})${endOf(view)})`;
  return { from, to, text: alias === null ? `${query} AS ${text.slice(last?.start, to)}` : query };
}

/**
 * MariaDB and MySQL 5 name a column of information_schema in the letters of the statement, MySQL 8 in its own, and so it is with derived tables that are kept apart and those that
 * are merged into the query. A LIMIT keeps them apart.
 */
function endOf({ serverVersion }: View): string {
  return /mariadb/i.test(serverVersion) || serverVersion.startsWith('5.') ? ` LIMIT ${ALL_ROWS}` : '';
}

/** A column's name with the database before it: a derived table is in none. */
function longNames(tokens: StatementTokens): Change[] {
  const changes: Change[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const isLong =
      tokens.isName(at) &&
      !tokens.isOperator(at - 1, '.') &&
      isInformationSchema(tokens.at(at)?.raw ?? null) &&
      tokens.isOperator(at + 1, '.') &&
      isFiltered(tokens.at(at + 2)?.raw ?? '') &&
      tokens.isOperator(at + 3, '.');
    if (isLong) changes.push({ from: tokens.at(at)?.start ?? 0, to: tokens.at(at + 2)?.start ?? 0, text: '' });
  }
  return changes;
}

/** Its own rows are everybody's. */
function databasesOf({ shows }: Filter, { privileges, schema }: View): readonly string[] {
  const names = new Set([INFORMATION_SCHEMA]);
  const isShown = (name: string): boolean =>
    seesDatabase(privileges, name) &&
    (shows === 'to all' || privileges.allows({ database: name, table: '*', access: 'admin' }));
  for (const name of [...schema.databases, ...privileges.databases.keys()]) if (isShown(name)) names.add(name);
  return [...names];
}

function withChanges(text: string, changes: readonly Change[]): string {
  const inOrder = [...changes].sort((a, b) => a.from - b.from);
  let changed = '';
  let at = 0;
  for (const change of inOrder) {
    changed += text.slice(at, change.from) + change.text;
    at = change.to;
  }
  return changed + text.slice(at);
}

function isInformationSchema(database: string | null): boolean {
  return database !== null && database.toLowerCase() === INFORMATION_SCHEMA;
}
