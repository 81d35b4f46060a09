/** A session's writes and schema changes: what MySQL's OK packet says of them. */
import { failure } from '../errors.ts';
import type { ExecutionContext } from '../sql/context.ts';
import type { SchemaPlan, WritePlan } from '../sql/planner/plan.ts';
import type { Warning, WriteResult, WriteStatement } from '../stores/statement.ts';
import { ok } from './outcomes.ts';
import type { StatementHints } from './protection/hints.ts';
import type { Outcome } from './request.ts';
import type { GateSession } from './session.ts';

const UNLIMITED_MS = 0;

export async function runWrite(
  session: GateSession,
  plan: WritePlan,
  execution: ExecutionContext,
  hints: StatementHints,
): Promise<Outcome> {
  if (session.variables.settings.readOnly && session.transaction === null)
    throw failure('ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION');
  session.warnings = [];
  const warnings: Warning[] = [];
  const statement = plan.make(execution, (warning) => warnings.push(warning));
  const result = await session.write(statement, hints.maxExecutionTimeMs);
  session.warnings = [...warnings, ...result.warnings];
  const lastInsertId = result.assignedId ?? result.insertId;
  if (lastInsertId !== 0) session.lastInsertId = lastInsertId;
  const affectedRows = session.client.foundRows ? foundRows(plan, result) : result.affected;
  session.rowCount = affectedRows;
  return ok({
    affectedRows,
    insertId: result.lastId ?? result.insertId,
    warningCount: session.warnings.length,
    info: writeInfo(plan, result, session.warnings.length),
  });
}

/** CLIENT_FOUND_ROWS: rows that were there already just so count too. */
function foundRows(plan: WritePlan, result: WriteResult): number {
  return plan.action === 'update' ? result.matched : result.affected + (result.unchanged ?? 0);
}

/** A change of a large table takes what it takes, as in MySQL and in front of a source; KILL ends it. null: the session's limit. */
function schemaTimeMs(statement: WriteStatement): number | null {
  const isQuery =
    statement.kind === 'schema' && statement.change.kind === 'create-table' && statement.change.rows !== undefined;
  return isQuery ? null : UNLIMITED_MS;
}

/** DDL commits what is open, as in MySQL. Only a rule can hint anything for it. */
export async function runSchema(session: GateSession, plan: SchemaPlan, hints: StatementHints): Promise<Outcome> {
  if (session.transaction?.options.readOnly) throw failure('ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION');
  await session.transactions.end('commit');
  session.warnings = [...plan.notes];
  let affectedRows = 0;
  for (const statement of plan.statements)
    affectedRows += (
      await session.gate.store.write(
        statement,
        session.writeOptions(hints.maxExecutionTimeMs ?? schemaTimeMs(statement)),
      )
    ).affected;
  if (session.database !== null && session.gate.findDatabase(session.database) === undefined) {
    session.database = null;
    session.settingsChanged();
  }
  return ok({ affectedRows, warningCount: session.warnings.length });
}

/** The info string of MySQL's OK packet. */
function writeInfo(plan: WritePlan, result: WriteResult, warnings: number): string {
  if (plan.action === 'update')
    return `Rows matched: ${result.matched}  Changed: ${result.affected}  Warnings: ${warnings}`;
  if (plan.action === 'delete' || result.matched <= 1) return '';
  return `Records: ${result.matched}  Duplicates: ${result.duplicates ?? 0}  Warnings: ${warnings}`;
}
