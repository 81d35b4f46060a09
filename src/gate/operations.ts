/**
 * What operators see of a gate and change in it while it runs: /v1/status, /metrics, /v1/config. Plain data, ready for JSON. The same before both stores; what
 * is a store's own comes from embedded-operations.ts and source/operations.ts.
 */
import { failure } from '../errors.ts';
import type { UserAccounts } from './accounts/user-accounts.ts';
import type { ConsolidationStatistics } from './consolidation.ts';
import type { Protection } from './protection/protection.ts';
import type { TransactionStatistics } from './protection/transaction-pool.ts';
import type { Operations } from './request.ts';
import { type Metric, metricsText } from './statistics/metrics.ts';

const PLANS_SHOWN_MAX = 1_000;

type Settings = Readonly<Record<string, string | number | null>>;

/** What every gate has for operators. */
export interface OperatedGate {
  readonly protection: Protection;
  readonly accounts: UserAccounts;
  readonly plans: { readonly size: number; readonly hits: number; readonly misses: number };
  readonly sessionCount: number;
  running(): object;
  kill(id: number, what: 'query' | 'connection'): boolean;
}

/** What depends on the store. */
export interface StoreOperations {
  consolidations(): ConsolidationStatistics;
  transactions(): TransactionStatistics;
  pools(): object;
  schema(): object;
  metrics(): readonly Metric[];
  /** Pages that only this store has, by their names. */
  readonly pages?: Readonly<Record<string, () => object>>;
  config(): Settings;
  /** By full names; all or none. Throws what SET GLOBAL throws. */
  configure(values: ReadonlyMap<string, string | number | null>): void;
  /** Has users, rules and table access read from their files again; rejects with what is wrong with them. */
  reload(): Promise<void>;
}

export class GateOperations implements Operations {
  readonly #gate: OperatedGate;
  readonly #store: StoreOperations;
  readonly #pages: ReadonlyMap<string, () => unknown>;

  constructor(gate: OperatedGate, store: StoreOperations) {
    this.#gate = gate;
    this.#store = store;
    const { statistics, queryLog, transactionLog } = gate.protection;
    this.#pages = new Map<string, () => unknown>([
      ['plans', () => this.#plans()],
      ['consolidations', () => store.consolidations()],
      ['pools', () => store.pools()],
      ['transactions', () => ({ ...store.transactions(), log_lines_dropped: transactionLog.dropped })],
      ['queries', () => gate.running()],
      ['slow', () => ({ slow: queryLog.slow(), log_lines_dropped: queryLog.dropped })],
      ['schema', () => store.schema()],
      ['latency', () => ({ latency: statistics.latencies() })],
      ['errors', () => ({ errors: statistics.errors() })],
      ['rules', () => this.#rules()],
      ['users', () => ({ users: gate.accounts.users().map((user) => this.#user(user.name)) })],
      ...Object.entries(store.pages ?? {}),
    ]);
  }

  get pages(): readonly string[] {
    return [...this.#pages.keys()];
  }

  mayOperate(user: string): boolean {
    return this.#gate.accounts.privilegesOf(user).isAdmin;
  }

  status(page: string): unknown {
    return this.#pages.get(page)?.();
  }

  metrics(): string {
    const shared = this.#store.consolidations();
    return metricsText(this.#gate, shared, this.#store.transactions(), this.#store.metrics());
  }

  kill(id: number, what: 'query' | 'connection'): boolean {
    return this.#gate.kill(id, what);
  }

  config(): Settings {
    return this.#store.config();
  }

  configure(values: ReadonlyMap<string, string | number | null>): void {
    this.#store.configure(new Map(Array.from(values, ([name, value]) => [own(name), value])));
  }

  reload(): Promise<void> {
    return this.#store.reload();
  }

  #plans(): object {
    const { protection, plans } = this.#gate;
    const all = protection.statistics.plans();
    return {
      kept: plans.size,
      cache_hits: plans.hits,
      cache_misses: plans.misses,
      counters_dropped: protection.statistics.dropped,
      plans: all.slice(0, PLANS_SHOWN_MAX),
    };
  }

  #rules(): object {
    const { rules, access } = this.#gate.protection;
    return { rules: rules.statistics(), table_access: access.statistics(), table_access_dry_run: access.dryRun };
  }

  #user(name: string): object {
    const { accounts } = this.#gate;
    const { everywhere, databases } = accounts.privilegesOf(name);
    return {
      name,
      role: everywhere,
      databases: Object.fromEntries(databases),
      configured: accounts.isConfigured(name),
    };
  }
}

/** With or without `sluice_` before it. Throws 1193. */
function own(name: string): string {
  const full = name.startsWith('sluice_') ? name : `sluice_${name}`;
  if (!/^[a-z_]+$/.test(full)) throw failure('ER_NO_SUCH_USER_VARIABLE', name);
  return full;
}
