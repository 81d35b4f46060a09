/**
 * What is asked of the keys, as plain data that crosses protocols and processes: one of the operations (operations.ts), or a batch of them (batch-plan.ts).
 * planKeyCommand() checks a command and makes its plan (plan.ts).
 */
import { type BatchCommand, type BatchResult, planBatch } from './batch-plan.ts';
import { OPERATIONS } from './operations.ts';
import type { KeyPlan } from './plan.ts';
import { planSweep } from './sweep-plan.ts';

type Operations = typeof OPERATIONS;
export type KeyOperation = keyof Operations;

/** One operation, not a batch. */
export type SingleKeyCommand = {
  [Op in KeyOperation]: { readonly op: Op } & Parameters<Operations[Op]>[0];
}[KeyOperation];

/** The server's own: no client asks for it. */
interface SweepCommand {
  readonly op: 'sweep';
  readonly limit: number;
}

export type KeyCommand = SingleKeyCommand | BatchCommand | SweepCommand;

/** The result of a command: KeyResult<'getEntry'> is KeyEntry | null. */
export type KeyResult<Op extends KeyCommand['op']> = Op extends KeyOperation
  ? ReturnType<Operations[Op]> extends KeyPlan<infer Result>
    ? Result
    : never
  : Op extends 'batch'
    ? BatchResult
    : number;

/** Throws what is wrong with the command. `now`: milliseconds since 1970. */
export function planKeyCommand<Command extends KeyCommand>(
  command: Command,
  now: number,
): KeyPlan<KeyResult<Command['op']>> {
  return planOf(command, now) as KeyPlan<KeyResult<Command['op']>>;
}

function planOf(command: KeyCommand, now: number): KeyPlan<unknown> {
  if (command.op === 'batch') return planBatch(command, now, planSingle);
  if (command.op === 'sweep') return planSweep(command.limit, now);
  return planSingle(command, now);
}

function planSingle(command: SingleKeyCommand, now: number): KeyPlan<unknown> {
  const plan = OPERATIONS[command.op] as (of: SingleKeyCommand, at: number) => KeyPlan<unknown>;
  return plan(command, now);
}
