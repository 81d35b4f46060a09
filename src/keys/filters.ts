/**
 * Filters of values: plain data, so that they cross processes and protocols. Each test applies to values of its own kind only (numbers, dates, strings;
 * never to others), whatever the type that stores the number. `and`, `or` and `not` combine them; `not` holds for every value that its filter does not
 * hold for, of other kinds too.
 *
 * checkFilter() reads one; what it gives has two forms that agree on every value: a function (filterFunction()), and SQL (filter-sql.ts).
 */
import { failure, type SluiceError } from '../errors.ts';
import { MAX_KEY_FILTER_LEVELS, MAX_KEY_FILTER_TERMS } from '../limits.ts';
import type { StoreValue } from '../stores/values.ts';
import { isWellFormed } from './paths.ts';
import type { StoredValue } from './values.ts';

export type NumberTest = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le' | 'between' | 'betweenInclusive';
export type DateTest = 'earlier' | 'later' | 'same' | 'notSame' | 'during' | 'duringInclusive';
export type StringTest = 'eq' | 'ne' | 'startsWith' | 'endsWith' | 'contains' | 'containedIn' | 'matches';

export type KeyFilter =
  /** between and betweenInclusive have two operands. */
  | { readonly test: NumberTest; readonly operands: readonly (number | bigint)[] }
  | { readonly test: DateTest; readonly operands: readonly Date[] }
  | { readonly test: StringTest; readonly operands: readonly [string] }
  | { readonly test: 'and' | 'or'; readonly filters: readonly KeyFilter[] }
  | { readonly test: 'not'; readonly filter: KeyFilter };

/** A test with its operands checked: dates are milliseconds. */
export type CheckedTest =
  | { readonly kind: 'number'; readonly test: NumberTest; readonly operands: readonly (number | bigint)[] }
  | { readonly kind: 'date'; readonly test: DateTest; readonly operands: readonly number[] }
  | { readonly kind: 'string'; readonly test: StringTest; readonly operand: string };

/** A filter with all its tests checked. */
export type CheckedFilter =
  | CheckedTest
  | { readonly kind: 'and' | 'or'; readonly filters: readonly CheckedFilter[] }
  | { readonly kind: 'not'; readonly filter: CheckedFilter };

/** Dates are tested as their milliseconds. */
export const DATE_AS_NUMBER: Readonly<Record<DateTest, NumberTest>> = {
  earlier: 'lt',
  later: 'gt',
  same: 'eq',
  notSame: 'ne',
  during: 'between',
  duringInclusive: 'betweenInclusive',
};

