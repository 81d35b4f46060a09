/** What a SELECT of one table asks for, as far as its plan's kind depends on it (plan-facts.ts). */
import * as token from '../../sql/syntax/tokens.ts';
import type { StatementTokens } from './statement-tokens.ts';

export interface ReadShape {
  /** Columns that WHERE compares, by = or IN, with values that are given; whatever else it says. In small letters. */
  readonly equals: ReadonlySet<string>;
  /** WHERE compares columns with given values, and nothing else. */
  readonly onlyConditions: boolean;
  /** Columns as they are, of single rows. */
  readonly isPlain: boolean;
  /** COUNT(*) of all rows. */
  readonly counts: boolean;
  /** ORDER BY columns. */
  readonly isOrdered: boolean;
  readonly hasLimit: boolean;
}

const BEHIND_WHERE = ['GROUP', 'HAVING', 'WINDOW', 'ORDER', 'LIMIT', 'FOR', 'LOCK', 'INTO', 'PROCEDURE'];
const COMPARISONS = new Set(['=', '<', '>', '<=', '>=', '<>', '<=>']);
const JOINED_OTHERWISE = new Set(['OR', 'XOR', '||', 'CASE', 'NOT']);
const NO_CONDITIONS: ReadonlySet<string> = new Set();

const CLAUSES = new Set(['FROM', 'WHERE', 'GROUP', 'HAVING', 'ORDER', 'LIMIT']);
const QUERIES = new Set(['SELECT', 'UNION', 'EXCEPT', 'INTERSECT', 'TABLE']);

/** null: it has several SELECTs, or is of a form that is not read here. */
export function readShape(tokens: StatementTokens): ReadShape | null {
  const clauses = clausesOf(tokens);
  const from = clauses?.get('FROM');
  if (clauses === null || from === undefined) return null;
  const where = clauses.get('WHERE');
  const conditions =
    where === undefined
      ? { equals: NO_CONDITIONS, onlyConditions: true }
      : conditionsOf(tokens, where + 1, whereEnd(tokens, where));
  const isGrouped = clauses.has('GROUP') || clauses.has('HAVING');
  const order = clauses.get('ORDER');
  return {
    ...conditions,
    isPlain: !isGrouped && areColumns(tokens, 1, from),
    counts: !isGrouped && isCount(tokens, 1, from),
    isOrdered: order !== undefined && isOrder(tokens, order + 2),
    hasLimit: clauses.has('LIMIT'),
  };
}

/** Where each begins, at the outermost level; null: there are several SELECTs. */
function clausesOf(tokens: StatementTokens): Map<string, number> | null {
  if (!tokens.isWord(0, 'SELECT')) return null;
  const clauses = new Map<string, number>();
  for (let at = 1; at < tokens.length; at++) {
    const seen = tokens.at(at);
    if (seen?.kind !== token.TOKEN_WORD) continue;
    if (QUERIES.has(seen.text)) return null;
    if (CLAUSES.has(seen.text) && isOutermost(tokens, at) && !clauses.has(seen.text)) clauses.set(seen.text, at);
  }
  return clauses;
}

function isOutermost(tokens: StatementTokens, index: number): boolean {
  return tokens.at(index)?.depth === 0 && !tokens.isOperator(index - 1, '.');
}

function whereEnd(tokens: StatementTokens, where: number): number {
  for (let at = where + 1; at < tokens.length; at++)
    if (isOutermost(tokens, at) && tokens.isWord(at, ...BEHIND_WHERE)) return at;
  return tokens.length;
}

/** Behind `a`, `t.a`, `d.t.a`; null where no column stands. */
function columnAt(tokens: StatementTokens, index: number): { readonly name: string; readonly next: number } | null {
  let at = index;
  if (!tokens.isName(at)) return null;
  while (tokens.isOperator(at + 1, '.') && tokens.isName(at + 2)) at += 2;
  return { name: (tokens.at(at)?.raw ?? '').toLowerCase(), next: at + 1 };
}

/** Behind a literal or a parameter; 0 where none stands. */
function valueEnd(tokens: StatementTokens, index: number): number {
  const at = tokens.isOperator(index, '-') ? index + 1 : index;
  return (tokens.at(at)?.kind ?? 0) >= token.TOKEN_FIRST_SLOT ? at + 1 : 0;
}

