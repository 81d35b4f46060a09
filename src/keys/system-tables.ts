/** The tables of the tree, as a data directory gets them. */
import type { SystemTable } from '../stores/system-table.ts';
import { bitsTable, keyTable } from './key-table.ts';
import { SQL_WRITE_TRIGGERS } from './sql-writes.ts';

export function keySystemTables(createdAt: string): readonly SystemTable[] {
  return [
    { definition: keyTable(createdAt), statements: [] },
    // The triggers name both tables.
    { definition: bitsTable(createdAt), statements: SQL_WRITE_TRIGGERS },
  ];
}
