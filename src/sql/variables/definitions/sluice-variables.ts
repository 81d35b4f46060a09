/**
 * Sluice's own: `SHOW VARIABLES LIKE 'sluice_%'`. Only what is built is here. Those that an option sets when the server starts
 * cannot be changed while it runs.
 */
import {
  CLIENT_IDLE_TIMEOUT_S,
  MAX_CONSOLIDATION_WAITERS,
  MAX_RESULT_ROWS_HTTP,
  MAX_RESULT_ROWS_MYSQL,
  PLAN_CACHE_ENTRIES,
  QUERY_TIMEOUT_S,
  RESULT_BYTES,
  SLOW_QUERY_MS,
  TRANSACTION_CAP,
  TRANSACTION_TIMEOUT_MS,
  TRANSACTION_WAIT_MS,
  WRITE_QUEUE,
} from '../../../limits.ts';
import type { VariableDefinition } from '../variable.ts';
import { boolean, choice, count, FACT, GLOBAL, integer, text, UNSIGNED_32_MAX } from './define.ts';

const MILLISECONDS_PER_SECOND = 1000;
const TIMEOUT_SECONDS_MAX = 31_536_000;
const MILLISECONDS_MAX = TIMEOUT_SECONDS_MAX * MILLISECONDS_PER_SECOND;
const ENTRIES_MAX = 1_000_000;

/** docs/options.md says what each means. Of the limits, 0 is none. */
export const SLUICE_VARIABLES: readonly VariableDefinition[] = [
  integer('sluice_client_idle_timeout', CLIENT_IDLE_TIMEOUT_S, [0, TIMEOUT_SECONDS_MAX], GLOBAL),
  boolean('sluice_consolidation', true, GLOBAL),
  integer('sluice_consolidation_waiters', MAX_CONSOLIDATION_WAITERS, [0, ENTRIES_MAX], GLOBAL),
  text('sluice_data', '', FACT),
  integer('sluice_http_max_result_rows', MAX_RESULT_ROWS_HTTP, [0, UNSIGNED_32_MAX], GLOBAL),
  count('sluice_http_port', 0),
  /** Whether JSON clients keep their connection behind an answer. */
  boolean('sluice_json_keep_alive', true, GLOBAL),
  count('sluice_json_port', 0),
  /** Seconds that a sign of the JSON protocol may be unused. */
  integer('sluice_json_sign_timeout', 3600, [1, TIMEOUT_SECONDS_MAX], GLOBAL),
  integer('sluice_max_dml_rows', 0, [0, UNSIGNED_32_MAX]),
  integer('sluice_max_result_bytes', RESULT_BYTES, [0, Number.MAX_SAFE_INTEGER], GLOBAL),
  /** Over MySQL's protocol. */
  integer('sluice_max_result_rows', MAX_RESULT_ROWS_MYSQL, [0, UNSIGNED_32_MAX]),
  integer('sluice_plan_cache', PLAN_CACHE_ENTRIES, [1, ENTRIES_MAX], GLOBAL),
  integer('sluice_query_timeout', QUERY_TIMEOUT_S, [0, TIMEOUT_SECONDS_MAX]),
  count('sluice_readers', 0),
  integer('sluice_slow_query_ms', SLOW_QUERY_MS, [0, MILLISECONDS_MAX], GLOBAL),
  choice('sluice_synchronous', 'FULL', ['FULL', 'NORMAL'], FACT),
  boolean('sluice_table_access_dry_run', false, GLOBAL),
  text('sluice_tcsql_table', '', FACT),
  integer('sluice_transaction_cap', TRANSACTION_CAP, [0, ENTRIES_MAX], GLOBAL),
  /** Seconds that a transaction may be idle, or open, before it is rolled back; 0 is never. */
  integer('sluice_transaction_timeout', TRANSACTION_TIMEOUT_MS / MILLISECONDS_PER_SECOND, [0, TIMEOUT_SECONDS_MAX]),
  integer('sluice_transaction_wait_ms', TRANSACTION_WAIT_MS, [0, MILLISECONDS_MAX], GLOBAL),
  text('sluice_version', '', FACT),
  integer('sluice_write_queue', WRITE_QUEUE, [0, ENTRIES_MAX], GLOBAL),
];
