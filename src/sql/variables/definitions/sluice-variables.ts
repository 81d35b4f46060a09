/**
 * Sluice's own: `SHOW VARIABLES LIKE 'sluice_%'`. Only what is built is here. Those that an option sets when the server starts
 * cannot be changed while it runs.
 */
import { MAX_RESULT_ROWS_MYSQL, PLAN_CACHE_ENTRIES, TRANSACTION_TIMEOUT_MS } from '../../../limits.ts';
import type { VariableDefinition } from '../variable.ts';
import { boolean, choice, count, FACT, GLOBAL, integer, text, UNSIGNED_32_MAX } from './define.ts';

const MILLISECONDS_PER_SECOND = 1000;
const TIMEOUT_SECONDS_MAX = 31_536_000;

export const SLUICE_VARIABLES: readonly VariableDefinition[] = [
  text('sluice_data', '', FACT),
  count('sluice_http_port', 0),
  /** Whether JSON clients keep their connection behind an answer. */
  boolean('sluice_json_keep_alive', true, GLOBAL),
  count('sluice_json_port', 0),
  /** Seconds that a sign of the JSON protocol may be unused. */
  integer('sluice_json_sign_timeout', 3600, [1, TIMEOUT_SECONDS_MAX], GLOBAL),
  /** 0 is off: a result of any size. Sessions of HTTP start with their own default. */
  integer('sluice_max_result_rows', MAX_RESULT_ROWS_MYSQL, [0, UNSIGNED_32_MAX]),
  count('sluice_plan_cache_entries', PLAN_CACHE_ENTRIES),
  count('sluice_readers', 0),
  choice('sluice_synchronous', 'FULL', ['FULL', 'NORMAL'], FACT),
  text('sluice_tcsql_table', '', FACT),
  /** Seconds that a transaction may be idle before it is rolled back; 0 is never. */
  integer('sluice_transaction_timeout', TRANSACTION_TIMEOUT_MS / MILLISECONDS_PER_SECOND, [0, TIMEOUT_SECONDS_MAX]),
  text('sluice_version', '', FACT),
];
