/**
 * One plan on one connection to the source: before each step the rows that it can see are brought into the scratch (scratch.ts), then it runs there. What the
 * plan has changed is written to the source at its end, so a plan that fails has done nothing.
 *
 * Rows that a plan which writes has read are locked (FOR UPDATE), and are the newest ones, whatever the transaction has seen before.
 */
import { failure } from '../../../errors.ts';
import { compareKeys, type KeyRange, onlyKey } from '../../../keys/paths.ts';
import type { KeyPlan, KeyStep, StepReach } from '../../../keys/plan.ts';
import { SOURCE_KEY_BYTES, SOURCE_KEY_ROWS } from '../../../limits.ts';
import type { SourceConnection } from '../../../stores/mysql/connection.ts';
import { textRows } from '../../../stores/mysql/rows.ts';
import type { ReadStatement, SavepointStatement } from '../../../stores/statement.ts';
import type { StoreRow } from '../../../stores/values.ts';
import * as tables from './key-tables.ts';
import type { Scratch } from './scratch.ts';

/** Rows brought here at once: a few milliseconds. */
export const ROWS_AT_ONCE = 1_000;
/** More than the largest value takes. */
const BYTES_AT_ONCE = 8 * 1024 * 1024;

interface Brought {
  readonly keys: ReadonlySet<string>;
  readonly ranges: readonly KeyRange[];
  readonly pieces: ReadonlySet<string>;
}

export class PlanRun {
  readonly #connection: SourceConnection;
  readonly #scratch: Scratch;
  readonly #writes: boolean;
  readonly #now: number;
  /** Ranges whose entries are all here. */
  #ranges: KeyRange[] = [];
  /** The same of single keys. */
  #keys = new Set<string>();
  #pieces = new Set<string>();
  readonly #saved: Brought[] = [];
  #rows = 0;
  #bytes = 0;

  constructor(connection: SourceConnection, scratch: Scratch, plan: Pick<KeyPlan<unknown>, 'writes'>, now: number) {
    this.#connection = connection;
    this.#scratch = scratch;
    this.#writes = plan.writes;
    this.#now = now;
  }

