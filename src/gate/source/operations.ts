/** What operators see and change in front of a MySQL server: its pools, who keeps a connection there and why, what became of writes. */
import type { PoolStatistics } from '../../stores/mysql/pool.ts';
import { shownAddress } from '../../util/source-address.ts';
import { GateOperations } from '../operations.ts';
import type { TransactionStatistics } from '../protection/transaction-pool.ts';
import { labelled, type Metric, single } from '../statistics/metrics.ts';
import type { SourceGate } from './gate.ts';
import { mirrorMetrics, mirrorPage } from './mirror/mirror-operations.ts';

/** `reload`: as of embeddedOperations(). */
export function sourceOperations(gate: SourceGate, reload: () => Promise<void>): GateOperations {
  return new GateOperations(gate, {
    consolidations: () => gate.shared.statistics,
    transactions: () => transactions(gate),
    pools: () => pools(gate),
    schema: () => schema(gate),
    metrics: () => [...metrics(gate), ...mirrorMetrics(gate.mirror)],
    pages: { mirror: () => mirrorPage(gate.mirror) },
    config: () => gate.variables.config(),
    configure: (values) => gate.variables.setAll(values),
    reload,
  });
}

/** The source's pool of connections is what caps them. */
function transactions({ transactions: log, source, limits }: SourceGate): TransactionStatistics {
  const { waiting, waits, waitMs, timedOut } = source.transactions.statistics;
  return {
    ...log.statistics(),
    cap: limits.transactionCap,
    wait_ms: limits.transactionWaitMs,
    waiting,
    waits,
    waited_ms: waitMs,
    refused: timedOut,
  };
}

function pools({ source, sessions, sessionCount, hotRows, writes }: SourceGate): object {
  const { backOff, counts } = source;
  return {
    source: {
      address: shownAddress(source.address),
      // MariaDB puts the number before its own, for clients that know no later one.
      version: source.serverVersion.replace(/^5\.5\.5-/, ''),
      ready: source.isReady,
      back_off:
        backOff === null
          ? null
          : {
              why: backOff.why,
              delay_ms: backOff.delayMs,
              next_attempt_ms: Math.ceil(backOff.remainingMs),
            },
      reads_repeated: counts.readsRepeated,
      statements_broken: counts.statementsBroken,
      outcomes_unknown: counts.outcomesUnknown,
      statements_killed: counts.statementsKilled,
    },
    pools: source.pools.map(poolPage),
    sessions: sessionCount,
    pinned: pinned(sessions),
    hot_rows: hotRows.statistics,
    writes: { annotated: writes.annotated, by_subquery: writes.bySubquery, unannotated: { ...writes.unannotated } },
  };
}

function poolPage(pool: PoolStatistics): object {
  const { name, size, open, inUse, idle, waiting, waits, waitMs, timedOut, opened, lost } = pool;
  return {
    name,
    size,
    open,
    in_use: inUse,
    idle,
    waiting,
    waits,
    waited_ms: waitMs,
    timed_out: timedOut,
    opened,
    lost,
  };
}

/** Sessions with a connection of their own beyond a transaction; the one that has it for longest is first. */
function pinned(sessions: SourceGate['sessions']): object[] {
  const found: { readonly since: number; readonly page: object }[] = [];
  for (const { id, client, lane } of sessions) {
    const { list } = lane.pins;
    if (list.length === 0) continue;
    const since = Math.min(...list.map((pin) => pin.since));
    const reasons = list.map((pin) => ({ reason: pin.reason, since: new Date(pin.since).toISOString() }));
    const { user, host, protocol } = client;
    const page = { session: id, user, host, protocol, source_thread: lane.threadId };
    found.push({ since, page: { ...page, since: new Date(since).toISOString(), reasons } });
  }
  return found.sort((a, b) => a.since - b.since).map(({ page }) => page);
}

function schema({ source }: SourceGate): object {
  const databases = new Map<string, object[]>(Array.from(source.schema.databases, (name) => [name, []]));
  for (const { database, name, columns, primaryKey } of source.schema.tables)
    databases.get(database)?.push({ name, columns: columns.map((column) => column.name), primary_key: primaryKey });
  return {
    loaded_at: databases.size === 0 ? null : new Date(source.schema.loadedAt).toISOString(),
    databases: Array.from(databases, ([name, tables]) => ({ name, tables })),
  };
}

function metrics({ source, sessions, hotRows, writes }: SourceGate): Metric[] {
  const { counts } = source;
  const { waited, refused } = hotRows.statistics;
  const unannotated = Object.entries(writes.unannotated);
  return [
    single('sluice_source_ready', 'gauge', 'Whether the source answers.', source.isReady ? 1 : 0),
    ...poolMetrics(source.pools),
    single('sluice_pinned_sessions', 'gauge', 'Sessions that keep something there.', pinned(sessions).length),
    single('sluice_reads_repeated_total', 'counter', 'Reads whose connection broke, run again.', counts.readsRepeated),
    single('sluice_statements_broken_total', 'counter', 'Whose connection broke.', counts.statementsBroken),
    single('sluice_outcomes_unknown_total', 'counter', 'Of those, whose outcome is unknown.', counts.outcomesUnknown),
    single('sluice_statements_killed_total', 'counter', 'Statements killed on the source.', counts.statementsKilled),
    single('sluice_hot_row_waits_total', 'counter', 'Writes that waited for one of the same row.', waited),
    single('sluice_hot_row_refused_total', 'counter', 'Writes of a row for which too many waited.', refused),
    single('sluice_writes_annotated_total', 'counter', 'Writes that said which rows.', writes.annotated),
    labelled(['sluice_writes_unannotated_total', 'counter', 'Writes that could not.'], 'reason', unannotated),
  ];
}

function poolMetrics(pools: readonly PoolStatistics[]): Metric[] {
  const each = (name: string, type: Metric['type'], help: string, of: (pool: PoolStatistics) => number): Metric =>
    labelled(
      [`sluice_pool_${name}`, type, help],
      'pool',
      pools.map((pool) => [pool.name, of(pool)]),
    );
  return [
    each('size', 'gauge', 'Connections that a pool may have.', ({ size }) => size),
    each('open', 'gauge', 'Connections that it has.', ({ open }) => open),
    each('in_use', 'gauge', 'Connections in use.', ({ inUse }) => inUse),
    each('waiting', 'gauge', 'Statements that wait for a connection.', ({ waiting }) => waiting),
    each('waits_total', 'counter', 'Statements that had to wait.', ({ waits }) => waits),
    each('wait_seconds_total', 'counter', 'How long they waited.', ({ waitMs }) => waitMs / 1_000),
    each('timed_out_total', 'counter', 'Statements that waited in vain.', ({ timedOut }) => timedOut),
    each('opened_total', 'counter', 'Connections that were opened.', ({ opened }) => opened),
    each('lost_total', 'counter', 'Connections that broke.', ({ lost }) => lost),
  ];
}
