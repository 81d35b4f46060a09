/**
 * INSERT in its four modes. The caller has opened a savepoint: one bad row fails the whole statement, as in MySQL (except in mode `ignore`).
 */
import { failure, SluiceError } from '../../errors.ts';
import type { TableDefinition } from '../schema.ts';
import type { InsertStatement, Warning, WriteResult } from '../statement.ts';
import type { StoreRow, StoreValue } from '../values.ts';
import { translateFailure, uniqueKeys } from './constraint-errors.ts';
import { affinity, indexedExpression, quotedTable, quoteName, rowidColumn } from './ddl.ts';
import { columnIndex, referencesTo } from './foreign-keys.ts';
import { executePut } from './put.ts';
import type { WriteContext } from './write-context.ts';

/** What an INSERT needs to know of its table, worked out once for each definition. */
interface InsertPlan {
  readonly columns: string;
  readonly insertSql: string;
  /** Column index of AUTO_INCREMENT, or -1. */
  readonly autoIncrement: number;
  /** Column index of the rowid, or -1: SQLite would take NULL there as "choose one". */
  readonly rowid: number;
  /** Columns without affinity: a JavaScript number would be stored as REAL. */
  readonly unconverted: readonly number[];
  /** Whether values are filled in or converted, so that rows must be copied. */
  readonly changesRows: boolean;
}

const plans = new WeakMap<TableDefinition, InsertPlan>();

function planFor(table: TableDefinition): InsertPlan {
  let plan = plans.get(table);
  if (plan === undefined) {
    const columns = table.columns.map((column) => quoteName(column.name)).join(', ');
    const rowid = rowidColumn(table);
    const autoIncrement = table.columns.findIndex((column) => column.autoIncrement);
    const unconverted = table.columns.flatMap((column, i) => (affinity(column.type) === 'BLOB' ? [i] : []));
    plan = {
      columns,
      insertSql: `INSERT INTO ${quotedTable(table)} (${columns}) VALUES (${table.columns.map(() => '?').join(', ')})`,
      autoIncrement,
      rowid: rowid === null ? -1 : columnIndex(table, rowid),
      unconverted,
      changesRows: autoIncrement >= 0 || unconverted.length > 0,
    };
    plans.set(table, plan);
  }
  return plan;
}

/** Warnings kept of one statement; MySQL's max_error_count is 1024 too. */
const MAX_WARNINGS = 1024;

/** Runs an INSERT. Throws a SluiceError; the caller rolls its savepoint back. */
export function executeInsert(context: WriteContext, table: TableDefinition, statement: InsertStatement): WriteResult {
  const rows = 'kind' in statement.rows ? readRows(context, statement.rows) : statement.rows;
  if (statement.mode === 'put') return executePut(context.connection, table, rows);
  const insertion = new Insertion(context, table, statement);
  for (const row of rows) insertion.add(row);
  return insertion.result(rows.length);
}

/** INSERT ... SELECT reads everything first: its source may be its own table. */
function readRows(
  context: WriteContext,
  source: { readonly sql: string; readonly params: readonly StoreValue[] },
): StoreRow[] {
  try {
    return context.connection.all(source.sql, source.params);
  } catch (error) {
    throw translateFailure(error);
  }
}

class Insertion {
  readonly #context: WriteContext;
  readonly #table: TableDefinition;
  readonly #statement: InsertStatement;
  readonly #plan: InsertPlan;
  readonly #upsertSql: string;
  #affected = 0;
  #duplicates = 0;
  #unchanged = 0;
  #generated: number | bigint = 0;
  /** The AUTO_INCREMENT value of the row before, whether generated or not. */
  #lastId: number | bigint = 0;
  readonly #warnings: Warning[] = [];

  constructor(context: WriteContext, table: TableDefinition, statement: InsertStatement) {
    this.#context = context;
    this.#table = table;
    this.#statement = statement;
    this.#plan = planFor(table);
    this.#upsertSql = statement.mode === 'upsert' ? upsertSql(table, this.#plan, statement) : '';
  }

