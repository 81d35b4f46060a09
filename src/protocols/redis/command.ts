/** What a command is: a line of the table that COMMAND shows, and how it is carried out. */
import type { KeyCommand } from '../../keys/command.ts';
import type { Arguments } from './arguments.ts';
import type { Client } from './client.ts';
import type { ReplyWriter } from './reply-writer.ts';

export type CommandGroup =
  | 'generic'
  | 'string'
  | 'bitmap'
  | 'hash'
  | 'transactions'
  | 'pubsub'
  | 'connection'
  | 'server'
  | 'sluice';

/** `open`: before the password too. `subscriber`: also while subscribed in RESP2. `control`: within MULTI at once, not queued. */
export type CommandFlag = 'write' | 'readonly' | 'fast' | 'open' | 'subscriber' | 'control' | 'admin' | 'pubsub';

/** What is asked of the tree, and how the answer is written. */
export interface Asked {
  readonly command: KeyCommand;
  /** `result`: KeyResult of the command's op. */
  readonly reply: (out: ReplyWriter, result: never) => void;
}

export type AskTree = (args: Arguments, client: Client) => Asked;
export type RunHere = (args: Arguments, client: Client, out: ReplyWriter) => void;

export interface Command {
  readonly name: string;
  /** Words, the name included; negative: at least so many. */
  readonly arity: number;
  readonly flags: readonly CommandFlag[];
  /** Places of keys: the first, the last (negative: from the end), the step. 0: there are none. */
  readonly keys: readonly [first: number, last: number, step: number];
  readonly group: CommandGroup;
  readonly summary: string;
  /** Within a pipeline others may follow it before it is answered. */
  readonly isWrite: boolean;
  /** Before the password too. */
  readonly isOpen: boolean;
  /** Within MULTI at once, not queued. */
  readonly isControl: boolean;
  /** Either it asks the tree, or it is answered here. */
  readonly ask?: AskTree;
  readonly run?: RunHere;
  readonly subcommands?: readonly string[];
}

export const NO_KEYS = [0, 0, 0] as const;
export const ONE_KEY = [1, 1, 1] as const;
export const ALL_KEYS = [1, -1, 1] as const;

/** `[name, arity, flags, keys, summary, how]`: a line of a table. */
export type CommandLine = readonly [
  name: string,
  arity: number,
  flags: string,
  keys: Command['keys'],
  summary: string,
  how: { readonly ask: AskTree } | { readonly run: RunHere; readonly subcommands?: readonly string[] },
];

export function commandsOf(group: CommandGroup, lines: readonly CommandLine[]): Command[] {
  return lines.map(([name, arity, words, keys, summary, how]) => {
    const flags = words.split(' ').filter((flag) => flag !== '') as CommandFlag[];
    const traits = {
      isWrite: flags.includes('write') && 'ask' in how,
      isOpen: flags.includes('open'),
      isControl: flags.includes('control'),
    };
    return { name, arity, flags, keys, group, summary, ...traits, ...how };
  });
}

export function fitsArity({ arity }: Command, words: number): boolean {
  return arity >= 0 ? words === arity : words >= -arity;
}
