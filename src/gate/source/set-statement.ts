/** What a SET statement sets, as far as the gate has to know: a session's settings go with it from connection to connection. */
import { SluiceError } from '../../errors.ts';
import { Lexer } from '../../sql/syntax/lexer.ts';
import type { SyntaxOptions } from '../../sql/syntax/sql-mode.ts';
import * as token from '../../sql/syntax/tokens.ts';

export interface Assignment {
  /** user: @name. local: of the session. next: SET TRANSACTION without SESSION, for the next transaction only. */
  readonly scope: 'session' | 'global' | 'user' | 'names' | 'next';
  /** In small letters. */
  readonly name: string;
  /** As written. */
  readonly value: string;
  /** The value is one literal, or one word: what it is does not depend on when it is looked at. */
  readonly isConstant: boolean;
}

interface Piece {
  readonly kind: number;
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

/** null: another kind of SET (PASSWORD, ROLE, STATEMENT, RESOURCE GROUP), or one that cannot be told. */
export function assignmentsOf(text: string, syntax: SyntaxOptions): Assignment[] | null {
  const parts = splitAssignments(text, syntax);
  if (parts === null) return null;
  const assignments: Assignment[] = [];
  let scope: 'session' | 'global' = 'session';
  for (const [index, part] of parts.entries()) {
    const read = index === 0 ? transactionOf(text, part) : null;
    if (read !== null) return read;
    const assignment = assignmentOf(text, part, scope);
    if (assignment === null) return null;
    assignments.push(assignment.assignment);
    // GLOBAL holds for what follows it, too, in MySQL's grammar it does not: each has its own scope.
    scope = 'session';
  }
  return assignments;
}

/** Tokens between the commas of the outermost level, SET itself left out. */
function splitAssignments(text: string, syntax: SyntaxOptions): Piece[][] | null {
  const lexer = new Lexer();
  lexer.reset(text, syntax);
  const parts: Piece[][] = [[]];
  let depth = 0;
  let isFirst = true;
  try {
    while (lexer.next() !== token.TOKEN_END) {
      const { kind, start, end } = lexer;
      const operator = kind === token.TOKEN_OPERATOR ? lexer.operator : '';
      if (isFirst) {
        isFirst = false;
        continue;
      }
      if (operator === ';') break;
      if (operator === '(') depth++;
      if (operator === ')') depth--;
      if (operator === ',' && depth === 0) parts.push([]);
      else
        parts.at(-1)?.push({
          kind,
          start,
          end,
          word:
            kind === token.TOKEN_WORD
              ? lexer.text().toUpperCase()
              : kind === token.TOKEN_USER_VARIABLE || kind === token.TOKEN_QUOTED_IDENTIFIER
                ? lexer.name()
                : operator,
        });
    }
  } catch (error) {
    if (error instanceof SluiceError) return null;
    throw error;
  }
  return parts;
}

/** SET [SESSION | GLOBAL] TRANSACTION ... */
function transactionOf(text: string, part: readonly Piece[]): Assignment[] | null {
  const [first, second] = part;
  const [scoped, at] =
    second?.word === 'TRANSACTION' ? [first?.word, 1] : first?.word === 'TRANSACTION' ? [undefined, 0] : [null, 0];
  if (scoped === null) return null;
  const value = text.slice(part[at]?.start).replace(/[\s;]+$/, '');
  const scope = scoped === 'GLOBAL' ? 'global' : scoped === undefined ? 'next' : 'session';
  return [{ scope, name: 'transaction', value, isConstant: true }];
}

const SCOPES: Readonly<Record<string, 'session' | 'global'>> = {
  SESSION: 'session',
  LOCAL: 'session',
  GLOBAL: 'global',
  PERSIST: 'global',
  PERSIST_ONLY: 'global',
};
/** Words that begin another statement of SET. */
const OTHERS = new Set(['PASSWORD', 'ROLE', 'DEFAULT', 'STATEMENT', 'RESOURCE']);

function assignmentOf(
  text: string,
  part: readonly Piece[],
  inherited: 'session' | 'global',
): { assignment: Assignment } | null {
  const first = part[0];
  if (first === undefined) return null;
  const textFrom = (index: number): string => text.slice(part[index]?.start ?? 0, part.at(-1)?.end ?? 0);
  if (first.kind === token.TOKEN_USER_VARIABLE) {
    if (part.length < 3) return null;
    return { assignment: { scope: 'user', name: first.word.toLowerCase(), value: textFrom(2), isConstant: false } };
  }
  if (first.word === 'NAMES' || first.word === 'CHARSET' || (first.word === 'CHARACTER' && part[1]?.word === 'SET')) {
    return {
      assignment: {
        scope: 'names',
        name: first.word === 'NAMES' ? 'names' : 'character set',
        value: text.slice(first.start, part.at(-1)?.end),
        isConstant: true,
      },
    };
  }
  let at = 0;
  let scope = inherited;
  if (first.kind === token.TOKEN_SYSTEM_VARIABLE) at++;
  const scopeWord = part[at]?.word ?? '';
  if (Object.hasOwn(SCOPES, scopeWord)) {
    scope = SCOPES[scopeWord] as 'session' | 'global';
    at++;
    if (part[at]?.word === '.') at++;
    if (part[at]?.kind === token.TOKEN_SYSTEM_VARIABLE) at++;
  }
  const name = part[at];
  if (name === undefined || (at === 0 && OTHERS.has(name.word))) return null;
  const operator = part[at + 1]?.word;
  if (operator !== '=' && operator !== ':=') return null;
  const value = part.slice(at + 2);
  if (value.length === 0) return null;
  return {
    assignment: { scope, name: name.word.toLowerCase(), value: textFrom(at + 2), isConstant: isConstant(value) },
  };
}

function isConstant(value: readonly Piece[]): boolean {
  const [first, second] = value;
  if (value.length === 2)
    return (first?.word === '-' || first?.word === '+') && (second?.kind ?? 0) >= token.TOKEN_STRING;
  if (value.length !== 1 || first === undefined) return false;
  return first.kind === token.TOKEN_WORD || (first.kind >= token.TOKEN_STRING && first.kind < token.TOKEN_PARAMETER);
}
