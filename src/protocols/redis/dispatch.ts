/** What becomes of a command: refused, queued (MULTI), answered here, or asked of the tree. */
import type { Arguments } from './arguments.ts';
import type { Client } from './client.ts';
import { type Asked, type Command, fitsArity } from './command.ts';
import { unknownCommand } from './commands/table.ts';
import { RedisError } from './redis-error.ts';
import type { ReplyWriter } from './reply-writer.ts';

/** Throws what is wrong with it. null: it has been answered. */
export function dispatch(
  client: Client,
  command: Command | undefined,
  args: Arguments,
  out: ReplyWriter,
): Asked | null {
  const refused = refusal(client, command, args);
  if (refused !== null) {
    if (client.multi !== null) client.multi.isSpoilt = true;
    throw refused;
  }
  const { name, ask, run, isControl } = command!;
  client.lastCommand = name;
  client.lastCommandAt = Date.now();
  if (client.multi !== null && !isControl) {
    client.multi.queued.push({ command: command!, args: args.map((argument) => Buffer.from(argument)) });
    out.simple('QUEUED');
    return null;
  }
  if (ask !== undefined) return ask(args, client);
  run?.(args, client, out);
  return null;
}

function refusal(client: Client, command: Command | undefined, args: Arguments): RedisError | null {
  if (command === undefined) return unknownCommand(args);
  if (!fitsArity(command, args.length))
    return new RedisError(`ERR wrong number of arguments for '${command.name}' command`);
  if (client.session === null && !command.isOpen) return new RedisError('NOAUTH Authentication required.');
  if (client.connection.version === 2 && client.subscriptions > 0 && !command.flags.includes('subscriber'))
    return new RedisError(
      `ERR Can't execute '${command.name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
    );
  return null;
}
