/** GET, SET and all that is done to one text. */

import type { Text } from '../../../keys/redis/node.ts';
import { isDecimal } from '../../../keys/redis/numbers.ts';
import type { Expiry, SetOptions, SetResult } from '../../../keys/redis/string-plans.ts';
import { storedText } from '../../../keys/redis/text-values.ts';
import { type Arguments, bigOf, integerOf, Options, textOf, textsOf } from '../arguments.ts';
import { ALL_KEYS, type Asked, type AskTree, type Command, commandsOf, ONE_KEY } from '../command.ts';
import { expiryTime, type TimeUnit } from '../expiry-time.ts';
import { RedisError, SYNTAX } from '../redis-error.ts';
import { writeBulk, writeInteger, writeOk, writeText, writeTexts } from '../replies.ts';

const MAX_STRING_BYTES = 512 * 1024 * 1024;

const get: AskTree = (args) => ({
  command: { op: 'redisGet', key: textOf(args[1]!), reach: 'near' },
  reply: writeText,
});

const mget: AskTree = (args) => ({
  command: { op: 'redisMget', keys: textsOf(args, 1), reach: 'near' },
  reply: writeTexts,
});

const set: AskTree = (args) => {
  const options = setOptions(args);
  return askSet(args[1]!, args[2]!, options, options.get === true ? writePrevious : writeDone);
};

function askSet(key: Buffer, value: Buffer, options: SetOptions, reply: Asked['reply']): Asked {
  const path = textOf(key);
  return { command: { op: 'redisSet', key: path, value: storedText(path, value), options }, reply };
}

const writeDone: Asked['reply'] = (out, { done }: SetResult) => (done ? out.simple('OK') : out.null());
const writePrevious: Asked['reply'] = (out, { previous }: SetResult) => writeText(out, previous);
const writeWhether: Asked['reply'] = (out, { done }: SetResult) => out.integer(done ? 1 : 0);

const PLAIN: SetOptions = { expiry: 'none' };

function setOptions(args: Arguments): SetOptions {
  if (args.length === 3) return PLAIN;
  let expiry: (() => Expiry) | null = null;
  let when: SetOptions['when'];
  let get = false;
  // All the words are looked at before any time is.
  for (const options = new Options(args, 3); !options.isAtEnd; ) {
    const word = options.word();
    if (word === 'GET') get = true;
    else if (word === 'NX' || word === 'XX') {
      const asked = word === 'NX' ? 'absent' : 'present';
      if (when !== undefined && when !== asked) throw new RedisError(SYNTAX);
      when = asked;
    } else {
      if (expiry !== null) throw new RedisError(SYNTAX);
      expiry = word === 'KEEPTTL' ? () => 'keep' : timeOption(word, options, 'set');
    }
  }
  return { expiry: expiry === null ? 'none' : expiry(), get, ...(when !== undefined && { when }) };
}

const UNITS: Readonly<Record<string, TimeUnit>> = { EX: 'EX', PX: 'PX', EXAT: 'EXAT', PXAT: 'PXAT' };

function timeOption(word: string, options: Options, command: string): () => Expiry {
  const unit = UNITS[word];
  if (unit === undefined) throw new RedisError(SYNTAX);
  const time = options.argument();
  return () => expiryTime(time, unit, command, 1n);
}

const setnx: AskTree = (args) => askSet(args[1]!, args[2]!, { expiry: 'none', when: 'absent' }, writeWhether);

const setWithTime =
  (unit: TimeUnit, command: string): AskTree =>
  (args) =>
    askSet(args[1]!, args[3]!, { expiry: expiryTime(args[2]!, unit, command, 1n) }, writeDone);

const getset: AskTree = (args) => askSet(args[1]!, args[2]!, { expiry: 'none', get: true }, writePrevious);

const getdel: AskTree = (args) => ({
  command: { op: 'redisTake', key: textOf(args[1]!), expiry: 'remove' },
  reply: writeText,
});

const getex: AskTree = (args) => {
  let expiry: (() => Expiry) | null = null;
  for (const options = new Options(args, 2); !options.isAtEnd; ) {
    const word = options.word();
    if (expiry !== null) throw new RedisError(SYNTAX);
    expiry = word === 'PERSIST' ? () => 'none' : timeOption(word, options, 'getex');
  }
  const key = textOf(args[1]!);
  return { command: { op: 'redisTake', key, expiry: expiry === null ? 'keep' : expiry() }, reply: writeText };
};

const mset =
  (name: 'mset' | 'msetnx'): AskTree =>
  (args) => {
    if (args.length % 2 === 0) throw new RedisError(`ERR wrong number of arguments for '${name}' command`);
    const entries = textsOf(args, 1, 2).map((key, i) => [key, storedText(key, args[2 * i + 2]!)] as const);
    const reply = name === 'mset' ? writeOk : writeInteger;
    return { command: { op: 'redisMset', entries, ifAbsent: name === 'msetnx' }, reply };
  };

