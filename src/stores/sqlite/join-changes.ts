/** Several changes of one row, in their order, as one: from before the first to after the last. */
import type { TableDefinition } from '../schema.ts';
import type { RowChange } from '../store.ts';
import type { StoreValue } from '../values.ts';
import { columnCollation } from './ddl.ts';
import { columnIndex } from './foreign-keys.ts';

/** Of a row that came and went, neither is there. */
export function joinChanges(table: TableDefinition, changes: readonly RowChange[]): RowChange[] {
  if (changes.length < 2) return [...changes];
  const foldsCase = keyFoldsCase(table);
  const joined = new Map<string, RowChange>();
  for (const change of changes) {
    const name = nameOf(change.key, foldsCase);
    const earlier = joined.get(name);
    joined.set(name, earlier === undefined ? change : join(earlier, change));
  }
  return [...joined.values()];
}

function join(earlier: RowChange, later: RowChange): RowChange {
  const { before } = earlier;
  const { after } = later;
  const op = before === null ? 'insert' : after === null ? 'delete' : 'update';
  return { op, key: (before === null ? later : earlier).key, before, after };
}

export function keyFoldsCase(table: TableDefinition): boolean {
  return table.primaryKey.some((name) => columnCollation(table.columns[columnIndex(table, name)]!.type) === 'NOCASE');
}

/** Keys that the table takes for equal have the same. */
export function nameOf(key: readonly StoreValue[], foldsCase: boolean): string {
  let name = '';
  for (const value of key) {
    const text = String(value);
    const folded = foldsCase && typeof value === 'string' ? foldAscii(text) : text;
    name += `${folded.length}:${folded}`;
  }
  return name;
}

function foldAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
