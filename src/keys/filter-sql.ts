/** One test of a filter as SQL over `type` and `value`, exact: NaN, integers beyond 64 bits and NUL characters included. */
import type { StoreValue } from '../stores/values.ts';
import type { CheckedTest, DateTest, NumberTest, StringTest } from './filters.ts';
import type { SqlPart } from './pattern-sql.ts';
import { isInt64, typeCode } from './values.ts';

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

/** Dates are tested as their milliseconds. */
export const DATE_AS_NUMBER: Readonly<Record<DateTest, NumberTest>> = {
  earlier: 'lt',
  later: 'gt',
  same: 'eq',
  notSame: 'ne',
  during: 'between',
  duringInclusive: 'betweenInclusive',
};

export function testSql(checked: CheckedTest): SqlPart {
  switch (checked.kind) {
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
