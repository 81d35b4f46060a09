/** Binding of queries: SELECT, set operations, VALUES, common tables; ORDER BY and LIMIT around them. */
import { failure } from '../../errors.ts';
import type {
  CommonTable,
  Expression,
  Limit,
  OrderItem,
  Query,
  QueryBody,
  SelectItem,
  SelectQuery,
  SetOperation,
} from '../ast.ts';
import type { ResultColumn } from '../result-column.ts';
import { commonType } from '../types.ts';
import { overClause } from './calls.ts';
import { collated } from './comparison.ts';
import { convertTo } from './conversion.ts';
import { bindCondition, bindExpression, type ExpressionBinding } from './expressions.ts';
import type { PlanContext } from './plan-context.ts';
import { NO_ORIGIN, Scope, type ScopeColumn } from './scope.ts';
import { bindSource, type CommonTableSource, type SourceBinding } from './sources.ts';
import {
  type BoundColumn,
  type ParameterSource,
  quoteName,
  type SimpleCondition,
  type TableSource,
  type Term,
} from './term.ts';

export interface BoundQueryColumn {
  readonly name: string;
  readonly term: Term;
  readonly origin: ScopeColumn['origin'];
}

/** What a query over one base table asks for: row bounds, footprints and kept lists are read from it. */
export interface QueryShape {
  readonly table: TableSource;
  readonly conditions: readonly SimpleCondition[];
  /** Nothing but the conditions restricts the rows. */
  readonly onlyConditions: boolean;
  /** null: ordered by something else than columns. Empty: not ordered. */
  readonly orderBy: readonly { readonly column: BoundColumn; readonly descending: boolean }[] | null;
  /** Rows go out as they are: no grouping, DISTINCT or windows. */
  readonly plain: boolean;
  readonly limit: ParameterSource | null;
  readonly offset: ParameterSource | null;
  /** Columns that the query mentions anywhere; null when that is not known. */
  readonly columns: ReadonlySet<number> | null;
}

export interface BoundQuery {
  readonly sql: string;
  readonly columns: readonly BoundQueryColumn[];
  /** null unless the query reads exactly one base table and nothing else. */
  readonly shape: QueryShape | null;
}

interface Surroundings {
  readonly context: PlanContext;
  readonly parent: Scope | null;
  readonly commonTables: readonly CommonTableSource[];
  /** Columns get their names written, as a derived table needs. */
  readonly named: boolean;
}

export function bindQuery(context: PlanContext, query: Query, parent: Scope | null = null): BoundQuery {
  return queryIn({ context, parent, commonTables: [], named: false }, query);
}

/** Expressions outside of any query's scope but with subqueries: SET, DO, defaults. */
export function expressionBinding(
  context: PlanContext,
  scope: Scope,
  clause: string,
  commonTables: readonly CommonTableSource[] = [],
): SourceBinding {
  const derive = (named: boolean) => (query: Query, outer: Scope | null) =>
    queryIn({ context, parent: outer, commonTables, named }, query);
  return {
    context,
    scope,
    clause,
    aggregates: false,
    commonTables,
    bindQuery: (query, outer) => {
      const bound = derive(false)(query, outer);
      return { sql: bound.sql, columns: bound.columns.map((column) => column.term) };
    },
    bindDerived: derive(true),
  };
}

function queryIn(around: Surroundings, query: Query): BoundQuery {
  return around.context.nested(() => {
    const { texts, tables } = bindCommonTables(around, query);
    const inner = { ...around, commonTables: [...tables, ...around.commonTables] };
    const bound =
      query.body.kind === 'select'
        ? bindSelect(inner, query.body, query.orderBy, query.limit)
        : bindCompound(inner, query);
    if (texts.length === 0) return bound;
    return {
      ...bound,
      sql: `WITH ${query.recursive ? 'RECURSIVE ' : ''}${texts.join(', ')} ${bound.sql}`,
      shape: null,
    };
  });
}

function bindCommonTables(around: Surroundings, query: Query): { texts: string[]; tables: CommonTableSource[] } {
  const texts: string[] = [];
  const tables: CommonTableSource[] = [];
  for (const common of query.with) {
    const inner = { ...around, commonTables: [...tables, ...around.commonTables], named: true };
    const columns = (query.recursive ? recursiveColumns(inner, common) : null) ?? queryIn(inner, common.query).columns;
    if (common.columns !== undefined && common.columns.length !== columns.length)
      throw failure('ER_WRONG_NUMBER_OF_COLUMNS_IN_SELECT');
    const table: CommonTableSource = {
      name: common.name,
      columns: columns.map((column, i) => ({
        name: common.columns?.[i] ?? column.name,
        term: { ...column.term, sql: '', nullable: true },
      })),
    };
    const body = queryIn(
      { ...inner, commonTables: query.recursive ? [table, ...inner.commonTables] : inner.commonTables },
      common.query,
    );
    texts.push(
      `${quoteName(common.name)}(${table.columns.map((column) => quoteName(column.name)).join(', ')}) AS (${body.sql})`,
    );
    tables.push(table);
  }
  return { texts, tables };
}

