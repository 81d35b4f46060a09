/**
 * Conditions of a list as the source's SQL. Text is compared by bytes, whatever the column's collation; before that, where an index could seek, the column
 * itself is compared, which equal bytes fulfil in any collation.
 *
 * What SQL cannot say exactly as the list protocol means it (regular expressions, full text, numbers that a text reads as) is looked at here, row by row: the SQL
 * then names the rows that may be wanted.
 */
import type { Condition } from '../../../lists/condition.ts';
import { OPERATORS } from '../../../lists/operators/operators.ts';
import { textTokens } from '../../../lists/operators/tokens.ts';
import type { SourceListColumn } from './list-table.ts';
import { NEVER, numberSql } from './number-sql.ts';

export interface SourceCondition {
  /** With `?` for each of `params`; null: any row may fulfil it. */
  readonly sql: string | null;
  /** Texts. */
  readonly params: readonly string[];
  /** Every row that the SQL names fulfils it. */
  readonly isExact: boolean;
}

interface Positive {
  readonly sql: string;
  readonly params: readonly string[];
}

/** Longer expressions for tokens are looked at here. */
const MAX_EXPRESSION_TOKENS = 100;

/** Throws ER_BAD_PARAMETER for an operand that cannot be read. */
export function sourceCondition(column: SourceListColumn, condition: Condition): SourceCondition {
  const { operator, negated, operand } = condition;
  // For its error.
  OPERATORS[operator].prepare(operand);
  const exact = positive(column, condition);
  if (exact === null) {
    const sql = negated ? null : `${column.sql} IS NOT NULL`;
    return { sql, params: [], isExact: false };
  }
  // Not NOT: where the field is missing the condition is NULL, and its negation is true.
  return { ...exact, sql: negated ? `(${exact.sql}) IS NOT TRUE` : exact.sql, isExact: true };
}

/** null: no SQL says it. */
function positive(column: SourceListColumn, { operator, operand }: Condition): Positive | null {
  if (OPERATORS[operator].kind === 'number') {
    const sql = numberSql(column, operator, operand);
    return sql === null ? null : { sql, params: [] };
  }
  const { bytesSql } = column;
  if (bytesSql === null) return null;
  switch (operator) {
    case 'STREQ':
      return equalToAny(column, bytesSql, [operand]);
    case 'STROREQ':
      return equalToAny(column, bytesSql, textTokens(operand));
    case 'STRINC':
      return { sql: `LOCATE(CAST(? AS BINARY), ${bytesSql}) > 0`, params: [operand] };
    case 'STRBW':
      return beginsWith(column, bytesSql, operand);
    case 'STREW':
      return { sql: `RIGHT(${bytesSql}, ${Buffer.byteLength(operand)}) = ?`, params: [operand] };
    case 'STRAND':
      return allTokens(column, textTokens(operand));
    case 'STROR':
      return anyToken(column, textTokens(operand));
    default:
      return null;
  }
}

function equalToAny(column: SourceListColumn, bytesSql: string, wanted: readonly string[]): Positive {
  if (wanted.length === 0) return { sql: NEVER, params: [] };
  const whole = wholeNumbers(column, wanted);
  if (whole !== null) return { sql: whole.length === 0 ? NEVER : `${column.sql} IN (${whole.join(', ')})`, params: [] };
  const places = `IN (${wanted.map(() => '?').join(', ')})`;
  const same: Positive = { sql: `${bytesSql} ${places}`, params: wanted };
  if (!wanted.every((text) => canSeek(column, text))) return same;
  return { sql: `${column.sql} ${places} AND ${same.sql}`, params: [...wanted, ...wanted] };
}

/** The integers that print exactly so; null: the column is none of plain integers. */
function wholeNumbers({ definition, numbers }: SourceListColumn, texts: readonly string[]): string[] | null {
  if (numbers !== 'integer' || definition.type === 'year') return null;
  return texts.filter((text) => /^(?:0|-?[1-9][0-9]{0,18}|1[0-9]{19})$/.test(text));
}

/** A text that the column's character set may not have makes the source refuse to compare. */
function canSeek({ seeksText }: SourceListColumn, text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is meant.
  return seeksText === 'unicode' || (seeksText === 'ascii' && /^[\u0000-\u007f]*$/.test(text));
}

/**
 * Where texts are in the order of their characters, an index can seek: what begins so is between the prefix with its last character one lower and the same one
 * higher. Not from the prefix itself: trailing blanks count for nothing in most collations, so characters below the blank come before it, which LIKE misses too
 * (MariaDB 10.11).
 */
function beginsWith(column: SourceListColumn, bytesSql: string, operand: string): Positive {
  const same: Positive = { sql: `LEFT(${bytesSql}, ${Buffer.byteLength(operand)}) = ?`, params: [operand] };
  const [below, above] = [lastMoved(operand, -1), lastMoved(operand, 1)];
  const isOrdered = /_bin$/.test(column.definition.collation ?? '');
  if (!isOrdered || below === null || above === null || !canSeek(column, above)) return same;
  return { sql: `${column.sql} > ? AND ${column.sql} < ? AND ${same.sql}`, params: [below, above, ...same.params] };
}

/** The text with its last character moved; null: there is none there. */
function lastMoved(text: string, by: 1 | -1): string | null {
  const points = Array.from(text);
  const moved = (points.pop()?.codePointAt(0) ?? 0) + by;
  // Surrogates are no characters.
  const point = moved === 0xd800 ? 0xe000 : moved === 0xdfff ? 0xd7ff : moved;
  return point <= 0 || point > 0x10ffff ? null : points.join('') + String.fromCodePoint(point);
}

/** Each token by itself: expressions cannot look for several in any order. */
function allTokens(column: SourceListColumn, tokens: readonly string[]): Positive | null {
  if (tokens.length === 0) return { sql: `${column.sql} IS NOT NULL`, params: [] };
  const subject = expressionSubject(column);
  if (subject === null || tokens.length > MAX_EXPRESSION_TOKENS) return null;
  return {
    sql: tokens.map(() => `${subject} REGEXP ?`).join(' AND '),
    params: tokens.map((token) => tokenExpression([token])),
  };
}

function anyToken(column: SourceListColumn, tokens: readonly string[]): Positive | null {
  if (tokens.length === 0) return { sql: NEVER, params: [] };
  const subject = expressionSubject(column);
  if (subject === null || tokens.length > MAX_EXPRESSION_TOKENS) return null;
  return { sql: `${subject} REGEXP ?`, params: [tokenExpression(tokens)] };
}

/** MySQL's expressions do not look at bytes, but by such a collation at characters just as they are. */
function expressionSubject({ definition, sql }: SourceListColumn): string | null {
  return definition.characterSet === null ? null : `CONVERT(${sql} USING utf8mb4) COLLATE utf8mb4_bin`;
}

/** A regular expression of those forms that MariaDB (PCRE), MySQL (ICU) and TiDB (RE2) read alike. */
function tokenExpression(tokens: readonly string[]): string {
  const parts = tokens.map((token) =>
    token.replace(/[^0-9A-Za-z\u0080-\u{10ffff}]/gu, (sign) => `\\x{${sign.charCodeAt(0).toString(16)}}`),
  );
  return `(^|[\\x00-\\x20,])(${parts.join('|')})($|[\\x00-\\x20,])`;
}
