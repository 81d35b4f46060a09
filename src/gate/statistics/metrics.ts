/** The gate's counters as Prometheus scrapes them (its text format, version 0.0.4). */
import type { ConsolidationStatistics } from '../consolidation.ts';
import type { OperatedGate } from '../operations.ts';
import type { TransactionStatistics } from '../protection/transaction-pool.ts';
import type { Statistics } from './statistics.ts';

type Labels = Readonly<Record<string, string>>;

export interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly samples: readonly { readonly labels?: Labels; readonly value: number }[];
}

export function single(name: string, type: Metric['type'], help: string, value: number): Metric {
  return { name, type, help, samples: [{ value }] };
}

/** A sample for each value of one label. */
export function labelled(
  [name, type, help]: readonly [name: string, type: Metric['type'], help: string],
  label: string,
  values: Iterable<readonly [of: string, value: number]>,
): Metric {
  return { name, type, help, samples: Array.from(values, ([of, value]) => ({ labels: { [label]: of }, value })) };
}

/** `own`: the store's. */
export function metricsText(
  gate: OperatedGate,
  shared: ConsolidationStatistics,
  transactions: TransactionStatistics,
  own: readonly Metric[],
): string {
  const { protection, plans } = gate;
  const { open, waiting, begun, refused, ended } = transactions;
  const errors = protection.statistics.errors().map(({ code, count }) => [code, count] as const);
  const rules = protection.rules.statistics().map(({ name, matched }) => [name, matched] as const);
  const metrics: Metric[] = [
    single('sluice_plan_cache_hits_total', 'counter', 'Statements whose plan was kept.', plans.hits),
    single('sluice_plan_cache_misses_total', 'counter', 'Statements that were planned.', plans.misses),
    single('sluice_plan_cache_entries', 'gauge', 'Statements whose plans are kept.', plans.size),
    single('sluice_consolidated_total', 'counter', "Reads answered by another one's run.", shared.saved),
    single('sluice_consolidation_waiting', 'gauge', "Reads that wait for another one's run.", shared.waiting),
    single('sluice_transactions_open', 'gauge', 'Open transactions.', open),
    single('sluice_transactions_waiting', 'gauge', 'Transactions that wait for a slot.', waiting),
    single('sluice_transactions_total', 'counter', 'Transactions that have begun.', begun),
    single('sluice_transactions_refused_total', 'counter', 'Transactions that got no slot in time.', refused),
    labelled(
      ['sluice_transactions_ended_total', 'counter', 'Transactions by how they ended.'],
      'outcome',
      Object.entries(ended),
    ),
    single('sluice_sessions', 'gauge', 'Open sessions.', gate.sessionCount),
    ...own,
    ...processMetrics(),
    labelled(['sluice_errors_total', 'counter', 'Statements that failed, by error.'], 'code', errors),
    labelled(['sluice_rule_matches_total', 'counter', 'Statements that met a rule.'], 'rule', rules),
  ];
  return `${metrics.map(text).join('')}${latencyText(protection.statistics)}`;
}

function processMetrics(): Metric[] {
  const memory = process.memoryUsage();
  return [
    single('process_resident_memory_bytes', 'gauge', 'Resident memory of the front process.', memory.rss),
    single('nodejs_heap_used_bytes', 'gauge', 'Used heap of the front process.', memory.heapUsed),
    single('process_cpu_seconds_total', 'counter', 'Processor time of the front process.', cpuSeconds()),
  ];
}

function text({ name, type, help, samples }: Metric): string {
  const lines = samples.map(
    ({ labels, value }) => `${name}${labels === undefined ? '' : labelText(labels)} ${value}\n`,
  );
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function latencyText(statistics: Statistics): string {
  const name = 'sluice_statement_seconds';
  let all = `# HELP ${name} Time from a statement's arrival to its answer, by kind of plan.\n# TYPE ${name} histogram\n`;
  for (const { kind, count, sumMs, buckets } of statistics.latencies()) {
    let below = 0;
    for (const { upToMs, count: inBucket } of buckets) {
      below += inBucket;
      const le = upToMs === null ? '+Inf' : String(upToMs / 1000);
      all += `${name}_bucket${labelText({ kind, le })} ${below}\n`;
    }
    all += `${name}_sum${labelText({ kind })} ${sumMs / 1000}\n${name}_count${labelText({ kind })} ${count}\n`;
  }
  return all;
}

function labelText(labels: Labels): string {
  const escaped = (value: string): string =>
    value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join()}}`;
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
