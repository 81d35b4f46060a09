/**
 * What is asked of the keys, as plain data that crosses protocols and processes: one of the operations (operations.ts), or a batch of them (batch-plan.ts).
 * planKeyCommand() checks a command and makes its plan (plan.ts).
 */
import { type BatchCommand, type BatchResult, planBatch } from './batch-plan.ts';
import { isWriting } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import type { KeyPlan } from './plan.ts';
import { REDIS_OPERATIONS } from './redis/operations.ts';
import { planSweep } from './sweep-plan.ts';

const ALL = { ...OPERATIONS, ...REDIS_OPERATIONS };

type All = typeof ALL;
export type KeyOperation = keyof typeof OPERATIONS;

type CommandOf<Op extends keyof All> = { [Each in Op]: { readonly op: Each } & Parameters<All[Each]>[0] }[Op];

/** One of the tree's own operations, not a batch. */
export type SingleKeyCommand = CommandOf<KeyOperation>;
/** One of those that Redis' commands need. */
export type RedisKeyCommand = CommandOf<keyof typeof REDIS_OPERATIONS>;

/** The server's own: no client asks for it. */
interface SweepCommand {
  readonly op: 'sweep';
  readonly limit: number;
}

export type KeyCommand = SingleKeyCommand | RedisKeyCommand | BatchCommand | SweepCommand;

/** The result of a command: KeyResult<'getEntry'> is KeyEntry | null. */
export type KeyResult<Op extends KeyCommand['op']> = Op extends keyof All
  ? ReturnType<All[Op]> extends KeyPlan<infer Result>
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

function planSingle(command: SingleKeyCommand | RedisKeyCommand, now: number): KeyPlan<unknown> {
  const plan = ALL[command.op] as (of: SingleKeyCommand | RedisKeyCommand, at: number) => KeyPlan<unknown>;
  return plan(command, now);
}

/** Whether the writer plans it, and nobody before. */
export function alwaysWrites({ op }: KeyCommand): boolean {
  return op === 'sweep' || (op !== 'batch' && isWriting(ALL[op]));
}
