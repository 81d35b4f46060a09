/**
 * The copy of tables in one snapshot of the source, in the mirror process. MariaDB tells at which position of its binlog a snapshot stands. Rows are read as they come and
 * sent in pieces; the source waits while too many of them are under way.
 */
import { SourceConnection } from '../stores/mysql/connection.ts';
import { textRows } from '../stores/mysql/rows.ts';
import { sizeOf } from '../stores/sqlite/known-rows.ts';
import type { StoreRow } from '../stores/values.ts';
import { backquoted } from '../util/backquoted.ts';
import { HEADER_BYTES } from '../util/mysql-packets/constants.ts';
import { packetEnd } from '../util/mysql-packets/packet-end.ts';
import type { SourceAddress } from '../util/source-address.ts';
import { askRows } from './ask-source.ts';
import { encodeRows } from './batch-body.ts';
import type { TableLayout } from './binlog/column-layout.ts';
import type { BinlogPosition } from './binlog/position.ts';
import { columnList, TEXT_ROWS_SETTINGS, textRowReader } from './binlog/text-rows.ts';
import type { MirroredName, MirrorReply } from './protocol.ts';
import { identityAt } from './source-identity.ts';
import { readDefinition } from './table-definition.ts';

const PIECE_ROWS = 2_000;
const PIECE_BYTES = 512 * 1024;
const PIECES_UNDER_WAY = 3;
/** A payload of this length goes on in the next packet. */
const FULL_PAYLOAD_BYTES = 0xffffff;

const SNAPSHOT = [
  // The source may have to wait for the writer here, longer than it would for a client.
  'SET SESSION net_write_timeout = 3600, SESSION max_statement_time = 0',
  'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
  'START TRANSACTION WITH CONSISTENT SNAPSHOT',
];

export interface CopyJobOptions {
  readonly address: SourceAddress;
  readonly job: number;
  readonly tables: readonly MirroredName[];
  readonly send: (reply: MirrorReply) => void;
}

export class CopyJob {
  readonly #options: CopyJobOptions;
  #connection: SourceConnection | null = null;
  #stopped = false;
  #underWay = 0;
  #whenTaken: (() => void) | null = null;
  #isPaused = false;

  constructor(options: CopyJobOptions) {
    this.#options = options;
  }

  /** Never rejects: says `copied` or `copy-failed`. */
  async copy(): Promise<void> {
    const { address, job, tables, send } = this.#options;
    try {
      const connection = await SourceConnection.open(address);
      this.#connection = connection;
      if (this.#stopped) throw new Error('it was stopped');
      for (const statement of [...TEXT_ROWS_SETTINGS, ...SNAPSHOT]) await connection.query(statement);
      const position = await snapshotPosition(connection);
      for (const [i, table] of tables.entries()) await this.#table(connection, i, table);
      await this.#untilTaken(0);
      await connection.query('ROLLBACK');
      const identity = await identityAt(connection, position);
      if (identity === null) throw new Error('the source no longer has the binlog of the time of the copy');
      connection.end();
      send({ kind: 'copied', job, position, identity });
    } catch (error) {
      this.#connection?.destroy('the copy has failed');
      send({ kind: 'copy-failed', job, why: error instanceof Error ? error.message : String(error) });
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#connection?.destroy('the copy was stopped');
    this.#whenTaken?.();
  }

  taken(): void {
    this.#underWay--;
    if (this.#isPaused && this.#underWay < PIECES_UNDER_WAY) {
      this.#isPaused = false;
      this.#connection?.resume();
    }
    this.#whenTaken?.();
  }

  async #table(connection: SourceConnection, index: number, name: MirroredName): Promise<void> {
    const { job, send } = this.#options;
    // From its first use a table is locked against changes of its definition, to the end of the transaction or this savepoint.
    await connection.query('SAVEPOINT sluice_table');
    const found = await readDefinition(connection, name);
    if (found.kind !== 'definition') {
      send({ kind: 'outcome', job, table: index, outcome: found });
      return;
    }
    const { definition, layout, signature } = found;
    this.#underWay++;
    send({ kind: 'outcome', job, table: index, outcome: { kind: 'definition', definition, signature } });
    await this.#untilTaken(0);
    await this.#rows(connection, index, name, layout);
    await this.#untilTaken(PIECES_UNDER_WAY - 1);
    await connection.query('ROLLBACK TO SAVEPOINT sluice_table');
  }

  async #rows(connection: SourceConnection, table: number, name: MirroredName, layout: TableLayout): Promise<void> {
    const { job, send } = this.#options;
    const read = textRowReader(layout.columns);
    let rows: StoreRow[] = [];
    let bytes = 0;
    const flush = (): void => {
      if (rows.length === 0) return;
      this.#underWay++;
      send({ kind: 'rows', job, table, body: encodeRows(rows), rows: rows.length });
      rows = [];
      bytes = 0;
    };
    const whole = new WholeRows();
    const answer = await connection.query(
      `SELECT ${columnList(layout.columns)} FROM ${backquoted(name.database)}.${backquoted(name.table)}`,
      undefined,
      {
        onColumns: () => undefined,
        onRows: (packets) => {
          for (const values of textRows(whole.take(packets), layout.columns.length)) {
            const row = read(values);
            rows.push(row);
            bytes += sizeOf(row);
            if (rows.length >= PIECE_ROWS || bytes >= PIECE_BYTES) flush();
          }
          if (this.#underWay < PIECES_UNDER_WAY || this.#isPaused) return;
          this.#isPaused = true;
          connection.pause();
        },
      },
    );
    if (answer.failure !== null) throw answer.failure;
    flush();
  }

  /** Until no more than so many pieces are under way. */
  async #untilTaken(most: number): Promise<void> {
    while (this.#underWay > most) {
      if (this.#stopped) throw new Error('it was stopped');
      await new Promise<void>((resolve) => {
        this.#whenTaken = resolve;
      });
    }
  }
}

/** Keeps back a row that is not whole: one of 16 MiB and more goes on in the next packet, which may come later. */
class WholeRows {
  #kept: Buffer[] = [];

  take(packets: Buffer): readonly Buffer[] {
    let end = 0;
    for (let at = 0; at < packets.length; ) {
      const next = packetEnd(packets, at, packets.length);
      if (next - at - HEADER_BYTES < FULL_PAYLOAD_BYTES) end = next;
      at = next;
    }
    const whole = end === 0 ? [] : [...this.#kept, packets.subarray(0, end)];
    if (end > 0) this.#kept = [];
    if (end < packets.length) this.#kept.push(packets.subarray(end));
    return whole;
  }
}

async function snapshotPosition(connection: SourceConnection): Promise<BinlogPosition> {
  const status = new Map(
    (await askRows(connection, "SHOW STATUS LIKE 'binlog_snapshot_%'")).map(([name, value]) => [
      name?.toLowerCase() ?? '',
      value ?? '',
    ]),
  );
  const [file, offset] = [status.get('binlog_snapshot_file'), status.get('binlog_snapshot_position')];
  if (file === undefined || file === '' || offset === undefined)
    throw new Error('the source does not tell where in its binlog a snapshot stands');
  return { file, offset: Number(offset) };
}
