/** EXPLAIN: MySQL's columns, with SQLite's plan of each step under Extra and the route that the gate would take. */
import { failure } from '../errors.ts';
import type { Statement } from '../sql/ast.ts';
import type { ExecutionContext } from '../sql/context.ts';
import { type QueryPlan, readStatement } from '../sql/planner/plan.ts';
import { fitsInline } from '../sql/planner/row-bound.ts';
import type { ColumnType } from '../stores/column-type.ts';
import { plainColumn, rowsOutcome } from './outcomes.ts';
import type { Outcome } from './request.ts';
import type { GateSession } from './session.ts';
import { sqlListOf } from './sql-lists.ts';
import type { StatementSlots } from './statement-text.ts';

const TEXT: ColumnType = { name: 'varchar', length: 1024 };
const NUMBER: ColumnType = { name: 'bigint', length: 20 };
const COLUMNS = (
  [
    ['id', NUMBER],
    ['select_type', TEXT],
    ['table', TEXT],
    ['partitions', TEXT],
    ['type', TEXT],
    ['possible_keys', TEXT],
    ['key', TEXT],
    ['key_len', TEXT],
    ['ref', TEXT],
    ['rows', NUMBER],
    ['filtered', { name: 'double' }],
    ['Extra', TEXT],
  ] as const
).map(([name, type]) => plainColumn(name, type, true));

export function explain(
  session: GateSession,
  ast: Extract<Statement, { kind: 'explain' }>,
  filled: StatementSlots,
): Outcome {
  if (ast.analyze) throw failure('ER_NOT_SUPPORTED_YET', 'EXPLAIN ANALYZE');
  if (ast.format !== undefined && ast.format.toLowerCase() !== 'traditional')
    throw failure('ER_NOT_SUPPORTED_YET', `EXPLAIN FORMAT=${ast.format}`);
  const { plan } = session.plans.make(ast.statement, filled);
  session.checkReads(plan.tables);
  if (plan.kind !== 'query') {
    return rowsOutcome(COLUMNS, [
      [
        1,
        plan.kind === 'write' ? plan.action.toUpperCase() : 'SIMPLE',
        plan.tables[0]?.name ?? null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        'route: writer',
      ],
    ]);
  }
  const execution = session.plans.executionOf(filled.slots);
  const statement = readStatement(plan, execution);
  const steps = session.gate.store.readInline({ ...statement, sql: `EXPLAIN QUERY PLAN ${statement.sql}` });
  const bound = plan.rowsBound?.(execution) ?? null;
  const route = keptRoute(session, plan, execution) ?? (plan.light || fitsInline(bound) ? 'inline' : 'reader');
  const rows = steps.map((step, i) => stepRow(String(step[3]), i, bound, route));
  return rowsOutcome(COLUMNS, rows.length > 0 ? rows : [stepRow('no table', 0, bound, route)]);
}

/** Kept lists answer outside of transactions. */
function keptRoute(session: GateSession, plan: QueryPlan, execution: ExecutionContext): string | null {
  const list = session.transaction === null ? sqlListOf(plan) : null;
  const kept = list === null ? null : session.gate.kept.explain(list.query(execution));
  return kept?.state === 'ready' ? `kept ${kept.by}` : null;
}

/** SQLite says: SEARCH t USING INDEX "db.t.k" (k=?), SCAN t, USE TEMP B-TREE FOR ORDER BY ... */
function stepRow(detail: string, step: number, bound: number | null, route: string): (string | number | null)[] {
  const table = /^(?:SEARCH|SCAN) (\S+)/.exec(detail)?.[1] ?? null;
  const key = /INTEGER PRIMARY KEY|PRIMARY KEY/.test(detail)
    ? 'PRIMARY'
    : (/INDEX \S+\.([^\s.]+)/.exec(detail)?.[1] ?? null);
  const type = detail.startsWith('SCAN')
    ? key === null
      ? 'ALL'
      : 'index'
    : detail.startsWith('SEARCH')
      ? /=\?/.test(detail)
        ? 'ref'
        : 'range'
      : null;
  return [
    1,
    'SIMPLE',
    table,
    null,
    type,
    key,
    key,
    null,
    null,
    step === 0 ? bound : null,
    null,
    step === 0 ? `${detail}; route: ${route}` : detail,
  ];
}
