/**
 * The planner: an abstract syntax tree and a catalog in, a plan out. Read query.ts for SELECT, insert.ts and update.ts for writes,
 * definition.ts for DDL; expressions.ts is what they all stand on. Relies on the parser for well-formed trees; promises that a plan's SQLite text
 * computes MySQL's result, or that the statement is refused by name (1235).
 */
import { failure } from '../../errors.ts';
import type { Catalog } from '../../stores/catalog.ts';
import type { Query, Statement } from '../ast.ts';
import type { SlotValue } from '../slots.ts';
import type { VariableValue } from '../variables/variable.ts';
import type { VirtualTable } from '../virtual-table.ts';
import * as definition from './definition.ts';
import { bindCondition } from './expressions.ts';
import { planInsert } from './insert.ts';
import type { Plan, QueryPlan } from './plan.ts';
import { compactParameters, PlanContext, type PlanSettings } from './plan-context.ts';
import { bindTopQuery, expressionBinding, resultColumns } from './query.ts';
import { rowBound } from './row-bound.ts';
import { Scope } from './scope.ts';
import { bindVirtual } from './sources.ts';
import { planDelete, planUpdate } from './update.ts';

/** What a plan is made from, besides the statement. */
export interface PlanInput {
  readonly catalog: Catalog;
  readonly settings: PlanSettings;
  readonly slots: readonly SlotValue[];
  /** For each slot: written in the text rather than given as a parameter. */
  readonly literals: readonly boolean[];
  readonly variable: (name: string, scope?: 'global' | 'session') => VariableValue;
}

export interface PlannedStatement {
  readonly plan: Plan;
  /** Slots whose value the plan depends on. */
  readonly pins: ReadonlyMap<number, SlotValue>;
}

export function planStatement(statement: Statement, input: PlanInput): PlannedStatement {
  const context = new PlanContext(input.catalog, input.settings, input.slots, input.literals, input.variable);
  const plan = planIn(context, statement);
  // CREATE TABLE ... SELECT reads tables, ALTER TABLE has to know one.
  return { plan: plan.kind === 'schema' ? { ...plan, tables: [...context.tables] } : plan, pins: context.pins };
}

function planIn(context: PlanContext, statement: Statement): Plan {
  switch (statement.kind) {
    case 'query':
      return planQuery(context, statement);
    case 'insert':
      return planInsert(context, statement);
    case 'update':
      return planUpdate(context, statement);
    case 'delete':
      return planDelete(context, statement);
    case 'create-database':
      return definition.planCreateDatabase(context, statement);
    case 'alter-database':
      return definition.planAlterDatabase(context, statement);
    case 'drop-database':
      return definition.planDropDatabase(context, statement);
    case 'create-table':
      return definition.planCreateTable(context, statement);
    case 'alter-table':
      return definition.planAlterTable(context, statement);
    case 'drop-table':
      return definition.planDropTable(context, statement);
    case 'rename-table':
      return definition.planRenameTable(context, statement);
    case 'truncate':
      return definition.planTruncate(context, statement);
    case 'create-index':
      return definition.planCreateIndex(context, statement);
    case 'drop-index':
      return definition.planDropIndex(context, statement);
    case 'unsupported':
      throw failure('ER_NOT_SUPPORTED_YET', statement.construct);
    default:
      return { kind: 'command', statement, tables: [] };
  }
}

/** Functions that take time or wait: never inline in the front. */
const HEAVY = /\bsluice_sleep\(|\bmysql_repeat\(|\bsluice_regexp\(/;

function planQuery(context: PlanContext, query: Query): QueryPlan {
  const bound = bindTopQuery(context, query);
  const { sql, sources } = compactParameters(bound.sql, context.parameters);
  const heavy = HEAVY.test(sql);
  return {
    kind: 'query',
    sql,
    parameters: sources,
    columns: resultColumns(bound.columns),
    tables: [...context.tables],
    shape: bound.shape,
    rowsBound: bound.shape === null || heavy || /\bSELECT\b.*\bSELECT\b/s.test(sql) ? null : rowBound(bound.shape),
    light: context.tables.size === 0 && !heavy && !query.recursive,
    lock: lockOf(query),
    into: query.into ?? null,
    calcFoundRows: query.body.kind === 'select' && query.body.calcFoundRows,
  };
}

function lockOf({ lock }: Query): QueryPlan['lock'] {
  if (lock === undefined) return null;
  if (lock.wait === 'skip-locked') throw failure('ER_NOT_SUPPORTED_YET', 'SKIP LOCKED');
  return { nowait: lock.wait === 'nowait' };
}

/** SHOW ... WHERE: the rows of a virtual table that the condition holds for. */
export function planVirtual(
  table: VirtualTable,
  where: Parameters<typeof bindCondition>[1],
  input: PlanInput,
): QueryPlan {
  const context = new PlanContext(input.catalog, input.settings, input.slots, input.literals, input.variable);
  const scope = new Scope(null);
  const from = bindVirtual(context, scope, table, table.name);
  const condition = bindCondition(expressionBinding(context, scope, 'where clause'), where);
  const { sql, sources } = compactParameters(`SELECT * FROM ${from} WHERE ${condition.sql}`, context.parameters);
  const columns = resultColumns(
    (scope.sources[0]?.columns ?? []).map(({ name, term, origin }) => ({ name, term, origin })),
  );
  return {
    kind: 'query',
    sql,
    parameters: sources,
    columns,
    tables: [],
    shape: null,
    rowsBound: null,
    light: true,
    lock: null,
    into: null,
    calcFoundRows: false,
  };
}

/** An expression on its own: SET, DO, KILL. One row, one column. */
export function planExpression(expression: Parameters<typeof bindCondition>[1], input: PlanInput): QueryPlan {
  return planStatement(
    {
      kind: 'query',
      with: [],
      recursive: false,
      orderBy: [],
      body: {
        kind: 'select',
        distinct: false,
        calcFoundRows: false,
        items: [{ expression, alias: 'value', text: 'value' }],
        groupBy: [],
        rollup: false,
        windows: [],
      },
    },
    input,
  ).plan as QueryPlan;
}
