/** What operators see and change before the embedded store. */
import type { LocalGate } from './gate.ts';
import { GateOperations } from './operations.ts';
import type { Metric } from './statistics/metrics.ts';
import { single } from './statistics/metrics.ts';

/** `reload`: has users, rules and table access read from their files again; rejects with what is wrong with them. */
export function embeddedOperations(gate: LocalGate, reload: () => Promise<void>): GateOperations {
  const { variables, transactions } = gate;
  return new GateOperations(gate, {
    consolidations: () => gate.consolidator.statistics(),
    transactions: () => transactions.statistics(),
    pools: () => pools(gate),
    schema: () => schema(gate),
    metrics: () => metrics(gate),
    config: () => config(gate),
    configure: (values) => variables.setAll(values),
    reload,
  });
}

function config({ variables }: LocalGate): Record<string, string | number | null> {
  const own = [...variables.snapshot.values].filter(([name]) => name.startsWith('sluice_'));
  return Object.fromEntries(own.map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]));
}

function pools({ store, transactions, settings }: LocalGate): object {
  const { open, waiting, waits, waited_ms, refused, cap } = transactions.statistics();
  return {
    writer: { waiting: store.waitingForWriter ?? 0, cap: settings.writeQueue },
    transactions: { in_use: open, cap, waiting, waits, waited_ms, refused },
  };
}

function schema({ store: { catalog, sequence } }: LocalGate): object {
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

function metrics({ store }: LocalGate): Metric[] {
  const waiting = store.waitingForWriter ?? 0;
  return [
    single('sluice_writer_waiting', 'gauge', 'Statements and transactions in line for the writer.', waiting),
    single('sluice_commit_sequence', 'counter', 'Number of the newest reported commit.', store.sequence),
  ];
}
