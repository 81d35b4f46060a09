/** CLIENT: this connection and the others. */
import { type Arguments, integerOf, wordOf } from '../arguments.ts';
import type { Client } from '../client.ts';
import { type Command, commandsOf, NO_KEYS, type RunHere } from '../command.ts';
import { RedisError, SYNTAX, unknownSubcommand } from '../redis-error.ts';
import type { ReplyWriter } from '../reply-writer.ts';

/** Throws what a name may not hold. */
export function checkName(argument: Buffer): string {
  const name = argument.toString('latin1');
  if (/[^!-~]/.test(name))
    throw new RedisError('ERR Client names cannot contain spaces, newlines or special characters.');
  return name;
}

/** Number of words, CLIENT and the subcommand included; negative: at least so many. */
const SUBCOMMANDS: Readonly<Record<string, readonly [words: number, run: RunHere]>> = {
  ID: [2, (_args, client, out) => out.integer(client.id)],
  GETNAME: [2, (_args, client, out) => (client.name === '' ? out.null() : out.bulk(client.name))],
  SETNAME: [
    3,
    (args, client, out) => {
      client.name = checkName(args[2]!);
      out.simple('OK');
    },
  ],
  SETINFO: [4, setInfo],
  INFO: [2, (_args, client, out) => out.verbatim(`${client.describe()}\n`)],
  LIST: [-2, list],
  KILL: [-3, kill],
  'NO-EVICT': [3, acknowledge],
  'NO-TOUCH': [3, acknowledge],
};

/** Nothing is ever evicted here, and no read touches anything: it is so already, on or off. */
function acknowledge(args: Arguments, _client: Client, out: ReplyWriter): void {
  if (!/^(?:ON|OFF)$/.test(wordOf(args[2]!))) throw new RedisError(SYNTAX);
  out.simple('OK');
}

function setInfo(args: Arguments, client: Client, out: ReplyWriter): void {
  const value = args[3]!.toString('latin1');
  const word = wordOf(args[2]!);
  if (word !== 'LIB-NAME' && word !== 'LIB-VER')
    throw new RedisError(`ERR Unrecognized option '${args[2]!.toString('latin1')}'`);
  if (/[^!-~]/.test(value))
    throw new RedisError(`ERR ${word.toLowerCase()} cannot contain spaces, newlines or special characters.`);
  if (word === 'LIB-NAME') client.libraryName = value;
  else client.libraryVersion = value;
  out.simple('OK');
}

/** All connections, whoever's. */
function list(args: Arguments, client: Client, out: ReplyWriter): void {
  const wanted = filterOf(args.slice(2));
  const lines = [...client.server.clients()].filter(wanted).map((each) => `${each.describe()}\n`);
  out.verbatim(lines.join(''));
}

function kill(args: Arguments, client: Client, out: ReplyWriter): void {
  const { server, connection } = client;
  if (args.length === 3) {
    const address = args[2]!.toString('latin1');
    const found = [...server.clients()].find((each) => each.connection.address === address);
    if (found === undefined) throw new RedisError('ERR No such client');
    out.simple('OK');
    end(found, connection === found.connection);
    return;
  }
  const wanted = filterOf(args.slice(2));
  const skipsMe = !/\bSKIPME NO\b/.test(args.slice(2).map(wordOf).join(' '));
  const found = [...server.clients()].filter((each) => wanted(each) && !(skipsMe && each === client));
  out.integer(found.length);
  for (const each of found) end(each, each === client);
}

/** One's own connection is closed after the answer. */
function end(client: Client, isOwn: boolean): void {
  if (isOwn) client.connection.end();
  else client.connection.destroy();
}

/** `ID n... | TYPE t | ADDR a | LADDR a | USER u | SKIPME yes`, all of them to hold. */
function filterOf(args: Arguments): (client: Client) => boolean {
  const tests: ((client: Client) => boolean)[] = [];
  for (let at = 0; at < args.length; at += 2) {
    const value = args[at + 1]?.toString('latin1');
    if (value === undefined) throw new RedisError(SYNTAX);
    switch (wordOf(args[at]!)) {
      case 'ID': {
        const ids = new Set<number>();
        // CLIENT LIST takes several.
        do ids.add(integerOf(args[++at]!, 'ERR client-id should be greater than 0'));
        while (args[at + 1] !== undefined && /^\d+$/.test(args[at + 1]!.toString('latin1')));
        at--;
        tests.push(({ id }) => ids.has(id));
        break;
      }
      case 'ADDR':
        tests.push(({ connection }) => connection.address === value);
        break;
      case 'LADDR':
        tests.push(({ connection }) => connection.localAddress === value);
        break;
      case 'USER':
        tests.push(({ user }) => user === value);
        break;
      case 'TYPE':
        if (!/^(?:normal|pubsub|master|replica|slave)$/i.test(value))
          throw new RedisError(`ERR Unknown client type '${value}'`);
        tests.push(({ subscriptions }) => value.toLowerCase() === (subscriptions > 0 ? 'pubsub' : 'normal'));
        break;
      case 'SKIPME':
        if (!/^(?:yes|no)$/i.test(value)) throw new RedisError(SYNTAX);
        break;
      default:
        throw new RedisError(SYNTAX);
    }
  }
  return (client) => tests.every((test) => test(client));
}

const client: RunHere = (args, of, out) => {
  const word = wordOf(args[1]!);
  const found = Object.hasOwn(SUBCOMMANDS, word) ? SUBCOMMANDS[word] : undefined;
  if (found === undefined) throw unknownSubcommand('CLIENT', args[1]!);
  const [words, run] = found;
  if (words >= 0 ? args.length !== words : args.length < -words)
    throw new RedisError(`ERR wrong number of arguments for 'client|${word.toLowerCase()}' command`);
  run(args, of, out);
};

export const CLIENT_COMMANDS: readonly Command[] = commandsOf('connection', [
  [
    'client',
    -2,
    '',
    NO_KEYS,
    'This connection and the others',
    { run: client, subcommands: Object.keys(SUBCOMMANDS).map((name) => name.toLowerCase()) },
  ],
]);
