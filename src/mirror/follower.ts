/**
 * One run through the source's binlog, in the mirror process: from the oldest position of its tables on, as long as the connection holds. What concerns the tables becomes
 * batches of whole transactions; as few are under way as keep the writer busy, and the reader waits when too much has come.
 *
 * A table's changes count from its position on: what ends at or before it is in the mirror already. A statement that may have changed a table in a way that rows do not tell
 * loses it: it is left out from then on, and the front has it copied anew.
 */
import { SourceConnection } from '../stores/mysql/connection.ts';
import type { SourceAddress } from '../util/source-address.ts';
import { encodeSegments } from './batch-body.ts';
import { BatchBuilder, Changes } from './batch-builder.ts';
import { BinlogError } from './binlog/binlog-error.ts';
import type { BinlogEvent } from './binlog/binlog-event.ts';
import type { TableLayout } from './binlog/column-layout.ts';
import { type BinlogPosition, comparePositions } from './binlog/position.ts';
import { readBinlog } from './binlog/read-binlog.ts';
import { TEXT_ROWS_SETTINGS } from './binlog/text-rows.ts';
import type { EndReason, FollowedTable, LostTable, MirroredName, MirrorReply } from './protocol.ts';
import { identityAt, isSameLine, type SourceIdentity } from './source-identity.ts';
import { settingsProblems } from './source-settings.ts';
import { mayChange } from './statement-effect.ts';
import { readDefinition } from './table-definition.ts';

/** Batches at the front or the writer: one is applied while the next is on its way. */
const BATCHES_UNDER_WAY = 2;

export interface FollowerOptions {
  readonly address: SourceAddress;
  readonly serverId: number;
  readonly run: string;
  readonly identity: SourceIdentity | null;
  readonly tables: readonly FollowedTable[];
  readonly watched: readonly MirroredName[];
  readonly send: (reply: MirrorReply) => void;
}

/** The source is not the one that it was, or no longer has what came after the position. */
class BrokenLine extends Error {}

interface Followed {
  readonly table: FollowedTable;
  readonly layout: TableLayout;
}

