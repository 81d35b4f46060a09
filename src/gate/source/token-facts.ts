/**
 * What the gate must know of a statement before it sends it on to the source, found from its tokens alone: no grammar of ours has to know everything
 * that a MySQL server understands. Where tokens leave a doubt, the answer is the one that costs more and cannot be wrong: not shared, not cut short,
 * run where statements that write run.
 */
import { SluiceError } from '../../errors.ts';
import { Lexer } from '../../sql/syntax/lexer.ts';
import type { SyntaxOptions } from '../../sql/syntax/sql-mode.ts';
import * as token from '../../sql/syntax/tokens.ts';
import { isDeterministic, isVolatile } from './deterministic-functions.ts';

export type StatementKind =
  | 'select'
  /** SHOW, DESCRIBE, EXPLAIN and their like. */
  | 'show'
  | 'write'
  | 'ddl'
  | 'begin'
  | 'commit'
  | 'rollback'
  /** SAVEPOINT, ROLLBACK TO, RELEASE SAVEPOINT. */
  | 'savepoint'
  | 'set'
  | 'use'
  | 'kill'
  | 'processlist'
  | 'warnings'
  | 'call'
  /** What leaves something on its connection: PREPARE, LOCK TABLES, HANDLER, XA, FLUSH ... WITH READ LOCK. */
  | 'keep'
  /** UNLOCK TABLES, DEALLOCATE PREPARE. */
  | 'drop'
  | 'other';

export interface TableName {
  /** null: the session's. */
  readonly database: string | null;
  readonly name: string;
}

export interface TokenFacts {
  readonly kind: StatementKind;
  /** The first word, in capitals. */
  readonly verb: string;
  /** Tables that words like FROM and UPDATE stand before. Names of common table expressions are among them. */
  readonly tables: readonly TableName[];
  /** There are no others. Lists in parentheses, and behind a condition or a hint, are not followed. */
  readonly tablesAreAll: boolean;
  /** A name behind FROM, INTO and the like: the statement reads or writes rows. */
  readonly touchesTables: boolean;
  /** Of the functions that depend on what the session did before. */
  readonly sessionFunctions: ReadonlySet<SessionFunction>;
  readonly calculatesFoundRows: boolean;
  readonly lockFunctions: ReadonlySet<'GET_LOCK' | 'RELEASE_LOCK' | 'RELEASE_ALL_LOCKS'>;
  /** Names of user variables that it gives values to. */
  readonly assigned: readonly string[];
  readonly readsUserVariables: boolean;
  /** CREATE TEMPORARY TABLE. */
  readonly createsTemporary: TableName | null;
  /** DROP [TEMPORARY] TABLE. */
  readonly dropsTables: readonly TableName[];
  /** Behind PREPARE, DEALLOCATE PREPARE, USE. */
  readonly name: string | null;
  /** LIMIT may be put behind its last token without changing what it means. */
  readonly takesLimit: boolean;
  /** Equal texts at the same time have equal answers. */
  readonly isDeterministic: boolean;
  /** It calls functions that are not MySQL's own: they may do anything to their connection. */
  readonly callsUnknown: boolean;
  /** SELECT ... FOR UPDATE and the like. */
  readonly locksRows: boolean;
  /** mysqldump's own SELECT, whose result has no limit. */
  readonly isDump: boolean;
  readonly hints: StatementHints;
  /** Of an INSERT ... (columns) VALUES; null where they are not named or it is another form. */
  readonly insertColumns: readonly string[] | null;
}

export interface StatementHints {
  readonly maxRows: number | null;
  readonly maxExecutionMs: number | null;
}

export type SessionFunction = 'LAST_INSERT_ID' | 'ROW_COUNT' | 'FOUND_ROWS' | 'CONNECTION_ID';

