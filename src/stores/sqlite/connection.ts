/**
 * One SQLite connection: its settings, its prepared statements, and reading rows whose integers may not fit a number.
 * Not shared between processes; everything on it is synchronous.
 */
import assert from 'node:assert';
import type { StoreFunction } from '../function.ts';
import type { StoreRow, StoreValue } from '../values.ts';
import { DatabaseSync, type DriverSession, type DriverStatement, isOutOfNumberRange } from './driver.ts';
import { castNulText, holdsNul } from './nul-text.ts';

export interface ConnectionOptions {
  readonly readOnly: boolean;
  readonly functions: readonly StoreFunction[];
  readonly cacheKibibytes: number;
  readonly busyTimeoutMs: number;
}

/** Prepared statements that a connection keeps. One takes 5 to 20 KiB. */
const STATEMENT_CACHE_ENTRIES = 400;

export class Connection {
  readonly #db: InstanceType<typeof DatabaseSync>;
  /** In the order of their last use, oldest first. */
  readonly #statements = new Map<string, Prepared>();

  constructor(path: string, options: ConnectionOptions) {
    this.#db = new DatabaseSync(path, {
      readOnly: options.readOnly,
      returnArrays: true,
      timeout: options.busyTimeoutMs,
      enableForeignKeyConstraints: true,
    });
    this.#db.exec(`PRAGMA cache_size = -${options.cacheKibibytes}`);
    for (const fn of options.functions) this.register(fn);
  }

  register(fn: StoreFunction): void {
    const traits = {
      deterministic: fn.deterministic,
      varargs: fn.varargs ?? false,
      useBigIntArguments: fn.bigIntArguments ?? false,
    };
    if (fn.kind === 'aggregate') {
      this.#db.aggregate(fn.name, { ...traits, start: fn.start, step: fn.step as never, result: fn.result as never });
    } else {
      this.#db.function(fn.name, traits, fn.call);
    }
  }

  /** One or more statements without parameters and without a result. */
  exec(sql: string): void {
    this.#db.exec(sql);
  }

  /**
   * Runs a statement for its effect and returns the number of rows changed.
   * The driver also reads the last rowid, and would fail after the fact where that is beyond 2^53: hence the big integers.
   */
  run(sql: string, params: readonly StoreValue[] = []): number {
    if (holdsNul(params)) {
      const cast = castNulText(sql, params);
      return this.run(cast.sql, cast.params);
    }
    return Number(this.#step(sql, true, (statement) => statement.run(...params)).changes);
  }

  /** All rows; integers as numbers where safe, as bigint beyond 2^53. */
  all(sql: string, params: readonly StoreValue[] = []): StoreRow[] {
    if (holdsNul(params)) {
      const cast = castNulText(sql, params);
      return this.all(cast.sql, cast.params);
    }
    try {
      return this.#step(sql, false, (statement) => statement.all(...params));
    } catch (error) {
      if (!isOutOfNumberRange(error)) throw error;
    }
    // Some integer is beyond 2^53. Reading every integer as bigint costs a third more, so only this run pays for it.
    return this.#step(sql, true, (statement) => statement.all(...params)).map(narrowRow);
  }

  /** The first row, or undefined. */
  get(sql: string, params: readonly StoreValue[] = []): StoreRow | undefined {
    return this.all(sql, params)[0];
  }

  /**
   * Rows one by one. When an integer beyond 2^53 turns up, the statement starts again with big integers and skips what was given: the
   * caller must hold a read transaction, so that both runs see the same rows in the same order.
   */
  *iterate(sql: string, params: readonly StoreValue[]): Generator<StoreRow, void, undefined> {
    const bound = holdsNul(params) ? castNulText(sql, params) : { sql, params };
    // Out of the cache while it runs, so that nothing else steps or evicts it.
    const prepared = this.#take(bound.sql);
    let given = 0;
    let failed = true;
    try {
      try {
        for (const row of inMode(prepared, false).iterate(...bound.params)) {
          given++;
          yield row;
        }
        failed = false;
        return;
      } catch (error) {
        if (!isOutOfNumberRange(error)) throw error;
      }
      let skip = given;
      for (const row of inMode(prepared, true).iterate(...bound.params)) {
        if (skip > 0) skip--;
        else yield narrowRow(row);
      }
      failed = false;
    } finally {
      // After a failure, or a reader who left early, the driver's statement is not where it began.
      if (failed || this.#statements.has(bound.sql)) prepared.statement.close();
      else this.#keep(bound.sql, prepared);
    }
  }

  get inTransaction(): boolean {
    return this.#db.isTransaction;
  }

  /** Records every later change to tables with a primary key. */
  createSession(): DriverSession {
    return this.#db.createSession();
  }

  close(): void {
    for (const { statement } of this.#statements.values()) statement.close();
    this.#statements.clear();
    this.#db.close();
  }

  /** Runs a statement of the cache. One that fails is not used again: the driver leaves it as it stood, and its next run would fail as well. */
  #step<T>(sql: string, bigInts: boolean, run: (statement: DriverStatement) => T): T {
    const statement = this.#prepare(sql, bigInts);
    try {
      return run(statement);
    } catch (error) {
      if (!isOutOfNumberRange(error)) {
        this.#statements.delete(sql);
        statement.close();
      }
      throw error;
    }
  }

  /** From the cache. To be used at once: the next call may evict it. */
  #prepare(sql: string, bigInts: boolean): DriverStatement {
    const prepared = this.#take(sql);
    this.#keep(sql, prepared);
    return inMode(prepared, bigInts);
  }

  #take(sql: string): Prepared {
    const cached = this.#statements.get(sql);
    if (cached !== undefined) {
      this.#statements.delete(sql);
      return cached;
    }
    assert.ok(!sql.includes('\0'), 'no NUL in a statement: SQLite would stop reading there');
    return { statement: this.#db.prepare(sql) as DriverStatement, bigInts: false };
  }

  #keep(sql: string, prepared: Prepared): void {
    if (this.#statements.size >= STATEMENT_CACHE_ENTRIES) this.#evict();
    this.#statements.set(sql, prepared);
  }

  #evict(): void {
    for (const [sql, { statement }] of this.#statements) {
      this.#statements.delete(sql);
      statement.close();
      return;
    }
  }
}

interface Prepared {
  readonly statement: DriverStatement;
  /** How it reads integers now. */
  bigInts: boolean;
}

function inMode(prepared: Prepared, bigInts: boolean): DriverStatement {
  if (prepared.bigInts !== bigInts) {
    prepared.statement.setReadBigInts(bigInts);
    prepared.bigInts = bigInts;
  }
  return prepared.statement;
}

/** Safe big integers back to numbers, in place. */
function narrowRow(row: StoreRow): StoreRow {
  for (let i = 0; i < row.length; i++) {
    const value = row[i];
    if (typeof value === 'bigint') row[i] = narrowInteger(value);
  }
  return row;
}

export function narrowInteger(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}
