/**
 * The parts of an INSERT, UPDATE or DELETE of one table, found by its tokens: where its rows are named, and by which values. Whatever is not of these
 * plain forms is null, and goes to the source as it is.
 */
import { Lexer } from '../../sql/syntax/lexer.ts';
import type { SyntaxOptions } from '../../sql/syntax/sql-mode.ts';
import * as token from '../../sql/syntax/tokens.ts';

/** A value as it is written, and what it is in an annotation. */
export interface KeyValue {
  readonly sql: string;
  readonly kind: 'number' | 'string' | 'null' | 'parameter';
  /** A number's digits, a string's content. */
  readonly text: string;
  /** Of a parameter: which one, from 0. */
  readonly index?: number;
}

export interface InsertText {
  readonly kind: 'insert';
  readonly database: string | null;
  readonly table: string;
  /** null: all of the table's. */
  readonly columns: readonly string[] | null;
  /** One list for each row; a value that is no literal is null. */
  readonly rows: readonly (readonly (KeyValue | null)[])[];
  readonly replaces: boolean;
  /** ON DUPLICATE KEY UPDATE: names of the columns that it sets. */
  readonly updates: readonly string[] | null;
  readonly parameterCount: number;
  readonly end: number;
}

export interface ChangeText {
  readonly kind: 'update' | 'delete';
  readonly database: string | null;
  readonly table: string;
  /** `shop.t AS a`, as written. */
  readonly reference: string;
  /** Up to the table: `UPDATE IGNORE`, `DELETE FROM`. */
  readonly head: string;
  /** Behind SET; '' for DELETE. */
  readonly assignments: string;
  /** Columns that are set: the literal, or null for another expression. */
  readonly sets: ReadonlyMap<string, KeyValue | null>;
  /** Behind WHERE; null without one. */
  readonly where: string | null;
  /** ORDER BY ..., '' without. */
  readonly order: string;
  /** LIMIT ..., '' without. */
  readonly limit: string;
  /** Column to its possible values, where WHERE is `column = literal` or `column IN (literals)`, joined by AND, and nothing else. */
  readonly equals: ReadonlyMap<string, readonly KeyValue[]> | null;
  readonly parameterCount: number;
  /** Position behind the last token. */
  readonly end: number;
}

interface Seen {
  readonly kind: number;
  /** In capitals for words, the name for quoted ones, the operator, a string's value, a parameter's place. */
  readonly text: string;
  readonly raw: string;
  readonly start: number;
  readonly end: number;
  readonly depth: number;
}

export function dmlText(text: string, syntax: SyntaxOptions): InsertText | ChangeText | null {
  const seen = tokensOf(text, syntax);
  if (seen === null) return null;
  switch (seen[0]?.text) {
    case 'INSERT':
    case 'REPLACE':
      return insertText(seen);
    case 'UPDATE':
    case 'DELETE':
      return changeText(text, seen);
    default:
      return null;
  }
}

function tokensOf(text: string, syntax: SyntaxOptions): Seen[] | null {
  const lexer = new Lexer();
  lexer.reset(text, syntax);
  const seen: Seen[] = [];
  let depth = 0;
  let parameters = 0;
  while (lexer.next() !== token.TOKEN_END) {
    const { kind, start, end } = lexer;
    // What is for some servers only.
    if (lexer.executing > 0) return null;
    if (kind === token.TOKEN_HINT) continue;
    const operator = kind === token.TOKEN_OPERATOR ? lexer.operator : '';
    if (operator === ')') depth--;
    const meant = kind === token.TOKEN_PARAMETER ? String(parameters++) : meaning(lexer);
    seen.push({ kind, start, end, depth, raw: text.slice(start, end), text: meant });
    if (operator === '(') depth++;
  }
  if (isOperator(seen.at(-1), ';')) seen.pop();
  return seen.some((one) => isOperator(one, ';')) ? null : seen;
}

function meaning(lexer: Lexer): string {
  switch (lexer.kind) {
    case token.TOKEN_WORD:
      return lexer.text().toUpperCase();
    case token.TOKEN_QUOTED_IDENTIFIER:
      return lexer.name();
    case token.TOKEN_STRING:
      return lexer.string();
    case token.TOKEN_OPERATOR:
      return lexer.operator;
    default:
      return lexer.text();
  }
}

