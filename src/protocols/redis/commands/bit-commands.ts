/** Commands for the bits of a value. */
import { type BitOperation, type BitRange, checkBit } from '../../../keys/redis/bit-plans.ts';
import { type Arguments, integerOf, textOf, textsOf, wordOf } from '../arguments.ts';
import { type AskTree, type Command, commandsOf, ONE_KEY } from '../command.ts';
import { RedisError, SYNTAX } from '../redis-error.ts';
import { writeInteger } from '../replies.ts';

const NOT_AN_OFFSET = 'ERR bit offset is not an integer or out of range';

function offsetOf(argument: Buffer): number {
  return checkBit(integerOf(argument, NOT_AN_OFFSET));
}

function bitOf(argument: Buffer, message: string): 0 | 1 {
  const text = argument.toString('latin1');
  if (text !== '0' && text !== '1') throw new RedisError(message);
  return text === '1' ? 1 : 0;
}

const setbit: AskTree = (args) => {
  const bit = offsetOf(args[2]!);
  const value = bitOf(args[3]!, 'ERR bit is not an integer or out of range');
  return { command: { op: 'redisSetBit', key: textOf(args[1]!), bit, value }, reply: writeInteger };
};

const getbit: AskTree = (args) => ({
  command: { op: 'redisGetBit', key: textOf(args[1]!), bit: offsetOf(args[2]!), reach: 'near' },
  reply: writeInteger,
});

const bitcount: AskTree = (args) => {
  if (args.length === 3) throw new RedisError(SYNTAX);
  const range = args.length === 2 ? null : rangeOf(args, 2);
  return { command: { op: 'redisBitCount', key: textOf(args[1]!), range }, reply: writeInteger };
};

/** `start [end [BYTE|BIT]]` from an argument on. */
function rangeOf(args: Arguments, at: number): BitRange & { readonly hasEnd: boolean } {
  if (args.length > at + 3) throw new RedisError(SYNTAX);
  const start = integerOf(args[at]!);
  const last = args[at + 1];
  const unit = args[at + 2] === undefined ? 'BYTE' : wordOf(args[at + 2]!);
  if (unit !== 'BYTE' && unit !== 'BIT') throw new RedisError(SYNTAX);
  return {
    start,
    end: last === undefined ? -1 : integerOf(last),
    unit: unit === 'BYTE' ? 'byte' : 'bit',
    hasEnd: last !== undefined,
  };
}

const bitpos: AskTree = (args) => {
  const bit = bitOf(args[2]!, 'ERR The bit argument must be 1 or 0.');
  const range = args.length === 3 ? null : rangeOf(args, 3);
  return { command: { op: 'redisBitPos', key: textOf(args[1]!), bit, range }, reply: writeInteger };
};

const OPERATIONS: Readonly<Record<string, BitOperation>> = { AND: 'and', OR: 'or', XOR: 'xor', NOT: 'not' };

const bitop: AskTree = (args) => {
  const operation = OPERATIONS[wordOf(args[1]!)];
  if (operation === undefined) throw new RedisError(SYNTAX);
  if (operation === 'not' && args.length !== 4)
    throw new RedisError('ERR BITOP NOT must be called with a single source key.');
  return {
    command: { op: 'redisBitOp', operation, target: textOf(args[2]!), sources: textsOf(args, 3) },
    reply: writeInteger,
  };
};

export const BIT_COMMANDS: readonly Command[] = commandsOf('bitmap', [
  ['setbit', 4, 'write', ONE_KEY, 'Sets a bit and gives the old one', { ask: setbit }],
  ['getbit', 3, 'readonly fast', ONE_KEY, 'Gives a bit', { ask: getbit }],
  ['bitcount', -2, 'readonly', ONE_KEY, 'Counts the ones', { ask: bitcount }],
  ['bitpos', -3, 'readonly', ONE_KEY, 'Finds the first 0 or 1', { ask: bitpos }],
  ['bitop', -4, 'write', [2, -1, 1], 'Combines the bits of several keys', { ask: bitop }],
]);
