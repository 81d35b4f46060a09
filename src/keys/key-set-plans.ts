/**
 * Sets of keys worked out in the store: finds, their super keys, and what several sets have in common. "Users older than 18 whose name contains li" is
 * `and` of two finds with superKeys 2; no value and no key that is not in the result leaves the store.
 */
import { failure } from '../errors.ts';
import { MAX_KEY_FILTER_LEVELS, MAX_KEY_FILTER_TERMS } from '../limits.ts';
import { checkLimit } from './check-limit.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { compileFilter } from './filter-sql.ts';
import type { KeyFilter } from './filters.ts';
import type { FindOptions } from './find-options.ts';
import { conditionOf } from './find-plans.ts';
import { checkDepth } from './key-set.ts';
import { KEYS_SQL } from './key-table.ts';
import type { KeyRange } from './paths.ts';
import type { SqlPart } from './pattern-sql.ts';
import { parsePattern } from './patterns.ts';
import { type KeyPlan, readRows } from './plan.ts';

export type KeySetQuery = (
  | { readonly find: string; readonly filter?: KeyFilter }
  /** except: the first one's keys that are in none of the others. */
  | { readonly op: 'and' | 'or' | 'except'; readonly sets: readonly KeySetQuery[] }
) & {
  /** The keys' first so many segments instead; keys with fewer have none. */
  readonly superKeys?: number;
};

export interface KeyPage {
  readonly keys: readonly string[];
  readonly cursor: string | null;
}

const OPERATORS = { and: 'INTERSECT', or: 'UNION', except: 'EXCEPT' } as const;

interface Compiled extends SqlPart {
  readonly ranges: readonly KeyRange[];
}

export function planFindKeys(
  query: KeySetQuery,
  options: Pick<FindOptions, 'limit' | 'cursor' | 'reverse'>,
  now: number,
): KeyPlan<KeyPage> {
  const { limit, cursor, reverse = false } = options;
  checkLimit(limit);
  const identity = { query, reverse };
  const set = compileSet(query, now, { levels: 0, sets: 0 });
  const after = cursor === undefined ? null : readCursor(identity, cursor).key;
  const where = after === null ? '' : ` WHERE path ${reverse ? '<' : '>'} ?`;
  const order = ` ORDER BY path${reverse ? ' DESC' : ''}${limit === undefined ? '' : ' LIMIT ?'}`;
  const more = [...(after === null ? [] : [after]), ...(limit === undefined ? [] : [BigInt(limit + 1)])];
  return reading(set, function* () {
    const rows = yield* readRows(`SELECT path FROM (${set.sql})${where}${order}`, [...set.params, ...more], {
      keys: set.ranges,
    });
    const keys = rows.map(([path]) => path as string);
    if (limit === undefined || keys.length <= limit) return { keys, cursor: null };
    keys.pop();
    return { keys, cursor: writeCursor(identity, { key: keys.at(-1)!, value: null }) };
  });
}

export function planCountKeys(query: KeySetQuery, now: number): KeyPlan<number> {
  const set = compileSet(query, now, { levels: 0, sets: 0 });
  return reading(set, function* () {
    const [[count] = []] = yield* readRows(`SELECT count(*) FROM (${set.sql})`, set.params, { keys: set.ranges });
    return Number(count);
  });
}

function reading<Result>({ ranges }: Compiled, steps: KeyPlan<Result>['steps']): KeyPlan<Result> {
  return { writes: false, inline: false, reads: ranges, steps };
}

/** A SELECT of the one column `path`, each key once. */
function compileSet(query: KeySetQuery, now: number, size: { levels: number; sets: number }): Compiled {
  if (typeof query !== 'object' || query === null) throw failure('ER_BAD_PARAMETER', 'a set of keys is an object');
  if (++size.sets > MAX_KEY_FILTER_TERMS || size.levels > MAX_KEY_FILTER_LEVELS)
    throw failure('ER_BAD_PARAMETER', `more than ${MAX_KEY_FILTER_TERMS} sets or ${MAX_KEY_FILTER_LEVELS} levels`);
  const set = 'find' in query ? foundSet(query.find, query.filter, now) : combinedSet(query, now, size);
  if (query.superKeys === undefined) return set;
  checkDepth(query.superKeys);
  const sql = `SELECT DISTINCT sluice_super_key(path, ?) AS path FROM (${set.sql}) WHERE sluice_super_key(path, ?) IS NOT NULL`;
  return { sql, params: [query.superKeys, ...set.params, query.superKeys], ranges: set.ranges };
}

function foundSet(text: string, filter: KeyFilter | undefined, now: number): Compiled {
  const pattern = parsePattern(text);
  const where = conditionOf(pattern, filter === undefined ? null : compileFilter(filter), now);
  return { sql: `SELECT path FROM ${KEYS_SQL} WHERE ${where.sql}`, params: where.params, ranges: [pattern.range] };
}

function combinedSet(
  { op, sets }: Extract<KeySetQuery, { op: string }>,
  now: number,
  size: { levels: number; sets: number },
): Compiled {
  if (!Object.hasOwn(OPERATORS, op)) throw failure('ER_BAD_PARAMETER', `'${String(op)}' combines no sets`);
  if (!Array.isArray(sets) || sets.length === 0) throw failure('ER_BAD_PARAMETER', `'${op}' has a list of sets`);
  size.levels++;
  const compiled = sets.map((set: KeySetQuery) => compileSet(set, now, size));
  size.levels--;
  return {
    sql: compiled.map(({ sql }) => `SELECT path FROM (${sql})`).join(` ${OPERATORS[op]} `),
    params: compiled.flatMap(({ params }) => params),
    ranges: compiled.flatMap(({ ranges }) => ranges),
  };
}
