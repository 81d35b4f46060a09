/** What operators see of a gate and change in it while it runs: /v1/status, /metrics, /v1/config. Plain data, ready for JSON. */
import { failure } from '../errors.ts';
import type { LocalGate } from './gate.ts';
import type { Operations } from './request.ts';
import { metricsText } from './statistics/metrics.ts';

const PLANS_SHOWN_MAX = 1_000;

export class GateOperations implements Operations {
  readonly #gate: LocalGate;
  readonly #reload: () => Promise<void>;
  readonly #pages: ReadonlyMap<string, () => unknown>;

  /** `reload`: has users, rules and table access read from their files again; rejects with what is wrong with them. */
  constructor(gate: LocalGate, reload: () => Promise<void>) {
    this.#gate = gate;
    this.#reload = reload;
    const { protection } = gate;
    this.#pages = new Map<string, () => unknown>([
      ['plans', () => this.#plans()],
      ['consolidations', () => gate.consolidator.statistics()],
      ['pools', () => this.#pools()],
      [
        'transactions',
        () => ({ ...gate.transactions.statistics(), log_lines_dropped: protection.transactionLog.dropped }),
      ],
      ['queries', () => gate.running()],
      ['slow', () => ({ slow: protection.queryLog.slow(), log_lines_dropped: protection.queryLog.dropped })],
      ['schema', () => this.#schema()],
      ['latency', () => ({ latency: protection.statistics.latencies() })],
      ['errors', () => ({ errors: protection.statistics.errors() })],
      ['rules', () => this.#rules()],
      ['users', () => ({ users: gate.accounts.users().map((user) => this.#user(user.name)) })],
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
    return metricsText(this.#gate);
  }

  kill(id: number, what: 'query' | 'connection'): boolean {
    return this.#gate.kill(id, what);
  }

  config(): Record<string, string | number | null> {
    const { variables } = this.#gate;
    const own = [...variables.snapshot.values].filter(([name]) => name.startsWith('sluice_'));
    return Object.fromEntries(own.map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]));
  }

  configure(values: ReadonlyMap<string, string | number | null>): void {
    this.#gate.variables.setAll(Array.from(values, ([name, value]) => [own(name), value] as const));
  }

  reload(): Promise<void> {
    return this.#reload();
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

  #pools(): object {
    const { store, transactions, settings } = this.#gate;
    const { open, waiting, waits, waited_ms, refused, cap } = transactions.statistics();
    return {
      writer: { waiting: store.waitingForWriter ?? 0, cap: settings.writeQueue },
      transactions: { in_use: open, cap, waiting, waits, waited_ms, refused },
    };
  }

  #schema(): object {
    const { catalog, sequence } = this.#gate.store;
    return {
      version: catalog.version,
      sequence,
      databases: catalog.databases().map(({ name }) => ({
        name,
        tables: catalog.tables(name).map((table) => ({
          name: table.name,
          columns: table.columns.map((column) => column.name),
          primary_key: table.primaryKey,
        })),
      })),
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
