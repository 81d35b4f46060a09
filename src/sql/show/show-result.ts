/** What the makers of SHOW's tables share: the clauses' values, and the table itself. */
import { failure } from '../../errors.ts';
import type { TableDefinition } from '../../stores/schema.ts';
import type { StoreRow } from '../../stores/values.ts';
import type { Expression, ShowAst } from '../ast.ts';
import type { ExecutionContext } from '../context.ts';
import { INFORMATION_SCHEMA, type NamedRow, type VirtualColumn } from '../information-schema/define.ts';
import { asDefinition } from '../information-schema/schema-objects.ts';
import { findVirtualTable, isVirtualDatabase } from '../information-schema/virtual-tables.ts';
import type { VirtualTable } from '../virtual-table.ts';
import { matchesLike } from './like.ts';

/** The answer to one SHOW: LIKE has been applied; WHERE is for the planner, over these columns. */
export type ShowMaker = (ast: ShowAst, context: ExecutionContext) => VirtualTable;

/** `filter`: the column that LIKE looks at, when the statement has one. */
export function showResult(
  columns: readonly VirtualColumn[],
  rows: Iterable<NamedRow>,
  filter?: { readonly column: string; readonly pattern: string | null },
): VirtualTable {
  let found = Array.from(rows);
  if (filter?.pattern !== undefined && filter.pattern !== null) {
    const { column, pattern } = filter;
    found = found.filter((row) => matchesLike(String(row[column] ?? ''), pattern));
  }
  const inOrder = found.map((row): StoreRow => columns.map((column) => row[column.name] ?? null));
  return { database: INFORMATION_SCHEMA, name: 'show', columns, rows: () => inOrder };
}

/** LIKE's pattern; null when there is none. */
export function likePattern(ast: ShowAst, context: ExecutionContext): string | null {
  return ast.like === undefined ? null : String(slotValue(ast.like, context));
}

/** A clause's value: SHOW's grammar has only literals there, and parameters. */
export function slotValue(expression: Expression, context: ExecutionContext): string | number | bigint {
  const value = expression.kind === 'slot' ? context.slots[expression.index]?.value : undefined;
  if (value === undefined || value === null || value instanceof Uint8Array) {
    throw failure('ER_NOT_SUPPORTED_YET', `SHOW with ${expression.kind === 'slot' ? 'this value' : 'an expression'}`);
  }
  return value;
}

/** The database that the statement names or the session uses. Throws 1046, 1049. */
export function requireDatabase(named: string | undefined, { catalog, session }: ExecutionContext): string {
  const name = named ?? session.database;
  if (name === null) throw failure('ER_NO_DB_ERROR');
  const found = catalog.database(name);
  if (found === undefined && !isVirtualDatabase(name)) throw failure('ER_BAD_DB_ERROR', name);
  return found?.name ?? name.toLowerCase();
}

/** The table that the statement names, virtual ones included. Throws 1046, 1049, 1146. */
export function requireTable(
  ast: { readonly table?: { readonly database?: string; readonly name: string }; readonly database?: string },
  context: ExecutionContext,
): TableDefinition {
  if (ast.table === undefined) throw new Error('SHOW of a table was parsed without the table');
  const database = requireDatabase(ast.table.database ?? ast.database, context);
  const virtual = findVirtualTable(database, ast.table.name);
  const found = context.catalog.table(database, ast.table.name) ?? (virtual && asDefinition(virtual));
  if (found === undefined) throw failure('ER_NO_SUCH_TABLE', database, ast.table.name);
  return found;
}
