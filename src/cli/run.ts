/** From the arguments to a command and its exit code: 0 done, 1 failed, 2 wrongly asked. */
import { ConfigError, didYouMean } from '../config.ts';
import { SLUICE_VERSION } from '../version.ts';
import { parseArguments, UsageError } from './arguments.ts';
import { backupCommand } from './backup.ts';
import { checkCommand } from './check.ts';
import type { Command, Terminal } from './command.ts';
import { commandHelpText, helpText } from './help.ts';
import { importCommand } from './import.ts';
import { restoreCommand } from './restore.ts';
import { serveCommand } from './serve.ts';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

const COMMANDS: readonly Command[] = [serveCommand, importCommand, backupCommand, restoreCommand, checkCommand];

const HELP = { flag: 'help', placeholder: null } as const;

export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await dispatch(args, terminal);
  } catch (error) {
    const wrong = error instanceof UsageError || error instanceof ConfigError;
    terminal.err(`sluice: ${error instanceof Error ? messageOf(error) : String(error)}\n`);
    return wrong ? EXIT_USAGE : EXIT_FAILED;
  }
}

async function dispatch([first, ...rest]: readonly string[], terminal: Terminal): Promise<number> {
  if (first === undefined) {
    terminal.err(helpText(COMMANDS));
    return EXIT_USAGE;
  }
  if (first === '--help' || first === '-h' || first === 'help') {
    terminal.out(helpText(COMMANDS));
    return 0;
  }
  if (first === '--version' || first === '-v') {
    terminal.out(`sluice ${SLUICE_VERSION}\n`);
    return 0;
  }
  const command = findCommand(first);
  const parsed = parseArguments(
    rest.map((arg) => (arg === '-h' ? '--help' : arg)),
    [...command.flags, HELP],
  );
  if (parsed.flags.get('help') === true) {
    terminal.out(commandHelpText(command));
    return 0;
  }
  const surplus = parsed.words[command.words];
  if (surplus !== undefined) throw new UsageError(`${command.name} does not know what to do with ${surplus}`);
  if (parsed.words.length < command.words) throw new UsageError(`usage: sluice ${command.name} ${command.usage}`);
  return command.run(parsed, terminal);
}

function findCommand(name: string): Command {
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command !== undefined) return command;
  const names = COMMANDS.map((candidate) => candidate.name);
  if (name.startsWith('-')) throw new UsageError(`the command comes first: sluice COMMAND ${name}`);
  throw new UsageError(`unknown command ${name}${didYouMean(name, names)}; \`sluice --help\` lists them all`);
}

/** Failures that are expected say it in a sentence; of others the place is worth more than the words. */
function messageOf(error: Error): string {
  const expected = ['UsageError', 'ConfigError', 'SluiceError', 'ImportError'].includes(error.name) || 'code' in error;
  return expected ? error.message : (error.stack ?? error.message);
}
