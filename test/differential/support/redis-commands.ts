/** Random commands of Redis' protocol over few keys, so that they meet each other: wrong types, wrong arguments and options in every order included. */
import type { SeededRandom } from '../../../src/util/random.ts';
import type { Word } from '../../support/redis-connection.ts';

/** What puts strings takes the first ones only, for over a hash Sluice puts the value beside the fields. None is below another one. */
const STRING_KEYS = ['a', 'user:1', 'k.x', 'n'];
const HASH_KEYS = ['b', 'user:2', 'k.y', 'é'];
export const KEYS = [...STRING_KEYS, ...HASH_KEYS];
const FIELDS = ['f', 'g', 'name', 'ü', '1'];
const INTEGERS = ['0', '1', '-1', '2', '10', '-7', '1000000'];
const NOT_INTEGERS = ['', 'x', '1.5', '01', '+1', ' 1', '9223372036854775808', '1e3'];
const DECIMALS = ['0.5', '-1.25', '3', '0.1', '0.2', '1e2', '5.0', '100.001', 'x', '', 'inf', 'nan', '-0.5'];
const TEXTS = ['', 'v', 'hello world', '10', '-3', '3.0', 'true', 'null', 'é😀', '\r\n\0', '0', '007', '1.5'];
const BYTES = [Buffer.from([0xff, 0x00, 0x80]), Buffer.from([0x0f]), Buffer.alloc(20, 0xaa)];
const GLOBS = ['*', 'user:*', '?', '[ab]', 'k.*', '*[^12]', 'user:1', 'k\\.x', 'zzz*', '*e*', '[a-', '**', 'é'];

type Maker = (random: CommandRandom) => Word[];

class CommandRandom {
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  pick<T>(from: readonly T[]): T {
    return this.#random.pick(from);
  }

  below(n: number): number {
    return this.#random.below(n);
  }

  key = (): string => this.pick(KEYS);
  string = (): string => this.pick(STRING_KEYS);
  hash = (): string => this.pick(HASH_KEYS);
  two = (): string[] => {
    const keys = this.pick([STRING_KEYS, HASH_KEYS]);
    return [this.pick(keys), this.pick(keys)];
  };
  field = (): string => this.pick(FIELDS);
  integer = (): string => (this.below(12) === 0 ? this.pick(NOT_INTEGERS) : this.pick(INTEGERS));
  small = (): string => (this.below(15) === 0 ? this.pick(NOT_INTEGERS) : String(this.below(30) - 8));
  decimal = (): string => this.pick(DECIMALS);
  value = (): Word => (this.below(8) === 0 ? this.pick(BYTES) : this.pick(TEXTS));
  /** Far enough away for both servers. */
  seconds = (): string => this.pick(['1000', '2000', '100000', '0', '-1', 'x']);
  some = <T>(make: () => T, most = 3): T[] => Array.from({ length: 1 + this.below(most) }, make);
  /** Some of the options, in any order. */
  options = (all: readonly (readonly string[])[]): string[] =>
    all
      .filter(() => this.below(3) === 0)
      .sort(() => this.below(3) - 1)
      .flat();
}

const SET_OPTIONS = (r: CommandRandom) =>
  r.options([
    ['NX'],
    ['XX'],
    ['GET'],
    [r.pick(['EX', 'PX', 'EXAT', 'PXAT', 'KEEPTTL', 'ex', 'BAD'])].flatMap((word) =>
      word === 'KEEPTTL' || word === 'BAD' ? [word] : [word, r.pick(['100000', '9999999999', '0', '-5', 'x'])],
    ),
  ]);

