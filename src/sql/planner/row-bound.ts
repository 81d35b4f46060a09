/**
 * How many rows a query can touch at most: what decides whether the front may run it inline. Told by unique keys, by the width of an
 * integer key's range, or by a LIMIT over an index walked in its order.
 */
import { INLINE_ROWS } from '../../limits.ts';
import type { TableDefinition } from '../../stores/schema.ts';
import type { StoreValue } from '../../stores/values.ts';
import type { ExecutionContext } from '../context.ts';
import { family } from '../types.ts';
import type { QueryShape } from './query.ts';
import type { SimpleCondition, Term } from './term.ts';

type Bound = (execution: ExecutionContext) => number | null;

export function rowBound(shape: QueryShape): Bound | null {
  const { definition } = shape.table;
  for (const key of uniqueKeys(definition)) {
    const byKey = keyBound(key, shape.conditions);
    if (byKey !== null) return byKey;
  }
  return rangeBound(definition, shape.conditions) ?? walkBound(shape);
}

/** A unique key is compared with one value, or with each of some. */
export function isUniqueLookup({ table, conditions }: QueryShape): boolean {
  return uniqueKeys(table.definition).some((key) => keyBound(key, conditions) !== null);
}

/** The condition is equality on all of the primary key's columns, and nothing else. */
export function isPointCondition(table: TableDefinition, condition: Term): boolean {
  const conditions = condition.conditions ?? [];
  if (
    condition.onlyConditions !== true ||
    table.primaryKey.length === 0 ||
    conditions.length !== table.primaryKey.length
  )
    return false;
  return table.primaryKey.every((name) => conditions.some((part) => part.op === '=' && sameName(part, name)));
}

function uniqueKeys(table: TableDefinition): (readonly string[])[] {
  const keys = table.indexes
    .filter((index) => index.unique && index.parts.every((part) => part.length === undefined))
    .map((index) => index.parts.map((part) => part.column));
  return table.primaryKey.length === 0 ? keys : [table.primaryKey, ...keys];
}

function sameName(condition: SimpleCondition, name: string): boolean {
  return condition.column.definition.name.toLowerCase() === name.toLowerCase();
}

/** Every column of a unique key is compared by = or IN: one row for each combination. */
function keyBound(key: readonly string[], conditions: readonly SimpleCondition[]): Bound | null {
  let combinations = 1;
  for (const name of key) {
    const found = conditions.filter(
      (condition) => (condition.op === '=' || condition.op === 'in') && sameName(condition, name),
    );
    if (found.length === 0) return null;
    combinations *= Math.min(...found.map((condition) => condition.values.length));
  }
  return () => combinations;
}

/** low <= id AND id <= high on an integer primary key: at most high - low + 1 rows. */
function rangeBound(table: TableDefinition, conditions: readonly SimpleCondition[]): Bound | null {
  const [name, ...more] = table.primaryKey;
  if (name === undefined || more.length > 0) return null;
  const column = table.columns.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
  if (column === undefined || family(column.type) !== 'int') return null;
  const low = conditions.find(
    (condition) => (condition.op === '>=' || condition.op === '>') && sameName(condition, name),
  );
  const high = conditions.find(
    (condition) => (condition.op === '<=' || condition.op === '<') && sameName(condition, name),
  );
  const lowValue = low?.values[0];
  const highValue = high?.values[0];
  if (lowValue === undefined || highValue === undefined) return null;
  return (execution) => {
    const from = integer(lowValue(execution));
    const to = integer(highValue(execution));
    return from === null || to === null ? null : Math.max(0, to - from + 1);
  };
}

function integer(value: StoreValue): number | null {
  return typeof value === 'bigint' || typeof value === 'number' ? Number(value) : null;
}

/** An index walked along these meets no row that is not wanted. */
const WALKED: ReadonlySet<SimpleCondition['op']> = new Set(['=', '<', '<=', '>', '>=']);

/**
 * ORDER BY index columns LIMIT n, all conditions being equalities on the columns before them (and at most one range on the first ordered
 * column): the index is walked n rows far.
 */
function walkBound(shape: QueryShape): Bound | null {
  const { limit, offset, orderBy, table } = shape;
  if (limit === null || orderBy === null || !shape.onlyConditions || !shape.plain) return null;
  if (!shape.conditions.every(({ op }) => WALKED.has(op))) return null;
  const unordered = orderBy.length === 0 && shape.conditions.length === 0;
  if (!unordered && !candidateIndexes(table.definition).some((columns) => walks(columns, shape))) return null;
  return (execution) => Number(limit(execution)) + (offset === null ? 0 : Number(offset(execution)));
}

/** Column names of each index, its row key appended as SQLite stores it. */
function candidateIndexes(table: TableDefinition): string[][] {
  const key = [...table.primaryKey];
  const secondary = table.indexes.filter((index) =>
    index.parts.every((part) => part.length === undefined && !part.descending),
  );
  return [key, ...secondary.map((index) => [...index.parts.map((part) => part.column), ...key])].filter(
    (columns) => columns.length > 0,
  );
}

function walks(columns: readonly string[], shape: QueryShape): boolean {
  const orderBy = shape.orderBy ?? [];
  const equal = shape.conditions.filter((condition) => condition.op === '=');
  const ranges = shape.conditions.filter((condition) => condition.op !== '=');
  const prefix = columns.slice(0, equal.length);
  if (!prefix.every((name) => equal.some((condition) => sameName(condition, name)))) return false;
  const next = columns[equal.length];
  if (ranges.length > 0 && (next === undefined || !ranges.every((condition) => sameName(condition, next))))
    return false;
  const direction = orderBy[0]?.descending ?? false;
  return orderBy.every((item, i) => {
    const expected = columns[equal.length + i];
    return (
      expected !== undefined &&
      item.descending === direction &&
      item.column.definition.name.toLowerCase() === expected.toLowerCase()
    );
  });
}

export function fitsInline(bound: number | null): boolean {
  return bound !== null && bound <= INLINE_ROWS;
}
