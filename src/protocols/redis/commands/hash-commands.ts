/** Commands for hashes: a node's children as its fields. */

import type { Text } from '../../../keys/redis/node.ts';
import { isDecimal } from '../../../keys/redis/numbers.ts';
import { storedText } from '../../../keys/redis/text-values.ts';
import { type Arguments, bigOf, textOf, textsOf } from '../arguments.ts';
import { type AskTree, type Command, commandsOf, ONE_KEY } from '../command.ts';
import { RedisError } from '../redis-error.ts';
import { writeBulk, writeInteger, writeOk, writeText, writeTexts } from '../replies.ts';

const hset =
  (name: 'hset' | 'hmset'): AskTree =>
  (args) => {
    if (args.length % 2 === 1) throw new RedisError(`ERR wrong number of arguments for '${name}' command`);
    return {
      command: { op: 'redisHset', key: textOf(args[1]!), fields: fieldsOf(args), ifAbsent: false },
      reply: name === 'hset' ? writeInteger : writeOk,
    };
  };

const hsetnx: AskTree = (args) => ({
  command: { op: 'redisHset', key: textOf(args[1]!), fields: fieldsOf(args), ifAbsent: true },
  reply: writeInteger,
});

function fieldsOf(args: Arguments) {
  return textsOf(args, 2, 2).map((field, i) => [field, storedText(field, args[2 * i + 3]!)] as const);
}

const hget: AskTree = (args) => ({
  command: { op: 'redisHget', key: textOf(args[1]!), fields: [textOf(args[2]!)], reach: 'near' },
  reply: (out, [text = null]: readonly (Text | null)[]) => writeText(out, text),
});

const hmget: AskTree = (args) => ({
  command: { op: 'redisHget', key: textOf(args[1]!), fields: textsOf(args, 2), reach: 'near' },
  reply: writeTexts,
});

const hexists: AskTree = (args) => ({
  command: { op: 'redisHget', key: textOf(args[1]!), fields: [textOf(args[2]!)], reach: 'near' },
  reply: (out, [text = null]: readonly (Text | null)[]) => out.integer(text === null ? 0 : 1),
});

const hstrlen: AskTree = (args) => ({
  command: { op: 'redisHget', key: textOf(args[1]!), fields: [textOf(args[2]!)], reach: 'near' },
  reply: (out, [text = null]: readonly (Text | null)[]) => out.integer(text === null ? 0 : Buffer.byteLength(text)),
});

const hgetall: AskTree = (args) => ({
  command: { op: 'redisHgetall', key: textOf(args[1]!), values: true, reach: 'near' },
  reply: (out, fields: readonly [string, Text][]) => {
    out.map(fields.length);
    for (const [field, text] of fields) {
      out.bulk(field);
      out.bulk(text);
    }
  },
});

const hkeys: AskTree = (args) => ({
  command: { op: 'redisHgetall', key: textOf(args[1]!), values: false, reach: 'near' },
  reply: (out, fields: readonly [string, Text][]) =>
    writeTexts(
      out,
      fields.map(([field]) => field),
    ),
});

const hvals: AskTree = (args) => ({
  command: { op: 'redisHgetall', key: textOf(args[1]!), values: true, reach: 'near' },
  reply: (out, fields: readonly [string, Text][]) =>
    writeTexts(
      out,
      fields.map(([, text]) => text),
    ),
});

const hlen: AskTree = (args) => ({
  command: { op: 'redisHlen', key: textOf(args[1]!), reach: 'near' },
  reply: writeInteger,
});

const hdel: AskTree = (args) => ({
  command: { op: 'redisHdel', key: textOf(args[1]!), fields: textsOf(args, 2) },
  reply: writeInteger,
});

const hincrby: AskTree = (args) => ({
  command: { op: 'redisHadd', key: textOf(args[1]!), field: textOf(args[2]!), by: bigOf(args[3]!) },
  reply: writeInteger,
});

const hincrbyfloat: AskTree = (args) => {
  const by = args[3]!.toString('latin1');
  if (!isDecimal(by)) throw new RedisError('ERR value is not a valid float');
  if (/inf/i.test(by)) throw new RedisError('ERR value is NaN or Infinity');
  return {
    command: { op: 'redisHaddDecimal', key: textOf(args[1]!), field: textOf(args[2]!), by },
    reply: writeBulk,
  };
};

export const HASH_COMMANDS: readonly Command[] = commandsOf('hash', [
  ['hset', -4, 'write fast', ONE_KEY, 'Sets fields', { ask: hset('hset') }],
  ['hmset', -4, 'write fast', ONE_KEY, 'Sets fields (the old form of HSET)', { ask: hset('hmset') }],
  ['hsetnx', 4, 'write fast', ONE_KEY, 'Sets a field if it is not there', { ask: hsetnx }],
  ['hget', 3, 'readonly fast', ONE_KEY, "Gives a field's value", { ask: hget }],
  ['hmget', -3, 'readonly fast', ONE_KEY, "Gives several fields' values", { ask: hmget }],
  ['hexists', 3, 'readonly fast', ONE_KEY, 'Tells whether a field is there', { ask: hexists }],
  ['hstrlen', 3, 'readonly fast', ONE_KEY, "Gives the length of a field's value in bytes", { ask: hstrlen }],
  ['hgetall', 2, 'readonly', ONE_KEY, 'Gives all fields with their values', { ask: hgetall }],
  ['hkeys', 2, 'readonly', ONE_KEY, 'Gives the names of all fields', { ask: hkeys }],
  ['hvals', 2, 'readonly', ONE_KEY, 'Gives the values of all fields', { ask: hvals }],
  ['hlen', 2, 'readonly fast', ONE_KEY, 'Counts the fields', { ask: hlen }],
  ['hdel', -3, 'write fast', ONE_KEY, 'Removes fields', { ask: hdel }],
  ['hincrby', 4, 'write fast', ONE_KEY, "Adds to a field's integer", { ask: hincrby }],
  ['hincrbyfloat', 4, 'write fast', ONE_KEY, "Adds to a field's decimal number", { ask: hincrbyfloat }],
]);
