/**
 * An event group: a transaction, or a statement that is one by itself. Its events are told as they come, but for XA: what was prepared is held until it
 * is known whether it was committed.
 */
import type { BinlogEvent } from './binlog-event.ts';

interface Touched {
  readonly database: string;
  readonly table: string;
}

export class EventGroup {
  /** One event, with no COMMIT behind it. */
  readonly isStandalone: boolean;
  /** Events are to be held: the group ends with XA PREPARE. */
  readonly isPrepared: boolean;
  /** Something was told. */
  hasEvents = false;
  readonly held: BinlogEvent[] = [];
  readonly #touched = new Map<string, Touched>();

  constructor(isStandalone: boolean, isPrepared: boolean) {
    this.isStandalone = isStandalone;
    this.isPrepared = isPrepared;
  }

  touch(database: string, table: string): void {
    const key = `${database}\u0000${table}`;
    if (!this.#touched.has(key)) this.#touched.set(key, { database, table });
  }

  /** Changes that were told are undone, wholly or in part. */
  undo(why: string): BinlogEvent[] {
    return Array.from(this.#touched.values(), ({ database, table }) => ({ kind: 'misfit', database, table, why }));
  }
}
