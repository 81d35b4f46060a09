/**
 * Runs a plan's steps. Three places are meant: inline in the front on a snapshot (reads), in a process of the store as one request (procedure.ts: autocommit
 * writes, so that they join the writer's groups, and long reads), and step by step. All but the last answer at once.
 */
import type { ReadStatement, SavepointStatement, WriteResult } from '../stores/statement.ts';
import type { StoreRow } from '../stores/values.ts';
import type { KeyPlan, KeyStep } from './plan.ts';

export type KeyWriteStep = Exclude<KeyStep, ReadStatement | SavepointStatement>;

export interface StepRunner {
  read(statement: ReadStatement): readonly StoreRow[];
  write(statement: KeyWriteStep): Pick<WriteResult, 'matched'>;
  savepoint(statement: SavepointStatement): void;
}

export function runPlan<Result>(plan: KeyPlan<Result>, runner: StepRunner): Result {
  const steps = plan.steps();
  let turn = steps.next();
  while (!turn.done) {
    let rows: readonly StoreRow[];
    try {
      rows = rowsOf(turn.value, runner);
    } catch (error) {
      turn = steps.throw(error);
      continue;
    }
    turn = steps.next(rows);
  }
  return turn.value;
}

function rowsOf(step: KeyStep, runner: StepRunner): readonly StoreRow[] {
  switch (step.kind) {
    case 'read':
      return runner.read(step);
    case 'savepoint':
    case 'rollback-to':
    case 'release':
      runner.savepoint(step);
      return [];
    default:
      return [[runner.write(step).matched]];
  }
}
