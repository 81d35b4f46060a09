/** Random key commands: the tree's own and Redis', on few keys, so that they meet. Times are absolute and far away: two stores asked one after the other agree. */
import type { KeyCommand, RedisKeyCommand, SingleKeyCommand } from '../../../src/keys/command.ts';
import type { KeyFilter } from '../../../src/keys/filters.ts';
import type { KeySetQuery } from '../../../src/keys/key-set-plans.ts';
import { encodeValue, KeyPointer } from '../../../src/keys/values.ts';
import { SeededRandom } from '../../../src/util/random.ts';

const KEYS = ['a', 'a.b', 'a.c', 'a.b.c', 'a.é', 'b', 'b.a', 'b.b', 'b-1', 'b/1', '😀', '😀.a', 'ﬀ.x', 'z '];
const PATTERNS = ['*', 'a.*', 'a', '*.b', 'a.*.c', 'b*', '*.*', 'z*', '😀.*'];
const GLOBS = ['*', 'a*', '?.b', '[ab].*', 'nothing', 'b?1'];
const LATER = Date.UTC(2100, 0, 1);
const LONG_AGO = Date.UTC(2000, 0, 1);
const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  7,
  -12,
  0.1,
  1e300,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 53,
  5n,
  2n ** 63n,
  10n ** 30n,
  '',
  'li',
  'a\0b',
  'quote \' \\ "',
  '12',
  '😀',
  new Uint8Array(),
  Uint8Array.of(0, 255, 39),
  new Date(5),
  [1, 'x', null],
  { a: { b: 1n } },
  new Map([[1, 'one']]),
  new Set(['x']),
  new KeyPointer('b'),
  new KeyPointer('b.a'),
];
const FILTERS: readonly KeyFilter[] = [
  { test: 'gt', operands: [5] },
  { test: 'betweenInclusive', operands: [0, 2n ** 63n] },
  { test: 'contains', operands: ['i'] },
  { test: 'matches', operands: ['[a-z]+'] },
  { test: 'not', filter: { test: 'ne', operands: [0] } },
  {
    test: 'or',
    filters: [
      { test: 'later', operands: [new Date(1)] },
      { test: 'startsWith', operands: ['a'] },
    ],
  },
];

export function randomCommands(seed: number, count: number): KeyCommand[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: count }, () => (random.below(6) === 0 ? batch(random) : single(random)));
}

function pick<T>(random: SeededRandom, from: readonly T[]): T {
  return from[random.below(from.length)]!;
}

function some(random: SeededRandom): string[] {
  return Array.from({ length: 1 + random.below(3) }, () => pick(random, KEYS));
}

function batch(random: SeededRandom): KeyCommand {
  const commands = Array.from({ length: 1 + random.below(5) }, () => single(random));
  const expect = random.below(4) === 0 ? [{ key: pick(random, KEYS), version: 0 }] : [];
  return { op: 'batch', commands, atomic: random.below(3) === 0 ? 'all' : 'each', expect };
}

function single(random: SeededRandom): SingleKeyCommand | RedisKeyCommand {
  const group = pick(random, [puts, puts, reads, removals, bits, redisWrites, redisWrites, redisReads]);
  return group(random);
}

function puts(random: SeededRandom): SingleKeyCommand | RedisKeyCommand {
  const key = pick(random, KEYS);
  const value = encodeValue(key, pick(random, VALUES));
  const expiresAt = pick(random, [LATER, LATER, LONG_AGO]);
  return pick<SingleKeyCommand>(random, [
    { op: 'put', key, value },
    { op: 'put', key, value, options: { expiresAt } },
    { op: 'put', key, value, options: { keepTtl: true, ifPresent: true } },
    { op: 'put', key, value, options: { ifAbsent: true } },
    { op: 'putMany', entries: some(random).map((each) => [each, encodeValue(each, pick(random, VALUES))]) },
    { op: 'putPointer', key, target: pick(random, KEYS) },
    { op: 'add', key, n: pick<number | bigint>(random, [1, 0.5, 3n]) },
    { op: 'append', key, addition: pick<string | Uint8Array>(random, ['x', Uint8Array.of(1)]) },
    { op: 'expire', key, expiresAt: pick(random, [null, expiresAt]) },
  ]);
}

function reads(random: SeededRandom): SingleKeyCommand {
  const key = pick(random, KEYS);
  const pattern = pick(random, PATTERNS);
  const filter = pick(random, [undefined, ...FILTERS]);
  const reverse = random.below(2) === 0;
  const limit = 1 + random.below(5);
  const set: KeySetQuery = { find: pattern, ...(filter !== undefined && { filter }), superKeys: 1 };
  const query: KeySetQuery = {
    op: pick(random, ['and', 'or', 'except'] as const),
    sets: [set, { find: '*', superKeys: 1 }],
  };
  return pick<SingleKeyCommand>(random, [
    { op: 'getEntry', key },
    { op: 'getMany', keys: some(random) },
    { op: 'getPointer', key, subKeys: [] },
    { op: 'find', pattern, filter, options: { reverse } },
    { op: 'find', pattern, filter, options: { reverse, limit } },
    { op: 'find', pattern, options: { reverse, limit } },
    { op: 'find', pattern, filter, options: { reverse, limit, orderBy: 'value' } },
    { op: 'find', pattern, filter, options: { limit, point: true } },
    { op: 'findKeys', query, options: { limit, reverse } },
    { op: 'count', pattern, filter },
    { op: 'countKeys', query },
    { op: 'getBytes', key },
  ]);
}

