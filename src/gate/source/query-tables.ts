/**
 * Where queries name tables, read from their tokens by the structure that all MySQL servers share: what stands in parentheses, which words begin and end a
 * list of tables, what is the name of a common table expression. What can be a keyword for one server and an alias for another is judged by what stands
 * behind it; where a doubt is left, that is noted, and who needs to be sure takes the statement for one of any tables.
 */
import type { FoundTables, TableName } from './found-tables.ts';
import type { StatementTokens } from './statement-tokens.ts';
import {
  FUNCTIONS_WITH_FROM,
  NO_ALIASES,
  NO_CALLS,
  NO_TABLES,
  QUERY_WORDS,
  TABLE_LIST_ENDS,
} from './statement-words.ts';

/** Names of common table expressions. */
type Scope = ReadonlySet<string>;

const NO_NAMES: Scope = new Set();
const SEQUENCE_ACCESS: Readonly<Record<string, 'read' | 'write'>> = {
  NEXTVAL: 'write',
  SETVAL: 'write',
  LASTVAL: 'read',
  NEXT: 'write',
  PREVIOUS: 'read',
};
const COMPARISONS = ['=', '<', '>', '<=', '>=', '<>', '<=>'];

/** A table in FROM or the like, under the name by which the statement speaks of it. */
export interface TableReference {
  readonly table: TableName;
  readonly alias: string | null;
}

interface References {
  /** The first token behind the list. */
  readonly next: number;
  readonly references: readonly TableReference[];
}

export class QueryTables {
  readonly #tokens: StatementTokens;
  readonly #found: FoundTables;

  constructor(tokens: StatementTokens, found: FoundTables) {
    this.#tokens = tokens;
    this.#found = found;
  }

  /** `db.t`, `t` or `.t`; null where no name stands. */
  nameAt(index: number): { readonly table: TableName; readonly next: number } | null {
    const tokens = this.#tokens;
    if (tokens.isOperator(index, '.')) {
      if (!tokens.isName(index + 1)) return null;
      return { table: { database: null, name: tokens.at(index + 1)?.raw ?? '' }, next: index + 2 };
    }
    if (!tokens.isName(index) || tokens.isWordOf(index, NO_TABLES)) return null;
    const first = tokens.at(index)?.raw ?? '';
    if (!tokens.isOperator(index + 1, '.')) return { table: { database: null, name: first }, next: index + 1 };
    if (!tokens.isName(index + 2)) return null;
    return { table: { database: first, name: tokens.at(index + 2)?.raw ?? '' }, next: index + 3 };
  }

  /** What stands between two positions of one level: a query, several with UNION, or expressions. `caller`: the function whose arguments they are. */
  level(from: number, to: number, names: Scope = NO_NAMES, caller = ''): void {
    const tokens = this.#tokens;
    let scope = names;
    let isQuery = false;
    for (let at = from; at < to; ) {
      if (tokens.isOperator(at, '(')) {
        at = this.#group(at, scope);
        continue;
      }
      if (tokens.isOperator(at, ';')) this.#found.doubt('several statements');
      if (tokens.isOperator(at - 1, '.')) {
        this.#noteCall(at);
        at++;
        continue;
      }
      if (tokens.isWord(at, 'WITH')) {
        const read = this.with(at, scope);
        if (read !== null) {
          scope = read.scope;
          at = read.next;
          continue;
        }
      }
      if (tokens.isWord(at, 'SELECT')) isQuery = true;
      if (tokens.isWord(at, 'FROM') && !isQuery && FUNCTIONS_WITH_FROM.has(caller)) at++;
      else if (tokens.isWord(at, 'FROM') && isQuery) at = this.references(at + 1, to, scope).next;
      else at = this.#word(at, isQuery);
    }
  }

  /** WITH name [(columns)] AS (query), ...; null: WITH of something else. */
  with(at: number, names: Scope = NO_NAMES): { readonly next: number; readonly scope: Scope } | null {
    const tokens = this.#tokens;
    let scope = names;
    const isRecursive = tokens.isWord(at + 1, 'RECURSIVE');
    for (let i = at + (isRecursive ? 2 : 1); ; i++) {
      if (!tokens.isName(i)) return null;
      const withName = new Set([...scope, tokens.at(i)?.raw ?? '']);
      let open = tokens.isOperator(i + 1, '(') ? tokens.closingOf(i + 1) + 1 : i + 1;
      if (!tokens.isWord(open, 'AS') || !tokens.isOperator(++open, '(')) return null;
      const close = tokens.closingOf(open);
      this.level(open + 1, close, isRecursive ? withName : scope);
      scope = withName;
      i = close + 1;
      if (tokens.isWord(i, 'CYCLE')) {
        while (i < tokens.length && !tokens.isWord(i, 'RESTRICT')) i++;
        i++;
      }
      if (!tokens.isOperator(i, ',')) return { next: i, scope };
    }
  }

