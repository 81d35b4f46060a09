/** The gate's settings that are options too: what a flag sets when the server starts, `SET GLOBAL sluice_...` and `PATCH /v1/config` change while it runs. */
import {
  CLIENT_IDLE_TIMEOUT_S,
  MAX_CONSOLIDATION_WAITERS,
  MAX_RESULT_ROWS_HTTP,
  MAX_RESULT_ROWS_MYSQL,
  PLAN_CACHE_ENTRIES,
  QUERY_TIMEOUT_S,
  RESULT_BYTES,
  SLOW_QUERY_MS,
  TRANSACTION_TIMEOUT_MS,
  TRANSACTION_WAIT_MS,
  WRITE_QUEUE,
} from './limits.ts';

export interface GateOption {
  /** The variable is `sluice_` and this with underscores. */
  readonly flag: string;
  /** What stands for the value in the help. */
  readonly placeholder: string;
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly help: string;
}

const UNSIGNED_32_MAX = 0xffff_ffff;
const SECONDS_MAX = 31_536_000;
const MILLISECONDS_MAX = SECONDS_MAX * 1000;
const ENTRIES_MAX = 1_000_000;

function number(
  flag: string,
  placeholder: string,
  value: number,
  [min, max]: readonly [number, number],
  help: string,
): GateOption {
  return { flag, placeholder, default: value, min, max, help };
}

export const GATE_OPTIONS: readonly GateOption[] = [
  number('client-idle-timeout', 'S', CLIENT_IDLE_TIMEOUT_S, [0, SECONDS_MAX], 'until a silent client is sent away'),
  number('consolidation', '0 or 1', 1, [0, 1], 'identical reads at once run once'),
  number('consolidation-waiters', 'N', MAX_CONSOLIDATION_WAITERS, [0, ENTRIES_MAX], 'reads waiting for another one'),
  number('http-max-result-rows', 'N', MAX_RESULT_ROWS_HTTP, [0, UNSIGNED_32_MAX], 'rows of a result over HTTP'),
  number('max-dml-rows', 'N', 0, [0, UNSIGNED_32_MAX], 'rows that a statement may change (0: no limit)'),
  number('max-result-bytes', 'BYTES', RESULT_BYTES, [0, Number.MAX_SAFE_INTEGER], 'bytes of a result, about'),
  number('max-result-rows', 'N', MAX_RESULT_ROWS_MYSQL, [0, UNSIGNED_32_MAX], "rows of a result over MySQL's protocol"),
  number('plan-cache', 'N', PLAN_CACHE_ENTRIES, [1, ENTRIES_MAX], 'statements whose plans are kept'),
  number('query-timeout', 'S', QUERY_TIMEOUT_S, [0, SECONDS_MAX], 'until a read is ended (0: never)'),
  number('slow-query-ms', 'MS', SLOW_QUERY_MS, [0, MILLISECONDS_MAX], 'from when on a statement is slow (0: none is)'),
  number('table-access-dry-run', '0 or 1', 0, [0, 1], 'table access is told of, not enforced'),
  number(
    'transaction-timeout',
    'S',
    TRANSACTION_TIMEOUT_MS / 1000,
    [0, SECONDS_MAX],
    'until an open transaction is rolled back',
  ),
  number('transaction-wait-ms', 'MS', TRANSACTION_WAIT_MS, [0, MILLISECONDS_MAX], 'wait of one beyond the cap'),
  number('write-queue', 'N', WRITE_QUEUE, [0, ENTRIES_MAX], 'statements in line for the writer (0: no limit)'),
];

export function variableOf({ flag }: GateOption): string {
  return `sluice_${flag.replaceAll('-', '_')}`;
}