const SESSION_FUNCTIONS = new Set<string>(['LAST_INSERT_ID', 'ROW_COUNT', 'FOUND_ROWS', 'CONNECTION_ID']);
const LOCK_FUNCTIONS = new Set<string>(['GET_LOCK', 'RELEASE_LOCK', 'RELEASE_ALL_LOCKS']);
const BEFORE_TABLES = new Set(['FROM', 'JOIN', 'INTO', 'UPDATE', 'TABLE', 'STRAIGHT_JOIN']);
/** What may stand between such a word and the table's name. */
const PASSED_OVER = new Set([
  'LOW_PRIORITY',
  'IGNORE',
  'QUICK',
  'IF',
  'NOT',
  'EXISTS',
  'ONLY',
  'DELAYED',
  'HIGH_PRIORITY',
]);
/** At the outermost level these end what LIMIT could follow. */
const NO_LIMIT_BEHIND = new Set(['LIMIT', 'FOR', 'LOCK', 'INTO', 'PROCEDURE', 'FETCH', 'OFFSET', 'ROWS']);
const NO_CALLS = new Set([
  'IN',
  'VALUES',
  'VALUE',
  'AND',
  'OR',
  'NOT',
  'EXISTS',
  'ON',
  'USING',
  'AS',
  'SELECT',
  'FROM',
  'WHERE',
  'BY',
  'KEY',
  'INDEX',
  'OVER',
  'THEN',
  'ELSE',
  'WHEN',
  'CASE',
  'XOR',
  'LIKE',
  'BETWEEN',
  'IS',
  'DISTINCT',
  'ALL',
  'ANY',
  'SOME',
  'UNION',
  'EXCEPT',
  'INTERSECT',
  'HAVING',
  'JOIN',
  'SET',
  'INTERVAL',
  'CHAR',
  'PARTITION',
  'BINARY',
  'DIV',
  'MOD',
  'REGEXP',
  'RLIKE',
  'RETURN',
  'LIMIT',
  'WITH',
  'RECURSIVE',
  'ROW',
]);

const KINDS: Readonly<Record<string, StatementKind>> = {
  SELECT: 'select',
  WITH: 'select',
  VALUES: 'select',
  TABLE: 'select',
  SHOW: 'show',
  DESCRIBE: 'show',
  DESC: 'show',
  EXPLAIN: 'show',
  HELP: 'show',
  CHECKSUM: 'show',
  DO: 'select',
  INSERT: 'write',
  UPDATE: 'write',
  DELETE: 'write',
  REPLACE: 'write',
  LOAD: 'write',
  CREATE: 'ddl',
  ALTER: 'ddl',
  DROP: 'ddl',
  RENAME: 'ddl',
  TRUNCATE: 'ddl',
  BEGIN: 'begin',
  COMMIT: 'commit',
  ROLLBACK: 'rollback',
  SAVEPOINT: 'savepoint',
  RELEASE: 'savepoint',
  SET: 'set',
  USE: 'use',
  KILL: 'kill',
  CALL: 'call',
  LOCK: 'keep',
  PREPARE: 'keep',
  HANDLER: 'keep',
  XA: 'keep',
  UNLOCK: 'drop',
  DEALLOCATE: 'drop',
};

/** Throws what the lexer does where the text has no tokens: the source would say the same in its words. */
export function factsOf(text: string, syntax: SyntaxOptions): TokenFacts {
  const scan = new Scan();
  scan.read(executedText(text), syntax);
  return scan.facts(text);
}

/** No server has a version beyond; dumps say so to be understood by none. */
const LAST_VERSION = 200_000;

/** What a server executes of its executable comments depends on its version: all of it counts that some server could execute. */
function executedText(text: string): string {
  if (!text.includes('/*!') && !text.includes('/*M!')) return text;
  return text.replaceAll(/\/\*M?!(\d*)([\s\S]*?)\*\//g, (_, version: string, content: string) =>
    Number(version) > LAST_VERSION ? ' ' : ` ${content} `,
  );
}

export function hasExecutableComments(text: string): boolean {
  return text.includes('/*!') || text.includes('/*M!');
}

/** Position behind the last token; a semicolon at the end is none. Where LIMIT goes. */
export function statementEnd(text: string, syntax: SyntaxOptions): number {
  const lexer = new Lexer();
  lexer.reset(text, syntax);
  let end = 0;
  try {
    while (lexer.next() !== token.TOKEN_END) {
      if (lexer.kind !== token.TOKEN_OPERATOR || lexer.operator !== ';') end = lexer.end;
    }
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    return text.length;
  }
  return end;
}

