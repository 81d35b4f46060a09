/** SCAN, KEYS, RANDOMKEY, DBSIZE: over the keys that hold values, in their order. Hashes are seen through their fields, or, of the type hash, themselves. */
import { LIVE } from '../entries.ts';
import { KEYS_SQL } from '../key-table.ts';
import { type KeyRange, prefixRange } from '../paths.ts';
import { rangeSql, type SqlPart } from '../pattern-sql.ts';
import { cutRange } from '../patterns.ts';
import { EVERYWHERE, type KeyPlan, reachOf, readRows, type StepReach } from '../plan.ts';
import { parseGlob, type RedisGlob } from './glob.ts';
import type { Reach } from './node.ts';

const PORTABLE: StepReach = { keys: [EVERYWHERE], isPortable: true };

/** More than so many keys a step of SCAN does not visit, whatever it is asked for. */
const SCAN_ROWS_MAX = 10_000;
/** So many it may in the front. */
export const SCAN_NEAR_ROWS = 200;

export interface ScanPage {
  readonly keys: readonly string[];
  /** The key after which to go on; null: that was all. */
  readonly after: string | null;
}

export function planScan(
  pattern: string | null,
  kind: 'any' | 'hash',
  after: string | null,
  count: number,
  now: number,
  reach: Reach,
): KeyPlan<ScanPage> {
  const glob = pattern === null ? null : parseGlob(pattern);
  const whole = kind === 'hash' ? EVERYWHERE : rangeOf(glob);
  const range = after === null ? whole : cutRange(whole, after, false);
  const rows = Math.min(count, reach === 'near' ? SCAN_NEAR_ROWS : SCAN_ROWS_MAX);
  return {
    writes: false,
    inline: reach === 'near',
    reads: [whole],
    *steps() {
      const where = whereSql(range);
      const sql = `SELECT path FROM ${KEYS_SQL} WHERE ${where.sql} AND ${LIVE} ORDER BY path LIMIT ?`;
      const found = yield* readRows(sql, [...where.params, now, BigInt(rows)], {
        keys: [range],
        first: { rows, liveAt: now },
      });
      const paths = found.map(([path]) => path as string);
      const keys = kind === 'hash' ? yield* hashesOf(paths, now) : paths;
      return {
        keys: keys.filter((key) => glob === null || glob.matches(key)),
        after: paths.length < rows ? null : paths.at(-1)!,
      };
    },
  };
}

/** The parents that hold no value, each once. */
function* hashesOf(paths: readonly string[], now: number) {
  const parents = new Set<string>();
  for (const path of paths) {
    const dot = path.lastIndexOf('.');
    if (dot > 0) parents.add(path.slice(0, dot));
  }
  const sql = `SELECT path FROM ${KEYS_SQL} WHERE path IN (SELECT value FROM json_each(?)) AND ${LIVE}`;
  for (const [path] of yield* readRows(sql, [JSON.stringify([...parents]), now], reachOf(parents)))
    parents.delete(path as string);
  return [...parents];
}

/** All keys that match. */
export function planKeys(pattern: string, now: number): KeyPlan<string[]> {
  const glob = parseGlob(pattern);
  const range = rangeOf(glob);
  const where = whereSql(range);
  const isAll = glob.isPrefix || glob.text !== null;
  return {
    writes: false,
    inline: glob.text !== null,
    reads: [range],
    *steps() {
      const test = isAll ? '' : ' AND sluice_key_glob(path, ?)';
      const sql = `SELECT path FROM ${KEYS_SQL} WHERE ${where.sql} AND ${LIVE}${test} ORDER BY path`;
      const rows = yield* readRows(sql, [...where.params, now, ...(isAll ? [] : [pattern])], { keys: [range] });
      return rows.map(([path]) => path as string);
    },
  };
}

function rangeOf(glob: RedisGlob | null): KeyRange {
  if (glob === null || (glob.prefix === '' && glob.text === null)) return EVERYWHERE;
  return glob.text === null ? prefixRange(glob.prefix) : { from: glob.text, to: `${glob.text}\u0001` };
}

function whereSql(range: KeyRange): SqlPart {
  return rangeSql({ range, key: null }, range);
}

export function planCountKeys(now: number): KeyPlan<{ keys: number; expiring: number }> {
  return {
    writes: false,
    inline: false,
    reads: [EVERYWHERE],
    *steps() {
      const sql = `SELECT count(*), count(expires_at) FROM ${KEYS_SQL} WHERE ${LIVE}`;
      const [[keys, expiring] = []] = yield* readRows(sql, [now], PORTABLE);
      return { keys: Number(keys), expiring: Number(expiring) };
    },
  };
}

/** The key at a place; `random`: from 0 to 1, of all keys. null: there are none. */
export function planRandomKey(random: number, now: number): KeyPlan<string | null> {
  return {
    writes: false,
    inline: false,
    reads: [EVERYWHERE],
    *steps() {
      const [[keys] = []] = yield* readRows(`SELECT count(*) FROM ${KEYS_SQL} WHERE ${LIVE}`, [now], PORTABLE);
      if (Number(keys) === 0) return null;
      const place = BigInt(Math.floor(random * Number(keys)));
      const sql = `SELECT path FROM ${KEYS_SQL} WHERE ${LIVE} ORDER BY path LIMIT 1 OFFSET ?`;
      const [[path] = []] = yield* readRows(sql, [now, place], PORTABLE);
      return (path as string | undefined) ?? null;
    },
  };
}