const append: AskTree = (args) => ({
  command: { op: 'redisAppend', key: textOf(args[1]!), addition: args[2]! },
  reply: writeInteger,
});

const strlen: AskTree = (args) => ({
  command: { op: 'redisGet', key: textOf(args[1]!), reach: 'near' },
  reply: (out, text: Text | null) => out.integer(text === null ? 0 : Buffer.byteLength(text)),
});

const getrange: AskTree = (args) => {
  const [start, end] = [integerOf(args[2]!), integerOf(args[3]!)];
  return {
    command: { op: 'redisGet', key: textOf(args[1]!), reach: 'near' },
    reply: (out, text: Text | null) => out.bulk(part(Buffer.from(text ?? ''), start, end)),
  };
};

/** Both ends are part of it; negative: from the end. */
function part(bytes: Buffer, start: number, end: number): Buffer {
  const from = start < 0 ? Math.max(start + bytes.length, 0) : start;
  const to = end < 0 ? Math.max(end + bytes.length, 0) : end;
  return start < 0 && end < 0 && start > end ? bytes.subarray(0, 0) : bytes.subarray(from, to + 1);
}

const setrange: AskTree = (args) => {
  const offset = integerOf(args[2]!);
  if (offset < 0) throw new RedisError('ERR offset is out of range');
  if (offset + args[3]!.length > MAX_STRING_BYTES)
    throw new RedisError('ERR string exceeds maximum allowed size (proto-max-bulk-len)');
  return { command: { op: 'redisSetRange', key: textOf(args[1]!), offset, part: args[3]! }, reply: writeInteger };
};

const add =
  (step: (args: Arguments) => bigint): AskTree =>
  (args) => ({ command: { op: 'redisAdd', key: textOf(args[1]!), by: step(args) }, reply: writeInteger });

function negated(argument: Buffer): bigint {
  const by = bigOf(argument);
  if (by === -(2n ** 63n)) throw new RedisError('ERR decrement would overflow');
  return -by;
}

const incrbyfloat: AskTree = (args) => {
  const by = args[2]!.toString('latin1');
  if (!isDecimal(by)) throw new RedisError('ERR value is not a valid float');
  return { command: { op: 'redisAddDecimal', key: textOf(args[1]!), by }, reply: writeBulk };
};

export const STRING_COMMANDS: readonly Command[] = commandsOf('string', [
  ['get', 2, 'readonly fast', ONE_KEY, 'Gives a value', { ask: get }],
  ['set', -3, 'write', ONE_KEY, 'Sets a value', { ask: set }],
  ['setnx', 3, 'write fast', ONE_KEY, 'Sets a value if there is none', { ask: setnx }],
  [
    'setex',
    4,
    'write',
    ONE_KEY,
    'Sets a value that expires after so many seconds',
    { ask: setWithTime('EX', 'setex') },
  ],
  [
    'psetex',
    4,
    'write',
    ONE_KEY,
    'Sets a value that expires after so many milliseconds',
    { ask: setWithTime('PX', 'psetex') },
  ],
  ['getset', 3, 'write fast', ONE_KEY, 'Sets a value and gives the old one', { ask: getset }],
  ['getdel', 2, 'write fast', ONE_KEY, 'Gives a value and removes it', { ask: getdel }],
  ['getex', -2, 'write fast', ONE_KEY, 'Gives a value and changes when it expires', { ask: getex }],
  ['mget', -2, 'readonly fast', ALL_KEYS, 'Gives several values', { ask: mget }],
  ['mset', -3, 'write', [1, -1, 2], 'Sets several values', { ask: mset('mset') }],
  ['msetnx', -3, 'write', [1, -1, 2], 'Sets several values if none of the keys is there', { ask: mset('msetnx') }],
  ['append', 3, 'write fast', ONE_KEY, 'Appends to a value', { ask: append }],
  ['strlen', 2, 'readonly fast', ONE_KEY, "Gives a value's length in bytes", { ask: strlen }],
  ['getrange', 4, 'readonly', ONE_KEY, 'Gives part of a value', { ask: getrange }],
  ['substr', 4, 'readonly', ONE_KEY, 'Gives part of a value (the old name of GETRANGE)', { ask: getrange }],
  ['setrange', 4, 'write', ONE_KEY, 'Overwrites part of a value', { ask: setrange }],
  ['incr', 2, 'write fast', ONE_KEY, 'Adds 1 to an integer', { ask: add(() => 1n) }],
  ['decr', 2, 'write fast', ONE_KEY, 'Takes 1 from an integer', { ask: add(() => -1n) }],
  ['incrby', 3, 'write fast', ONE_KEY, 'Adds to an integer', { ask: add((args) => bigOf(args[2]!)) }],
  ['decrby', 3, 'write fast', ONE_KEY, 'Takes from an integer', { ask: add((args) => negated(args[2]!)) }],
  ['incrbyfloat', 3, 'write fast', ONE_KEY, 'Adds to a decimal number', { ask: incrbyfloat }],
]);
