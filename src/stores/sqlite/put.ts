/** INSERT's mode `put`: many rows in one SQLite statement, which takes half the time of one statement a row. */
import type { TableDefinition } from '../schema.ts';
import type { WriteResult } from '../statement.ts';
import type { StoreRow, StoreValue } from '../values.ts';
import type { Connection } from './connection.ts';
import { translateFailure } from './constraint-errors.ts';
import { affinity, quotedTable, quoteName, sameName } from './ddl.ts';

/** More at once gain nothing any more. */
const ROWS_AT_ONCE = 32;

interface PutPlan {
  readonly many: string;
  readonly one: string;
  /** Columns without affinity: a JavaScript number would be stored as REAL. */
  readonly unconverted: readonly number[];
}

const plans = new WeakMap<TableDefinition, PutPlan>();

/** The caller has opened a savepoint, if there is more than one row. */
export function executePut(connection: Connection, table: TableDefinition, rows: readonly StoreRow[]): WriteResult {
  const plan = planFor(table);
  try {
    let at = 0;
    for (; at + ROWS_AT_ONCE <= rows.length; at += ROWS_AT_ONCE)
      connection.run(plan.many, bound(plan, rows, at, at + ROWS_AT_ONCE));
    for (; at < rows.length; at++) connection.run(plan.one, bound(plan, rows, at, at + 1));
  } catch (error) {
    throw translateFailure(error);
  }
  return { affected: rows.length, matched: rows.length, insertId: 0, warnings: [] };
}

function bound({ unconverted }: PutPlan, rows: readonly StoreRow[], from: number, to: number): StoreValue[] {
  const params: StoreValue[] = [];
  for (let i = from; i < to; i++) {
    const start = params.length;
    for (const value of rows[i]!) params.push(value);
    for (const column of unconverted) {
      const value = params[start + column];
      if (typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0))
        params[start + column] = BigInt(value);
    }
  }
  return params;
}

function planFor(table: TableDefinition): PutPlan {
  let plan = plans.get(table);
  if (plan === undefined) {
    plan = {
      many: putSql(table, ROWS_AT_ONCE),
      one: putSql(table, 1),
      unconverted: table.columns.flatMap((column, i) => (affinity(column.type) === 'BLOB' ? [i] : [])),
    };
    plans.set(table, plan);
  }
  return plan;
}

function putSql(table: TableDefinition, rows: number): string {
  const names = table.columns.map(({ name }) => quoteName(name));
  const row = `(${names.map(() => '?').join(', ')})`;
  const key = table.primaryKey.map(quoteName).join(', ');
  const set = table.columns
    .filter(({ name }) => !table.primaryKey.some((part) => sameName(part, name)))
    .map(({ name }) => `${quoteName(name)} = excluded.${quoteName(name)}`);
  const values = Array.from({ length: rows }, () => row).join(', ');
  return `INSERT INTO ${quotedTable(table)} (${names.join(', ')}) VALUES ${values} ON CONFLICT (${key}) DO UPDATE SET ${set.join(', ')}`;
}
