/**
 * Operations on keys as JSON: `{"op": "add", "key": "hits", "n": 1}`. The names are those of the client's methods, the members those of their arguments and options
 * (docs/keys.md, "Operations over HTTP"). Here are their forms; what they may be, the plans check.
 */
import type { BitOperator } from '../../keys/bit-pieces.ts';
import type { KeyOperation, SingleKeyCommand } from '../../keys/command.ts';
import type { KeyFilter } from '../../keys/filters.ts';
import type { FindOptions } from '../../keys/find-options.ts';
import type { KeySetQuery } from '../../keys/key-set-plans.ts';
import { encodeValue, type StoredValue } from '../../keys/values.ts';
import { readWire } from '../../keys/wire-json.ts';
import type { PutOptions } from '../../keys/write-plans.ts';
import { MAX_KEY_FILTER_LEVELS } from '../../limits.ts';
import { given, JsonMembers } from './json-members.ts';

type Reader<Op extends KeyOperation> = (
  members: JsonMembers,
  place: string,
) => Omit<Extract<SingleKeyCommand, { readonly op: Op }>, 'op'>;

const A_KEY = 'a key, as user.001.name';
const A_PATTERN = 'a pattern of keys, as user.*.age';

const READERS: { readonly [Op in KeyOperation]: Reader<Op> } = {
  put: (members) => {
    const key = members.text('key', A_KEY);
    return { key, value: storedValue(key, members.required('value', 'what is put')), options: putOptions(members) };
  },
  putMany: (members, place) => {
    const pairs = members.array('entries', 'pairs [key, value]');
    return {
      entries: pairs.map((pair, i) => readPair(pair, `${place}entries[${i}]: `)),
      options: expiryOptions(members),
    };
  },
  putPointer: (members) => ({
    key: members.text('key', A_KEY),
    target: members.text('target', 'a key, or what one begins with'),
    options: putOptions(members),
  }),
  getEntry: readKey,
  getMany: readKeys,
  getPointer: (members) => ({
    ...readKey(members),
    subKeys: members.has('subKeys') ? members.texts('subKeys', 'what is appended at each pointer') : noTexts(members),
  }),
  remove: readKey,
  removeMany: readKeys,
  removeAll: (members) => ({ pattern: members.text('pattern', A_PATTERN) }),
  find: (members, place) => ({ ...readPattern(members, place), options: findOptions(members) }),
  findKeys: (members, place) => ({
    query: readKeySet(members.any('query'), `${place}query: `),
    options: pageOptions(members),
  }),
  count: readPattern,
  countKeys: (members, place) => ({ query: readKeySet(members.any('query'), `${place}query: `) }),
  add: (members) => ({ ...readKey(members), n: readWire(members.required('n', 'a number')) as number | bigint }),
  append: (members) => ({
    ...readKey(members),
    addition: readWire(members.required('addition', 'text or bytes')) as string | Uint8Array,
  }),
  expire: (members) => ({ ...readKey(members), expiresAt: readExpiry(members) }),
  setBit: (members) => ({
    ...readKey(members),
    bit: members.number('bit', 'a place from 0'),
    value: members.number('value', '0 or 1') as 0 | 1,
  }),
  getBit: (members) => ({ ...readKey(members), bit: members.number('bit', 'a place from 0') }),
  bitCount: (members) => ({
    ...readKey(members),
    ...given({
      from: members.maybeNumber('from', 'the first bit'),
      to: members.maybeNumber('to', 'the bit after the last'),
    }),
  }),
  bitOp: (members) => ({
    operator: members.text('operator', 'and, or, xor, andnot') as BitOperator,
    target: members.text('target', 'where the result is put'),
    sources: members.texts('sources', 'keys of bit sets'),
  }),
  getBytes: readKey,
};

/** One operation, by its members `op` and what belongs to it. Others are the caller's to take first: end() is called here. */
export function readOperation(members: JsonMembers, place = ''): SingleKeyCommand {
  const op = members.text('op', 'the name of an operation');
  if (!Object.hasOwn(READERS, op))
    throw members.wrong(`there is no operation '${op.slice(0, 100)}'; there are ${Object.keys(READERS).join(', ')}`);
  const read = READERS[op as KeyOperation] as (members: JsonMembers, place: string) => object;
  const fields = read(members, place);
  members.end();
  return { op, ...fields } as SingleKeyCommand;
}

function readKey(members: JsonMembers): { key: string } {
  return { key: members.text('key', A_KEY) };
}

function readKeys(members: JsonMembers): { keys: string[] } {
  return { keys: members.texts('keys', 'keys, as user.001.name') };
}

