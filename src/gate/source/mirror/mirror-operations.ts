/** What operators see of the mirror: /v1/status/mirror, and its part of /metrics. */
import { labelled, type Metric, single } from '../../statistics/metrics.ts';
import type { MirrorLists } from './mirror-lists.ts';
import type { MirrorState } from './source-mirror.ts';

const STATES: readonly MirrorState['state'][] = ['live', 'loading', 'absent', 'failed'];

/** `lists`: null: no table is mirrored. */
export function mirrorPage(lists: MirrorLists | null): object {
  if (lists === null) return { tables: [] };
  const { answered, fallBacks, shared, mirror } = lists.statistics();
  const { position } = mirror;
  return {
    following: mirror.isFollowing,
    position: position === null ? null : `${position.file}:${position.offset}`,
    lag_ms: mirror.lagMs === null ? null : Math.round(mirror.lagMs),
    lag_bytes: mirror.lagBytes,
    transactions: mirror.transactions,
    rows: mirror.rows,
    runs: mirror.runs,
    process_starts: mirror.processStarts,
    questions: mirror.questions,
    last_error: mirror.lastError,
    answers: { mirror: answered, source: fallBacks, shared },
    tables: mirror.tables.map(({ database, table, state, why, copies, rowsCopied, lastCopyFor }) => ({
      table: `${database}.${table}`,
      state,
      why: why ?? (state === 'live' ? lists.difference({ database, table }) : null),
      copies,
      rows_copied: rowsCopied,
      last_copy_for: lastCopyFor ?? null,
    })),
  };
}

export function mirrorMetrics(lists: MirrorLists | null): Metric[] {
  if (lists === null) return [];
  const { answered, fallBacks, mirror } = lists.statistics();
  const { tables, isFollowing, lagMs, transactions, rows } = mirror;
  const counts = STATES.map((state) => [state, tables.filter((table) => table.state === state).length] as const);
  const copies = tables.reduce((sum, table) => sum + table.copies, 0);
  const answers = Object.entries({ mirror: answered, ...fallBacks });
  return [
    labelled(['sluice_mirror_tables', 'gauge', 'Mirrored tables by their state.'], 'state', counts),
    single('sluice_mirror_following', 'gauge', "Whether the source's binlog is followed.", isFollowing ? 1 : 0),
    // Nothing is known of it while nothing is followed.
    ...(lagMs === null ? [] : [single('sluice_mirror_lag_seconds', 'gauge', 'Behind the source.', lagMs / 1_000)]),
    single('sluice_mirror_transactions_total', 'counter', 'Transactions applied.', transactions),
    single('sluice_mirror_rows_total', 'counter', 'Changed rows applied.', rows),
    single('sluice_mirror_copies_total', 'counter', 'Copies of tables.', copies),
    labelled(
      ['sluice_mirror_answers_total', 'counter', 'Lists of mirrored tables: by the mirror, or why by the source.'],
      'by',
      answers,
    ),
  ];
}
