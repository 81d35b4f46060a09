/**
 * Writes changes of rows, as the source's binlog tells them, into a table of the mirror. Each must find what the source found: a row to change or to delete, none in the
 * way of a new one. Otherwise the table is not what it should be, and MirrorMismatch says so.
 */
import { SluiceError } from '../errors.ts';
import type { ProcedureTransaction } from '../stores/procedure.ts';
import { HIDDEN_KEY_COLUMN, type TableDefinition } from '../stores/schema.ts';
import { affinity, columnCollation, quotedTable, quoteName, sameName } from '../stores/sqlite/ddl.ts';
import { isStoredAsGiven } from '../stores/sqlite/known-rows.ts';
import type { InsertStatement, ModifyStatement } from '../stores/statement.ts';
import type { StoreRow, StoreValue } from '../stores/values.ts';

/** The mirror's table and the source's are no longer the same. */
export class MirrorMismatch extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'MirrorMismatch';
  }
}

/** Rows of one INSERT. */
const ROWS_AT_ONCE = 500;

interface TablePlan {
  readonly name: string;
  /** Positions of the primary key's columns; empty: rows are found by all their values. */
  readonly key: readonly number[];
  readonly quoted: readonly string[];
  /** Columns without affinity: a JavaScript number would be stored as REAL. */
  readonly unconverted: readonly boolean[];
  readonly hasReals: boolean;
  readonly find: string;
  readonly deletion: string;
  /** By the columns that are set. */
  readonly updates: Map<string, string>;
}

/** Statements of an UPDATE by the columns it sets: more than these are not kept. */
const UPDATES_MAX = 200;

const plans = new WeakMap<TableDefinition, TablePlan>();

function planOf(table: TableDefinition): TablePlan {
  let plan = plans.get(table);
  if (plan === undefined) {
    plan = makePlan(table);
    plans.set(table, plan);
  }
  return plan;
}

function makePlan(table: TableDefinition): TablePlan {
  const name = quotedTable(table);
  const key = table.primaryKey.map((part) => table.columns.findIndex((column) => sameName(column.name, part)));
  const quoted = table.columns.map((column) => quoteName(column.name));
  // Without a blank: the store takes `name =` in an UPDATE for an assignment.
  const byKey = key.map((i) => `${quoted[i]}=?`).join(' AND ');
  const find = key.length > 0 ? byKey : `${HIDDEN_KEY_COLUMN}=(${hiddenKey(table, name, quoted)})`;
  return {
    name,
    key,
    quoted,
    unconverted: table.columns.map(({ type }) => affinity(type) === 'BLOB'),
    hasReals: table.columns.some(({ type }) => affinity(type) === 'REAL'),
    find,
    deletion: `DELETE FROM ${name} WHERE ${find}`,
    updates: new Map(),
  };
}

function foldsCase({ columns }: TableDefinition, i: number): boolean {
  return columnCollation(columns[i]!.type) === 'NOCASE';
}

/** The first of the rows that have all these values, to the letter. */
function hiddenKey(table: TableDefinition, name: string, quoted: readonly string[]): string {
  const terms = table.columns.map((_, i) => {
    return `${quoted[i]} IS ?${i + 1}${foldsCase(table, i) ? ` AND ${quoted[i]} IS ?${i + 1} COLLATE BINARY` : ''}`;
  });
  return `SELECT ${HIDDEN_KEY_COLUMN} FROM ${name} WHERE ${terms.join(' AND ')} LIMIT 1`;
}

export class RowWriter {
  readonly #transaction: ProcedureTransaction;
  readonly #table: TableDefinition;
  readonly #plan: TablePlan;
  readonly #isBulk: boolean;
  #inserts: StoreRow[] = [];

  /** `isBulk`: the commit reports the table as changed as a whole. */
  constructor(transaction: ProcedureTransaction, table: TableDefinition, isBulk: boolean) {
    this.#transaction = transaction;
    this.#table = table;
    this.#plan = planOf(table);
    this.#isBulk = isBulk;
  }

  /** In their order. Inserts may wait for flush(). */
  change(before: StoreRow | null, after: StoreRow | null): void {
    this.#check(before);
    this.#check(after);
    if (before === null) {
      this.#inserts.push(after!);
      if (this.#inserts.length >= ROWS_AT_ONCE) this.flush();
      return;
    }
    this.flush();
    if (after === null) this.#delete(before);
    else this.#update(before, after);
  }

  flush(): void {
    if (this.#inserts.length === 0) return;
    const rows = this.#inserts;
    this.#inserts = [];
    this.insert(rows);
  }

  insert(rows: readonly StoreRow[]): void {
    const { database, name } = this.#table;
    this.#write({
      kind: 'insert',
      database,
      table: name,
      mode: 'insert',
      rows,
      zeroIsValue: true,
      partly: true,
      ...this.#wholly(),
    });
  }

