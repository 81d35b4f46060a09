/** The tables of definitions: CREATE, ALTER, DROP, RENAME, TRUNCATE of databases, tables, views, indexes and sequences. All others are an administrator's. */
import type { Access } from '../statement-facts.ts';
import type { FoundTables } from './found-tables.ts';
import type { QueryTables } from './query-tables.ts';
import type { StatementTokens } from './statement-tokens.ts';
import { QUERY_WORDS } from './statement-words.ts';

/** Engines whose tables are what they hold; others read files, other servers, or other tables. */
const ENGINES = new Set([
  'INNODB',
  'MYISAM',
  'ARIA',
  'MEMORY',
  'HEAP',
  'ARCHIVE',
  'NDB',
  'NDBCLUSTER',
  'ROCKSDB',
  'COLUMNSTORE',
]);
const BEFORE_TABLE = new Set([
  'OR',
  'REPLACE',
  'TEMPORARY',
  'ONLINE',
  'OFFLINE',
  'IGNORE',
  'UNIQUE',
  'FULLTEXT',
  'SPATIAL',
]);
const BEFORE_VIEW = new Set(['ALGORITHM', 'UNDEFINED', 'MERGE', 'TEMPTABLE', 'SQL', 'SECURITY', 'INVOKER', 'DEFINER']);
const BEFORE_NAME = ['IF', 'NOT', 'EXISTS'];

export class DefinitionTables {
  readonly #tokens: StatementTokens;
  readonly #found: FoundTables;
  readonly #queries: QueryTables;

  constructor(tokens: StatementTokens, found: FoundTables, queries: QueryTables) {
    this.#tokens = tokens;
    this.#found = found;
    this.#queries = queries;
  }

  /** false: it is none of these. */
  read(at: number): boolean {
    const tokens = this.#tokens;
    const verb = tokens.at(at)?.text ?? '';
    if (verb === 'TRUNCATE') return this.#list(tokens.isWord(at + 1, 'TABLE') ? at + 2 : at + 1, 'admin');
    if (verb === 'RENAME') return tokens.isWord(at + 1, 'TABLE', 'TABLES') && this.#renames(at + 2);
    if (verb !== 'CREATE' && verb !== 'ALTER' && verb !== 'DROP') return false;
    let what = at + 1;
    while (tokens.isWordOf(what, BEFORE_TABLE)) what++;
    const isTemporary = tokens.hasWord('TEMPORARY') && tokens.isWord(what - 1, 'TEMPORARY');
    const access: Access = isTemporary ? 'write' : 'admin';
    let name = what + 1;
    while (tokens.isWord(name, ...BEFORE_NAME)) name++;
    switch (tokens.at(what)?.text) {
      case 'DATABASE':
      case 'SCHEMA':
        return this.#database(name);
      case 'TABLE':
      case 'TABLES':
        if (verb === 'DROP') return this.#list(name, access);
        return verb === 'CREATE' ? this.#createTable(name, access) : this.#alterTable(name);
      case 'SEQUENCE':
        return verb === 'DROP' ? this.#list(name, access) : this.#one(name, access);
      case 'INDEX':
        return this.#index(name);
      case 'VIEW':
        return verb === 'DROP' ? this.#list(name, 'admin') : this.#view(name);
      default:
        return verb !== 'DROP' && this.#viewWithOptions(what);
    }
  }

