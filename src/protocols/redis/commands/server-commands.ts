/** Commands about the server: INFO, CONFIG GET, TIME, WAIT, FLUSHDB. */
import { parseGlob } from '../../../keys/redis/glob.ts';
import { integerOf, wordOf } from '../arguments.ts';
import { type AskTree, type Command, commandsOf, NO_KEYS, type RunHere } from '../command.ts';
import { infoText, needsKeyCount } from '../info.ts';
import { RedisError, SYNTAX, unknownSubcommand } from '../redis-error.ts';
import { writeOk } from '../replies.ts';

const info: AskTree = (args, { server }) => {
  const sections = args.slice(1).map((section) => section.toString('latin1').toLowerCase());
  return {
    command: needsKeyCount(server, sections) ? { op: 'redisCount' } : { op: 'batch', commands: [], atomic: 'each' },
    reply: (out, count: { keys: number; expiring: number } | { done: boolean }) => {
      if ('keys' in count) server.keyCount = { ...count, at: Date.now() };
      out.verbatim(infoText(server, sections));
    },
  };
};

const config: RunHere = (args, { server }, out) => {
  const word = wordOf(args[1]!);
  if (word === 'SET' || word === 'RESETSTAT' || word === 'REWRITE')
    throw new RedisError(`ERR CONFIG ${word} is not supported: options are given when the server is started`);
  if (word !== 'GET') throw unknownSubcommand('CONFIG', args[1]!);
  if (args.length < 3) throw new RedisError("ERR wrong number of arguments for 'config|get' command");
  const globs = args.slice(2).map((pattern) => parseGlob(pattern.toString('latin1').toLowerCase()));
  const found = [...server.settings].filter(([name]) => globs.some((glob) => glob.matches(name)));
  out.map(found.length);
  for (const [name, value] of found) {
    out.bulk(name);
    out.bulk(value);
  }
};

const time: RunHere = (_args, _client, out) => {
  const micros = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000));
  out.array(2);
  out.bulk(String(micros / 1_000_000n));
  out.bulk(String(micros % 1_000_000n));
};

/** There are no replicas. What was answered before is durable. */
const wait: RunHere = (args, _client, out) => {
  integerOf(args[1]!);
  if (integerOf(args[2]!, 'ERR timeout is not an integer or out of range') < 0)
    throw new RedisError('ERR timeout is negative');
  out.integer(0);
};

const flush: AskTree = (args) => {
  if (args.length > 2 || (args.length === 2 && !/^(?:A?SYNC)$/.test(wordOf(args[1]!)))) throw new RedisError(SYNTAX);
  return { command: { op: 'removeAll', pattern: '*' }, reply: writeOk };
};

export const SERVER_COMMANDS: readonly Command[] = commandsOf('server', [
  ['info', -1, '', NO_KEYS, 'Tells of the server', { ask: info }],
  ['config', -2, 'admin', NO_KEYS, 'CONFIG GET shows settings', { run: config, subcommands: ['get'] }],
  ['time', 1, 'fast', NO_KEYS, "Gives the server's time", { run: time }],
  ['wait', 3, '', NO_KEYS, 'Waits for replicas: there are none', { run: wait }],
  ['flushdb', -1, 'write admin', NO_KEYS, 'Removes all keys', { ask: flush }],
  ['flushall', -1, 'write admin', NO_KEYS, 'Removes all keys', { ask: flush }],
]);
