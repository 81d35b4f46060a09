/** The tables that every data directory has. */
import { usersTable } from '../gate/accounts/stored-users.ts';
import { keySystemTables } from '../keys/system-tables.ts';
import type { SystemTable } from '../stores/system-table.ts';

const createdAt = new Date().toISOString();

export const SYSTEM_TABLES: readonly SystemTable[] = [
  ...keySystemTables(createdAt),
  { definition: usersTable(createdAt), statements: [] },
];
