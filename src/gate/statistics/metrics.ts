/** The gate's counters as Prometheus scrapes them (its text format, version 0.0.4). */
import type { LocalGate } from '../gate.ts';

type Labels = Readonly<Record<string, string>>;

interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly samples: readonly { readonly labels?: Labels; readonly value: number }[];
}

function one(name: string, type: Metric['type'], help: string, value: number): Metric {
  return { name, type, help, samples: [{ value }] };
}

export function metricsText(gate: LocalGate): string {
  const { protection, consolidator, transactions, plans, store } = gate;
  const shared = consolidator.statistics();
  const pool = transactions.statistics();
  const memory = process.memoryUsage();
  const metrics: Metric[] = [
    one('sluice_plan_cache_hits_total', 'counter', 'Statements whose plan was kept.', plans.hits),
    one('sluice_plan_cache_misses_total', 'counter', 'Statements that were planned.', plans.misses),
    one('sluice_plan_cache_entries', 'gauge', 'Statements whose plans are kept.', plans.size),
    one('sluice_consolidated_total', 'counter', "Reads answered by another one's run.", shared.saved),
    one('sluice_consolidation_waiting', 'gauge', "Reads that wait for another one's run.", shared.waiting),
    one('sluice_transactions_open', 'gauge', 'Open transactions.', pool.open),
    one('sluice_transactions_waiting', 'gauge', 'Transactions that wait for a slot.', pool.waiting),
    one('sluice_transactions_total', 'counter', 'Transactions that have begun.', pool.begun),
    one('sluice_transactions_refused_total', 'counter', 'Transactions that got no slot in time.', pool.refused),
    one(
      'sluice_writer_waiting',
      'gauge',
      'Statements and transactions in line for the writer.',
      store.waitingForWriter ?? 0,
    ),
    one('sluice_sessions', 'gauge', 'Open sessions.', gate.sessionCount),
    one('sluice_commit_sequence', 'counter', 'Number of the newest reported commit.', store.sequence),
    one('process_resident_memory_bytes', 'gauge', 'Resident memory of the front process.', memory.rss),
    one('nodejs_heap_used_bytes', 'gauge', 'Used heap of the front process.', memory.heapUsed),
    one('process_cpu_seconds_total', 'counter', 'Processor time of the front process.', cpuSeconds()),
    {
      name: 'sluice_errors_total',
      type: 'counter',
      help: 'Statements that failed, by error.',
      samples: protection.statistics.errors().map(({ code, count }) => ({ labels: { code }, value: count })),
    },
    {
      name: 'sluice_rule_matches_total',
      type: 'counter',
      help: 'Statements that met a rule.',
      samples: protection.rules.statistics().map(({ name, matched }) => ({ labels: { rule: name }, value: matched })),
    },
  ];
  return `${metrics.map(text).join('')}${latencyText(gate)}`;
}

function text({ name, type, help, samples }: Metric): string {
  const lines = samples.map(
    ({ labels, value }) => `${name}${labels === undefined ? '' : labelText(labels)} ${value}\n`,
  );
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function latencyText({ protection }: LocalGate): string {
  const name = 'sluice_statement_seconds';
  let all = `# HELP ${name} Time from a statement's arrival to its answer, by kind of plan.\n# TYPE ${name} histogram\n`;
  for (const { kind, count, sumMs, buckets } of protection.statistics.latencies()) {
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