/** The columns of a recursive common table are those of its first, not recursive part. */
function recursiveColumns(around: Surroundings, common: CommonTable): readonly BoundQueryColumn[] | null {
  let body: QueryBody = common.query.body;
  if (body.kind !== 'set-operation') return null;
  while (body.kind === 'set-operation') body = body.left;
  return bindBody(around, body).columns;
}

function bindBody(around: Surroundings, body: QueryBody): BoundQuery {
  switch (body.kind) {
    case 'select':
      return bindSelect(around, body, [], undefined);
    case 'values':
      return bindValues(around, body.rows);
    case 'set-operation':
      return bindSetOperation(around, body);
    case 'query':
      return queryIn(around, body);
  }
}

function bindValues(around: Surroundings, rows: readonly (readonly Expression[])[]): BoundQuery {
  const binding = expressionBinding(around.context, new Scope(around.parent), 'field list', around.commonTables);
  const bound = rows.map((row) => row.map((value) => bindExpression(binding, value)));
  const width = bound[0]?.length ?? 0;
  if (bound.some((row) => row.length !== width))
    throw failure('ER_WRONG_VALUE_COUNT_ON_ROW', bound.findIndex((row) => row.length !== width) + 1);
  const columns = Array.from({ length: width }, (_, i): BoundQueryColumn => {
    const type = commonType(bound.map((row) => (row[i] as Term).type));
    return { name: `column_${i}`, term: { sql: '', type, nullable: true }, origin: NO_ORIGIN };
  });
  const texts = bound.map(
    (row) =>
      `(${row.map((value, i) => convertTo(around.context, value, (columns[i] as BoundQueryColumn).term.type).sql).join(', ')})`,
  );
  const names = columns.map((column) => quoteName(column.name)).join(', ');
  return { sql: `WITH _v(${names}) AS (VALUES ${texts.join(', ')}) SELECT * FROM _v`, columns, shape: null };
}

const SET_OPERATORS = { union: 'UNION', intersect: 'INTERSECT', except: 'EXCEPT' } as const;

/** Both sides are brought to common types; SQLite compounds take bare SELECTs only, so each side is wrapped. */
function bindSetOperation(around: Surroundings, operation: SetOperation): BoundQuery {
  if (operation.all && operation.op !== 'union')
    throw failure('ER_NOT_SUPPORTED_YET', `${SET_OPERATORS[operation.op]} ALL`);
  const left = bindBody({ ...around, named: true }, operation.left);
  const right = bindBody({ ...around, named: true }, operation.right);
  if (left.columns.length !== right.columns.length) throw failure('ER_WRONG_NUMBER_OF_COLUMNS_IN_SELECT');
  const columns = left.columns.map((column, i): BoundQueryColumn => {
    const other = right.columns[i] as BoundQueryColumn;
    const type = commonType([column.term.type, other.term.type]);
    return {
      name: column.name,
      term: { sql: quoteName(column.name), type, nullable: column.term.nullable || other.term.nullable },
      origin: NO_ORIGIN,
    };
  });
  const distinct = !operation.all;
  const sql = `${side(around.context, left, columns, distinct)} ${SET_OPERATORS[operation.op]}${operation.all ? ' ALL' : ''} ${side(around.context, right, columns, distinct)}`;
  return { sql, columns, shape: null };
}

function side(
  context: PlanContext,
  query: BoundQuery,
  columns: readonly BoundQueryColumn[],
  distinct: boolean,
): string {
  const names = query.columns.map((_, i) => `c${i + 1}`);
  const converted = query.columns.map((column, i) => {
    const target = columns[i] as BoundQueryColumn;
    const value = convertTo(
      context,
      { sql: `c${i + 1}`, type: column.term.type, nullable: column.term.nullable },
      target.term.type,
    );
    return `${distinct ? collated(value) : value.sql} AS ${quoteName(target.name)}`;
  });
  return `SELECT ${converted.join(', ')} FROM (WITH _s(${names.join(', ')}) AS (${query.sql}) SELECT * FROM _s)`;
}

