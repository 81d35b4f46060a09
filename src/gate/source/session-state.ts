/** What one client has made of its session, wherever its statements run. */
import { failure } from '../../errors.ts';
import { DEFAULT_SYNTAX, type SyntaxOptions, syntaxOptionsOf } from '../../sql/syntax/sql-mode.ts';
import type { WantedState } from '../../stores/mysql/pool.ts';
import type { SourceSchema } from '../../stores/mysql/schema.ts';
import { NAMES, Settings } from '../../stores/mysql/settings.ts';
import type { Warning } from '../../stores/statement.ts';
import type { LaneState } from './lane.ts';
import type { SessionLimits } from './source-options.ts';

/** In these a byte of a character may be a quote or a backslash: no text in them can be told apart byte by byte. */
const UNREADABLE =
  /\b(?:big5|gbk|gb18030|sjis|cp932|ucs2|utf16|utf16le|utf32|big5_\w+|gbk_\w+|gb18030_\w+|sjis_\w+|cp932_\w+)\b/i;

export class SessionState implements LaneState {
  readonly settings = new Settings();
  #wanted: WantedState | null = null;
  #isOracle = false;
  database: string | null = null;
  syntax: SyntaxOptions = DEFAULT_SYNTAX;
  /** Its sql_mode was that of the source once. */
  hasBegun = false;
  /** Its connection's sql_mode is what `syntax` says. */
  isModeKnown = false;
  /** A value that does not fit its column is an error; otherwise the source makes another of it. */
  isStrict = true;
  autocommit = true;
  lastInsertId: number | bigint = 0;
  rowCount = 0;
  foundRows = 0;
  warnings: readonly Warning[] = [];
  /** What the session has set of Sluice's limits for itself; null: nothing, as most. */
  limits: SessionLimits | null = null;
  /** SET workload = 'olap': results are streamed, without a limit. */
  workload: 'oltp' | 'olap' = 'oltp';
  /** SET TRANSACTION without SESSION: what the next one begins with. */
  nextTransaction: string | null = null;

  /** `sqlMode`: null: the source has not been reached yet. `collation`: the client's number for it, as it logged in. */
  constructor(schema: SourceSchema, sqlMode: string | null, collation: number | undefined) {
    this.settings.set(NAMES, namesOf(schema, collation));
    if (sqlMode !== null) this.begin(sqlMode);
  }

  /** It is set on connections too: what the source gives new ones may change, and statements must be read as they are run. */
  begin(sqlMode: string): void {
    this.settings.set('sql_mode', `sql_mode = '${sqlMode}'`);
    this.sqlMode = sqlMode;
    this.hasBegun = true;
    this.isModeKnown = true;
  }

  set sqlMode(mode: string) {
    this.syntax = syntaxOptionsOf(mode);
    this.isStrict = /\b(?:STRICT_TRANS_TABLES|STRICT_ALL_TABLES|TRADITIONAL)\b/i.test(mode);
    this.#isOracle = /\boracle\b/i.test(mode);
  }

  /** Statements are read in Oracle's grammar. */
  get isOracle(): boolean {
    return this.#isOracle;
  }

  /** It has set nothing that could make rows look otherwise than to everybody. `sqlMode`: of sessions that set none. */
  isPlain(sqlMode: string | null): boolean {
    if (!this.autocommit || this.settings.size > PLAIN_SETTINGS) return false;
    return !this.hasBegun || this.settings.get('sql_mode') === `sql_mode = '${sqlMode}'`;
  }

  /** Statements are in UTF-8. */
  get readsUtf8(): boolean {
    const names = this.settings.get(NAMES) ?? '';
    return (
      /^(?:names|charset|character\s+set)\s*['"]?utf8(?:mb[34])?\b/i.test(names) &&
      this.settings.get('character_set_client') === undefined
    );
  }

  get wanted(): WantedState {
    const settings = this.settings.text;
    if (this.#wanted?.settings !== settings || this.#wanted.database !== this.database)
      this.#wanted = { database: this.database, settings };
    return this.#wanted;
  }
}

/** NAMES and sql_mode, which every session has. */
const PLAIN_SETTINGS = 2;

/** A session's state at one moment, for a read that goes on without the session. It is made for each of them. */
export class ReadState implements LaneState {
  readonly wanted: WantedState;
  readonly workload: SessionState['workload'];
  autocommit = true;
  lastInsertId: number | bigint = 0;
  rowCount = 0;
  foundRows = 0;
  warnings: readonly Warning[] = [];
  nextTransaction: string | null = null;

  constructor({ wanted, workload }: SessionState) {
    this.wanted = wanted;
    this.workload = workload;
  }
}

function namesOf(schema: SourceSchema, collation: number | undefined): string {
  const known = collation === undefined ? undefined : schema.collation(collation);
  if (known === undefined) return 'NAMES utf8mb4';
  checkCharacterSet(known.characterSet);
  return `NAMES ${known.characterSet} COLLATE ${known.collation}`;
}

/** Throws where nobody can say in which character set statements would be read: they have numbers too. */
export function checkClientCharacterSet(value: string): void {
  if (!/^['"]?[a-z]\w*['"]?$/i.test(value)) throw failure('ER_WRONG_VALUE_FOR_VAR', 'character_set_client', value);
}

/** Throws for character sets in which the gate could not read statements. */
export function checkCharacterSet(text: string): void {
  const found = UNREADABLE.exec(text);
  if (found !== null) throw failure('ER_NOT_SUPPORTED_YET', `the character set ${found[0]} for statements`);
}
