/**
 * Runs a plan's steps. Three places are meant: inline in the front on a snapshot (reads), in the writer's process as one request (autocommit writes, so that
 * they join its groups), and step by step over a writer that an explicit transaction holds. The first two answer at once, the third later.
 */
import type { ReadStatement, WriteResult } from '../stores/statement.ts';
import type { StoreRow } from '../stores/values.ts';
import type { KeyPlan, KeyStep } from './plan.ts';

export type KeyWriteStep = Exclude<KeyStep, ReadStatement>;

export interface StepRunner {
  read(statement: ReadStatement): readonly StoreRow[];
  write(statement: KeyWriteStep): Pick<WriteResult, 'matched'>;
}

export interface AsyncStepRunner {
  read(statement: ReadStatement): Promise<readonly StoreRow[]>;
  write(statement: KeyWriteStep): Promise<Pick<WriteResult, 'matched'>>;
}

export function runPlan<Result>(plan: KeyPlan<Result>, runner: StepRunner): Result {
  const steps = plan.steps();
  let turn = steps.next();
  while (!turn.done) {
    const step = turn.value;
    turn = steps.next(step.kind === 'read' ? runner.read(step) : rowOf(runner.write(step)));
  }
  return turn.value;
}

export async function runPlanAsync<Result>(plan: KeyPlan<Result>, runner: AsyncStepRunner): Promise<Result> {
  const steps = plan.steps();
  let turn = steps.next();
  while (!turn.done) {
    const step = turn.value;
    turn = steps.next(step.kind === 'read' ? await runner.read(step) : rowOf(await runner.write(step)));
  }
  return turn.value;
}

function rowOf({ matched }: Pick<WriteResult, 'matched'>): readonly StoreRow[] {
  return [[matched]];
}