  #database(at: number): boolean {
    const tokens = this.#tokens;
    // ALTER DATABASE CHARACTER SET ... is about the session's; as a name, `character` would be quoted.
    const isOwn = tokens.isWord(at, 'CHARACTER', 'COLLATE', 'DEFAULT');
    if (!tokens.isName(at) || tokens.isWord(at, 'CHARSET', 'COMMENT', 'ENCRYPTION', 'READ'))
      this.#found.doubt('a database of which it is not sure that it is named');
    this.#found.add({ database: isOwn ? null : (tokens.at(at)?.raw ?? ''), name: '*' }, 'admin');
    return true;
  }

  /** Names with commas between them. */
  #list(from: number, access: Access): boolean {
    for (let at = from; ; at++) {
      const name = this.#queries.nameAt(at);
      if (name === null) {
        this.#found.doubt('a list of names that is not understood');
        return true;
      }
      this.#found.add(name.table, access);
      at = name.next;
      if (!this.#tokens.isOperator(at, ',')) return true;
    }
  }

  /** Returns the position behind it, 0 where it is not there. */
  #named(at: number, access: Access): number {
    const name = this.#queries.nameAt(at);
    if (name === null) {
      this.#found.doubt('a name that is not understood');
      return 0;
    }
    this.#found.add(name.table, access);
    return name.next;
  }

  #one(at: number, access: Access): boolean {
    this.#named(at, access);
    return true;
  }

  #renames(from: number): boolean {
    const tokens = this.#tokens;
    let at = from;
    while (tokens.isWord(at, 'IF', 'EXISTS')) at++;
    for (;;) {
      const to = this.#named(at, 'admin');
      if (to === 0) return true;
      let behind = to;
      while (behind < tokens.length && !tokens.isWord(behind, 'TO')) behind++;
      at = this.#named(behind + 1, 'admin');
      if (at === 0 || !tokens.isOperator(at, ',')) return true;
      at++;
    }
  }

  #createTable(from: number, access: Access): boolean {
    const tokens = this.#tokens;
    const behind = this.#named(from, access);
    if (behind === 0) return true;
    const isLike =
      tokens.isWord(behind, 'LIKE') || (tokens.isOperator(behind, '(') && tokens.isWord(behind + 1, 'LIKE'));
    if (isLike) return this.#one(tokens.isWord(behind, 'LIKE') ? behind + 1 : behind + 2, 'read');
    const query = this.#queryIn(behind);
    this.#definition(behind, query);
    if (query < tokens.length) this.#queries.level(query, tokens.length);
    return true;
  }

  /** Where the query of CREATE TABLE ... SELECT begins. */
  #queryIn(from: number): number {
    const tokens = this.#tokens;
    for (let at = from; at < tokens.length; at++) {
      if (tokens.isOperator(at, '(')) {
        let inner = at;
        while (tokens.isOperator(inner, '(')) inner++;
        if (tokens.isWordOf(inner, QUERY_WORDS)) return at;
        at = tokens.closingOf(at);
      } else if (tokens.isWord(at, 'SELECT', 'TABLE')) return at;
      else if (tokens.isWord(at, 'WITH') && tokens.isWord(at + 1, 'RECURSIVE')) return at;
      else if (tokens.isWord(at, 'WITH') && (tokens.isWord(at + 2, 'AS') || tokens.isOperator(at + 2, '('))) return at;
      else if (tokens.isWord(at, 'VALUES') && !tokens.isWord(at + 1, 'LESS', 'IN')) return at;
    }
    return tokens.length;
  }

  /** Columns, keys and options: what in them reaches beyond the table. */
  #definition(from: number, to: number): void {
    const tokens = this.#tokens;
    for (let at = from; at < to; at++) {
      if (tokens.isOperator(at - 1, '.')) continue;
      if (tokens.isWord(at, 'REFERENCES')) this.#named(at + 1, 'read');
      else if (tokens.isWord(at, 'ENGINE', 'TYPE') && tokens.at(at)?.depth === 0) this.#engine(at);
      else if (tokens.isWord(at, 'DIRECTORY')) this.#found.needs('FILE');
      else if (tokens.isWord(at, 'CONNECTION', 'TABLESPACE') && tokens.at(at)?.depth === 0) this.#found.needs('SUPER');
      else if (tokens.isWord(at, 'UNION', 'SELECT')) this.#found.doubt(`${tokens.at(at)?.text} in a definition`);
    }
  }

  #engine(at: number): void {
    const tokens = this.#tokens;
    const engine = tokens.isOperator(at + 1, '=') ? at + 2 : at + 1;
    const name = tokens.at(engine)?.raw.toUpperCase() ?? '';
    // The name of a column, in ALTER TABLE.
    if (tokens.isWord(at - 1, 'ADD', 'COLUMN', 'MODIFY', 'CHANGE', 'DROP', 'AFTER')) return;
    if (tokens.isWord(at, 'TYPE') && !tokens.isOperator(at + 1, '=')) return;
    if (!ENGINES.has(name)) this.#found.needs('SUPER');
  }

  #alterTable(from: number): boolean {
    const tokens = this.#tokens;
    const behind = this.#named(from, 'admin');
    if (behind === 0) return true;
    this.#definition(behind, tokens.length);
    for (let at = behind; at < tokens.length; at++) {
      if (tokens.at(at)?.depth !== 0 || tokens.isOperator(at - 1, '.')) continue;
      // EXCHANGE PARTITION p WITH TABLE t, CONVERT TABLE t TO PARTITION p, CONVERT PARTITION p TO TABLE t
      if (tokens.isWord(at, 'TABLE')) this.#named(at + 1, 'admin');
      if (tokens.isWord(at, 'RENAME') && !tokens.isWord(at + 1, 'COLUMN', 'INDEX', 'KEY')) {
        const isBehind = tokens.isWord(at + 1, 'TO', 'AS') || tokens.isOperator(at + 1, '=');
        this.#named(isBehind ? at + 2 : at + 1, 'admin');
      }
    }
    return true;
  }

  /** CREATE INDEX i ON t, DROP INDEX i ON t */
  #index(from: number): boolean {
    const tokens = this.#tokens;
    for (let at = from; at < tokens.length; at++)
      if (tokens.isWord(at, 'ON') && !tokens.isOperator(at - 1, '.') && tokens.at(at)?.depth === 0)
        return this.#one(at + 1, 'admin');
    this.#found.doubt('an index without a table');
    return true;
  }

  #view(from: number): boolean {
    const tokens = this.#tokens;
    const behind = this.#named(from, 'admin');
    if (behind === 0) return true;
    const as = tokens.isOperator(behind, '(') ? tokens.closingOf(behind) + 1 : behind;
    if (!tokens.isWord(as, 'AS')) this.#found.doubt('a view of a form that is not understood');
    this.#queries.level(as + 1, tokens.length);
    return true;
  }

  /** CREATE ALGORITHM = MERGE SQL SECURITY INVOKER VIEW v AS ...; a view of another definer has that one's rights. */
  #viewWithOptions(from: number): boolean {
    const tokens = this.#tokens;
    let at = from;
    while (tokens.isWordOf(at, BEFORE_VIEW) || tokens.isOperator(at, '=')) {
      if (tokens.isWord(at, 'DEFINER') && tokens.isOperator(at + 1, '=')) this.#found.needs('SUPER');
      at++;
    }
    if (!tokens.isWord(at, 'VIEW')) return this.#found.privilege !== null && tokens.hasWord('VIEW');
    let name = at + 1;
    while (tokens.isWord(name, ...BEFORE_NAME)) name++;
    return this.#view(name);
  }
}
