/** Sluice's own: finds, counts, pointers and removals by the tree's patterns. */
import type { KeyEntry } from '../../../keys/entries.ts';
import { readFilter } from '../../../keys/filter-text.ts';
import type { KeyFilter } from '../../../keys/filters.ts';
import type { FoundPage } from '../../../keys/find-plans.ts';
import type { PointerEnd } from '../../../keys/pointers.ts';
import { bytesOfValue } from '../../../keys/redis/text-values.ts';
import { integerOf, Options, textOf, textsOf } from '../arguments.ts';
import { type AskTree, type Command, commandsOf, NO_KEYS, ONE_KEY } from '../command.ts';
import { RedisError, SYNTAX } from '../redis-error.ts';
import { writeInteger, writeOk } from '../replies.ts';

/** Without LIMIT. */
const FIND_LIMIT_DEFAULT = 1_000;
const FIND_LIMIT_MAX = 100_000;

const kfind: AskTree = (args) => {
  let filter: KeyFilter | undefined;
  let limit = FIND_LIMIT_DEFAULT;
  let cursor: string | undefined;
  let withValues = false;
  for (const options = new Options(args, 2); !options.isAtEnd; ) {
    const word = options.word();
    if (word === 'FILTER') filter = readFilter(textOf(options.argument()));
    else if (word === 'LIMIT') limit = integerOf(options.argument());
    else if (word === 'CURSOR') cursor = textOf(options.argument());
    else if (word === 'WITHVALUES') withValues = true;
    else throw new RedisError(SYNTAX);
  }
  if (limit < 1 || limit > FIND_LIMIT_MAX) throw new RedisError(`ERR LIMIT is from 1 to ${FIND_LIMIT_MAX}`);
  const options = cursor === undefined || cursor === '' ? { limit } : { limit, cursor };
  return {
    command: { op: 'find', pattern: textOf(args[1]!), filter, options },
    reply: (out, page: FoundPage) => {
      out.array(2);
      out.bulk(page.cursor ?? '');
      out.array(page.entries.length * (withValues ? 2 : 1));
      for (const entry of page.entries) {
        out.bulk(entry.key);
        if (withValues) out.bulk(textOfEntry(entry));
      }
    },
  };
};

/** Of a bit set its length: its bytes are asked for with GET. */
function textOfEntry(entry: Pick<KeyEntry, 'type' | 'value'>): Uint8Array {
  return entry.type === 'bits' ? Buffer.from(`bits:${String(entry.value)}`) : bytesOfValue(entry);
}

const kcount: AskTree = (args) => {
  let filter: KeyFilter | undefined;
  for (const options = new Options(args, 2); !options.isAtEnd; ) {
    if (options.word() !== 'FILTER') throw new RedisError(SYNTAX);
    filter = readFilter(textOf(options.argument()));
  }
  return { command: { op: 'count', pattern: textOf(args[1]!), filter }, reply: writeInteger };
};

const kpoint: AskTree = (args) => ({
  command: { op: 'putPointer', key: textOf(args[1]!), target: textOf(args[2]!) },
  reply: writeOk,
});

const kgetp: AskTree = (args) => ({
  command: { op: 'getPointer', key: textOf(args[1]!), subKeys: textsOf(args, 2) },
  reply: (out, { value }: PointerEnd) => {
    if (value === null) out.null();
    else out.bulk(textOfEntry(value));
  },
});

const kremove: AskTree = (args) => ({
  command: { op: 'removeAll', pattern: textOf(args[1]!) },
  reply: writeInteger,
});

export const TREE_COMMANDS: readonly Command[] = commandsOf('sluice', [
  ['kfind', -2, 'readonly', NO_KEYS, 'Finds keys by a pattern and a filter of their values', { ask: kfind }],
  ['kcount', -2, 'readonly', NO_KEYS, 'Counts keys by a pattern and a filter of their values', { ask: kcount }],
  ['kpoint', 3, 'write', [1, 2, 1], 'Puts a pointer to another key', { ask: kpoint }],
  ['kgetp', -2, 'readonly', ONE_KEY, 'Gives what a pointer leads to', { ask: kgetp }],
  ['kremove', 2, 'write', NO_KEYS, 'Removes all keys that a pattern matches', { ask: kremove }],
]);
