/**
 * ONLY_FULL_GROUP_BY: every column of a grouped query must be decided by its groups. Source: MySQL manual, "MySQL Handling of GROUP BY" and
 * "Detection of Functional Dependence". Where a dependence cannot be told (columns of derived tables), the query is let through.
 */
import { failure } from '../../errors.ts';
import type { TableDefinition } from '../../stores/schema.ts';
import type { ColumnReference, Expression, OrderItem, SelectQuery, TableReference } from '../ast.ts';
import { aggregateFunction } from '../functions/registry.ts';
import type { PlanContext } from './plan-context.ts';
import type { Scope, ScopeColumn, ScopeSource } from './scope.ts';

/** The parts of a grouped query, and what they stand on. */
export interface GroupedQuery {
  readonly context: PlanContext;
  readonly scope: Scope;
  readonly select: SelectQuery;
  readonly orderBy: readonly OrderItem[];
}

/** Throws 1055, or 1140 where there is no GROUP BY. */
export function checkGrouped({ context, scope, select, orderBy }: GroupedQuery): void {
  if (!context.settings.onlyFullGroupBy) return;
  const groups = select.groupBy.map((item) => meant(context, scope, select, item.expression, 'last'));
  const decided = decidedColumns(scope, select, groups);
  const check = (expression: Expression, report: (column: ColumnReference) => Error): void => {
    const loose = looseColumn(context, scope, expression, groups, decided);
    if (loose !== null) throw report(loose);
  };
  select.items.forEach((item, i) => {
    for (const expression of itemExpressions(scope, item.expression)) {
      check(expression, (column) =>
        select.groupBy.length === 0
          ? failure('ER_MIX_OF_GROUP_FUNC_AND_FIELDS', i + 1, qualified(scope, column))
          : failure('ER_WRONG_FIELD_WITH_GROUP', i + 1, 'SELECT list', qualified(scope, column)),
      );
    }
  });
  if (select.groupBy.length === 0) return;
  orderBy.forEach((item, i) => {
    check(meant(context, scope, select, item.expression, 'first'), (column) =>
      failure('ER_WRONG_FIELD_WITH_GROUP', i + 1, 'ORDER BY', qualified(scope, column)),
    );
  });
}

/** HAVING may name what the select list or GROUP BY names, and nothing else outside of aggregates. Throws 1054. */
export function checkHaving(context: PlanContext, scope: Scope, select: SelectQuery): void {
  if (select.having === undefined) return;
  const shown = select.items.flatMap((item) => itemExpressions(scope, item.expression));
  const groups = select.groupBy.map((item) => meant(context, scope, select, item.expression, 'last'));
  const decided = new Set([...shown, ...groups].flatMap((expression) => columnKey(scope, expression) ?? []));
  const loose = looseColumn(context, scope, select.having, [...shown, ...groups], decided);
  if (loose !== null)
    throw failure('ER_BAD_FIELD_ERROR', [loose.table, loose.name].filter(Boolean).join('.'), 'having clause');
}

/** SELECT DISTINCT ... ORDER BY: what is ordered by must be selected. Throws 3065. */
export function checkDistinct({ context, scope, select, orderBy }: GroupedQuery): void {
  if (!context.settings.onlyFullGroupBy) return;
  const shown = select.items.flatMap((item) => itemExpressions(scope, item.expression));
  const decided = new Set(shown.flatMap((expression) => columnKey(scope, expression) ?? []));
  orderBy.forEach((item, i) => {
    const loose = looseColumn(context, scope, meant(context, scope, select, item.expression, 'first'), shown, decided);
    if (loose !== null) throw failure('ER_FIELD_IN_ORDER_NOT_SELECT', i + 1, qualified(scope, loose), 'DISTINCT');
  });
}

/** A position or an alias stands for a select item's expression. `aliases`: whether they come before or after columns. */
function meant(
  context: PlanContext,
  scope: Scope,
  select: SelectQuery,
  expression: Expression,
  aliases: 'first' | 'last',
): Expression {
  if (
    expression.kind === 'slot' &&
    context.isLiteral(expression.index) &&
    context.slotType(expression.index).kind === 'int'
  ) {
    const item = select.items[Number(context.pin(expression.index).value) - 1];
    return item === undefined || item.expression.kind === 'star' ? { kind: 'null' } : item.expression;
  }
  if (expression.kind !== 'column' || expression.table !== undefined) return expression;
  if (aliases === 'last' && scope.has(expression.name)) return expression;
  const item = select.items.find((candidate) => candidate.alias?.toLowerCase() === expression.name.toLowerCase());
  return item === undefined || item.expression.kind === 'star' ? expression : item.expression;
}

function itemExpressions(scope: Scope, item: SelectQuery['items'][number]['expression']): Expression[] {
  if (item.kind !== 'star') return [item];
  return scope
    .expand(item.table, item.database)
    .flatMap((source) =>
      source.columns.map((column) => ({ kind: 'column', table: source.alias, name: column.name }) as const),
    );
}

/** What identifies a column of this query level: its SQLite text. */
function keyOf(column: ScopeColumn): string {
  return column.term.sql;
}

function columnKey(scope: Scope, expression: Expression): string | null {
  if (expression.kind !== 'column') return null;
  const column = scope.local(expression);
  return column === null ? null : keyOf(column);
}

