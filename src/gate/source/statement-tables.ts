/**
 * Which tables a statement uses, and how: by its first words, then by query-tables.ts for the queries in it. A statement that is not known here, or that
 * can reach beyond the tables that it names (files, other sessions, code on the source), is noted as such: an administrator's.
 */
import type { Access } from '../statement-facts.ts';
import { DefinitionTables } from './definition-tables.ts';
import { FoundTables } from './found-tables.ts';
import { QueryTables, type TableReference } from './query-tables.ts';
import { readShow } from './show-tables.ts';
import type { StatementTokens } from './statement-tokens.ts';
import { NO_TABLES } from './statement-words.ts';

const MODIFIERS = new Set(['LOW_PRIORITY', 'HIGH_PRIORITY', 'DELAYED', 'QUICK', 'IGNORE']);
const DML = new Set(['INSERT', 'REPLACE', 'UPDATE', 'DELETE']);
/** They use no table, and change nothing beyond their own session. */
const HARMLESS = new Set(['BEGIN', 'COMMIT', 'ROLLBACK', 'SAVEPOINT', 'RELEASE', 'UNLOCK', 'USE', 'KILL', 'HELP']);
/** What maintenance does to a table. */
const MAINTENANCE: Readonly<Record<string, Access>> = {
  CHECK: 'read',
  CHECKSUM: 'read',
  ANALYZE: 'write',
  OPTIMIZE: 'write',
  REPAIR: 'write',
};
/** MySQL's privileges for what is an administrator's. */
const PRIVILEGES: Readonly<Record<string, string>> = {
  CALL: 'EXECUTE',
  LOAD: 'FILE',
  GRANT: 'GRANT OPTION',
  REVOKE: 'GRANT OPTION',
  FLUSH: 'RELOAD',
  RESET: 'RELOAD',
  PURGE: 'SUPER',
  SHUTDOWN: 'SHUTDOWN',
};
const BLOCK = 'what code does to which tables cannot be told; send its statements themselves';
const PREPARED =
  'what a statement prepared in SQL does is not seen when it is executed; have the driver prepare it (COM_STMT_PREPARE), or send its text';
/** Why some are an administrator's though they may do nothing but what their user may do, and what would do instead. */
const REASONS: Readonly<Record<string, string>> = {
  CALL: BLOCK,
  PREPARE: PREPARED,
  EXECUTE: PREPARED,
  DEALLOCATE: PREPARED,
  HANDLER: 'what it reads is not seen when it reads; use SELECT with ORDER BY and LIMIT',
  XA: 'a transaction of XA can outlast its session and every limit; use BEGIN and COMMIT',
  LOAD: 'it reads files; use INSERT',
};
const ANY_STATEMENT = 'SUPER';

export function tablesOf(tokens: StatementTokens): FoundTables {
  const found = new FoundTables();
  if (!tokens.isBalanced) found.doubt('parentheses that do not match');
  new Statement(tokens, found).read(0);
  return found;
}

class Statement {
  readonly #tokens: StatementTokens;
  readonly #found: FoundTables;
  readonly #queries: QueryTables;

  constructor(tokens: StatementTokens, found: FoundTables) {
    this.#tokens = tokens;
    this.#found = found;
    this.#queries = new QueryTables(tokens, found);
  }

