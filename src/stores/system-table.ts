/** A table that the server itself relies on: made when a data directory is opened, users' to read and write, not to drop or alter. */
import type { TableDefinition } from './schema.ts';

export interface SystemTable {
  readonly definition: TableDefinition;
  /** What is made with it, in the store's dialect: triggers that keep SQL's writes sane. */
  readonly statements: readonly string[];
}
