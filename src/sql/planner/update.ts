/** UPDATE and DELETE of one table, by conditions, joins (DELETE) or ORDER BY and LIMIT. */
import { failure } from '../../errors.ts';
import type { ColumnDefinition, TableDefinition } from '../../stores/schema.ts';
import { HIDDEN_KEY_COLUMN, storedName } from '../../stores/schema.ts';
import type { Assignment, DeleteAst, OrderItem, TableReference, UpdateAst } from '../ast.ts';
import { family } from '../types.ts';
import { bindValue, defaultTerm, exact, nowFor, valueText } from './assignment.ts';
import { collated } from './comparison.ts';
import { bindCondition, bindExpression, type ExpressionBinding } from './expressions.ts';
import type { WritePlan } from './plan.ts';
import { compactParameters, type PlanContext } from './plan-context.ts';
import { bindLimit, expressionBinding } from './query.ts';
import { isPointCondition } from './row-bound.ts';
import { Scope } from './scope.ts';
import { bindSource, type SourceBinding, shownText, tableSource } from './sources.ts';
import { quoteName, type TableSource, type Term } from './term.ts';

export interface ColumnAssignment {
  readonly column: ColumnDefinition;
  readonly old: Term;
  readonly text: string;
}

/** Binds `a = x, b = y`: from left to right, later values see earlier ones, as in MySQL. */
export function setList(
  binding: ExpressionBinding,
  table: TableDefinition,
  assignments: readonly Assignment[],
  oldValue: (column: ColumnDefinition) => Term,
): ColumnAssignment[] {
  const { context, scope } = binding;
  const result = new Map<string, ColumnAssignment>();
  for (const { column: reference, value } of assignments) {
    const column = table.columns.find((candidate) => candidate.name.toLowerCase() === reference.name.toLowerCase());
    if (column === undefined) throw failure('ER_BAD_FIELD_ERROR', reference.name, 'field list');
    if (column.setByStore === true)
      throw failure('ER_BAD_PARAMETER', `Column '${column.name}' cannot be set: the server gives it its value`);
    const bound = bindValue(binding, column, value);
    const text = 'text' in bound ? bound.text : valueText(context, column, bound.value);
    result.set(column.name, { column, old: oldValue(column), text });
    scope.overrides.set(column.name.toLowerCase(), { sql: text, type: column.type, nullable: column.nullable });
  }
  const assigned = [...result.values()];
  return [...assigned, ...automaticValues(context, table, assigned, oldValue)];
}

/** What the store sets is marked for it (-1); ON UPDATE CURRENT_TIMESTAMP: set when the row really changes, unless the statement sets the column itself. */
function automaticValues(
  context: PlanContext,
  table: TableDefinition,
  assigned: readonly ColumnAssignment[],
  oldValue: (column: ColumnDefinition) => Term,
): ColumnAssignment[] {
  const changed = changedText(assigned);
  return table.columns.flatMap((column) => {
    const { onUpdateNow } = column;
    if (column.setByStore === true) {
      const old = oldValue(column);
      return [{ column, old, text: `CASE WHEN ${changed} THEN -1 ELSE ${old.sql} END` }];
    }
    if (onUpdateNow === undefined || assigned.some((assignment) => assignment.column === column)) return [];
    const now = context.parameter((execution) => exact(nowFor(context, column, onUpdateNow.fsp, execution), column));
    const old = oldValue(column);
    return [{ column, old, text: `CASE WHEN ${changed} THEN ${now} ELSE ${old.sql} END` }];
  });
}

/** True when a value really differs: letter case counts. */
export function changedText(assigned: readonly ColumnAssignment[]): string {
  const parts = assigned
    .filter(({ text }) => !text.startsWith('CASE WHEN ('))
    .map(
      ({ column, old, text }) =>
        `${old.sql} IS NOT ${text}${family(column.type) === 'string' ? ' COLLATE BINARY' : ''}`,
    );
  return parts.length === 0 ? '(0)' : `(${parts.join(' OR ')})`;
}