const NUMBER_TESTS = new Set(['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'between', 'betweenInclusive']);
const DATE_TESTS = new Set(['earlier', 'later', 'same', 'notSame', 'during', 'duringInclusive']);
const STRING_TESTS = new Set(['eq', 'ne', 'startsWith', 'endsWith', 'contains', 'containedIn', 'matches']);

/** Throws ER_BAD_PARAMETER for what is no filter: it may have come from outside. */
export function checkFilter(filter: KeyFilter): CheckedFilter {
  return check(filter, { levels: 0, terms: 0 });
}

function check(filter: KeyFilter, size: { levels: number; terms: number }): CheckedFilter {
  if (typeof filter !== 'object' || filter === null) throw wrong('a filter is an object');
  if (++size.terms > MAX_KEY_FILTER_TERMS) throw wrong(`more than ${MAX_KEY_FILTER_TERMS} terms`);
  switch (filter.test) {
    case 'and':
    case 'or': {
      if (!Array.isArray(filter.filters)) throw wrong(`'${filter.test}' has a list of filters`);
      return { kind: filter.test, filters: nested(filter.filters, size) };
    }
    case 'not':
      return { kind: 'not', filter: nested([filter.filter], size)[0]! };
    default:
      return checkTest(filter.test, filter.operands);
  }
}

function nested(filters: readonly KeyFilter[], size: { levels: number; terms: number }): CheckedFilter[] {
  if (++size.levels > MAX_KEY_FILTER_LEVELS) throw wrong(`more than ${MAX_KEY_FILTER_LEVELS} levels`);
  const checked = filters.map((filter) => check(filter, size));
  size.levels--;
  return checked;
}

function checkTest(test: unknown, operands: unknown): CheckedTest {
  const name = String(test);
  if (!Array.isArray(operands)) throw wrong(`'${name.slice(0, 40)}' has a list of operands`);
  const wanted = name.startsWith('between') || name.startsWith('during') ? 2 : 1;
  if (operands.length !== wanted)
    throw wrong(`'${name.slice(0, 40)}' has ${wanted} operand(s), not ${operands.length}`);
  if (STRING_TESTS.has(name) && typeof operands[0] === 'string') return checkString(name as StringTest, operands[0]);
  if (NUMBER_TESTS.has(name) && operands.every((operand) => typeof operand === 'bigint' || isNumber(operand)))
    return { kind: 'number', test: name as NumberTest, operands };
  if (DATE_TESTS.has(name) && operands.every((operand) => operand instanceof Date && isNumber(operand.getTime())))
    return { kind: 'date', test: name as DateTest, operands: operands.map((operand: Date) => operand.getTime()) };
  throw wrong(`'${name.slice(0, 40)}' is no test of ${typeof operands[0]}s, or its operand is none`);
}

function isNumber(operand: unknown): boolean {
  return typeof operand === 'number' && !Number.isNaN(operand);
}

function checkString(test: StringTest, operand: string): CheckedTest {
  if (!isWellFormed(operand)) throw wrong('an operand holds half of a surrogate pair');
  if (test === 'matches') wholeExpression(operand);
  return { kind: 'string', test, operand };
}

/** Throws ER_BAD_PARAMETER. */
export function wholeExpression(source: string): RegExp {
  try {
    // Compiled by itself first: `a)(b` must not become well-formed by what is put around it.
    new RegExp(source, 'su');
    return new RegExp(`^(?:${source})$`, 'su');
  } catch (error) {
    throw wrong(`'matches': ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** `and` of nothing holds, `or` of nothing does not. */
export function filterFunction(checked: CheckedFilter): (value: StoredValue) => boolean {
  switch (checked.kind) {
    case 'and': {
      const tests = checked.filters.map(filterFunction);
      return (value) => tests.every((test) => test(value));
    }
    case 'or': {
      const tests = checked.filters.map(filterFunction);
      return (value) => tests.some((test) => test(value));
    }
    case 'not': {
      const test = filterFunction(checked.filter);
      return (value) => !test(value);
    }
    case 'number': {
      const test = orderTest(checked.test, checked.operands);
      return ({ type, value }) => {
        if (type === 'integer') return test(value as number);
        if (type === 'double') return test(value === null ? Number.NaN : (value as number));
        return type === 'bigint' && test(BigInt(value as number | bigint | string));
      };
    }
    case 'date': {
      const test = orderTest(DATE_AS_NUMBER[checked.test], checked.operands);
      return ({ type, value }) => type === 'date' && test(value as number);
    }
    case 'string': {
      const test = stringTest(checked.test, checked.operand);
      return ({ type, value }) => type === 'string' && test(value as string);
    }
  }
}

/** Exact across number and bigint, as JavaScript's own comparisons are. */
function orderTest(test: NumberTest, [a, b]: readonly (number | bigint)[]): (value: number | bigint) => boolean {
  const low = a as number;
  const high = b as number;
  switch (test) {
    // biome-ignore-start lint/suspicious/noDoubleEquals: 1 and 1n are the same number.
    case 'eq':
      return (value) => value == low;
    case 'ne':
      return (value) => value != low;
    // biome-ignore-end lint/suspicious/noDoubleEquals: 1 and 1n are the same number.
    case 'gt':
      return (value) => value > low;
    case 'ge':
      return (value) => value >= low;
    case 'lt':
      return (value) => value < low;
    case 'le':
      return (value) => value <= low;
    case 'between':
      return (value) => value > low && value < high;
    case 'betweenInclusive':
      return (value) => value >= low && value <= high;
  }
}

function stringTest(test: StringTest, operand: string): (value: string) => boolean {
  switch (test) {
    case 'eq':
      return (value) => value === operand;
    case 'ne':
      return (value) => value !== operand;
    case 'startsWith':
      return (value) => value.startsWith(operand);
    case 'endsWith':
      return (value) => value.endsWith(operand);
    case 'contains':
      return (value) => value.includes(operand);
    case 'containedIn':
      return (value) => operand.includes(value);
    case 'matches': {
      const expression = wholeExpression(operand);
      return (value) => expression.test(value);
    }
  }
}

/** How a number stored in any of the numeric types compares with an operand; null for NaN. */
export function compareNumbers(value: StoreValue, operand: number | bigint): number | null {
  if (value === null) return null;
  const number = typeof value === 'string' ? BigInt(value) : (value as number | bigint);
  return number < operand ? -1 : number > operand ? 1 : 0;
}

function wrong(reason: string): SluiceError {
  return failure('ER_BAD_PARAMETER', `filter: ${reason}`);
}
