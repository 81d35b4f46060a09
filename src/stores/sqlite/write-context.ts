/** What the executors of a write statement share: the connection, the catalog, and the counters that SQL functions fill. */
import type { Catalog } from '../catalog.ts';
import type { StoreFunction } from '../function.ts';
import type { TableDefinition } from '../schema.ts';
import type { StoreRow } from '../values.ts';
import type { AutoIncrement } from './auto-increment.ts';
import { type Connection, narrowInteger } from './connection.ts';

/** Counts the calls of a function in a statement, and those with a true flag. */
export class FlagCounter {
  calls = 0;
  changed = 0;

  reset(): void {
    this.calls = 0;
    this.changed = 0;
  }

  count(flag: unknown): boolean {
    this.calls++;
    const changed = flag !== 0 && flag !== null;
    if (changed) this.changed++;
    return changed;
  }
}

export interface WriteContext {
  readonly connection: Connection;
  readonly catalog: Catalog;
  readonly autoIncrement: AutoIncrement;
  /** Rows that an UPDATE matched, and those that it really changes. */
  readonly updates: FlagCounter;
  /** Rows that an upsert collided with, and those that it really changes. */
  readonly conflicts: FlagCounter;
  /** The value of LAST_INSERT_ID(expression), if the statement since the last call evaluated one. */
  takeAssignedId(): number | bigint | null;
  /** A row has been inserted, with these values bound. */
  inserted(table: TableDefinition, row: StoreRow): void;
}

/** The functions by which a running statement tells its executor what it does. */
export function reportingFunctions(
  updates: FlagCounter,
  conflicts: FlagCounter,
  assign: (id: number | bigint) => void,
): StoreFunction[] {
  return [
    {
      // Stands in an UPDATE's WHERE, and must not decide it.
      name: 'sluice_changed',
      deterministic: false,
      call: (flag) => {
        updates.count(flag);
        return 1n;
      },
    },
    {
      // An upsert leaves rows that would not change alone.
      name: 'sluice_conflict',
      deterministic: false,
      call: (flag) => (conflicts.count(flag) ? 1n : 0n),
    },
    {
      // LAST_INSERT_ID(expression): the value is the expression's, and the session remembers it.
      name: 'sluice_last_insert_id',
      deterministic: false,
      bigIntArguments: true,
      call: (value) => {
        if (typeof value === 'bigint') assign(narrowInteger(value));
        return value;
      },
    },
  ];
}