  add(given: StoreRow): void {
    const row = this.#plan.changesRows ? [...given] : given;
    if (row.length !== this.#table.columns.length) {
      throw failure('ER_WRONG_VALUE_COUNT_ON_ROW', this.#affected + 1);
    }
    for (const i of this.#plan.unconverted) {
      const value = row[i];
      if (typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0)) row[i] = BigInt(value);
    }
    try {
      const generated = this.#fillKey(row);
      const inserted = this.#store(row);
      if (inserted && generated !== null && this.#generated === 0) this.#generated = generated;
    } catch (error) {
      const translated = this.#translate(error, row);
      if (this.#statement.mode !== 'ignore' || !isRowFailure(translated)) throw translated;
      this.#leaveOut(translated);
    }
  }

  result(given: number): WriteResult {
    const assigned = this.#context.takeAssignedId();
    return {
      affected: this.#affected,
      matched: given,
      insertId: this.#generated,
      warnings: this.#warnings,
      duplicates: this.#duplicates,
      unchanged: this.#unchanged,
      lastId: assigned ?? (this.#generated === 0 ? this.#lastId : this.#generated),
      ...(assigned === null ? {} : { assignedId: assigned }),
    };
  }

  /** Gives the row its AUTO_INCREMENT value and returns it, or null when the row brought its own. */
  #fillKey(row: StoreRow): number | bigint | null {
    const { autoIncrement, rowid } = this.#plan;
    let generated: number | bigint | null = null;
    if (autoIncrement >= 0) {
      const value = row[autoIncrement];
      if (value === null || ((value === 0 || value === 0n) && !this.#statement.zeroIsValue)) {
        generated = this.#context.autoIncrement.next(this.#table);
        row[autoIncrement] = autoIncrement === rowid || typeof generated === 'bigint' ? generated : BigInt(generated);
      } else {
        this.#context.autoIncrement.observe(this.#table, value ?? null);
      }
    }
    if (rowid >= 0 && row[rowid] === null) throw failure('ER_BAD_NULL_ERROR', this.#table.columns[rowid]!.name);
    return generated;
  }

  /** Whether the row became a row of its own (an upsert may have changed another instead). */
  #store(row: StoreRow): boolean {
    switch (this.#statement.mode) {
      case 'insert':
      case 'put':
      case 'ignore':
        this.#insert(row);
        return true;
      case 'replace':
        this.#replace(row);
        return true;
      case 'upsert':
        return this.#upsert(row);
    }
  }

  #insert(row: StoreRow): void {
    this.#context.connection.run(this.#plan.insertSql, row);
    this.#context.inserted(this.#table, row);
    this.#affected++;
    this.#noteId(row);
  }

  #noteId(row: StoreRow): void {
    const value = this.#plan.autoIncrement < 0 ? null : row[this.#plan.autoIncrement];
    if (typeof value === 'number' || typeof value === 'bigint') this.#lastId = value;
  }

  /** MySQL Reference Manual, "REPLACE Statement": the rows with an equal unique key are deleted, then the row is inserted. */
  #replace(row: StoreRow): void {
    const { connection } = this.#context;
    const conflict = conflictCondition(this.#table, row);
    if (conflict !== null) {
      const table = quotedTable(this.#table);
      const old = connection.all(`SELECT ${this.#plan.columns} FROM ${table} WHERE ${conflict.sql}`, conflict.params);
      // An equal row that nothing references is left as it is, and counts as the insert alone.
      if (old.length === 1 && sameRow(old[0]!, row) && referencesTo(this.#context.catalog, this.#table).length === 0) {
        this.#affected++;
        this.#noteId(row);
        return;
      }
      if (old.length > 0) {
        const deleted = connection.run(`DELETE FROM ${table} WHERE ${conflict.sql}`, conflict.params);
        this.#affected += deleted;
        this.#duplicates += deleted;
      }
    }
    this.#insert(row);
  }

  /** MySQL Reference Manual, "INSERT ... ON DUPLICATE KEY UPDATE": 1 for an insert, 2 for a change, 0 when nothing differs. */
  #upsert(row: StoreRow): boolean {
    const { conflicts, connection } = this.#context;
    conflicts.reset();
    const params = [...(this.#statement.update?.params ?? []), ...row];
    const stored = connection.all(this.#upsertSql, params)[0];
    if (conflicts.calls === 0) {
      this.#affected++;
      this.#noteId(row);
    } else if (conflicts.changed > 0) {
      this.#affected += 2;
      this.#duplicates++;
      const id = stored?.[0];
      if (typeof id === 'number' || typeof id === 'bigint') this.#lastId = id;
    } else {
      this.#unchanged++;
    }
    return conflicts.calls === 0;
  }

  #translate(error: unknown, row: StoreRow): unknown {
    const { connection, catalog } = this.#context;
    return translateFailure(error, { connection, catalog, table: this.#table, kind: 'insert', row });
  }

  #leaveOut(reason: SluiceError): void {
    this.#duplicates++;
    if (this.#warnings.length >= MAX_WARNINGS) return;
    this.#warnings.push({ level: 'Warning', errno: reason.errno, message: reason.message });
  }
}

/** Failures of one row, which INSERT IGNORE leaves out; any other ends the statement. */
function isRowFailure(error: unknown): error is SluiceError {
  if (!(error instanceof SluiceError)) return false;
  switch (error.code) {
    case 'ER_DUP_ENTRY':
    case 'ER_DUP_KEY':
    case 'ER_BAD_NULL_ERROR':
    case 'ER_CHECK_CONSTRAINT_VIOLATED':
    case 'ER_NO_REFERENCED_ROW_2':
    case 'ER_WARN_DATA_OUT_OF_RANGE':
      return true;
    default:
      return false;
  }
}

/** The rows that share a unique key with `row`; null when no key of it can collide (all hold NULL). */
function conflictCondition(table: TableDefinition, row: StoreRow): { sql: string; params: StoreValue[] } | null {
  const alternatives: string[] = [];
  const params: StoreValue[] = [];
  for (const key of uniqueKeys(table)) {
    const values = key.parts.map((part) => row[columnIndex(table, part.column)] ?? null);
    if (values.includes(null)) continue;
    const index = { name: key.name, unique: true, parts: key.parts };
    const terms = key.parts.map((part) => {
      const expression = indexedExpression(table, index, part);
      return part.length === undefined ? `${expression} = ?` : `${expression} = substr(?, 1, ${part.length})`;
    });
    alternatives.push(`(${terms.join(' AND ')})`);
    params.push(...values);
  }
  return alternatives.length === 0 ? null : { sql: alternatives.join(' OR '), params };
}

function sameRow(a: StoreRow, b: StoreRow): boolean {
  return a.every((value, i) => sameValue(value, b[i] ?? null));
}

function sameValue(a: StoreValue, b: StoreValue): boolean {
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (typeof a === 'bigint' || typeof b === 'bigint') {
    // A row to be stored may hold 5n where the stored row reads 5.
    // biome-ignore lint/suspicious/noDoubleEquals: exact across number and bigint
    return a !== null && b !== null && typeof a !== 'string' && typeof b !== 'string' && a == b;
  }
  return a === b;
}

/** The upsert's own parameters come first, as its text numbers them ?1 ..; the row follows. */
function upsertSql(table: TableDefinition, plan: InsertPlan, statement: InsertStatement): string {
  const { update } = statement;
  if (update === undefined) throw new TypeError('an upsert has no update part');
  const values = table.columns.map((_, i) => `?${update.params.length + i + 1}`).join(', ');
  const insert = `INSERT INTO ${quotedTable(table)} (${plan.columns}) VALUES (${values})`;
  const returning = plan.autoIncrement < 0 ? '' : ` RETURNING ${quoteName(table.columns[plan.autoIncrement]!.name)}`;
  return `${insert} ON CONFLICT DO UPDATE SET ${update.set} WHERE sluice_conflict(${update.where})${returning}`;
}
