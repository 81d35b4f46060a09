/**
 * What an operation on keys is turned into: steps. A step is a statement of the store; its rows decide about the next one. Whoever runs a plan chooses
 * where: one that only reads on one snapshot, one that writes inside one transaction, so that its steps are one. Plans may be run again from the start.
 */
import type { InsertStatement, ModifyStatement, ReadStatement } from '../stores/statement.ts';
import type { StoreRow, StoreValue } from '../stores/values.ts';
import { KEY_DATABASE, KEY_TABLE } from './key-table.ts';
import type { KeyRange } from './paths.ts';

export type KeyStep = ReadStatement | InsertStatement | ModifyStatement;

/** Is given the rows of a read; after a write one row with the number of rows that it matched. */
export type KeySteps<Result> = Generator<KeyStep, Result, readonly StoreRow[]>;

export interface KeyPlan<Result> {
  readonly writes: boolean;
  /** Few rows can be touched, whatever they hold: the front may run it itself. */
  readonly inline: boolean;
  /** All keys that can be read: what a transaction must remember. Pointers lead anywhere. */
  readonly reads: readonly KeyRange[];
  steps(): KeySteps<Result>;
}

export const EVERYWHERE: KeyRange = { from: '', to: null };

export function* readRows(sql: string, params: readonly StoreValue[]): KeySteps<readonly StoreRow[]> {
  return yield { kind: 'read', sql, params };
}

/** Rows matched. `table`: the tree's, unless its bits are meant. */
export function* modify(
  kind: 'update' | 'delete',
  sql: string,
  params: readonly StoreValue[],
  table = KEY_TABLE,
): KeySteps<number> {
  const rows = yield { kind, database: KEY_DATABASE, table, sql, params: params.map(integerBound) };
  return Number(rows[0]?.[0] ?? 0);
}

export function* insertRows(
  rows: readonly StoreRow[],
  more: Pick<InsertStatement, 'mode' | 'update'>,
  table = KEY_TABLE,
): KeySteps<void> {
  yield { kind: 'insert', database: KEY_DATABASE, table, rows, ...more };
}

/** A JavaScript number is bound as REAL; only a bigint is an INTEGER to a column that converts nothing. */
function integerBound(value: StoreValue): StoreValue {
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? BigInt(value as number) : value;
}