  #delete(before: StoreRow): void {
    const params = this.#findParams(before);
    this.#one({ kind: 'delete', sql: this.#plan.deletion, params, ...this.#known(before, null) });
  }

  #update(before: StoreRow, after: StoreRow): void {
    const { key } = this.#plan;
    const changed: number[] = [];
    for (let i = 0; i < after.length; i++) if (!sameValue(before[i]!, after[i]!)) changed.push(i);
    if (changed.length === 0) return;
    const movesKey = changed.some((i) => key.includes(i));
    const found = this.#findParams(before);
    const set = changed.map((i) => this.#bound(after, i));
    // Of a row found by all its values these come first, numbered; see hiddenKey().
    const params = key.length > 0 ? [...set, ...found] : [...found, ...set];
    this.#one({
      kind: 'update',
      sql: this.#updateSql(changed),
      params,
      ...(movesKey || key.length === 0 ? {} : this.#known(before, after)),
    });
  }

  #updateSql(changed: readonly number[]): string {
    const { updates, quoted, name, find, key } = this.#plan;
    const shape = changed.join();
    let sql = updates.get(shape);
    if (sql === undefined) {
      const first = key.length > 0 ? null : quoted.length + 1;
      const set = changed.map((i, n) => `${quoted[i]} = ${first === null ? '?' : `?${first + n}`}`).join(', ');
      sql = `UPDATE ${name} SET ${set} WHERE ${find}`;
      if (updates.size >= UPDATES_MAX) updates.clear();
      updates.set(shape, sql);
    }
    return sql;
  }

  #findParams(row: StoreRow): StoreValue[] {
    const { key } = this.#plan;
    return key.length > 0 ? key.map((i) => this.#bound(row, i)) : row.map((_, i) => this.#bound(row, i));
  }

  #bound(row: StoreRow, i: number): StoreValue {
    const value = row[i]!;
    return typeof value === 'number' && this.#plan.unconverted[i] && Number.isSafeInteger(value)
      ? BigInt(value)
      : value;
  }

  /** What is not stored to the letter is looked up by the store itself. */
  #known(before: StoreRow, after: StoreRow | null): Pick<ModifyStatement, 'known'> {
    if (this.#isBulk || !isStoredAsGiven(this.#table, before)) return {};
    return { known: { before, after } };
  }

  #wholly(): Pick<InsertStatement, 'wholly'> {
    const { database, name } = this.#table;
    return this.#isBulk ? { wholly: [{ database, name }] } : {};
  }

  #one(statement: Pick<ModifyStatement, 'kind' | 'sql' | 'params' | 'known'>): void {
    const { database, name } = this.#table;
    const matched = this.#write({ ...statement, database, table: name, ...this.#wholly() });
    if (matched !== 1) throw new MirrorMismatch(`a row to ${statement.kind} was not there`);
  }

  #write(statement: InsertStatement | ModifyStatement): number {
    try {
      return this.#transaction.write(statement).matched;
    } catch (error) {
      if (isMismatch(error)) throw new MirrorMismatch((error as Error).message);
      throw error;
    }
  }

  #check(row: StoreRow | null): void {
    if (row === null) return;
    const { columns } = this.#table;
    if (row.length !== columns.length)
      throw new MirrorMismatch(`a row has ${row.length} columns, and the table ${columns.length}`);
    if (!this.#plan.hasReals) return;
    // The store keeps no sign of zero.
    for (let i = 0; i < row.length; i++) if (Object.is(row[i], -0)) row[i] = 0;
  }
}

/** Failures of the row, not of the store. */
function isMismatch(error: unknown): boolean {
  if (!(error instanceof SluiceError)) return false;
  switch (error.code) {
    case 'ER_DUP_ENTRY':
    case 'ER_DUP_KEY':
    case 'ER_BAD_NULL_ERROR':
    case 'ER_NO_SUCH_TABLE':
    case 'ER_WARN_DATA_OUT_OF_RANGE':
    case 'ER_WRONG_VALUE_COUNT_ON_ROW':
      return true;
    default:
      return false;
  }
}

function sameValue(a: StoreValue, b: StoreValue): boolean {
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  return a === b;
}
