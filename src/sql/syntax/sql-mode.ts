/** The parts of `sql_mode` that change how a text is read (MySQL manual, "Server SQL Modes"), and what the protocol adds. */
export interface SyntaxOptions {
  /** "x" is an identifier, not a string. */
  readonly ansiQuotes?: boolean;
  /** A backslash in a string is itself. */
  readonly noBackslashEscapes?: boolean;
  /** `||` is CONCAT, not OR. */
  readonly pipesAsConcat?: boolean;
  /** NOT binds as tightly as `!`. */
  readonly highNotPrecedence?: boolean;
  /** REAL is FLOAT, not DOUBLE. */
  readonly realAsFloat?: boolean;
  /** Columns may have AvenirSQL's types (column-types.ts): for statements of its protocol. */
  readonly avenirTypes?: boolean;
}

export const DEFAULT_SYNTAX: SyntaxOptions = {};

/** `sqlMode` as the variable holds it: names with commas between, in any case; combinations (ANSI) may or may not be spelled out. */
export function syntaxOptionsOf(sqlMode: string): SyntaxOptions {
  const modes = new Set(sqlMode.toUpperCase().split(','));
  const ansi = modes.has('ANSI');
  return {
    ansiQuotes: ansi || modes.has('ANSI_QUOTES'),
    noBackslashEscapes: modes.has('NO_BACKSLASH_ESCAPES'),
    pipesAsConcat: ansi || modes.has('PIPES_AS_CONCAT'),
    highNotPrecedence: modes.has('HIGH_NOT_PRECEDENCE'),
    realAsFloat: ansi || modes.has('REAL_AS_FLOAT'),
  };
}
