/**
 * MULTI and EXEC: what is queued is carried out by the writer as one request, in one transaction. A command that fails leaves nothing behind and does not undo the others,
 * as in Redis. WATCH remembers what the keys were; EXEC does nothing when one of them is another by then.
 */
import { deserializeFailure } from '../../../errors.ts';
import type { BatchOutcome, BatchResult } from '../../../keys/batch-plan.ts';
import type { RedisKeyCommand, SingleKeyCommand } from '../../../keys/command.ts';
import { textsOf } from '../arguments.ts';
import type { Client, QueuedCommand } from '../client.ts';
import { ALL_KEYS, type Asked, type AskTree, type Command, commandsOf, NO_KEYS, type RunHere } from '../command.ts';
import { errorText, RedisError } from '../redis-error.ts';
import type { ReplyWriter } from '../reply-writer.ts';

const multi: RunHere = (_args, client, out) => {
  if (client.multi !== null) throw new RedisError('ERR MULTI calls can not be nested');
  client.multi = { queued: [], isSpoilt: false };
  out.simple('OK');
};

const discard: RunHere = (_args, client, out) => {
  if (client.multi === null) throw new RedisError('ERR DISCARD without MULTI');
  client.multi = null;
  client.watched.clear();
  out.simple('OK');
};

const watch: AskTree = (args, client) => {
  if (client.multi !== null) throw new RedisError('ERR WATCH inside MULTI is not allowed');
  const keys = textsOf(args, 1);
  return {
    command: { op: 'redisSignatures', keys },
    reply: (out, signatures: readonly string[]) => {
      // A key that was watched before is watched from then on.
      keys.forEach((key, i) => {
        if (!client.watched.has(key)) client.watched.set(key, signatures[i]!);
      });
      out.simple('OK');
    },
  };
};

const unwatch: RunHere = (_args, client, out) => {
  client.watched.clear();
  out.simple('OK');
};

/** A queued command, ready: what it asks, what it does here, or what is wrong with it. */
type Step = { readonly asked: Asked } | { readonly here: QueuedCommand } | { readonly error: unknown };

const exec: AskTree = (_args, client) => {
  const { multi: begun, watched } = client;
  if (begun === null) throw new RedisError('ERR EXEC without MULTI');
  const expect = Array.from(watched, ([key, signature]) => ({ key, signature }));
  client.multi = null;
  client.watched = new Map();
  if (begun.isSpoilt) throw new RedisError('EXECABORT Transaction discarded because of previous errors.');
  const steps = begun.queued.map((queued) => stepOf(queued, client));
  const commands = steps.flatMap((step) => ('asked' in step ? [far(step.asked)] : []));
  return {
    command: { op: 'batch', commands, atomic: 'each', expect },
    reply: (out, { done, outcomes }: BatchResult) => {
      if (!done) out.nullArray();
      else writeSteps(out, client, steps, outcomes);
    },
  };
};

function stepOf(queued: QueuedCommand, client: Client): Step {
  const { command, args } = queued;
  if (command.ask === undefined) return { here: queued };
  try {
    return { asked: command.ask(args, client) };
  } catch (error) {
    return { error };
  }
}

function far({ command }: Asked): SingleKeyCommand | RedisKeyCommand {
  return { ...command, reach: 'far' } as RedisKeyCommand;
}

function writeSteps(out: ReplyWriter, client: Client, steps: readonly Step[], outcomes: readonly BatchOutcome[]): void {
  let next = 0;
  out.array(steps.length);
  for (const step of steps) {
    try {
      if ('error' in step) throw step.error;
      if ('here' in step) {
        step.here.command.run?.(step.here.args, client, out);
        continue;
      }
      const outcome = outcomes[next++]!;
      if ('failure' in outcome) throw deserializeFailure(outcome.failure);
      step.asked.reply(out, outcome.value as never);
    } catch (error) {
      out.error(errorText(error, client.server.onUnexpectedError));
    }
  }
}

export const TRANSACTION_COMMANDS: readonly Command[] = commandsOf('transactions', [
  ['multi', 1, 'fast control', NO_KEYS, 'Begins a transaction', { run: multi }],
  ['exec', 1, 'control', NO_KEYS, 'Carries out what was queued since MULTI', { ask: exec }],
  ['discard', 1, 'fast control', NO_KEYS, 'Forgets what was queued since MULTI', { run: discard }],
  ['watch', -2, 'fast control', ALL_KEYS, 'Lets EXEC do nothing if a key has changed by then', { ask: watch }],
  ['unwatch', 1, 'fast', NO_KEYS, 'Forgets what is watched', { run: unwatch }],
]);
