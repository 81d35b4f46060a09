/** The gate's own settings (variables `sluice_...` that are of the whole server), in the form in which they are used. Made anew when one is set. */
import type { GlobalSnapshot } from '../sql/variables/variable-store.ts';

export interface GateSettings {
  /** 0: none, as for all of them. */
  readonly httpMaxResultRows: number;
  readonly maxResultBytes: number;
  readonly consolidates: boolean;
  readonly consolidationWaiters: number;
  readonly planCacheEntries: number;
  readonly transactionCap: number;
  readonly transactionWaitMs: number;
  readonly writeQueue: number;
  readonly slowQueryMs: number;
  readonly clientIdleTimeoutMs: number;
  readonly tableAccessDryRun: boolean;
}

export function gateSettings({ values }: GlobalSnapshot): GateSettings {
  const number = (name: string): number => Number(values.get(`sluice_${name}`));
  return {
    httpMaxResultRows: number('http_max_result_rows'),
    maxResultBytes: number('max_result_bytes'),
    consolidates: number('consolidation') === 1,
    consolidationWaiters: number('consolidation_waiters'),
    planCacheEntries: number('plan_cache'),
    transactionCap: number('transaction_cap'),
    transactionWaitMs: number('transaction_wait_ms'),
    writeQueue: number('write_queue'),
    slowQueryMs: number('slow_query_ms'),
    clientIdleTimeoutMs: number('client_idle_timeout') * 1000,
    tableAccessDryRun: number('table_access_dry_run') === 1,
  };
}
