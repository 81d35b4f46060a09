/** Binding of queries: SELECT, set operations, VALUES, common tables; ORDER BY and LIMIT around them. */
import { failure } from '../../errors.ts';
import type { ColumnType } from '../../stores/column-type.ts';
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
import { commonType, family } from '../types.ts';
import { collated, isWideDecimal, ordered } from './comparison.ts';
import { convertTo, shown, toLocal } from './conversion.ts';
import { bindCondition, bindExpression, type ExpressionBinding } from './expressions.ts';
import { checkDistinct, checkGrouped, checkHaving } from './grouping.ts';
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
  /** COUNT(*) of all rows, and nothing else, is what is selected. */
  readonly counts: boolean;
  /** Positions of the columns that are selected, where they are nothing but columns in stored form; null otherwise. */
  readonly projection: readonly number[] | null;
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
  /** The query with other texts for its columns, as a part of a set operation; absent where it cannot be one as it is. */
  readonly withItems?: (items: readonly string[]) => string;
}

interface Surroundings {
  readonly context: PlanContext;
  readonly parent: Scope | null;
  readonly commonTables: readonly CommonTableSource[];
  /** Columns get their names written, as a derived table needs. */
  readonly named: boolean;
  /** The rows go to the client: TIMESTAMPs in the session's time. */
  readonly shownToClient?: boolean;
}

export function bindQuery(context: PlanContext, query: Query, parent: Scope | null = null): BoundQuery {
  return queryIn({ context, parent, commonTables: [], named: false }, query);
}

/** A statement's own query: its rows go to the client. */
export function bindTopQuery(context: PlanContext, query: Query): BoundQuery {
  return queryIn({ context, parent: null, commonTables: [], named: false, shownToClient: true }, query);
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
    const { withItems: _, ...rest } = bound;
    return {
      ...rest,
      sql: `WITH ${query.recursive ? 'RECURSIVE ' : ''}${texts.join(', ')} ${bound.sql}`,
      shape: null,
    };
  });
}

function bindCommonTables(around: Surroundings, query: Query): { texts: string[]; tables: CommonTableSource[] } {
  const texts: string[] = [];
  const tables: CommonTableSource[] = [];
  for (const common of query.with) {
    const inner: Surroundings = {
      context: around.context,
      parent: around.parent,
      commonTables: [...tables, ...around.commonTables],
      named: true,
    };
    const leaves = query.recursive ? recursiveLeaves(common) : null;
    const { sql, table } = leaves === null ? bindCommonTable(inner, common) : bindRecursiveTable(inner, common, leaves);
    texts.push(
      `${quoteName(common.name)}(${table.columns.map((column) => quoteName(column.name)).join(', ')}) AS (${sql})`,
    );
    tables.push(table);
  }
  return { texts, tables };
}

interface BoundCommonTable {
  readonly sql: string;
  readonly table: CommonTableSource;
}

function bindCommonTable(around: Surroundings, common: CommonTable): BoundCommonTable {
  const bound = queryIn(around, common.query);
  return { sql: bound.sql, table: commonTable(common, bound.columns, false) };
}

function commonTable(common: CommonTable, columns: readonly BoundQueryColumn[], nullable: boolean): CommonTableSource {
  if (common.columns !== undefined && common.columns.length !== columns.length)
    throw failure('ER_WRONG_NUMBER_OF_COLUMNS_IN_SELECT');
  return {
    name: common.name,
    columns: columns.map((column, i) => ({
      name: common.columns?.[i] ?? column.name,
      term: { sql: '', type: column.term.type, nullable: nullable || column.term.nullable },
    })),
  };
}

interface RecursiveLeaves {
  readonly seeds: readonly Leaf[];
  readonly steps: readonly Leaf[];
}

/** The parts of a UNION that read the table itself, and those before them; null when none does. */
function recursiveLeaves(common: CommonTable): RecursiveLeaves | null {
  const { body } = common.query;
  if (body.kind !== 'set-operation') return null;
  const leaves = leavesOf(body);
  const first = leaves.findIndex((leaf) => readsTable(leaf.body, common.name));
  if (first < 1) return null;
  return { seeds: leaves.slice(0, first), steps: leaves.slice(first) };
}

