/** Conditions asked of rows in stored form, as the change feed brings them: the same answers as condition-sql.ts gives in the store. */
import type { StoreValue } from '../stores/values.ts';
import type { ListColumn } from './columns.ts';
import { type Condition, matcherOf } from './condition.ts';
import type { ListNumber } from './operators/number-from-text.ts';
import { OPERATORS } from './operators/operators.ts';

/** A condition made ready for the stored values of `column`. Throws ER_BAD_PARAMETER for an operand that cannot be read. */
export function storedMatcher(column: ListColumn, condition: Condition): (value: StoreValue) => boolean {
  const operator = OPERATORS[condition.operator];
  if (operator.kind === 'text' || column.numbers === 'text') {
    const matches = matcherOf(condition);
    return (value) => matches(column.text(value));
  }
  const test = operator.prepare(condition.operand);
  const { negated } = condition;
  return (value) => (value === null ? negated : test(storedToNumber(value)) !== negated);
}

/** The number of a numeric column. BIGINT UNSIGNED beyond 2^63-1 is stored as digits. */
function storedToNumber(value: Exclude<StoreValue, null>): ListNumber {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  return typeof value === 'string' ? BigInt(value) : Number.NaN;
}
