/** The tables that every data directory has. */
import { keySystemTables } from '../keys/system-tables.ts';
import type { SystemTable } from '../stores/system-table.ts';

export const SYSTEM_TABLES: readonly SystemTable[] = keySystemTables(new Date().toISOString());
