/** The embedded store's plans as the gate's protections see them: what kind, why, which tables, which hints, and whether an answer may be shared. */
import { failure } from '../errors.ts';
import type { Statement, TableName } from '../sql/ast.ts';
import { SQL_STORE_FUNCTIONS } from '../sql/functions/registry.ts';
import type { Plan, QueryPlan, WritePlan } from '../sql/planner/plan.ts';
import { isUniqueLookup } from '../sql/planner/row-bound.ts';
import { NO_HINTS, readHints, type StatementHints } from './protection/hints.ts';
import { sqlListOf } from './sql-lists.ts';
import type { PlanFacts, PlanKind, TableUse } from './statement-facts.ts';
import type { PlanCounters } from './statistics/statistics.ts';

/** A plan with what the gate knows of it, made once and kept with it. */
export interface GatePlan {
  readonly plan: Plan;
  readonly facts: PlanFacts;
  readonly hints: StatementHints;
  /** The same text with the same values gives the same answer as long as nobody writes. */
  readonly repeatable: boolean;
  readonly counters: PlanCounters;
}

interface Kind {
  readonly kind: PlanKind;
  readonly reason: string;
}

export function planFacts(
  statement: Statement,
  plan: Plan,
  fingerprint: string,
  database: string | null,
): Pick<GatePlan, 'facts' | 'hints' | 'repeatable'> {
  const tables = tablesOf(statement, plan, database);
  return {
    facts: { ...kindOf(statement, plan), tables, fingerprint },
    hints: hintsOf(statement, fingerprint),
    repeatable: plan.kind === 'query' && isRepeatable(plan),
  };
}

function kindOf(statement: Statement, plan: Plan): Kind {
  switch (plan.kind) {
    case 'query':
      return queryKind(plan);
    case 'write':
      return writeKind(statement, plan);
    case 'schema':
      return { kind: 'ddl', reason: statement.kind };
    case 'command':
      return commandKind(statement);
  }
}

function queryKind(plan: QueryPlan): Kind {
  const { shape } = plan;
  if (plan.light) return { kind: 'other', reason: 'reads no stored table' };
  if (shape === null) return { kind: 'scan', reason: 'several tables, or more than one SELECT' };
  if (isUniqueLookup(shape)) return { kind: 'unique-lookup', reason: 'a unique key is given' };
  if (sqlListOf(plan) !== null)
    return { kind: 'list', reason: shape.counts ? 'counts the rows of one table' : 'rows of one table, ordered' };
  return { kind: 'scan', reason: shape.plain ? 'no unique key is given' : 'groups, or computes over rows' };
}

function writeKind(statement: Statement, plan: WritePlan): Kind {
  if (statement.kind === 'insert') {
    const reason = statement.source.kind === 'query' ? 'rows of a query' : 'rows that are given';
    return { kind: statement.replace || statement.onDuplicate !== undefined ? 'upsert' : 'insert', reason };
  }
  return plan.byKey === true
    ? { kind: 'dml-by-key', reason: 'the primary key is given' }
    : { kind: 'dml-by-subquery', reason: 'rows are chosen by more than the primary key' };
}

function commandKind(statement: Statement): Kind {
  switch (statement.kind) {
    case 'set':
    case 'set-names':
    case 'set-transaction':
      return { kind: 'set', reason: '' };
    case 'show':
    case 'describe':
      return { kind: 'show', reason: statement.kind === 'show' ? statement.what : 'describe' };
    default:
      return { kind: 'other', reason: statement.kind };
  }
}

// ---- Tables

function tablesOf(statement: Statement, plan: Plan, database: string | null): TableUse[] {
  const target = plan.kind === 'write' ? plan.target : undefined;
  const used = plan.tables.map((table): TableUse => {
    return { database: table.database, table: table.name, access: table === target ? 'write' : 'read' };
  });
  const named = (names: readonly TableName[], access: TableUse['access']): TableUse[] =>
    names.map(({ database: of, name }) => ({ database: of ?? database ?? '', table: name, access }));
  switch (statement.kind) {
    case 'create-database':
    case 'drop-database':
      return [...used, { database: statement.name, table: '*', access: 'admin' }];
    case 'alter-database':
      return [...used, { database: statement.name ?? database ?? '', table: '*', access: 'admin' }];
    case 'create-table':
      return [
        ...used,
        ...named(statement.like === undefined ? [] : [statement.like], 'read'),
        ...named([statement.table], 'admin'),
      ];
    case 'alter-table':
    case 'create-index':
    case 'drop-index':
    case 'truncate':
      return [...used, ...named([statement.table], 'admin')];
    case 'drop-table':
      return [...used, ...named(statement.tables, 'admin')];
    case 'rename-table':
      return [
        ...used,
        ...named(
          statement.renames.flatMap(({ from, to }) => [from, to]),
          'admin',
        ),
      ];
    case 'table-maintenance':
      return named(statement.tables, 'read');
    case 'describe':
      return named([statement.table], 'read');
    case 'show':
      return statement.table === undefined
        ? []
        : named(
            [{ ...statement.table, ...(statement.database !== undefined && { database: statement.database }) }],
            'read',
          );
    default:
      return used;
  }
}

// ---- Hints

/** What mysqldump asks with, SELECT with SQL_NO_CACHE in a comment of version 4.0.1: its rows are streamed, however many. */
const DUMP = /^select sql_no_cache /i;

function hintsOf(statement: Statement, fingerprint: string): StatementHints {
  if (DUMP.test(fingerprint)) return { maxRows: 0, maxExecutionTimeMs: 0, consolidate: false };
  const text = hintText(statement);
  if (text === undefined) return NO_HINTS;
  try {
    return readHints(text);
  } catch (error) {
    throw failure('ER_BAD_PARAMETER', `Optimizer hint ${error instanceof Error ? error.message : String(error)}`);
  }
}

function hintText(statement: Statement): string | undefined {
  if (statement.kind === 'query') return statement.body.kind === 'select' ? statement.body.hint : undefined;
  return 'hint' in statement ? statement.hint : undefined;
}

// ---- What may be shared

const CHANGING = new RegExp(
  `\\b(?:${SQL_STORE_FUNCTIONS.filter(({ deterministic, name }) => !deterministic && name !== 'sluice_many_rows')
    .map(({ name }) => name)
    .join('|')}|random|randomblob)\\(`,
  'i',
);

/** What depends on the session or the time (NOW(), @a) is bound as a value: it is part of what must be equal. */
function isRepeatable(plan: QueryPlan): boolean {
  return plan.lock === null && plan.into === null && !CHANGING.test(plan.sql);
}
