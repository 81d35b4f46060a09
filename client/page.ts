/** What a live list holds, and how a difference makes the next page out of it. Pure: nothing here knows where pages come from. */

export type Key = string | number;

/** A page as it was at one commit. Its arrays and rows are never changed. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Rows on all pages; null unless it was asked for. */
  readonly count: number | null;
  /** The commit that it is as new as; 0 from a Sluice in front of a MySQL server, which numbers no commits. */
  readonly seq: number;
}

/** How to make the new rows out of the old ones: take away `remove`, replace `update`, then put in `insert`, in order, each so that it stands at `at`. */
export interface Difference<Row> {
  readonly insert: readonly { readonly row: Row; readonly at: number }[];
  readonly update: readonly Row[];
  readonly remove: readonly Key[];
}

/** The difference does not fit the rows: something was missed. */
export class DesyncError extends Error {
  override readonly name = 'DesyncError';
}

export function keyOf<Row>(row: Row, key: string): Key {
  const value = (row as Readonly<Record<string, unknown>>)[key];
  if (typeof value === 'string' || typeof value === 'number') return value;
  throw new DesyncError(`a row has no key '${key}'`);
}

/** The new rows. Rows that stay are the same objects. Throws DesyncError when the difference is not one of these rows. */
export function applyDifference<Row>(rows: readonly Row[], difference: Difference<Row>, key: string): Row[] {
  const removed = new Set(difference.remove);
  const updates = new Map(difference.update.map((row) => [keyOf(row, key), row]));
  const result: Row[] = [];
  let updated = 0;
  for (const row of rows) {
    const id = keyOf(row, key);
    if (removed.has(id)) continue;
    const update = updates.get(id);
    if (update !== undefined) updated++;
    result.push(update ?? row);
  }
  if (rows.length - result.length !== removed.size) throw new DesyncError('a row to be removed is not there');
  if (updated !== updates.size) throw new DesyncError('a row to be updated is not there');
  for (const { row, at } of difference.insert) {
    if (!Number.isInteger(at) || at < 0 || at > result.length) throw new DesyncError(`there is no place ${at}`);
    result.splice(at, 0, row);
  }
  return result;
}

/** A difference that makes `after` out of `before`: what a snapshot changes for someone who saw the page before it. */
export function differenceOf<Row>(before: readonly Row[], after: readonly Row[], key: string): Difference<Row> {
  const places = new Map(before.map((row, place) => [keyOf(row, key), place]));
  const insert: { row: Row; at: number }[] = [];
  const update: Row[] = [];
  const stays = new Set<Key>();
  let last = -1;
  for (const [at, row] of after.entries()) {
    const id = keyOf(row, key);
    const place = places.get(id);
    // A row that was behind one that it now is before has moved: it is taken away and put in again.
    if (place === undefined || place < last) {
      insert.push({ row, at });
      continue;
    }
    last = place;
    stays.add(id);
    if (JSON.stringify(before[place]) !== JSON.stringify(row)) update.push(row);
  }
  return { insert, update, remove: [...places.keys()].filter((id) => !stays.has(id)) };
}
