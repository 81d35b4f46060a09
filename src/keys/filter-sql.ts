/** Filters as SQL over `type` and `value`, exact: NaN, integers beyond 64 bits and NUL characters included. */
import type { StoreValue } from '../stores/values.ts';
import {
  type CheckedFilter,
  checkFilter,
  DATE_AS_NUMBER,
  filterFunction,
  type KeyFilter,
  type NumberTest,
  type StringTest,
} from './filters.ts';
import type { SqlPart } from './pattern-sql.ts';
import { isInt64, type StoredValue, typeCode } from './values.ts';

export interface CompiledFilter {
  matches(value: StoredValue): boolean;
  /** A condition over the columns `type` and `value`; NULL counts as false. */
  readonly sql: SqlPart;
}

const NATIVE_NUMBERS = `type IN (${typeCode('integer')}, ${typeCode('double')})`;
const BIG_NUMBER = `type = ${typeCode('bigint')}`;
const DATE = `type = ${typeCode('date')}`;
const STRING = `type = ${typeCode('string')}`;

/** For each test, what holds between the value and the first operand, and the second. */
const COMPARISONS: Readonly<Record<NumberTest, readonly string[]>> = {
  eq: ['='],
  // NaN is NULL, and not equal to anything.
  ne: ['IS NOT'],
  gt: ['>'],
  ge: ['>='],
  lt: ['<'],
  le: ['<='],
  between: ['>', '<'],
  betweenInclusive: ['>=', '<='],
};

/** Both forms. Throws ER_BAD_PARAMETER for what is no filter: it may have come from outside. */
export function compileFilter(filter: KeyFilter): CompiledFilter {
  const checked = checkFilter(filter);
  return { matches: filterFunction(checked), sql: filterSql(checked) };
}

function filterSql(checked: CheckedFilter): SqlPart {
  switch (checked.kind) {
    case 'and':
    case 'or': {
      const isAnd = checked.kind === 'and';
      const filters = checked.filters.map(filterSql);
      const sql = filters.map((filter) => `(${filter.sql})`).join(isAnd ? ' AND ' : ' OR ');
      return { sql: sql || (isAnd ? '1' : '0'), params: filters.flatMap(({ params }) => params) };
    }
    case 'not': {
      const { sql, params } = filterSql(checked.filter);
      return { sql: `(${sql}) IS NOT TRUE`, params };
    }
    case 'number':
      return numberSql(checked.test, checked.operands);
    case 'date': {
      const comparisons = COMPARISONS[DATE_AS_NUMBER[checked.test]].map((operator) => `value ${operator} ?`);
      return { sql: `${DATE} AND ${comparisons.join(' AND ')}`, params: checked.operands };
    }
    case 'string':
      return stringSql(checked.test, checked.operand);
  }
}

/** SQLite compares integers and doubles exactly; what is a bigint, or is held against one beyond 64 bits, a function compares. */
function numberSql(test: NumberTest, operands: readonly (number | bigint)[]): SqlPart {
  const operators = COMPARISONS[test];
  const byFunction: SqlPart = {
    sql: operators.map((operator) => `sluice_key_compare(value, ?) ${operator} 0`).join(' AND '),
    params: operands.map(exactText),
  };
  const canBind = operands.every((operand) => typeof operand === 'number' || isInt64(operand));
  const native = canBind
    ? { sql: operators.map((operator) => `value ${operator} ?`).join(' AND '), params: operands }
    : byFunction;
  return {
    sql: `CASE WHEN ${NATIVE_NUMBERS} THEN ${native.sql} WHEN ${BIG_NUMBER} THEN ${byFunction.sql} END`,
    params: [...native.params, ...byFunction.params],
  };
}

/** A whole number's digits: String() rounds those beyond 2^53. */
function exactText(operand: number | bigint): string {
  return String(Number.isInteger(operand) ? BigInt(operand) : operand);
}

function stringSql(test: StringTest, operand: string): SqlPart {
  const bytes: StoreValue = Buffer.from(operand);
  // By bytes, because SQLite's functions of characters stop at a NUL. In UTF-8 that is the same.
  const part = (from: string): SqlPart =>
    bytes.length === 0
      ? { sql: STRING, params: [] }
      : { sql: `${STRING} AND substr(CAST(value AS BLOB), ${from}) = ?`, params: [bytes] };
  switch (test) {
    case 'eq':
      return { sql: `${STRING} AND value = ?`, params: [operand] };
    case 'ne':
      return { sql: `${STRING} AND value <> ?`, params: [operand] };
    case 'startsWith':
      return part(`1, ${bytes.length}`);
    case 'endsWith':
      return part(`-${bytes.length}`);
    case 'contains':
      return { sql: `${STRING} AND instr(value, ?) > 0`, params: [operand] };
    case 'containedIn':
      return { sql: `${STRING} AND instr(?, value) > 0`, params: [operand] };
    case 'matches':
      return { sql: `${STRING} AND sluice_key_fits(CAST(value AS BLOB), ?)`, params: [bytes] };
  }
}