/** A constant that its column cannot hold is an error only when a row is found: then the statement is planned again to convert row by row. */
export function planUpdate(context: PlanContext, ast: UpdateAst): WritePlan {
  const plan = planUpdateOf(context, ast, false);
  const again = (): WritePlan => planUpdateOf(context.fresh(), ast, true);
  return {
    ...plan,
    make: (execution, warn) => {
      try {
        return plan.make(execution, warn);
      } catch {
        return again().make(execution, warn);
      }
    },
  };
}

function planUpdateOf(context: PlanContext, ast: UpdateAst, rowByRow: boolean): WritePlan {
  if (ast.with.length > 0) throw failure('ER_NOT_SUPPORTED_YET', 'WITH before UPDATE');
  if (ast.from.kind !== 'table') throw failure('ER_NOT_SUPPORTED_YET', 'multiple-table UPDATE');
  if (ast.ignore) throw failure('ER_NOT_SUPPORTED_YET', 'UPDATE IGNORE');
  const { table, binding, alias } = target(context, ast.from);
  context.beginAssigning(false);
  const source = table.alias;
  if (rowByRow) context.rowMark = keyText(table.definition, `${quoteName(source)}.`).replace(/^\(|\)$/g, '');
  const restricted = restriction(context, binding, table, ast);
  const assigned = setList(
    {
      ...binding,
      clause: 'field list',
      defaultValue: (name) => defaultTerm(context, columnOf(table.definition, name)),
    },
    table.definition,
    ast.assignments,
    (column) => ({
      sql: shownText(column.type, `${quoteName(source)}.${quoteName(column.name)}`),
      type: column.type,
      nullable: column.nullable,
    }),
  );
  const set = assigned.map(({ column, text }) => `${quoteName(column.name)} = ${text}`).join(', ');
  // SQLite may test the parts of a WHERE in any order: only behind CASE is it sure that sluice_changed sees matched rows alone. A key lookup
  // leaves nothing else to test.
  const counted = `sluice_changed(${changedText(assigned)})`;
  const where =
    restricted === null
      ? counted
      : restricted.point
        ? `${restricted.sql} AND ${counted}`
        : `${restricted.sql} AND CASE WHEN ${restricted.sql} THEN ${counted} ELSE 0 END`;
  const sql = `UPDATE ${alias} SET ${set} WHERE ${where}`;
  return modifyPlan(context, 'update', table.definition, sql, restricted?.point === true);
}

export function planDelete(context: PlanContext, ast: DeleteAst): WritePlan {
  if (ast.with.length > 0) throw failure('ER_NOT_SUPPORTED_YET', 'WITH before DELETE');
  if (ast.multiTable) return planJoinedDelete(context, ast);
  if (ast.from.kind !== 'table') throw failure('ER_NOT_SUPPORTED_YET', 'DELETE from a derived table');
  const { table, binding, alias } = target(context, ast.from);
  const restricted = restriction(context, binding, table, ast);
  return modifyPlan(
    context,
    'delete',
    table.definition,
    `DELETE FROM ${alias}${restricted === null ? '' : ` WHERE ${restricted.sql}`}`,
    restricted?.point === true,
  );
}

/** DELETE t FROM t JOIN u ...: the keys are found by the join. */
function planJoinedDelete(context: PlanContext, ast: DeleteAst): WritePlan {
  const [only, ...more] = ast.targets;
  if (only === undefined || more.length > 0)
    throw failure('ER_NOT_SUPPORTED_YET', 'DELETE from several tables at once');
  const scope = new Scope(null);
  const binding = expressionBinding(context, scope, 'where clause');
  const from = bindSource(binding, ast.from);
  const source = scope.sources.find((candidate) => candidate.alias.toLowerCase() === only.name.toLowerCase());
  const table = source?.columns[0]?.term.column?.table;
  if (table === undefined) throw failure('ER_UNKNOWN_TABLE', only.name, 'MULTI DELETE');
  context.requireWritable(table.definition.database, table.definition.name, 'DELETE');
  const where = ast.where === undefined ? '' : ` WHERE ${bindCondition(binding, ast.where).sql}`;
  const stored = quoteName(storedName(table.definition.database, table.definition.name));
  const inner = keyText(table.definition, `${quoteName(table.alias)}.`);
  const sql = `DELETE FROM ${stored} WHERE ${keyText(table.definition, '')} IN (SELECT ${inner.replace(/^\(|\)$/g, '')} FROM ${from}${where})`;
  return modifyPlan(context, 'delete', table.definition, sql, false);
}