export class Follower {
  readonly #options: FollowerOptions;
  readonly #abort = new AbortController();
  readonly #batches = new BatchBuilder();
  /** null: lost. In the order of the run's tables. */
  #followed: (Followed | null)[] = [];
  readonly #byName = new Map<string, number>();
  #number = 0;
  #underWay = 0;
  /** Of the transaction that is being read. */
  #changes = new Changes();
  #lost: LostTable[] = [];
  #sentParts = false;
  /** The newest end of a transaction. */
  #position: BinlogPosition;
  #anchorFile = '';
  #passed: BinlogPosition | null = null;
  #whenRoom: (() => void) | null = null;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#position = oldest(options.tables);
    options.tables.forEach((table, i) => {
      this.#byName.set(nameOf(table.database, table.table), i);
    });
  }

  /** Never rejects: says `ended`. */
  async follow(): Promise<void> {
    const { run, send } = this.#options;
    try {
      await this.#check();
      await readBinlog(this.#options.address, {
        from: this.#position,
        serverId: this.#options.serverId,
        layoutOf: (database, table) => this.#layoutOf(database, table),
        onEvents: (events) => this.#take(events),
        signal: this.#abort.signal,
      });
    } catch (error) {
      send({
        kind: 'ended',
        run,
        why: error instanceof Error ? error.message : String(error),
        reason: reasonOf(error),
      });
    }
  }

  stop(): void {
    this.#abort.abort(new Error('it was stopped'));
    this.#whenRoom?.();
  }

  /** A batch or a part has been applied. */
  applied(): void {
    this.#underWay--;
    this.#sendBatches();
    if (this.#hasRoom) this.#whenRoom?.();
  }

  get #hasRoom(): boolean {
    return !this.#batches.isFull && !(this.#sentParts && this.#underWay >= BATCHES_UNDER_WAY);
  }

  /** That the source is what it was, and the tables too. */
  async #check(): Promise<void> {
    const { address, run, identity, tables, send } = this.#options;
    const connection = await SourceConnection.open(address);
    try {
      for (const statement of TEXT_ROWS_SETTINGS) await connection.query(statement);
      const [problem] = await settingsProblems(connection, tables);
      // What was written meanwhile is in no binlog.
      if (problem?.startsWith('log_bin')) throw new BrokenLine(problem);
      if (problem !== undefined) throw new Error(`the source cannot be followed: ${problem}`);
      if (identity !== null && !(await isSameLine(connection, identity)))
        throw new BrokenLine('the source is another server than before, or its binlog has begun anew');
      const lost: LostTable[] = [];
      for (const [i, table] of tables.entries()) {
        const found = await readDefinition(connection, table);
        const isSame = found.kind === 'definition' && found.signature === table.signature;
        this.#followed.push(isSame ? { table, layout: found.layout } : null);
        if (!isSame) lost.push({ table: i, why: 'its definition has changed' });
      }
      send({ kind: 'following', run, lost });
      await this.#anchor(connection);
    } finally {
      connection.end();
    }
  }

  async #anchor(connection: SourceConnection): Promise<void> {
    const position = this.#position;
    const identity = await identityAt(connection, position);
    if (identity === null)
      throw new BrokenLine(`the source's binlog has nothing at ${position.file}:${position.offset}`);
    this.#anchorFile = position.file;
    this.#options.send({ kind: 'identity', run: this.#options.run, identity });
  }

  /** The binlog goes on in another file: the source will drop the old one some day, and the identity must not rest on it. */
  async #anchorAnew(position: BinlogPosition): Promise<void> {
    this.#anchorFile = position.file;
    const connection = await SourceConnection.open(this.#options.address);
    try {
      const identity = await identityAt(connection, position);
      if (identity !== null) this.#options.send({ kind: 'identity', run: this.#options.run, identity });
    } finally {
      connection.end();
    }
  }

  #layoutOf(database: string, table: string): TableLayout | null {
    const index = this.#byName.get(nameOf(database, table));
    return index === undefined ? null : (this.#followed[index]?.layout ?? null);
  }

  #take(events: readonly BinlogEvent[]): Promise<void> | undefined {
    for (const event of events) this.#event(event);
    this.#sendBatches();
    if (this.#passed !== null && this.#batches.isEmpty) {
      this.#options.send({ kind: 'passed', run: this.#options.run, position: this.#passed });
      this.#passed = null;
    }
    if (this.#hasRoom) return undefined;
    return new Promise((resolve) => {
      this.#whenRoom = () => {
        this.#whenRoom = null;
        resolve();
      };
    });
  }

  #event(event: BinlogEvent): void {
    switch (event.kind) {
      case 'rows': {
        const index = this.#byName.get(nameOf(event.database, event.table));
        if (index === undefined || this.#isLost(index)) return;
        for (const { before, after } of event.changes) this.#changes.add(index, before, after);
        if (this.#changes.isTooLarge) this.#sendPart();
        return;
      }
      case 'misfit': {
        const index = this.#byName.get(nameOf(event.database, event.table));
        if (index !== undefined) this.#lose(index, event.why);
        return;
      }
      case 'statement':
        this.#statement(event.database, event.text);
        return;
      case 'incident':
        for (const i of this.#followed.keys()) this.#lose(i, event.why);
        return;
      case 'committed':
        this.#committed(event.position);
        return;
      case 'passed':
        this.#advance(event.position);
        if (!this.#batches.pass(event.position)) this.#passed = event.position;
    }
  }

  #statement(database: string, text: string): void {
    const { run, watched, send } = this.#options;
    const noticed = watched.filter((table) => mayChange(text, database, table));
    if (noticed.length > 0) send({ kind: 'noticed', run, tables: noticed });
    for (const [i, followed] of this.#followed.entries()) {
      if (followed !== null && mayChange(text, database, followed.table)) this.#lose(i, shortened(text));
    }
  }

  #isLost(index: number): boolean {
    return this.#followed[index] === null || this.#lost.some(({ table }) => table === index);
  }

  /** With the transaction that is being read. */
  #lose(index: number, why: string): void {
    if (!this.#isLost(index)) this.#lost.push({ table: index, why });
  }

  #committed(position: BinlogPosition): void {
    const isNew = (index: number): boolean => {
      const followed = this.#followed[index];
      return followed !== undefined && followed !== null && comparePositions(position, followed.table.position) > 0;
    };
    const lost = this.#lost.filter(({ table }) => isNew(table));
    for (const { table } of lost) this.#followed[table] = null;
    const changes = this.#changes;
    changes.keep(isNew);
    this.#changes = new Changes();
    this.#lost = [];
    this.#advance(position);
    if (changes.rows > 0 || lost.length > 0 || this.#sentParts) {
      this.#batches.add(changes, position, lost);
    } else if (!this.#batches.pass(position)) this.#passed = position;
    this.#sentParts = false;
  }

  #advance(position: BinlogPosition): void {
    this.#position = position;
    // Reported behind, and only for the next start: a failure of it says nothing.
    if (position.file !== this.#anchorFile) this.#anchorAnew(position).catch(() => undefined);
  }

  /** What is there of a transaction too large to be held. Everything before it has to go first. */
  #sendPart(): void {
    const { run, send } = this.#options;
    this.#sendBatches(Number.POSITIVE_INFINITY);
    // Where a table's position is ahead of what has been read, only the end of the transaction tells on which side of it this is.
    for (const [i, followed] of this.#followed.entries()) {
      if (followed !== null && comparePositions(followed.table.position, this.#position) > 0)
        this.#lose(i, 'a transaction was too large to be held until its end');
    }
    const { rows } = this.#changes;
    const segments = this.#changes.take().filter(([table]) => !this.#isLost(table));
    this.#sentParts = true;
    this.#underWay++;
    send({ kind: 'part', run, body: encodeSegments(segments), rows });
  }

  #sendBatches(most = BATCHES_UNDER_WAY): void {
    const { run, send } = this.#options;
    while (this.#underWay < most) {
      const batch = this.#batches.take();
      if (batch === undefined) break;
      const { changes, position, transactions, lost, wholly } = batch;
      const { rows } = changes;
      const body = encodeSegments(changes.take());
      this.#underWay++;
      send({ kind: 'batch', run, number: this.#number++, position, body, rows, transactions, wholly, lost });
    }
  }
}

function reasonOf(error: unknown): EndReason {
  if (error instanceof BrokenLine) return 'gone';
  if (!(error instanceof BinlogError)) return 'lost';
  return error.failure === 'gone' || error.failure === 'unreadable' ? error.failure : 'lost';
}

function oldest(tables: readonly FollowedTable[]): BinlogPosition {
  return tables.map(({ position }) => position).reduce((a, b) => (comparePositions(a, b) <= 0 ? a : b));
}

function nameOf(database: string, table: string): string {
  return `${database}\u0000${table}`;
}

function shortened(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)}...`;
}
