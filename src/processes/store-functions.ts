/** The SQL functions that every connection of every process has: those of SQL's planner, of the lists' operators and of keys. */
import { KEY_FUNCTIONS } from '../keys/store-functions.ts';
import { LIST_FUNCTIONS, listTextFunction } from '../lists/store-functions.ts';
import { SQL_STORE_FUNCTIONS } from '../sql/functions/registry.ts';
import { textFormatter } from '../sql/values/format.ts';
import type { StoreFunction } from '../stores/function.ts';

export const STORE_FUNCTIONS: readonly StoreFunction[] = [
  ...SQL_STORE_FUNCTIONS,
  ...LIST_FUNCTIONS,
  ...KEY_FUNCTIONS,
  listTextFunction(textFormatter),
];
