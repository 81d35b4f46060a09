/** All commands. A new one is a line in one of the tables that stand together here, and a row in docs/redis.md. */
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { RedisError, shown } from '../redis-error.ts';
import { BIT_COMMANDS } from './bit-commands.ts';
import { CLIENT_COMMANDS } from './client-commands.ts';
import { CONNECTION_COMMANDS } from './connection-commands.ts';
import { HASH_COMMANDS } from './hash-commands.ts';
import { KEY_COMMANDS } from './key-commands.ts';
import { PUB_SUB_COMMANDS } from './pub-sub-commands.ts';
import { SCAN_COMMANDS } from './scan-commands.ts';
import { SERVER_COMMANDS } from './server-commands.ts';
import { STRING_COMMANDS } from './string-commands.ts';
import { tableCommands } from './table-commands.ts';
import { TRANSACTION_COMMANDS } from './transaction-commands.ts';
import { TREE_COMMANDS } from './tree-commands.ts';

/** By their names in small letters. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map(
  [
    ...CONNECTION_COMMANDS,
    ...CLIENT_COMMANDS,
    ...SERVER_COMMANDS,
    ...tableCommands(() => COMMANDS),
    ...STRING_COMMANDS,
    ...BIT_COMMANDS,
    ...KEY_COMMANDS,
    ...SCAN_COMMANDS,
    ...HASH_COMMANDS,
    ...TRANSACTION_COMMANDS,
    ...PUB_SUB_COMMANDS,
    ...TREE_COMMANDS,
  ].map((command) => [command.name, command]),
);

/** As most clients write them. */
const IN_CAPITALS: ReadonlyMap<string, Command> = new Map(
  Array.from(COMMANDS, ([name, command]) => [name.toUpperCase(), command]),
);

export function findCommand(name: Buffer): Command | undefined {
  const text = name.toString('latin1');
  return IN_CAPITALS.get(text) ?? COMMANDS.get(text.toLowerCase());
}

/** Redis' own words. */
export function unknownCommand(args: Arguments): RedisError {
  let rest = '';
  for (const argument of args.slice(1)) {
    if (rest.length >= 128) break;
    rest += `'${argument.toString('utf8', 0, 128 - rest.length)}' `;
  }
  return new RedisError(`ERR unknown command '${shown(args[0]!)}', with args beginning with: ${rest}`);
}
