/** One statement on its way, from its arrival to its answer: what SHOW PROCESSLIST, /v1/status/queries and KILL know of it, and what is counted at its end. */
import type { SluiceError } from '../errors.ts';
import type { SlotValue } from '../sql/slots.ts';
import type { Protection } from './protection/protection.ts';
import type { ClientInfo } from './request.ts';
import type { PlanCounters } from './statistics/statistics.ts';

const NO_VALUES: readonly SlotValue[] = [];

export class RunningStatement {
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Of performance.now(). */
  readonly startedAt = performance.now();
  /** null until it has a plan. */
  counters: PlanCounters | null = null;
  values: readonly SlotValue[] = NO_VALUES;
  rows = 0;

  constructor(text: string, since: number) {
    this.text = text;
    this.since = since;
  }
}

/** Whose it is. */
export interface StatementOwner {
  readonly id: number;
  readonly client: ClientInfo;
  readonly database: string | null;
  /** For the log. */
  valuesOf(running: RunningStatement): readonly SlotValue[];
}

/** `error`: null when it succeeded. */
export function countEnded(
  owner: StatementOwner,
  { statistics, queryLog }: Pick<Protection, 'statistics' | 'queryLog'>,
  slowQueryMs: number,
  running: RunningStatement,
  error: SluiceError | null,
): void {
  const { counters } = running;
  const milliseconds = performance.now() - running.startedAt;
  if (error !== null) statistics.failed(counters, milliseconds, error);
  else if (counters !== null) statistics.took(counters, milliseconds, running.rows);
  if (!queryLog.isOn && (slowQueryMs === 0 || milliseconds < slowQueryMs)) return;
  const { user, host, protocol } = owner.client;
  queryLog.write(
    {
      at: running.since,
      session: owner.id,
      user,
      host,
      protocol,
      database: owner.database,
      kind: counters?.facts.kind ?? null,
      statement: counters?.facts.fingerprint ?? '(it could not be planned)',
      values: owner.valuesOf(running),
      milliseconds,
      rows: running.rows,
      error: error?.code ?? null,
    },
    slowQueryMs,
  );
}

/** A session as operators see it. */
interface BusySession {
  readonly id: number;
  readonly client: ClientInfo;
  readonly database: string | null;
  readonly running: RunningStatement | null;
  readonly status: { readonly inTransaction: boolean };
}

/** What runs now: plain data, ready for JSON. */
export function runningQueries(sessions: Iterable<BusySession>): object {
  const now = performance.now();
  const queries: object[] = [];
  for (const { id, client, database, running, status } of sessions) {
    if (running === null) continue;
    queries.push({
      id,
      user: client.user,
      host: client.host,
      protocol: client.protocol,
      attributes: client.attributes ?? {},
      database,
      kind: running.counters?.facts.kind ?? null,
      statement: running.counters?.facts.fingerprint ?? null,
      milliseconds: Math.round(now - running.startedAt),
      in_transaction: status.inTransaction,
    });
  }
  return { queries };
}
