/** Commands about the connection itself: who is there, in which version of the protocol. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { type Arguments, integerOf, Options } from '../arguments.ts';
import { type Client, DEFAULT_USER } from '../client.ts';
import { type Command, commandsOf, NO_KEYS, type RunHere } from '../command.ts';
import { COMPATIBLE_VERSION } from '../compatible-version.ts';
import { RedisError } from '../redis-error.ts';
import type { ReplyWriter } from '../reply-writer.ts';
import { checkName } from './client-commands.ts';
import { checkDatabase } from './key-commands.ts';

/** Who `default` is: the user of that name if there is one, otherwise the one that MySQL's clients take too. */
const DEFAULT_ACCOUNT = 'root';

const ping: RunHere = (args, client, out) => {
  if (args.length > 2) throw new RedisError("ERR wrong number of arguments for 'ping' command");
  if (client.connection.version === 2 && client.subscriptions > 0) {
    out.array(2);
    out.bulk('pong');
    out.bulk(args[1] ?? '');
  } else if (args[1] === undefined) out.simple('PONG');
  else out.bulk(args[1]);
};

const echo: RunHere = (args, _client, out) => out.bulk(args[1]!);

const select: RunHere = (args, _client, out) => {
  checkDatabase(integerOf(args[1]!));
  out.simple('OK');
};

const quit: RunHere = (_args, client, out) => {
  out.simple('OK');
  client.connection.end();
};

/** As after connecting. */
const reset: RunHere = (_args, client, out) => {
  client.multi = null;
  client.watched.clear();
  client.unsubscribeAll();
  client.name = '';
  client.connection.version = 2;
  client.logOut();
  logInWithoutPassword(client);
  out.simple('RESET');
};

/** Lets a client in that needs no password, as on connecting. */
export function logInWithoutPassword(client: Client): void {
  const account = accountOf(client, DEFAULT_USER);
  if (account !== null && account.sha2Hash === null) client.logIn(account.name);
}

function accountOf(client: Client, user: string) {
  const { accounts } = client.server.gate;
  const { host } = client.connection;
  for (const name of user === DEFAULT_USER ? [DEFAULT_USER, DEFAULT_ACCOUNT] : [user]) {
    const found = accounts.find(name, host);
    if (found !== null) return { name, ...found };
  }
  return null;
}

const WRONG_PASSWORD = 'WRONGPASS invalid username-password pair or user is disabled.';
const DECOY = createHash('sha256').update('no account').digest();

/** Throws WRONGPASS. A user without a password is let in with any, as in Redis. */
function logIn(client: Client, user: string, password: Buffer): void {
  const account = accountOf(client, user);
  const stored = account === null ? DECOY : account.sha2Hash;
  const isRight = stored === null || timingSafeEqual(sha256(sha256(password)), stored);
  if (account === null || !isRight) throw new RedisError(WRONG_PASSWORD);
  client.logIn(account.name);
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

const auth: RunHere = (args, client, out) => {
  if (args.length > 3) throw new RedisError('ERR syntax error');
  if (args.length === 2 && accountOf(client, DEFAULT_USER)?.sha2Hash === null)
    throw new RedisError(
      'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
    );
  logIn(client, args.length === 3 ? args[1]!.toString() : DEFAULT_USER, args.at(-1)!);
  out.simple('OK');
};

const hello: RunHere = (args, client, out) => {
  const version = args[1] === undefined ? client.connection.version : versionOf(args[1]);
  const { name, credentials } = helloOptions(args);
  if (credentials !== null) logIn(client, credentials.user, credentials.password);
  if (client.session === null)
    throw new RedisError(
      'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time',
    );
  if (name !== null) client.name = name;
  client.connection.version = version;
  writeGreeting(out, client, version);
};

function versionOf(argument: Buffer): 2 | 3 {
  const version = integerOf(argument, 'ERR Protocol version is not an integer or out of range');
  if (version !== 2 && version !== 3) throw new RedisError('NOPROTO unsupported protocol version');
  return version;
}

function helloOptions(args: Arguments) {
  let name: string | null = null;
  let credentials: { user: string; password: Buffer } | null = null;
  for (const options = new Options(args, 2); !options.isAtEnd; ) {
    const word = options.word();
    const unknown = new RedisError(`ERR Syntax error in HELLO option '${word.toLowerCase()}'`);
    if (options.isAtEnd) throw unknown;
    if (word === 'SETNAME') name = checkName(options.argument());
    else if (word === 'AUTH') {
      const user = options.argument().toString();
      if (options.isAtEnd) throw unknown;
      credentials = { user, password: options.argument() };
    } else throw unknown;
  }
  return { name, credentials };
}

function writeGreeting(out: ReplyWriter, client: Client, version: 2 | 3): void {
  const texts = { server: 'redis', version: COMPATIBLE_VERSION };
  out.map(7);
  for (const [name, text] of Object.entries(texts)) {
    out.bulk(name);
    out.bulk(text);
  }
  out.bulk('proto');
  out.integer(version);
  out.bulk('id');
  out.integer(client.id);
  out.bulk('mode');
  out.bulk('standalone');
  out.bulk('role');
  out.bulk('master');
  out.bulk('modules');
  out.array(0);
}

export const CONNECTION_COMMANDS: readonly Command[] = commandsOf('connection', [
  ['ping', -1, 'fast subscriber', NO_KEYS, 'Answers PONG, or what it is given', { run: ping }],
  ['echo', 2, 'fast', NO_KEYS, 'Answers what it is given', { run: echo }],
  ['hello', -1, 'fast open', NO_KEYS, 'Chooses RESP2 or RESP3; with AUTH and SETNAME', { run: hello }],
  ['auth', -2, 'fast open', NO_KEYS, 'Gives a password, or a user and a password', { run: auth }],
  ['select', 2, 'fast', NO_KEYS, 'Chooses a database: there is 0', { run: select }],
  ['quit', -1, 'fast open subscriber control', NO_KEYS, 'Closes the connection', { run: quit }],
  ['reset', 1, 'fast open subscriber control', NO_KEYS, 'Makes the connection as it was at first', { run: reset }],
]);
