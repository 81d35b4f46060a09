/** Tables built up from the events of a binlog, as sets of rows: a transaction's are taken in when it ends. */
import type { BinlogEvent, RowsEvent, StatementEvent } from '../../../src/mirror/binlog/binlog-event.ts';
import type { TableLayout } from '../../../src/mirror/binlog/column-layout.ts';
import { type BinlogPosition, comparePositions } from '../../../src/mirror/binlog/position.ts';
import { readBinlog } from '../../../src/mirror/binlog/read-binlog.ts';
import type { StoreRow } from '../../../src/stores/values.ts';
import type { SourceAddress } from '../../../src/util/source-address.ts';

export class Follower {
  readonly events: BinlogEvent[] = [];
  readonly #tables: ReadonlyMap<string, TableLayout>;
  /** Rows by their own text, with how often each is there: tables need no key. */
  readonly #rows = new Map<string, Map<string, number>>();
  #transaction: RowsEvent[] = [];
  readonly #abort = new AbortController();
  position: BinlogPosition;
  /** Why it ended. */
  failure: unknown = null;
  #wake: () => void = () => undefined;
  readonly #ended: Promise<void>;

  /** `tables` by `database.table`. */
  constructor(address: SourceAddress, from: BinlogPosition, tables: ReadonlyMap<string, TableLayout>, serverId = 77) {
    this.#tables = tables;
    this.position = from;
    for (const name of tables.keys()) this.#rows.set(name, new Map());
    this.#ended = readBinlog(address, {
      from,
      serverId,
      layoutOf: (database, table) => this.#tables.get(`${database}.${table}`) ?? null,
      onEvents: (events) => this.#take(events),
      signal: this.#abort.signal,
    }).catch((error: unknown) => {
      this.failure = error;
      this.#wake();
    });
  }

  /** Takes over what another one has. Before anything has come. */
  goOnFrom(other: Follower): this {
    for (const [name, rows] of other.#rows) this.#rows.set(name, new Map(rows));
    return this;
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#ended;
  }

  /** Throws what ended it. */
  async reaches(position: BinlogPosition): Promise<void> {
    while (comparePositions(this.position, position) < 0) {
      if (this.failure !== null) throw this.failure;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  get statements(): StatementEvent[] {
    return this.events.filter((event) => event.kind === 'statement');
  }

  /** Texts of the rows (rowText()), sorted. */
  rows(name: string): string[] {
    return Array.from(this.#rows.get(name) ?? [], ([row, count]) => new Array<string>(count).fill(row))
      .flat()
      .sort();
  }

  #take(events: readonly BinlogEvent[]): undefined {
    for (const event of events) {
      if (event.kind === 'rows') this.#transaction.push(event);
      else this.events.push(event);
      if (event.kind === 'committed') this.#commit();
      if (event.kind === 'committed' || event.kind === 'passed') this.position = event.position;
    }
    this.#wake();
  }

  #commit(): void {
    for (const { database, table, changes } of this.#transaction) {
      const rows = this.#rows.get(`${database}.${table}`) as Map<string, number>;
      for (const { before, after } of changes) {
        if (before !== null) count(rows, rowText(before), -1);
        if (after !== null) count(rows, rowText(after), 1);
      }
    }
    this.#transaction = [];
  }
}

function count(rows: Map<string, number>, row: string, by: 1 | -1): void {
  const before = rows.get(row) ?? 0;
  if (before + by < 0) throw new Error(`a row is taken away that is not there: ${row.slice(0, 500)}`);
  if (before + by === 0) rows.delete(row);
  else rows.set(row, before + by);
}

/** A line a value, which tells 1 from 1n from '1' from -0. */
export function rowText(row: StoreRow): string {
  return row
    .map((value) => {
      if (value === null) return 'NULL';
      if (typeof value === 'bigint') return `${value}n`;
      if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
      return typeof value === 'string' ? JSON.stringify(value) : `x'${Buffer.from(value).toString('hex')}'`;
    })
    .join('\n');
}