  async run<Result>(plan: KeyPlan<Result>): Promise<Result> {
    const steps = plan.steps();
    let turn = steps.next();
    while (!turn.done) {
      const rows = await this.#step(turn.value).catch((error: unknown) => {
        // What the source says ends the plan, and its transaction is rolled back: it must not go on as if a step alone had failed.
        throw new SourceStopped(error);
      });
      turn = rows instanceof Error ? steps.throw(rows) : steps.next(rows);
    }
    return turn.value;
  }

  /** Gives an error where the statement itself fails. */
  async #step(step: KeyStep): Promise<readonly StoreRow[] | Error> {
    if (isSavepoint(step)) {
      this.#savepoint(step.kind);
      this.#scratch.savepoint(step);
      return [];
    }
    const reach = step.kind === 'insert' ? reachOfRows(step.rows as readonly StoreRow[]) : step.reach;
    if (step.kind === 'read' && reach.isPortable === true && this.#scratch.changedCount === 0)
      return (await this.#select(tables.portable(step.sql, step.params))).map(portableRow);
    await this.bring(reach);
    try {
      return step.kind === 'read' ? this.#scratch.read(step) : [[this.#scratch.write(step)]];
    } catch (error) {
      return error as Error;
    }
  }

  #savepoint(kind: SavepointStatement['kind']): void {
    if (kind === 'savepoint')
      this.#saved.push({ keys: new Set(this.#keys), ranges: [...this.#ranges], pieces: new Set(this.#pieces) });
    const saved = this.#saved.at(-1);
    if (kind === 'rollback-to' && saved !== undefined) {
      this.#keys = new Set(saved.keys);
      this.#ranges = [...saved.ranges];
      this.#pieces = new Set(saved.pieces);
    }
    if (kind === 'release') this.#saved.pop();
  }

  async bring({ keys, first, pieces }: StepReach): Promise<void> {
    const missing = keys.filter((range) => !this.#isHere(range));
    const single = missing.filter(isOne).map(({ from }) => from);
    for (let at = 0; at < single.length; at += ROWS_AT_ONCE)
      await this.#bringWhere(tables.among(single.slice(at, at + ROWS_AT_ONCE)), ROWS_AT_ONCE);
    for (const key of single) this.#keys.add(key);
    for (const range of missing.filter((each) => !isOne(each))) {
      if (first === undefined) await this.#bringRange(range);
      else await this.#bringFirst(range, first);
    }
    if (pieces !== undefined) await this.#bringPieces(pieces);
  }

  #isHere(range: KeyRange): boolean {
    if (isOne(range) && this.#keys.has(range.from)) return true;
    return this.#ranges.some(
      ({ from, to }) =>
        compareKeys(from, range.from) <= 0 && (to === null || (range.to !== null && compareKeys(range.to, to) <= 0)),
    );
  }

  async #bringRange(range: KeyRange): Promise<void> {
    let rest = range;
    for (;;) {
      const rows = await this.#bringWhere(tables.inRange(rest), ROWS_AT_ONCE);
      if (rows.length < ROWS_AT_ONCE) break;
      rest = { from: onlyKey(rows.at(-1)![0] as string).to!, to: range.to };
    }
    this.#ranges.push(range);
  }

  /** Entries removed here may be among the source's first: so many more are brought. */
  async #bringFirst(range: KeyRange, first: NonNullable<StepReach['first']>): Promise<void> {
    const limit = first.rows + this.#scratch.changedCount;
    const rows = await this.#bringWhere(tables.inRange(range), limit, first);
    if (first.liveAt !== undefined && this.#writes) return;
    const last = rows.at(-1)?.[0] as string | undefined;
    if (rows.length < limit || last === undefined) this.#ranges.push(range);
    else if (first.reverse === true) this.#ranges.push({ from: last, to: range.to });
    else this.#ranges.push({ from: range.from, to: onlyKey(last).to });
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
      if (this.#pieces.has(name)) continue;
      this.#pieces.add(name);
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

/** The next part of a range, at most so many rows, smaller where values are large. */
export async function nextPart(
  connection: SourceConnection,
  { range, reverse, now }: { readonly range: KeyRange; readonly reverse: boolean; readonly now: number },
): Promise<{ rows: StoreRow[]; isLast: boolean }> {
  for (let limit = ROWS_AT_ONCE; ; limit = Math.max(1, limit >> 2)) {
    const where = tables.inRange(range);
    const text = tables.selectEntries({ where, liveAt: now, reverse, limit, forUpdate: false });
    const limits = { maxRows: 0, maxBytes: BYTES_AT_ONCE, onExceeded: () => undefined };
    try {
      const { results } = await connection.query(text, limits);
      const rows = Array.from(textRows(results[0]?.rows ?? [], tables.COLUMN_COUNT), tables.entryRow);
      return { rows, isLast: rows.length < limit };
    } catch (error) {
      if (limit === 1 || !isByteLimit(error)) throw error;
    }
  }
}

function isByteLimit(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'SLUICE_BYTE_LIMIT';
}

/** Not the step's own failure: the plan cannot go on. */
export class SourceStopped extends Error {
  override readonly cause: unknown;

  constructor(cause: unknown) {
    super('the source stopped a plan');
    this.cause = cause;
  }
}

function isSavepoint(step: KeyStep): step is SavepointStatement {
  return step.kind === 'savepoint' || step.kind === 'rollback-to' || step.kind === 'release';
}

function isOne({ from, to }: KeyRange): boolean {
  return to === onlyKey(from).to;
}

/** Of keys; of bit sets' pieces the one that each row is. */
function reachOfRows(rows: readonly StoreRow[]): StepReach {
  return { keys: rows.map(([path]) => onlyKey(path as string)) };
}

/** Paths and counts, as text. */
function portableRow(row: readonly (Buffer | null)[]): StoreRow {
  return row.map((value) => (value === null ? null : value.toString('utf8')));
}