  /** The statement that begins there. */
  read(at: number): void {
    const tokens = this.#tokens;
    const end = tokens.length;
    const verb = tokens.isName(at) ? (tokens.at(at)?.text ?? '') : '';
    if (tokens.isOperator(at, '(')) this.#queries.level(at, end);
    else if (!tokens.isWord(at, verb)) this.#found.needs(ANY_STATEMENT);
    else if (DML.has(verb)) this.#dml(at);
    else if (verb === 'WITH') this.#withStatement(at);
    else if (verb === 'SELECT' || verb === 'VALUES' || verb === 'TABLE') this.#queries.level(at, end);
    else if (verb === 'DO') this.#queries.level(at + 1, end);
    else if (verb === 'SET') this.#set(at);
    else if (verb === 'SHOW') readShow(tokens, at, this.#queries, this.#found);
    else if (verb === 'DESCRIBE' || verb === 'DESC' || verb === 'EXPLAIN') this.#explain(at);
    else if (verb === 'START' && tokens.isWord(at + 1, 'TRANSACTION')) return;
    else if (HARMLESS.has(verb)) this.#harmless(at);
    else if (verb === 'LOCK') this.#lock(at);
    else if (Object.hasOwn(MAINTENANCE, verb)) this.#maintenance(at, MAINTENANCE[verb] as Access);
    else if (new DefinitionTables(tokens, this.#found, this.#queries).read(at)) return;
    else this.#found.needs(PRIVILEGES[verb] ?? ANY_STATEMENT, REASONS[verb] ?? null);
  }

  #harmless(at: number): void {
    // BEGIN NOT ATOMIC is a block of statements.
    if (this.#tokens.isWord(at + 1, 'NOT')) this.#found.needs('EXECUTE', BLOCK);
    else this.#queries.level(at + 1, this.#tokens.length);
  }

  /** SET STATEMENT a = 1 FOR statement is another one. */
  #set(at: number): void {
    if (this.#tokens.isWord(at + 1, 'STATEMENT')) this.#found.needs(ANY_STATEMENT);
    else this.#queries.level(at + 1, this.#tokens.length);
  }

  #withStatement(at: number): void {
    const tokens = this.#tokens;
    const read = this.#queries.with(at);
    if (read === null) this.#found.doubt('WITH of a form that is not understood');
    const body = read?.next ?? at + 1;
    if (tokens.isWordOf(body, DML)) this.#dml(body, read?.scope);
    else this.#queries.level(body, tokens.length, read?.scope);
  }

  #dml(at: number, scope?: ReadonlySet<string>): void {
    const tokens = this.#tokens;
    let behind = at + 1;
    while (tokens.isWordOf(behind, MODIFIERS)) behind++;
    if (tokens.isWord(at, 'UPDATE')) this.#update(behind, scope);
    else if (tokens.isWord(at, 'DELETE')) this.#delete(behind, scope);
    else this.#insert(tokens.isWord(behind, 'INTO') ? behind + 1 : behind);
  }

  #insert(at: number): void {
    const name = this.#queries.nameAt(at);
    if (name === null) {
      this.#found.doubt('INSERT without a table');
      return;
    }
    this.#found.add(name.table, 'write');
    let behind = name.next;
    const tokens = this.#tokens;
    if (tokens.isWord(behind, 'PARTITION') && tokens.isOperator(behind + 1, '('))
      behind = tokens.closingOf(behind + 1) + 1;
    this.#queries.level(behind, tokens.length);
  }

  #update(at: number, scope?: ReadonlySet<string>): void {
    const tokens = this.#tokens;
    const { next, references } = this.#queries.references(at, tokens.length, scope);
    if (!tokens.isWord(next, 'SET')) this.#found.doubt('UPDATE of a form that is not understood');
    for (const { table } of this.#assigned(next + 1, references)) this.#found.add(table, 'write');
    this.#queries.level(next + 1, tokens.length, scope);
  }