/** A set operation or a parenthesised query with its own ORDER BY and LIMIT around it. */
function bindCompound(around: Surroundings, query: Query): BoundQuery {
  const body = bindBody({ ...around, named: true }, query.body);
  if (query.orderBy.length === 0 && query.limit === undefined) return body;
  const alias = around.context.freshAlias();
  const scope = new Scope(around.parent);
  scope.addSource({
    alias,
    database: null,
    columns: body.columns.map((column) => ({
      name: column.name,
      term: { ...column.term, sql: `${quoteName(alias)}.${quoteName(column.name)}` },
      origin: column.origin,
    })),
  });
  const binding = expressionBinding(around.context, scope, 'order clause', around.commonTables);
  const order = query.orderBy.map(
    (item) => orderText(binding, item, (position) => scope.sources[0]?.columns[position - 1]?.term).text,
  );
  const limit = bindLimit(around.context, query.limit);
  return {
    sql: `SELECT * FROM (${body.sql}) AS ${quoteName(alias)}${order.length > 0 ? ` ORDER BY ${order.join(', ')}` : ''}${limit.sql}`,
    columns: body.columns,
    shape: null,
  };
}

function bindSelect(
  around: Surroundings,
  select: SelectQuery,
  orderBy: readonly OrderItem[],
  limit: Limit | undefined,
): BoundQuery {
  const { context } = around;
  if (select.rollup) throw failure('ER_NOT_SUPPORTED_YET', 'GROUP BY ... WITH ROLLUP');
  const scope = new Scope(around.parent);
  const base = expressionBinding(context, scope, 'field list', around.commonTables);
  const from = select.from === undefined ? '' : ` FROM ${bindSource(base, select.from)}`;
  const windows = new Map<string, string>();
  for (const { name, window } of select.windows)
    windows.set(name.toLowerCase(), overClause({ ...base, aggregates: true, windows }, window));
  const where = select.where === undefined ? null : bindCondition({ ...base, clause: 'where clause' }, select.where);
  const columns = select.items.flatMap((item) => bindItem({ ...base, aggregates: true, windows }, item));
  select.items.forEach((item) => {
    if (item.alias === undefined) return;
    const column = columns.find((candidate) => candidate.name === item.alias);
    if (column !== undefined) scope.aliases.set(item.alias.toLowerCase(), column.term);
  });
  const position = (n: number): Term | undefined => columns[n - 1]?.term;
  const grouping: ExpressionBinding = { ...base, clause: 'group statement', aliases: 'last' };
  const groups = select.groupBy.map((item) => groupText(grouping, item, position));
  const having =
    select.having === undefined
      ? ''
      : ` HAVING ${bindCondition({ ...base, clause: 'having clause', aggregates: true, aliases: 'first' }, select.having).sql}`;
  const ordering: ExpressionBinding = { ...base, clause: 'order clause', aggregates: true, aliases: 'first', windows };
  const order = orderBy.map((item) => orderText(ordering, item, position));
  const limited = bindLimit(context, limit);
  const items = columns.map((column) => itemText(column, select.distinct, around.named));
  const grouped = groups.length > 0 || columns.some((column) => column.term.aggregate) || select.having !== undefined;
  // SQLite needs a GROUP BY before HAVING; one group of everything is what MySQL means.
  const groupBy = groups.length > 0 ? ` GROUP BY ${groups.join(', ')}` : '';
  const sql = `SELECT ${select.distinct ? 'DISTINCT ' : ''}${items.join(', ')}${from}${where === null ? '' : ` WHERE ${where.sql}`}${groupBy}${having}${
    order.length > 0 ? ` ORDER BY ${order.map((item) => item.text).join(', ')}` : ''
  }${limited.sql}`;
  const table = singleTable(scope, select);
  const shape: QueryShape | null =
    table === null || around.parent !== null
      ? null
      : {
          table,
          conditions: where?.conditions ?? [],
          onlyConditions: where === null || where.onlyConditions === true,
          orderBy: order.every((item) => item.term.column !== undefined)
            ? order.map((item) => ({ column: item.term.column as BoundColumn, descending: item.descending }))
            : null,
          plain: !grouped && !select.distinct && !columns.some((column) => column.term.windowed),
          limit: limited.count,
          offset: limited.offset,
          columns: mentionedColumns(sql, table),
        };
  return { sql, columns, shape };
}

function singleTable(scope: Scope, select: SelectQuery): TableSource | null {
  if (select.from?.kind !== 'table') return null;
  return scope.sources[0]?.columns[0]?.term.column?.table ?? null;
}

