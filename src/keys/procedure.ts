/** Plans where the data is: the procedure that the processes of a store have, and the call of it. */
import type { ProcedureCall, StoreProcedure } from '../stores/procedure.ts';
import { type KeyCommand, planKeyCommand } from './command.ts';
import { runPlan } from './run-plan.ts';

interface Input {
  readonly command: KeyCommand;
  readonly now: number;
}

/** The result is the command's: KeyResult. */
export function keysCall(command: KeyCommand, now: number): ProcedureCall {
  return {
    kind: 'procedure',
    name: KEYS_PROCEDURE.name,
    input: { command, now } satisfies Input,
    bytes: bytesOf(command),
  };
}

export const KEYS_PROCEDURE: StoreProcedure = {
  name: 'keys',
  run(input, transaction) {
    const { command, now } = input as Input;
    const plan = planKeyCommand(command, now);
    if (!plan.writes || plan.oneWrite === true) return runPlan(plan, transaction);
    return transaction.atomically(() => runPlan(plan, transaction));
  },
};

const COMMAND_BYTES = 200;

/** Near enough to keep groups of writes small. */
function bytesOf(command: KeyCommand): number {
  switch (command.op) {
    case 'put':
    case 'redisSet':
      return COMMAND_BYTES + lengthOf(command.value.value);
    case 'redisSetRange':
      return COMMAND_BYTES + command.part.length;
    case 'append':
    case 'redisAppend':
      return COMMAND_BYTES + command.addition.length;
    case 'putMany':
    case 'redisMset':
      return command.entries.reduce((sum, [, { value }]) => sum + COMMAND_BYTES + lengthOf(value), 0);
    case 'redisHset':
      return command.fields.reduce((sum, [, { value }]) => sum + COMMAND_BYTES + lengthOf(value), 0);
    case 'batch':
      return command.commands.reduce((sum, each) => sum + bytesOf(each), 0);
    default:
      return COMMAND_BYTES;
  }
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' || value instanceof Uint8Array ? value.length : 8;
}