function isWord(seen: Seen | undefined, ...words: readonly string[]): boolean {
  return seen?.kind === token.TOKEN_WORD && words.includes(seen.text);
}

function isOperator(seen: Seen | undefined, operator: string): boolean {
  return seen?.kind === token.TOKEN_OPERATOR && seen.text === operator;
}

function nameOf(seen: Seen | undefined): string | null {
  if (seen?.kind === token.TOKEN_WORD) return seen.raw;
  return seen?.kind === token.TOKEN_QUOTED_IDENTIFIER ? seen.text : null;
}

/** `db.t` or `t` at `at`. */
function tableAt(seen: readonly Seen[], at: number): { database: string | null; table: string; next: number } | null {
  const first = nameOf(seen[at]);
  if (first === null) return null;
  if (!isOperator(seen[at + 1], '.')) return { database: null, table: first, next: at + 1 };
  const second = nameOf(seen[at + 2]);
  return second === null ? null : { database: first, table: second, next: at + 3 };
}

/** A literal at `at`. */
function literalAt(seen: readonly Seen[], at: number): { value: KeyValue; next: number } | null {
  const first = seen[at];
  if (first === undefined) return null;
  if (isOperator(first, '(')) {
    const inner = literalAt(seen, at + 1);
    return inner !== null && isOperator(seen[inner.next], ')') ? { ...inner, next: inner.next + 1 } : null;
  }
  const sign = isOperator(first, '-') ? '-' : '';
  const number = numberOf(sign === '' ? first : seen[at + 1], sign);
  if (number !== null) return { value: number, next: at + 1 + sign.length };
  if (first.kind === token.TOKEN_STRING)
    return { value: { sql: first.raw, kind: 'string', text: first.text }, next: at + 1 };
  if (first.kind === token.TOKEN_PARAMETER)
    return { value: { sql: first.raw, kind: 'parameter', text: '', index: Number(first.text) }, next: at + 1 };
  const second = seen[at + 1];
  if (isWord(first, 'DATE', 'TIME', 'TIMESTAMP') && second?.kind === token.TOKEN_STRING)
    return { value: { sql: `${first.raw}${second.raw}`, kind: 'string', text: second.text }, next: at + 2 };
  if (isWord(first, 'NULL', 'DEFAULT')) return { value: { sql: first.raw, kind: 'null', text: '' }, next: at + 1 };
  return null;
}

/** An integer; `5e0`, which is what numbers of drivers in JavaScript are, counts. */
function numberOf(seen: Seen | undefined, sign: string): KeyValue | null {
  if (seen === undefined) return null;
  const sql = sign + seen.raw;
  if (seen.kind === token.TOKEN_INT) return { sql, kind: 'number', text: String(BigInt(sql)) };
  if (seen.kind === token.TOKEN_DECIMAL ? !/^\d{1,15}\.0*$/.test(seen.raw) : seen.kind !== token.TOKEN_FLOAT)
    return null;
  const value = Number(sql);
  // Adding zero makes 0 of -0.
  return Number.isSafeInteger(value) ? { sql, kind: 'number', text: String(value + 0) } : null;
}

function parameterCount(seen: readonly Seen[]): number {
  return seen.reduce((count, { kind }) => count + (kind === token.TOKEN_PARAMETER ? 1 : 0), 0);
}