/** Columns whose quoted name the text has; a superset is fine. A subquery may hide others: then everything counts. */
function mentionedColumns(sql: string, table: TableSource): ReadonlySet<number> | null {
  if (/\bSELECT\b/.test(sql.slice(6).replace(/"(?:[^"]|"")*"|'(?:[^']|'')*'/g, ''))) return null;
  const prefix = `${quoteName(table.alias)}.`;
  const columns = new Set<number>();
  table.definition.columns.forEach((column, i) => {
    if (sql.includes(`${prefix}${quoteName(column.name)}`)) columns.add(i);
  });
  return columns;
}

function itemText(column: BoundQueryColumn, distinct: boolean, named: boolean): string {
  const text = distinct ? collated(column.term) : column.term.sql;
  return named ? `${text} AS ${quoteName(column.name)}` : text;
}

function bindItem(binding: SourceBinding, item: SelectItem): BoundQueryColumn[] {
  const { expression } = item;
  if (expression.kind === 'star') return expandStar(binding.scope, expression.table, expression.database);
  if (expression.kind === 'column') {
    const column = binding.scope.resolve(expression, binding.clause);
    return [{ name: item.alias ?? column.name, term: column.term, origin: column.origin }];
  }
  // Without an alias the item's text is its name, literals included: the plan then holds for these literals only.
  if (item.alias === undefined) pinLiterals(binding.context, expression);
  const term = bindExpression(binding, expression);
  return [{ name: item.alias ?? item.text, term, origin: NO_ORIGIN }];
}

function pinLiterals(context: PlanContext, node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  if (Array.isArray(node)) {
    for (const item of node) pinLiterals(context, item);
    return;
  }
  const record = node as Record<string, unknown>;
  if (record.kind === 'slot' && typeof record.index === 'number') {
    if (context.isLiteral(record.index)) context.pin(record.index);
    return;
  }
  for (const value of Object.values(record)) pinLiterals(context, value);
}

function expandStar(scope: Scope, table: string | undefined, database: string | undefined): BoundQueryColumn[] {
  const sources = scope.expand(table, database);
  if (sources.length === 0) throw failure('ER_BAD_PARAMETER', 'No tables used');
  const merged = table === undefined ? [...scope.merged.values()] : [];
  const names = new Set(table === undefined ? scope.merged.keys() : []);
  const rest = sources.flatMap((source) => source.columns.filter((column) => !names.has(column.name.toLowerCase())));
  return [...merged, ...rest].map((column) => ({ name: column.name, term: column.term, origin: column.origin }));
}

function groupText(binding: ExpressionBinding, item: OrderItem, position: (n: number) => Term | undefined): string {
  const term = positioned(binding, item.expression, position, 'group statement');
  if (term.aggregate) throw failure('ER_WRONG_GROUP_FIELD', 'aggregate');
  return collated(term);
}

function orderText(
  binding: ExpressionBinding,
  item: OrderItem,
  position: (n: number) => Term | undefined,
): { text: string; term: Term; descending: boolean } {
  const term = positioned(binding, item.expression, position, 'order clause');
  return { text: `${collated(term)}${item.descending ? ' DESC' : ''}`, term, descending: item.descending };
}

/** `ORDER BY 2`: the second column of the select list. */
function positioned(
  binding: ExpressionBinding,
  expression: Expression,
  position: (n: number) => Term | undefined,
  clause: string,
): Term {
  if (
    expression.kind !== 'slot' ||
    binding.context.slotType(expression.index).kind !== 'int' ||
    !binding.context.isLiteral(expression.index)
  ) {
    return bindExpression(binding, expression);
  }
  const n = Number(binding.context.pin(expression.index).value);
  const term = position(n);
  if (term === undefined) throw failure('ER_BAD_FIELD_ERROR', n, clause);
  return term;
}

const MAX_LIMIT = 9_223_372_036_854_775_807n;

export function bindLimit(
  context: PlanContext,
  limit: Limit | undefined,
): { sql: string; count: ParameterSource | null; offset: ParameterSource | null } {
  if (limit === undefined) return { sql: '', count: null, offset: null };
  const count = limitSource(context, limit.count);
  const offset = limit.offset === undefined ? null : limitSource(context, limit.offset);
  return {
    sql: ` LIMIT ${context.parameter(count)}${offset === null ? '' : ` OFFSET ${context.parameter(offset)}`}`,
    count,
    offset,
  };
}

function limitSource(context: PlanContext, expression: Expression): ParameterSource {
  if (expression.kind !== 'slot') throw failure('ER_NOT_SUPPORTED_YET', 'LIMIT by an expression');
  const { index } = expression;
  const { kind } = context.slotType(index);
  if (kind !== 'int' && kind !== 'string' && kind !== 'null') throw failure('ER_WRONG_ARGUMENTS', 'LIMIT');
  return (execution) => {
    const value = execution.slots[index]?.value ?? null;
    const text = String(value);
    if (!/^\d+$/.test(text)) throw failure('ER_WRONG_ARGUMENTS', 'LIMIT');
    const n = BigInt(text);
    return n > MAX_LIMIT ? MAX_LIMIT : n;
  };
}

/** For the wire. */
export function resultColumns(columns: readonly BoundQueryColumn[]): ResultColumn[] {
  return columns.map(({ name, term, origin }) => ({ name, type: term.type, nullable: term.nullable, ...origin }));
}
