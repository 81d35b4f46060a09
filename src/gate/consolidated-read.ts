/** Reads of a store that may be answered by an identical one that runs in a reader already (consolidation.ts). */
import type { ReadStatement } from '../stores/statement.ts';
import type { RowStream, Store } from '../stores/store.ts';
import type { StoreRow } from '../stores/values.ts';
import { Consolidator } from './consolidation.ts';
import { rowBytes } from './outcomes.ts';
import type { PlanFacts } from './statement-facts.ts';
import type { TableClock } from './table-clock.ts';

export interface ReadGate {
  readonly store: Store;
  readonly consolidator: Consolidator<readonly StoreRow[]>;
  /** How new the tables are. */
  readonly clock: TableClock;
}

/** `waiters`: how many may wait for one another, asked each time. */
export function readConsolidator(waiters: () => number): Consolidator<readonly StoreRow[]> {
  return new Consolidator(bytesOfRows, () => ({ waiters: waiters() }));
}

/** What is read depends on the text, the values and the tables alone: rights were looked at before. */
export function consolidatedRead(
  { store, clock, consolidator }: ReadGate,
  statement: ReadStatement,
  facts: Pick<PlanFacts, 'tables' | 'fingerprint'>,
  start: () => RowStream,
): RowStream {
  // While a commit is unreported, somebody may have seen more than the clock knows.
  if (store.unreported() !== null) return start();
  const version = clock.versionOf(facts.tables.map(({ database, table }) => `${database}.${table}`));
  return consolidator.read(readKey(statement), version, facts.fingerprint, start);
}

/** Equal keys, equal statements: the text, and each value with its type. */
function readKey({ sql, params }: ReadStatement): string {
  let key = sql;
  for (const value of params) {
    const text = value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value);
    key += `\0${value === null ? 'n' : value instanceof Uint8Array ? 'b' : (typeof value)[0]}${text.length}:${text}`;
  }
  return key;
}

/** Near enough for a limit. */
function bytesOfRows(rows: readonly StoreRow[]): number {
  let bytes = 1;
  for (const row of rows) bytes += rowBytes(row);
  return bytes;
}
