/**
 * What a watch tells: the changes of a commit to the keys of a pattern, in the order of the keys. It is made from the report of the commit, so it sees what
 * SQL did to the table as well. Expiry is no change: what expires goes when it is swept, and watchers are told then.
 */

import type { Commit, RowChange } from '../stores/store.ts';
import type { StoreRow } from '../stores/values.ts';
import { type KeyEntry, keyEntry, storedEntry } from './entries.ts';
import { KEY_DATABASE, KEY_TABLE } from './key-table.ts';
import { compareKeys } from './paths.ts';
import type { KeyPattern } from './patterns.ts';

export interface KeyChange {
  readonly key: string;
  readonly previous: KeyEntry | null;
  /** null: removed. */
  readonly entry: KeyEntry | null;
}

/** null: too much has changed to be listed, any key may have. */
export function keyChangesOf(commit: Commit, pattern: KeyPattern): KeyChange[] | null {
  const found: KeyChange[] = [];
  for (const { database, table, rows } of commit.changes) {
    if (database !== KEY_DATABASE || table !== KEY_TABLE) continue;
    if (rows === null) return null;
    for (const row of rows) found.push(...changesOf(row, pattern));
  }
  return found.sort((a, b) => compareKeys(a.key, b.key));
}

/** A row whose path was changed (by SQL) is one key removed and another put. */
function changesOf({ before, after }: RowChange, pattern: KeyPattern): KeyChange[] {
  const [previous, entry] = [entryOf(before), entryOf(after)];
  if (previous !== null && entry !== null && previous.key !== entry.key) {
    const both = [
      { key: previous.key, previous, entry: null },
      { key: entry.key, previous: null, entry },
    ];
    return both.filter(({ key }) => pattern.matches(key));
  }
  const key = (entry ?? previous)?.key;
  return key !== undefined && pattern.matches(key) ? [{ key, previous, entry }] : [];
}

function entryOf(row: StoreRow | null): KeyEntry | null {
  if (row === null) return null;
  const [path, ...columns] = row;
  return keyEntry(path as string, storedEntry(columns));
}
