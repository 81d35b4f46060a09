/** get, getMany, and the way along pointers. */
import { ENTRY_COLUMNS, type KeyEntry, keyEntry, LIVE, READ_ENTRY, readEntry, storedEntry } from './entries.ts';
import { KEYS_SQL } from './key-table.ts';
import { afterKey, checkKey } from './paths.ts';
import { EVERYWHERE, type KeyPlan, type KeyRead, type KeySteps, reachOf, readOnce } from './plan.ts';
import { type PointerEnd, PointerWay } from './pointers.ts';

/** json_each() has a path, a type and a value too. */
const OF_K = ENTRY_COLUMNS.replaceAll(/\w+/g, 'k.$&');
/** Keys that one inline read may ask for. */
const INLINE_KEYS = 100;
/** Beyond this many a transaction remembers the whole tree. */
const SINGLE_RANGES = 1_000;

export function planGetEntry(key: string, now: number): KeyPlan<KeyEntry | null> {
  checkKey(key);
  const statement: KeyRead = { kind: 'read', sql: READ_ENTRY, params: [key, now], reach: reachOf([key]) };
  return readOnce({ inline: true, reads: [{ from: key, to: afterKey(key) }] }, statement, ([row]) =>
    row === undefined ? null : keyEntry(key, storedEntry(row)),
  );
}

/** Those that are there, in the order of the keys given. */
export function planGetMany(keys: Iterable<string>, now: number): KeyPlan<Map<string, KeyEntry>> {
  const list = [...keys];
  list.forEach(checkKey);
  // In the order of the keys given: CROSS JOIN keeps it.
  const sql = `SELECT k.path, ${OF_K} FROM json_each(?) AS asked CROSS JOIN ${KEYS_SQL} AS k ON k.path = asked.value WHERE ${LIVE}`;
  const reads = list.length > SINGLE_RANGES ? [EVERYWHERE] : list.map((key) => ({ from: key, to: afterKey(key) }));
  return readOnce(
    { inline: list.length <= INLINE_KEYS, reads },
    { kind: 'read', sql, params: [JSON.stringify(list), now], reach: reachOf(list) },
    (rows) => {
      const found = new Map<string, KeyEntry>();
      for (const [path, ...columns] of rows) found.set(path as string, keyEntry(path as string, storedEntry(columns)));
      return found;
    },
  );
}

/** Where a way along pointers ended: see PointerEnd. */
export function planGetPointer(key: string, subKeys: readonly string[], now: number): KeyPlan<PointerEnd> {
  new PointerWay(key, subKeys);
  return {
    writes: false,
    // The way may be long.
    inline: false,
    reads: [EVERYWHERE],
    *steps() {
      return yield* walk(new PointerWay(key, subKeys), now);
    },
  };
}

export function* walk(way: PointerWay, now: number): KeySteps<PointerEnd> {
  for (;;) {
    const end = way.take(yield* readEntry(way.key, now));
    if (end !== null) return end;
  }
}
