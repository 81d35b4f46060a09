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

/** A condition, of a column whose `numbers` are its own. */
export function numberSql(column: SourceListColumn, operator: OperatorName, operand: string): string {
  const comparison = COMPARISONS[operator];
  if (comparison !== undefined) return compared(column, comparison, numberFromText(operand));
  if (operator === 'NUMBT') {
    const [low, high] = boundsOf(operand);
    return `${compared(column, '>=', low)} AND ${compared(column, '<=', high)}`;
  }
  const wanted = new Set(numbersOf(operand).flatMap((number) => equalTo(column, exactNumber(number)) ?? []));
  return wanted.size === 0 ? NEVER : `${column.sql} IN (${[...wanted].join(', ')})`;
}

function compared(column: SourceListColumn, comparison: Comparison, number: ListNumber): string {
  if (Number.isNaN(number)) return NEVER;
  if (comparison === '=') {
    const literal = equalTo(column, exactNumber(number));
    return literal === null ? NEVER : `${column.sql} = ${literal}`;
  }
  // Beyond all that the column can hold.
  const side = isBeyond(column, number);
  if (side !== 0) return comparison.startsWith('<') === side > 0 ? `${column.sql} IS NOT NULL` : NEVER;
  if (column.numbers !== 'real') return `${column.sql} ${comparison} ${plainText(number)}`;
  const [operator, bound] = typeof number === 'bigint' ? nearest(comparison, number) : [comparison, number];
  return `${column.sql} ${operator} ${doubleText(bound)}`;
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
