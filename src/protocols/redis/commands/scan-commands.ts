/** Commands that go over many keys. */

import { parseGlob, type RedisGlob } from '../../../keys/redis/glob.ts';
import type { Text } from '../../../keys/redis/node.ts';
import type { ScanPage } from '../../../keys/redis/scan-plans.ts';
import { integerOf, Options, textOf } from '../arguments.ts';
import { type Asked, type AskTree, type Command, commandsOf, NO_KEYS, ONE_KEY } from '../command.ts';
import { RedisError, SYNTAX } from '../redis-error.ts';
import { writeText } from '../replies.ts';

const COUNT_DEFAULT = 10;
/** Beyond it a step is not the front's. */
const NEAR_COUNT_MAX = 200;
/** Fields of a step of HSCAN, at the least: a hash of no more comes at once, as small ones do in Redis. */
const FIELDS_MIN = 500;

interface ScanOptions {
  readonly pattern: string | null;
  readonly count: number;
  readonly type: string | null;
}

function scanOptions(options: Options, mayHaveType: boolean): ScanOptions {
  let pattern: string | null = null;
  let count = COUNT_DEFAULT;
  let type: string | null = null;
  while (!options.isAtEnd) {
    const word = options.word();
    if (word === 'MATCH') pattern = textOf(options.argument());
    else if (word === 'COUNT') {
      count = integerOf(options.argument());
      if (count < 1) throw new RedisError(SYNTAX);
    } else if (word === 'TYPE' && mayHaveType) type = options.argument().toString('latin1').toLowerCase();
    else throw new RedisError(SYNTAX);
  }
  return { pattern, count, type };
}

const scan: AskTree = (args, { server: { cursors } }) => {
  const after = cursors.read(args[1]!.toString('latin1'));
  const { pattern, count, type } = scanOptions(new Options(args, 2), true);
  const kind = type === 'hash' ? 'hash' : 'any';
  // Types that there are not have no keys.
  const isNone = type !== null && type !== 'hash' && type !== 'string';
  return {
    command: { op: 'redisScan', pattern, kind, after, count, reach: count <= NEAR_COUNT_MAX ? 'near' : 'far' },
    reply: (out, page: ScanPage) => {
      const keys = isNone ? [] : page.keys;
      out.array(2);
      out.bulk(cursors.write(page.after));
      out.array(keys.length);
      for (const key of keys) out.bulk(key);
    },
  };
};

const hscan: AskTree = (args, { server: { cursors } }) => {
  const key = textOf(args[1]!);
  const after = cursors.read(args[2]!.toString('latin1'));
  const { pattern, count } = scanOptions(new Options(args, 3), false);
  const glob = pattern === null ? null : parseGlob(pattern);
  return {
    command: { op: 'redisHgetall', key, values: true, reach: 'near' },
    reply: (out, fields: readonly [string, Text][]) => {
      const page = pageOf(fields, after, Math.max(count, FIELDS_MIN));
      out.array(2);
      out.bulk(cursors.write(page.after));
      writeMatching(out, page.fields, glob);
    },
  };
};

function pageOf(fields: readonly [string, Text][], after: string | null, count: number) {
  const start = after === null ? 0 : fields.findIndex(([field]) => field === after) + 1;
  const end = start + count;
  return { fields: fields.slice(start, end), after: end < fields.length ? fields[end - 1]![0] : null };
}

function writeMatching(
  out: Parameters<Asked['reply']>[0],
  fields: readonly [string, Text][],
  glob: RedisGlob | null,
): void {
  const found = glob === null ? fields : fields.filter(([field]) => glob.matches(field));
  out.array(found.length * 2);
  for (const [field, text] of found) {
    out.bulk(field);
    out.bulk(text);
  }
}

const keys: AskTree = (args) => ({
  command: { op: 'redisKeys', pattern: textOf(args[1]!) },
  reply: (out, found: readonly string[]) => {
    out.array(found.length);
    for (const key of found) out.bulk(key);
  },
});

const randomkey: AskTree = () => ({ command: { op: 'redisRandom', random: Math.random() }, reply: writeText });

const dbsize: AskTree = () => ({
  command: { op: 'redisCount' },
  reply: (out, { keys: count }: { keys: number }) => out.integer(count),
});

export const SCAN_COMMANDS: readonly Command[] = [
  ...commandsOf('generic', [
    ['keys', 2, 'readonly', NO_KEYS, 'Gives all keys that a pattern matches', { ask: keys }],
    ['scan', -2, 'readonly', NO_KEYS, 'Goes over the keys, some at a time', { ask: scan }],
    ['randomkey', 1, 'readonly', NO_KEYS, 'Gives a key at random', { ask: randomkey }],
  ]),
  ...commandsOf('hash', [
    ['hscan', -3, 'readonly', ONE_KEY, "Goes over a hash's fields, some at a time", { ask: hscan }],
  ]),
  ...commandsOf('server', [
    ['dbsize', 1, 'readonly fast', NO_KEYS, 'Counts the keys that hold values', { ask: dbsize }],
  ]),
];
