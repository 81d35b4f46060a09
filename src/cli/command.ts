import type { Arguments, FlagSpec } from './arguments.ts';

/** Where a command writes; the process' own streams, or a test's. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** One of sluice's commands. */
export interface Command {
  readonly name: string;
  /** What follows the name in `usage:`. */
  readonly usage: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  readonly flags: readonly (FlagSpec & { readonly help: string; readonly defaultText?: string })[];
  /** How many words it takes. */
  readonly words: number;
  /** Resolves with the exit code. */
  readonly run: (args: Arguments, terminal: Terminal) => Promise<number>;
}
