/** The tables that every data directory has. */
import { bitsTable, keyTable } from '../keys/key-table.ts';
import type { TableDefinition } from '../stores/schema.ts';

const createdAt = new Date().toISOString();

export const SYSTEM_TABLES: readonly TableDefinition[] = [keyTable(createdAt), bitsTable(createdAt)];