  /** Tables with commas and joins between them. */
  references(from: number, to: number, scope: Scope = NO_NAMES): References {
    const tokens = this.#tokens;
    const references: TableReference[] = [];
    for (let at = from; ; at++) {
      at = this.#factor(at, to, scope, references);
      at = this.#behindFactor(at, to, scope);
      const goesOn = at < to && (tokens.isOperator(at, ',') || tokens.isWord(at, 'JOIN', 'STRAIGHT_JOIN'));
      if (!goesOn) return { next: at, references };
    }
  }

  /** `( ... )` among expressions. Returns the position behind it. */
  #group(open: number, scope: Scope): number {
    const tokens = this.#tokens;
    const close = tokens.closingOf(open);
    const caller =
      tokens.isName(open - 1) && !tokens.isOperator(open - 2, '.') ? (tokens.at(open - 1)?.text ?? '') : '';
    this.level(open + 1, close, scope, caller.toUpperCase());
    return close + 1;
  }

  /** A token among expressions. Returns the position of the next. */
  #word(at: number, isQuery: boolean): number {
    const tokens = this.#tokens;
    const word = tokens.isName(at) ? tokens.at(at) : undefined;
    this.#noteCall(at);
    if (word === undefined || !tokens.isWord(at, word.text)) return at + 1;
    switch (word.text) {
      case 'FROM':
      case 'JOIN':
        this.#found.doubt(`${word.text} in a place that is not understood`);
        return at + 1;
      case 'INTO':
        if (tokens.isWord(at + 1, 'OUTFILE', 'DUMPFILE')) this.#found.needs('FILE');
        else if (!isQuery || !tokens.isUserVariable(at + 1))
          this.#found.doubt('INTO in a place that is not understood');
        return at + 1;
      case 'UPDATE':
        if (!tokens.isWord(at - 1, 'FOR', 'KEY', 'ON')) this.#found.doubt('UPDATE within a statement');
        return at + 1;
      case 'DELETE':
      case 'CALL':
      case 'LOAD':
      case 'PROCEDURE':
        this.#found.doubt(`${word.text} within a statement`);
        return at + 1;
      case 'TABLE':
        return this.#named(at + 1, 'read', 'TABLE without a name');
      case 'NEXT':
      case 'PREVIOUS':
        if (!tokens.isWord(at + 1, 'VALUE') || !tokens.isWord(at + 2, 'FOR')) return at + 1;
        return this.#named(at + 3, SEQUENCE_ACCESS[word.text] ?? 'write', 'a sequence without a name');
      default:
        return at + 1;
    }
  }

  /** A name that must be there. Returns the position behind it. */
  #named(at: number, access: 'read' | 'write', otherwise: string): number {
    const name = this.nameAt(at);
    if (name === null) {
      this.#found.doubt(otherwise);
      return at;
    }
    this.#found.add(name.table, access);
    return name.next;
  }

  /** A name with a parenthesis behind it. */
  #noteCall(at: number): void {
    const tokens = this.#tokens;
    if (!tokens.isName(at) || !tokens.isOperator(at + 1, '(')) return;
    const { text, raw } = tokens.at(at) as { text: string; raw: string };
    if (tokens.isOperator(at - 1, '.')) {
      this.#found.calls.push(`.${raw.toUpperCase()}`);
      return;
    }
    if (tokens.isWord(at, text)) {
      if (NO_CALLS.has(text) || tokens.isWord(at - 1, 'AS')) return;
      if ((text === 'ANY' || text === 'SOME') && COMPARISONS.some((one) => tokens.isOperator(at - 1, one))) return;
      if (text === 'AGAINST' && tokens.isOperator(at - 1, ')')) return;
      const sequence = SEQUENCE_ACCESS[text];
      if (sequence !== undefined && text.endsWith('VAL')) this.#named(at + 2, sequence, 'a sequence without a name');
    } else if (tokens.isWord(at - 1, 'AS')) return;
    this.#found.calls.push(text.toUpperCase());
  }

  /** One table, or what stands for one. Returns the position behind its name or parenthesis. */
  #factor(from: number, to: number, scope: Scope, references: TableReference[]): number {
    const tokens = this.#tokens;
    let at = from;
    // { OJ a LEFT JOIN b }
    while (tokens.isOperator(at, '{') && tokens.isName(at + 1)) at += 2;
    if (tokens.isWord(at, 'LATERAL') && tokens.isOperator(at + 1, '(')) at++;
    if (at < to && tokens.isOperator(at, '(')) {
      const close = tokens.closingOf(at);
      if (tokens.isWordOf(at + 1, QUERY_WORDS)) this.level(at + 1, close, scope);
      else {
        const inner = this.references(at + 1, close, scope);
        references.push(...inner.references);
        if (inner.next < close) this.level(inner.next, close, scope);
      }
      return close + 1;
    }
    if (tokens.isWord(at, 'JSON_TABLE') && tokens.isOperator(at + 1, '(')) {
      const close = tokens.closingOf(at + 1);
      this.level(at + 2, close, scope, 'JSON_TABLE');
      return close + 1;
    }
    if (tokens.isWord(at, 'DUAL')) return at + 1;
    const name = at < to ? this.nameAt(at) : null;
    if (name === null || tokens.isOperator(name.next, '(') || tokens.isOperator(name.next, '.')) {
      this.#found.doubt('a list of tables that is not understood');
      return name?.next ?? at;
    }
    const { table, next } = name;
    const alias = this.#aliasAt(next);
    references.push({ table, alias });
    const isExpression = table.database === null && scope.has(table.name);
    if (!isExpression) this.#found.add(table, 'read', { first: at, next, alias });
    return next;
  }

  #aliasAt(index: number): string | null {
    const tokens = this.#tokens;
    let at = index;
    if (tokens.isWord(at, 'PARTITION') && tokens.isOperator(at + 1, '(')) at = tokens.closingOf(at + 1) + 1;
    if (tokens.isWord(at, 'AS')) at++;
    else if (tokens.isWordOf(at, NO_ALIASES)) return null;
    return tokens.isName(at) ? (tokens.at(at)?.raw ?? null) : null;
  }

  /** Up to the comma or the join before the next table, or to the end of the list: alias, hints, condition. */
  #behindFactor(from: number, to: number, scope: Scope): number {
    const tokens = this.#tokens;
    let isCondition = false;
    for (let at = from; at < to; ) {
      if (tokens.isOperator(at, '(')) {
        at = this.#group(at, scope);
        continue;
      }
      if (tokens.isOperator(at, ',') || tokens.isOperator(at, ';')) return at;
      if (tokens.isOperator(at, '.') && !isCondition) this.#found.doubt('a list of tables that is not understood');
      if (tokens.isOperator(at - 1, '.')) {
        this.#noteCall(at);
        at++;
        continue;
      }
      if (tokens.isWord(at, 'AS') && tokens.isName(at + 1)) {
        at += 2;
        continue;
      }
      if (tokens.isWord(at, 'JOIN', 'STRAIGHT_JOIN') || this.#endsList(at)) return at;
      if (tokens.isWord(at, 'ON')) isCondition = true;
      if (tokens.isWord(at, 'FOR')) {
        // Of an index hint; of a table's past states.
        const { next, isPast } = this.#behindFor(at);
        isCondition ||= isPast;
        at = next;
        continue;
      }
      at = isCondition ? this.#word(at, false) : at + 1;
    }
    return to;
  }

  #endsList(at: number): boolean {
    const tokens = this.#tokens;
    if (tokens.isWordOf(at, TABLE_LIST_ENDS)) return true;
    // Names for some servers.
    if (tokens.isWord(at, 'EXCEPT', 'INTERSECT')) {
      const behind = tokens.isWord(at + 1, 'ALL', 'DISTINCT') ? at + 2 : at + 1;
      return tokens.isOperator(behind, '(') || tokens.isWordOf(behind, QUERY_WORDS);
    }
    if (tokens.isWord(at, 'WINDOW'))
      return tokens.isName(at + 1) && tokens.isWord(at + 2, 'AS') && tokens.isOperator(at + 3, '(');
    if (tokens.isWord(at, 'ON')) return tokens.isWord(at + 1, 'DUPLICATE') && tokens.isWord(at + 2, 'KEY');
    if (!tokens.isWord(at, 'FOR')) return false;
    const isHint = tokens.isWord(at - 1, 'INDEX', 'KEY') && tokens.isWord(at + 1, 'JOIN', 'ORDER', 'GROUP');
    return !isHint && !tokens.isWord(at + 1, 'SYSTEM_TIME', 'PORTION');
  }

  #behindFor(at: number): { next: number; isPast: boolean } {
    const tokens = this.#tokens;
    if (tokens.isWord(at + 1, 'SYSTEM_TIME'))
      return { next: tokens.isWord(at + 2, 'FROM') ? at + 3 : at + 2, isPast: true };
    // PORTION OF period FROM a TO b
    if (tokens.isWord(at + 1, 'PORTION'))
      return { next: tokens.isWord(at + 4, 'FROM') ? at + 5 : at + 2, isPast: true };
    return { next: at + 2, isPast: false };
  }
}
