/**
 * What the gate must know of a statement before it sends it on to the source, found from its tokens alone: no grammar of ours has to know everything
 * that a MySQL server understands. Where tokens leave a doubt, the answer is the one that costs more and cannot be wrong: not shared, not cut short,
 * run where statements that write run.
 */
import { failure, SluiceError } from '../../errors.ts';
import { isSpace } from '../../sql/syntax/characters.ts';
import { Lexer } from '../../sql/syntax/lexer.ts';
import type { SyntaxOptions } from '../../sql/syntax/sql-mode.ts';
import * as token from '../../sql/syntax/tokens.ts';
import { joinHints, NO_HINTS, readHints, type StatementHints } from '../protection/hints.ts';
import { isDeterministic, isVolatile } from './deterministic-functions.ts';
import { executedText, hasExecutableComments } from './executable-comments.ts';
import type { FoundTables, TableName, UsedTable } from './found-tables.ts';
import { type ReadShape, readShape } from './read-shape.ts';
import { tablesOf } from './statement-tables.ts';
import { type SeenToken, StatementTokens } from './statement-tokens.ts';
import { CURRENT, KINDS, NO_CALLS, NO_LIMIT_BEHIND, NO_TABLES, type StatementKind } from './statement-words.ts';

export interface TokenFacts {
  readonly kind: StatementKind;
  /** The first word, in capitals. */
  readonly verb: string;
  /** As far as they were found (statement-tables.ts). A name of `*` is a whole database. */
  readonly tables: readonly UsedTable[];
  /** It uses no others, and nothing besides. */
  readonly tablesAreAll: boolean;
  /** Why it may use other tables; null where it is sure that it does not. */
  readonly unsure: string | null;
  /** MySQL's privilege that it needs besides those on tables, as it reaches beyond them: FILE, SUPER, PROCESS ... */
  readonly privilege: string | null;
  /** Why it does, and what would do instead; null: nothing would. */
  readonly privilegeReason: string | null;
  /** It reads or writes rows. */
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
  /** Their names, as far as they are called in queries. */
  readonly unknownCalls: readonly string[];
  /** Names that are not quoted have letters beyond ASCII: which bytes are letters depends on the character set. */
  readonly hasWideWords: boolean;
  /** SELECT ... FOR UPDATE and the like. */
  readonly locksRows: boolean;
  /** mysqldump's own SELECT, whose result has no limit. */
  readonly isDump: boolean;
  readonly hints: StatementHints;
  /** Of an INSERT ... (columns) VALUES; null where they are not named or it is another form. */
  readonly insertColumns: readonly string[] | null;
  /** Of a SELECT of one table. */
  readonly shape: ReadShape | null;
  /** REPLACE, INSERT ... ON DUPLICATE KEY UPDATE. */
  readonly isUpsert: boolean;
  /** An INSERT whose rows are those of a query. */
  readonly insertsQuery: boolean;
  /** EXPLAIN of a statement, not of a table. */
  readonly explainsStatement: boolean;
}

export type SessionFunction = 'LAST_INSERT_ID' | 'ROW_COUNT' | 'FOUND_ROWS' | 'CONNECTION_ID';

const SESSION_FUNCTIONS = new Set<string>(['LAST_INSERT_ID', 'ROW_COUNT', 'FOUND_ROWS', 'CONNECTION_ID']);
const LOCK_FUNCTIONS = new Set<string>(['GET_LOCK', 'RELEASE_LOCK', 'RELEASE_ALL_LOCKS']);
/** Throws what the lexer does where the text has no tokens: the source would say the same in its words. */
export function factsOf(text: string, syntax: SyntaxOptions): TokenFacts {
  return new Scan(new StatementTokens(read(text, syntax), syntax)).facts(text);
}

/** No server has a version beyond; dumps say so to be understood by none. */
const LAST_VERSION = 200_000;

/** What a server executes of its executable comments depends on its version: all of it counts that some server could execute. */
function read(text: string, syntax: SyntaxOptions): string {
  return hasExecutableComments(text)
    ? executedText(text, syntax, ({ version }) => (version ?? 0) <= LAST_VERSION)
    : text;
}

/** The text with a LIMIT at its end. */
export function withLimit(text: string, rows: number, syntax: SyntaxOptions): string {
  // Without a comment, nothing but spaces and semicolons is behind the last token: the text need not be read once more.
  const mayEndInComment = text.includes('#') || text.includes('--') || text.includes('*/');
  const end = mayEndInComment ? statementEnd(text, syntax) : endOfTokens(text);
  return `${text.slice(0, end)} LIMIT ${rows}${text.slice(end)}`;
}

