/** What a command's words say of the rows that it will look at, so that they can be brought at once, for many commands together. A hint: right whatever it says. */
import type { KeyCommand } from '../../../keys/command.ts';
import type { StepReach } from '../../../keys/plan.ts';
import { firstFields } from '../../../keys/redis/node.ts';

export interface NamedKeys {
  readonly keys: readonly string[];
  /** First rows of ranges. */
  readonly firsts: readonly StepReach[];
}

/** `command` has been planned: what it names as keys are keys. */
export function namedKeys(command: KeyCommand): NamedKeys {
  if (command.op === 'batch') {
    const all = command.commands.map(namedKeys);
    return { keys: all.flatMap(({ keys }) => keys), firsts: all.flatMap(({ firsts }) => firsts) };
  }
  switch (command.op) {
    case 'redisHset':
      return fieldsOf(
        command.key,
        command.fields.map(([field]) => field),
      );
    case 'redisHadd':
    case 'redisHaddDecimal':
      return fieldsOf(command.key, [command.field]);
    case 'redisHdel':
      return { ...fieldsOf(command.key, command.fields), firsts: [] };
    case 'putMany':
    case 'redisMset':
      return { keys: command.entries.map(([key]) => key), firsts: [] };
  }
  const { key, keys = [] } = command as { readonly key?: string; readonly keys?: readonly string[] };
  return { keys: key === undefined ? keys : [key], firsts: [] };
}

function fieldsOf(key: string, fields: readonly string[]): NamedKeys {
  return { keys: [key, ...fields.map((field) => `${key}.${field}`)], firsts: [firstFields(key)] };
}
