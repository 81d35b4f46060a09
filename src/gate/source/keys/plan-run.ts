/**
 * Plans on one connection to the source, one after the other: before each step the rows that it can see are brought into the scratch (scratch.ts), then it runs
 * there. What the plans have changed is written to the source at their end, so a plan that fails has done nothing.
 *
 * Rows that a plan which writes has read are locked (FOR UPDATE), and are the newest ones, whatever the transaction has seen before.
 */
import { failure, SluiceError } from '../../../errors.ts';
import { isInRange, type KeyRange, onlyKey } from '../../../keys/paths.ts';
import type { KeyPlan, KeyStep, StepReach } from '../../../keys/plan.ts';
import { SOURCE_KEY_BYTES, SOURCE_KEY_ROWS } from '../../../limits.ts';
import type { SourceConnection } from '../../../stores/mysql/connection.ts';
import { textRows } from '../../../stores/mysql/rows.ts';
import type { ReadStatement, SavepointStatement } from '../../../stores/statement.ts';
import type { StoreRow } from '../../../stores/values.ts';
import { Brought, isOne } from './brought.ts';
import type { Cancellation } from './cancellation.ts';
import * as tables from './key-tables.ts';
import type { NamedKeys } from './named-keys.ts';
import type { Scratch } from './scratch.ts';

/** Rows brought here at once: a few milliseconds. */
export const ROWS_AT_ONCE = 1_000;

export interface PlannedCommand<Result> {
  readonly plan: KeyPlan<Result>;
  readonly named: NamedKeys;
  readonly cancellation: Cancellation;
}

export interface RunOptions {
  readonly writes: boolean;
  /** Of plans that only read: what has expired by then is not brought. */
  readonly now: number;
}

export class PlanRun {
  readonly #connection: SourceConnection;
  readonly #scratch: Scratch;
  readonly #writes: boolean;
  readonly #now: number;
  readonly #brought = new Brought();
  /** Nothing more is to be brought: a plan that needs it is stopped by NeedsMore. */
  isClosed = false;
  #cancellation: Cancellation | null = null;
  /** Brought for the plan that runs. */
  #rows = 0;
  #bytes = 0;
  /** The same for all plans before it. */
  #rowsBefore = 0;
  #bytesBefore = 0;

  constructor(connection: SourceConnection, scratch: Scratch, { writes, now }: RunOptions) {
    this.#connection = connection;
    this.#scratch = scratch;
    this.#writes = writes;
    this.#now = now;
  }

  /** So many were brought here for all plans. */
  get broughtRows(): number {
    return this.#rowsBefore + this.#rows;
  }

  get broughtBytes(): number {
    return this.#bytesBefore + this.#bytes;
  }

  /** Throws the plan's own failure, or SourceStopped: also when it is cancelled. */
  async run<Result>({ plan, named, cancellation }: PlannedCommand<Result>): Promise<Result> {
    this.#cancellation = cancellation;
    this.#rowsBefore += this.#rows;
    this.#bytesBefore += this.#bytes;
    this.#rows = 0;
    this.#bytes = 0;
    if (named.keys.length > 1) await this.bring({ keys: named.keys.map(onlyKey) }).catch(stopped);
    const steps = plan.steps();
    let turn = steps.next();
    while (!turn.done) {
      const rows = await this.#step(turn.value).catch(stopped);
      turn = rows instanceof Error ? steps.throw(rows) : steps.next(rows);
    }
    return turn.value;
  }

  /** As run(), but a plan that fails leaves nothing in the scratch. */
  async runAlone(command: PlannedCommand<unknown>): Promise<unknown> {
    this.#savepoint({ kind: 'savepoint', name: ALONE });
    try {
      return await this.run(command);
    } catch (error) {
      this.#savepoint({ kind: 'rollback-to', name: ALONE });
      throw error;
    } finally {
      this.#savepoint({ kind: 'release', name: ALONE });
    }
  }

  /** Brings what several commands name, all at once. */
  async prefetch(commands: readonly NamedKeys[]): Promise<void> {
    const single = new Set<string>();
    const firsts: StepReach[] = [];
    for (const named of commands) {
      if (single.size + named.keys.length > ROWS_AT_ONCE) continue;
      for (const key of named.keys) single.add(key);
      firsts.push(...named.firsts);
    }
    const reaches = [{ keys: Array.from(single, onlyKey) }, ...unlike(firsts).slice(0, FIRSTS_AT_ONCE)];
    const brought = await Promise.allSettled(reaches.map((reach) => this.bring(reach)));
    for (const each of brought) {
      // Too large together: each command brings what it needs.
      if (each.status === 'rejected' && !isByteLimit(each.reason)) throw each.reason;
    }
  }