function readsTable(node: unknown, name: string): boolean {
  if (typeof node !== 'object' || node === null) return false;
  if (Array.isArray(node)) return node.some((item) => readsTable(item, name));
  const record = node as { kind?: unknown; name?: { name?: unknown; database?: unknown } };
  if (
    record.kind === 'table' &&
    record.name?.database === undefined &&
    String(record.name?.name).toLowerCase() === name.toLowerCase()
  )
    return true;
  return Object.values(node).some((value) => readsTable(value, name));
}

/** The columns have the types of the part that is not recursive. SQLite wants the parts bare, so their items are converted in place. */
function bindRecursiveTable(
  around: Surroundings,
  common: CommonTable,
  { seeds, steps }: RecursiveLeaves,
): BoundCommonTable {
  const { query } = common;
  if (query.orderBy.length > 0)
    throw failure('ER_NOT_SUPPORTED_YET', 'ORDER BY over UNION in recursive Common Table Expression');
  const seed = joinLeaves(
    around.context,
    seeds,
    seeds.map((leaf) => bindBody(around, leaf.body)),
  );
  const table = commonTable(common, seed.columns, true);
  const inner: Surroundings = { ...around, commonTables: [table, ...around.commonTables] };
  const texts = steps.map((leaf) => {
    const bound = bindBody(inner, leaf.body);
    if (bound.withItems === undefined || leaf.operator === null || leaf.operator.op !== 'union')
      throw failure('ER_NOT_SUPPORTED_YET', 'this form of a recursive common table expression');
    if (bound.columns.length !== seed.columns.length) throw failure('ER_WRONG_NUMBER_OF_COLUMNS_IN_SELECT');
    const items = bound.columns.map((column, i) => {
      const { type } = (seed.columns[i] as BoundQueryColumn).term;
      return convertTo(around.context, column.term, type).sql;
    });
    return ` UNION ${leaf.operator.all ? 'ALL ' : ''}${bound.withItems(items)}`;
  });
  return { sql: `${seed.sql}${texts.join('')}${bindLimit(around.context, query.limit).sql}`, table };
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

/** One part of a chain of set operations, with the operator before it. */
interface Leaf {
  readonly operator: Pick<SetOperation, 'op' | 'all'> | null;
  readonly body: QueryBody;
}

/** `a UNION b EXCEPT c`: SQLite, too, goes from left to right. */
function leavesOf(body: QueryBody): Leaf[] {
  const leaves: Leaf[] = [];
  let rest = body;
  while (rest.kind === 'set-operation') {
    if (rest.all && rest.op !== 'union') throw failure('ER_NOT_SUPPORTED_YET', `${SET_OPERATORS[rest.op]} ALL`);
    leaves.unshift({ operator: { op: rest.op, all: rest.all }, body: rest.right });
    rest = rest.left;
  }
  return [{ operator: null, body: rest }, ...leaves];
}

function bindSetOperation(around: Surroundings, operation: SetOperation): BoundQuery {
  const leaves = leavesOf(operation);
  const inner: Surroundings = { ...around, named: true, shownToClient: false };
  return joinLeaves(
    around.context,
    leaves,
    leaves.map((leaf) => bindBody(inner, leaf.body)),
  );
}

/** All parts are brought to common types. */
function joinLeaves(context: PlanContext, leaves: readonly Leaf[], bound: readonly BoundQuery[]): BoundQuery {
  const [first, ...others] = bound as [BoundQuery, ...BoundQuery[]];
  if (others.some((other) => other.columns.length !== first.columns.length))
    throw failure('ER_WRONG_NUMBER_OF_COLUMNS_IN_SELECT');
  if (others.length === 0) return first;
  const columns = first.columns.map((column, i): BoundQueryColumn => {
    const terms = bound.map((query) => (query.columns[i] as BoundQueryColumn).term);
    const type = commonType(
      terms.map((term) => (term.type.name === 'timestamp' ? { ...term.type, name: 'datetime' } : term.type)),
    );
    const nullable = terms.some((term) => term.nullable);
    return { name: column.name, term: { sql: quoteName(column.name), type, nullable }, origin: NO_ORIGIN };
  });
  const distinct = leaves.some((leaf) => leaf.operator?.all === false);
  const texts = bound.map((query, i) => {
    const operator = leaves[i]?.operator;
    const before = operator ? ` ${SET_OPERATORS[operator.op]} ${operator.all ? 'ALL ' : ''}` : '';
    return `${before}${part(context, query, columns, distinct)}`;
  });
  return { sql: texts.join(''), columns, shape: null };
}

/** SQLite compounds take bare SELECTs only: what is none is wrapped in one. */
function part(
  context: PlanContext,
  query: BoundQuery,
  columns: readonly BoundQueryColumn[],
  distinct: boolean,
): string {
  const item = (value: Term, target: BoundQueryColumn): string => {
    const { type } = target.term;
    const converted = convertTo(context, value, type);
    return `${distinct ? collated(retyped(converted, type)) : converted.sql} AS ${quoteName(target.name)}`;
  };
  if (query.withItems !== undefined)
    return query.withItems(query.columns.map((column, i) => item(column.term, columns[i] as BoundQueryColumn)));
  const names = query.columns.map((_, i) => `c${i + 1}`);
  const converted = query.columns.map((column, i) => {
    const { type, nullable } = column.term;
    return item({ sql: `c${i + 1}`, type, nullable }, columns[i] as BoundQueryColumn);
  });
  return `SELECT ${converted.join(', ')} FROM (WITH _s(${names.join(', ')}) AS (${query.sql}) SELECT * FROM _s)`;
}

/** Text that is compared by another collation than its own. */
function retyped(value: Term, type: ColumnType): Term {
  return family(value.type) === 'string' && family(type) === 'string' ? { ...value, sql: value.sql, type } : value;
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
  const windows = new Map(select.windows.map(({ name, window }) => [name.toLowerCase(), window]));
  const where = select.where === undefined ? null : bindCondition({ ...base, clause: 'where clause' }, select.where);
  const listed: SourceBinding = { ...base, aggregates: true, windows };
  const columns = select.items.flatMap((item) => bindItem(listed, item));
  nameAliases(scope, select, columns);
  const position = (n: number): Term | undefined => columns[n - 1]?.term;
  const grouping: ExpressionBinding = { ...base, clause: 'group statement', aliases: 'last' };
  const groups = select.groupBy.map((item) => groupText(grouping, item, position));
  const having =
    select.having === undefined
      ? null
      : bindCondition({ ...listed, clause: 'having clause', aliases: 'first' }, select.having);
  const ordering: ExpressionBinding = { ...listed, clause: 'order clause', aliases: 'first' };
  const order = orderBy.map((item) => orderText(ordering, item, position));
  const aggregated = columns.some((column) => column.term.aggregate) || having?.aggregate === true;
  const grouped = groups.length > 0 || aggregated;
  const query = { context, scope, select, orderBy };
  if (grouped) checkGrouped(query);
  if (having !== null) checkHaving(context, scope, select);
  if (select.distinct) checkDistinct(query);
  const limited = bindLimit(context, limit);
  const shownColumns =
    around.shownToClient === true ? columns.map((column) => inSessionTime(context, column)) : columns;
  const items = shownColumns.map((column) => itemText(column, select.distinct, around.named));
  const filter = havingParts(having, grouped, groups.length === 0, columns);
  const conditions = [where?.sql, filter.where].filter((text) => text !== undefined);
  const tail = [
    from,
    conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '',
    groups.length > 0 ? ` GROUP BY ${groups.join(', ')}` : '',
    filter.having === undefined ? '' : ` HAVING ${filter.having}`,
  ].join('');
  const table = singleTable(scope, select);
  const plain = !grouped && !select.distinct && !columns.some((column) => column.term.windowed);
  const ties = table !== null && plain && around.parent === null ? tieBreak(scope, table, order) : [];
  const orderTexts = [...order.map((item) => item.text), ...ties];
  const end = `${orderTexts.length > 0 ? ` ORDER BY ${orderTexts.join(', ')}` : ''}${limited.sql}`;
  const withItems = (texts: readonly string[]): string => {
    // A group of everything is there because of an aggregate: SQLite looks for one in the select list.
    const first = filter.needsAggregate ? [`iif(count(*) < 0, NULL, ${texts[0]})`, ...texts.slice(1)] : texts;
    return `SELECT ${select.distinct ? 'DISTINCT ' : ''}${first.join(', ')}${tail}`;
  };
  const sql = `${withItems(items)}${end}`;
  const shape: QueryShape | null =
    table === null || around.parent !== null
      ? null
      : {
          table,
          conditions: where?.conditions ?? [],
          onlyConditions: (where === null || where.onlyConditions === true) && having === null,
          orderBy: order.every((item) => item.term.column !== undefined && !isWideDecimal(item.term))
            ? order.map((item) => ({ column: item.term.column as BoundColumn, descending: item.descending }))
            : null,
          plain,
          counts: groups.length === 0 && having === null && countsRows(select),
          projection: projectionOf(columns, shownColumns),
          limit: limited.count,
          offset: limited.offset,
          columns: mentionedColumns(sql, table),
        };
  const bare = end === '' && !select.distinct && !filter.needsAggregate;
  return { sql, columns: shownColumns, shape, ...(bare && { withItems }) };
}

/**
 * Rows that are equal in ORDER BY go by primary key, in the direction of the last item, as an index gives them: MySQL leaves it open, but pages of a
 * list must not give a row twice.
 */
function tieBreak(
  scope: Scope,
  { definition }: TableSource,
  order: readonly { readonly term: Term; readonly descending: boolean }[],
): string[] {
  const last = order.at(-1);
  if (last === undefined) return [];
  const ordered = new Set(order.map((item) => item.term.column?.definition.name.toLowerCase()));
  const key = definition.primaryKey.filter((name) => !ordered.has(name.toLowerCase()));
  const columns = scope.sources[0]?.columns ?? [];
  return key.map((name) => {
    const found = columns.find(({ term }) => term.column?.definition.name.toLowerCase() === name.toLowerCase());
    return `${(found as ScopeColumn).term.sql}${last.descending ? ' DESC' : ''}`;
  });
}

function countsRows({ items }: SelectQuery): boolean {
  const [item] = items;
  if (items.length !== 1 || item === undefined) return false;
  const { expression } = item;
  return (
    expression.kind === 'call' &&
    expression.name === 'COUNT' &&
    expression.star === true &&
    expression.over === undefined
  );
}

function projectionOf(columns: readonly BoundQueryColumn[], shown: readonly BoundQueryColumn[]): number[] | null {
  const positions: number[] = [];
  for (let i = 0; i < columns.length; i++) {
    const { term } = columns[i] as BoundQueryColumn;
    if (shown[i] !== columns[i] || term.column === undefined) return null;
    positions.push(term.column.index);
  }
  return positions;
}

function nameAliases(scope: Scope, select: SelectQuery, columns: readonly BoundQueryColumn[]): void {
  for (const { alias } of select.items) {
    if (alias === undefined) continue;
    const column = columns.find((candidate) => candidate.name === alias);
    if (column !== undefined) scope.aliases.set(alias.toLowerCase(), column.term);
  }
}

/** Without groups HAVING is a second WHERE, as MySQL takes it. */
function havingParts(
  having: Term | null,
  grouped: boolean,
  groupless: boolean,
  columns: readonly BoundQueryColumn[],
): { where?: string; having?: string; needsAggregate: boolean } {
  if (having === null) return { needsAggregate: false };
  if (!grouped) {
    if (having.windowed) throw failure('ER_NOT_SUPPORTED_YET', 'window functions in HAVING');
    return { where: having.sql, needsAggregate: false };
  }
  return { having: having.sql, needsAggregate: groupless && !columns.some((column) => column.term.aggregate) };
}

function inSessionTime(context: PlanContext, column: BoundQueryColumn): BoundQueryColumn {
  const { term } = column;
  if (term.type.name !== 'timestamp' || context.settings.offsetMinutes === 0) return column;
  return { ...column, term: { ...toLocal(context, term), type: term.type } };
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
    return [{ name: item.alias ?? expression.name, term: column.term, origin: column.origin }];
  }
  // Without an alias the item's text is its name, literals included: the plan then holds for these literals only.
  if (item.alias === undefined) pinLiterals(binding.context, expression);
  const term = shown(bindExpression(binding, expression));
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
  if (term.aggregate) throw failure('ER_WRONG_GROUP_FIELD', 'an aggregate');
  return collated(term);
}

function orderText(
  binding: ExpressionBinding,
  item: OrderItem,
  position: (n: number) => Term | undefined,
): { text: string; term: Term; descending: boolean } {
  const term = positioned(binding, item.expression, position, 'order clause');
  return { text: `${ordered(term)}${item.descending ? ' DESC' : ''}`, term, descending: item.descending };
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