function endOfTokens(text: string): number {
  let end = text.length;
  while (end > 0 && (isSpace(text.charCodeAt(end - 1)) || text[end - 1] === ';')) end--;
  return end;
}

/** Position behind the last token; a semicolon at the end is none. */
function statementEnd(text: string, syntax: SyntaxOptions): number {
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

/** One pass over the tokens, then the questions. */
class Scan {
  readonly #statement: StatementTokens;
  readonly #tokens: readonly SeenToken[];
  readonly #found: FoundTables;

  constructor(tokens: StatementTokens) {
    this.#statement = tokens;
    this.#tokens = tokens.all;
    this.#found = tablesOf(tokens);
  }

  facts(text: string): TokenFacts {
    const verb = this.#verb();
    const kind = this.#kind(verb);
    const called = this.#called();
    const { tables, unsure, privilege, reason } = this.#found;
    const words = new Set(this.#tokens.filter(({ kind: of }) => of === token.TOKEN_WORD).map((seen) => seen.text));
    const outermost = new Set(
      this.#tokens.filter((seen) => seen.depth === 0 && seen.kind === token.TOKEN_WORD).map((seen) => seen.text),
    );
    const unknownCalls = called.filter((name) => !isDeterministic(name) && !isVolatile(name));
    const variables = this.#tokens.some((seen) => seen.kind === token.TOKEN_USER_VARIABLE);
    const locksRows =
      kind === 'select' && ((words.has('FOR') && (words.has('UPDATE') || words.has('SHARE'))) || words.has('LOCK'));
    return {
      kind,
      verb,
      tables,
      tablesAreAll: unsure === null && privilege === null,
      unsure,
      privilege,
      privilegeReason: reason,
      touchesTables: tables.length > 0 || unsure !== null,
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
      callsUnknown: kind !== 'ddl' && unknownCalls.length > 0,
      unknownCalls,
      hasWideWords: this.#statement.hasWideWords,
      locksRows,
      isDump: /^\s*SELECT\s+\/\*!40001 SQL_NO_CACHE \*\//i.test(text),
      hints: this.#hints(),
      shape: kind === 'select' ? readShape(this.#statement) : null,
      isUpsert: verb === 'REPLACE' || (verb === 'INSERT' && outermost.has('DUPLICATE')),
      insertsQuery: kind === 'write' && this.#insertsQuery(),
      explainsStatement:
        kind === 'show' && ['SELECT', 'INSERT', 'REPLACE', 'UPDATE', 'DELETE'].some((word) => words.has(word)),
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

  /**
   * Functions that it calls, in capitals. Where the structure is not understood, all names with a parenthesis behind them: a function of a database of the
   * user's, with a dot before it, is one of which nobody knows what it does.
   */
  #called(): readonly string[] {
    const { unsure, privilege, calls } = this.#found;
    if (unsure === null && privilege === null) return calls;
    const names: string[] = [];
    for (const [i, seen] of this.#tokens.entries()) {
      if (!isName(seen) || !this.#isOperator(i + 1, '(') || isNoCall(seen)) continue;
      names.push(this.#isOperator(i - 1, '.') ? `.${seen.text}` : seen.text.toUpperCase());
    }
    return names;
  }

  #nameAt(index: number): { table: TableName; next: number } | null {
    const first = this.#at(index);
    if (first === undefined || !isName(first) || (first.kind === token.TOKEN_WORD && NO_TABLES.has(first.text)))
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
    let hints = NO_HINTS;
    for (const seen of this.#tokens) if (seen.kind === token.TOKEN_HINT) hints = joinHints(hints, hintsIn(seen.raw));
    return hints;
  }

  #insertsQuery(): boolean {
    return this.#tokens.some(
      ({ depth }, i) =>
        (depth === 0 && this.#isWord(i, 'SELECT', 'TABLE')) ||
        (depth === 1 && this.#isOperator(i - 1, '(') && this.#isWord(i, 'SELECT')),
    );
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

/** Throws 1210: a hint that is the gate's and is written wrongly. */
function hintsIn(text: string): StatementHints {
  try {
    return readHints(text);
  } catch (error) {
    throw failure('ER_BAD_PARAMETER', `Optimizer hint ${error instanceof Error ? error.message : String(error)}`);
  }
}

function isNoCall({ kind, text }: SeenToken): boolean {
  return kind === token.TOKEN_WORD && NO_CALLS.has(text);
}

function isName({ kind }: SeenToken): boolean {
  return kind === token.TOKEN_WORD || kind === token.TOKEN_QUOTED_IDENTIFIER;
}
