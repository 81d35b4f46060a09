/** Commands for keys of either kind: strings and hashes. */
import type { ExpireCondition, NodeKind } from '../../../keys/redis/key-plans.ts';
import { type Arguments, integerOf, Options, textOf, textsOf, wordOf } from '../arguments.ts';
import { ALL_KEYS, type Asked, type AskTree, type Command, commandsOf, ONE_KEY } from '../command.ts';
import { expiryTime, type TimeUnit } from '../expiry-time.ts';
import { RedisError, SYNTAX } from '../redis-error.ts';
import { writeInteger, writeOk } from '../replies.ts';

const remove: AskTree = (args) => ({ command: { op: 'redisRemove', keys: textsOf(args, 1) }, reply: writeInteger });

const exists: AskTree = (args) => ({
  command: { op: 'redisExist', keys: textsOf(args, 1), reach: 'near' },
  reply: writeInteger,
});

const type: AskTree = (args) => ({
  command: { op: 'redisType', key: textOf(args[1]!), reach: 'near' },
  reply: (out, kind: NodeKind) => out.simple(kind),
});

const rename =
  (ifAbsent: boolean): AskTree =>
  (args) => ({
    command: { op: 'redisRename', key: textOf(args[1]!), to: textOf(args[2]!), ifAbsent },
    reply: ifAbsent ? writeInteger : writeOk,
  });

const copy: AskTree = (args) => {
  let replace = false;
  for (const options = new Options(args, 3); !options.isAtEnd; ) {
    const word = options.word();
    if (word === 'REPLACE') replace = true;
    else if (word === 'DB') checkDatabase(integerOf(options.argument()));
    else throw new RedisError(SYNTAX);
  }
  const [key, to] = [textOf(args[1]!), textOf(args[2]!)];
  if (key === to) throw new RedisError('ERR source and destination objects are the same');
  return { command: { op: 'redisCopy', key, to, replace }, reply: writeInteger };
};

/** There is one. */
export function checkDatabase(index: number): void {
  if (index !== 0) throw new RedisError('ERR DB index is out of range');
}

const expire =
  (unit: TimeUnit, name: string): AskTree =>
  (args) => {
    const conditions = conditionsOf(args);
    const time = expiryTime(args[2]!, unit, name);
    return { command: { op: 'redisExpire', key: textOf(args[1]!), time, conditions }, reply: writeInteger };
  };

function conditionsOf(args: Arguments): ExpireCondition[] {
  const conditions: ExpireCondition[] = [];
  for (const options = new Options(args, 3); !options.isAtEnd; ) {
    const given = options.argument();
    const word = wordOf(given);
    if (word !== 'NX' && word !== 'XX' && word !== 'GT' && word !== 'LT')
      throw new RedisError(`ERR Unsupported option ${given.toString()}`);
    conditions.push(word);
  }
  if (conditions.includes('NX') && conditions.length > 1)
    throw new RedisError('ERR NX and XX, GT or LT options at the same time are not compatible');
  if (conditions.includes('GT') && conditions.includes('LT'))
    throw new RedisError('ERR GT and LT options at the same time are not compatible');
  return conditions;
}

const persist: AskTree = (args) => ({
  command: { op: 'redisExpire', key: textOf(args[1]!), time: null, conditions: [] },
  reply: writeInteger,
});

/** `show`: of an expiry. Without one the answer is -1, without the key -2. */
const expiry =
  (show: (at: number) => number): AskTree =>
  (args) => ({
    command: { op: 'redisExpiry', key: textOf(args[1]!), reach: 'near' },
    reply: writeExpiry(show),
  });

function writeExpiry(show: (at: number) => number): Asked['reply'] {
  return (out, at: number | null | undefined) => out.integer(at === undefined ? -2 : at === null ? -1 : show(at));
}

const left = (at: number): number => Math.max(at - Date.now(), 0);

export const KEY_COMMANDS: readonly Command[] = commandsOf('generic', [
  ['del', -2, 'write', ALL_KEYS, 'Removes keys; of a hash the fields', { ask: remove }],
  ['unlink', -2, 'write fast', ALL_KEYS, 'Removes keys, as DEL', { ask: remove }],
  ['exists', -2, 'readonly fast', ALL_KEYS, 'Counts the keys that are there', { ask: exists }],
  ['touch', -2, 'readonly fast', ALL_KEYS, 'Counts the keys that are there, as EXISTS', { ask: exists }],
  ['type', 2, 'readonly fast', ONE_KEY, 'Tells string, hash or none', { ask: type }],
  ['rename', 3, 'write', [1, 2, 1], 'Renames a key, over another one', { ask: rename(false) }],
  ['renamenx', 3, 'write fast', [1, 2, 1], 'Renames a key if the new one is not there', { ask: rename(true) }],
  ['copy', -3, 'write', [1, 2, 1], 'Copies a key', { ask: copy }],
  ['expire', -3, 'write fast', ONE_KEY, 'Lets a key expire after so many seconds', { ask: expire('EX', 'expire') }],
  [
    'pexpire',
    -3,
    'write fast',
    ONE_KEY,
    'Lets a key expire after so many milliseconds',
    { ask: expire('PX', 'pexpire') },
  ],
  [
    'expireat',
    -3,
    'write fast',
    ONE_KEY,
    'Lets a key expire at a time in seconds',
    { ask: expire('EXAT', 'expireat') },
  ],
  [
    'pexpireat',
    -3,
    'write fast',
    ONE_KEY,
    'Lets a key expire at a time in milliseconds',
    { ask: expire('PXAT', 'pexpireat') },
  ],
  ['persist', 2, 'write fast', ONE_KEY, 'Takes the expiry from a key', { ask: persist }],
  [
    'ttl',
    2,
    'readonly fast',
    ONE_KEY,
    'Gives the seconds until a key expires',
    { ask: expiry((at) => Math.floor((left(at) + 500) / 1000)) },
  ],
  ['pttl', 2, 'readonly fast', ONE_KEY, 'Gives the milliseconds until a key expires', { ask: expiry(left) }],
  [
    'expiretime',
    2,
    'readonly fast',
    ONE_KEY,
    'Gives the time in seconds at which a key expires',
    { ask: expiry((at) => Math.floor((at + 500) / 1000)) },
  ],
  [
    'pexpiretime',
    2,
    'readonly fast',
    ONE_KEY,
    'Gives the time in milliseconds at which a key expires',
    { ask: expiry((at) => at) },
  ],
]);
