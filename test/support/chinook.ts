import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_DIR } from '../structure/sources.ts';

/** The database that the script makes. */
export const CHINOOK_DATABASE = 'Chinook_AutoIncrement';

/** How many rows the script inserts, by table. */
export const CHINOOK_ROWS: Readonly<Record<string, number>> = {
  Album: 347,
  Artist: 275,
  Customer: 59,
  Employee: 8,
  Genre: 25,
  Invoice: 412,
  InvoiceLine: 2240,
  MediaType: 5,
  Playlist: 18,
  PlaylistTrack: 8715,
  Track: 3503,
};

/** Path of the Chinook sample database's script for MySQL: `CHINOOK_SQL`, or beside the repository. */
export function chinookScript(): string {
  const path = process.env.CHINOOK_SQL ?? join(PROJECT_DIR, '..', 'shared', 'data', 'chinook-mysql.sql');
  if (existsSync(path)) return path;
  throw new Error(`the Chinook script is missing: ${path} (the variable CHINOOK_SQL names another place)`);
}