interface SeenToken {
  readonly kind: number;
  /** In capitals for words, the name for names, the operator. */
  readonly text: string;
  readonly raw: string;
  readonly depth: number;
}

/** One pass over the tokens, then the questions. */
class Scan {
  readonly #tokens: SeenToken[] = [];

  read(text: string, syntax: SyntaxOptions): void {
    const lexer = new Lexer();
    lexer.reset(text, syntax);
    let depth = 0;
    while (lexer.next() !== token.TOKEN_END) {
      const { kind } = lexer;
      if (kind === token.TOKEN_OPERATOR && lexer.operator === ')') depth--;
      this.#tokens.push({ kind, text: textOf(lexer), raw: kind < token.TOKEN_FIRST_SLOT ? rawOf(lexer) : '', depth });
      if (kind === token.TOKEN_OPERATOR && lexer.operator === '(') depth++;
    }
  }

  facts(text: string): TokenFacts {
    const verb = this.#verb();
    const kind = this.#kind(verb);
    const called = this.#called();
    const { tables, areAll } = this.#tables();
    const words = new Set(this.#tokens.filter(({ kind: of }) => of === token.TOKEN_WORD).map((seen) => seen.text));
    const outermost = new Set(
      this.#tokens.filter((seen) => seen.depth === 0 && seen.kind === token.TOKEN_WORD).map((seen) => seen.text),
    );
    const variables = this.#tokens.some((seen) => seen.kind === token.TOKEN_USER_VARIABLE);
    const locksRows =
      kind === 'select' && ((words.has('FOR') && (words.has('UPDATE') || words.has('SHARE'))) || words.has('LOCK'));
    return {
      kind,
      verb,
      tables,
      tablesAreAll: areAll,
      touchesTables: tables.length > 0,
      sessionFunctions: new Set(called.filter((name) => SESSION_FUNCTIONS.has(name))) as Set<SessionFunction>,
      calculatesFoundRows: words.has('SQL_CALC_FOUND_ROWS'),
      lockFunctions: new Set(called.filter((name) => LOCK_FUNCTIONS.has(name))) as TokenFacts['lockFunctions'],
      assigned: this.#assigned(),
      readsUserVariables: variables,
      createsTemporary: this.#createsTemporary(kind),
      dropsTables: verb === 'DROP' && words.has('TABLE') ? this.#droppedTables() : [],
      name: this.#name(verb),
      takesLimit:
        kind === 'select' &&
        verb !== 'DO' &&
        verb !== 'TABLE' &&
        verb !== 'VALUES' &&
        ![...NO_LIMIT_BEHIND].some((word) => outermost.has(word)),
      isDeterministic:
        (kind === 'select' || kind === 'show') &&
        !variables &&
        !locksRows &&
        !this.#tokens.some((seen) => seen.kind === token.TOKEN_SYSTEM_VARIABLE) &&
        called.every(isDeterministic) &&
        ![...words].some((word) => CURRENT.has(word)),
      callsUnknown: kind !== 'ddl' && !called.every((name) => isDeterministic(name) || isVolatile(name)),
      locksRows,
      isDump: /^\s*SELECT\s+\/\*!40001 SQL_NO_CACHE \*\//i.test(text),
      hints: this.#hints(),
      insertColumns: kind === 'write' && (verb === 'INSERT' || verb === 'REPLACE') ? this.#insertColumns() : null,
    };
  }

  #at(index: number): SeenToken | undefined {
    return this.#tokens[index];
  }