function insertText(seen: readonly Seen[]): InsertText | null {
  let at = 1;
  while (isWord(seen[at], 'LOW_PRIORITY', 'HIGH_PRIORITY')) at++;
  // INSERT IGNORE and DELAYED may leave rows out.
  if (isWord(seen[at], 'INTO')) at++;
  const name = tableAt(seen, at);
  if (name === null || isWord(seen[at], 'IGNORE', 'DELAYED')) return null;
  at = name.next;
  let columns: string[] | null = null;
  if (isOperator(seen[at], '(')) {
    columns = [];
    for (at++; !isOperator(seen[at], ')'); at++) {
      const column = nameOf(seen[at]);
      if (column !== null) columns.push(column);
      else if (!isOperator(seen[at], ',')) return null;
    }
    at++;
  }
  if (!isWord(seen[at], 'VALUES', 'VALUE')) return null;
  const rows: (KeyValue | null)[][] = [];
  do {
    const row = rowAt(seen, at + 1);
    if (row === null) return null;
    rows.push(row.values);
    at = row.next;
  } while (isOperator(seen[at], ','));
  const updates = updatesAt(seen, at);
  if (updates === undefined) return null;
  const { database, table } = name;
  return {
    kind: 'insert',
    database,
    table,
    columns,
    rows,
    replaces: seen[0]?.text === 'REPLACE',
    updates,
    parameterCount: parameterCount(seen),
    end: seen.at(-1)?.end ?? 0,
  };
}

/** `(1, 'a', f(x))`: `next` is behind it. */
function rowAt(seen: readonly Seen[], from: number): { values: (KeyValue | null)[]; next: number } | null {
  if (!isOperator(seen[from], '(')) return null;
  const depth = (seen[from]?.depth ?? 0) + 1;
  const values: (KeyValue | null)[] = [];
  let at = from + 1;
  if (isOperator(seen[at], ')')) return { values, next: at + 1 };
  for (;;) {
    const literal = literalAt(seen, at);
    let end = at;
    while (
      end < seen.length &&
      !(seen[end]?.depth === depth && isOperator(seen[end], ',')) &&
      !(seen[end]?.depth === depth - 1 && isOperator(seen[end], ')'))
    )
      end++;
    if (end >= seen.length) return null;
    values.push(literal !== null && literal.next === end ? literal.value : null);
    at = end + 1;
    if (isOperator(seen[end], ')')) return { values, next: at };
  }
}

/** ON DUPLICATE KEY UPDATE a = ..., b = ... to the end: null without it, undefined for anything else. */
function updatesAt(seen: readonly Seen[], from: number): string[] | null | undefined {
  if (from === seen.length) return null;
  if (!(isWord(seen[from], 'ON') && isWord(seen[from + 1], 'DUPLICATE') && isWord(seen[from + 3], 'UPDATE')))
    return undefined;
  const columns: string[] = [];
  let expectsColumn = true;
  for (let at = from + 4; at < seen.length; at++) {
    if (isWord(seen[at], 'RETURNING')) return undefined;
    if (expectsColumn) {
      let name = nameOf(seen[at]);
      if (name === null) return undefined;
      if (isOperator(seen[at + 1], '.')) name = nameOf(seen[at + 2]) ?? name;
      columns.push(name.toLowerCase());
      expectsColumn = false;
    }
    if (seen[at]?.depth === 0 && isOperator(seen[at], ',')) expectsColumn = true;
  }
  return columns;
}

/** Clauses that end others, at the outermost level. */
const CLAUSES = ['SET', 'WHERE', 'ORDER', 'LIMIT'];

function changeText(text: string, seen: readonly Seen[]): ChangeText | null {
  const isUpdate = seen[0]?.text === 'UPDATE';
  let at = 1;
  while (isWord(seen[at], 'LOW_PRIORITY', 'QUICK')) at++;
  if (!isUpdate) {
    if (!isWord(seen[at], 'FROM')) return null;
    at++;
  }
  const name = tableAt(seen, at);
  if (name === null || isWord(seen[at], 'IGNORE')) return null;
  const head = text.slice(seen[0]?.start, seen[at]?.start);
  const from = at;
  at = name.next;
  if (isWord(seen[at], 'AS')) at++;
  if (nameOf(seen[at]) !== null && !isWord(seen[at], ...CLAUSES)) at++;
  const reference = text.slice(seen[from]?.start, seen[at - 1]?.end);
  const outermost = seen.filter(({ depth }) => depth === 0);
  if (outermost.some((one) => isWord(one, 'RETURNING', 'JOIN', 'USING', 'PARTITION', 'PERIOD', 'PORTION'))) return null;
  const parts = clausesOf(seen, at, isUpdate);
  if (parts === null) return null;
  const slice = ([first, last]: readonly [number, number]): string =>
    text.slice(seen[first]?.start, seen[last - 1]?.end);
  const { set, where, order, limit } = parts;
  const sets = set === null ? new Map<string, KeyValue | null>() : setsOf(seen, set);
  if (sets === null) return null;
  return {
    kind: isUpdate ? 'update' : 'delete',
    database: name.database,
    table: name.table,
    reference,
    head,
    assignments: set === null ? '' : slice(set),
    sets,
    where: where === null ? null : slice(where),
    order: order === null ? '' : slice(order),
    limit: limit === null ? '' : slice(limit),
    equals: where === null || order !== null || limit !== null ? null : equalsOf(seen, where),
    parameterCount: parameterCount(seen),
    end: seen.at(-1)?.end ?? 0,
  };
}