function modifyPlan(
  context: PlanContext,
  kind: 'update' | 'delete',
  table: TableDefinition,
  text: string,
  byKey: boolean,
): WritePlan {
  const { sql, sources } = compactParameters(text, context.parameters);
  return {
    kind: 'write',
    action: kind,
    target: table,
    byKey,
    tables: [...context.tables],
    make: (execution) => ({
      kind,
      database: table.database,
      table: table.name,
      sql,
      params: sources.map((source) => source(execution)),
    }),
  };
}

function target(
  context: PlanContext,
  reference: Extract<TableReference, { kind: 'table' }>,
): { table: TableSource; binding: SourceBinding; alias: string } {
  const definition = context.requireWritable(reference.name.database, reference.name.name, 'statement');
  const scope = new Scope(null);
  const name = reference.alias ?? definition.name;
  const source = tableSource(definition, name, null);
  scope.addSource({ ...source, database: reference.alias === undefined ? definition.database : null });
  const table = source.columns[0]?.term.column?.table;
  if (table === undefined) throw failure('ER_TABLE_MUST_HAVE_COLUMNS');
  const alias = `${quoteName(storedName(definition.database, definition.name))} AS ${quoteName(name)}`;
  return { table, binding: expressionBinding(context, scope, 'where clause'), alias };
}

/** The WHERE, with ORDER BY and LIMIT as a choice of keys; null when every row is meant. `point`: the key alone decides. */
function restriction(
  context: PlanContext,
  binding: SourceBinding,
  table: TableSource,
  ast: Pick<UpdateAst, 'where' | 'orderBy' | 'limit'>,
): { sql: string; point: boolean } | null {
  const where = ast.where === undefined ? null : bindCondition(binding, ast.where);
  if (ast.limit === undefined)
    return where === null ? null : { sql: where.sql, point: isPointCondition(table.definition, where) };
  const order = orderText(binding, ast.orderBy);
  const limit = bindLimit(context, ast.limit).sql;
  const stored = `${quoteName(storedName(table.definition.database, table.definition.name))} AS ${quoteName(table.alias)}`;
  const keys = keyText(table.definition, `${quoteName(table.alias)}.`);
  const inner = `SELECT ${keys.replace(/^\(|\)$/g, '')} FROM ${stored}${where === null ? '' : ` WHERE ${where.sql}`}${order}${limit}`;
  return { sql: `(${keys} IN (${inner}))`, point: false };
}

function orderText(binding: ExpressionBinding, items: readonly OrderItem[]): string {
  if (items.length === 0) return '';
  const texts = items.map(
    (item) =>
      `${collated(bindExpression({ ...binding, clause: 'order clause' }, item.expression))}${item.descending ? ' DESC' : ''}`,
  );
  return ` ORDER BY ${texts.join(', ')}`;
}

/** The columns that identify a row: one, or a row value. */
function keyText(table: TableDefinition, prefix: string): string {
  const names = table.primaryKey.length === 0 ? [HIDDEN_KEY_COLUMN] : table.primaryKey;
  const texts = names.map((name) => `${prefix}${quoteName(name)}`);
  return texts.length === 1 ? (texts[0] as string) : `(${texts.join(', ')})`;
}

function columnOf(table: TableDefinition, name: string): ColumnDefinition {
  const column = table.columns.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
  if (column === undefined) throw failure('ER_BAD_FIELD_ERROR', name, 'field list');
  return column;
}