function noTexts(members: JsonMembers): string[] {
  members.any('subKeys');
  return [];
}

function readPattern(members: JsonMembers, place: string): { pattern: string; filter?: KeyFilter } {
  const pattern = members.text('pattern', A_PATTERN);
  const filter = members.any('filter');
  return filter === undefined ? { pattern } : { pattern, filter: readFilter(filter, `${place}filter: `) };
}

function readPair(pair: unknown, place: string): [string, StoredValue] {
  const members = new JsonMembers({ pair }, place);
  if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== 'string')
    throw members.wrong('no pair [key, value]');
  return [pair[0], storedValue(pair[0], pair[1])];
}

/** Throws what is wrong with the form (ER_BAD_PARAMETER), or with the value (SLUICE_BAD_KEY_VALUE). */
export function storedValue(key: string, json: unknown): StoredValue {
  return encodeValue(key, readWire(json));
}

function putOptions(members: JsonMembers): PutOptions {
  return given({
    ...expiryOptions(members),
    keepTtl: members.maybeFlag('keepTtl'),
    ifAbsent: members.maybeFlag('ifAbsent'),
    ifPresent: members.maybeFlag('ifPresent'),
    ifVersion: members.maybeNumber('ifVersion', 'the version that is to be replaced'),
  });
}

function expiryOptions(members: JsonMembers): Pick<PutOptions, 'ttl' | 'expiresAt'> {
  const ttl = members.maybeNumber('ttl', 'milliseconds');
  return given({ ttl, expiresAt: members.maybeNumber('expiresAt', 'milliseconds since 1970') });
}

/** null: never. */
function readExpiry(members: JsonMembers): number | null {
  const ttl = members.maybeNumber('ttl', 'milliseconds from now');
  const expiresAt = members.any('expiresAt');
  if ((ttl === undefined) === (expiresAt === undefined))
    throw members.wrong('either ttl or expiresAt is given; "expiresAt": null is never');
  if (ttl !== undefined) return Date.now() + ttl;
  if (expiresAt !== null && typeof expiresAt !== 'number')
    throw members.wrong('expiresAt is neither null nor milliseconds since 1970');
  return expiresAt;
}

function findOptions(members: JsonMembers): FindOptions {
  return given({
    ...pageOptions(members),
    orderBy: members.maybeText('orderBy', 'key or value') as FindOptions['orderBy'],
    point: members.maybeFlag('point'),
  });
}

function pageOptions(members: JsonMembers): Pick<FindOptions, 'limit' | 'cursor' | 'reverse'> {
  return given({
    limit: members.maybeNumber('limit', 'how many at most'),
    cursor: members.maybeText('cursor', 'the one of the page before'),
    reverse: members.maybeFlag('reverse'),
  });
}

/** Operands are values in their JSON forms. What tests there are, and what they take, checkFilter() knows. */
export function readFilter(json: unknown, place: string, level = 0): KeyFilter {
  const members = new JsonMembers(json, place);
  if (level > MAX_KEY_FILTER_LEVELS) throw members.wrong(`more than ${MAX_KEY_FILTER_LEVELS} levels`);
  const test = members.text('test', 'eq, gt, contains, earlier ... and, or, not');
  const filter: Record<string, unknown> = { test };
  if (test === 'not') filter.filter = readFilter(members.any('filter'), place, level + 1);
  else if (test === 'and' || test === 'or')
    filter.filters = members.array('filters', 'filters').map((each) => readFilter(each, place, level + 1));
  else filter.operands = members.array('operands', 'what is compared with').map(readWire);
  members.end();
  return filter as unknown as KeyFilter;
}

function readKeySet(json: unknown, place: string, level = 0): KeySetQuery {
  const members = new JsonMembers(json, place);
  if (level > MAX_KEY_FILTER_LEVELS) throw members.wrong(`more than ${MAX_KEY_FILTER_LEVELS} levels`);
  const superKeys = members.maybeNumber('superKeys', 'how many segments');
  const query: Record<string, unknown> = given({ superKeys });
  if (members.has('op')) {
    query.op = members.text('op', 'and, or, except');
    query.sets = members
      .array('sets', 'sets of keys')
      .map((each, i) => readKeySet(each, `${place}sets[${i}]: `, level + 1));
  } else {
    query.find = members.text('find', A_PATTERN);
    const filter = members.any('filter');
    if (filter !== undefined) query.filter = readFilter(filter, `${place}filter: `);
  }
  members.end();
  return query as unknown as KeySetQuery;
}