type Range = readonly [first: number, behind: number];

/** Positions of what is behind SET and WHERE, and of ORDER and LIMIT with these words. */
function clausesOf(
  seen: readonly Seen[],
  from: number,
  isUpdate: boolean,
): { set: Range | null; where: Range | null; order: Range | null; limit: Range | null } | null {
  const starts: [string, number][] = [];
  for (let at = from; at < seen.length; at++) {
    const one = seen[at] as Seen;
    if (one.depth === 0 && isWord(one, ...CLAUSES)) starts.push([one.text, at]);
  }
  const expected = isUpdate ? 'SET' : '';
  if ((starts[0]?.[1] ?? seen.length) !== from || (isUpdate && starts[0]?.[0] !== expected)) return null;
  const order = starts.map(([word]) => CLAUSES.indexOf(word));
  if (order.some((place, i) => i > 0 && place <= (order[i - 1] as number))) return null;
  const found: Record<string, Range> = {};
  for (const [i, [word, at]] of starts.entries()) found[word] = [at, starts[i + 1]?.[1] ?? seen.length];
  const behind = (range: Range | undefined): Range | null => (range === undefined ? null : [range[0] + 1, range[1]]);
  return { set: behind(found.SET), where: behind(found.WHERE), order: found.ORDER ?? null, limit: found.LIMIT ?? null };
}

function setsOf(seen: readonly Seen[], [from, behind]: Range): Map<string, KeyValue | null> | null {
  const sets = new Map<string, KeyValue | null>();
  for (let at = from; at < behind; ) {
    let name = nameOf(seen[at]);
    at++;
    while (isOperator(seen[at], '.')) {
      name = nameOf(seen[at + 1]);
      at += 2;
    }
    if (name === null || !isOperator(seen[at], '=')) return null;
    const literal = literalAt(seen, at + 1);
    let end = at + 1;
    while (end < behind && !(seen[end]?.depth === 0 && isOperator(seen[end], ','))) end++;
    sets.set(name.toLowerCase(), literal !== null && literal.next === end ? literal.value : null);
    at = end + 1;
  }
  return sets;
}

function equalsOf(seen: readonly Seen[], [from, behind]: Range): Map<string, KeyValue[]> | null {
  const equals = new Map<string, KeyValue[]>();
  let at = from;
  for (;;) {
    let name = nameOf(seen[at]);
    at++;
    while (isOperator(seen[at], '.')) {
      name = nameOf(seen[at + 1]);
      at += 2;
    }
    if (name === null || equals.has(name.toLowerCase())) return null;
    const values: KeyValue[] = [];
    if (isOperator(seen[at], '=')) {
      const literal = literalAt(seen, at + 1);
      if (literal === null) return null;
      values.push(literal.value);
      at = literal.next;
    } else if (isWord(seen[at], 'IN') && isOperator(seen[at + 1], '(')) {
      const list = rowAt(seen, at + 1);
      if (list === null || list.values.some((value) => value === null)) return null;
      values.push(...(list.values as KeyValue[]));
      at = list.next;
    } else {
      return null;
    }
    if (values.some(({ kind }) => kind === 'null')) return null;
    equals.set(name.toLowerCase(), values);
    if (at === behind) return equals;
    if (!isWord(seen[at], 'AND')) return null;
    at++;
  }
}
