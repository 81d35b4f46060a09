/**
 * Keys: a tree of typed values, kept as the table `sluice.keys (path, type, value, version, expires_at)`, so that SQL and keys share a transaction.
 *
 * A command (command.ts) names an operation (operations.ts), which checks its arguments and becomes a KeyPlan: steps. A step is a
 * statement of the store; its rows decide about the next one. Who runs the plan chooses where: one that only reads on one snapshot (inline, if `inline`),
 * one that writes in one transaction of the writer, so that its steps are one. A plan may be run again from its start. Nothing here knows the store but by
 * statements, nothing waits, and the time is an argument.
 *
 * - **Path** (paths.ts): VARCHAR in utf8mb4_bin, the primary key, so keys are in the order of their UTF-8 bytes. All descendants of `user` are one range of
 *   it, from `user.` up to `user/`, because `/` follows `.`; a pattern (patterns.ts) is a range too, and a test where that is not enough.
 * - **Value** (values.ts): beside a type, in SQLite's own form: numbers as INTEGER and REAL, text as TEXT, bytes as BLOB, so a filter (filters.ts) is SQL that
 *   compares numbers as numbers. What SQLite cannot compare exactly (integers beyond 64 bits, regular expressions) a function does (store-functions.ts).
 * - **Version**: the number of the commit that wrote the entry. It is stored in the commit's own transaction, and only one writes at a time: it is known before.
 * - **Expiry**: milliseconds. Every read leaves out what has expired at its time; a write takes it for absent. So sweeping is only tidying up.
 * - **Bits** (bit-pieces.ts): 512 bytes a piece in `sluice.key_bits`, which triggers tie to its entry: pieces go with it, whoever removes it.
 * - **Pointers** (pointers.ts): followed step by step, in the one snapshot of the plan.
 */
import { failure } from '../errors.ts';
import { RESULT_BYTES } from '../limits.ts';
import type { InsertStatement, ModifyStatement, ReadStatement, SavepointStatement } from '../stores/statement.ts';
import type { StoreRow, StoreValue } from '../stores/values.ts';
import { KEY_DATABASE, KEY_TABLE } from './key-table.ts';
import { type KeyRange, onlyKey } from './paths.ts';

/**
 * The rows that a step can see or change. The store that has them all needs no such word; one that keeps them elsewhere brings them near first
 * (gate/source/keys/).
 */
export interface StepReach {
  readonly keys: readonly KeyRange[];
  /** Of the one range: so many of its first rows (or last) are enough. `liveAt`: of those that have not expired by then. */
  readonly first?: { readonly rows: number; readonly reverse?: boolean; readonly liveAt?: number };
  /** The pieces of these bit sets, from one up to and including another. */
  readonly pieces?: { readonly of: readonly KeyRange[]; readonly from?: number; readonly to?: number };
  /** Its text means the same to a MySQL server: it is about paths and expiries alone. */
  readonly isPortable?: true;
}

export interface KeyRead extends ReadStatement {
  readonly reach: StepReach;
}

export interface KeyModify extends ModifyStatement {
  readonly reach: StepReach;
}

/** Savepoints: only in plans that write. */
export type KeyStep = KeyRead | InsertStatement | KeyModify | SavepointStatement;

/** Is given the rows of a read; after a write one row with the number of rows that it matched; after a savepoint none. What a step throws, it is thrown. */
export type KeySteps<Result> = Generator<KeyStep, Result, readonly StoreRow[]>;

export interface KeyPlan<Result> {
  readonly writes: boolean;
  /** Few rows can be touched, whatever they hold: the front may run it itself. */
  readonly inline: boolean;
  /** All keys that can be read: what a transaction must remember. Pointers lead anywhere. */
  readonly reads: readonly KeyRange[];
  /** At most one statement writes: nothing is to be undone when it fails. */
  readonly oneWrite?: boolean;
  /** The plan is this one read: the rest of the steps can be done without. */
  readonly split?: KeySplit<Result>;
  readonly only?: { readonly statement: KeyRead; resultOf(rows: readonly StoreRow[]): Result };
  steps(): KeySteps<Result>;
}

/** A read of a range of keys that can be done in parts: the rows of the parts, one after the other, are those of the whole. */
export interface KeySplit<Result> {
  readonly range: KeyRange;
  /** The parts follow each other from the end. */
  readonly reverse: boolean;
  /** Rows that are enough; the rest need not be read. */
  readonly limit: number | null;
  statementOf(range: KeyRange): ReadStatement;
  /** What is left of a part after `row`. */
  after(range: KeyRange, row: StoreRow): KeyRange;
  resultOf(rows: readonly StoreRow[]): Result;
}

/** A plan of one read. */
export function readOnce<Result>(
  more: Pick<KeyPlan<Result>, 'inline' | 'reads'>,
  statement: KeyRead,
  resultOf: (rows: readonly StoreRow[]) => Result,
): KeyPlan<Result> {
  return {
    writes: false,
    ...more,
    only: { statement, resultOf },
    *steps() {
      return resultOf(yield statement);
    },
  };
}

export const EVERYWHERE: KeyRange = { from: '', to: null };

/** Nothing but what every store has near: the next version. */
export const NOTHING: StepReach = { keys: [] };

export function reachOf(keys: readonly string[] | ReadonlySet<string>): StepReach {
  // Most are of one key, and Array.from() takes its time.
  if (Array.isArray(keys) && keys.length === 1) return { keys: [onlyKey(keys[0])] };
  return { keys: Array.from(keys, onlyKey) };
}

/** Pieces of one bit set: all, one, or from one to another. */
export function pieceReach(key: string, from?: number, to = from): StepReach {
  const of = [onlyKey(key)];
  return { keys: of, pieces: from === undefined || to === undefined ? { of } : { of, from, to } };
}

export function* readRows(sql: string, params: readonly StoreValue[], reach: StepReach): KeySteps<readonly StoreRow[]> {
  return boundedRows(yield { kind: 'read', sql, params, reach });
}

/** Throws SLUICE_BYTE_LIMIT for more than one answer may hold: values may be large, and an answer is in memory as a whole. */
export function boundedRows(rows: readonly StoreRow[]): readonly StoreRow[] {
  let bytes = 0;
  for (const row of rows) for (const value of row) bytes += sizeOf(value);
  if (bytes > RESULT_BYTES) throw failure('SLUICE_BYTE_LIMIT', RESULT_BYTES);
  return rows;
}

function sizeOf(value: StoreValue): number {
  return typeof value === 'string' || value instanceof Uint8Array ? value.length : 8;
}

/** Rows matched. `table`: the tree's, unless its bits are meant. */
export function* modify(
  kind: 'update' | 'delete',
  sql: string,
  params: readonly StoreValue[],
  reach: StepReach,
  table = KEY_TABLE,
  more: Pick<ModifyStatement, 'wholly' | 'known'> = {},
): KeySteps<number> {
  const rows = yield { kind, database: KEY_DATABASE, table, sql, params: params.map(integerBound), reach, ...more };
  return Number(rows[0]?.[0] ?? 0);
}

export function* insertRows(
  rows: readonly StoreRow[],
  more: Pick<InsertStatement, 'mode' | 'wholly'>,
  table = KEY_TABLE,
): KeySteps<void> {
  yield { kind: 'insert', database: KEY_DATABASE, table, rows, ...more };
}

/** A JavaScript number is bound as REAL; only a bigint is an INTEGER to a column that converts nothing. */
function integerBound(value: StoreValue): StoreValue {
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? BigInt(value as number) : value;
}