  /** Whose columns SET names; all of them where it does not say. */
  #assigned(from: number, references: readonly TableReference[]): readonly TableReference[] {
    const tokens = this.#tokens;
    const targets: TableReference[] = [];
    let isColumn = true;
    for (let at = from; at < tokens.length; at++) {
      const seen = tokens.at(at);
      if (seen?.depth !== 0) continue;
      if (tokens.isWord(at, 'WHERE', 'ORDER', 'LIMIT', 'RETURNING')) break;
      if (isColumn) {
        const target = this.#targetAt(at, references);
        if (target === null) return references;
        targets.push(target);
      }
      isColumn = tokens.isOperator(at, ',');
    }
    return targets.length === 0 ? references : targets;
  }

  /** The table of `a.column` or `db.a.column`. */
  #targetAt(at: number, references: readonly TableReference[]): TableReference | null {
    if (references.length === 1) return references[0] ?? null;
    const name = this.#queries.nameAt(at);
    if (name === null) return null;
    const { database, name: last } = name.table;
    const isLong = this.#tokens.isOperator(name.next, '.');
    return isLong ? this.#spokenOf(last, references) : database === null ? null : this.#spokenOf(database, references);
  }

  /** The only reference that goes by that name. */
  #spokenOf(name: string, references: readonly TableReference[]): TableReference | null {
    const wanted = name.toLowerCase();
    const meant = references.filter(({ alias, table }) => (alias ?? table.name).toLowerCase() === wanted);
    return meant.length === 1 ? (meant[0] ?? null) : null;
  }

  #delete(at: number, scope?: ReadonlySet<string>): void {
    const tokens = this.#tokens;
    if (tokens.isWord(at, 'HISTORY')) this.#found.needs('DELETE HISTORY');
    // DELETE a, b FROM ...; DELETE FROM a, b USING ...; DELETE FROM a WHERE ...
    const first = tokens.isWord(at, 'FROM') ? at + 1 : at;
    const targets: string[] = [];
    let behind = first;
    for (;;) {
      const target = this.#deletedAt(behind);
      if (target === null) {
        this.#found.doubt('DELETE without a table');
        return;
      }
      targets.push(target.name);
      behind = target.next;
      if (!tokens.isOperator(behind, ',')) break;
      behind++;
    }
    const isMulti = first === at || tokens.isWord(behind, 'USING');
    if (isMulti && !tokens.isWord(behind, 'FROM', 'USING'))
      this.#found.doubt('DELETE of a form that is not understood');
    const { next, references } = this.#queries.references(isMulti ? behind + 1 : first, tokens.length, scope);
    const meant = isMulti ? targets.map((name) => this.#spokenOf(name, references)) : references;
    const isKnown = meant.every((target) => target !== null);
    for (const { table } of isKnown ? meant : references) this.#found.add(table, 'write');
    this.#queries.level(next, tokens.length, scope);
  }

  /** `t`, `db.t`, `t.*`, `db.t.*` */
  #deletedAt(index: number): { readonly name: string; readonly next: number } | null {
    const tokens = this.#tokens;
    if (!tokens.isName(index) || tokens.isWordOf(index, NO_TABLES)) return null;
    let at = index;
    for (;;) {
      const name = tokens.at(at)?.raw ?? '';
      if (!tokens.isOperator(at + 1, '.')) return { name, next: at + 1 };
      if (tokens.isOperator(at + 2, '*')) return { name, next: at + 3 };
      if (!tokens.isName(at + 2)) return null;
      at += 2;
    }
  }

  #explain(at: number): void {
    const tokens = this.#tokens;
    let behind = at + 1;
    while (tokens.isWord(behind, 'EXTENDED', 'PARTITIONS', 'ANALYZE', 'FORMAT')) {
      if (tokens.isWord(behind, 'FORMAT')) behind += tokens.isOperator(behind + 1, '=') ? 2 : 1;
      behind++;
    }
    if (tokens.isWord(behind, 'FOR', 'INTO')) {
      this.#found.needs('PROCESS');
      return;
    }
    const isStatement =
      tokens.isOperator(behind, '(') || tokens.isWord(behind, 'SELECT', 'WITH', 'VALUES', 'TABLE', ...DML);
    if (isStatement) {
      this.read(behind);
      return;
    }
    const name = this.#queries.nameAt(behind);
    if (name === null) this.#found.doubt('EXPLAIN of a form that is not understood');
    else {
      this.#found.add(name.table, 'read');
      this.#queries.level(name.next, tokens.length);
    }
  }

  #lock(at: number): void {
    const tokens = this.#tokens;
    if (!tokens.isWord(at + 1, 'TABLES', 'TABLE')) {
      this.#found.needs('RELOAD');
      return;
    }
    let behind = at + 1;
    do {
      const name = this.#queries.nameAt(behind + 1);
      if (name === null) {
        this.#found.doubt('LOCK TABLES of a form that is not understood');
        return;
      }
      behind = name.next;
      let access: Access = 'read';
      for (; behind < tokens.length && !tokens.isOperator(behind, ','); behind++)
        if (tokens.isWord(behind, 'WRITE')) access = 'write';
      this.#found.add(name.table, access);
    } while (tokens.isOperator(behind, ','));
  }

  #maintenance(at: number, access: Access): void {
    const tokens = this.#tokens;
    let behind = at + 1;
    while (tokens.isWord(behind, 'NO_WRITE_TO_BINLOG', 'LOCAL')) behind++;
    if (!tokens.isWord(behind, 'TABLE', 'TABLES', 'VIEW')) {
      // MariaDB's ANALYZE [FORMAT=JSON] statement.
      if (tokens.isWord(at, 'ANALYZE')) this.#explain(at);
      else this.#found.needs(ANY_STATEMENT);
      return;
    }
    do {
      const name = this.#queries.nameAt(behind + 1);
      if (name === null) {
        this.#found.doubt('a list of tables that is not understood');
        return;
      }
      this.#found.add(name.table, access);
      behind = name.next;
    } while (tokens.isOperator(behind, ','));
    this.#queries.level(behind, tokens.length);
  }
}