const MAKERS: readonly Maker[] = [
  (r) => ['SET', r.string(), r.value()],
  (r) => ['SET', r.string(), r.value(), ...SET_OPTIONS(r)],
  (r) => ['SETNX', r.string(), r.value()],
  (r) => [r.pick(['SETEX', 'PSETEX']), r.string(), r.pick(['1000', '2000000', '0', '-1', 'x']), r.value()],
  (r) => ['GETSET', r.string(), r.value()],
  (r) => ['GET', r.key()],
  (r) => ['GET', r.key()],
  (r) => ['GETDEL', r.key()],
  (r) => ['GETEX', r.key(), ...r.pick([[], ['PERSIST'], ['EX', r.seconds()], ['PX', '500000'], ['EX']])],
  (r) => ['MGET', ...r.some(r.key)],
  (r) => [r.pick(['MSET', 'MSETNX']), ...r.some(() => [r.string(), r.value()]).flat()],
  (r) => ['MSET', r.key()],
  (r) => ['APPEND', r.string(), r.value()],
  (r) => ['STRLEN', r.key()],
  (r) => [r.pick(['GETRANGE', 'SUBSTR']), r.key(), r.small(), r.small()],
  (r) => ['SETRANGE', r.string(), r.small(), r.value()],
  (r) => [r.pick(['INCR', 'DECR', 'incr']), r.string()],
  (r) => [r.pick(['INCRBY', 'DECRBY']), r.string(), r.integer()],
  (r) => ['INCRBYFLOAT', r.string(), r.decimal()],
  (r) => [r.pick(['DEL', 'UNLINK']), ...r.some(r.key, 2)],
  (r) => [r.pick(['EXISTS', 'TOUCH']), ...r.some(r.key, 4)],
  (r) => ['TYPE', r.key()],
  (r) => ['RENAME', ...r.two()],
  (r) => ['RENAMENX', ...r.two()],
  (r) => ['COPY', ...r.two(), ...r.pick([[], ['REPLACE'], ['DB', '0'], ['BAD']])],
  (r) => [
    'EXPIRE',
    r.key(),
    r.seconds(),
    ...r.pick([[], [], ['NX'], ['XX'], ['GT'], ['LT'], ['NX', 'GT'], ['GT', 'LT'], ['ZZ']]),
  ],
  (r) => ['PEXPIRE', r.key(), r.pick(['1000000', '2000000', '-1', 'x'])],
  (r) => ['EXPIREAT', r.key(), r.pick(['4000000000', '1', '4100000000'])],
  (r) => ['PEXPIREAT', r.key(), r.pick(['4000000000000', '1'])],
  (r) => [r.pick(['EXPIRETIME', 'PEXPIRETIME']), r.key()],
  (r) => ['TTL', r.key()],
  (r) => ['PERSIST', r.key()],
  (r) => ['SETBIT', r.string(), r.pick(['0', '7', '8', '100', '-1', 'x', '33']), r.pick(['0', '1', '2'])],
  (r) => ['GETBIT', r.key(), r.pick(['0', '7', '8', '100', '1000', 'x'])],
  (r) => [
    'BITCOUNT',
    r.key(),
    ...r.pick([[], [r.small(), r.small()], [r.small(), r.small(), r.pick(['BIT', 'BYTE', 'X'])], ['1']]),
  ],
  (r) => [
    'BITPOS',
    r.key(),
    r.pick(['0', '1', '2']),
    ...r.pick([[], [r.small()], [r.small(), r.small()], [r.small(), r.small(), r.pick(['BIT', 'BYTE'])]]),
  ],
  (r) => ['BITOP', r.pick(['AND', 'OR', 'XOR', 'NOT', 'not', 'BAD']), r.string(), ...r.some(r.key, 3)],
  (r) => [r.pick(['HSET', 'HMSET']), r.hash(), ...r.some(() => [r.field(), r.value()]).flat()],
  (r) => ['HSET', r.key(), r.field()],
  (r) => ['HSETNX', r.hash(), r.field(), r.value()],
  (r) => ['HGET', r.key(), r.field()],
  (r) => ['HMGET', r.key(), ...r.some(r.field)],
  (r) => [r.pick(['HEXISTS', 'HSTRLEN']), r.key(), r.field()],
  (r) => ['HDEL', r.key(), ...r.some(r.field)],
  (r) => [r.pick(['HGETALL', 'HKEYS', 'HVALS']), r.key()],
  (r) => ['HLEN', r.key()],
  (r) => ['HINCRBY', r.hash(), r.field(), r.integer()],
  (r) => ['HINCRBYFLOAT', r.hash(), r.field(), r.decimal()],
  (r) => [
    'HSCAN',
    r.key(),
    '0',
    ...r.options([
      ['MATCH', r.pick(['*', 'f*', '[fg]'])],
      ['COUNT', r.pick(['5', '0', 'x'])],
    ]),
  ],
  () => ['KEYS', '*'],
  (r) => ['SCAN', '0', 'COUNT', '1000', 'MATCH', r.pick(GLOBS), 'TYPE', 'string'],
  () => ['SCAN', '0', 'COUNT', '1000', 'TYPE', 'hash'],
  (r) => [
    'SCAN',
    r.pick(['0', 'x']),
    ...r.options([['COUNT', r.pick(['0', 'x'])], ['BAD']]),
    'COUNT',
    '1000',
    'TYPE',
    'string',
  ],
  (r) => ['PING', ...r.pick([[], ['é'], ['a', 'b']])],
  (r) => ['ECHO', r.value()],
  (r) => ['SELECT', r.pick(['0', 'x'])],
  (r) => ['NOSUCH', ...r.some(() => r.pick(['', 'v', 'é😀', 'hello world']))],
  (r) => [r.pick(['GET', 'SET', 'EXPIRE', 'HSET', 'BITOP', 'SCAN', 'COPY'])],
];

/** Transactions come among the others. What is watched is there then: a key that is not, is put and is removed again has not changed for Sluice. */
export function randomCommands(seeded: SeededRandom): Word[][] {
  const random = new CommandRandom(seeded);
  if (random.below(12) === 0) return [[random.pick(['MULTI', 'EXEC', 'EXEC', 'DISCARD', 'UNWATCH'])]];
  const commands = [random.pick(MAKERS)(random)];
  if (random.below(40) !== 0) return commands;
  const key = random.string();
  return [['SET', key, random.value()], ['WATCH', key], ...commands];
}
