/** Comparisons of a numeric column with what an operand reads as: in the source's SQL, exactly. */
import { boundsOf, numbersOf } from '../../../lists/operators/number.ts';
import { exactNumber, type ListNumber, numberFromText } from '../../../lists/operators/number-from-text.ts';
import type { OperatorName } from '../../../lists/operators/operators.ts';
import type { SourceListColumn } from './list-table.ts';

type Comparison = '=' | '>' | '>=' | '<' | '<=';

const COMPARISONS: Readonly<Partial<Record<OperatorName, Comparison>>> = {
  NUMEQ: '=',
  NUMGT: '>',
  NUMGE: '>=',
  NUMLT: '<',
  NUMLE: '<=',
};
export const NEVER = '1 = 0';
/** Every integer column of MySQL is within. */
const INTEGER_MIN = -(2n ** 63n);
const INTEGER_MAX = 2n ** 64n - 1n;

/** A condition on the column's number; null: no SQL says it. */
export function numberSql(column: SourceListColumn, operator: OperatorName, operand: string): string | null {
  if (column.numbers === 'text') return null;
  if (column.numbers === 'long-decimal') return longDecimalSql(column, operator, operand);
  const comparison = COMPARISONS[operator];
  if (comparison !== undefined) return compared(column, comparison, numberFromText(operand));
  if (operator === 'NUMBT') {
    const [low, high] = boundsOf(operand);
    return `${compared(column, '>=', low)} AND ${compared(column, '<=', high)}`;
  }
  const wanted = new Set(numbersOf(operand).flatMap((number) => equalTo(column, exactNumber(number)) ?? []));
  return wanted.size === 0 ? NEVER : `${column.numberSql} IN (${[...wanted].join(', ')})`;
}

function compared(column: SourceListColumn, comparison: Comparison, number: ListNumber): string {
  if (Number.isNaN(number)) return NEVER;
  if (comparison === '=') {
    const literal = equalTo(column, exactNumber(number));
    return literal === null ? NEVER : `${column.numberSql} = ${literal}`;
  }
  // Beyond all that the column can hold.
  const side = isBeyond(column, number);
  if (side !== 0) return comparison.startsWith('<') === side > 0 ? `${column.sql} IS NOT NULL` : NEVER;
  if (column.numbers !== 'real') return `${column.numberSql} ${comparison} ${plainText(number)}`;
  const [operator, bound] = typeof number === 'bigint' ? nearest(comparison, number) : [comparison, number];
  return `${column.numberSql} ${operator} ${doubleText(bound)}`;
}

/** The literal of the only value that is equal; null: the column cannot hold one. */
function equalTo(column: SourceListColumn, number: ListNumber): string | null {
  if (Number.isNaN(number) || isBeyond(column, number) !== 0) return null;
  switch (column.numbers) {
    case 'integer':
      return typeof number === 'bigint' || Number.isInteger(number) ? plainText(number) : null;
    case 'real': {
      const double = Number(number);
      return typeof number === 'bigint' && BigInt(double) !== number ? null : doubleText(double);
    }
    default:
      return plainText(number);
  }
}

function isBeyond({ numbers }: SourceListColumn, number: ListNumber): -1 | 0 | 1 {
  if (number === Number.POSITIVE_INFINITY) return 1;
  if (number === Number.NEGATIVE_INFINITY) return -1;
  if (numbers !== 'integer') return 0;
  return number > INTEGER_MAX ? 1 : number < INTEGER_MIN ? -1 : 0;
}

/** What says the same of doubles: an integer may lie between two of them. */
function nearest(comparison: Comparison, number: bigint): [Comparison, number] {
  const double = Number(number);
  const exact = BigInt(double);
  if (exact === number) return [comparison, double];
  if (comparison.startsWith('>')) return [exact > number ? '>=' : '>', double];
  return [exact < number ? '<=' : '<', double];
}

function doubleText(number: number): string {
  const text = String(number);
  return text.includes('e') ? text : `${text}e0`;
}

/** Without an exponent, which would make a double of it. */
function plainText(number: ListNumber): string {
  if (typeof number === 'bigint') return String(number);
  if (Number.isInteger(number)) return String(BigInt(number));
  const text = String(number);
  const [, sign = '', digits = '', point = ''] = /^(-?)([\d.]+)e-(\d+)$/.exec(text) ?? [];
  if (point === '') return text;
  return `${sign}0.${'0'.repeat(Number(point) - 1)}${digits.replace('.', '')}`;
}

// ---- DECIMAL of more digits than a double has

/** From here on the list protocol reads integers exactly, as long as 64 bits hold them. */
const READ_AS_DOUBLES = 1e14;
const MAX_EQUALS = 100;

/** Of such a column the list protocol reads 16 digits, as a double. By the column itself an index can seek what is near enough. */
function longDecimalSql(column: SourceListColumn, operator: OperatorName, operand: string): string | null {
  const comparison = COMPARISONS[operator];
  if (comparison !== undefined) return readCompared(column, comparison, numberFromText(operand));
  if (operator === 'NUMBT') {
    const [low, high] = boundsOf(operand);
    const [from, to] = [readCompared(column, '>=', low), readCompared(column, '<=', high)];
    return from === null || to === null ? null : `${from} AND ${to}`;
  }
  const numbers = numbersOf(operand);
  if (numbers.length > MAX_EQUALS) return null;
  const equals = numbers.map((number) => readCompared(column, '=', number));
  if (equals.includes(null)) return null;
  return equals.length === 0 ? NEVER : `(${equals.map((text) => `(${text})`).join(' OR ')})`;
}

function readCompared(column: SourceListColumn, comparison: Comparison, number: ListNumber): string | null {
  if (typeof number === 'bigint' || (Number.isFinite(number) && Math.abs(number) >= READ_AS_DOUBLES)) return null;
  if (!Number.isFinite(number)) return compared(column, comparison, number);
  const { sql } = column;
  // What is cut off, and rounded, is far less.
  const margin = Math.abs(number) * 1e-13 + 1e-13;
  const near = {
    '=': `${sql} BETWEEN ${plainText(number - margin)} AND ${plainText(number + margin)}`,
    '>': `${sql} >= ${plainText(number - margin)}`,
    '<': `${sql} <= ${plainText(number + margin)}`,
  }[comparison.charAt(0) as '=' | '>' | '<'];
  return `${near} AND ${readNumber(sql)} ${comparison} ${doubleText(number)}`;
}

/** The digits that count as a double: 16, but for a zero before the point. */
function readNumber(sql: string): string {
  const digits = `CASE WHEN ABS(${sql}) < 1 THEN 0 ELSE LENGTH(TRUNCATE(ABS(${sql}), 0)) END`;
  return `(TRUNCATE(${sql}, GREATEST(0, 16 - ${digits})) + 0e0)`;
}
