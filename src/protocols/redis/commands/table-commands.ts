/** COMMAND: the table of commands about itself, for clients that look at it. */
import { wordOf } from '../arguments.ts';
import { type Command, type CommandFlag, commandsOf, NO_KEYS, type RunHere } from '../command.ts';
import { RedisError, unknownSubcommand } from '../redis-error.ts';
import type { ReplyWriter } from '../reply-writer.ts';

/** As COMMAND names them. */
const FLAG_NAMES: { readonly [Flag in CommandFlag]?: string } = {
  write: 'write',
  readonly: 'readonly',
  fast: 'fast',
  open: 'no_auth',
  admin: 'admin',
  pubsub: 'pubsub',
};

/** `table`: all commands by their names; given when it is complete. */
export function tableCommands(table: () => ReadonlyMap<string, Command>): readonly Command[] {
  const command: RunHere = (args, _client, out) => {
    const word = args[1] === undefined ? 'INFO' : wordOf(args[1]);
    const names = args.slice(2).map((name) => name.toString('latin1').toLowerCase());
    switch (word) {
      case 'COUNT':
        return out.integer(table().size);
      case 'INFO': {
        const asked = names.length === 0 ? [...table().keys()] : names;
        out.array(asked.length);
        for (const name of asked) writeInfo(out, table().get(name));
        return;
      }
      case 'DOCS':
        return writeDocs(out, names.length === 0 ? [...table().values()] : known(table(), names));
      case 'LIST':
        out.array(table().size);
        for (const name of table().keys()) out.bulk(name);
        return;
      case 'GETKEYS':
        return writeKeys(out, table(), args.slice(2));
      default:
        throw unknownSubcommand('COMMAND', args[1]!);
    }
  };
  return commandsOf('server', [
    [
      'command',
      -1,
      '',
      NO_KEYS,
      'Tells of the commands',
      { run: command, subcommands: ['count', 'docs', 'info', 'list', 'getkeys'] },
    ],
  ]);
}

function known(table: ReadonlyMap<string, Command>, names: readonly string[]): Command[] {
  return names.flatMap((name) => table.get(name) ?? []);
}

/** As in Redis 7: tips and key specifications are left empty. */
function writeInfo(out: ReplyWriter, command: Command | undefined): void {
  if (command === undefined) {
    out.nullArray();
    return;
  }
  const { name, arity, flags, keys, subcommands = [] } = command;
  const shown = flags.flatMap((flag) => FLAG_NAMES[flag] ?? []);
  out.array(10);
  out.bulk(name);
  out.integer(arity);
  out.set(shown.length);
  for (const flag of shown) out.simple(flag);
  for (const place of keys) out.integer(place);
  out.set(1);
  out.simple(`@${command.group}`);
  out.array(0);
  out.array(0);
  out.array(subcommands.length);
  for (const subcommand of subcommands) writeInfo(out, { ...command, name: `${name}|${subcommand}`, subcommands: [] });
}

function writeDocs(out: ReplyWriter, commands: readonly Command[]): void {
  out.map(commands.length);
  for (const { name, summary, group, subcommands = [] } of commands) {
    out.bulk(name);
    out.map(subcommands.length > 0 ? 4 : 3);
    out.bulk('summary');
    out.bulk(summary);
    out.bulk('since');
    out.bulk('7.0.0');
    out.bulk('group');
    out.bulk(group);
    if (subcommands.length === 0) continue;
    out.bulk('subcommands');
    out.map(subcommands.length);
    for (const subcommand of subcommands) {
      out.bulk(`${name}|${subcommand}`);
      out.map(3);
      for (const [field, text] of [
        ['summary', `${name.toUpperCase()} ${subcommand.toUpperCase()}`],
        ['since', '7.0.0'],
        ['group', group],
      ] as const) {
        out.bulk(field);
        out.bulk(text);
      }
    }
  }
}

function writeKeys(out: ReplyWriter, table: ReadonlyMap<string, Command>, args: readonly Buffer[]): void {
  const command = args[0] === undefined ? undefined : table.get(args[0].toString('latin1').toLowerCase());
  if (command === undefined) throw new RedisError('ERR Invalid command specified');
  const [first, last, step] = command.keys;
  if (first === 0) throw new RedisError('ERR The command has no key arguments');
  const keys = args.filter(
    (_, at) => at >= first && at <= (last < 0 ? args.length + last : last) && (at - first) % step === 0,
  );
  out.array(keys.length);
  for (const key of keys) out.bulk(key);
}