function decidedColumns(scope: Scope, select: SelectQuery, groups: readonly Expression[]): Set<string> {
  const decided = new Set(groups.flatMap((group) => columnKey(scope, group) ?? []));
  const equalities = [...conditionsOf(select.where), ...joinConditions(select.from)].flatMap((part) =>
    equality(scope, part),
  );
  for (let size = -1; size !== decided.size; ) {
    size = decided.size;
    for (const [a, b] of equalities) {
      if (b === null || decided.has(b)) decided.add(a);
      if (b !== null && decided.has(a)) decided.add(b);
    }
    for (const source of scope.sources)
      if (isDecided(source, decided)) for (const column of source.columns) decided.add(keyOf(column));
  }
  return decided;
}

/** All columns of a unique key are decided, so all columns of its rows are. */
function isDecided(source: ScopeSource, decided: ReadonlySet<string>): boolean {
  const table = source.columns.find((column) => column.term.column !== undefined)?.term.column?.table.definition;
  if (table === undefined) return source.columns.some((column) => decided.has(keyOf(column)));
  return uniqueKeys(table).some((names) =>
    names.every((name) =>
      source.columns.some((column) => column.name.toLowerCase() === name.toLowerCase() && decided.has(keyOf(column))),
    ),
  );
}

function uniqueKeys(table: TableDefinition): (readonly string[])[] {
  const notNull = (name: string): boolean =>
    table.columns.some((column) => column.name.toLowerCase() === name.toLowerCase() && !column.nullable);
  const unique = table.indexes
    .filter((index) => index.unique && index.parts.every((part) => part.length === undefined && notNull(part.column)))
    .map((index) => index.parts.map((part) => part.column));
  return table.primaryKey.length === 0 ? unique : [table.primaryKey, ...unique];
}

function conditionsOf(condition: Expression | undefined): Expression[] {
  if (condition === undefined) return [];
  if (condition.kind === 'binary' && condition.op === 'and')
    return [...conditionsOf(condition.left), ...conditionsOf(condition.right)];
  return [condition];
}

function joinConditions(from: TableReference | undefined): Expression[] {
  if (from?.kind !== 'join') return [];
  return [...conditionsOf(from.on), ...joinConditions(from.left), ...joinConditions(from.right)];
}

/** `a = b` between columns, or `a = constant` (null). */
function equality(scope: Scope, part: Expression): (readonly [string, string | null])[] {
  if (part.kind !== 'binary' || part.op !== '=') return [];
  const [left, right] = [columnKey(scope, part.left), columnKey(scope, part.right)];
  if (left !== null && right !== null) return [[left, right]];
  if (left !== null && part.right.kind === 'slot') return [[left, null]];
  return right !== null && part.left.kind === 'slot' ? [[right, null]] : [];
}

/** The first column outside of aggregates that is neither decided nor part of one of `groups`. */
function looseColumn(
  context: PlanContext,
  scope: Scope,
  expression: Expression,
  groups: readonly Expression[],
  decided: ReadonlySet<string>,
): ColumnReference | null {
  if (groups.some((group) => sameExpression(context, group, expression))) return null;
  if (expression.kind === 'column') {
    if (expression.table === undefined && scope.aliases.has(expression.name.toLowerCase())) return null;
    const key = columnKey(scope, expression);
    return key === null || decided.has(key) ? null : expression;
  }
  if (expression.kind === 'call' && expression.over === undefined) {
    if (aggregateFunction(expression.name) !== undefined || expression.name === 'ANY_VALUE') return null;
  }
  // Queries inside have columns of their own; what they take from this level is not looked at.
  if (expression.kind === 'subquery' || expression.kind === 'exists') return null;
  for (const child of children(expression)) {
    const loose = looseColumn(context, scope, child, groups, decided);
    if (loose !== null) return loose;
  }
  return null;
}

function children(node: object): Expression[] {
  return Object.values(node).flatMap((value: unknown): Expression[] => {
    if (typeof value !== 'object' || value === null) return [];
    if (Array.isArray(value)) return value.flatMap((item: unknown) => (isNode(item) ? asExpressions(item) : []));
    return asExpressions(value);
  });
}

function isNode(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function asExpressions(value: object): Expression[] {
  const kind = (value as { kind?: unknown }).kind;
  if (kind === 'query' || kind === 'slot') return [];
  return typeof kind === 'string' ? [value as Expression] : children(value);
}

/** The same tree with the same literals. Names are compared without case. */
function sameExpression(context: PlanContext, a: unknown, b: unknown): boolean {
  if (typeof a === 'string' && typeof b === 'string') return a.toLowerCase() === b.toLowerCase();
  if (!isNode(a) || !isNode(b)) return a === b;
  if (isSlot(a) && isSlot(b)) return a.index === b.index || sameLiteral(context, a.index, b.index);
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  for (const key of keys) {
    if (!sameExpression(context, (a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
      return false;
  }
  return true;
}

function isSlot(node: object): node is { kind: 'slot'; index: number } {
  return (node as { kind?: unknown }).kind === 'slot';
}

function sameLiteral(context: PlanContext, a: number, b: number): boolean {
  return context.isLiteral(a) && context.isLiteral(b) && context.pin(a).value === context.pin(b).value;
}

function qualified(scope: Scope, reference: ColumnReference): string {
  const column = scope.local(reference);
  const { database, originalTable, originalName } = column?.origin ?? {
    database: '',
    originalTable: '',
    originalName: '',
  };
  if (originalName !== '') return `${database}.${reference.table ?? originalTable}.${originalName}`;
  return [reference.table, reference.name].filter((part) => part !== undefined).join('.');
}
