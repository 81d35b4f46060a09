/** The tables of the tree, as a data directory gets them. */
import type { SystemTable } from '../stores/system-table.ts';
import { bitsTable, EXPIRING_SQL, KEYS_SQL, keyTable } from './key-table.ts';
import { KEY_TRIGGERS } from './sql-writes.ts';

/** What is to be swept, and what a removal must not count. Of keys that expire only. */
const EXPIRY_INDEX = `CREATE INDEX ${EXPIRING_SQL} ON ${KEYS_SQL} (expires_at) WHERE expires_at IS NOT NULL`;

export function keySystemTables(createdAt: string): readonly SystemTable[] {
  return [
    { definition: keyTable(createdAt), statements: [EXPIRY_INDEX, ...KEY_TRIGGERS] },
    { definition: bitsTable(createdAt), statements: [] },
  ];
}
