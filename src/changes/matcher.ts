/** Holds row changes against footprints: could what was read be different now? */
import type { TableChanges } from '../stores/store.ts';
import type { StoreRow, StoreValue } from '../stores/values.ts';
import { compareValues } from './compare.ts';
import type { Condition, Footprint, Term } from './condition.ts';

/** Whether a row satisfies a condition, as SQLite would decide it. */
export function satisfies(row: StoreRow, condition: Condition): boolean {
  for (const term of condition) if (!holds(term, row[term.column] ?? null)) return false;
  return true;
}

function holds(term: Term, value: StoreValue): boolean {
  if (value === null) return term.op === 'is null';
  switch (term.op) {
    case '=':
      return term.value !== null && compareValues(value, term.value, term.collation) === 0;
    case '<>':
      return term.value !== null && compareValues(value, term.value, term.collation) !== 0;
    case '<':
      return term.value !== null && compareValues(value, term.value, term.collation) < 0;
    case '<=':
      return term.value !== null && compareValues(value, term.value, term.collation) <= 0;
    case '>':
      return term.value !== null && compareValues(value, term.value, term.collation) > 0;
    case '>=':
      return term.value !== null && compareValues(value, term.value, term.collation) >= 0;
    case 'in':
      return term.values.some(
        (candidate) => candidate !== null && compareValues(value, candidate, term.collation) === 0,
      );
    case 'between':
      return (
        term.low !== null &&
        term.high !== null &&
        compareValues(value, term.low, term.collation) >= 0 &&
        compareValues(value, term.high, term.collation) <= 0
      );
    case 'is null':
      return false;
    case 'is not null':
      return true;
  }
}

/** Whether a commit's changes to one table could change what a read with this footprint gives. */
export function touches(changes: TableChanges, footprint: Footprint): boolean {
  if (changes.table !== footprint.table || changes.database !== footprint.database) return false;
  if (changes.rows === null || footprint.condition === null)
    return changes.rows === null || changesColumn(changes, footprint);
  const { condition } = footprint;
  return changes.rows.some(({ before, after }) => {
    if (before === null) return after !== null && satisfies(after, condition);
    if (after === null) return satisfies(before, condition);
    if (!differs(before, after, footprint)) return false;
    return satisfies(before, condition) || satisfies(after, condition);
  });
}

/** For reads of the whole table: rows that came, went, or changed in a column that was read. */
function changesColumn(changes: TableChanges, footprint: Footprint): boolean {
  return (changes.rows ?? []).some(
    ({ before, after }) => before === null || after === null || differs(before, after, footprint),
  );
}

/** Whether an update changed a column that the read used. */
function differs(before: StoreRow, after: StoreRow, { columns, condition }: Footprint): boolean {
  if (columns === null) return true;
  for (const column of columns) if (!sameValue(before[column], after[column])) return true;
  for (const { column } of condition ?? []) if (!sameValue(before[column], after[column])) return true;
  return false;
}

/** Byte for byte: 'a' and 'A' are different values to whoever reads them. */
function sameValue(a: StoreValue | undefined, b: StoreValue | undefined): boolean {
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  return a === b;
}