function removals(random: SeededRandom): SingleKeyCommand | RedisKeyCommand {
  const [key, to] = [pick(random, KEYS), pick(random, KEYS)];
  return pick<SingleKeyCommand | RedisKeyCommand>(random, [
    { op: 'remove', key },
    { op: 'removeMany', keys: some(random) },
    { op: 'removeAll', pattern: pick(random, PATTERNS.slice(1)) },
    { op: 'redisRemove', keys: some(random) },
    { op: 'redisTake', key, expiry: 'remove' },
    { op: 'redisRename', key, to, ifAbsent: random.below(2) === 0 },
    { op: 'redisCopy', key, to, replace: random.below(2) === 0 },
  ]);
}

function bits(random: SeededRandom): SingleKeyCommand | RedisKeyCommand {
  const key = pick(random, KEYS);
  const bit = pick(random, [0, 9, 4_096, 10_000]);
  const value = pick(random, [0, 1] as const);
  const sources = some(random);
  return pick<SingleKeyCommand | RedisKeyCommand>(random, [
    { op: 'setBit', key, bit, value },
    { op: 'setBit', key, bit, value: 1 },
    { op: 'getBit', key, bit },
    { op: 'bitCount', key },
    { op: 'bitCount', key, from: 5, to: 9_000 },
    { op: 'bitOp', operator: pick(random, ['and', 'or', 'xor', 'andnot'] as const), target: key, sources },
    { op: 'redisSetBit', key, bit, value },
    { op: 'redisGetBit', key, bit },
    { op: 'redisBitCount', key, range: null },
    { op: 'redisBitPos', key, bit: value, range: null },
    { op: 'redisBitOp', operation: pick(random, ['and', 'or', 'xor'] as const), target: key, sources },
  ]);
}

function redisWrites(random: SeededRandom): RedisKeyCommand {
  const key = pick(random, KEYS);
  const value = encodeValue(key, pick(random, VALUES));
  const field = pick(random, ['a', 'b', 'c']);
  const expiry = pick(random, ['none', 'keep', { at: LATER }, { at: LONG_AGO }] as const);
  const time = pick(random, [null, { at: LATER }, { at: LONG_AGO }] as const);
  return pick<RedisKeyCommand>(random, [
    { op: 'redisSet', key, value, options: { expiry } },
    { op: 'redisSet', key, value, options: { expiry, when: pick(random, ['absent', 'present'] as const), get: true } },
    { op: 'redisMset', entries: some(random).map((each) => [each, value]), ifAbsent: random.below(2) === 0 },
    { op: 'redisTake', key, expiry },
    { op: 'redisAppend', key, addition: Uint8Array.of(49) },
    { op: 'redisSetRange', key, offset: 3, part: Uint8Array.of(65, 66) },
    { op: 'redisAdd', key, by: 3n },
    { op: 'redisAddDecimal', key, by: '0.5' },
    { op: 'redisExpire', key, time, conditions: pick(random, [[], ['NX'], ['XX'], ['GT']] as const) },
    { op: 'redisHset', key, fields: [[field, value]], ifAbsent: random.below(3) === 0 },
    { op: 'redisHdel', key, fields: [field, 'a'] },
    { op: 'redisHadd', key, field, by: 2n },
    { op: 'redisHaddDecimal', key, field, by: '1.5' },
  ]);
}

function redisReads(random: SeededRandom): RedisKeyCommand {
  const key = pick(random, KEYS);
  const pattern = pick(random, GLOBS);
  const kind = pick(random, ['any', 'hash'] as const);
  return pick<RedisKeyCommand>(random, [
    { op: 'redisGet', key },
    { op: 'redisMget', keys: some(random) },
    { op: 'redisType', key },
    { op: 'redisExist', keys: some(random) },
    { op: 'redisExpiry', key },
    {
      op: 'redisScan',
      pattern: pick(random, [null, pattern]),
      kind,
      after: pick(random, [null, 'a.b']),
      count: 1 + random.below(6),
    },
    { op: 'redisKeys', pattern },
    { op: 'redisCount' },
    { op: 'redisRandom', random: random.below(100) / 100 },
    { op: 'redisHget', key, fields: ['a', 'b'] },
    { op: 'redisHgetall', key, values: random.below(2) === 0 },
    { op: 'redisHlen', key },
  ]);
}