/** Behind `(1, 2)`; 0 where that does not stand. */
function listEnd(tokens: StatementTokens, index: number): number {
  if (!tokens.isOperator(index, '(')) return 0;
  for (let at = index + 1; ; at++) {
    at = valueEnd(tokens, at);
    if (at === 0) return 0;
    if (tokens.isOperator(at, ')')) return at + 1;
    if (!tokens.isOperator(at, ',')) return 0;
  }
}

interface Condition {
  readonly column: string;
  readonly isEquality: boolean;
  readonly next: number;
}

function conditionAt(tokens: StatementTokens, index: number): Condition | null {
  const column = columnAt(tokens, index);
  if (column === null) return null;
  const { name, next } = column;
  if (tokens.isWord(next, 'IN')) {
    const end = listEnd(tokens, next + 1);
    return end === 0 ? null : { column: name, isEquality: true, next: end };
  }
  if (tokens.isWord(next, 'BETWEEN')) {
    const low = valueEnd(tokens, next + 1);
    const high = low > 0 && tokens.isWord(low, 'AND') ? valueEnd(tokens, low + 1) : 0;
    return high === 0 ? null : { column: name, isEquality: false, next: high };
  }
  const operator = tokens.at(next);
  if (operator?.kind !== token.TOKEN_OPERATOR || !COMPARISONS.has(operator.text)) return null;
  const end = valueEnd(tokens, next + 1);
  return end === 0 ? null : { column: name, isEquality: operator.text === '=', next: end };
}

function conditionsOf(tokens: StatementTokens, from: number, to: number): Pick<ReadShape, 'equals' | 'onlyConditions'> {
  const equals = new Set<string>();
  let onlyConditions = true;
  for (let at = from; at < to; ) {
    const condition = conditionAt(tokens, at);
    if (condition !== null && (condition.next === to || tokens.isWord(condition.next, 'AND'))) {
      if (condition.isEquality) equals.add(condition.column);
      at = condition.next + 1;
      continue;
    }
    onlyConditions = false;
    // To the next AND of this level; one belongs to BETWEEN.
    let isBetween = false;
    for (; at < to; at++) {
      if (!isOutermost(tokens, at)) continue;
      if (JOINED_OTHERWISE.has(tokens.at(at)?.text ?? '')) return { equals: NO_CONDITIONS, onlyConditions };
      if (tokens.isWord(at, 'BETWEEN')) isBetween = true;
      else if (tokens.isWord(at, 'AND') && isBetween) isBetween = false;
      else if (tokens.isWord(at, 'AND')) break;
    }
    at++;
  }
  return { equals, onlyConditions };
}

/** `*`, `t.*`, `a`, `t.a AS b`, with commas between them. */
function areColumns(tokens: StatementTokens, from: number, to: number): boolean {
  let at = from;
  while (tokens.at(at)?.kind === token.TOKEN_HINT || tokens.isWord(at, 'SQL_NO_CACHE', 'SQL_CACHE', 'HIGH_PRIORITY'))
    at++;
  for (; ; at++) {
    if (tokens.isWord(at, 'DISTINCT', 'DISTINCTROW')) return false;
    if (tokens.isOperator(at, '*')) at++;
    else {
      const column = columnAt(tokens, at);
      if (column === null) return false;
      at = column.next;
      if (tokens.isOperator(at, '.') && tokens.isOperator(at + 1, '*')) at += 2;
      if (tokens.isWord(at, 'AS')) at++;
      if (at < to && tokens.isName(at)) at++;
    }
    if (at === to) return true;
    if (!tokens.isOperator(at, ',')) return false;
  }
}

function isCount(tokens: StatementTokens, from: number, to: number): boolean {
  const at = tokens.at(from)?.kind === token.TOKEN_HINT ? from + 1 : from;
  const isCall = tokens.isWord(at, 'COUNT') && tokens.isOperator(at + 1, '(') && tokens.isOperator(at + 2, '*');
  if (!isCall || !tokens.isOperator(at + 3, ')')) return false;
  const alias = tokens.isWord(at + 4, 'AS') ? at + 5 : at + 4;
  return alias === to || (tokens.isName(alias) && alias + 1 === to);
}

function isOrder(tokens: StatementTokens, from: number): boolean {
  for (let at = from; ; at++) {
    const column = columnAt(tokens, at);
    if (column === null) return false;
    at = tokens.isWord(column.next, 'ASC', 'DESC') ? column.next + 1 : column.next;
    if (!tokens.isOperator(at, ',')) return at === tokens.length || tokens.isWord(at, ...BEHIND_WHERE);
  }
}
