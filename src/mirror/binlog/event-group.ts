/**
 * An event group: a transaction, or a statement that is one by itself. Its events are told as they come, but for XA: what was prepared is held until it
 * is known whether it was committed.
 */
import type { BinlogEvent } from './binlog-event.ts';

/** Of a larger prepared transaction it is only kept which tables it changed. */
const HELD_ROWS_MAX = 50_000;

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
  #held: BinlogEvent[] = [];
  #heldRows = 0;
  readonly #touched = new Map<string, Touched>();

  constructor(isStandalone: boolean, isPrepared: boolean) {
    this.isStandalone = isStandalone;
    this.isPrepared = isPrepared;
  }

  touch(database: string, table: string): void {
    const key = `${database}\u0000${table}`;
    if (!this.#touched.has(key)) this.#touched.set(key, { database, table });
  }

  hold(event: BinlogEvent): void {
    if (event.kind === 'rows') this.#heldRows += event.changes.length;
    if (this.#heldRows <= HELD_ROWS_MAX) this.#held.push(event);
    else this.#held = this.#held.filter(({ kind }) => kind !== 'rows');
  }

  /** What was held. */
  release(): readonly BinlogEvent[] {
    if (this.#heldRows <= HELD_ROWS_MAX) return this.#held;
    return [...this.#held, ...this.undo('an XA transaction of many rows changed it')];
  }

  /** Changes that were told are undone, wholly or in part. */
  undo(why: string): BinlogEvent[] {
    return Array.from(this.#touched.values(), ({ database, table }) => ({ kind: 'misfit', database, table, why }));
  }
}
