/** The order of values of all types: null, booleans, numbers, dates, strings, bytes, then the rest by type. Equal ones go by key. */
import { compareValues } from '../changes/compare.ts';
import type { StoreValue } from '../stores/values.ts';
import { type KeyType, type StoredValue, typeCode } from './values.ts';

const RANKS: Readonly<Record<KeyType, number>> = {
  null: 0,
  boolean: 1,
  integer: 2,
  double: 2,
  bigint: 2,
  date: 3,
  string: 4,
  bytes: 5,
  array: 6,
  object: 7,
  map: 8,
  set: 9,
  pointer: 10,
  bits: 11,
};

/** The columns to order by: each kind of values has a rank, and in it the stored form decides. */
export const ORDER_RANK_SQL = `CASE type ${Object.entries(RANKS)
  .map(([type, rank]) => `WHEN ${typeCode(type as KeyType)} THEN ${rank}`)
  .join(' ')} END`;
export const ORDER_VALUE_SQL = `CASE WHEN type = ${typeCode('bigint')} AND typeof(value) = 'text' THEN sluice_key_double(value) ELSE value END`;

export function orderRank(type: KeyType): number {
  return RANKS[type];
}

/** Integers beyond 64 bits go by the nearest double. */
export function orderValue({ type, value }: StoredValue): StoreValue {
  return type === 'bigint' && typeof value === 'string' ? Number(value) : value;
}

/** Within one rank both are numbers, or text, or bytes; NULL (NaN) goes first, as in SQLite. */
export function compareStoredValues(a: StoredValue, b: StoredValue): number {
  return RANKS[a.type] - RANKS[b.type] || compareValues(orderValue(a), orderValue(b), 'binary');
}