  #isWord(index: number, ...words: readonly string[]): boolean {
    const seen = this.#at(index);
    return seen?.kind === token.TOKEN_WORD && words.includes(seen.text);
  }

  #isOperator(index: number, operator: string): boolean {
    const seen = this.#at(index);
    return seen?.kind === token.TOKEN_OPERATOR && seen.text === operator;
  }

  #verb(): string {
    const first = this.#tokens.find((seen) => !(seen.kind === token.TOKEN_OPERATOR && seen.text === '('));
    return first?.kind === token.TOKEN_WORD ? first.text : '';
  }

  #kind(verb: string): StatementKind {
    const kind = Object.hasOwn(KINDS, verb) ? (KINDS[verb] as StatementKind) : 'other';
    const has = (word: string) => this.#tokens.some((seen) => seen.kind === token.TOKEN_WORD && seen.text === word);
    switch (verb) {
      case 'START':
        return this.#isWord(1, 'TRANSACTION') ? 'begin' : 'other';
      case 'BEGIN':
        // BEGIN NOT ATOMIC is a block of statements, which may do anything.
        return this.#isWord(1, 'NOT') ? 'call' : 'begin';
      case 'ROLLBACK':
        return this.#tokens.some((seen) => seen.kind === token.TOKEN_WORD && seen.text === 'TO')
          ? 'savepoint'
          : 'rollback';
      case 'SHOW':
        if (this.#isWord(1, 'PROCESSLIST') || (this.#isWord(1, 'FULL') && this.#isWord(2, 'PROCESSLIST')))
          return 'processlist';
        return this.#isWord(1, 'WARNINGS', 'ERRORS') || this.#isWord(5, 'WARNINGS', 'ERRORS') ? 'warnings' : 'show';
      case 'WITH':
        return this.#tokens.some(
          (seen) =>
            seen.depth === 0 &&
            ['UPDATE', 'DELETE', 'INSERT', 'REPLACE'].includes(seen.text) &&
            seen.kind === token.TOKEN_WORD,
        )
          ? 'write'
          : 'select';
      case 'SELECT':
        // INTO OUTFILE writes a file, INTO @x a variable; FOR UPDATE takes locks that last as long as the transaction.
        return this.#tokens.some((seen) => seen.depth === 0 && seen.kind === token.TOKEN_WORD && seen.text === 'INTO')
          ? 'write'
          : 'select';
      case 'EXPLAIN':
      case 'DESCRIBE':
      case 'DESC':
        return has('ANALYZE') && (has('UPDATE') || has('DELETE') || has('INSERT')) ? 'write' : 'show';
      case 'FLUSH':
        return has('LOCK') || has('EXPORT') ? 'keep' : 'other';
      case 'EXECUTE':
        return this.#isWord(1, 'IMMEDIATE') ? 'call' : 'call';
      default:
        return kind;
    }
  }

  /** Names with a parenthesis behind them, in capitals. */
  #called(): string[] {
    const names: string[] = [];
    for (const [i, seen] of this.#tokens.entries()) {
      if (seen.kind !== token.TOKEN_WORD && seen.kind !== token.TOKEN_QUOTED_IDENTIFIER) continue;
      if (!this.#isOperator(i + 1, '(') || NO_CALLS.has(seen.text)) continue;
      // INSERT INTO t (a, b): a table, not a function.
      if (this.#isTableAt(i)) continue;
      // A function of a database of the user's: nobody knows what it does.
      names.push(this.#isOperator(i - 1, '.') ? `.${seen.text}` : seen.text.toUpperCase());
    }
    return names;
  }

  #isTableAt(index: number): boolean {
    let at = index;
    if (this.#isOperator(at - 1, '.')) at -= 2;
    return (
      this.#isWord(at - 1, 'INTO', 'TABLE', 'REFERENCES', 'EXISTS', 'AS') ||
      this.#isWord(at - 1, 'INSERT', 'REPLACE', 'IGNORE', 'ON')
    );
  }

  #tables(): { tables: TableName[]; areAll: boolean } {
    const found = new Map<string, TableName>();
    /** Commas behind which a table's name was found. */
    const followed = new Set<number>();
    const take = (index: number): number => {
      let at = index;
      while (this.#at(at)?.kind === token.TOKEN_WORD && PASSED_OVER.has(this.#at(at)?.text ?? '')) at++;
      const name = this.#nameAt(at);
      if (name === null) return index;
      found.set(JSON.stringify(name.table), name.table);
      return name.next;
    };
    for (let i = 0; i < this.#tokens.length; i++) {
      const seen = this.#at(i) as SeenToken;
      if (seen.kind !== token.TOKEN_WORD || !BEFORE_TABLES.has(seen.text)) {
        // INSERT t VALUES: INTO may be left out.
        if (i === 0 && (seen.text === 'INSERT' || seen.text === 'REPLACE') && !this.#isWord(1, 'INTO')) take(1);
        continue;
      }
      if (this.#isOperator(i - 1, '.')) continue;
      let next = take(i + 1);
      // FROM a, b AS c, d
      while (next > i + 1) {
        if (this.#isWord(next, 'AS')) next++;
        if (this.#at(next)?.kind === token.TOKEN_WORD && this.#isOperator(next + 1, ',')) next++;
        if (!this.#isOperator(next, ',')) break;
        const behind = take(next + 1);
        if (behind === next + 1) break;
        followed.add(next);
        next = behind;
      }
    }
    return { tables: [...found.values()], areAll: this.#tokens.every((_, i) => this.#isFollowed(i, followed)) };
  }

  /** Of a word before tables: whether all that it stands before were looked at. */
  #isFollowed(index: number, followed: ReadonlySet<number>): boolean {
    const word = this.#at(index) as SeenToken;
    if (word.kind !== token.TOKEN_WORD || !BEFORE_TABLES.has(word.text)) return true;
    // A query in parentheses has words of its own; a list in them has none.
    if (this.#isOperator(index + 1, '(') && !this.#isWord(index + 2, 'SELECT', 'WITH', 'VALUES', 'TABLE')) return false;
    for (let i = index + 1; i < this.#tokens.length; i++) {
      const seen = this.#at(i) as SeenToken;
      if (seen.depth < word.depth) return true;
      if (seen.depth > word.depth) continue;
      if (seen.kind === token.TOKEN_WORD && BEHIND_TABLES.has(seen.text)) return true;
      if (seen.kind === token.TOKEN_OPERATOR && seen.text === ',' && !followed.has(i)) return false;
    }
    return true;
  }

  #nameAt(index: number): { table: TableName; next: number } | null {
    const first = this.#at(index);
    if (first === undefined || !isName(first) || (first.kind === token.TOKEN_WORD && NOT_TABLES.has(first.text)))
      return null;
    if (this.#isOperator(index + 1, '.') && this.#at(index + 2) !== undefined)
      return { table: { database: first.raw, name: this.#at(index + 2)?.raw ?? '' }, next: index + 3 };
    return { table: { database: null, name: first.raw }, next: index + 1 };
  }

  /** SET @a = ..., SELECT ... INTO @b, @c := ..., CALL p(@d), FETCH ... INTO: whatever could be given a value. */
  #assigned(): string[] {
    const names = new Set<string>();
    const [first] = this.#tokens;
    const passesOn = first?.text === 'CALL' || first?.text === 'EXECUTE' || first?.text === 'LOAD';
    let isBehindInto = false;
    for (const [i, seen] of this.#tokens.entries()) {
      if (seen.kind === token.TOKEN_WORD) isBehindInto = seen.text === 'INTO' || (isBehindInto && seen.text !== 'FROM');
      if (seen.kind !== token.TOKEN_USER_VARIABLE) continue;
      const isSet = first?.text === 'SET' && this.#isOperator(i + 1, '=');
      if (isSet || this.#isOperator(i + 1, ':=') || isBehindInto || passesOn) names.add(seen.text.toLowerCase());
    }
    return [...names];
  }

  #createsTemporary(kind: StatementKind): TableName | null {
    if (kind !== 'ddl' || !this.#isWord(0, 'CREATE')) return null;
    const at = this.#tokens.findIndex((seen) => seen.kind === token.TOKEN_WORD && seen.text === 'TEMPORARY');
    if (at < 1 || at > 3 || !this.#isWord(at + 1, 'TABLE', 'SEQUENCE')) return null;
    let index = at + 2;
    while (this.#isWord(index, 'IF', 'NOT', 'EXISTS')) index++;
    return this.#nameAt(index)?.table ?? null;
  }

  #droppedTables(): TableName[] {
    const dropped: TableName[] = [];
    let index = this.#tokens.findIndex((seen) => seen.kind === token.TOKEN_WORD && seen.text === 'TABLE') + 1;
    while (this.#isWord(index, 'IF', 'EXISTS')) index++;
    for (;;) {
      const name = this.#nameAt(index);
      if (name === null) return dropped;
      dropped.push(name.table);
      if (!this.#isOperator(name.next, ',')) return dropped;
      index = name.next + 1;
    }
  }

  #name(verb: string): string | null {
    const index = verb === 'DEALLOCATE' || (verb === 'DROP' && this.#isWord(1, 'PREPARE')) ? 2 : 1;
    const seen = this.#at(index);
    return seen !== undefined && isName(seen) ? seen.raw : null;
  }

  #hints(): StatementHints {
    let maxRows: number | null = null;
    let maxExecutionMs: number | null = null;
    for (const seen of this.#tokens) {
      if (seen.kind !== token.TOKEN_HINT) continue;
      const rows = /\bmax_rows\s*\(\s*(\d{1,15})\s*\)/i.exec(seen.raw);
      const time = /\bmax_execution_time\s*\(\s*(\d{1,10})\s*\)/i.exec(seen.raw);
      if (rows !== null) maxRows = Number(rows[1]);
      if (time !== null) maxExecutionMs = Number(time[1]);
    }
    return { maxRows, maxExecutionMs };
  }

  /** Only of the form in which each value's column is named: INSERT INTO t (a, b) VALUES. */
  #insertColumns(): string[] | null {
    const open = this.#tokens.findIndex((seen) => seen.kind === token.TOKEN_OPERATOR && seen.text === '(');
    if (open < 1 || this.#isWord(open - 1, 'VALUES', 'VALUE')) return null;
    const columns: string[] = [];
    for (let i = open + 1; ; i += 2) {
      const seen = this.#at(i);
      if (seen === undefined || !isName(seen)) return null;
      columns.push(seen.raw);
      if (this.#isOperator(i + 1, ')')) return this.#isWord(i + 2, 'VALUES', 'VALUE') ? columns : null;
      if (!this.#isOperator(i + 1, ',')) return null;
    }
  }
}

/** Words that are functions without a parenthesis. */
const CURRENT = new Set([
  'CURRENT_TIMESTAMP',
  'CURRENT_DATE',
  'CURRENT_TIME',
  'LOCALTIME',
  'LOCALTIMESTAMP',
  'UTC_DATE',
  'UTC_TIME',
  'UTC_TIMESTAMP',
  'CURRENT_USER',
  'SYSDATE',
  'NEXTVAL',
  'NEXT',
  'PREVIOUS',
  'LASTVAL',
  'SQL_CALC_FOUND_ROWS',
]);
/** Where a list of tables has ended. */
const BEHIND_TABLES = new Set([
  'WHERE',
  'GROUP',
  'HAVING',
  'WINDOW',
  'ORDER',
  'LIMIT',
  'UNION',
  'EXCEPT',
  'INTERSECT',
  'FOR',
  'LOCK',
  'SET',
  'SELECT',
  'VALUES',
  'VALUE',
  'RETURNING',
]);
const NOT_TABLES = new Set([
  'SELECT',
  'SET',
  'VALUES',
  'VALUE',
  'OUTFILE',
  'DUMPFILE',
  'DUAL',
  'LATERAL',
  'JSON_TABLE',
  'OF',
]);

function isName({ kind }: SeenToken): boolean {
  return kind === token.TOKEN_WORD || kind === token.TOKEN_QUOTED_IDENTIFIER;
}

function textOf(lexer: Lexer): string {
  switch (lexer.kind) {
    case token.TOKEN_WORD:
      return lexer.text().toUpperCase();
    case token.TOKEN_QUOTED_IDENTIFIER:
    case token.TOKEN_USER_VARIABLE:
      return lexer.name();
    case token.TOKEN_OPERATOR:
      return lexer.operator;
    default:
      return '';
  }
}

/** Names as they are meant, anything else as it is written. */
function rawOf(lexer: Lexer): string {
  return lexer.kind === token.TOKEN_QUOTED_IDENTIFIER ? lexer.name() : lexer.text();
}
