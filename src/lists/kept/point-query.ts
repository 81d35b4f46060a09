/** Lists whose conditions name the primary keys of their rows. */
import type { StoreValue } from '../../stores/values.ts';
import type { KeyValue } from './key-column.ts';
import type { ListQuery } from './list-query.ts';

/** Keys of one list: beyond them it is the store's. */
const POINT_KEYS_MAX = 1_000;

/** The primary keys that a condition leaves, each once; null: no condition names them. */
export function pointKeys(query: ListQuery, keyColumn: number): KeyValue[] | null {
  for (const term of query.conditions) {
    if (term.column !== keyColumn || term.reading !== undefined) continue;
    if (term.op === '=') {
      const key = keyOf(term.value);
      return key === undefined ? [] : [key];
    }
    if (term.op !== 'in' || term.values.length > POINT_KEYS_MAX) continue;
    const keys = new Set<KeyValue>();
    for (const value of term.values) {
      const key = keyOf(value);
      if (key !== undefined) keys.add(key);
    }
    return [...keys];
  }
  return null;
}

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** A fraction, a text or NULL is the key of no row. */
export function keyOf(value: StoreValue): KeyValue | undefined {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return value + 0;
    return Number.isInteger(value) ? integerKey(BigInt(value)) : undefined;
  }
  return typeof value === 'bigint' ? integerKey(value) : undefined;
}

function integerKey(value: bigint): KeyValue | undefined {
  const narrow = Number(value);
  if (Number.isSafeInteger(narrow)) return narrow;
  return value >= INT64_MIN && value <= INT64_MAX ? value : undefined;
}

/**
 * How the rows of a point query follow one another by their keys, when its keys alone decide which rows there are and in what order. null: the rows'
 * values are needed.
 */
export function keyOrderOf(query: ListQuery, keyColumn: number): 'ascending' | 'descending' | null {
  if (query.conditions.length !== 1 || query.custom !== undefined) return null;
  const first = query.order[0];
  if (first === undefined) return query.ties;
  if (query.conditions[0]!.op === '=') return 'ascending';
  if (first.column !== keyColumn || first.reading !== undefined) return null;
  return first.descending ? 'descending' : 'ascending';
}

export function sortKeys(keys: KeyValue[], order: 'ascending' | 'descending'): void {
  if (keys.length < 2) return;
  const sign = order === 'ascending' ? 1 : -1;
  keys.sort((a, b) => (a < b ? -sign : sign));
}