  /** Keys, and the first rows of ranges, by one statement: all of one snapshot, without a transaction. A range of which there are more rows counts as not brought. */
  async bringTogether(keys: readonly string[], firsts: readonly { range: KeyRange; rows: number }[]): Promise<void> {
    const select = (where: string, limit: number): string =>
      tables.selectEntries({ where, liveAt: this.#now, limit, forUpdate: false });
    const parts = [
      select(tables.among(keys), ROWS_AT_ONCE),
      ...firsts.map(({ range, rows }) => select(tables.inRange(range), rows)),
    ];
    const found = (await this.#select(parts.map((part) => `(${part})`).join(' UNION ALL '))).map(tables.entryRow);
    this.#scratch.loadEntries(found);
    for (const key of keys) this.#brought.addKey(key);
    for (const { range, rows } of firsts) {
      const inIt = new Set(found.map(([path]) => path as string).filter((path) => isInRange(path, range)));
      if (inIt.size < rows) this.#brought.addRange(range);
    }
  }

  /** Gives an error where the statement itself fails. */
  async #step(step: KeyStep): Promise<readonly StoreRow[] | Error> {
    this.#cancellation?.check();
    if (isSavepoint(step)) {
      this.#savepoint(step);
      return [];
    }
    const reach = reachOfStep(step);
    if (step.kind === 'read' && reach.isPortable === true && this.#scratch.changedCount === 0)
      return (await this.#select(tables.portable(step.sql, step.params))).map(portableRow);
    await this.bring(reach);
    try {
      return step.kind === 'read' ? this.#scratch.read(step) : [[this.#scratch.write(step)]];
    } catch (error) {
      return error as Error;
    }
  }

  #savepoint(step: SavepointStatement): void {
    this.#scratch.savepoint(step);
    if (step.kind === 'savepoint') this.#brought.mark();
    else if (step.kind === 'rollback-to') this.#brought.back();
    else this.#brought.release();
  }

  async bring({ keys, first, pieces }: StepReach): Promise<void> {
    const missing = keys.filter((range) => !this.#brought.hasRange(range));
    const single = missing.filter(isOne).map(({ from }) => from);
    for (let at = 0; at < single.length; at += ROWS_AT_ONCE)
      await this.#bringWhere(tables.among(single.slice(at, at + ROWS_AT_ONCE)), ROWS_AT_ONCE);
    for (const key of single) this.#brought.addKey(key);
    for (const range of missing.filter((each) => !isOne(each))) {
      if (first === undefined) await this.#bringRange(range);
      else await this.#bringFirst(range, first);
    }
    if (pieces !== undefined) await this.#bringPieces(pieces);
  }

  async #bringRange(range: KeyRange): Promise<void> {
    let rest = range;
    for (;;) {
      const rows = await this.#bringWhere(tables.inRange(rest), ROWS_AT_ONCE);
      if (rows.length < ROWS_AT_ONCE) break;
      rest = { from: onlyKey(rows.at(-1)![0] as string).to!, to: range.to };
    }
    this.#brought.addRange(range);
  }

  /** Entries removed here may be among the source's first: so many more are brought, and some for those that will be. */
  async #bringFirst(range: KeyRange, first: NonNullable<StepReach['first']>): Promise<void> {
    const changed = this.#writes ? this.#scratch.changedCount : 0;
    const isPlain = this.#writes && first.liveAt === undefined && first.reverse !== true;
    if (isPlain && this.#brought.hasFirst(range, first.rows + changed)) return;
    const limit = first.rows + changed + (isPlain ? SPARE_ROWS : 0);
    const rows = await this.#bringWhere(tables.inRange(range), limit, first);
    if (isPlain) this.#brought.addFirst(range, limit);
    if (first.liveAt !== undefined && this.#writes) return;
    const last = rows.at(-1)?.[0] as string | undefined;
    if (rows.length < limit || last === undefined) this.#brought.addRange(range);
    else if (first.reverse === true) this.#brought.addRange({ from: last, to: range.to });
    else this.#brought.addRange({ from: range.from, to: onlyKey(last).to });
  }

  async #bringWhere(where: string, limit: number, first: StepReach['first'] = undefined): Promise<StoreRow[]> {
    const found = await this.#select(
      tables.selectEntries({
        where,
        // What only reads sees no expired ones.
        liveAt: first?.liveAt ?? (this.#writes ? null : this.#now),
        reverse: first?.reverse ?? false,
        limit,
        forUpdate: this.#writes,
      }),
    );
    const rows = found.map(tables.entryRow);
    this.#scratch.loadEntries(rows);
    return rows;
  }

  async #bringPieces({ of, from, to }: NonNullable<StepReach['pieces']>): Promise<void> {
    for (const range of of) {
      const name = JSON.stringify([range, from, to]);
      if (!this.#brought.addPieces(name)) continue;
      const between = from === undefined ? '' : ` AND piece BETWEEN ${from} AND ${to}`;
      const found = await this.#select(tables.selectPieces(`${tables.inRange(range)}${between}`, this.#writes));
      this.#scratch.loadPieces(
        found.map(([path, piece, bytes]) => [
          path!.toString('utf8'),
          BigInt(String(piece)),
          Uint8Array.from(bytes as Buffer),
        ]),
      );
    }
  }

  async #select(sql: string): Promise<(Buffer | null)[][]> {
    if (this.isClosed) throw new NeedsMore();
    this.#cancellation?.check();
    const limits = { maxRows: 0, maxBytes: SOURCE_KEY_BYTES, onExceeded: () => undefined };
    const { results } = await this.#connection.query(sql, limits);
    const [result] = results;
    if (result === undefined) return [];
    this.#rows += result.rowCount;
    this.#bytes += result.rows.reduce((sum, { length }) => sum + length, 0);
    if (this.#rows > SOURCE_KEY_ROWS) throw failure('SLUICE_ROW_LIMIT', SOURCE_KEY_ROWS);
    if (this.#bytes > SOURCE_KEY_BYTES) throw failure('SLUICE_BYTE_LIMIT', SOURCE_KEY_BYTES);
    return [...textRows(result.rows, result.columnCount)];
  }

  /** A read over rows that are all it can see. */
  over(rows: readonly StoreRow[], statement: ReadStatement): StoreRow[] {
    this.#scratch.loadEntries(rows);
    return this.#scratch.read(statement);
  }

  /** The statements that bring the source to what the plan has made of it. */
  writes(): string[] {
    const { put, removed, goneSets, pieces, removedPieces } = this.#scratch.changes();
    return [
      ...tables.deleteEntries(removed),
      ...tables.deleteSets(goneSets),
      ...tables.deletePieces(removedPieces),
      ...tables.putEntries(put.map(tables.entryTuple)),
      ...tables.putPieces(pieces.map(tables.pieceTuple)),
    ];
  }
}

/** Ranges of which each gives some rows. */
const FIRSTS_AT_ONCE = 20;
/** Of a range whose first rows are looked at by commands that change some of them. */
const SPARE_ROWS = 64;
const ALONE = 'sluice command';

export class NeedsMore extends Error {}

/** Not the step's own failure: the plan cannot go on. */
export class SourceStopped extends Error {
  override readonly cause: unknown;

  constructor(cause: unknown) {
    super('the source stopped a plan');
    this.cause = cause;
  }
}

/** What the source says ends the plan, and its transaction is rolled back: it must not go on as if a step alone had failed. */
function stopped(error: unknown): never {
  throw new SourceStopped(error);
}

function isSavepoint(step: KeyStep): step is SavepointStatement {
  return step.kind === 'savepoint' || step.kind === 'rollback-to' || step.kind === 'release';
}

function reachOfStep(step: Exclude<KeyStep, SavepointStatement>): StepReach {
  return step.kind === 'insert' ? reachOfRows(step.rows as readonly StoreRow[]) : step.reach;
}

/** Each once. */
function unlike(reaches: readonly StepReach[]): StepReach[] {
  return [...new Map(reaches.map((reach) => [reach.keys[0]?.from, reach])).values()];
}

export function isByteLimit(error: unknown): boolean {
  return error instanceof SluiceError && error.code === 'SLUICE_BYTE_LIMIT';
}

/** Of keys; of bit sets' pieces the one that each row is. */
function reachOfRows(rows: readonly StoreRow[]): StepReach {
  return { keys: rows.map(([path]) => onlyKey(path as string)) };
}

/** Paths and counts, as text. */
function portableRow(row: readonly (Buffer | null)[]): StoreRow {
  return row.map((value) => (value === null ? null : value.toString('utf8')));
}
