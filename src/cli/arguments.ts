/** The command line's grammar: `sluice COMMAND [--flag value | --flag=value | --switch | --no-switch | word]...` */
import { didYouMean } from '../config.ts';

/** A mistake in the command line: exit code 2. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

export interface FlagSpec {
  readonly flag: string;
  /** What stands for its value in the help; null for a switch, which has none. */
  readonly placeholder: string | null;
}

export interface Arguments {
  readonly flags: ReadonlyMap<string, string | boolean>;
  /** What is no flag and no flag's value. */
  readonly words: readonly string[];
}

/** Throws UsageError for a flag that is not in `specs`, that lacks its value or that comes twice. */
export function parseArguments(args: readonly string[], specs: readonly FlagSpec[]): Arguments {
  const flags = new Map<string, string | boolean>();
  const words: string[] = [];
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--') {
      words.push(...rest);
      break;
    }
    // A dash alone is standard input.
    if (!arg.startsWith('-') || arg === '-') {
      words.push(arg);
      continue;
    }
    const [name, value] = readFlag(arg, rest, specs);
    if (flags.has(name)) throw new UsageError(`--${name} is given twice`);
    flags.set(name, value);
  }
  return { flags, words };
}

/** Takes the flag's value from `rest` if it is the next argument. */
function readFlag(arg: string, rest: string[], specs: readonly FlagSpec[]): [name: string, value: string | boolean] {
  const equals = arg.indexOf('=');
  const written = equals < 0 ? arg : arg.slice(0, equals);
  const inline = equals < 0 ? undefined : arg.slice(equals + 1);
  const name = written.replace(/^--/, '');
  const spec = specs.find((candidate) => candidate.flag === name);
  const negated = specs.find((candidate) => candidate.placeholder === null && `no-${candidate.flag}` === name);
  if (negated !== undefined && inline === undefined && written.startsWith('--')) return [negated.flag, false];
  if (spec === undefined || !written.startsWith('--')) {
    const known = specs.map((candidate) => `--${candidate.flag}`);
    throw new UsageError(`unknown flag ${written}${didYouMean(written.replace(/^-(?!-)/, '--'), known)}`);
  }
  if (spec.placeholder === null) return [name, inline ?? true];
  const value = inline ?? rest.shift();
  if (value === undefined || (inline === undefined && value.startsWith('--'))) {
    throw new UsageError(`--${name} needs a value: --${name} ${spec.placeholder}`);
  }
  return [name, value];
}
