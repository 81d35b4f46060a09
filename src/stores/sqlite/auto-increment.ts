/**
 * AUTO_INCREMENT counters, in the memory of the one writer.
 *
 * An id that was given is never given again, whatever happens in between: deleting the row, a rollback, a restart, a crash. For that a
 * high-water mark is stored in blocks, in the same transaction as the rows: after a crash the counter goes on behind the block, so up to
 * RESERVED_IDS ids are skipped. A clean close stores the exact mark.
 */
import type { TypeName } from '../column-type.ts';
import { storedName, type TableDefinition } from '../schema.ts';
import type { StoreValue } from '../values.ts';
import { type Connection, narrowInteger } from './connection.ts';
import { quotedTable, quoteName } from './ddl.ts';

/** Ids reserved by one write to the counter table. */
const RESERVED_IDS = 1000n;

interface Counter {
  readonly table: TableDefinition;
  /** The largest id that the column can hold. */
  readonly last: bigint;
  /** The next id to give. */
  next: bigint;
  /** Every id up to this one counts as given after a crash; as committed. */
  reserved: bigint;
  /** As written by the open transaction. */
  reserving: bigint;
  /** An UPDATE may have moved a row's id: look at the table before giving the next one. */
  recheck: boolean;
}

export class AutoIncrement {
  readonly #connection: Connection;
  readonly #counters = new Map<string, Counter>();
  /** Counters that gave ids since the last commit. */
  readonly #touched = new Set<Counter>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Takes the next id of the table's AUTO_INCREMENT column. */
  next(table: TableDefinition): number | bigint {
    const counter = this.#counter(table);
    // At the end of the type's range MySQL gives the last id again, and the insert fails as a duplicate.
    const id = smaller(counter.next, counter.last);
    counter.next = id + 1n;
    this.#touched.add(counter);
    return narrowInteger(id);
  }

  /** A row brings its own id: later ones follow it. */
  observe(table: TableDefinition, value: StoreValue): void {
    if (typeof value !== 'number' && typeof value !== 'bigint') return;
    const counter = this.#counter(table);
    if (value < counter.next) return;
    counter.next = BigInt(typeof value === 'number' ? Math.trunc(value) : value) + 1n;
    this.#touched.add(counter);
  }

  /** An UPDATE touched the column. */
  recheck(table: TableDefinition): void {
    const counter = this.#counters.get(counterKey(table));
    if (counter) counter.recheck = true;
  }

  /** ALTER TABLE ... AUTO_INCREMENT = n; never below what the rows need. Inside a transaction. */
  reset(table: TableDefinition, first: bigint): void {
    this.forget(table);
    this.#write(counterKey(table), first - 1n);
  }

  /** The table is gone, or was replaced. Inside a transaction. */
  remove(table: { readonly database: string; readonly name: string }): void {
    this.#connection.run('DELETE FROM sluice_counters WHERE stored_name = ?', [counterKey(table)]);
    this.forget(table);
  }

  rename(from: TableDefinition, to: { readonly database: string; readonly name: string }): void {
    this.settle(from);
    this.#connection.run('UPDATE sluice_counters SET stored_name = ? WHERE stored_name = ?', [
      counterKey(to),
      counterKey(from),
    ]);
    this.forget(to);
  }

  /** Before the table changes: the counter goes on from the file at its next use. Inside a transaction. */
  settle(table: TableDefinition): void {
    const counter = this.#counters.get(counterKey(table));
    if (counter) this.#write(counterKey(table), counter.next - 1n);
    this.forget(table);
  }

  forget(table: { readonly database: string; readonly name: string }): void {
    const key = counterKey(table);
    const counter = this.#counters.get(key);
    if (counter) this.#touched.delete(counter);
    this.#counters.delete(key);
  }

  forgetAll(): void {
    this.#counters.clear();
    this.#touched.clear();
  }

  /** The next id, as SHOW TABLE STATUS and SHOW CREATE TABLE print it. */
  peek(table: TableDefinition): number | bigint {
    return narrowInteger(this.#counter(table).next);
  }

  /** Before COMMIT: stores new high-water marks where the ids given have passed the old ones. */
  beforeCommit(): void {
    for (const counter of this.#touched) {
      if (counter.next - 1n <= counter.reserved) continue;
      counter.reserving = counter.next - 1n + RESERVED_IDS;
      this.#write(counterKey(counter.table), counter.reserving);
    }
  }

  afterCommit(): void {
    for (const counter of this.#touched) counter.reserved = counter.reserving;
    this.#touched.clear();
  }

  /** Ids that were given stay given: only the marks that the transaction wrote are gone. */
  afterRollback(): void {
    for (const counter of this.#touched) counter.reserving = counter.reserved;
  }

  /** At a clean close, inside a transaction: the exact marks, so that no id is skipped. */
  storeExact(): void {
    for (const counter of this.#counters.values()) this.#write(counterKey(counter.table), counter.next - 1n);
  }

  #counter(table: TableDefinition): Counter {
    const key = counterKey(table);
    let counter = this.#counters.get(key);
    if (counter === undefined) {
      const stored = this.#connection.get('SELECT reserved FROM sluice_counters WHERE stored_name = ?', [key])?.[0];
      const reserved = typeof stored === 'number' || typeof stored === 'bigint' ? BigInt(stored) : 0n;
      const next = larger(reserved, this.#highest(table)) + 1n;
      counter = { table, last: lastId(table), next, reserved, reserving: reserved, recheck: false };
      this.#counters.set(key, counter);
    } else if (counter.recheck) {
      counter.recheck = false;
      counter.next = larger(counter.next, this.#highest(table) + 1n);
    }
    return counter;
  }

  /** The largest id in the table; the column leads an index, so this is one lookup. */
  #highest(table: TableDefinition): bigint {
    const column = table.columns.find((candidate) => candidate.autoIncrement);
    if (column === undefined) return 0n;
    const row = this.#connection.get(`SELECT max(${quoteName(column.name)}) FROM ${quotedTable(table)}`);
    const value = row?.[0];
    if (typeof value === 'number') return larger(0n, BigInt(Math.trunc(value)));
    return typeof value === 'bigint' ? larger(0n, value) : 0n;
  }

  #write(key: string, reserved: bigint): void {
    this.#connection.run(
      'INSERT INTO sluice_counters VALUES (?, ?) ON CONFLICT (stored_name) DO UPDATE SET reserved = excluded.reserved',
      [key, reserved],
    );
  }
}

function counterKey(table: { readonly database: string; readonly name: string }): string {
  return storedName(table.database, table.name);
}

const BITS: Partial<Record<TypeName, number>> = { tinyint: 8, smallint: 16, mediumint: 24, int: 32 };

function lastId(table: TableDefinition): bigint {
  const type = table.columns.find((column) => column.autoIncrement)?.type;
  const bits = (type && BITS[type.name]) ?? 64;
  // A 64-bit id is SQLite's rowid, which is signed.
  return (1n << BigInt(type?.unsigned && bits < 64 ? bits : bits - 1)) - 1n;
}

// Math.min and Math.max take no bigint.
function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
